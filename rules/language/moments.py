"""Moments and spans as people say them: "16:05", "tomorrow 16:05", "2h ago", "3d", ISO.

The one grammar of times in arguments. Rule files say times of day and short durations only, which
`rules.language.parsing` reads.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from enum import Enum, auto
from typing import Final
from zoneinfo import ZoneInfo

from rules.calendar import DAY, ONE_DAY, midnight, moment, stretches
from rules.errors import shown

_SPAN: Final = r"(\d{1,6}) ?(s|m|h|d|w)"
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_RELATIVE: Final = re.compile(rf"(in )?{_SPAN}( ago)?")
_DAYS: Final = {"yesterday": -ONE_DAY, "today": timedelta(0), "tomorrow": ONE_DAY}
_DAY: Final = re.compile("|".join(_DAYS))
_CLOCK: Final = re.compile(rf"(?:({_DAY.pattern}) )?(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?")
_YEARS: Final = range(2, 9999)
"""Years of which every instant can be shown in every zone."""


class Towards(Enum):
    """Where an argument looks: what "16:05" and "3d" mean where nothing else says it."""

    PAST = auto()
    """The last 16:05; 3 days ago."""
    FUTURE = auto()
    """The next 16:05; in 3 days."""
    TODAY = auto()
    """The 16:05 of today, gone or to come; in 3 days."""


def parse_span(text: str) -> timedelta:
    """A length of time: "90s", "45m", "36h", "3d", "2w". Raises `ValueError`."""
    if not (said := re.fullmatch(_SPAN, text)):
        raise ValueError(f'must be a duration like "45m", "36h" or "3d", got {shown(text)}')
    return timedelta(**{_UNITS[said[2]]: int(said[1])})


def parse_moment(text: str, now: datetime, zone: ZoneInfo, towards: Towards) -> datetime:
    """The instant that is meant, in UTC, by the clock of a zone.

    A time that the clock skips is none, and one that it shows twice must be said with its offset.
    Raises `ValueError`.
    """
    try:
        return _instant(text.strip(), now, zone, towards)
    except OverflowError:
        raise ValueError(f"{shown(text)} is in no year of ours") from None


def parse_date(text: str, now: datetime, zone: ZoneInfo) -> date:
    """A day: "today", "yesterday", "tomorrow" or "2026-07-15". Raises `ValueError`."""
    if text in _DAYS:
        return now.astimezone(zone).date() + _DAYS[text]
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year not in _YEARS:
        raise ValueError(f'must be a date like "2026-07-15" or "tomorrow", got {shown(text)}')
    return found


def _instant(text: str, now: datetime, zone: ZoneInfo, towards: Towards) -> datetime:
    relative = _RELATIVE.fullmatch(text)
    if relative and not (relative[1] and relative[4]):
        ago = relative[4] or (towards is Towards.PAST and not relative[1])
        span = parse_span(f"{relative[2]}{relative[3]}")
        return _of_our_years(now - span if ago else now + span, text)
    today = now.astimezone(zone).date()
    if text in _DAYS:
        return midnight(today + _DAYS[text], zone)
    clock = _CLOCK.fullmatch(text)
    if clock is None:
        return _in_full(text, now, zone, towards)
    minute, second = int(clock[2]) * 60 + int(clock[3]), int(clock[4] or 0)
    if int(clock[3]) > 59 or second > 59 or minute * 60 + second > DAY * 60:
        raise _not_a_time(text)
    rest = timedelta(seconds=second)
    day = today + _DAYS[clock[1] or "today"]
    if clock[1] is None and towards is not Towards.TODAY:
        # Where the clock skips it, the end of the gap stands for it: that it lies here is an error.
        there = [*_shown_at(day, minute, zone), moment(day, minute, zone)]
        if not any(_lies(at + rest, now, towards) for at in there):
            day += -ONE_DAY if towards is Towards.PAST else ONE_DAY
    return _on(day, minute, zone, now, towards) + rest


def _in_full(text: str, now: datetime, zone: ZoneInfo, towards: Towards) -> datetime:
    """A date, or a date and a time, as ISO 8601 writes them."""
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise _not_a_time(text) from None
    _of_our_years(said, text)
    if said.tzinfo is not None:
        return said.astimezone(UTC)
    day, minute = said.date(), said.hour * 60 + said.minute
    if ":" not in text and minute == 0:
        return midnight(day, zone)
    rest = timedelta(seconds=said.second, microseconds=said.microsecond)
    return _on(day, minute, zone, now, towards) + rest


def _on(day: date, minute: int, zone: ZoneInfo, now: datetime, towards: Towards) -> datetime:
    """The one instant at which the clock shows this on that day; of two, the one that can be."""
    found = _shown_at(day, minute, zone)
    if len(found) > 1:
        found = [at for at in found if _lies(at, now, towards)] or found
    if len(found) == 1:
        return found[0]
    clock, date_ = f"{minute // 60:02}:{minute % 60:02}", f"{day.day} {day:%B %Y}"
    if not found:
        raise ValueError(f"the clocks go forward over {clock} on {date_}, so there is no such time")
    both = " or ".join(f"{at.astimezone(zone).isoformat(timespec='minutes')}" for at in found)
    raise ValueError(f"the clock shows {clock} twice on {date_}; say which: {both}")


def _shown_at(day: date, minute: int, zone: ZoneInfo) -> list[datetime]:
    """When the clock shows this on that day: twice in the autumn night, and never in spring's."""
    if minute == DAY:
        return [midnight(day + ONE_DAY, zone)]
    return [
        stretch.instant(minute)
        for stretch in stretches(day, zone)
        if stretch.first_minute <= minute < stretch.last_minute
    ]


def _lies(at: datetime, now: datetime, towards: Towards) -> bool:
    """Whether an instant is where an argument looks."""
    match towards:
        case Towards.PAST:
            return at <= now
        case Towards.FUTURE:
            return at > now
    return True


def _of_our_years(at: datetime, text: str) -> datetime:
    if at.year not in _YEARS:
        raise ValueError(f"{shown(text)} is in no year of ours")
    return at


def _not_a_time(text: str) -> ValueError:
    return ValueError(
        'must be a time like "16:05", "tomorrow 16:05", "2h ago", "3d" or "2026-07-15 16:05",'
        f" got {shown(text)}"
    )
