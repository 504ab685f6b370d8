"""The firmware check, advanced against a gateway that says one thing after the other."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from scripted import Reply, ScriptedTransport, refusal, reply
from simulated_client import HandClock

from scheduler.domain import FirmwareCheckRecord
from scheduler.firmware import DEADLINE, LOOK_EVERY, FirmwareCheck, advance
from scheduler.gateways.local import LocalGateway
from scheduler.gateways.transport import CHECK_UPDATE, LOGIN, SITEMASTER, UPDATE_STATUS

NOW = datetime(2026, 7, 15, 14, 15, tzinfo=UTC)
STEPS_TO_THE_DEADLINE = DEADLINE // LOOK_EVERY


def shows(state: str, *status: str, version: str = "21.44 223a56cd") -> httpx.Response:
    return reply(200, {"state": state, "info": {"status": list(status)}, "version": version})


CHECKING = shows("/clear_update_status")
DOWNLOADING = shows("/download")
IDLE = shows("/update_unknown", "nonactionable")
STAGED = shows("/update_staged")
FAILED = shows("/update_failed", "error")
ODD = shows("/something_new")
SILENCE = httpx.ConnectError("away")
STARTED = reply(202)


def gateway(started: list[Reply], status: list[Reply], clock: HandClock) -> LocalGateway:
    said = ScriptedTransport()
    said.on("POST", LOGIN, reply(200, {"token": "abc"}))
    said.on("GET", SITEMASTER, reply(200, {"running": True}))
    said.on("GET", CHECK_UPDATE, *started)
    said.on("GET", UPDATE_STATUS, *status)
    return LocalGateway("10.0.0.1", "customer", "secret", "", None, clock, transport=said)


def ends(
    status: list[Reply], started: list[Reply] | None = None
) -> tuple[FirmwareCheckRecord, timedelta]:
    """How a check ends, and after how long, when each step is made as soon as it is due."""

    async def whole() -> tuple[FirmwareCheckRecord, timedelta]:
        clock = HandClock(NOW)
        talks_to = gateway(started or [STARTED], status, clock)
        check = FirmwareCheck(7, NOW)
        for _ in range(2 * STEPS_TO_THE_DEADLINE):
            now = clock.now()
            after = await advance(check, talks_to, now)
            if isinstance(after, FirmwareCheckRecord):
                await talks_to.close()
                return after, now - NOW
            check = after
            clock.pass_time((check.next_step() - now).total_seconds())
        raise AssertionError("the check never ended")

    return asyncio.run(whole())


@pytest.mark.parametrize(
    ("status", "result", "looks"),
    [
        ([IDLE], "nothing newer", 2),
        ([STAGED], "staged", 2),
        ([FAILED], "failed", 2),
        ([CHECKING, DOWNLOADING, STAGED], "staged", 4),
        # The end of an earlier check, still shown just after the start of this one.
        ([IDLE, CHECKING, DOWNLOADING, STAGED], "staged", 5),
        ([FAILED, IDLE], "nothing newer", 3),
        ([STAGED, IDLE, STAGED], "staged", 4),
        # A look that gets no answer neither ends the check nor counts.
        ([STAGED, SILENCE, STAGED], "staged", 3),
        ([reply(502), STAGED], "staged", 3),
    ],
)
def test_a_settled_state_counts_when_it_is_seen_twice(
    status: list[Reply], result: str, looks: int
) -> None:
    record, took = ends(status)
    assert record.result == result
    assert record.event_id == 7
    assert took == looks * LOOK_EVERY


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ([CHECKING], "still checking"),
        ([DOWNLOADING], "still downloading"),
        ([ODD], "still unknown"),
        ([SILENCE], "no answer"),
        ([reply(500)], "no answer"),
    ],
)
def test_what_does_not_settle_ends_at_the_deadline(status: list[Reply], result: str) -> None:
    record, took = ends(status)
    assert record.result == result
    assert took == DEADLINE


def test_the_record_has_the_gateway_s_own_words() -> None:
    record, _ = ends([STAGED])
    assert (record.state_raw, record.version) == ("/update_staged", "21.44 223a56cd")
    assert record.detail == "new firmware is staged, not installed"


def test_what_was_seen_before_the_silence_is_not_lost() -> None:
    record, _ = ends([DOWNLOADING, SILENCE])
    assert (record.result, record.state_raw) == ("no answer", "/download")


def test_a_start_without_an_answer_is_tried_again() -> None:
    record, took = ends([IDLE], started=[SILENCE, reply(502), STARTED])
    assert record.result == "nothing newer"
    assert took == 4 * LOOK_EVERY


@pytest.mark.parametrize("refused", [[STARTED], None])
def test_an_account_that_may_not_check_is_told_at_once(refused: list[Reply] | None) -> None:
    denied: Reply = refusal(403, "Unable to GET to resource", "User does not have adequate access")
    record, took = ends([denied], started=refused or [denied])
    assert record.result == "not permitted"
    assert took == (LOOK_EVERY if refused else timedelta(0))


def test_nothing_is_asked_before_the_next_step_is_due() -> None:
    async def early() -> FirmwareCheck | FirmwareCheckRecord:
        clock = HandClock(NOW)
        talks_to = gateway([AssertionError("asked too early")], [IDLE], clock)
        check = FirmwareCheck(7, NOW + timedelta(seconds=1))
        after = await advance(check, talks_to, NOW)
        await talks_to.close()
        assert after is check
        return after

    asyncio.run(early())


def test_a_check_takes_as_long_on_a_clock_that_was_set() -> None:
    check = FirmwareCheck(7, NOW, started=True, next_look=NOW + LOOK_EVERY)
    earlier = check.shifted(-timedelta(hours=3))
    assert earlier.next_step() - earlier.begun_at == LOOK_EVERY
    assert earlier.begun_at == NOW - timedelta(hours=3)
    assert FirmwareCheck(7, NOW).shifted(timedelta(hours=1)).next_step() == NOW + timedelta(hours=1)
