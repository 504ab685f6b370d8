"""When rules are open: the calendar part of each rule, as UTC segments of a local day.

A rule is open while its calendar part holds. Within a segment the set of open rules does not
change, so a decision needs to look at open rules only, and stands at least to the segment's end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from rules.calendar import (
    DAY,
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
    """What is known of days: the zone, and with a tariff its seasons, holidays and periods."""

    zone: ZoneInfo
    tariff: Tariff | None = None

    def holiday(self, day: date) -> bool:
        """Whether a date is a holiday of the tariff."""
        return self.tariff is not None and day in self.tariff.holidays

    def season(self, name: str) -> Season:
        """A season of the tariff by name. Raises `KeyError`."""
        if self.tariff is None:
            raise KeyError(name)
        return self.tariff.seasons[name]

    def period_minutes(self, day: date, periods: Iterable[str]) -> list[Minutes]:
        """When any of these priced periods holds on a day, touching ones joined."""
        if self.tariff is None:
            return []
        return _joined(part for name in periods for part in self.tariff.minutes(day, name))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar part of a state rule.

    `windows`, `days` and `season` belong to the day on which a window starts; without windows
    the window is the whole day. `inset` starts each stretch of open time later and ends it earlier.
    """

    windows: tuple[Window, ...] = ()
    days: Days | None = None
    season: Season | None = None
    periods: tuple[str, ...] = ()
    inset: timedelta = timedelta(0)

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

    def matches(self, day: date, almanac: Almanac) -> bool:
        """A window may start on this day."""
        if self.days is not None and not self.days.include(day, holiday=almanac.holiday(day)):
            return False
        return self.season is None or self.season.includes(day)

    def _window_minutes(self, day: date, almanac: Almanac) -> list[Minutes]:
        today = self.matches(day, almanac)
        if not self.windows:
            return [(0, DAY)] if today else []
        found = [window.on_first_day() for window in self.windows] if today else []
        crossing = [part for window in self.windows if (part := window.on_next_day())]
        if crossing and self.matches(day - ONE_DAY, almanac):
            found += crossing
        return _joined(found)


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of an event rule: a time of day, or a lead before a priced period begins.

    `days` and `season` belong to the day of the time, or of the period's beginning.
    """

    at: int | None = None
    before: str | None = None
    lead: timedelta = timedelta(0)
    days: Days | None = None
    season: Season | None = None

    def of(self, day: date, almanac: Almanac) -> list[datetime]:
        """The instants that belong to a day."""
        if not Calendar(days=self.days, season=self.season).matches(day, almanac):
            return []
        if self.at is not None:
            return [moment(day, self.at, almanac.zone)]
        return [
            moment(day, start, almanac.zone) - self.lead for start in self._starts(day, almanac)
        ]

    def _starts(self, day: date, almanac: Almanac) -> list[int]:
        """The minutes at which the period begins, and not merely goes on from the day before."""
        periods = (self.before,) if self.before else ()
        starts = [start for start, _ in almanac.period_minutes(day, periods)]
        yesterday = almanac.period_minutes(day - ONE_DAY, periods)
        if starts[:1] == [0] and yesterday and yesterday[-1][1] == DAY:
            return starts[1:]
        return starts


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
