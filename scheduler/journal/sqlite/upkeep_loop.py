"""The upkeep of a journal that is open, beside whatever writes into it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Protocol

from scheduler.clock import Clock
from scheduler.errors import JournalProblem

EVERY = timedelta(minutes=10)
"""How often upkeep is checked for."""

BETWEEN_PIECES = timedelta(seconds=1)
"""Pause between two pieces of upkeep, in which commits have the journal for themselves."""

log = logging.getLogger(__name__)


class Kept(Protocol):
    """A journal that has upkeep."""

    async def upkeep(self, now: datetime) -> bool:
        """Do a bounded piece of it; True when more waits. Raises `JournalProblem`."""


async def run_upkeep(journal: Kept, clock: Clock) -> None:
    """See to the journal's upkeep until cancelled, in pieces so small that no commit has to wait.

    What cannot be done is logged once, and tried again.
    """
    alarm = clock.alarm_clock()
    logged: str | None = None
    try:
        while True:
            pause = EVERY
            try:
                if await journal.upkeep(clock.now()):
                    pause = BETWEEN_PIECES
                else:
                    logged = None
            except JournalProblem as problem:
                if str(problem) != logged:
                    logged = str(problem)
                    log.warning("%s", logged)
            await alarm.wait(pause.total_seconds())
    finally:
        await alarm.close()
