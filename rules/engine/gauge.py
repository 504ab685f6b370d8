"""Where the value of a quantity is, beside the thresholds of the rules that are open."""

from __future__ import annotations

from rules.engine.index import Mark, Scale

MOST_BOUNDS = 1_000
"""How many bounds are kept for when the value is on the same sides again."""


class Watch:
    """What is watched on a scale while certain units are open.

    `readers` are those that read the quantity, `bits` their thresholds, `bounds` those that were
    found by the sides on which a value was.
    """

    __slots__ = ("bits", "bounds", "readers")

    def __init__(self, scale: Scale, units: frozenset[int]) -> None:
        self.readers = scale.readers & units
        self.bits = sum(bit for bit, (unit, _) in scale.owners.items() if unit in units)
        self.bounds: dict[int, tuple[str, float, float]] = {}


class Gauge:
    """The value of one quantity on its scale.

    `owners` are the unit of each threshold, and its bit among the thresholds of that unit.
    `missing` says that the last value was not known, `watch` which units are open.
    """

    __slots__ = ("_scale", "_sides", "attribute", "missing", "owners", "watch")

    def __init__(self, scale: Scale) -> None:
        self._scale, self._sides = scale, 0
        self.attribute, self.owners = scale.attribute, scale.owners
        self.watch, self.missing = Watch(scale, frozenset()), False

    def watch_over(self, units: frozenset[int]) -> Watch:
        """What there is to watch while these units are open."""
        return Watch(self._scale, units)

    def move(self, value: float) -> int:
        """The thresholds of open units that the value has passed since the last one, as bits."""
        before = self._sides
        self._sides = self._scale.sides(before, value)
        return (before ^ self._sides) & self.watch.bits

    def put(self, mark: Mark, *, upper: bool) -> None:
        """The value is on this side of a threshold."""
        self._sides = self._sides | mark.bit if upper else self._sides & ~mark.bit

    def bounds(self, value: float) -> tuple[str, float, float]:
        """Within what the value, which is this now, passes no threshold of an open unit."""
        watch = self.watch
        found = watch.bounds.get(self._sides)
        if found is None:
            if len(watch.bounds) >= MOST_BOUNDS:
                watch.bounds.clear()
            found = self._scale.bounds(self._sides, watch.bits, value)
            watch.bounds[self._sides] = found
        return found
