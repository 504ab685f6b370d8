"""When rules are open: the calendar part of each rule, as UTC segments of a local day.

A rule is open while its calendar part holds. Within a segment the set of open rules does not
change, so a decision needs to look at open rules only, and stands at least to the segment's end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from rules.calendar import (
    DAY,
    Dates,
    Days,
    Minutes,
    Season,
    Span,
    Window,
    merged,
    midnight,
    moment,
    spans,
)
from rules.tariff import Tariff

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Almanac:
    """What is known of days: the zone, the holidays, and with a tariff its seasons and periods."""

    zone: ZoneInfo
    tariff: Tariff | None = None
    holidays: Container[date] | None = None

    def holiday(self, day: date) -> bool:
        """Whether a date is a holiday: of the rule file's country, else of the tariff."""
        if self.holidays is not None:
            return day in self.holidays
        return self.tariff is not None and day in self.tariff.holidays

    def period_minutes(self, day: date, periods: Iterable[str]) -> list[Minutes]:
        """When any of these priced periods holds on a day, touching ones joined."""
        if self.tariff is None:
            return []
        return _joined(part for name in periods for part in self.tariff.minutes(day, name))


@dataclass(frozen=True, slots=True)
class DayTest:
    """Which days a window may start on; every part that is given must agree."""

    days: Days | None = None
    season: Season | None = None
    months: Dates | None = None
    dates: Dates | None = None
    eve_of: Days | Dates | None = None

    def matches(self, day: date, almanac: Almanac) -> bool:
        """Whether this is such a day."""
        return (
            (self.days is None or self.days.include(day, holiday=almanac.holiday(day)))
            and (self.season is None or self.season.includes(day))
            and (self.months is None or self.months.includes(day))
            and (self.dates is None or self.dates.includes(day))
            and (self.eve_of is None or _is_one_of(day + ONE_DAY, self.eve_of, almanac))
        )


EVERY_DAY = DayTest()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar part of a clause.

    The day test belongs to the day on which a window starts; without windows the window is the
    whole day. `inset` starts each stretch of open time later and ends it earlier.
    """

    windows: tuple[Window, ...] = ()
    day: DayTest = EVERY_DAY
    periods: tuple[str, ...] = ()
    inset: timedelta = timedelta(0)

    @property
    def always(self) -> bool:
        """Open at every moment."""
        return self == Calendar()

    def spans(self, day: date, almanac: Almanac) -> list[Span]:
        """The open time of a local day."""
        if not self.inset:
            return spans(day, self.minutes(day, almanac), almanac.zone)
        start = midnight(day, almanac.zone)
        end = midnight(day + ONE_DAY, almanac.zone)
        around = merged(
            span
            for each in (day - ONE_DAY, day, day + ONE_DAY)
            for span in spans(each, self.minutes(each, almanac), almanac.zone)
        )
        inner = [Span(span.start + self.inset, span.end - self.inset) for span in around]
        clipped = [Span(max(span.start, start), min(span.end, end)) for span in inner]
        return [span for span in clipped if span.start < span.end]

    def minutes(self, day: date, almanac: Almanac) -> list[Minutes]:
        """The wall minutes of a day on which every key holds, before the inset."""
        found = self._window_minutes(day, almanac)
        if self.periods and found:
            found = _common(found, almanac.period_minutes(day, self.periods))
        return found

    def starting_days(self, day: date, minute: int) -> list[date]:
        """The days on which the windows around a wall minute of this day start."""
        if not self.windows:
            return [day]
        return [
            day - timedelta(days=after)
            for window in self.windows
            for after in range(window.midnights + 1)
            if (part := window.on(after))
            and part[0] <= minute < part[1]
            and window.may_start(day - timedelta(days=after))
        ]

    def _window_minutes(self, day: date, almanac: Almanac) -> list[Minutes]:
        if not self.windows:
            return [(0, DAY)] if self.day.matches(day, almanac) else []
        return _joined(
            part
            for window in self.windows
            for after in range(window.midnights + 1)
            if (part := window.on(after))
            and window.may_start(start := day - timedelta(days=after))
            and self.day.matches(start, almanac)
        )


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of an event rule: a time of day, or around a priced period.

    `before` a period begins or `after` it has ended, by `lead`. The day test belongs to the day of
    the time, of the period's beginning, or of its end.
    """

    at: int | None = None
    before: str | None = None
    after: str | None = None
    lead: timedelta = timedelta(0)
    day: DayTest = EVERY_DAY

    def of(self, day: date, almanac: Almanac) -> list[datetime]:
        """The instants that belong to a day."""
        if not self.day.matches(day, almanac):
            return []
        zone = almanac.zone
        if self.at is not None:
            return [moment(day, self.at, zone)]
        if self.before is not None:
            starts = self._starts(day, almanac, self.before)
            return [moment(day, start, zone) - self.lead for start in starts]
        if self.after is not None:
            ends = self._ends(day, almanac, self.after)
            return [moment(day, end, zone) + self.lead for end in ends]
        return []

    def _starts(self, day: date, almanac: Almanac, period: str) -> list[int]:
        """The minutes at which the period begins, and not merely goes on from the day before."""
        starts = [start for start, _ in almanac.period_minutes(day, (period,))]
        yesterday = almanac.period_minutes(day - ONE_DAY, (period,))
        if starts[:1] == [0] and yesterday and yesterday[-1][1] == DAY:
            return starts[1:]
        return starts

    def _ends(self, day: date, almanac: Almanac, period: str) -> list[int]:
        """The minutes at which the period ends; one that ends at midnight ends with its day."""
        ends = [end for _, end in almanac.period_minutes(day, (period,))]
        tomorrow = almanac.period_minutes(day + ONE_DAY, (period,))
        if ends[-1:] == [DAY] and tomorrow and tomorrow[0][0] == 0:
            return ends[:-1]
        return ends


