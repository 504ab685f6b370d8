"""The time between two ticks, which a metered route makes long.

A loop that waits for long says now and then that it lives: the watchdog of the service ends one
that says nothing, and so does a heartbeat that is old alarm whoever watches.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from scheduler.clock import AlarmClock, Clock

LONGEST_REST: Final = 300.0
"""Seconds for which a loop says nothing; the longest poll that an owner may choose, too."""

_OVER: Final = 1e-3
"""Seconds that are too few to wait for: a clock may not be able to."""


async def rest(
    alarm: AlarmClock, clock: Clock, seconds: float, lives: Callable[[datetime], None]
) -> None:
    """Wait so long, or until the alarm clock rings, and say in between that the loop `lives`."""
    ends = clock.monotonic() + seconds
    while not await alarm.wait(max(0.0, min(ends - clock.monotonic(), LONGEST_REST))):
        if ends - clock.monotonic() < _OVER:
            return
        lives(clock.now())
