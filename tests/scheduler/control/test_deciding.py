"""How the thread of decisions goes on: by a step, a restart, a reload, other levers, a hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pretended import (
    AFTERNOON,
    BASE,
    EVERY_LEVER,
    EVERYDAY,
    FULL,
    MINUTE,
    QUIET,
    SELF,
    local,
    rules_of,
)

from rules.domain import AppPercent, Observation, Part, Setting
from rules.engine import memory_to_json
from rules.inputs import NO_INPUTS, Inputs
from rules.resolve import NO_LIMITS, Levers
from scheduler.control.deciding import DecisionState
from scheduler.domain import Cause, DecisionRecord, HoldKind, HoldRecord

ONE, TWO, THREE, FOUR = (local(time) for time in ("13:00", "14:00", "15:00", "16:00"))
SECOND = timedelta(seconds=1)
WINNERS = {Part.MODE: "default", Part.RESERVE: "default"}
HOLD = HoldRecord(ONE, HoldKind.HOLD, Setting(reserve=80), THREE, "ann")

LOW = (
    BASE
    + """
[[rule]]
name  = "low"
while = { soe_below = 30 }
for   = "10m"
set   = { mode = "backup", reserve = 50 }
"""
)
"""A rule that remembers since when it holds."""

BELL = (
    AFTERNOON
    + """
