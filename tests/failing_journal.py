"""A journal that fails where it is told to, before or after its rows are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum, auto

from scheduler.domain import Past, Record, Row
from scheduler.errors import JournalProblem
from scheduler.journal import MemoryJournal


class Fails(StrEnum):
    """When a commit fails: nobody is told which of the two it was."""

    BEFORE = auto()
    AFTER = auto()


When = Callable[[int, Sequence[Record]], Fails | None]
"""Whether the commit of this number (from 1), with these records, fails, and when."""


class FailingJournal:
    """A journal in memory whose commits fail by `when`.

    After the first that did so many calls of `past` fail, too.
    """

    def __init__(self, when: When = lambda _number, _records: None, pasts: int = 0) -> None:
        self.kept = MemoryJournal()
        self.commits: list[tuple[Record, ...]] = []
        self.failed: list[int] = []
        self._when = when
        self._pasts = pasts

    def records(self, site: str) -> list[Record]:
        """What is kept."""
        return [row.record for row in self.kept.rows(site)]

    def mend(self) -> None:
        """Nothing fails any more."""
        self._when, self._pasts = (lambda _number, _records: None), 0

    async def commit(self, site: str, rows: Sequence[Row]) -> None:
        records = tuple(row.record for row in rows)
        self.commits.append(records)
        fails = self._when(len(self.commits), records)
        if fails is not Fails.BEFORE:
            await self.kept.commit(site, rows)
        if fails is not None:
            self.failed.append(len(self.commits))
            raise JournalProblem(f"no room for commit {len(self.commits)}")

    async def past(self, site: str) -> Past:
        if self.failed and self._pasts > 0:
            self._pasts -= 1
            raise JournalProblem("the past cannot be read")
        return await self.kept.past(site)
