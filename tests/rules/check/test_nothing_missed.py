"""Along random walks no two rules come into conflict that the check has not told of."""

from __future__ import annotations

from datetime import date

from conflicting import in_conflict
from hypothesis import given
from hypothesis import strategies as st
from random_rules import plans
from random_walks import walks

from rules.check import Code, check
from rules.engine import Memory, decide, explain

FIRST = date(2026, 2, 1)
"""Before every walk; thirteen months reach behind the last."""


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
