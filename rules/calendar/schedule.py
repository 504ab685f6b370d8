"""When rules are open: the calendar part of each rule, as UTC spans of a local day."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.calendar.days import Dates, Days, Season, Window
from rules.calendar.local_time import DAY, ONE_DAY, Minutes, Span, merged, midnight, moment, spans
from rules.calendar.tariff import Tariff


@dataclass(frozen=True)
class Almanac:
    """What is known of days: the zone, the holidays, and with a tariff its seasons and periods."""

    zone: ZoneInfo
    tariff: Tariff | None = None
    holidays: Container[date] | None = None
    _holidays: dict[date, bool] = field(default_factory=dict, compare=False, repr=False)

    def holiday(self, day: date) -> bool:
        """Whether a date is a holiday: of the rule file's country, else of the tariff."""
        known = self._holidays.get(day)
        if known is None:
            among = self.tariff.holidays if self.holidays is None and self.tariff else self.holidays
            known = self._holidays[day] = among is not None and day in among
        return known

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
