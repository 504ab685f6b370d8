"""Why things were as they were at a moment: the rules of that time, tried on what was there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rules.engine import Explanation, Memory, RuleSet, carried_over, explain, memory_from_json
from rules.errors import RuleProblems
from scheduler.control.hold import in_force, laid_over
from scheduler.domain import HoldRecord, inputs_from_json
from scheduler.errors import JournalProblem
from scheduler.history.context import plan_in
from scheduler.journal import Moment, PastReading, RulesArchive


@dataclass(frozen=True, slots=True)
class Why:
    """A moment and the reasons for it.

    `explanation` is `None` where the rules of that time are not there or are understood no longer;
    `trouble` says so. `seen` is the reading that it explains. `hold` is the manual hold that was in
    force.
    """

    moment: Moment
    seen: PastReading
    explanation: Explanation | None
    hold: HoldRecord | None
    trouble: str


def why(archive: RulesArchive, moment: Moment) -> Why:
    """Try the rules of that time on what was there at a moment."""
    before = moment.before
    hold = in_force(before.hold)
    if hold is not None and hold.until is not None and hold.until <= moment.seen.at:
        hold = None
    try:
        rules = archive.rules(moment.site, before.rules_hash)
        memory = _memory(archive, moment, rules)
    except (JournalProblem, RuleProblems) as problem:
        return Why(moment, moment.raw, None, hold, str(problem))
    plan, inputs = plan_in(rules, before.engine_inputs), inputs_from_json(before.engine_inputs)
    decided = moment.decision
    found = None
    seen = moment.raw
    for seen in (moment.seen, moment.raw):
        found = explain(plan, seen.observation, memory, inputs, seen.at)
        if hold is not None:
            found = _under(hold, found)
        # Means are no readings: what was decided on those is what counts.
        if decided is None or found.decision.setting == decided.record.setting:
            break
    return Why(moment, seen, found, hold, "")


def _under(hold: HoldRecord, found: Explanation) -> Explanation:
    """What is left to the rules where the owner has spoken."""
    decision = laid_over(found.decision, hold)
    traces = (
        replace(
            trace, won=tuple(part for part in trace.won if decision.winners[part] == trace.name)
        )
        for trace in found.rules
    )
    return replace(found, decision=decision, rules=tuple(traces))


def _memory(archive: RulesArchive, moment: Moment, rules: RuleSet) -> Memory:
    """What the engine remembered at that tick."""
    before = moment.before
    past, began = before.decision, before.began
    if past is None:
        return Memory(began.at if began else moment.at)
    memory, old = memory_from_json(past.record.memory), None
    if past.record.rules_hash == rules.digest:
        return memory
    if began is not None and past.id > began.id:  # a reload: the old rules were known
        old = archive.rules(moment.site, past.record.rules_hash)
    return carried_over(memory, old, rules)
