"""From texts to times: "16:00", "22:05-07:55", "45m", "mon..fri", "06-01..09-30", "3rd-mon-feb"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from difflib import get_close_matches

from rules.calendar import DAY, Dates, Days, HolidayRule, Season, Window

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


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


def parse_holidays(
    days: Iterable[str], *, sunday_to_monday: bool, saturday_to_friday: bool = False
) -> HolidayRule:
    """Holidays as "12-25" or "3rd-mon-feb". Raises `ValueError`."""
    fixed: list[tuple[int, int]] = []
    nth: list[tuple[int, int, int]] = []
    for text in days:
        if match := _NTH.fullmatch(text):
            n = -1 if match[1] == "last" else int(match[1][0])
            nth.append((n, WEEKDAYS.index(match[2]), MONTHS.index(match[3]) + 1))
        else:
            fixed.append(parse_month_day(text))
    return HolidayRule(tuple(fixed), tuple(nth), sunday_to_monday, saturday_to_friday)
