"""Local time: clock-change nights, windows, days, seasons and holidays.

A day is a local calendar date. Times of day are wall minutes, 0 to 1440, and windows are half
open. On the night when clocks go forward a wall minute inside the missing hour does not exist: a
window inside it is empty, and a moment inside it happens at the next instant that exists. On the
night when clocks go back the doubled hour happens twice: a window inside it is open twice, and a
moment inside it happens the first time only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 1440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

Minutes = tuple[int, int]
"""A half-open range of wall minutes inside one day."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of time between two UTC instants."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a local day in which wall time runs without a jump."""

    first_minute: int
    last_minute: int
    start: datetime

    def instant(self, minute: int) -> datetime:
        """The UTC instant of a wall minute of this stretch."""
        return self.start + timedelta(minutes=minute - self.first_minute)


@lru_cache(maxsize=4096)
def stretches(day: date, zone: ZoneInfo) -> tuple[Stretch, ...]:
    """The local day as one stretch, or as two around a clock change."""
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    jump = _clock_change(start, end, zone)
    if jump is None:
        return (_stretch(start, end, zone),)
    return (_stretch(start, jump, zone), _stretch(jump, end, zone))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which a local day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def spans(day: date, minutes: Iterable[Minutes], zone: ZoneInfo) -> list[Span]:
    """Wall-minute ranges of a day as UTC spans, in order; twice in the doubled hour."""
    found = [
        Span(stretch.instant(first), stretch.instant(last))
        for start, end in minutes
        for stretch in stretches(day, zone)
        if (first := max(start, stretch.first_minute)) < (last := min(end, stretch.last_minute))
    ]
    return merged(found)


def moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The one UTC instant at which a wall minute of a day happens."""
    parts = stretches(day, zone)
    for stretch in parts:
        if minute < stretch.last_minute:
            return stretch.instant(max(minute, stretch.first_minute))
    return midnight(day + timedelta(days=1), zone)


def merged(found: Iterable[Span]) -> list[Span]:
    """The same time as few spans: touching and overlapping ones become one."""
    result: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, span.end)):
        if result and span.start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return result


