"""One clause against one observation: true, false or unknown.

A condition on a missing value is unknown, never false. Thresholds tile: below is `<`, above is
`>=`, and a threshold that holds lets go only `margin` beyond itself. Every condition also says in
which half-open interval of its quantity its answer cannot change, so that a caller may skip what
lies inside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rules.domain import GridStatus, Observation, Quantity

Verdict = bool | None
"""`None` is unknown."""


@dataclass(frozen=True, slots=True)
class Bound:
    """An answer stands as long as the quantity is at least `low` and less than `high`."""

    quantity: Quantity
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Same:
    """An answer stands as long as the quantity has this value (`None`: is missing)."""

    quantity: Quantity
    value: object


Limit = Bound | Same


@dataclass(frozen=True, slots=True)
class Threshold:
    """A quantity at or above, or below, a limit, with a margin before it lets go."""

    key: str
    quantity: Quantity
    above: bool
    limit: float
    margin: float

    def test(self, observation: Observation, *, held: bool) -> tuple[Verdict, Limit]:
        """The verdict, and within what it stands. `held`: it was true at the last look."""
        value: float | None = getattr(observation, self.quantity.value)
        if value is None:
            return None, Same(self.quantity, None)
        edge = self._edge(held=held)
        if value >= edge:
            low = self._edge(held=True) if self.above else self.limit
            return self.above, Bound(self.quantity, low, math.inf)
        high = self.limit if self.above else self._edge(held=True)
        return not self.above, Bound(self.quantity, -math.inf, high)

    def wanted(self, *, held: bool) -> str:
        """The condition in words; one that held has its margin to go."""
        limit = f"{self._edge(held=held):g} %"
        words = "at least" if self.above else "below"
        return f"{words} {limit}" + (f" ({self.limit:g} % to take hold)" if held else "")

    def _edge(self, *, held: bool) -> float:
        if not held:
            return self.limit
        return self.limit - self.margin if self.above else self.limit + self.margin


@dataclass(frozen=True, slots=True)
class GridIs:
    """The grid status is one of these words."""

    key: str
    words: frozenset[GridStatus]

    quantity = Quantity.GRID

    def test(self, observation: Observation, *, held: bool) -> tuple[Verdict, Limit]:  # noqa: ARG002 -- as Threshold
        """The verdict, and within what it stands."""
        grid = observation.grid
        return (None if grid is None else grid in self.words), Same(Quantity.GRID, grid)

    def wanted(self, *, held: bool) -> str:  # noqa: ARG002 -- as Threshold
        """The condition in words."""
        if self.words == {status for status in GridStatus if status.up}:
            return "up"
        if self.words == {status for status in GridStatus if status.down}:
            return "down"
        return " or ".join(sorted(self.words))


Condition = Threshold | GridIs


def conjunction(verdicts: list[Verdict]) -> Verdict:
    """Kleene's and: one false decides, otherwise one unknown leaves it open."""
    if False in verdicts:
        return False
    return None if None in verdicts else True
