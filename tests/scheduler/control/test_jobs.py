"""What events ask for, step by step: notifications, firmware checks, installations, the battery."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pretended import (
    AWAY,
    BASE,
    EVERYDAY,
    HOUR,
    MAY_NOT,
    MINUTE,
    REFUSED,
    ROUTE,
    SELF,
    TERMS,
    UNCERTAIN,
    Desk,
    local,
)

from rules.domain import GridStatus, Setting
from scheduler import control
from scheduler.control import Failure, actions, events
from scheduler.control.events import OccurredBefore
from scheduler.control.firmware import DEADLINE, LONGEST_INSTALL, READ_EVERY
from scheduler.domain import (
    EventRecord,
    FirmwareCheckRecord,
    FirmwareState,
    FirmwareStatus,
    NoteKind,
    Past,
)

EARLY = (
    BASE
    + """
[[rule]]
name    = "early"
when    = { at = "13:05" }
do      = "firmware-check"
install = true
else    = "notify"
"""
)
BELL = BASE + '\n[[rule]]\nname="bell"\nwhen={at="13:05"}\ndo="notify"\nmessage="it rings"\n'
FIVE_PAST = local("13:05")
STAGED = FirmwareStatus(FirmwareState.STAGED, "1.50.1", "/staged")
FAILED = FirmwareStatus(FirmwareState.FAILED, None, "/failed")


def at_noon(rules: str = EARLY, **more: Any) -> Desk:
    """A site that has been on the grid for an hour when the event comes."""
    return Desk(rules, local("12:00"), past=Past(), **more)


def results(desk: Desk) -> list[str]:
    return [record.result for record in desk.records(FirmwareCheckRecord)]


# --- events -----------------------------------------------------------------------------------


def test_a_notification_is_told_once() -> None:
    desk = at_noon(BELL).until(local("14:00"))
    (record,) = desk.records(EventRecord)
    assert (record.rule, record.scheduled_at, record.state) == ("bell", FIVE_PAST, "fired")
    assert desk.notes(NoteKind.NOTIFICATION) == ["it rings"]
    desk.start().until(local("14:30"))
    assert len(desk.records(EventRecord)) == 1


def test_one_that_was_missed_is_recorded_and_not_acted_on() -> None:
    desk = at_noon(BELL).until(local("13:00"))
    desk.wait(HOUR)
    desk.start().until(local("14:30"))
    (record,) = desk.records(EventRecord)
    assert record.state == "missed"
    assert desk.notes(NoteKind.NOTIFICATION) == []


def test_one_that_the_journal_has_already_is_passed_over() -> None:
    desk = at_noon(BELL).until(local("13:04"))
    known = OccurredBefore(frozenset({("bell", FIVE_PAST)}))
    desk.state = control.step(desk.state, known).state
    desk.until(local("14:00"))
    assert desk.records(EventRecord) == []
    assert desk.notes(NoteKind.NOTIFICATION) == []
    other = OccurredBefore(frozenset({("bell", FIVE_PAST + HOUR)}))
    assert control.step(desk.state, other).state.occurred == known.occurrences | other.occurrences


# --- firmware checks --------------------------------------------------------------------------


def test_a_check_is_started_and_looked_at_until_it_settles() -> None:
    desk = at_noon().until(local("13:10"))
    assert desk.did(actions.CheckFirmware) == [FIVE_PAST]
    assert desk.did(actions.ReadFirmware) == [FIVE_PAST + READ_EVERY, FIVE_PAST + 2 * READ_EVERY]
    assert results(desk) == ["nothing newer"]
    assert desk.notes(NoteKind.NOTIFICATION) == []
    assert not desk.state.job.on_its_way


@pytest.mark.parametrize(
    ("more", "result"),
    [
        ({"terms": replace(TERMS, dry_run=True)}, "would"),
        ({"route": replace(ROUTE, may_check_firmware=False)}, "not permitted"),
    ],
)
def test_one_that_is_not_asked_for_says_so(more: dict[str, Any], result: str) -> None:
    desk = at_noon(**more).until(local("13:10"))
    assert desk.did(actions.CheckFirmware) == []
    assert results(desk) == [result]


def test_a_second_check_joins_the_first() -> None:
    other = EARLY.partition("[[rule]]")[2].replace('"early"', '"other"')
    desk = at_noon(EARLY + "\n[[rule]]" + other).until(local("13:10"))
    assert len(desk.did(actions.CheckFirmware)) == 1
    assert sorted(results(desk)) == ["joined", "nothing newer"]


@pytest.mark.parametrize(
    ("failure", "result", "told"),
    [(MAY_NOT, "not permitted", True), (AWAY, "nothing newer", False)],
)
def test_a_check_that_failed_is_told_where_the_rule_wants_it(
    failure: Failure, result: str, told: bool
) -> None:
    desk = at_noon()
    desk.fails[actions.CheckFirmware].append(failure)
    desk.until(local("13:30"))
    assert results(desk) == [result]
    assert bool(desk.notes(NoteKind.NOTIFICATION)) is told
    quiet = at_noon(EARLY.replace('else    = "notify"\n', ""))
    quiet.fails[actions.CheckFirmware].append(MAY_NOT)
    assert quiet.until(local("13:30")).notes(NoteKind.NOTIFICATION) == []


def test_a_check_without_an_answer_ends_at_its_deadline() -> None:
    desk = at_noon()
    desk.fails[actions.CheckFirmware] += [AWAY] * 100
    desk.until(FIVE_PAST + DEADLINE + MINUTE)
    assert results(desk) == ["no answer"]


# --- installing -------------------------------------------------------------------------------


def staged(**more: Any) -> Desk:
    desk = at_noon(**more)
    desk.firmware = STAGED
    return desk


def test_a_staged_update_is_installed_and_waited_for() -> None:
    desk = staged().until(local("13:20"))
    assert desk.did(actions.InstallFirmware) == [FIVE_PAST + 2 * READ_EVERY]
    left = [action.seconds for _, action in desk.done if isinstance(action, actions.LeaveBattery)]
    assert left == [LONGEST_INSTALL.total_seconds()]
    assert desk.state.job.installing
    desk.route = replace(ROUTE, firmware="1.50.1")
    desk.firmware = FirmwareStatus(FirmwareState.NOTHING_NEWER, None, "/newest")
    desk.until(local("13:25"))
    assert results(desk) == ["installed"]
    left = [action.seconds for _, action in desk.done if isinstance(action, actions.LeaveBattery)]
    assert left[-1] == 0.0
    assert desk.notes(NoteKind.NOTIFICATION) == []


@pytest.mark.parametrize(
    ("world", "said"),
    [
        ({"grid_services": True}, "grid services"),
        ({"running": False}, "not known to run"),
        ({"grid": GridStatus.ISLANDED}, "the grid has not been up"),
    ],
)
def test_what_objects_leaves_it_staged(world: dict[str, Any], said: str) -> None:
    desk = staged().until(local("13:02"))
    desk.world = replace(desk.world, **world)
    desk.until(local("13:15"))
    assert desk.did(actions.InstallFirmware) == []
    (record,) = desk.records(FirmwareCheckRecord)
    assert record.result == "staged"
    assert record.detail.startswith("staged, not installed")
    assert said in record.detail


def test_somebody_else_s_change_leaves_it_staged() -> None:
    rules = EARLY + '\n[[rule]]\nname="x"\nwhile={time="12:30-20:00"}\nset={reserve=30}\n'
    desk = at_noon(rules).until(local("12:40")).sets(Setting(SELF, 60))
    desk.firmware = STAGED
    desk.until(local("13:15"))
    assert desk.state.ownership.override is not None
    assert desk.did(actions.InstallFirmware) == []


def test_a_rule_that_does_not_install_leaves_it_staged() -> None:
    desk = at_noon(EARLY.replace("install = true\n", ""))
    desk.firmware = STAGED
    desk.until(local("13:15"))
    assert desk.did(actions.InstallFirmware) == []
    assert results(desk) == ["staged"]


@pytest.mark.parametrize(
    ("failure", "result"),
    [(MAY_NOT, "not permitted"), (REFUSED, "not installed"), (AWAY, "not installed")],
)
def test_an_installation_that_was_refused_ends_at_once(failure: Failure, result: str) -> None:
    desk = staged()
    desk.fails[actions.InstallFirmware].append(failure)
    desk.until(local("13:15"))
    (record,) = desk.records(FirmwareCheckRecord)
    assert (record.result, record.detail) == (result, f"staged: {failure.text}")
    assert (record.version, record.state_raw) == ("1.50.1", "/staged")
    assert len(desk.notes(NoteKind.NOTIFICATION)) == 1


def test_whether_it_began_shows_in_what_follows() -> None:
    desk = staged()
    desk.fails[actions.InstallFirmware].append(UNCERTAIN)
    desk.until(local("13:15"))
    assert desk.state.job.installing
    assert results(desk) == []
    desk.firmware = FAILED
    desk.until(local("13:20"))
    assert results(desk) == ["not installed"]
    assert len(desk.notes(NoteKind.NOTIFICATION)) == 1


def test_nothing_is_written_while_an_update_is_installed() -> None:
    rules = EARLY + '\n[[rule]]\nname="x"\nwhile={time="13:10-20:00"}\nset={reserve=30}\n'
    desk = staged(rules=rules).until(local("13:20"))
    assert desk.settings == []
    assert "an update is being installed" in desk.notes(NoteKind.HELD_BACK)[0]


# --- the battery --------------------------------------------------------------------------------


def stopped(**more: Any) -> Desk:
    desk = at_noon(BELL, **more).until(local("12:10"))
    return desk.sets(EVERYDAY, running=False)


def test_a_stopped_battery_is_told_and_asked_to_run_hourly() -> None:
    desk = stopped().until(local("13:50"))
    assert len(desk.notes(NoteKind.BATTERY_STOPPED)) == 1
    first, second = desk.did(actions.RunBattery)
    assert second - first >= HOUR
    desk.sets(EVERYDAY, running=True).until(local("14:00"))
    assert len(desk.notes(NoteKind.BATTERY_RUNS)) == 1


def test_a_restart_is_no_reason_to_ask_again() -> None:
    desk = stopped().until(local("12:30"))
    desk.start().until(local("12:45"))
    assert len(desk.did(actions.RunBattery)) == 1


def test_one_that_cannot_be_asked_is_told() -> None:
    desk = stopped()
    desk.fails[actions.RunBattery].append(AWAY)
    desk.until(local("12:30"))
    assert desk.notes(NoteKind.BATTERY_RUN_FAILED) == [AWAY.text]


def test_a_dry_run_asks_no_battery_to_run() -> None:
    desk = stopped(terms=replace(TERMS, dry_run=True)).until(local("13:50"))
    assert desk.did(actions.RunBattery) == []
    assert len(desk.notes(NoteKind.BATTERY_STOPPED)) == 1


def test_a_battery_that_an_update_has_stopped_is_left_alone() -> None:
    desk = staged().until(local("13:06")).sets(EVERYDAY, running=False)
    desk.until(FIVE_PAST + LONGEST_INSTALL - MINUTE)
    assert desk.did(actions.RunBattery) == []
    desk.until(FIVE_PAST + LONGEST_INSTALL + timedelta(minutes=5))
    assert len(desk.did(actions.RunBattery)) == 1


def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    desk = at_noon(BELL).tick()
    now, before = desk.now, desk.state
    for event in (
        events.CheckStarted(now),
        events.FirmwareRead(now, STAGED, desk.route),
        events.InstallRequested(now, desk.route, AWAY),
        events.Written(now, now, desk.route),
    ):
        step = control.step(before, event)
        assert (step.state, step.rows, step.actions) == (before, (), ())
