"""Why what is set is not what is wanted, and until when, after any tick."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.control.hold import on_the_wall
from scheduler.control.reconcile import PAUSING, Blocker
from scheduler.control.state import State

_MINUTE = timedelta(minutes=1)


def blockers_of(state: State) -> tuple[Blocker, ...]:
    """Everything in the way of what is wanted; nothing, where it is set as far as is known."""
    found = _of_writing(state)
    if found and state.silence is not None:
        return (Blocker(f"the gateway cannot be read: {state.silence.why}"), *found)
    return found


def with_next_attempt(blocker: Blocker, now: datetime, zone: ZoneInfo) -> str:
    """A blocker with the time of the next attempt by the owner's clock, where that is known."""
    if blocker.until is None:
        return blocker.text
    whole = blocker.until.replace(second=0, microsecond=0)
    free = whole if whole == blocker.until else whole + _MINUTE
    return f"{blocker.text}; next at {on_the_wall(free, now, zone)}"


def _of_writing(state: State) -> tuple[Blocker, ...]:
    writing = state.writing
    if writing.left_open is not None:
        return (Blocker(f"nobody knows yet whether {writing.left_open.wanted} was written"),)
    if writing.sending is not None:
        return (Blocker(f"{writing.sending.write.target} is being sent"),)
    if writing.applying is not None:
        wanted, sent_at = writing.applying.wanted, writing.applying.sent_at
        return (Blocker(f"{wanted} was sent at {sent_at:%H:%M:%S} UTC and is not read back yet"),)
    if writing.read_first:
        return (Blocker("the journal was restored; a whole reading of the gateway comes first"),)
    if not writing.failure:
        return writing.blockers
    failed = PAUSING.replace(";", f": {writing.failure};")
    return tuple(
        replace(each, text=failed) if each.text == PAUSING else each for each in writing.blockers
    )
