"""What is proved equal is equal along random walks; a difference is one on both engines."""

from __future__ import annotations

from datetime import date

from amounts import few
from hypothesis import given, reject
from hypothesis import strategies as st
from random_rules import plan_of, rule_files
from random_walks import follow, walks

from rules.check import compare
from rules.errors import RuleProblems

FIRST = date(2026, 2, 1)
"""Before every walk; thirteen months reach behind the last."""

CHANGES = (
    ("rule 0", "another name"),
    ("reserve = 20", "reserve = 30"),
    ('"rule 1"', '"rule 1"\npriority = 9'),
    ("soe_above = 50", "soe_above = 55"),
    ("12:00", "06:00"),
    ("# nothing", "# at all"),
)


@few
@given(st.data())
def test_equal_rules_want_the_same_along_every_walk(data: st.DataObject) -> None:
    text = data.draw(rule_files())
    old, new = data.draw(st.sampled_from(CHANGES))
    changed = text.replace(old, new)
    try:
        before, after = plan_of(text), plan_of(changed)
    except RuleProblems:
        reject()
    walk = data.draw(walks())
    priced = False if any(step.inputs.prices for step in walk) else None
    comparison = compare(before, after, FIRST, priced=priced)
    if comparison.difference is not None:
        history = comparison.difference.history
        assert history.play(before).written != history.play(after).written
    if comparison.equal:
        wanted = [
            [look.decision.setting for look in follow(plan, walk)] for plan in (before, after)
        ]
        assert wanted[0] == wanted[1]
