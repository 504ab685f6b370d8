"""Finds a state in which these clauses hold and those do not, if there is one.

Clauses stay trees, as they are written, and are never multiplied out. A search takes what is
certain first, then tries the alternatives of one clause after the other, depth first, and stops at
the first state that is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Union

from rules.check.effort import Effort
from rules.check.space import Box, Leaf, Space
from rules.check.timed import window_of
from rules.engine import Condition, Group, PriceRank, Verdict

MOST_STEPS = 50_000
"""Boxes that one search looks at before it gives up."""


STEP, GOAL = 10, 3
"""The effort of looking at one box, and for each goal."""


class TooManySteps(Exception):
    """A search has looked at as many boxes as it may."""


class Be(Enum):
    """What a clause is to be. What is neither true nor false is unknown."""

    TRUE = 0
    FALSE = 1
    NOT_TRUE = 2
    NOT_FALSE = 3

    @property
    def opposite(self) -> Be:
        """The same of the negated clause."""
        return _OPPOSITES[self]

    def met_by(self, *, verdict: Verdict) -> bool:
        """A known verdict is this."""
        if self in (Be.TRUE, Be.NOT_TRUE):
            return (verdict is True) is (self is Be.TRUE)
        return (verdict is False) is (self is Be.FALSE)


_OPPOSITES = {
    Be.TRUE: Be.FALSE,
    Be.FALSE: Be.TRUE,
    Be.NOT_TRUE: Be.NOT_FALSE,
    Be.NOT_FALSE: Be.NOT_TRUE,
}


@dataclass(frozen=True, slots=True)
class In:
    """A value must be in one of these states."""

    dimension: int
    states: int


@dataclass(frozen=True, slots=True)
class Every:
    """All of these must be met; none of them is met as it is."""

    members: tuple[Goal, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """At least one of these must be met; with none of them it cannot be."""

    members: tuple[Goal, ...]


Goal = Union[In, Every, OneOf]  # noqa: UP007 -- a forward reference

MET = Every(())
IMPOSSIBLE = OneOf(())


class Goals:
    """Makes goals of the clauses of units, given what time says."""

    def __init__(self, space: Space, verdict: Callable[[Condition], Verdict]) -> None:
        self._space = space
        self._verdict = verdict

    def clause(self, unit: int, conditions: Sequence[Condition], be: Be) -> Goal:
        """A conjunction is to be this."""
        members = tuple(self._condition(unit, each, be) for each in conditions)
        return _every(members) if be in (Be.TRUE, Be.NOT_FALSE) else _one_of(members)

    def _condition(self, unit: int, condition: Condition, be: Be) -> Goal:
        if isinstance(condition, Group):
            be = be.opposite if condition.negated else be
            members = tuple(self.clause(unit, each, be) for each in condition.alternatives)
            return _one_of(members) if be in (Be.TRUE, Be.NOT_FALSE) else _every(members)
        masks = self._space.masks.get(Leaf(unit, condition))
        if masks is None:
            return MET if be.met_by(verdict=self._verdict(condition)) else IMPOSSIBLE
        if isinstance(condition, PriceRank) and not self._verdict(window_of(condition)):
            return MET if be.met_by(verdict=False) else IMPOSSIBLE
        everything = self._space.dimensions[masks.dimension].everything
        match be:
            case Be.TRUE:
                states = masks.true
            case Be.FALSE:
                states = masks.false
            case Be.NOT_TRUE:
                states = everything & ~masks.true
            case Be.NOT_FALSE:
                states = everything & ~masks.false
        return In(masks.dimension, states)


def _every(members: tuple[Goal, ...]) -> Goal:
    if IMPOSSIBLE in members:
        return IMPOSSIBLE
    left = tuple(each for each in members if each != MET)
    return left[0] if len(left) == 1 else Every(left)


def _one_of(members: tuple[Goal, ...]) -> Goal:
    if MET in members:
        return MET
    left = tuple(each for each in members if each != IMPOSSIBLE)
    return left[0] if len(left) == 1 else OneOf(left)


class Search:
    """Looks for boxes in which goals are met. Raises `TooManySteps` where there are too many."""

    def __init__(self, effort: Effort | None = None) -> None:
        self.steps = 0
        self._effort = effort or Effort()

    def solutions(self, box: Box, goals: Sequence[Goal]) -> Iterator[Box]:
        """Boxes of which every state meets the goals; together they hold all such states."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooManySteps
        self._effort.spend(STEP + GOAL * len(goals))
        certain = _certain(list(box), list(goals))
        if certain is None:
            return
        narrowed, open_goals = certain
        if not open_goals:
            yield tuple(narrowed)
            return
        first = min(open_goals, key=lambda each: len(each.members))
        rest = [each for each in open_goals if each is not first]
        for option in first.members:
            yield from self.solutions(tuple(narrowed), [option, *rest])
            if isinstance(option, In):
                # What lies in this option has been looked at; the others need not look again.
                narrowed[option.dimension] &= ~option.states
                if not narrowed[option.dimension]:
                    return


def possible(box: Box, goals: Sequence[Goal], effort: Effort | None = None) -> bool:
    """Some state of a box meets the goals. Raises `TooManySteps`, or `OutOfEffort`."""
    return IMPOSSIBLE not in goals and any(True for _ in Search(effort).solutions(box, goals))


def _certain(box: list[int], goals: list[Goal]) -> tuple[list[int], list[OneOf]] | None:
    """Narrow a box by all that is certain; the goals that leave a choice. `None`: not to be met."""
    choices: list[OneOf] = []
    while goals:
        goal = goals.pop()
        match goal:
            case In():
                before = box[goal.dimension]
                after = before & goal.states
                if not after:
                    return None
                if after != before:
                    box[goal.dimension] = after
                    goals += choices
                    choices = []
            case Every():
                goals += goal.members
            case OneOf():
                left = _left(box, goal)
                if left is None:
                    continue
                if not left:
                    return None
                if len(left) == 1:
                    goals.append(left[0])
                else:
                    choices.append(OneOf(tuple(left)))
    return box, choices


def _left(box: list[int], goal: OneOf) -> list[Goal] | None:
    """The members that may still be met; `None` where one of them is met in the whole box."""
    left: list[Goal] = []
    for member in goal.members:
        if isinstance(member, In):
            here = box[member.dimension]
            within = here & member.states
            if within == here:
                return None
            if within:
                left.append(member)
        elif _may_be(box, member):
            left.append(member)
    return left


def _may_be(box: Sequence[int], goal: Goal) -> bool:
    """Nothing that is certain speaks against a goal in this box."""
    match goal:
        case In():
            return bool(box[goal.dimension] & goal.states)
        case Every():
            return all(_may_be(box, each) for each in goal.members)
        case OneOf():
            return any(_may_be(box, each) for each in goal.members)
