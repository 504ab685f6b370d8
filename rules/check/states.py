"""The states that one value can be in, as far as the thresholds on it can tell.

A threshold with a margin remembers on which side the value was (a Schmitt trigger), so a state is a
cell between two edges together with the side of every threshold. Which of these can come about is
a small exact graph: values move from cell to cell, and the thresholds of a rule begin when the rule
opens. Each state knows a way to it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rules.engine import InputThreshold, QuantityThreshold, Threshold

MOST_STATES = 10_000
"""States of one value that are looked at; no rule file by hand comes near."""


WIDE = 500.0
"""From so wide a cell on, hundreds are round; in a narrow one they would be its end."""


class TooManyStates(Exception):
    """The thresholds on one value have more states together than are looked at."""


@dataclass(frozen=True, slots=True)
class State:
    """A value that is seen now (`None`: missing), and what has to be seen before.

    `way` holds values, each with the number of groups of rules that are open by then. Of a value
    from outside, `age` is how long it has been known.
    """

    value: object
    way: tuple[tuple[int, float], ...] = ()
    age: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A threshold in the order of its value: up from `high` on, down below `low`.

    It begins on its upper side if `begins_up`. `group` is the number of its rule's opening.
    """

    low: float
    high: float
    begins_up: bool
    group: int

    @classmethod
    def of(cls, threshold: Threshold, group: int) -> Trigger:
        """The trigger of a threshold; one that does not hold yet is on the other side."""
        if isinstance(threshold, QuantityThreshold):
            return cls(threshold.low, threshold.high, not threshold.upper, group)
        edges = (threshold.limit, threshold.released_at)
        return cls(min(edges), max(edges), not threshold.above, group)


def holds_up(threshold: Threshold) -> bool:
    """The threshold holds on the upper side of its trigger."""
    return threshold.upper if isinstance(threshold, QuantityThreshold) else threshold.above


def cells(edges: Iterable[float], least: float, most: float) -> list[float]:
    """A value for each cell between edges: a round one near its middle where there is one."""
    inner = sorted({edge for edge in edges if least < edge <= most})
    bounds = [least, *inner, math.inf if most == math.inf else math.nextafter(most, math.inf)]
    return [_between(low, high) for low, high in itertools.pairwise(bounds) if low < high]


def _between(low: float, high: float) -> float:
    """A round value in a half-open interval."""
    if low == -math.inf and high == math.inf:
        return 0.0
    if low == -math.inf:
        return min(0.0, math.floor(high - 1.0))
    if high == math.inf:
        return float(math.ceil(low))
    middle = (low + high) / 2
    for digits in (-2, -1, 0, 1, 3) if high - low > WIDE else (-1, 0, 1, 3):
        if low <= (found := round(middle, digits)) < high:
            return found
    return low


@dataclass(frozen=True, slots=True)
class Ways:
    """Every state of a value: its cell, the sides of the triggers there, and the way to it."""

    states: tuple[State, ...]
    sides: tuple[int, ...]

    @classmethod
    def through(
        cls, values: Sequence[float], triggers: Sequence[Trigger], usual: float = 0.0
    ) -> Ways:
        """Follow a value from cell to cell, and the groups as they open.

        The states that a first look finds come first, and among them those near the `usual` value.
        Raises `TooManyStates`.
        """
        groups = max((each.group for each in triggers), default=0) + 1
        lows = [_bits(each.low <= value for each in triggers) for value in values]
        highs = [_bits(each.high <= value for each in triggers) for value in values]
        begins = [
            _bits(each.begins_up and each.group == group for each in triggers)
            for group in range(groups)
        ]
        members = [_bits(each.group <= group for each in triggers) for group in range(groups)]
        found: dict[tuple[int, int, int], tuple[int, int, int] | None] = {}
        for cell in range(len(values)):
            found[0, cell, (begins[0] | highs[cell]) & lows[cell] & members[0]] = None
        queue = list(found)
        for node in queue:
            group, cell, sides = node
            following = [(group, each) for each in (cell - 1, cell + 1) if 0 <= each < len(values)]
            if group + 1 < groups:
                following.append((group + 1, cell))
            for into, there in following:
                start = sides | begins[into] if into > group else sides
                after = (into, there, (start | highs[there]) & lows[there] & members[into])
                if after not in found:
                    if len(found) >= MOST_STATES:
                        raise TooManyStates
                    found[after] = node
                    queue.append(after)
        last = groups - 1
        reached = [node for node in queue if node[0] == last]
        ways = [(_way(node, found, values), values[node[1]], node[2]) for node in reached]
        ways.sort(key=lambda each: (len(each[0]), abs(each[1] - usual)))
        return cls(
            tuple(State(value, way) for way, value, _ in ways),
            tuple(sides for _, _, sides in ways),
        )


_Node = tuple[int, int, int]


def _way(
    node: _Node, found: dict[_Node, _Node | None], values: Sequence[float]
) -> tuple[tuple[int, float], ...]:
    """What is seen before a state: only where the value turns, or another group opens."""
    passed = [node]
    while (before := found[passed[-1]]) is not None:
        passed.append(before)
    passed.reverse()
    if all(each[1] == node[1] for each in passed):
        return ()  # a first look is enough
    turns = [
        here
        for before, here, after in zip([passed[0], *passed], passed, passed[1:], strict=False)
        if before is here
        or before[0] != here[0]
        or here[0] != after[0]
        or (here[1] - before[1]) * (after[1] - here[1]) <= 0
    ]
    return tuple((group, values[cell]) for group, cell, _ in turns)


def _bits(members: Iterable[bool]) -> int:
    return sum(1 << number for number, member in enumerate(members) if member)


def ages(thresholds: Iterable[Threshold]) -> list[timedelta]:
    """Ages of a value from outside: new, then just too old for one threshold after the other."""
    known = {each.oldest for each in thresholds if isinstance(each, InputThreshold)}
    return [timedelta(0), *sorted(known)][:-1] or [timedelta(0)]
