"""The days of a tariff, and as few kinds of day as tell all of them.

Days of one season under one version of the prices belong together; within these, days of the same
periods at the same hours are one kind. Nothing is known about a tariff beyond what it says of each
date, so a kind is named after the days that turn out to be in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from rules.calendar import CHEAPEST, DAY, PEAK, Minutes, PriceVersion, Tariff, stretches

ONE_DAY = timedelta(days=1)
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WORKDAYS, WEEKEND, ALL_WEEK = {0, 1, 2, 3, 4}, {5, 6}, set(range(7))


@dataclass(frozen=True, slots=True)
class Hours:
    """Wall minutes of a day under one period, and whether they are its peak or its cheapest."""

    start: int
    end: int
    period: str
    price: float
    peak: bool
    cheapest: bool


@dataclass(frozen=True, slots=True)
class TariffDay:
    """One local date."""

    date: date
    season: str
    holiday: bool
    prices: PriceVersion
    hours: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class DayKind:
    """Days with the same periods and prices at the same hours."""

    name: str
    hours: tuple[Hours, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """All days of one season under one version of the prices, not always in one piece."""

    season: str
    prices: PriceVersion
    days: tuple[TariffDay, ...]
    kinds: tuple[DayKind, ...]

    def ranges(self) -> list[tuple[date, date]]:
        """First and last date of each unbroken run of days."""
        found: list[tuple[date, date]] = []
        for day in self.days:
            if found and found[-1][1] + ONE_DAY == day.date:
                found[-1] = (found[-1][0], day.date)
            else:
                found.append((day.date, day.date))
        return found

    def borrowed(self) -> bool:
        """Whether some of its days are before the first known prices, which stand in for them."""
        return self.days[0].date < self.prices.effective


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day priced as a holiday; `instead_of` is the holiday at the weekend that made it one."""

    day: date
    instead_of: date | None


@dataclass(frozen=True, slots=True)
class ClockChange:
    """Wall minutes of a date that do not exist, or that come twice."""

    day: date
    minutes: Minutes
    twice: bool


def days_of(tariff: Tariff, year: int, month: int | None = None) -> list[TariffDay]:
    """Every local date of a year, or of one month of it."""
    day = date(year, month or 1, 1)
    days = []
    while day.year == year and month in (None, day.month):
        days.append(_day(tariff, day))
        day += ONE_DAY
    return days


def chapters(days: Iterable[TariffDay]) -> list[Chapter]:
    """The days by season and prices, in the order of their first dates."""
    together: dict[tuple[str, date], list[TariffDay]] = {}
    for day in days:
        together.setdefault((day.season, day.prices.effective), []).append(day)
    return [
        Chapter(each[0].season, each[0].prices, tuple(each), _kinds(each))
        for each in together.values()
    ]


def holidays_of(tariff: Tariff, days: Iterable[TariffDay]) -> list[Holiday]:
    """The holidays among these days."""
    return [Holiday(day.date, tariff.holidays.instead_of(day.date)) for day in days if day.holiday]


def clock_changes(days: Iterable[TariffDay], zone: ZoneInfo) -> list[ClockChange]:
    """What the clocks do to the wall time of these days."""
    found = []
    for day in days:
        reached = 0
        for stretch in stretches(day.date, zone):
            first = stretch.first_minute
            if first != reached:
                minutes = (min(first, reached), max(first, reached))
                found.append(ClockChange(day.date, minutes, twice=first < reached))
            reached = stretch.last_minute
        if reached < DAY:
            found.append(ClockChange(day.date, (reached, DAY), twice=False))
    return found


def by_price(tariff: Tariff) -> list[str]:
    """The tariff's periods, those that ever cost most first."""
    dearest: dict[str, float] = {}
    for version in tariff.versions:
        for prices in version.prices.values():
            for period, price in prices.items():
                dearest[period] = max(price, dearest.get(period, price))
    return sorted(tariff.period_names(), key=lambda period: (-dearest[period], period))


def _day(tariff: Tariff, day: date) -> TariffDay:
    season = tariff.season(day)
    peak, cheapest = tariff.minutes(day, PEAK), tariff.minutes(day, CHEAPEST)
    hours = []
    for period, parts in groupby(tariff.day(day), key=lambda part: part.name):
        run = list(parts)
        ends = (run[0].start, run[0].end)
        hours.append(
            Hours(
                start=run[0].start,
                end=run[-1].end,
                period=period,
                price=run[0].price,
                peak=ends in peak,
                cheapest=ends in cheapest,
            )
        )
    return TariffDay(day, season, day in tariff.holidays, tariff.version(day, season), tuple(hours))


def _kinds(days: Sequence[TariffDay]) -> tuple[DayKind, ...]:
    together: dict[tuple[Hours, ...], list[TariffDay]] = {}
    for day in sorted(days, key=lambda day: (day.holiday, day.date.weekday(), day.date)):
        together.setdefault(day.hours, []).append(day)
    if len(together) == 1:
        return (DayKind("every day", days[0].hours),)
    holidays = sum(day.holiday for day in days)
    return tuple(DayKind(_name(same, holidays), hours) for hours, same in together.items())


def _name(days: Sequence[TariffDay], holidays: int) -> str:
    """What the days of a kind have in common; `holidays` counts those of all kinds."""
    ordinary = {day.date.weekday() for day in days if not day.holiday}
    within = [day.date for day in days if day.holiday]
    if not ordinary:
        return "holidays" if len(within) == holidays else listed(within)
    like_their_weekday = any(day.weekday() in ordinary for day in within)
    unlike = any(day.weekday() not in ordinary for day in within)
    if ordinary == ALL_WEEK:
        return "all but holidays"
    if ordinary == WORKDAYS:
        name = "weekdays" if like_their_weekday else "workdays"
    elif ordinary == WEEKEND:
        name = "weekends"
    else:
        name = _weekdays(ordinary)
    return f"{name} and holidays" if unlike else name


def listed(days: Iterable[date]) -> str:
    """Dates of a year that is known: "4 Jul, 7 Sep"."""
    return ", ".join(f"{day.day} {day:%b}" for day in days)


def _weekdays(days: set[int]) -> str:
    """Weekdays as runs: "Mon-Thu, Sat"."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] + 1 == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(
        WEEKDAYS[run[0]] if len(run) == 1 else f"{WEEKDAYS[run[0]]}-{WEEKDAYS[run[-1]]}"
        for run in runs
    )
