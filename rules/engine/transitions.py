"""What the open rules came to, kept as the transitions of an automaton that is built as it runs.

Most rules look at the gateway's values alone, without a timer and without a captured reserve: they
are *plain*. While the same plain rules stay open and every value is known, all that they remember
is on which side each threshold has its quantity. So their memories are the states of a finite
automaton; and as long as the grid's words stay too, the sides after a look decide everything else:
they name the state that the look leads to. Noise leads through the same few states again and again.

A state that was never reached is not here, and neither is anything that an unknown value, a timer
or an input has a part in: `after` finds nothing then, and the engine evaluates the rules. The
states say what that evaluation said, so nothing but time depends on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter, ge
from typing import Any, Protocol

from rules.domain import Observation, Quantity
from rules.engine.conditions import Condition, GridIs, GridServicesAre, Group, Threshold
from rules.engine.outcome import Outcome, RuleMemory

KEPT_STATES = 1_000
"""How many states are kept: twenty rules in the noise of four powers go through sixty."""

WORDS = (Quantity.GRID.value, Quantity.GRID_SERVICES.value)
"""What is looked at and is no number."""


class PlainRule(Protocol):
    """What the automaton asks of a state rule."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What it tests."""

    @property
    def plain(self) -> bool:
        """What it does follows from known values of the gateway and the thresholds that held."""


@dataclass(frozen=True, slots=True)
class State:
    """An outcome, and the edges at which the thresholds leave the sides that they are on in it."""

    outcome: Outcome
    edges: tuple[float, ...]


class Transitions:
    """The automaton of the rules that are open now. It starts anew whenever it does not fit."""

    def __init__(self) -> None:
        self._rules: tuple[PlainRule, ...] = ()
        self._openings: list[datetime] = []
        self._thresholds: tuple[tuple[str, Threshold], ...] | None = None
        self._read: Callable[[Observation], tuple[Any, ...]] = attrgetter(*WORDS)
        self._words: tuple[object, ...] = ()
        self._states: dict[bytes, State] = {}
        self._state: State | None = None
        self._since = self._until = datetime.min.replace(tzinfo=UTC)

    def after(
        self, remembered: Mapping[str, RuleMemory], observation: Observation, now: datetime
    ) -> tuple[datetime, Outcome] | None:
        """Until when it stands and what comes of a look with these memories, if that is known."""
        state = self._state
        if (
            state is None
            or state.outcome.remembered is not remembered
            or not self._since <= now < self._until
        ):
            return None
        seen = self._read(observation)
        edges = state.edges
        if seen[len(edges) :] != self._words:
            return None
        try:
            found = self._states.get(bytes(map(ge, seen, edges)))
        except TypeError:  # a missing value is on no side
            return None
        if found is None:
            return None
        self._state = found
        return self._until, found.outcome

    def learn(
        self,
        rules: tuple[PlainRule, ...],
        outcome: Outcome,
        observation: Observation,
        now: datetime,
        end: datetime,
    ) -> None:
        """Go on from an outcome that was evaluated, of the open rules, on this observation.

        `end` is that of the segment: from now to then nothing opens and nothing closes.
        """
        self._state = None
        if rules == self._rules and self._thresholds == ():
            return
        remembered = outcome.remembered
        words = (observation.grid, observation.grid_services)
        openings = [kept.since for kept in remembered.values()]
        if (rules, words, openings) != (self._rules, self._words, self._openings):
            # Most openings end after a look or two; states are worth their making from the second.
            self._rules, self._words, self._openings = rules, words, openings
            self._thresholds = None
            self._states.clear()
            return
        if self._thresholds is None:
            self._thresholds = tuple(thresholds_of(rules))
            self._read = attrgetter(*(each.attribute for _, each in self._thresholds), *WORDS)
        values = self._read(observation)[: len(self._thresholds)]
        if not values or None in values or any(each.unknown_since for each in remembered.values()):
            return
        upper = [
            (each.key in remembered[rule].held) is each.upper for rule, each in self._thresholds
        ]
        edges = tuple(
            each.low if side else each.high
            for (_, each), side in zip(self._thresholds, upper, strict=True)
        )
        if len(self._states) >= KEPT_STATES:
            self._states.clear()
        self._state = self._states[bytes(upper)] = State(outcome, edges)
        self._since, self._until = now, end


def thresholds_of(rules: tuple[PlainRule, ...]) -> Iterator[tuple[str, Threshold]]:
    """Each threshold with the rule it is of; none at all if not every rule is plain."""
    if all(rule.plain for rule in rules):
        for rule in rules:
            for each in thresholds(rule.conditions):
                yield rule.name, each


def looks_at_the_gateway_alone(conditions: Iterable[Condition]) -> bool:
    """Nothing from outside, no price and no calendar has a part in these."""
    return all(
        all(looks_at_the_gateway_alone(each) for each in condition.alternatives)
        if isinstance(condition, Group)
        else isinstance(condition, Threshold | GridIs | GridServicesAre)
        for condition in conditions
    )


def thresholds(conditions: Iterable[Condition]) -> Iterator[Threshold]:
    """The thresholds among conditions and in their groups."""
    for condition in conditions:
        if isinstance(condition, Threshold):
            yield condition
        elif isinstance(condition, Group):
            for alternative in condition.alternatives:
                yield from thresholds(alternative)
