"""What others write into the input folder, and what the owner is told, in the life of a loop."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from house import BASE, EVERYDAY, FULL, House, local, trouble

from scheduler.domain import Kind
from scheduler.inputs import set_flag, take_back
from scheduler.simulator.fault_plan import FaultKind

TWO, HALF_PAST, THREE, FOUR = (local(7, 15, time) for time in ("14:00", "14:30", "15:00", "16:00"))
POLL = timedelta(seconds=30)
SOON = timedelta(seconds=7)

STORM = (
    BASE
    + """
[[rule]]
name  = "ride out a storm"
while = { flag = "storm" }
set   = { mode = "backup", reserve = 100 }
"""
)
TELL = """
[[rule]]
name    = "tell me"
when    = WHEN
do      = "notify"
message = "Look at the battery"
"""
CHECK = """
[[rule]]
name = "check"
when = { at = "14:30" }
do   = "firmware-check"
else = "notify"
"""
AT_HALF_PAST, AT_A_STORM = (
    BASE + TELL.replace("WHEN", when) for when in ('{ at = "14:30" }', '{ flag = "storm" }')
)
LOOK = "Look at the battery"


def test_a_flag_counts_from_the_next_poll_and_until_its_expiry(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    house = House(tmp_path, STORM, TWO, inputs=inputs)
    expiry = THREE + timedelta(seconds=12)
    house.at(HALF_PAST + SOON, set_flag, inputs, "storm", expiry)
    house.play(FOUR)
    (set_at, full), back = house.writes
    assert HALF_PAST + SOON < set_at <= HALF_PAST + SOON + POLL
    assert (full, back) == (FULL, (expiry, EVERYDAY))


def test_a_flag_that_is_taken_back(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    set_flag(inputs, "storm", None)
    house = House(tmp_path, STORM, TWO, inputs=inputs)
    house.at(THREE + SOON, take_back, inputs, "storm")
    house.play(FOUR)
    (_, (at, setting)) = house.writes
    assert setting == EVERYDAY
    assert THREE + SOON < at <= THREE + SOON + POLL


def test_a_flag_outlives_a_restart_and_expires_while_nobody_looks(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    set_flag(inputs, "storm", THREE)
    house = House(tmp_path, STORM, TWO, inputs=inputs).play(TWO + POLL, kill=True)
    house.play(HALF_PAST, kill=True)
    assert house.writes == [(TWO, FULL)]
    house.wait(THREE + SOON)
    house.play(FOUR)
    assert house.writes == [(TWO, FULL), (THREE + SOON, EVERYDAY)]


def test_a_file_that_cannot_be_used_is_journaled_once_and_nothing_is_done(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    (inputs / "flags").mkdir(parents=True)
    (inputs / "flags" / "storm").write_text("until tomorrow", encoding="utf-8")
    house = House(tmp_path, STORM, TWO, inputs=inputs).play(HALF_PAST)
    ((at, text),) = house.notes("input_unusable")
    assert at == TWO
    assert text.endswith('flags/storm: the expiry must be a time like "2026-07-15T18:00:00Z"')
    assert not house.writes


# --- being told ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kill", [True, False])
@pytest.mark.parametrize("after", [timedelta(seconds=1), POLL, 5 * POLL])
def test_one_is_told_once_whatever_becomes_of_the_run(
    tmp_path: Path, after: timedelta, kill: bool
) -> None:
    house = House(tmp_path, AT_HALF_PAST, TWO).play(HALF_PAST + after, kill=kill)
    house.play(HALF_PAST + timedelta(minutes=10), kill=kill)
    house.play(FOUR)
    ((at, text),) = house.notes("notification")
    assert text == LOOK
    assert HALF_PAST <= at <= HALF_PAST + after
    assert house.kept(Kind.EVENT, "state") == ["fired"]


def test_one_is_not_told_twice_by_a_run_that_is_killed_as_it_tells(tmp_path: Path) -> None:
    house = House(tmp_path, AT_HALF_PAST, TWO).play(HALF_PAST, kill=True).play(FOUR)
    assert len(house.notes("notification")) <= 1
    assert house.kept(Kind.EVENT, "state") == ["fired"]


def test_one_is_told_of_a_flag_each_time_it_is_set_and_not_at_a_restart(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    house = House(tmp_path, AT_A_STORM, TWO, inputs=inputs)
    house.at(HALF_PAST + SOON, set_flag, inputs, "storm", None)
    house.play(THREE, kill=True)
    house.play(THREE + 5 * POLL)
    ((told, text),) = house.notes("notification")
    assert HALF_PAST + SOON < told <= HALF_PAST + SOON + POLL
    assert text == LOOK
    house.at(THREE + timedelta(minutes=5, seconds=7), take_back, inputs, "storm")
    house.at(THREE + timedelta(minutes=9, seconds=7), set_flag, inputs, "storm", None)
    house.play(FOUR)
    assert [text for _, text in house.notes("notification")] == [LOOK, LOOK]


# --- `else = "notify"` --------------------------------------------------------------------------


def test_one_is_told_of_a_firmware_check_that_fails(tmp_path: Path) -> None:
    deaf = trouble(FaultKind.NO_ANSWER, HALF_PAST, FOUR)
    house = House(tmp_path, BASE + CHECK, TWO, faults=[deaf]).play(FOUR)
    ((_, text),) = house.notes("notification")
    assert text.startswith("check: no answer, ")


def test_one_is_not_told_of_a_firmware_check_that_ends_well(tmp_path: Path) -> None:
    house = House(tmp_path, BASE + CHECK, TWO).play(FOUR)
    assert house.kept(Kind.FIRMWARE_CHECK, "result") == ["nothing newer"]
    assert not house.notes("notification")
