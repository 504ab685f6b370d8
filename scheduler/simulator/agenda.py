"""What is still to happen at the simulated gateway by itself, in the order of its instants."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import NamedTuple

Deed = Callable[[datetime], None]
"""What happens; it is told the instant for which it was planned."""


class _Entry(NamedTuple):
    at: datetime
    number: int
    deed: Deed


class Agenda:
    """Deeds with their instants; of two at one instant, the one planned first comes first."""

    def __init__(self) -> None:
        self._entries: list[_Entry] = []
        self._numbers = count()

    def plan(self, at: datetime, deed: Deed) -> None:
        """Do this at `at` (aware)."""
        heapq.heappush(self._entries, _Entry(at, next(self._numbers), deed))

    def next_due(self, now: datetime) -> tuple[datetime, Deed] | None:
        """Take the earliest deed that is due, if any."""
        if not self._entries or self._entries[0].at > now:
            return None
        entry = heapq.heappop(self._entries)
        return entry.at, entry.deed
