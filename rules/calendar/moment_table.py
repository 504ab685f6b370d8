"""The instants at which several events are due, in order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Generic, TypeVar

from rules.calendar.local_time import ONE_DAY
from rules.calendar.schedule import Almanac, Moments

KEPT_DAYS = 16
"""Of how many days a table keeps the moments: the engine asks for twelve at a time."""

Due = TypeVar("Due")


class MomentTable(Generic[Due]):
    """The moments of all days. What it keeps follows from the events, and changes no answer."""

    def __init__(self, almanac: Almanac, events: Sequence[tuple[Due, Moments]]) -> None:
        self._almanac = almanac
        self._events = tuple(events)
        self._days: dict[date, tuple[tuple[datetime, Due], ...]] = {}

    def between(self, start: datetime, end: datetime) -> list[tuple[datetime, Due]]:
        """Every moment in the half-open time, in order, and among equals in that of the events."""
        zone = self._almanac.zone
        # A lead of up to a day may put a moment on the day before the one it belongs to.
        first = start.astimezone(zone).date() - ONE_DAY
        last = end.astimezone(zone).date() + ONE_DAY
        days = (first + after * ONE_DAY for after in range((last - first).days + 1))
        found = [each for day in days for each in self._day(day) if start <= each[0] < end]
        return sorted(found, key=lambda each: each[0])

    def _day(self, day: date) -> tuple[tuple[datetime, Due], ...]:
        if day not in self._days:
            if len(self._days) >= KEPT_DAYS:
                del self._days[next(iter(self._days))]
            self._days[day] = tuple(
                (instant, each)
                for each, moments in self._events
                for instant in moments.of(day, self._almanac)
            )
        return self._days[day]
