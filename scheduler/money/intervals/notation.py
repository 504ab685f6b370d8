"""Dates and times of day as files write them, read into seconds of a wall clock or of UTC.

ISO 8601 with or without an offset; dates like 5/31/2026 and 31.5.2026; clocks of 24 and 12 hours.
What a date like 5/6/2026 means is decided by the whole column: one day past the 12th is enough.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Final

from scheduler.money import DateOrder

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- what wall clocks are counted from
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_DAY_S: Final = 86_400
LATEST_S: Final = 230 * 365 * _DAY_S
"""In 2199: what is beyond, or before 1970, is no time of a meter's."""

_DATE: Final = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(?:([AaPp])\.?[Mm]\.?)?")
_YEAR_FIRST: Final = 4
"""Digits of a year that stands first."""


class UndecidedDates(ValueError):
    """Dates of which nobody can say whether day or month stands first; `index`: the first one."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class Times:
    """A column of times: seconds since 1970 of UTC where an offset is said, else of a wall clock.

    `offsets` are those that were said, in seconds, or `None` for a wall clock; `wrong` are the
    indexes of what is no time, whose seconds mean nothing.
    """

    def __init__(self) -> None:
        self.seconds: array[int] = array("q")
        self.offsets: list[int | None] = []
        self.wrong: list[int] = []

    def add(self, seconds: int | None, offset: int | None = None) -> None:
        """The next time; `None` is none."""
        if seconds is None or not 0 <= seconds < LATEST_S:
            self.wrong.append(len(self.seconds))
            seconds = 0
        self.seconds.append(seconds)
        self.offsets.append(offset)


def times(texts: Sequence[str], order: DateOrder | None) -> Times:
    """A column of dates with times of day. Raises `UndecidedDates`."""
    found = Times()
    reader: _Reader | None = None
    for text in texts:
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            reader = reader or _Reader(order or _order_of(texts))
            found.add(reader.seconds(text))
            continue
        offset = instant.utcoffset()
        if offset is None:
            wall = instant - _EPOCH
            found.add(wall.days * _DAY_S + wall.seconds)
        else:
            since = instant.replace(tzinfo=None) - _EPOCH
            seconds = since.days * _DAY_S + since.seconds
            found.add(seconds - int(offset.total_seconds()), int(offset.total_seconds()))
    return found


def _order_of(texts: Sequence[str]) -> DateOrder:
    undecided = None
    for index, text in enumerate(texts):
        parts = _DATE.match(text.strip())
        if parts is None or len(parts[1]) == _YEAR_FIRST:
            continue
        if parts[2] == ".":
            return DateOrder.DAY_FIRST
        if int(parts[1]) > 12:
            return DateOrder.DAY_FIRST
        if int(parts[3]) > 12:
            return DateOrder.MONTH_FIRST
        undecided = index if undecided is None else undecided
    if undecided is not None:
        raise UndecidedDates(undecided)
    return DateOrder.MONTH_FIRST


class _Reader:
    """Reads dates that are not in ISO 8601; each date and each time of day is looked at once."""

    def __init__(self, order: DateOrder) -> None:
        self._order = order
        self._days: dict[str, int | None] = {}
        self._clocks: dict[str, int | None] = {}

    def seconds(self, text: str) -> int | None:
        day, _, clock = text.strip().replace(", ", " ").replace("T", " ", 1).partition(" ")
        if day not in self._days:
            self._days[day] = self._day(day)
        if clock not in self._clocks:
            self._clocks[clock] = _clock(clock)
        midnight, since = self._days[day], self._clocks[clock]
        return None if midnight is None or since is None else midnight + since

    def _day(self, text: str) -> int | None:
        found = _DATE.fullmatch(text)
        if found is None:
            return None
        first, second, third = found[1], found[3], found[4]
        if len(first) == _YEAR_FIRST:
            year, month, day = int(first), int(second), int(third)
        else:
            month_first = self._order is DateOrder.MONTH_FIRST
            year = int(third) + (2000 if len(third) <= 2 else 0)
            month, day = int(first), int(second)
            if not month_first:
                month, day = day, month
        try:
            return (date(year, month, day).toordinal() - _EPOCH_DAY) * _DAY_S
        except ValueError:
            return None


def _clock(text: str) -> int | None:
    """Seconds since midnight; 24:00 is the next one."""
    found = _CLOCK.fullmatch(text.strip()) if text.strip() else None
    if found is None:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[4] in "Pp" else 0)
    seconds = hour * 3600 + minute * 60 + second
    return seconds if minute < 60 and second < 60 and seconds <= _DAY_S else None


def utc(seconds: int) -> datetime:
    """The instant of seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)
