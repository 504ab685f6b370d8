"""Which rules read what, so that only those are evaluated again for which something has changed.

Like the index of a database it follows from the rules alone. A unit is a state rule, or an event
rule without a moment: units are numbered, the state rules first and winners first. A set of them
is a whole number with a bit for each.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import or_
from typing import Self

from rules.domain import Part, Quantity
from rules.engine.conditions import (
    Condition,
    FlagSet,
    InputThreshold,
    QuantityThreshold,
    leaves,
)
from rules.engine.price_conditions import PriceRank, PriceThreshold
from rules.engine.rule_set import EventRule, RuleSet
from rules.resolve import Intent

FROM_OUTSIDE = (FlagSet, InputThreshold, PriceRank, PriceThreshold)
"""The conditions that read inputs."""

NUMBERS = (
    Quantity.SOE,
    Quantity.SITE_POWER,
    Quantity.BATTERY_POWER,
    Quantity.LOAD_POWER,
    Quantity.SOLAR_POWER,
)
"""What a threshold may be on."""

WORDS = (Quantity.GRID, Quantity.GRID_SERVICES)
"""What rules compare as a whole."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold on a scale: its bit there, and its bit among the thresholds of its unit."""

    unit: int
    own_bit: int
    bit: int
    threshold: QuantityThreshold


@dataclass(frozen=True, slots=True)
class Scale:
    """The thresholds on one quantity, in order of their edges.

    A set bit means that the value is on the upper side of that threshold. Where `n` edges are at
    or below the value, the thresholds in `raised[n]` are on their upper side, those not in
    `kept[n]` on their lower, and the others where they were. `lows[n]` and `highs[n]` are those
    with their lower or upper edge at `edges[n]`. `owners` are the unit of each threshold and its
    bit there, `readers` the units that read the quantity at all.
    """

    attribute: str
    edges: tuple[float, ...]
    raised: tuple[int, ...]
    kept: tuple[int, ...]
    lows: tuple[int, ...]
    highs: tuple[int, ...]
    marks: Mapping[int, Mark]
    owners: Mapping[int, tuple[int, int]]
    readers: frozenset[int]

    @classmethod
    def of(cls, quantity: Quantity, marks: Sequence[Mark], readers: Iterable[int]) -> Self:
        """The scale of a quantity; bits are given in the order of the marks."""
        edges = sorted(
            {edge for mark in marks for edge in (mark.threshold.low, mark.threshold.high)}
        )
        place = {edge: number for number, edge in enumerate(edges)}
        lows, highs = [0] * len(edges), [0] * len(edges)
        for mark in marks:
            lows[place[mark.threshold.low]] |= mark.bit
            highs[place[mark.threshold.high]] |= mark.bit
        return cls(
            quantity.value,
            tuple(edges),
            tuple(accumulate(highs, or_, initial=0)),
            tuple(accumulate(lows, or_, initial=0)),
            tuple(lows),
            tuple(highs),
            {mark.bit: mark for mark in marks},
            {mark.bit: (mark.unit, mark.own_bit) for mark in marks},
            frozenset(readers),
        )

    def sides(self, before: int, value: float) -> int:
        """On which side of each threshold a value is, from where it was."""
        passed = bisect_right(self.edges, value)
        return (before | self.raised[passed]) & self.kept[passed]

    def bounds(self, sides: int, watched: int, value: float) -> tuple[str, float, float]:
        """Around a value that is on these sides, within what no watched threshold is passed."""
        place, edges = bisect_right(self.edges, value), self.edges
        upper, lower = watched & sides, watched & ~sides
        below = (edges[n] for n in range(place - 1, -1, -1) if self.lows[n] & upper)
        above = (edges[n] for n in range(place, len(edges)) if self.highs[n] & lower)
        return self.attribute, next(below, -math.inf), next(above, math.inf)


@dataclass(frozen=True, slots=True)
class Index:
    """Which units read what, and which claim what.

    `marks` are the thresholds of each unit, `words` the units that read each of `WORDS`, `outside`
    those that read inputs, `turns` the event rules without a moment. `claims` says which rules
    claim each part; `floors` are the rules with a `reserve_at_least`, the highest first. Rules that
    insist, have no conditions, set what depends on the SOE, or leave the battery alone are sets of
    their own.
    """

    scales: tuple[Scale, ...]
    marks: tuple[tuple[tuple[int, Mark], ...], ...]
    words: tuple[frozenset[int], ...]
    outside: frozenset[int]
    turns: Mapping[int, EventRule]
    names: tuple[str, ...]
    claims: tuple[tuple[Part, int], ...]
    floors: tuple[tuple[int, int], ...]
    insisting: int
    timeless: int
    looking_at_soe: int
    leaving: int

    @classmethod
    def of(cls, rules: RuleSet, claims: Mapping[str, tuple[Part, ...]]) -> Self:
        """Index a set of rules; `claims` are the parts that each state rule decides."""
        states = rules.state_rules
        turns = tuple(event for event in rules.event_rules if event.moments is None)
        clauses = [rule.conditions for rule in states] + [event.conditions for event in turns]
        units = [tuple(leaves(clause)) for clause in clauses]
        reads = [{quantity for each in unit for quantity in each.quantities()} for unit in units]
        soe = {number for number, rule in enumerate(states) if rule.want.looks_at_soe}
        scales = _scales(units, reads, soe)
        marks: list[list[tuple[int, Mark]]] = [[] for _ in units]
        for number, scale in enumerate(scales):
            for mark in scale.marks.values():
                marks[mark.unit].append((number, mark))
        floors = [
            (rule.want.reserve_at_least, number)
            for number, rule in enumerate(states)
            if rule.want.reserve_at_least is not None
        ]
        return cls(
            scales,
            tuple(map(tuple, marks)),
            tuple(_readers(reads, quantity) for quantity in WORDS),
            frozenset(
                number
                for number, unit in enumerate(units)
                if any(isinstance(each, FROM_OUTSIDE) for each in unit)
            ),
            dict(enumerate(turns, start=len(states))),
            tuple(rule.name for rule in states),
            tuple((part, _bits(part in claims[rule.name] for rule in states)) for part in Part),
            tuple(sorted(floors, key=lambda each: (-each[0], each[1]))),
            _bits(rule.insists for rule in states),
            _bits(rule.timeless for rule in states),
            _bits(rule.want.looks_at_soe for rule in states),
            _bits(rule.want.battery is Intent.LEAVE for rule in states),
        )


def _scales(
    units: Sequence[tuple[Condition, ...]], reads: Sequence[set[Quantity]], soe: set[int]
) -> tuple[Scale, ...]:
    marks: dict[Quantity, list[Mark]] = {quantity: [] for quantity in NUMBERS}
    for unit, conditions in enumerate(units):
        thresholds = (each for each in conditions if isinstance(each, QuantityThreshold))
        for number, threshold in enumerate(thresholds):
            on_scale = marks[threshold.quantity]
            on_scale.append(Mark(unit, 1 << number, 1 << len(on_scale), threshold))
    readers = {quantity: set(_readers(reads, quantity)) for quantity in NUMBERS}
    readers[Quantity.SOE] |= soe
    return tuple(
        Scale.of(quantity, marks[quantity], readers[quantity])
        for quantity in NUMBERS
        if readers[quantity]
    )


def _readers(reads: Sequence[set[Quantity]], quantity: Quantity) -> frozenset[int]:
    return frozenset(number for number, read in enumerate(reads) if quantity in read)


def _bits(chosen: Iterable[bool]) -> int:
    return sum(1 << number for number, is_chosen in enumerate(chosen) if is_chosen)
