"""Where the value of a quantity is, beside the thresholds of the rules that are open."""

from __future__ import annotations

from rules.engine.index import Mark, Scale

MOST_BOUNDS = 1_000
"""How many bounds are kept for when the value is on the same sides again."""


class Gauge:
    """The value of one quantity on its scale.

    `owners` are the unit of each threshold, and its bit among the thresholds of that unit.
    `readers` are the open units that read it; `missing` says that the last value was not known.
    """

    __slots__ = (
        "_bounds",
        "_scale",
        "_sides",
        "_watched",
        "attribute",
        "missing",
        "owners",
        "readers",
    )

    def __init__(self, scale: Scale) -> None:
        self._scale, self._sides, self._watched = scale, 0, 0
        self._bounds: dict[int, tuple[str, float, float]] = {}
        self.attribute, self.owners = scale.attribute, scale.owners
        self.readers: frozenset[int] = frozenset()
        self.missing = False

    def watch(self, units: frozenset[int]) -> None:
        """These units are open."""
        self.readers = self._scale.readers & units
        self._watched = sum(bit for bit, (unit, _) in self.owners.items() if unit in units)
        self._bounds.clear()

    def move(self, value: float) -> int:
        """The thresholds of open units that the value has passed since the last one, as bits."""
        before = self._sides
        self._sides = self._scale.sides(before, value)
        return (before ^ self._sides) & self._watched

    def put(self, mark: Mark, *, upper: bool) -> None:
        """The value is on this side of a threshold."""
        self._sides = self._sides | mark.bit if upper else self._sides & ~mark.bit

    def bounds(self, value: float) -> tuple[str, float, float]:
        """Within what the value, which is this now, passes no threshold of an open unit."""
        found = self._bounds.get(self._sides)
        if found is None:
            if len(self._bounds) >= MOST_BOUNDS:
                self._bounds.clear()
            found = self._bounds[self._sides] = self._scale.bounds(
                self._sides, self._watched, value
            )
        return found