[[rule]]
name    = "bell"
when    = { at = "13:30" }
catch_up = "3h"
do      = "notify"
message = "it is half past one"
"""
)


def seen(at: datetime, soe: float = 50.0) -> Observation:
    return replace(QUIET, at=at, soe=AppPercent(soe))


def begun(text: str = AFTERNOON, at: datetime = ONE, soe: float = 50.0) -> DecisionState:
    """A thread that has decided once."""
    decisions = DecisionState.begin(rules_of(text), Levers(), NO_LIMITS, at)
    return decisions.after(decisions.evaluate(seen(at, soe), NO_INPUTS, None, at))


def recorded(decisions: DecisionState, **different: Any) -> DecisionRecord:
    assert decisions.last is not None
    assert decisions.at is not None
    record = DecisionRecord(
        decisions.at,
        decisions.last.setting,
        decisions.last.winners,
        decisions.plan.rules.digest,
        "because",
        memory_to_json(decisions.memory),
        Cause.STATE,
    )
    return replace(record, **different)


# --- one decision after the other ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "hold", "setting", "changed"),
    [
        (ONE + MINUTE, None, EVERYDAY, False),
        (TWO, None, FULL, True),
        (ONE + MINUTE, HOLD, Setting(SELF, 80), True),
        (TWO, HOLD, Setting(FULL.mode, 80), True),
        # the same setting, by another word
        (ONE + MINUTE, replace(HOLD, setting=Setting(reserve=20)), EVERYDAY, True),
    ],
)
def test_a_hold_is_laid_over_what_the_rules_want(
    at: datetime, hold: HoldRecord | None, setting: Setting, changed: bool
) -> None:
    decisions = begun()
    evaluation = decisions.evaluate(seen(at), NO_INPUTS, hold, at)
    assert evaluation.decision.setting == setting
    assert evaluation.decision.insists is (hold is not None)
    assert evaluation.changed is changed
    assert (evaluation.reason is not None) is changed
    after = decisions.after(evaluation)
    assert (after.last, after.at, after.hold) == (evaluation.decision, at, hold)
    assert after.reason == (evaluation.reason or decisions.reason)


def test_the_first_decision_is_a_change() -> None:
    evaluation = DecisionState.begin(rules_of(), Levers(), NO_LIMITS, ONE).evaluate(
        seen(ONE), NO_INPUTS, None, ONE
    )
    assert evaluation.changed
    assert evaluation.reason == "self_consumption and reserve 20 % by default"


def test_a_changed_memory_is_worth_a_row_though_nothing_else_is_wanted() -> None:
    decisions = begun(LOW)
    evaluation = decisions.evaluate(seen(ONE + MINUTE, soe=25), NO_INPUTS, None, ONE + MINUTE)
    assert (evaluation.changed, evaluation.reason is not None) == (False, True)


def test_the_owner_s_word_that_is_taken_back_is_a_change() -> None:
    decisions = begun()
    held = decisions.after(decisions.evaluate(seen(ONE), NO_INPUTS, HOLD, ONE))
    evaluation = held.evaluate(seen(ONE), NO_INPUTS, None, ONE)
    assert evaluation.changed
    assert evaluation.decision.setting == EVERYDAY


def test_an_event_that_was_acted_on_is_not_decided_again() -> None:
    decisions = begun(BELL)
    at = local("13:30")
    evaluation = decisions.evaluate(seen(at), NO_INPUTS, None, at)
    assert [occurrence.rule for occurrence in evaluation.decision.occurrences] == ["bell"]
    after = decisions.after(evaluation)
    assert after.last is not None
    assert after.last.occurrences == ()
    assert after.afresh
    assert not after.stands(seen(at), NO_INPUTS, None, at)
    again = after.evaluate(seen(at), NO_INPUTS, None, at)
    assert again.decision.occurrences == ()
    assert not after.after(again).afresh


@pytest.mark.parametrize(
    ("different", "at", "hold", "stands"),
    [
        ({}, ONE, None, True),
        ({}, TWO - SECOND, None, True),
        ({}, TWO, None, False),  # its boundary
        ({}, ONE - SECOND, None, False),  # the clock was set back
        ({}, ONE + MINUTE, HOLD, False),
        ({"hold": HOLD}, ONE + MINUTE, HOLD, True),
        ({"hold": HOLD}, ONE + MINUTE, None, False),
        ({"last": None}, ONE + MINUTE, None, False),
        ({"at": None}, ONE + MINUTE, None, False),
        ({"afresh": True}, ONE + MINUTE, None, False),
    ],
)
def test_when_another_evaluation_would_change_nothing(
    different: dict[str, Any], at: datetime, hold: HoldRecord | None, stands: bool
) -> None:
    decisions = replace(begun(), **different)
    assert decisions.stands(seen(at), NO_INPUTS, hold, at) is stands


def test_other_inputs_or_another_reading_are_looked_at() -> None:
    assert not begun().stands(seen(ONE), Inputs({"away": None}, {}, None), None, ONE)
    assert begun(LOW).stands(seen(ONE, soe=51), NO_INPUTS, None, ONE)
    assert not begun(LOW).stands(seen(ONE, soe=25), NO_INPUTS, None, ONE)


# --- a restart ------------------------------------------------------------------------------------


def test_a_restart_goes_on_from_the_row() -> None:
    before = begun(LOW, soe=25.0)
    fresh = DecisionState.begin(rules_of(LOW), Levers(), NO_LIMITS, FOUR)
    decisions = fresh.restored(recorded(before), None)
    assert decisions.memory == before.memory
    assert decisions.last is not None
    assert (decisions.last.setting, decisions.last.winners) == (EVERYDAY, WINNERS)
    assert (decisions.at, decisions.reason, decisions.cause) == (ONE, "because", Cause.STATE)
    assert (decisions.number, decisions.afresh) == (None, True)
    assert not decisions.stands(seen(ONE), NO_INPUTS, None, ONE)
    # The rule's ten minutes have passed since.
    later = ONE + 11 * MINUTE
    decision = decisions.evaluate(seen(later, soe=25.0), NO_INPUTS, None, later).decision
    assert decision.setting == Setting(FULL.mode, 50)


def test_a_restart_with_other_rules_forgets_what_they_remembered() -> None:
    record = replace(recorded(begun(LOW, soe=25.0)), rules_hash="others")
    decisions = DecisionState.begin(rules_of(LOW), Levers(), NO_LIMITS, FOUR).restored(record, None)
    assert decisions.memory.rules == {}
    assert decisions.memory.since == ONE


@pytest.mark.parametrize(
    ("lost_until", "since"),
    [
        (None, ONE),
        (ONE - SECOND, ONE),  # the decision is younger than what was lost
        (ONE, ONE),
        (TWO, TWO),
    ],
)
def test_what_may_have_been_done_in_a_lost_time_counts_as_done(
    lost_until: datetime | None, since: datetime
) -> None:
    fresh = DecisionState.begin(rules_of(BELL), Levers(), NO_LIMITS, FOUR)
    decisions = fresh.restored(recorded(begun(BELL)), lost_until)
    assert decisions.memory.since == since
    decision = decisions.evaluate(seen(TWO), NO_INPUTS, None, TWO).decision
    rung = [occurrence.rule for occurrence in decision.occurrences]
    assert rung == ([] if lost_until == TWO else ["bell"])


IDLE = (
    BASE
    + """
