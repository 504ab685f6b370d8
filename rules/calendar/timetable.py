"""When several calendars are open, day by day.

A local day is cut at every instant at which a calendar opens or closes. Within such a segment the
set of open ones does not change, so a decision needs these only, and stands at least to
the segment's end. Days of one kind (the same tests match on them and around them, the same prices,
no clock change) are cut alike, so that each kind is worked out once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Generic, TypeVar

from rules.calendar.local_time import ONE_DAY, Span, midnight
from rules.calendar.schedule import Almanac, Calendar

KEPT_DAYS = 8
"""How many days a timetable keeps: a loop needs two, a plan of the coming days a few more."""

KEPT_FACTS = 64
"""Of how many dates a timetable keeps what their kind follows from."""

ALWAYS = Span(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

Open = TypeVar("Open", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Segment(Generic[Open]):
    """A half-open time in which the same calendars are open, in the order of the timetable."""

    start: datetime
    end: datetime
    open: tuple[Open, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Cuts(Generic[Open]):
    """A day as the time from its midnight to each cut, and what is open from there on.

    Equal by identity: days of one kind share one.
    """

    offsets: tuple[timedelta, ...]
    open: tuple[tuple[Open, ...], ...]


@dataclass(frozen=True, slots=True)
class _Day(Generic[Open]):
    """A date in UTC: `edges` are its cuts, and its end."""

    edges: tuple[datetime, ...]
    open: tuple[tuple[Open, ...], ...]

    def segment(self, now: datetime) -> Segment[Open]:
        index = bisect_right(self.edges, now) - 1
        return Segment(self.edges[index], self.edges[index + 1], self.open[index])

    def stretch(self, each: Open, now: datetime) -> Span:
        """The time of this day around `now` in which what is open then stays open."""
        first = last = bisect_right(self.edges, now) - 1
        while first > 0 and each in self.open[first - 1]:
            first -= 1
        while last + 1 < len(self.open) and each in self.open[last + 1]:
            last += 1
        return Span(self.edges[first], self.edges[last + 1])


class Timetable(Generic[Open]):
    """The segments of all days. What it keeps follows from the calendars, and changes no answer."""

    def __init__(self, almanac: Almanac, calendars: Sequence[tuple[Open, Calendar]]) -> None:
        self._almanac = almanac
        self._calendars = dict(calendars)
        used = self._calendars.values()
        self._tests = tuple(dict.fromkeys(each.day for each in used))
        self._priced = any(each.periods for each in used)
        windows = [window for each in used for window in each.windows]
        self._weekly = any(window.weekday is not None for window in windows)
        insets = any(each.inset for each in used)
        before = max((window.midnights for window in windows), default=0) + insets
        self._around = range(-before, 1 + insets)
        self._facts: dict[date, Hashable] = {}
        self._kinds: dict[Hashable, Cuts[Open]] = {}
        self._days: dict[date, _Day[Open]] = {}
        self._openings: dict[Open, Span] = {}

    def segment(self, now: datetime) -> Segment[Open]:
        """The segment around an instant."""
        for day in reversed(self._days.values()):  # the latest is asked for most
            if day.edges[0] <= now < day.edges[-1]:
                return day.segment(now)
        return self._day(self._date(now)).segment(now)

    def cuts(self, day: date) -> Cuts[Open]:
        """A local day cut at every instant at which a calendar opens or closes."""
        kind = self._kind(day)
        if kind is None:
            return self._cut(day)
        if kind not in self._kinds:
            self._kinds[kind] = self._cut(day)
        return self._kinds[kind]

    def unbroken(self, each: Open, since: datetime, now: datetime) -> bool:
        """Whether what is open now and was at `since` has been open all the time between."""
        known = self._openings.get(each)
        if known is not None and known.start <= since and now < known.end:
            return True
        known = self._openings[each] = self._opening(each, since, now, known)
        return known.start <= since

    def _opening(self, each: Open, since: datetime, now: datetime, known: Span | None) -> Span:
        """The open time around `now`, followed back over midnights as far as `since`."""
        calendar = self._calendars[each]
        if calendar.always:
            return ALWAYS
        found = self._day(self._date(now)).stretch(each, now)
        start = found.start
        while start > since:
            if known is not None and known.end == start:
                start, known = known.start, None
                continue
            before = calendar.spans(self._date(start) - ONE_DAY, self._almanac)
            if not before or before[-1].end < start:
                break
            start = before[-1].start
        return Span(start, found.end)

    def _date(self, instant: datetime) -> date:
        return instant.astimezone(self._almanac.zone).date()

    def _day(self, day: date) -> _Day[Open]:
        found = self._days.get(day)
        if found is None:
            start = midnight(day, self._almanac.zone)
            end = midnight(day + ONE_DAY, self._almanac.zone)
            cuts = self.cuts(day)
            edges = (*(start + offset for offset in cuts.offsets), end)
            found = _Day(edges, cuts.open)
            if len(self._days) >= KEPT_DAYS:
                del self._days[next(iter(self._days))]
            self._days[day] = found
        return found

    def _kind(self, day: date) -> Hashable:
        """What the cuts of a day follow from; `None` at a clock change, which is like no other."""
        facts = tuple(self._facts_of(day + after * ONE_DAY) for after in self._around)
        return None if None in facts else facts

    def _facts_of(self, day: date) -> Hashable:
        if day not in self._facts:
            if len(self._facts) >= KEPT_FACTS:
                self._facts.clear()
            self._facts[day] = self._new_facts(day)
        return self._facts[day]

    def _new_facts(self, day: date) -> Hashable:
        almanac = self._almanac
        if midnight(day + ONE_DAY, almanac.zone) - midnight(day, almanac.zone) != ONE_DAY:
            return None
        weekday = day.weekday() if self._weekly else None
        prices = almanac.tariff.day(day) if self._priced and almanac.tariff else None
        return (weekday, prices, *(test.matches(day, almanac) for test in self._tests))

    def _cut(self, day: date) -> Cuts[Open]:
        start = midnight(day, self._almanac.zone)
        end = midnight(day + ONE_DAY, self._almanac.zone)
        opened = [
            (each, calendar.spans(day, self._almanac)) for each, calendar in self._calendars.items()
        ]
        edges = sorted(
            {start}
            | {edge for _, found in opened for span in found for edge in (span.start, span.end)}
            - {end}
        )
        open_in: list[list[Open]] = [[] for _ in edges]
        for each, found in opened:
            for span in found:
                for index in range(bisect_left(edges, span.start), bisect_left(edges, span.end)):
                    open_in[index].append(each)
        offsets = tuple(edge - start for edge in edges)
        return Cuts(offsets, tuple(tuple(each) for each in open_in))
