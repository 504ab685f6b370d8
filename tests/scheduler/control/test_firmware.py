"""The firmware check and the installation: a gateway says one thing after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from pretended import AWAY, MAY_NOT, MINUTE, REFUSED, ROUTE

from scheduler.control.actions import CheckFirmware, ReadFirmware
from scheduler.control.events import CheckStarted, Failure, FirmwareRead
from scheduler.control.firmware import (
    DEADLINE,
    GOOD_ENDS,
    LONGEST_INSTALL,
    READ_EVERY,
    FirmwareCheck,
    Installation,
    Job,
    begin,
    ended,
    read,
    read_installing,
    started,
)
from scheduler.domain import FirmwareCheckRecord, FirmwareState, FirmwareStatus

NOW = datetime.fromisoformat("2026-07-15T14:15+00:00")
STEPS_TO_THE_DEADLINE = DEADLINE // READ_EVERY
VERSION = "21.44 223a56cd"

Said = FirmwareStatus | Failure
"""What the gateway says of its update, or why it does not."""


def shows(state: FirmwareState) -> FirmwareStatus:
    return FirmwareStatus(state, VERSION, f"/{state.name.lower()}")


CHECKING, DOWNLOADING, STALLED = map(
    shows, (FirmwareState.CHECKING, FirmwareState.DOWNLOADING, FirmwareState.STALLED)
)
NEWEST, STAGED, FAILED = map(
    shows, (FirmwareState.NOTHING_NEWER, FirmwareState.STAGED, FirmwareState.FAILED)
)
IDLE, INSTALLING, ODD = map(
    shows, (FirmwareState.IDLE, FirmwareState.INSTALLING, FirmwareState.UNKNOWN)
)
STARTED = None


def ends(
    status: list[Said], starts: list[Failure | None] | None = None
) -> tuple[FirmwareCheckRecord, timedelta]:
    """How a check ends, and after how long, when each step is made as soon as it is due.

    The last thing that is said is said for ever.
    """
    status, starts = list(status), list(starts or [STARTED])
    job = Job(FirmwareCheck(7, "early", NOW))
    for _ in range(2 * STEPS_TO_THE_DEADLINE):
        now = job.next_step()
        assert now is not None
        assert job.due(now)
        job, request = begin(job, now)
        check = job.check
        assert check is not None
        after: FirmwareCheck | FirmwareCheckRecord
        if request == CheckFirmware():
            after = started(check, CheckStarted(now, said_next(starts)))
        else:
            assert request == ReadFirmware()
            said = said_next(status)
            failed = isinstance(said, Failure)
            answer = (None, ROUTE, said) if failed else (said, ROUTE, None)
            after = read(check, FirmwareRead(now, *answer))
        if isinstance(after, FirmwareCheckRecord):
            return after, now - NOW
        job = Job(after)
    raise AssertionError("the check never ended")


def said_next(script: list) -> Said | None:  # type: ignore[type-arg]
    return script.pop(0) if len(script) > 1 else script[0]


@pytest.mark.parametrize(
    ("status", "result", "looks"),
    [
        ([NEWEST], "nothing newer", 2),
        ([STAGED], "staged", 2),
        ([FAILED], "failed", 2),
        ([CHECKING, DOWNLOADING, STAGED], "staged", 4),
        # The end of an earlier check, still shown just after the start of this one.
        ([NEWEST, CHECKING, DOWNLOADING, STAGED], "staged", 5),
        ([FAILED, NEWEST], "nothing newer", 3),
        ([STAGED, NEWEST, STAGED], "staged", 4),
        # A look that gets no answer neither ends the check nor counts.
        ([STAGED, AWAY, STAGED], "staged", 3),
        ([REFUSED, STAGED], "staged", 3),
    ],
)
def test_a_settled_state_counts_when_it_is_seen_twice(
    status: list[Said], result: str, looks: int
) -> None:
    record, took = ends(status)
    assert record.result == result
    assert record.event_id == 7
    assert took == looks * READ_EVERY


@pytest.mark.parametrize(
    ("status", "result"),
    [
        ([CHECKING], "still checking"),
        ([DOWNLOADING], "still downloading"),
        ([STALLED], "still not moving"),
        ([INSTALLING], "still installing"),
        ([IDLE], "still idle"),
        ([ODD], "still unknown"),
        ([AWAY], "no answer"),
        ([REFUSED], "no answer"),
    ],
)
def test_what_does_not_settle_ends_at_the_deadline(status: list[Said], result: str) -> None:
    record, took = ends(status)
    assert record.result == result
    assert took == DEADLINE


def test_the_record_has_the_gateway_s_own_words() -> None:
    record, _ = ends([STAGED])
    assert (record.state_raw, record.version) == ("/staged", VERSION)
    assert record.detail == "new firmware is staged, not installed"


def test_what_was_seen_before_the_silence_is_not_lost() -> None:
    record, _ = ends([DOWNLOADING, AWAY])
    assert (record.result, record.state_raw) == ("no answer", "/downloading")


def test_a_start_without_an_answer_is_tried_again_until_the_deadline() -> None:
    record, took = ends([NEWEST], [AWAY, REFUSED, STARTED])
    assert record.result == "nothing newer"
    assert took == 4 * READ_EVERY
    record, took = ends([NEWEST], [AWAY])
    assert (record.result, took) == ("no answer", DEADLINE)


@pytest.mark.parametrize("at_the_start", [True, False])
def test_an_account_that_may_not_check_is_told_at_once(at_the_start: bool) -> None:
    record, took = ends([MAY_NOT], [MAY_NOT if at_the_start else STARTED])
    assert record.result == "not permitted"
    assert record.detail == MAY_NOT.text
    assert took == (timedelta(0) if at_the_start else READ_EVERY)


def test_a_silence_without_a_reason_is_no_answer() -> None:
    check = FirmwareCheck(7, "early", NOW, started=True)
    record = read(check, FirmwareRead(NOW + DEADLINE, None, ROUTE))
    assert isinstance(record, FirmwareCheckRecord)
    assert (record.result, record.detail) == ("no answer", "no answer")


@pytest.mark.parametrize("state", list(FirmwareState))
def test_every_state_can_be_told(state: FirmwareState) -> None:
    record, _ = ends([shows(state)])
    assert record.detail
    assert (record.result in GOOD_ENDS) is (
        state in {FirmwareState.NOTHING_NEWER, FirmwareState.STAGED}
    )


# --- when there is something to do ----------------------------------------------------------------

CHECK = FirmwareCheck(7, "early", NOW, started=True, next_read=NOW + READ_EVERY)
UPDATE = Installation(7, "early", NOW, "20.49.0", NOW + READ_EVERY)


@pytest.mark.parametrize(
    ("job", "next_step", "on_its_way", "installing"),
    [
        (Job(), None, False, False),
        (Job(FirmwareCheck(7, "early", NOW)), NOW, True, False),
        (Job(CHECK), NOW + READ_EVERY, True, False),
        (Job(installation=UPDATE), NOW + READ_EVERY, True, True),
        (Job(staged=ended(CHECK, NOW, "staged", "")), None, False, False),
    ],
)
def test_a_job_is_due_at_its_next_step(
    job: Job, next_step: datetime | None, on_its_way: bool, installing: bool
) -> None:
    assert job.next_step() == next_step
    assert (job.on_its_way, job.installing) == (on_its_way, installing)
    if next_step is None:
        assert not job.due(NOW)
        with pytest.raises(ValueError, match="no firmware job"):
            begin(job, NOW)
    else:
        assert job.due(next_step)
        assert not job.due(next_step - timedelta(seconds=1))


@pytest.mark.parametrize(
    ("job", "request_"),
    [
        (Job(FirmwareCheck(7, "early", NOW)), CheckFirmware()),
        (Job(CHECK), ReadFirmware()),
        (Job(installation=UPDATE), ReadFirmware()),
    ],
)
def test_a_job_asks_for_one_thing_and_waits(job: Job, request_: object) -> None:
    after, request = begin(job, NOW + MINUTE)
    assert request == request_
    assert after.next_step() == NOW + MINUTE + READ_EVERY


def test_a_job_takes_as_long_on_a_clock_that_was_set() -> None:
    earlier = CHECK.shifted(-timedelta(hours=3))
    assert earlier.next_step() - earlier.begun_at == READ_EVERY
    assert earlier.begun_at == NOW - timedelta(hours=3)
    begun = FirmwareCheck(7, "early", NOW)
    assert begun.shifted(timedelta(hours=1)).next_step() == NOW + timedelta(hours=1)
    hour = timedelta(hours=1)
    moved = replace(UPDATE, begun_at=NOW + hour, next_read=NOW + READ_EVERY + hour)
    assert Job(installation=UPDATE).shifted(hour) == Job(installation=moved)
    assert Job(begun).shifted(hour) == Job(begun.shifted(hour))


# --- installing ---------------------------------------------------------------------------------

ENDLESS = round(LONGEST_INSTALL / MINUTE)


@pytest.mark.parametrize(
    ("minutes", "version", "status", "running", "result"),
    [
        # another version, and the battery runs
        (20, "21.44.1", STAGED, True, "installed"),
        (20, "21.44.1", None, True, "installed"),
        (20, "21.44.1", FAILED, True, "installed"),
        # another version, and the battery does not run yet
        (20, "21.44.1", NEWEST, False, None),
        (20, "21.44.1", NEWEST, None, None),
        # it restarts
        (20, None, None, None, None),
        (20, "20.49.0", None, None, None),
        (20, "20.49.0", INSTALLING, False, None),
        (20, None, INSTALLING, True, None),
        # it failed
        (20, "20.49.0", FAILED, True, "not installed"),
        (20, "20.49.0", FAILED, False, None),
        (20, "20.49.0", FAILED, None, None),
        # it takes too long
        (ENDLESS - 1, "20.49.0", STAGED, True, None),
        (ENDLESS, "20.49.0", STAGED, True, "not installed"),
        (ENDLESS, "20.49.0", None, None, "not installed"),
        (ENDLESS, "21.44.1", NEWEST, False, "not installed"),
        (ENDLESS, "21.44.1", NEWEST, True, "installed"),
    ],
)
def test_an_update_is_installed_when_another_version_runs_the_battery(
    minutes: int,
    version: str | None,
    status: FirmwareStatus | None,
    running: bool | None,
    result: str | None,
) -> None:
    now = NOW + minutes * MINUTE
    answer = FirmwareRead(now, status, replace(ROUTE, firmware=version))
    record = read_installing(UPDATE, answer, running=running)
    assert (record.result if record else None) == result
    if record is not None:
        assert (record.at, record.event_id, record.version) == (now, 7, version)
        assert record.state_raw == (status.raw if status else "")
        known = "the battery runs" if running else "the battery is not known to run"
        assert record.detail.endswith(known)


def test_any_version_will_do_where_the_one_before_was_not_known() -> None:
    unknown = replace(UPDATE, before=None)
    answer = FirmwareRead(NOW + MINUTE, NEWEST, replace(ROUTE, firmware="21.44.1"))
    record = read_installing(unknown, answer, running=True)
    assert record is not None
    assert record.result == "installed"
