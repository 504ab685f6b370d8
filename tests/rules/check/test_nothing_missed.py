"""Along random walks no two rules come into conflict that the check has not told of."""

from __future__ import annotations

from datetime import date
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st
from random_rules import plans
from random_walks import walks

from rules.check import Code, check
from rules.engine import Explanation, Memory, Plan, decide, explain

FIRST = date(2026, 2, 1)
"""Before every walk; thirteen months reach behind the last."""


def in_conflict(plan: Plan, explanation: Explanation) -> set[frozenset[str]]:
    """The pairs of equal priority that want different things, undecided by a rule above them."""
    found = set()
    active = [trace for trace in explanation.rules if trace.active]
    wants = {rule.name: rule.want for rule in plan.rules.state_rules}
    floor = plan.limits.reserve_floor
    for one, other in combinations(active, 2):
        if one.priority != other.priority or wants[one.name] == wants[other.name]:
            continue
        for part in plan.claims[one.name]:
            if part not in plan.claims[other.name] or any(
                trace.priority > one.priority and part in plan.claims[trace.name]
                for trace in active
            ):
                continue
            values = [
                getattr(plan.levers.legal(trace.setting, floor), part) for trace in (one, other)
            ]
            # A hold that waits for a state of energy wants nothing yet.
            waits = [
                value is None and wants[trace.name].looks_at_soe
                for value, trace in zip(values, (one, other), strict=True)
            ]
            if values[0] != values[1] and not any(waits):
                found.add(frozenset((one.name, other.name)))
    return found


@given(st.data())
def test_every_conflict_of_a_walk_is_told(data: st.DataObject) -> None:
    plan = data.draw(plans)
    walk = data.draw(walks())
    report = check(plan, FIRST, priced=False if any(step.inputs.prices for step in walk) else None)
    told = {
        frozenset(place.rule for place in each.places)
        for each in report.findings
        if each.code in (Code.CONFLICT, Code.UNDECIDED)
    }
    memory = Memory(walk[0].at)
    for step in walk:
        explanation = explain(plan, step.observation, memory, step.inputs, step.at)
        for pair in in_conflict(plan, explanation):
            assert pair in told, (sorted(pair), step)
        _, memory = decide(plan, step.observation, memory, step.inputs, step.at)