def _is_one_of(day: date, days: Days | Dates, almanac: Almanac) -> bool:
    if isinstance(days, Days):
        return days.include(day, holiday=almanac.holiday(day))
    return days.includes(day)


Open = TypeVar("Open")


@dataclass(frozen=True, slots=True)
class DayTable(Generic[Open]):
    """A local day cut at every instant at which something opens or closes."""

    start: datetime
    end: datetime
    edges: tuple[datetime, ...]
    open: tuple[tuple[Open, ...], ...]

    def segment(self, now: datetime) -> tuple[datetime, tuple[Open, ...]]:
        """The end of the segment around `now`, and what is open in it, in the given order."""
        index = bisect_right(self.edges, now) - 1
        end = self.edges[index + 1] if index + 1 < len(self.edges) else self.end
        return end, self.open[index]

    def stretch(self, each: Open, now: datetime) -> Span:
        """The time of this day around `now` in which what is open then stays open."""
        first = last = bisect_right(self.edges, now) - 1
        while first > 0 and any(found is each for found in self.open[first - 1]):
            first -= 1
        while last + 1 < len(self.edges) and any(found is each for found in self.open[last + 1]):
            last += 1
        end = self.edges[last + 1] if last + 1 < len(self.edges) else self.end
        return Span(self.edges[first], end)


def day_table(
    day: date, almanac: Almanac, calendars: Sequence[tuple[Open, Calendar]]
) -> DayTable[Open]:
    """Cut a local day; what is open keeps the order in which it is given."""
    start, end = midnight(day, almanac.zone), midnight(day + ONE_DAY, almanac.zone)
    opened = [(each, calendar.spans(day, almanac)) for each, calendar in calendars]
    edges = sorted(
        {start}
        | {edge for _, found in opened for span in found for edge in (span.start, span.end)} - {end}
    )
    open_in: list[list[Open]] = [[] for _ in edges]
    for each, found in opened:
        for span in found:
            for index in range(bisect_left(edges, span.start), bisect_left(edges, span.end)):
                open_in[index].append(each)
    return DayTable(start, end, tuple(edges), tuple(tuple(each) for each in open_in))


def _joined(parts: Iterable[Minutes]) -> list[Minutes]:
    result: list[Minutes] = []
    for start, end in sorted(parts):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((start, end))
    return result


def _common(left: list[Minutes], right: list[Minutes]) -> list[Minutes]:
    return [(max(a, c), min(b, d)) for a, b in left for c, d in right if max(a, c) < min(b, d)]
