"""The firmware check as a job of its own: start it, poll until it settles, record how it ended.

Installing what a check has staged is another: ask for it once, wait out the restart, and be content
only when the gateway reports another version and the battery runs.

A job is advanced a step a tick, like a write, and never waited for. The gateway may still show the
end of an earlier check just after a new one has begun, so a settled state counts when it is seen
twice in a row. A start that gets no answer is tried again until the deadline: a check is done at
least once, or its record says why not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.control.actions import CheckFirmware, ReadFirmware
from scheduler.control.events import CheckStarted, Failure, FailureKind, FirmwareRead
from scheduler.domain import FirmwareCheckRecord, FirmwareState, FirmwareStatus

READ_EVERY = timedelta(seconds=15)
DEADLINE = timedelta(minutes=15)
"""A download over a slow line may take longer; the record then says how far it was."""

LONGEST_INSTALL = timedelta(minutes=45)
"""An update stops the battery for about 15 minutes; 24 were seen."""

BEGIN_AGAIN = timedelta(minutes=15)
"""How long after its event an interrupted firmware check is still worth doing."""

INSTALLED = "installed"
NOT_INSTALLED = "not installed"
NOT_PERMITTED = "not permitted"

GOOD_ENDS = frozenset({FirmwareState.NOTHING_NEWER.value, FirmwareState.STAGED.value, INSTALLED})
"""Results of a firmware check that nobody needs to be notified of."""

_TOLD: Mapping[FirmwareState, str] = {
    FirmwareState.IDLE: "the gateway does not say whether there is anything newer",
    FirmwareState.CHECKING: "the gateway was still looking",
    FirmwareState.DOWNLOADING: "the gateway was still downloading",
    FirmwareState.STALLED: "the download did not get on",
    FirmwareState.NOTHING_NEWER: "the gateway has the newest firmware",
    FirmwareState.STAGED: "new firmware is staged, not installed",
    FirmwareState.INSTALLING: "the gateway was installing an update",
    FirmwareState.FAILED: "the gateway could not check or download",
    FirmwareState.UNKNOWN: "the gateway says nothing that could be read",
}


@dataclass(frozen=True, slots=True)
class FirmwareCheck:
    """A check on its way, for the event of this row; `rule` requested it."""

    event_id: int
    rule: str
    begun_at: datetime
    started: bool = False
    next_read: datetime | None = None
    seen: FirmwareStatus | None = None

    def next_step(self) -> datetime:
        """When there is something to do again."""
        return self.next_read or self.begun_at

    def shifted(self, by: timedelta) -> FirmwareCheck:
        """The same check, on a wall clock that was set."""
        next_read = self.next_read + by if self.next_read else None
        return replace(self, begun_at=self.begun_at + by, next_read=next_read)


@dataclass(frozen=True, slots=True)
class Installation:
    """An update that the gateway was requested to install, in the place of `before`."""

    event_id: int
    rule: str
    begun_at: datetime
    before: str | None
    next_read: datetime

    def next_step(self) -> datetime:
        """When there is something to do again."""
        return self.next_read

    def shifted(self, by: timedelta) -> Installation:
        """The same installation, on a wall clock that was set."""
        return replace(self, begun_at=self.begun_at + by, next_read=self.next_read + by)


@dataclass(frozen=True, slots=True)
class Job:
    """The firmware job of a site: one of the two at most is on its way.

    A check whose update is about to be requested is `staged`.
    """

    check: FirmwareCheck | None = None
    staged: FirmwareCheckRecord | None = None
    installation: Installation | None = None

    @property
    def on_its_way(self) -> bool:
        """A check or an installation is on its way."""
        return self.check is not None or self.installation is not None

    @property
    def installing(self) -> bool:
        """The gateway was requested to install an update: it restarts and the battery stands."""
        return self.installation is not None

    def next_step(self) -> datetime | None:
        """When there is something to do."""
        job = self.installation or self.check
        return job.next_step() if job else None

    def due(self, now: datetime) -> bool:
        """There is something to do now."""
        at = self.next_step()
        return at is not None and now >= at

    def shifted(self, by: timedelta) -> Job:
        """The same, on a wall clock that was set."""
        check, installation = self.check, self.installation
        return replace(
            self,
            check=check and check.shifted(by),
            installation=installation and installation.shifted(by),
        )


def begin(job: Job, now: datetime) -> tuple[Job, CheckFirmware | ReadFirmware]:
    """The next request of a job that is due; its answer takes it further."""
    later = now + READ_EVERY
    if job.installation is not None:
        return replace(job, installation=replace(job.installation, next_read=later)), ReadFirmware()
    if job.check is None:
        raise ValueError("there is no firmware job")
    request = ReadFirmware() if job.check.started else CheckFirmware()
    return replace(job, check=replace(job.check, next_read=later)), request


def started(check: FirmwareCheck, answer: CheckStarted) -> FirmwareCheck | FirmwareCheckRecord:
    """The check after it was requested of the gateway, or its record when that was its end."""
    if answer.failure is not None:
        return _failed(check, answer.failure, answer.at)
    return replace(check, started=True)


def read(check: FirmwareCheck, answer: FirmwareRead) -> FirmwareCheck | FirmwareCheckRecord:
    """The check after one more reading, or its record when it has ended."""
    status, now = answer.status, answer.at
    if status is None:
        failure = answer.failure or Failure(FailureKind.UNREACHABLE, "no answer")
        return _failed(check, failure, now)
    before, seen = check.seen, replace(check, seen=status)
    if status.state.settled and before is not None and before.state is status.state:
        return ended(seen, now, status.state.value, _TOLD[status.state])
    if now >= check.begun_at + DEADLINE:
        return ended(seen, now, f"still {status.state.value}", _TOLD[status.state])
    return seen


def read_installing(
    installation: Installation, answer: FirmwareRead, *, running: bool | None
) -> FirmwareCheckRecord | None:
    """The record of an installation when one more reading shows its end; `None` to go on."""
    status, version, now = answer.status, answer.capabilities.firmware, answer.at
    minutes = round((now - installation.begun_at).total_seconds() / 60)
    if version not in (None, installation.before) and running:
        text = f"in the place of {installation.before}, after {minutes} min; the battery runs"
        return _installation_ended(installation, now, INSTALLED, status, version, text)
    if status is not None and status.state is FirmwareState.FAILED and running:
        text = f"the gateway failed to install it and still has {version}; the battery runs"
        return _installation_ended(installation, now, NOT_INSTALLED, status, version, text)
    if now >= installation.begun_at + LONGEST_INSTALL:
        text = f"the gateway still has {version} after {minutes} min"
        text += "; the battery runs" if running else "; the battery is not known to run"
        return _installation_ended(installation, now, NOT_INSTALLED, status, version, text)
    return None


def ended(check: FirmwareCheck, now: datetime, result: str, detail: str) -> FirmwareCheckRecord:
    """How a check ended."""
    seen = check.seen
    return FirmwareCheckRecord(
        at=now,
        event_id=check.event_id,
        result=result,
        state_raw=seen.raw if seen else "",
        version=seen.version if seen else None,
        detail=detail,
    )


def _failed(
    check: FirmwareCheck, failure: Failure, now: datetime
) -> FirmwareCheck | FirmwareCheckRecord:
    if failure.kind is FailureKind.NOT_PERMITTED:
        return ended(check, now, NOT_PERMITTED, failure.text)
    if now < check.begun_at + DEADLINE:
        return check
    return ended(check, now, "no answer", failure.text)


def _installation_ended(
    installation: Installation,
    now: datetime,
    result: str,
    status: FirmwareStatus | None,
    version: str | None,
    detail: str,
) -> FirmwareCheckRecord:
    raw = status.raw if status else ""
    return FirmwareCheckRecord(now, installation.event_id, result, raw, version, detail)