[[rule]]
name    = "idle"
when    = { load_below = "100 W" }
do      = "notify"
message = "nobody is at home"
"""
)


@pytest.mark.parametrize(
    ("lost_until", "remembered"), [(None, True), (ONE - SECOND, True), (ONE, False), (TWO, False)]
)
def test_no_event_is_seen_to_turn_over_a_lost_time(
    lost_until: datetime | None, remembered: bool
) -> None:
    fresh = DecisionState.begin(rules_of(IDLE), Levers(), NO_LIMITS, FOUR)
    decisions = fresh.restored(recorded(begun(IDLE)), lost_until)
    assert bool(decisions.memory.events.turns) is remembered


# --- other rules and other levers -----------------------------------------------------------------


def test_a_reload_keeps_what_both_rule_sets_have_in_common() -> None:
    decisions = begun(LOW, soe=25.0)
    same = decisions.reloaded(rules_of(LOW.replace("reserve = 20", "reserve = 25")))
    assert same.memory.rules == decisions.memory.rules
    assert (same.last, same.plan.rules.default.reserve) == (None, 25)
    other = decisions.reloaded(rules_of(LOW.replace("soe_below = 30", "soe_below = 40")))
    assert other.memory.rules == {}
    for each in (same, other):
        evaluation = each.evaluate(seen(ONE, soe=25.0), NO_INPUTS, None, ONE)
        assert evaluation.changed


HOLDING = """
[[rule]]
name  = "hold"
while = { time = "12:00-14:00" }
set   = { battery = "hold" }
"""
SAYS = BASE + "grid_charging = false\n"
"""Only rules whose default says so use that lever."""


def test_other_levers_are_a_reason_to_decide_again() -> None:
    decisions = begun(SAYS + HOLDING)
    assert decisions.last is not None
    assert decisions.last.setting == Setting(SELF, 50)
    other = decisions.with_levers(EVERY_LEVER)
    assert (other.last, other.memory) == (decisions.last, decisions.memory)
    assert not other.stands(seen(ONE), NO_INPUTS, None, ONE)
    evaluation = other.evaluate(seen(ONE), NO_INPUTS, None, ONE)
    assert evaluation.changed
    assert evaluation.decision.setting == Setting(FULL.mode, 50, grid_charging=False)
    assert not other.after(evaluation).afresh


@pytest.mark.parametrize("before", [SAYS + HOLDING, BASE + HOLDING])
def test_a_reload_keeps_every_lever_of_the_route(before: str) -> None:
    decisions = begun(before).with_levers(EVERY_LEVER).reloaded(rules_of(SAYS + HOLDING))
    evaluation = decisions.evaluate(seen(ONE), NO_INPUTS, None, ONE)
    assert evaluation.decision.setting == Setting(FULL.mode, 50, grid_charging=False)


def test_a_reason_that_nobody_reads_is_not_worked_out() -> None:
    begun = DecisionState.begin(rules_of(), Levers(), NO_LIMITS, ONE)
    told, untold = (
        begun.evaluate(seen(ONE), NO_INPUTS, None, ONE, says_why=says_why)
        for says_why in (True, False)
    )
    assert told.reason
    assert untold == replace(told, reason="")
