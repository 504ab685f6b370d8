"""What made a decision change, as a truth table."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pretended import AFTERNOON, EVERYDAY, FULL, NOW, rules_of

from rules.domain import Part, Setting
from rules.engine import Decision, Plan, Validity
from rules.resolve import Levers
from scheduler.control.reconcile import cause_of
from scheduler.domain import Cause

RULES = (
    AFTERNOON
    + """
[[rule]]
name     = "grid"
priority = 10
while    = { grid = "down" }
set      = { mode = "backup", reserve = 100 }

[[rule]]
name     = "low"
priority = 5
while    = { soe_below = 30 }
set      = { mode = "backup", reserve = 50 }
"""
)


def decided(setting: Setting, winner: str) -> Decision:
    return Decision(
        Setting(setting.mode, setting.reserve),
        {Part.MODE: winner, Part.RESERVE: winner},
        (winner,),
        validity=Validity(NOW),
    )


BEFORE_TWO, AFTER_TWO = NOW + timedelta(minutes=59), NOW + timedelta(minutes=61)


@pytest.mark.parametrize(
    ("before", "after", "at", "now", "cause"),
    [
        ("default", "fill up", BEFORE_TWO, AFTER_TWO, Cause.TIME),
        ("default", "grid", BEFORE_TWO, BEFORE_TWO, Cause.GRID),
        ("grid", "default", BEFORE_TWO, BEFORE_TWO, Cause.GRID),
        ("default", "low", BEFORE_TWO, BEFORE_TWO, Cause.STATE),
        ("low", "default", BEFORE_TWO, BEFORE_TWO, Cause.STATE),
        # The clock opened a rule in the same moment, but another one won.
        ("default", "low", BEFORE_TWO, AFTER_TWO, Cause.STATE),
        # A rule of an earlier file set that no longer exists.
        ("gone", "low", BEFORE_TWO, BEFORE_TWO, Cause.STATE),
    ],
)
def test_what_made_the_decision_change(
    before: str, after: str, at: datetime, now: datetime, cause: Cause
) -> None:
    plan = Plan.of(rules_of(RULES), Levers())
    earlier = decided(EVERYDAY, before), at
    assert cause_of(plan, earlier, decided(FULL, after), now) is cause
    assert cause_of(plan, None, decided(FULL, after), now) is Cause.DRIFT
    assert cause_of(plan, earlier, decided(EVERYDAY, before), now) is Cause.DRIFT


@pytest.mark.parametrize(
    ("before", "after", "cause"),
    [
        # a part that the rule before did not decide
        ({Part.MODE: "default"}, {Part.MODE: "default", Part.RESERVE: "grid"}, Cause.GRID),
        ({Part.MODE: "default", Part.RESERVE: "grid"}, {Part.MODE: "default"}, Cause.GRID),
        # only the parts whose winner has changed tell
        (
            {Part.MODE: "grid", Part.RESERVE: "default"},
            {Part.MODE: "grid", Part.RESERVE: "low"},
            Cause.STATE,
        ),
    ],
)
def test_the_winners_that_have_changed_tell_what_made_it_change(
    before: dict[Part, str], after: dict[Part, str], cause: Cause
) -> None:
    plan = Plan.of(rules_of(RULES), Levers())
    earlier = Decision(EVERYDAY, before, (), validity=Validity(NOW)), BEFORE_TWO
    assert (
        cause_of(plan, earlier, Decision(FULL, after, (), validity=Validity(NOW)), BEFORE_TWO)
        is cause
    )
