"""What follows a tick: the notification, from the state after it, and whoever waits for its end."""

from __future__ import annotations

import asyncio
from datetime import datetime

from scheduler.control import State
from scheduler.control.waiting import blockers_of
from scheduler.errors import DaemonEnding
from scheduler.loop.notifications import Ticked


class Ticks:
    """The ticks of a loop, for those who wait for the next one to end."""

    def __init__(self) -> None:
        self._end = asyncio.Event()
        self._closed = False

    async def next(self) -> None:
        """Return when the next tick is finished. Raises `DaemonEnding` if there is none."""
        if not self._closed:
            await self._end.wait()
        if self._closed:
            raise DaemonEnding

    def ended(self) -> None:
        """A tick is finished."""
        self._end.set()
        self._end = asyncio.Event()

    def close(self) -> None:
        """There are no more."""
        self._closed = True
        self._end.set()


def ticked(site: str, state: State, now: datetime) -> Ticked:
    """The tick of a site at `now`."""
    decision, observation = state.decisions.last, state.observation
    if decision is None or observation is None:
        raise ValueError("a tick ends with a decision")
    return Ticked(
        site,
        now,
        observation,
        decision,
        state.shadow,
        state.advising,
        state.decisions.reason,
        state.decisions.hold,
        None if state.advising else state.ownership.override,
        state.out_of_reach,
        state.watchdog.stopped_since,
        blockers_of(state),
        None if state.silence is None else state.silence.why,
        state.read_at,
        state.capabilities.shortest_poll,
        state.capabilities.usage,
    )
