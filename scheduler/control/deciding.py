"""The state of decisions through time: each evaluation goes on from the memory of the one before.

The loop lives on it and a replay goes along it again, so both come to the same by the same steps:
what a restart, a reload, other levers and the owner's hold do to the memory stands here alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from rules.domain import Observation
from rules.engine import (
    Decision,
    Memory,
    Plan,
    RuleSet,
    Validity,
    after_gap,
    carried_over,
    decide,
    explain_winners,
    memory_from_json,
)
from rules.inputs import Inputs
from rules.resolve import Levers, Limits
from scheduler.control.hold import laid_over, reason
from scheduler.domain import Cause, DecisionRecord, HoldRecord


@dataclass(frozen=True, slots=True)
class DecisionState:
    """Where the decisions of a site stand.

    `last` was decided at `at`, with the owner's `hold` laid over it; `reason` and `cause` say why,
    `number` is that of its row. `afresh`: its validity is not known, or the route has other levers.
    """

    plan: Plan = field(compare=False)
    memory: Memory
    last: Decision | None = None
    at: datetime | None = None
    hold: HoldRecord | None = None
    reason: str = ""
    cause: Cause = Cause.DRIFT
    number: int | None = None
    afresh: bool = field(default=False, compare=False)

    @classmethod
    def begin(cls, rules: RuleSet, route: Levers, limits: Limits, at: datetime) -> Self:
        """A state that remembers nothing; events before `at` are nobody's."""
        return cls(Plan.of(rules, route, limits), Memory(at))

    def restored(self, past: DecisionRecord, lost_until: datetime | None) -> DecisionState:
        """Go on where an earlier run was, as far as the rules are still the same.

        Of the time up to `lost_until` nothing is known if the decision is older: what may have been
        done then counts as done. The row of the decision is not taken over: the next one has its
        own.
        """
        plan = self.plan
        same = past.rules_hash == plan.rules.digest
        memory = carried_over(
            memory_from_json(past.memory), plan.rules if same else None, plan.rules
        )
        if lost_until is not None and past.at <= lost_until:
            memory = after_gap(memory, lost_until)
        last = Decision(past.setting, past.winners, (), validity=Validity(past.at))
        return replace(
            self,
            memory=memory,
            last=last,
            at=past.at,
            reason=past.reason,
            cause=past.cause,
            afresh=True,
        )

    def reloaded(self, rules: RuleSet) -> DecisionState:
        """Other rules are in force; what they have in common with the old ones stays known."""
        memory = carried_over(self.memory, self.plan.rules, rules)
        plan = Plan.of(rules, self.plan.route, self.plan.limits)
        return replace(self, plan=plan, memory=memory, last=None)

    def with_levers(self, route: Levers) -> DecisionState:
        """The route can set something else than before."""
        return replace(self, plan=Plan.of(self.plan.rules, route, self.plan.limits), afresh=True)

    def stands(
        self, observation: Observation, inputs: Inputs, hold: HoldRecord | None, now: datetime
    ) -> bool:
        """Another evaluation would change nothing."""
        if self.last is None or self.at is None or self.afresh or hold != self.hold:
            return False
        # A clock that was set back leads to where the decision need not have stood.
        return self.at <= now and self.last.stands(observation, inputs, now)

    def evaluate(
        self,
        observation: Observation,
        inputs: Inputs,
        hold: HoldRecord | None,
        now: datetime,
        *,
        says_why: bool = True,
    ) -> Evaluation:
        """What is to be decided now; unless it `says_why`, with an empty reason."""
        before, plan = self.last, self.plan
        by_rules, memory = decide(plan, observation, self.memory, inputs, now)
        decision = by_rules if hold is None else laid_over(by_rules, hold)
        changed = before is None or hold != self.hold or not decision.wants_as(before)
        why = None
        if (changed or memory is not self.memory) and not says_why:
            why = ""
        elif changed or memory is not self.memory:
            won = explain_winners(plan, by_rules, observation, self.memory, inputs, now)
            why = reason(won, hold, now, plan.rules.almanac.zone)
        return Evaluation(now, decision, memory, hold, changed, why)

    def after(
        self, evaluation: Evaluation, cause: Cause | None = None, number: int | None = None
    ) -> DecisionState:
        """Go on from what an evaluation came to; where it has a row, with its cause and number."""
        decision = evaluation.decision
        settled = bool(decision.occurrences)  # and acted on: nothing is left of them
        return DecisionState(
            self.plan,
            evaluation.memory,
            replace(decision, occurrences=()) if settled else decision,
            evaluation.at,
            evaluation.hold,
            self.reason if evaluation.reason is None else evaluation.reason,
            self.cause if cause is None else cause,
            self.number if number is None else number,
            afresh=settled,
        )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one evaluation came to. `hold` is the owner's that was laid over what the rules want.

    `changed`: something else is wanted than before, or for other reasons. A row is due for that
    and for a changed memory, and only then there is a `reason`.
    """

    at: datetime
    decision: Decision
    memory: Memory
    hold: HoldRecord | None
    changed: bool
    reason: str | None
