"""The loop with a gateway that fails it, one kind of trouble at a time."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from house import AFTERNOON, BASE, EVERYDAY, FULL, House, local, trouble

from scheduler.control.applying import PAUSES
from scheduler.domain import Kind
from scheduler.errors import JournalProblem
from scheduler.loop import CommitFailed
from scheduler.simulator.fault_plan import FaultKind

START, TWO, FOUR, SIX = (local(7, 15, time) for time in ("13:40", "14:00", "16:00", "18:00"))
POLL = timedelta(seconds=30)
AROUND = TWO - timedelta(minutes=10), TWO + timedelta(minutes=10)
ON_TIME = 3 * POLL + timedelta(seconds=90)


@pytest.mark.parametrize(
    "kind", [FaultKind.NO_ANSWER, FaultKind.BAD_GATEWAY, FaultKind.REBOOT, FaultKind.UNAUTHORIZED]
)
def test_after_an_outage_across_a_boundary_the_setting_is_right_soon(
    tmp_path: Path, kind: FaultKind
) -> None:
    house = House(tmp_path, AFTERNOON, START, faults=[trouble(kind, *AROUND)])
    house.play(AROUND[1] + ON_TIME)
    assert house.setting == FULL
    house.play(SIX)
    assert house.outcomes()[-2:] == ["held", "held"]
    assert house.setting == EVERYDAY


def test_a_gateway_that_is_away_is_told_of_once(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START, faults=[trouble(FaultKind.NO_ANSWER, *AROUND)])
    house.play(FOUR - POLL)
    assert [kind for kind in house.kinds() if "reach" in kind] == ["unreachable", "reachable"]


def test_one_that_was_asked_too_often_is_left_alone_for_a_while(tmp_path: Path) -> None:
    limit = trouble(FaultKind.RATE_LIMITED, TWO - timedelta(minutes=5), TWO + timedelta(minutes=5))
    house = House(tmp_path, AFTERNOON, START, faults=[limit]).play(FOUR - POLL)
    during = [each for each in house.record.requests if limit.start <= each.at < limit.end]
    assert len(during) <= 2
    assert house.setting == FULL


@pytest.mark.parametrize("kind", [FaultKind.UNCERTAIN_WRITE, FaultKind.LOST_WRITE])
@pytest.mark.parametrize("path", ["/api/operation", "/api/config/completed"])
def test_a_write_of_which_nobody_knows_is_repeated_until_it_is_held(
    tmp_path: Path, kind: FaultKind, path: str
) -> None:
    fault = trouble(kind, TWO - POLL, TWO + timedelta(minutes=2), path)
    house = House(tmp_path, AFTERNOON, START, faults=[fault]).play(FOUR - POLL)
    *before, last = house.outcomes()
    assert before
    assert set(before) == {"unreachable"}
    assert last == "held"
    assert house.setting == FULL
    assert all(action.wanted == FULL for action in house.actions)


def test_an_uncertain_write_that_reads_back_is_made_again(tmp_path: Path) -> None:
    fault = trouble(FaultKind.UNCERTAIN_WRITE, TWO - POLL, TWO + POLL / 2, "/api/config/completed")
    house = House(tmp_path, AFTERNOON, START, faults=[fault]).play(FOUR - POLL)
    assert house.setting == FULL
    assert [action.cause for action in house.actions] == ["time boundary", "unconfirmed write"]


def test_an_uncertain_write_is_remembered_over_a_restart(tmp_path: Path) -> None:
    fault = trouble(FaultKind.UNCERTAIN_WRITE, TWO - POLL, TWO + POLL / 2, "/api/config/completed")
    house = House(tmp_path, AFTERNOON, START, faults=[fault])
    house.play(TWO + timedelta(seconds=12), kill=True).wait(TWO + POLL)
    house.play(FOUR - POLL)
    assert house.outcomes() == ["unreachable", "held"]


class Killed(BaseException):
    """The process is gone: nobody catches this."""


def test_a_kill_between_intent_and_write_is_made_good(tmp_path: Path) -> None:
    # The gateway takes the setting, and the process dies before it can ask to put it in effect.
    house = House(tmp_path, AFTERNOON, START)
    whole = house.transport.handle_async_request

    async def dies(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/config/completed":
            raise Killed
        return await whole(request)

    house.play(TWO - POLL)
    house.transport.handle_async_request = dies  # type: ignore[method-assign]
    house.play(TWO + POLL)
    assert house.outcomes() == [None]
    house.transport.handle_async_request = whole  # type: ignore[method-assign]
    house.play(FOUR - POLL)
    assert house.outcomes() == ["recovered_not_applied", "held"]
    assert house.setting == FULL


def test_a_kill_between_write_and_journal_leaves_no_doubt(tmp_path: Path) -> None:
    # What reads back after such a kill may not be in effect, so it is made once more.
    house = House(tmp_path, AFTERNOON, START)
    whole = house.transport.handle_async_request

    async def dies(request: httpx.Request) -> httpx.Response:
        answer = await whole(request)
        if request.url.path == "/api/config/completed":
            raise Killed
        return answer

    house.play(TWO - POLL)
    house.transport.handle_async_request = dies  # type: ignore[method-assign]
    house.play(TWO + POLL)
    house.transport.handle_async_request = whole  # type: ignore[method-assign]
    house.play(FOUR - POLL)
    assert house.outcomes() == ["recovered_applied", "held"]
    assert [action.cause for action in house.actions] == ["time boundary", "unconfirmed write"]


def test_pauses_grow_while_writes_are_ignored_and_the_caps_hold(tmp_path: Path) -> None:
    fault = trouble(FaultKind.IGNORED_WRITE, TWO, TWO + timedelta(minutes=100))
    house = House(tmp_path, AFTERNOON, START, faults=[fault]).play(FOUR - POLL)
    *failed, last = house.actions
    assert {action.outcome for action in failed} == {"mismatch"}
    assert last.outcome == "held"
    assert house.setting == FULL
    assert not any(isinstance(each, CommitFailed) for each in house.heard)  # never two at a time
    gaps = [(b.at - a.at).total_seconds() for a, b in pairwise(failed)]
    assert all(gap >= pause for gap, pause in zip(gaps, PAUSES, strict=False))
    for action in failed:
        hour = action.at, action.at + timedelta(hours=1)
        assert sum(hour[0] <= other.at < hour[1] for other in house.actions) <= 5


def test_what_cannot_be_written_does_not_turn_into_a_storm(tmp_path: Path) -> None:
    fault = trouble(FaultKind.LOST_WRITE, TWO, FOUR + timedelta(hours=2), "/api/operation")
    house = House(tmp_path, AFTERNOON, START, faults=[fault]).play(FOUR)
    posts = [each for each in house.record.requests if each.method == "POST"]
    assert 5 <= sum(each.path == "/api/operation" for each in posts) <= 11


SHORT = (
    BASE
    + """
