"""One value through time: it stays as it is, jumps, or goes in a straight line."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Point:
    """From an instant on the value is this; `None`: it is missing.

    With `ramp` a number has gone there in a straight line from the point before.
    """

    at: datetime
    value: object
    ramp: bool = False


class Series:
    """A value by its points, which are in the order of time. Before the first one it is missing."""

    __slots__ = ("_instants", "points")

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = tuple(points)
        self._instants = [point.at for point in self.points]

    def at(self, instant: datetime) -> object:
        """The value at an instant."""
        index = bisect_right(self._instants, instant)
        if index == 0:
            return None
        here = self.points[index - 1]
        if index == len(self.points) or not self.points[index].ramp:
            return here.value
        there = self.points[index]
        if not isinstance(here.value, int | float) or not isinstance(there.value, int | float):
            return here.value
        share = (instant - here.at) / (there.at - here.at)
        return here.value + share * (there.value - here.value)

    def moves(self, instant: datetime) -> bool:
        """The value is on its way from one point to the next."""
        index = bisect_right(self._instants, instant)
        return 0 < index < len(self.points) and self.points[index].ramp

    def next_change(self, instant: datetime) -> datetime | None:
        """When the next point after an instant is."""
        index = bisect_right(self._instants, instant)
        return self._instants[index] if index < len(self._instants) else None
