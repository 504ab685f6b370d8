"""Rows that wait in memory for the next commit: readings and engine inputs.

They are what a crash may lose. While the disk is full the oldest readings are given up; an input
is not, since it is in force until something else is.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

from scheduler.domain import ObservationRecord, Row
from scheduler.journal.sqlite.transaction import Prepared

MOST_BUFFERED = 5_000
"""Rows kept while the disk is full; beyond it the oldest readings are given up."""

LONGEST_BUFFERED = timedelta(minutes=5)
"""Age of the oldest row from which on a flush is due."""


class PendingRows:
    """The rows in the order in which they came. The loop adds them, the writer's thread too."""

    def __init__(self) -> None:
        self._rows: list[Prepared] = []
        self._guard = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._rows)

    def keep(self, rows: Sequence[Prepared]) -> bool:
        """Let rows wait; whether a flush is due."""
        if not rows:
            return False
        with self._guard:
            self._rows += rows
            self._forget_oldest()
            oldest = self._rows[0].row.record.at
        # A clock that was set back makes the newest the earlier one.
        return abs(rows[-1].row.record.at - oldest) >= LONGEST_BUFFERED

    def take(self) -> list[Prepared]:
        """Everything that waits; nothing waits afterwards."""
        with self._guard:
            taken, self._rows = self._rows, []
        return taken

    def put_back(self, taken: Sequence[Prepared]) -> None:
        """What was taken could not be committed."""
        with self._guard:
            self._rows[:0] = taken
            self._forget_oldest()

    def of(self, site: str) -> list[Row]:
        """The rows of a site that wait."""
        with self._guard:
            return [each.row for each in self._rows if each.site == site]

    def last_of(self, site: str) -> int:
        """The number of the last row of a site that waits; 0: none does."""
        with self._guard:
            return next((each.row.number for each in reversed(self._rows) if each.site == site), 0)

    def _forget_oldest(self) -> None:
        surplus = len(self._rows) - MOST_BUFFERED
        if surplus <= 0:
            return
        readings = [
            place
            for place, each in enumerate(self._rows)
            if isinstance(each.row.record, ObservationRecord)
        ]
        for place in reversed(readings[:surplus]):
            del self._rows[place]