[[rule]]
name  = "a minute"
while = { time = "14:00-14:01" }
set   = { mode = "backup", reserve = 100 }
"""
)


def test_a_newer_decision_takes_the_place_of_a_write_that_is_not_yet_held(tmp_path: Path) -> None:
    ignored = trouble(FaultKind.IGNORED_WRITE, TWO, TWO + POLL)
    house = House(tmp_path, SHORT, START, faults=[ignored]).play(FOUR)
    assert house.outcomes() == ["superseded"]
    assert house.setting == EVERYDAY


def test_a_reading_lost_after_a_write_leaves_it_unreachable_not_held(tmp_path: Path) -> None:
    deaf = trouble(FaultKind.NO_ANSWER, TWO + timedelta(seconds=1), TWO + timedelta(minutes=4))
    house = House(tmp_path, AFTERNOON, START, faults=[deaf]).play(FOUR - POLL)
    assert house.outcomes()[0] == "unreachable"
    assert set(house.outcomes()[1:]) <= {"held"}
    assert house.setting == FULL


def test_a_battery_stopped_by_the_write_is_not_held(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    for second in (1, 61, 121):
        house.at(
            TWO + timedelta(seconds=second),
            lambda: house.gateway._set_running(house.unstepped(), running=False, cause="somebody"),
        )
    house.play(FOUR - POLL)
    assert house.outcomes()[0] == "mismatch"
    assert house.home.running
    assert house.setting == FULL


def test_grid_services_beginning_while_writing_do_not_lose_the_write(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    house.at(TWO + timedelta(seconds=2), lambda: setattr(house.home, "grid_services", True))
    house.play(FOUR - POLL)
    assert house.outcomes() == ["held"]


TWICE = (
    AFTERNOON
    + """
[[rule]]
name  = "and again"
while = { time = "17:00-18:00" }
set   = { mode = "backup", reserve = 100 }
"""
)


def test_while_the_journal_is_deleted_the_safe_state_alone_is_written(tmp_path: Path) -> None:
    house = House(tmp_path, TWICE, START)
    deleted, back = FOUR - timedelta(minutes=10, seconds=7), local(7, 15, "17:10:13")
    kept = tmp_path / "kept"
    answers: list[BaseException | None] = []

    def delete() -> None:
        kept.hardlink_to(house.path)
        house.path.unlink()

    def hold() -> None:
        asked = house.hold("anna", reserve=70)
        asked.add_done_callback(lambda done: answers.append(done.exception()))

    house.at(deleted, delete)
    house.at(FOUR - timedelta(minutes=5, seconds=7), hold)
    house.at(FOUR + timedelta(minutes=20, seconds=7), hold)
    house.at(back, kept.replace, house.path)
    house.play(SIX + timedelta(hours=1))

    assert [setting for _, setting in house.writes] == [FULL, EVERYDAY, FULL, EVERYDAY]
    _, (safe, _), (again, _), _ = house.writes
    assert FOUR <= safe < FOUR + timedelta(minutes=2)
    assert back < again <= back + POLL
    assert [(a.at, a.wanted) for a in house.actions] == [
        write for write in house.writes if write[0] != safe
    ]
    assert house.outcomes() == ["held", "held", "held"]
    assert [type(answer) for answer in answers] == [JournalProblem, JournalProblem]
    assert all("was deleted or replaced while pwsched runs" in str(answer) for answer in answers)
    assert not house.entries(Kind.HOLD)
    ((told, text),) = house.notes("unrecorded_write")
    assert told >= back
    assert "without a row: it is the safe state" in text
    failed = [each for each in house.heard if isinstance(each, CommitFailed)]
    assert all(deleted < each.at < back for each in failed)
    assert any("was deleted or replaced" in each.problem for each in failed)
