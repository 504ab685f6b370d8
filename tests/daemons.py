"""The whole daemon of one house in this process, in virtual time: supervisor, socket and all.

Time stands still but for `until`, so that a test can look at what is and ask for something.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from house import House

from scheduler.checking import Answer, Question
from scheduler.checking.proof import answer
from scheduler.clock import Clock
from scheduler.config import Config, Site
from scheduler.ipc import client
from scheduler.loop import MakeGateway, Notification, Ticked
from scheduler.process import Run, run_sites

PATIENCE_S = 60.0
"""Before a test gives up on a daemon that should long have gone on."""


@dataclass
class Prover:
    """Has rules checked in this process; what it was asked, and when."""

    clock: Clock
    asked: list[datetime] = field(default_factory=list)

    async def __call__(self, question: Question, longest: float) -> Answer:
        assert longest > 0
        self.asked.append(self.clock.now())
        return await self.answer(question)

    async def answer(self, question: Question) -> Answer:
        return answer(question)


class Daemon:
    """A daemon that runs."""

    def __init__(self, house: House, config: Config) -> None:
        self._house = house
        self._config = config
        self.alarm = house.clock.alarm_clock()
        self._ticked = asyncio.Event()
        self.ticks: list[datetime] = []

    def hear(self, notification: Notification) -> None:
        self._house.heard.append(notification)
        if isinstance(notification, Ticked):
            self.ticks.append(notification.at)
            self._ticked.set()

    async def begun(self) -> None:
        """Its first tick is finished."""
        await self._ticked.wait()

    async def until(self, instant: datetime) -> None:
        """Let time pass."""
        while (left := (instant - self._house.unstepped()).total_seconds()) > 0:
            await self.alarm.wait(left)

    async def ask(self, command: str, **arguments: object) -> dict[str, Any]:
        """What it answers on its socket. Raises `NotAnswered`."""
        said = await asyncio.to_thread(client.ask, self._config, command, **arguments)
        assert said is not None
        return said

    async def status(self) -> dict[str, Any]:
        """What `pwsched status` is told of the house."""
        site: dict[str, Any] = (await self.ask("status"))["sites"][self._house.site.name]
        return site


@asynccontextmanager
async def daemon(house: House, ask: Prover, *, dry_run: bool = False) -> AsyncIterator[Daemon]:
    """The house's daemon, from its first tick to the end of the block.

    Raises what its start raises.
    """

    def route(_site: Site, _journal: Path, _clock: Clock, _run: Run) -> MakeGateway:
        return house._route()

    with tempfile.TemporaryDirectory() as folder:  # a socket's path must be short
        config = Config(house.path, (house.site,), Path(folder) / "pwsched.sock")
        running = Daemon(house, config)
        task = asyncio.create_task(
            run_sites(
                config,
                house.clock,
                Run("1.2.0", "boot:1", dry_run),
                (running.hear,),
                route,
                ask,
            )
        )
        begun = asyncio.create_task(running.begun())
        try:
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.wait([task, begun], return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    await task
                yield running
        finally:
            begun.cancel()
            task.cancel()
            await asyncio.wait([task])
            await running.alarm.close()
