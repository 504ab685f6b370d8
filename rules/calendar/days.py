"""Which days: windows and the days they start on, weekdays, seasons, dates and holidays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rules.calendar.local_time import DAY, Minutes


@dataclass(frozen=True, slots=True)
class Window:
    """A window of wall time that starts on a day and may run on over `midnights` of them.

    With a `weekday` (0 = Monday) it starts on that day of the week only.
    """

    start: int
    end: int
    midnights: int = 0
    weekday: int | None = None

    def on(self, days_after: int) -> Minutes | None:
        """The part on the day that comes so many days after the one it starts on."""
        first = self.start if days_after == 0 else 0
        last = self.end if days_after == self.midnights else DAY
        return (first, last) if days_after <= self.midnights and first < last else None

    def may_start(self, day: date) -> bool:
        """The window starts on this date, as far as its own weekday goes."""
        return self.weekday is None or day.weekday() == self.weekday


@dataclass(frozen=True, slots=True)
class Days:
    """A union of kinds of day: numbered weekdays (0 = Monday), workdays, holidays.

    A workday is a Monday to Friday that is not a holiday.
    """

    weekdays: frozenset[int] = frozenset()
    workdays: bool = False
    holidays: bool = False

    def include(self, day: date, *, holiday: bool) -> bool:
        """Whether this date is one of these days."""
        weekday = day.weekday()
        return (
            weekday in self.weekdays
            or (self.workdays and weekday < 5 and not holiday)
            or (self.holidays and holiday)
        )

    @property
    def ask_for_holidays(self) -> bool:
        """Which days these are depends on what the holidays are."""
        return self.workdays or self.holidays


@dataclass(frozen=True, slots=True)
class Season:
    """A part of the year by month and day, both ends included; may cross the new year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def includes(self, day: date) -> bool:
        """Whether this date lies in the season."""
        here = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= here <= self.last
        return here >= self.first or here <= self.last


@dataclass(frozen=True, slots=True)
class Dates:
    """Certain dates: parts of every year, and days and ranges of days of one year.

    Both ends of a range are included.
    """

    yearly: tuple[Season, ...] = ()
    single: frozenset[date] = frozenset()
    ranges: tuple[tuple[date, date], ...] = ()

    def includes(self, day: date) -> bool:
        """Whether this is one of the dates."""
        return (
            day in self.single
            or any(first <= day <= last for first, last in self.ranges)
            or any(part.includes(day) for part in self.yearly)
        )


@dataclass(frozen=True, slots=True)
class HolidayRule:
    """Holidays by rule: fixed dates as (month, day), and n-th weekdays of a month.

    `nth` holds (n, weekday, month) with n from 1, or -1 for the last. With `sunday_to_monday` a
    holiday on a Sunday makes the following Monday one as well; with `saturday_to_friday` one on a
    Saturday makes the Friday before it one.
    """

    fixed: tuple[tuple[int, int], ...] = ()
    nth: tuple[tuple[int, int, int], ...] = ()
    sunday_to_monday: bool = False
    saturday_to_friday: bool = False

    def __contains__(self, day: date) -> bool:
        return self._named(day) or self.instead_of(day) is not None

    def instead_of(self, day: date) -> date | None:
        """The weekend's holiday that makes a Monday or Friday one, if there is one."""
        move = -1 if self.sunday_to_monday and day.weekday() == 0 else 0
        move = 1 if self.saturday_to_friday and day.weekday() == 4 else move
        named = day + timedelta(days=move)
        return named if move and self._named(named) else None

    def _named(self, day: date) -> bool:
        if (day.month, day.day) in self.fixed:
            return True
        for n, weekday, month in self.nth:
            if month == day.month and weekday == day.weekday():
                last = (day + timedelta(days=7)).month != month
                if n == (day.day - 1) // 7 + 1 or (n == -1 and last):
                    return True
        return False


def season_of(day: date, seasons: Mapping[str, Season]) -> str | None:
    """The name of the season in which a date lies."""
    return next((name for name, season in seasons.items() if season.includes(day)), None)
