"""Rows that wait in memory for the next commit: what was read, and what the engine was given.

They are what a crash may lose. While the disk is full the oldest readings are given up; what was
given is not, since it is in force until something else is.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table

from scheduler.journal import tables
from scheduler.journal.rows import Row

MOST_BUFFERED = 5_000
"""Rows kept while the disk is full; beyond it the oldest readings are given up."""

WaitingRow = tuple[Table, str, Row]
"""Where it goes, its site, and its columns."""


class Waiting:
    """The rows in the order in which they came. The loop adds them, the writer's thread too."""

    def __init__(self) -> None:
        self._rows: list[WaitingRow] = []
        self._guard = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._rows)

    def keep(self, table: Table, site: str, row: Row) -> datetime:
        """Let a row wait, and say of when the oldest is."""
        with self._guard:
            self._rows.append((table, site, row))
            self._forget_oldest()
            oldest: datetime = self._rows[0][2]["at"]
        return oldest

    def take(self) -> list[WaitingRow]:
        """Everything that waits; nothing waits afterwards."""
        with self._guard:
            taken, self._rows = self._rows, []
        return taken

    def put_back(self, taken: Sequence[WaitingRow]) -> None:
        """What was taken could not be committed."""
        with self._guard:
            self._rows[:0] = taken
            self._forget_oldest()

    def observed(self, site: str) -> list[datetime]:
        """When the readings of a site that wait were made."""
        with self._guard:
            return [
                row["at"]
                for table, of, row in self._rows
                if of == site and table is tables.observation
            ]

    def _forget_oldest(self) -> None:
        surplus = len(self._rows) - MOST_BUFFERED
        if surplus <= 0:
            return
        readings = [n for n, (table, *_) in enumerate(self._rows) if table is tables.observation]
        for place in reversed(readings[:surplus]):
            del self._rows[place]
