"""Why things were as they were at a moment: the rules of that time, tried on what was there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rules.engine import Explanation, Memory, RuleSet, carried_over, explain, memory_from_json
from rules.errors import RuleProblems
from scheduler.control.hold import in_force, laid_over
from scheduler.domain import HoldRecord, inputs_of
from scheduler.errors import JournalProblem
from scheduler.history.context import plan_in
from scheduler.journal import Moment, PastReading, RulesArchive


@dataclass(frozen=True, slots=True)
class Why:
    """A moment and the reasons for it.

    `explanation` is `None` where the rules of that time are not there or are understood no longer;
    `trouble` says so. `seen` is the reading that it explains. `word` is the owner's that was in
    force.
    """

    moment: Moment
    seen: PastReading
    explanation: Explanation | None
    word: HoldRecord | None
    trouble: str


def why(archive: RulesArchive, moment: Moment) -> Why:
    """Try the rules of that time on what was there at a moment."""
    before = moment.before
    word = in_force(before.word)
    if word is not None and word.until is not None and word.until <= moment.seen.at:
        word = None
    try:
        rules = archive.rules(moment.site, before.rules_hash)
        memory = _memory(archive, moment, rules)
    except (JournalProblem, RuleProblems) as problem:
        return Why(moment, moment.kept, None, word, str(problem))
    plan, inputs = plan_in(rules, before.given), inputs_of(before.given)
    decided = moment.decision
    found = None
    seen = moment.kept
    for seen in (moment.seen, moment.kept):
        found = explain(plan, seen.observation, memory, inputs, seen.at)
        if word is not None:
            found = _under(word, found)
        # Means are no readings: what was decided on those is what counts.
        if decided is None or found.decision.setting == decided.record.setting:
            break
    return Why(moment, seen, found, word, "")


def _under(word: HoldRecord, found: Explanation) -> Explanation:
    """What is left to the rules where the owner has spoken."""
    decision = laid_over(found.decision, word)
    traces = (
        replace(
            trace, won=tuple(part for part in trace.won if decision.winners[part] == trace.name)
        )
        for trace in found.rules
    )
    return replace(found, decision=decision, rules=tuple(traces))


def _memory(archive: RulesArchive, moment: Moment, rules: RuleSet) -> Memory:
    """What the engine remembered as it looked."""
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
