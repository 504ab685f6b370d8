"""The thread of decisions through time: each look goes on from the memory of the one before. Pure.

The loop lives on it and a replay goes along it again, so both come to the same by the same steps:
what a restart, a reload, other levers and the owner's word do to the memory stands here alone.

A look is taken in two halves. What it comes to is recorded first; only then is it accepted, so a
journal that fails leaves the thread where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rules.domain import Observation, Part
from rules.engine import Decision, Memory, decide
from rules.explain import explain
from rules.inputs import Inputs
from rules.plan import Plan, RuleSet
from rules.remembering import after_gap, carried_over
from rules.resolve import Levers
from scheduler.domain import DecisionRecord, HoldRecord
from scheduler.holding import laid_over, reason


@dataclass(frozen=True, slots=True)
class Step:
    """What one look came to. `word` is the owner's that was laid over what the rules want.

    `news`: something else is wanted than before, or for other reasons. A row is due for news and
    for a changed memory, and only then there is a `reason`.
    """

    at: datetime
    decision: Decision
    memory: Memory
    word: HoldRecord | None
    news: bool
    reason: str | None


class Deciding:
    """One site's thread. `memory` and `plan` are what the next look starts from."""

    def __init__(self, rules: RuleSet, levers: Levers, memory: Memory) -> None:
        self.levers = levers
        self.plan = Plan.of(rules, levers)
        self.memory = memory
        self.last: tuple[Decision, datetime] | None = None
        self.followed: HoldRecord | None = None
        self._on_other_levers = False

    def take_up(self, past: DecisionRecord, memory: Memory) -> None:
        """Go on where an earlier run was, as far as the rules are still the same."""
        same = past.rules_hash == self.plan.rules.digest
        self.memory = carried_over(memory, self.plan.rules if same else None, self.plan.rules)
        winners: Mapping[Part, str] = {Part(part): name for part, name in past.winners.items()}
        self.last = Decision(past.setting, winners, (), until=past.at), past.at

    def lose(self, until: datetime) -> None:
        """Nothing is known of the time up to an instant: what may have been done counts as done."""
        self.memory = after_gap(self.memory, until)

    def reload(self, rules: RuleSet) -> None:
        """Other rules are in force; what they have in common with the old ones stays known."""
        self.memory = carried_over(self.memory, self.plan.rules, rules)
        self.plan = Plan.of(rules, self.levers)
        self.last = None

    def follow(self, levers: Levers) -> None:
        """The route can set something else than before."""
        self.levers = levers
        self.plan = Plan.of(self.plan.rules, levers)
        self._on_other_levers = True

    def standing(
        self, observation: Observation, inputs: Inputs, word: HoldRecord | None, now: datetime
    ) -> Decision | None:
        """The last decision, if another look would change nothing."""
        if self.last is None or self._on_other_levers or word != self.followed:
            return None
        decision, at = self.last
        # A clock that was set back leads to where the decision need not have stood.
        return decision if at <= now and decision.stands(observation, inputs, now) else None

    def look(
        self, observation: Observation, inputs: Inputs, word: HoldRecord | None, now: datetime
    ) -> Step:
        """What is to be decided now."""
        before = self.last
        decision, memory = decide(self.plan, observation, self.memory, inputs, now)
        if word is not None:
            decision = laid_over(decision, word)
        news = before is None or word != self.followed or not decision.wants_as(before[0])
        why = None
        if news or memory is not self.memory:
            explanation = explain(self.plan, observation, self.memory, inputs, now)
            why = reason(explanation, word, now, self.plan.rules.almanac.zone)
        return Step(now, decision, memory, word, news, why)

    def accept(self, step: Step) -> None:
        """Go on from what a look came to."""
        self.last = step.decision, step.at
        self.memory, self.followed = step.memory, step.word
        self._on_other_levers = False
