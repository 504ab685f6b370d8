"""Priced periods: what "peak" means on a day, and what a kilowatt hour costs.

A tariff divides each local day into named periods by season and kind of day, and prices them by
dated versions. "Peak" and "cheapest" are relative: the dearest and the cheapest priced period of
that day. A day with one price has neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rules.calendar.days import Days, HolidayRule, Season, Window, season_of
from rules.calendar.local_time import DAY, Minutes, moment

PEAK = "peak"
CHEAPEST = "cheapest"


@dataclass(frozen=True, slots=True)
class PricedPeriod:
    """A range of wall minutes of one day, its period's name, and its import price per kWh."""

    start: int
    end: int
    name: str
    price: float


@dataclass(frozen=True, slots=True)
class PeriodWindow:
    """When a period holds within a season: on which days, in which window."""

    period: str
    days: Days
    window: Window


@dataclass(frozen=True, slots=True)
class PriceVersion:
    """Import prices from a date on: season -> period -> price per kWh, taxes and adders in.

    `adders` names those parts of every price that a bill shows apart. `generation` is the part
    that is the price of the energy itself, by season and period, where the sheets tell it.
    """

    effective: date
    prices: Mapping[str, Mapping[str, float]]
    adders: Mapping[str, float] = field(default_factory=dict)
    generation: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Tariff:
    """A time-of-use tariff; equal by identity, because it is loaded once."""

    name: str
    title: str
    source: str
    currency: str
    zone: ZoneInfo
    seasons: Mapping[str, Season]
    holidays: HolidayRule
    windows: Mapping[str, tuple[PeriodWindow, ...]]
    versions: tuple[PriceVersion, ...]
    _days: dict[date, tuple[PricedPeriod, ...]] = field(default_factory=dict, repr=False)

    __hash__ = object.__hash__

    def period_names(self) -> frozenset[str]:
        """Every period this tariff knows."""
        return frozenset(window.period for windows in self.windows.values() for window in windows)

    def season(self, day: date) -> str:
        """The season of a date. A tariff's seasons cover the year; loading it proves that."""
        season = season_of(day, self.seasons)
        if season is None:
            raise ValueError(f"tariff {self.name} has no season for {day}")
        return season

    def day(self, day: date) -> tuple[PricedPeriod, ...]:
        """The priced periods of a local day, in order, without a gap."""
        periods = self._days.get(day)
        if periods is None:
            periods = self._days[day] = self._priced(day)
        return periods

    def minutes(self, day: date, period: str) -> list[Minutes]:
        """When a period holds on a day; `peak` and `cheapest` are names too."""
        periods = self.day(day)
        if period in (PEAK, CHEAPEST):
            prices = {each.price for each in periods}
            if len(prices) == 1:
                return []
            wanted = max(prices) if period == PEAK else min(prices)
            return [(each.start, each.end) for each in periods if each.price == wanted]
        return [(each.start, each.end) for each in periods if each.name == period]

    def at(self, instant: datetime) -> PricedPeriod:
        """The priced period in force at an instant."""
        local = instant.astimezone(self.zone)
        minute = local.hour * 60 + local.minute
        return next(each for each in self.day(local.date()) if each.start <= minute < each.end)

    def in_peak(self, instant: datetime) -> bool:
        """The dearest period of its local day is in force."""
        day = instant.astimezone(self.zone).date()
        prices = {each.price for each in self.day(day)}
        return len(prices) > 1 and self.at(instant).price == max(prices)

    def next_dearer(self, instant: datetime) -> datetime:
        """When power next costs more than at an instant, looking a day ahead.

        The same time on the next day where it does not.
        """
        price, today = self.at(instant).price, instant.astimezone(self.zone).date()
        for day in (today, today + timedelta(days=1)):
            for each in self.day(day):
                start = moment(day, each.start, self.zone)
                if each.price > price and start > instant:
                    return start
        return instant + timedelta(days=1)

    def _priced(self, day: date) -> tuple[PricedPeriod, ...]:
        season = self.season(day)
        prices = self.version(day, season).prices[season]
        return tuple(
            PricedPeriod(start, end, name, prices[name])
            for start, end, name in self._layout(day, season)
        )

    def version(self, day: date, season: str) -> PriceVersion:
        """The newest prices in force for a season; the first known ones serve for the past."""
        known = [version for version in self.versions if season in version.prices]
        return ([version for version in known if version.effective <= day] or known[:1])[-1]

    def _layout(self, day: date, season: str) -> list[tuple[int, int, str]]:
        found: list[tuple[int, int, str]] = []
        for window in self.windows[season]:
            if window.days.include(day, holiday=day in self.holidays):
                parts = (window.window.on(0), window.window.on(1))
                # A period belongs to the day itself, not to the night it began in: a tariff
                # sheet prices hours of a day.
                found += [(*part, window.period) for part in parts if part]
        return sorted(found)


def unpriced(tariff: Tariff) -> list[str]:
    """What is wrong with the cover of the year: gaps and overlaps, one sentence for each kind.

    Looks at every day of two years, one of them a leap year, so that nearly every weekday meets
    every season and every holiday.
    """
    problems: dict[str, None] = {}
    seen: set[tuple[str, int, bool]] = set()
    for offset in range(731):
        day = date(2027, 1, 1) + timedelta(days=offset)
        season = season_of(day, tariff.seasons)
        if season is None:
            problems[f"{day:%m-%d} is in no season"] = None
            continue
        holiday = day in tariff.holidays
        if (season, day.weekday(), holiday) in seen:
            continue
        seen.add((season, day.weekday(), holiday))
        kind = "a holiday" if holiday else f"a {day:%A}"
        minute = 0
        for start, end, name in [*tariff._layout(day, season), (DAY, DAY, "")]:  # noqa: SLF001 -- same module
            if start > minute:
                text = f"leaves {_clock(minute)}-{_clock(start)} unpriced on {kind} in {season}"
                problems[text] = None
            elif start < minute:
                text = f"prices {_clock(start)} on {kind} in {season} twice ({name})"
                problems[text] = None
            minute = max(minute, end)
    return list(problems)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
