"""What can be seen, value by value, and which of it makes each clause true, false or unknown.

Values are free of each other: the proof holds whatever the house does. A set of states of one value
is a whole number with a bit for each, so that a clause is one such number, and a state of
everything that can be seen is a box: one set for each value.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from rules.check.states import State, Trigger, Ways, ages, cells, holds_up
from rules.domain import GridStatus, Quantity
from rules.engine import (
    Condition,
    FlagSet,
    GridIs,
    GridServicesAre,
    InputThreshold,
    PriceRank,
    PriceThreshold,
    QuantityThreshold,
    Threshold,
)

USUAL_SOE = 50.0
"""Where a state of energy is looked for first: a moment in the middle is easy to picture."""

Box = tuple[int, ...]
"""For each value the set of states that are still possible."""


class Key(NamedTuple):
    """What a value is: a quantity of the observation, or something from outside by its name."""

    kind: str
    name: object


class Masks(NamedTuple):
    """The states of one value in which a clause is true, and those in which it is false."""

    dimension: int
    true: int
    false: int


@dataclass(frozen=True, slots=True)
class Dimension:
    """One value and its states, those that are easy to picture first, a missing one last.

    `sure` are the states that a value comes into whatever was seen before.
    """

    key: Key
    states: tuple[State, ...]
    sure: int

    @property
    def everything(self) -> int:
        """The set of all states."""
        return (1 << len(self.states)) - 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """A condition of a unit that is no matter of time."""

    unit: int
    condition: Condition


class Space:
    """The values that some units look at, and what their clauses make of each."""

    def __init__(
        self, leaves: Iterable[Leaf], order: Mapping[int, int], soe_edges: Iterable[float] = ()
    ) -> None:
        """`order` is the number of the opening of each unit, 0 for the first and where missing.

        `soe_edges` are states of energy at which something changes that is no clause. Raises
        `TooManyStates`.
        """
        self.dimensions: list[Dimension] = []
        self.masks: dict[Leaf, Masks] = {}
        self._order = order
        self._soe_edges = tuple(soe_edges)
        by_key: dict[Key, list[Leaf]] = {}
        if self._soe_edges:
            by_key[Key("quantity", Quantity.SOE)] = []
        for leaf in leaves:
            by_key.setdefault(key_of(leaf.condition), []).append(leaf)
        for key, members in sorted(by_key.items(), key=str):
            self._add(key, members)

    @property
    def everything(self) -> Box:
        """The box of all states."""
        return tuple(each.everything for each in self.dimensions)

    def number(self, key: Key) -> int | None:
        """The number of a value, if any clause looks at it."""
        keys = [each.key for each in self.dimensions]
        return keys.index(key) if key in keys else None

    def _add(self, key: Key, members: Sequence[Leaf]) -> None:
        match key:
            case Key("quantity", Quantity.GRID):
                self._words(key, members, [*GridStatus, None])
            case Key("quantity", Quantity.GRID_SERVICES):
                self._words(key, members, [False, True, None])
            case Key("flag", _):
                self._words(key, members, [False, True])
            case Key("rank", _):
                self._ranks(key, members)
            case Key("price", _):
                self._prices(key, members)
            case _:
                self._thresholds(key, members)

    def _words(self, key: Key, members: Sequence[Leaf], words: Sequence[object]) -> None:
        states = tuple(State(word) for word in words)
        verdicts = (_word_verdicts(leaf, states) for leaf in members)
        self._place(key, states, members, map(_sets_of, verdicts))

    def _prices(self, key: Key, members: Sequence[Leaf]) -> None:
        found = [each.condition for each in members if isinstance(each.condition, PriceThreshold)]
        values = cells([each.limit for each in found], -math.inf, math.inf)
        verdicts = [
            [*((value >= each.limit) is each.above for value in values), None] for each in found
        ]
        self._place(key, (*map(State, values), State(None)), members, map(_sets_of, verdicts))

    def _ranks(self, key: Key, members: Sequence[Leaf]) -> None:
        """Which place the present slot has in its window: below every count, or between two."""
        counts = [each.condition.count for each in members if isinstance(each.condition, PriceRank)]
        places = (0, *sorted(set(counts)))
        verdicts = [[*(place < count for place in places), None] for count in counts]
        self._place(key, (*map(State, places), State(None)), members, map(_sets_of, verdicts))

    def _thresholds(self, key: Key, members: Sequence[Leaf]) -> None:
        found = [leaf.condition for leaf in members if isinstance(leaf.condition, Threshold)]
        groups = [self._order.get(leaf.unit, 0) for leaf in members]
        triggers = [Trigger.of(each, group) for each, group in zip(found, groups, strict=True)]
        distinct = list(dict.fromkeys(triggers))
        edges = [edge for each in distinct for edge in (each.low, each.high)]
        soe = key.name is Quantity.SOE
        least, most = (0.0, 100.0) if soe else (-math.inf, math.inf)
        values = cells([*edges, *(self._soe_edges if soe else ())], least, most)
        ways = Ways.through(values, distinct, USUAL_SOE if soe else 0.0)
        states = [
            State(state.value, state.way, age) for age in ages(found) for state in ways.states
        ]
        sides = _sides_of(found, triggers, ways.sides, distinct)
        self._place(key, (*states, State(None)), members, sides)

    def _place(
        self,
        key: Key,
        states: tuple[State, ...],
        members: Sequence[Leaf],
        sets: Iterable[tuple[int, int]],
    ) -> None:
        """Add a value: `sets` are the states in which each member is true, and is false."""
        number = len(self.dimensions)
        ways = Counter(each.value for each in states)
        sure = _set_of(ways[each.value] == 1 for each in states)
        self.dimensions.append(Dimension(key, states, sure))
        for leaf, (true, false) in zip(members, sets, strict=True):
            self.masks[leaf] = Masks(number, true, false)


def key_of(condition: Condition) -> Key:
    """The value that a condition looks at. Raises `TypeError` for one that looks at the time."""
    match condition:
        case QuantityThreshold():
            return Key("quantity", condition.quantity)
        case GridIs():
            return Key("quantity", Quantity.GRID)
        case GridServicesAre():
            return Key("quantity", Quantity.GRID_SERVICES)
        case FlagSet():
            return Key("flag", condition.name)
        case InputThreshold():
            return Key("input", condition.name)
        case PriceThreshold():
            return Key("price", condition.exported)
        case PriceRank():
            return Key("rank", (condition.window, condition.dearest))
    raise TypeError(f"no value for {condition}")


def _word_verdicts(leaf: Leaf, states: Sequence[State]) -> list[bool | None]:
    condition = leaf.condition
    if isinstance(condition, GridIs):
        return [None if each.value is None else each.value in condition.words for each in states]
    if isinstance(condition, GridServicesAre):
        active = condition.active
        return [None if each.value is None else each.value is active for each in states]
    return [bool(each.value) for each in states]


def _too_old(threshold: Threshold, age: timedelta) -> bool:
    return isinstance(threshold, InputThreshold) and bool(age) and age >= threshold.oldest


def _sides_of(
    thresholds: Sequence[Threshold],
    triggers: Sequence[Trigger],
    sides: Sequence[int],
    distinct: Sequence[Trigger],
) -> list[tuple[int, int]]:
    """The states in which each threshold holds, and does not: by the sides of its trigger.

    All of them come once for each age; where a value is too old, a threshold is unknown.
    """
    everything, known = (1 << len(sides)) - 1, ages(thresholds)
    upper = {
        trigger: _set_of(bool(each >> bit & 1) for each in sides)
        for bit, trigger in enumerate(distinct)
    }
    found = []
    for threshold, trigger in zip(thresholds, triggers, strict=True):
        up = upper[trigger]
        pair = (up, everything & ~up) if holds_up(threshold) else (everything & ~up, up)
        young = [len(sides) * n for n, age in enumerate(known) if not _too_old(threshold, age)]
        true, false = (sum(each << offset for offset in young) for each in pair)
        found.append((true, false))
    return found


def _sets_of(verdicts: Sequence[bool | None]) -> tuple[int, int]:
    """The states in which a clause is true, and those in which it is false."""
    return _set_of(each is True for each in verdicts), _set_of(each is False for each in verdicts)


def _set_of(members: Iterable[bool]) -> int:
    return sum(1 << number for number, member in enumerate(members) if member)
