"""The owner's word above the rules, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pretended import (
    AFTERNOON,
    BACKUP,
    BASE,
    EVERYDAY,
    FULL,
    HOUR,
    MINUTE,
    POLL,
    SAFETY,
    SELF,
    TERMS,
    Desk,
    local,
    rules_of,
)

from rules.domain import Part, Setting
from scheduler import control
from scheduler.control import Refusal, Reply, events
from scheduler.domain import (
    Cause,
    DecisionRecord,
    HoldKind,
    HoldRecord,
    IntentRecord,
    NoteKind,
    ReloadRecord,
    RuleFilesRecord,
    Safety,
)

NOON, ONE, TWO, THREE, FOUR, SIX = (
    local(time) for time in ("12:00", "13:00", "14:00", "15:00", "16:00", "18:00")
)
SOON = timedelta(seconds=7)
ANN = "ann (uid 1000)"
SAFE, EIGHTY = Setting(SELF, 30), Setting(SELF, 80)


class Owner:
    """Speaks to a desk; what came of it is in `answers`."""

    def __init__(self, rules: str = AFTERNOON, safety: Safety = SAFETY) -> None:
        self.desk = Desk(rules, NOON, terms=replace(TERMS, safety=safety))
        self.answers: list[Reply] = []

    def hold(self, at: datetime, **wish: Any) -> None:
        self.desk.at(at, self._say, lambda now: events.Hold(now, ANN, **wish))

    def release(self, at: datetime) -> None:
        self.desk.at(at, self._say, lambda now: events.Release(now, ANN))

    def resume(self, at: datetime) -> None:
        self.desk.at(at, self._say, lambda now: events.Resume(now, ANN))

    def _say(self, event: Any) -> None:
        self.answers.append(self.desk.take(event(self.desk.now)))


def words(desk: Desk) -> list[tuple[HoldKind, str]]:
    return [(record.word, record.by) for record in desk.records(HoldRecord)]


def reasons(desk: Desk) -> list[str]:
    return [record.reason for record in desk.records(DecisionRecord)]


# --- above the rules --------------------------------------------------------------------------


def test_a_hold_is_followed_at_once_and_ends_by_the_clock() -> None:
    owner = Owner()
    owner.hold(ONE + SOON, reserve=80, until="13:30")
    desk = owner.desk.until(TWO)
    end = local("13:30")
    assert desk.writes == [(ONE + SOON, EIGHTY), (end, EVERYDAY)]
    causes = [intent.cause for intent in desk.records(IntentRecord)]
    assert causes == [Cause.OWNER, Cause.TIME]
    assert words(desk) == [(HoldKind.HOLD, ANN), (HoldKind.RESUME, "the clock")]
    said = "reserve 80 % by manual hold until 13:30; self_consumption by default"
    assert said in reasons(desk)
    assert owner.answers == [HoldRecord(ONE + SOON, HoldKind.HOLD, Setting(reserve=80), end, ANN)]


def test_a_hold_stands_over_a_window_that_begins_and_ends_meanwhile() -> None:
    owner = Owner()
    owner.hold(ONE + SOON, reserve=80, mode=SELF, lasting="4h")
    desk = owner.desk.until(SIX)
    assert desk.writes == [(ONE + SOON, EIGHTY), (ONE + SOON + 4 * HOUR, EVERYDAY)]


def test_a_hold_that_ends_within_a_window_gives_it_back() -> None:
    owner = Owner()
    owner.hold(ONE + SOON, reserve=80, mode=SELF, until="15:00")
    desk = owner.desk.until(SIX)
    assert desk.writes == [(ONE + SOON, EIGHTY), (THREE, FULL), (FOUR, EVERYDAY)]


def test_what_a_hold_does_not_name_goes_on_by_the_rules() -> None:
    owner = Owner()
    owner.hold(ONE + SOON, reserve=50, until="18:00")
    desk = owner.desk.until(SIX)
    assert desk.settings == [Setting(SELF, 50), Setting(BACKUP, 50), Setting(SELF, 50)]
    assert [at for at, _ in desk.writes[1:]] == [TWO, FOUR]
    last = desk.records(DecisionRecord)[-1]
    assert last.winners == {Part.MODE: "default", Part.RESERVE: "owner"}


def test_a_new_hold_takes_the_place_of_the_one_before() -> None:
    owner = Owner()
    owner.hold(ONE, reserve=80, until="20:00")
    owner.hold(ONE + SOON, mode=BACKUP, until="13:30")
    desk = owner.desk.until(TWO)
    assert desk.settings[-1] == EVERYDAY
    assert words(desk) == [
        (HoldKind.HOLD, ANN),
        (HoldKind.HOLD, ANN),
        (HoldKind.RESUME, "the clock"),
    ]


def test_the_same_hold_with_another_end_is_a_decision_of_its_own() -> None:
    owner = Owner()
    owner.hold(ONE, reserve=80, until="13:20")
    owner.hold(ONE + SOON, reserve=80, until="13:40")
    desk = owner.desk.until(TWO)
    assert [at for at, _ in desk.writes] == [ONE, local("13:40")]
    assert any("until 13:40" in reason for reason in reasons(desk))


def test_no_dwell_time_holds_the_owner_back() -> None:
    owner = Owner()
    owner.hold(ONE, reserve=80)
    owner.resume(ONE + 2 * MINUTE)
    owner.hold(ONE + 4 * MINUTE, reserve=80)
    desk = owner.desk.until(TWO)
    assert desk.settings == [EIGHTY, EVERYDAY, EIGHTY]
    assert desk.notes(NoteKind.HELD_BACK) == []


def test_a_hold_passes_a_change_by_hand() -> None:
    owner = Owner()
    owner.hold(ONE, reserve=80, lasting="10m")
    owner.desk.at(ONE + 20 * MINUTE, owner.desk.sets, Setting(SELF, 60))
    owner.hold(ONE + 30 * MINUTE, reserve=70)
    desk = owner.desk.until(TWO)
    assert desk.settings == [EIGHTY, EVERYDAY, Setting(SELF, 70)]
    assert desk.state.ownership.override is None


# --- resume and release -----------------------------------------------------------------------


def test_a_release_goes_to_the_safe_state_and_stays_until_resume() -> None:
    owner = Owner(safety=Safety(5, SAFE))
    owner.release(ONE + SOON)
    owner.resume(THREE + SOON)
    desk = owner.desk.until(SIX)
    assert desk.writes == [(ONE + SOON, SAFE), (THREE + SOON, FULL), (FOUR, EVERYDAY)]
    assert words(desk) == [(HoldKind.RELEASE, ANN), (HoldKind.RESUME, ANN)]
    said = "by manual hold, the safe state until resumed"
    assert any(said in reason for reason in reasons(desk))
    assert owner.answers[-1] == ("release",)


def test_a_resume_of_nothing_changes_nothing() -> None:
    owner = Owner()
    owner.resume(ONE + SOON)
    desk = owner.desk.until(TWO)
    assert owner.answers == [()]
    assert (desk.writes, words(desk)) == ([], [])


# --- what it survives -------------------------------------------------------------------------


@pytest.mark.parametrize("killed", [True, False])
def test_a_hold_survives_a_restart(killed: bool) -> None:
    owner = Owner()
    owner.hold(ONE + SOON, reserve=80, until="17:00")
    desk = owner.desk.until(ONE + 3 * POLL)
    if not killed:
        desk.take(events.Stopped(desk.now, "done"))
    desk.start().until(TWO)
    desk.start().until(SIX)
    assert desk.writes[0] == (ONE + SOON, EIGHTY)
    assert desk.writes[-1] == (local("17:00"), EVERYDAY)
    assert {setting.reserve for _, setting in desk.writes[:-1]} == {80}


def test_a_hold_whose_end_came_while_nobody_ran_is_ended_at_the_start() -> None:
    owner = Owner()
    owner.hold(ONE + SOON, reserve=80, lasting="5m")
    desk = owner.desk.until(ONE + 3 * POLL)
    desk.wait(ONE + 12 * POLL - desk.now)
    desk.start().until(TWO)
    assert words(desk) == [(HoldKind.HOLD, ANN), (HoldKind.RESUME, "the clock")]
    # Its end is a boundary, so the setting that was left six minutes ago is gone back to at once.
    assert desk.writes == [(ONE + SOON, EIGHTY), (ONE + 12 * POLL, EVERYDAY)]


@pytest.mark.parametrize("sound", [True, False])
def test_a_hold_survives_a_reload(sound: bool) -> None:
    owner = Owner()
    desk = owner.desk
    owner.hold(ONE, reserve=80, until="13:40")
    other = rules_of(AFTERNOON.replace("reserve = 20", "reserve = 25"))

    def reload() -> None:
        if sound:
            desk.take(events.Reloaded(desk.now, other))
        else:
            desk.take(events.ReloadFailed(desk.now, "no rules"))

    desk.at(ONE + 4 * POLL, reload)
    desk.until(TWO)
    assert [setting.reserve for setting in desk.settings] == [80, 25 if sound else 20]
    assert desk.writes[1][0] == local("13:40")
    assert len(desk.records(ReloadRecord)) == sound
    assert len(desk.notes(NoteKind.RELOAD_FAILED)) == (not sound)


@pytest.mark.parametrize("hours", [-2, 2])
def test_its_end_is_by_the_clock_on_the_wall_however_that_is_set(hours: int) -> None:
    owner = Owner(BASE + "\n[[rule]]\nname='x'\nwhile={grid='down'}\nset={reserve=20}\n")
    desk = owner.desk
    owner.hold(ONE, reserve=80, until="14:00")
    desk.until(ONE + 30 * MINUTE)
    desk.now += hours * HOUR
    desk.until(SIX)
    assert desk.settings == [EIGHTY, EVERYDAY]
    ended = desk.writes[1][0]
    assert ended == (ONE + 30 * MINUTE + 2 * HOUR if hours > 0 else TWO)
    assert desk.notes(NoteKind.CLOCK_STEPPED) == [f"the clock was set by {hours * 3600:+d} s"]


def test_a_hold_is_followed_only_in_the_state_that_is_true_once_its_row_is_committed() -> None:
    desk = Owner().desk.until(ONE)
    step = control.step(desk.state, events.Hold(ONE, ANN, reserve=80))
    assert [type(row.record) for row in step.rows] == [HoldRecord]
    assert step.actions == ()
    assert desk.until(TWO).writes == []  # it was not committed, so the state is the one before


# --- what is refused --------------------------------------------------------------------------


def test_the_owner_hears_of_the_floor_and_nothing_changes() -> None:
    owner = Owner(safety=Safety(10, EVERYDAY))
    owner.hold(ONE, reserve=5)
    desk = owner.desk.until(TWO)
    (answer,) = owner.answers
    assert isinstance(answer, Refusal)
    assert "floor of 10 %" in answer.text
    assert (desk.writes, words(desk)) == ([], [])


# --- other rules ------------------------------------------------------------------------------


def test_other_rules_are_recorded_and_the_same_ones_are_not() -> None:
    desk = Owner().desk.until(ONE)
    files = len(desk.records(RuleFilesRecord))
    same = desk.take(events.Reloaded(desk.now, rules_of(AFTERNOON)))
    assert same == "the rule files have not changed"
    assert desk.notes(NoteKind.RELOADED) == [same]
    assert desk.records(ReloadRecord) == []
    assert desk.state.decisions.last is not None
    other = rules_of(BASE + "\n[[rule]]\nname='x'\nwhile={grid='down'}\nset={reserve=20}\n")
    reply = desk.take(events.Reloaded(desk.now, other))
    assert reply == f"new rules are in force: {other.digest[:12]}"
    assert [record.rules_hash for record in desk.records(RuleFilesRecord)[files:]] == [other.digest]
    assert [record.rules_hash for record in desk.records(ReloadRecord)] == [other.digest]
    assert desk.until(SIX).writes == []


def test_rules_that_are_not_sound_change_nothing() -> None:
    desk = Owner().desk.until(ONE)
    before = desk.state.decisions
    reply = desk.take(events.ReloadFailed(desk.now, "line 3: no such mode"))
    assert reply == "the rules that were in force stay: line 3: no such mode"
    assert desk.state.decisions == before


def test_a_resume_takes_a_suspicion_away() -> None:
    desk = Owner().desk.until(TWO + 10 * MINUTE).sets(EVERYDAY)
    while desk.state.ownership.suspect is None:
        desk.tick()
    desk.take(events.Resume(desk.now, ANN))
    assert desk.state.ownership.suspect is None
