"""Local time: days, wall minutes and clock-change nights.

A day is a local calendar date. Times of day are wall minutes, 0 to 1440, and ranges are half
open. On the night when clocks go forward a wall minute inside the missing hour does not exist: a
range inside it is empty, and a moment inside it happens at the next instant that exists. On the
night when clocks go back the doubled hour happens twice: a range inside it is open twice, and a
moment inside it happens the first time only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY = 1440
ONE_DAY = timedelta(days=1)


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


@lru_cache(maxsize=4096)
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
