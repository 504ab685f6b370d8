"""The firmware check as a job of its own: start it, look until it settles, record how it ended.

It is advanced a step a tick, like a write, and never waited for. The gateway may still show the end
of an earlier check just after a new one has begun, so a settled state counts when it is seen twice
in a row. A start that gets no answer is tried again until the deadline: a check is done at least
once, or its record says why not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.errors import GatewayProblem, NotPermitted
from scheduler.gateways.protocol import FirmwareState, FirmwareStatus, Gateway
from scheduler.journal.records import FirmwareCheckRecord

LOOK_EVERY = timedelta(seconds=15)
DEADLINE = timedelta(minutes=15)
"""A download over a slow line may take longer; the record then says how far it was."""


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
        return _ended(seen, now, status.state.value, _told(status))
    if now >= check.begun_at + DEADLINE:
        return _ended(seen, now, f"still {status.state.value}", _told(status))
    return seen


def _told(status: FirmwareStatus) -> str:
    match status.state:
        case FirmwareState.STAGED:
            return "new firmware is staged, not installed"
        case FirmwareState.NOTHING_NEWER:
            return "the gateway has the newest firmware"
        case FirmwareState.FAILED:
            return "the gateway could not check or download"
        case _:
            return "the gateway had not finished in time"


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