def _stretch(start: datetime, end: datetime, zone: ZoneInfo) -> Stretch:
    local = start.astimezone(zone)
    first = local.hour * 60 + local.minute
    return Stretch(first, first + int((end - start).total_seconds() // 60), start)


def _clock_change(start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant between two midnights at which the offset from UTC changes, if it does."""
    before = start.astimezone(zone).utcoffset()
    low, high = 0, int((end - start).total_seconds() // 60) - 1
    if (start + timedelta(minutes=high)).astimezone(zone).utcoffset() == before:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if (start + timedelta(minutes=middle)).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return start + timedelta(minutes=high)


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
    holiday on a Sunday makes the following Monday one as well; Saturdays never move.
    """

    fixed: tuple[tuple[int, int], ...] = ()
    nth: tuple[tuple[int, int, int], ...] = ()
    sunday_to_monday: bool = False

    def __contains__(self, day: date) -> bool:
        if self._named(day):
            return True
        yesterday = day - timedelta(days=1)
        return self.sunday_to_monday and day.weekday() == 0 and self._named(yesterday)

    def _named(self, day: date) -> bool:
        if (day.month, day.day) in self.fixed:
            return True
        last = (day + timedelta(days=7)).month != day.month
        which = {(day.day - 1) // 7 + 1, -1 if last else 0}
        return any(
            n in which and (weekday, month) == (day.weekday(), day.month)
            for n, weekday, month in self.nth
        )


_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
_WEEKDAY = "|".join(WEEKDAYS)
_WEEK_WINDOW = re.compile(rf"({_WEEKDAY}) (\S+) ?- ?({_WEEKDAY}) (\S+)")
_DURATION = re.compile(r"(\d{1,4})(s|m|h)")
_FULL_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_FULL_DATES = re.compile(rf"({_FULL_DATE.pattern})\.\.({_FULL_DATE.pattern})")
_YEAR = re.compile(r"\d{4}-\d\d-")
_MONTH_DAY = re.compile(r"(\d\d)-(\d\d)")
_NTH = re.compile(rf"(1st|2nd|3rd|4th|5th|last)-({'|'.join(WEEKDAYS)})-({'|'.join(MONTHS)})")


def parse_time(text: str) -> int:
    """Wall minutes of "HH:MM", "24:00" included. Raises `ValueError`."""
    if not (match := _TIME.fullmatch(text)):
        raise ValueError(f'must be a time of day like "16:00", got "{text}"')
    return DAY if text == "24:00" else int(match[1]) * 60 + int(match[2])


def parse_window(text: str) -> Window:
    """A window "16:00-21:00", "22:05-07:55" across midnight, "fri 17:00 - sun 20:00".

    Raises `ValueError`.
    """
    if match := _WEEK_WINDOW.fullmatch(text):
        start, end = parse_time(match[2]), parse_time(match[4])
        first, last = WEEKDAYS.index(match[1]), WEEKDAYS.index(match[3])
        midnights = (last - first) % 7
        if start == DAY:
            raise ValueError(f'"{text}" starts as a day ends; say 00:00 of the next day')
        if midnights == 0 and end <= start:
            raise ValueError(f'"{text}" ends before it starts; a week is all days')
        return Window(start, end, midnights, first)
    start_text, dash, end_text = text.partition("-")
    if not dash:
        raise ValueError(f'must be a window like "16:00-21:00", got "{text}"')
    if any(letter.isalpha() for letter in text):
        raise ValueError(f'must be a window like "fri 17:00 - sun 20:00", got "{text}"')
    start, end = parse_time(start_text.strip()), parse_time(end_text.strip())
    if start in {end, DAY}:
        raise ValueError(f'"{text}" is empty; a whole day is "00:00-24:00"')
    if end == 0:
        end = DAY
    return Window(start, end, midnights=0 if end > start else 1)


def parse_duration(text: str) -> timedelta:
    """A duration "90s", "45m" or "2h". Raises `ValueError`."""
    if not (match := _DURATION.fullmatch(text)):
        raise ValueError(f'must be a duration like "45m", got "{text}"')
    unit = {"s": "seconds", "m": "minutes", "h": "hours"}[match[2]]
    return timedelta(**{unit: int(match[1])})


def parse_days(words: str | Sequence[str]) -> Days:
    """A union of "mon", "mon..fri", "weekdays", "workdays", "weekends", "holidays".

    Raises `ValueError`.
    """
    weekdays: set[int] = set()
    named = {"weekdays": range(5), "weekends": range(5, 7)}
    listed = [words] if isinstance(words, str) else words
    for word in listed:
        first, dots, last = word.partition("..")
        if word in ("workdays", "holidays"):
            continue
        if word in named:
            weekdays.update(named[word])
        elif word in WEEKDAYS:
            weekdays.add(WEEKDAYS.index(word))
        elif dots and first in WEEKDAYS and last in WEEKDAYS:
            start = WEEKDAYS.index(first)
            length = (WEEKDAYS.index(last) - start) % 7 + 1
            weekdays.update((start + offset) % 7 for offset in range(length))
        else:
            raise ValueError(
                f'unknown day "{word}"; say "mon" to "sun", "mon..fri", "weekdays", "workdays", '
                '"weekends" or "holidays"'
            )
    return Days(frozenset(weekdays), "workdays" in listed, "holidays" in listed)


def parse_season(text: str) -> Season:
    """A season "06-01..09-30", both ends included. Raises `ValueError`."""
    first, dots, last = text.partition("..")
    if not dots or not _MONTH_DAY.fullmatch(first) or not _MONTH_DAY.fullmatch(last):
        raise ValueError(f'must be two days of a year like "06-01..09-30", got "{text}"')
    return Season(parse_month_day(first), parse_month_day(last))


def parse_month_day(text: str) -> tuple[int, int]:
    """A day of any year, "12-25". Raises `ValueError`."""
    if not (match := _MONTH_DAY.fullmatch(text)):
        raise ValueError(f'must be a month and day like "06-01", got "{text}"')
    # 2024 is a leap year: 29 February is a day of some years.
    _full_date(f"2024-{text}", text)
    return (int(match[1]), int(match[2]))


def parse_months(words: str | Sequence[str]) -> Dates:
    """A union of months: "jun", "jun..sep", "nov..feb". Raises `ValueError`."""
    yearly: list[Season] = []
    for word in [words] if isinstance(words, str) else words:
        first, dots, last = word.partition("..")
        last = last if dots else first
        if first not in MONTHS or last not in MONTHS:
            raise ValueError(f'unknown month "{word}"; say "jan" to "dec", or "jun..sep"')
        yearly.append(Season((MONTHS.index(first) + 1, 1), (MONTHS.index(last) + 1, 31)))
    return Dates(tuple(yearly))


def parse_dates(words: Sequence[str], named: Mapping[str, Dates] | None = None) -> Dates:
    """A union of "08-01..09-30", "12-24", "2026-12-24", "2026-12-20..2027-01-06", and names.

    The names are those of lists, if there are such. Raises `ValueError`.
    """
    yearly: list[Season] = []
    single: set[date] = set()
    ranges: list[tuple[date, date]] = []
    for word in words:
        if named and word in named:
            yearly += named[word].yearly
            single |= named[word].single
            ranges += named[word].ranges
        elif match := _FULL_DATES.fullmatch(word):
            ranges.append(_range(match[1], match[2]))
        elif ".." in word:
            yearly.append(_part_of_the_year(word))
        elif _FULL_DATE.fullmatch(word):
            single.add(_full_date(word))
        elif named is None or word[:1].isdigit():
            day = parse_month_day(word)
            yearly.append(Season(day, day))
        else:
            near = get_close_matches(word, named, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            raise ValueError(f'"{word}" is neither a date nor a list in [dates]{hint}')
    return Dates(tuple(yearly), frozenset(single), tuple(ranges))


def _range(first: str, last: str) -> tuple[date, date]:
    begin, end = _full_date(first), _full_date(last)
    if end < begin:
        raise ValueError(f'"{first}..{last}" ends before it starts')
    return begin, end


def _part_of_the_year(text: str) -> Season:
    if _YEAR.search(text):
        raise ValueError(f'must have a year at both ends, or at none, got "{text}"')
    return parse_season(text)


def _full_date(text: str, shown: str = "") -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'there is no day "{shown or text}"') from None


def parse_holidays(days: Iterable[str], *, sunday_to_monday: bool) -> HolidayRule:
    """Holidays as "12-25" or "3rd-mon-feb". Raises `ValueError`."""
    fixed: list[tuple[int, int]] = []
    nth: list[tuple[int, int, int]] = []
    for text in days:
        if match := _NTH.fullmatch(text):
            n = -1 if match[1] == "last" else int(match[1][0])
            nth.append((n, WEEKDAYS.index(match[2]), MONTHS.index(match[3]) + 1))
        else:
            fixed.append(parse_month_day(text))
    return HolidayRule(tuple(fixed), tuple(nth), sunday_to_monday)


def season_of(day: date, seasons: Mapping[str, Season]) -> str | None:
    """The name of the season in which a date lies."""
    return next((name for name, season in seasons.items() if season.includes(day)), None)
