"""The firmware check as a job of its own: start it, look until it settles, record how it ended.

Installing what a check has staged is another: ask for it once, wait out the restart, and be content
only when the gateway tells of another version and the battery runs.

It is advanced a step a tick, like a write, and never waited for. The gateway may still show the end
of an earlier check just after a new one has begun, so a settled state counts when it is seen twice
in a row. A start that gets no answer is tried again until the deadline: a check is done at least
once, or its record says why not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.domain import FirmwareCheckRecord, FirmwareState, FirmwareStatus
from scheduler.errors import GatewayProblem, NotPermitted
from scheduler.gateways.protocol import Gateway

LOOK_EVERY = timedelta(seconds=15)
DEADLINE = timedelta(minutes=15)
"""A download over a slow line may take longer; the record then says how far it was."""

LONGEST_INSTALL = timedelta(minutes=45)
"""An update stops the battery for about 15 minutes; 24 were seen."""

INSTALLED = "installed"
NOT_INSTALLED = "not installed"


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
    """A check on its way, for the event of this id in the journal."""

    event_id: int | None
    begun_at: datetime
    started: bool = False
    next_look: datetime | None = None
    seen: FirmwareStatus | None = None

    def next_step(self) -> datetime:
        """When there is something to do again."""
        return self.next_look or self.begun_at

    def shifted(self, by: timedelta) -> FirmwareCheck:
        """The same check, on a wall clock that was set."""
        next_look = self.next_look + by if self.next_look else None
        return replace(self, begun_at=self.begun_at + by, next_look=next_look)


@dataclass(frozen=True, slots=True)
class Installation:
    """An update that the gateway was asked to install, in the place of `before`."""

    event_id: int | None
    begun_at: datetime
    before: str | None
    next_look: datetime

    def next_step(self) -> datetime:
        """When there is something to do again."""
        return self.next_look

    def shifted(self, by: timedelta) -> Installation:
        """The same installation, on a wall clock that was set."""
        return replace(self, begun_at=self.begun_at + by, next_look=self.next_look + by)


async def advance_installation(
    installation: Installation, gateway: Gateway, now: datetime, *, running: bool | None
) -> Installation | FirmwareCheckRecord:
    """The installation after one more look, or its record when it has ended."""
    if now < installation.next_look:
        return installation
    try:
        status = await gateway.firmware_status()
    except GatewayProblem:
        status = None  # it restarts
    version = gateway.capabilities.firmware
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
    return replace(installation, next_look=now + LOOK_EVERY)


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


async def advance(
    check: FirmwareCheck, gateway: Gateway, now: datetime
) -> FirmwareCheck | FirmwareCheckRecord:
    """The check after its next step, or its record when it has ended."""
    if now < check.next_step():
        return check
    later = replace(check, next_look=now + LOOK_EVERY)
    try:
        if not check.started:
            await gateway.start_firmware_check()
            return replace(later, started=True)
        status = await gateway.firmware_status()
    except NotPermitted as error:
        return _ended(check, now, "not permitted", str(error))
    except GatewayProblem as error:
        if now < check.begun_at + DEADLINE:
            return later
        return _ended(check, now, "no answer", str(error))
    return _looked(later, status, now)


def _looked(
    check: FirmwareCheck, status: FirmwareStatus, now: datetime
) -> FirmwareCheck | FirmwareCheckRecord:
    before, seen = check.seen, replace(check, seen=status)
    if status.state.settled and before is not None and before.state is status.state:
        return _ended(seen, now, status.state.value, _TOLD[status.state])
    if now >= check.begun_at + DEADLINE:
        return _ended(seen, now, f"still {status.state.value}", _TOLD[status.state])
    return seen


def _ended(check: FirmwareCheck, now: datetime, result: str, detail: str) -> FirmwareCheckRecord:
    seen = check.seen
    return FirmwareCheckRecord(
        at=now,
        event_id=check.event_id,
        result=result,
        state_raw=seen.raw if seen else "",
        version=seen.version if seen else None,
        detail=detail,
    )
