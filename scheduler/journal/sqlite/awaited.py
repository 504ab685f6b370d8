"""The journal of a daemon whose disk may not serve yet.

A disk that is full, read-only or failing for now is no reason to end: nobody would start us again
for its mending. The journal is opened as soon as it can be, and takes no rows until then.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Self

from scheduler.clock import Clock
from scheduler.domain import Past, Row
from scheduler.errors import JournalUnavailable
from scheduler.journal.sqlite.writer import SqliteJournal

log = logging.getLogger(__name__)


class AwaitedJournal:
    """A `Journal` that tries to be opened by each call, until it is."""

    def __init__(self, path: Path, clock: Clock, sites: Sequence[str]) -> None:
        self._path, self._clock, self._sites = path, clock, sites
        self._journal: SqliteJournal | None = None
        self._opening = asyncio.Lock()

    @classmethod
    async def open(cls, path: Path, clock: Clock, sites: Sequence[str]) -> Self:
        """Open the journal at `path`, now if its disk lets us; what is in the way is logged.

        Raises `JournalProblem` for what waiting would not mend, as `SqliteJournal.open` does.
        """
        journal = cls(path, clock, sites)
        try:
            await journal._opened()
        except JournalUnavailable as problem:
            log.error("%s; nothing is written until it can be opened", problem)  # noqa: TRY400 -- the sentence says it all
        return journal

    async def commit(self, site: str, rows: Sequence[Row]) -> None:
        await (await self._opened()).commit(site, rows)

    async def past(self, site: str) -> Past:
        return await (await self._opened()).past(site)

    async def upkeep(self, now: datetime) -> bool:
        """`SqliteJournal.upkeep`, once it is open."""
        return await (await self._opened()).upkeep(now)

    async def close(self) -> None:
        """Close the journal, if it is open."""
        async with self._opening:
            if self._journal is not None:
                await self._journal.close()

    async def _opened(self) -> SqliteJournal:
        async with self._opening:
            if self._journal is None:
                self._journal = await SqliteJournal.open(self._path, self._clock, self._sites)
            return self._journal
