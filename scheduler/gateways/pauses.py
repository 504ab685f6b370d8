"""Pauses that grow with each refusal, and outlive the process that must keep them.

A pause runs on the monotonic clock, so that a wall clock that is set changes nothing. Kept for the
next process it becomes a wall-clock instant, and there it is never longer than it was when it
began, whatever the wall clock has done meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from scheduler.gateways.values import instant, number

LONGEST_PAUSE: Final = 3600.0

BETWEEN_LOGINS: Final = 180.0
"""Seconds between two logins at a gateway: after too many it locks everybody out."""

AFTER_TOO_MANY: Final = 300.0
"""Seconds for which nothing is requested of a gateway that limits requests (429)."""

_DOUBLINGS_THAT_MATTER: Final = 10


@dataclass(frozen=True, slots=True)
class StoredPause:
    """A pause between two processes: when it ends, after how many refusals in a row.

    `asked_for` are the seconds that the other side wanted it to take.
    """

    not_before: datetime | None = None
    refusals: int = 0
    asked_for: float = 0.0

    def to_json(self) -> dict[str, object]:
        """For a file."""
        until = self.not_before
        stored = {"not_before": until.isoformat() if until else None, "refusals": self.refusals}
        return stored | ({"asked_for": self.asked_for} if self.asked_for else {})

    @classmethod
    def from_json(cls, value: object) -> StoredPause | None:
        """Out of a file, or `None` for nonsense."""
        if not isinstance(value, Mapping):
            return None
        refusals, until = value.get("refusals"), value.get("not_before")
        if type(refusals) is not int or refusals < 0:
            return None
        if until is None:
            return cls(None, refusals)
        found, asked_for = instant(until), number(value.get("asked_for", 0.0))
        return cls(found, refusals, asked_for) if found and asked_for is not None else None


class Pause:
    """A pause of `first` seconds that doubles each time it begins, until something went well."""

    def __init__(self, first: float) -> None:
        self._first = first
        self._refusals = 0
        self._began: float | None = None
        self._seconds = 0.0
        self._asked_for = 0.0

    def begin(self, now: float, at_least: float = 0.0) -> float:
        """Begin the pause at this monotonic instant; how many seconds it takes.

        `at_least` is what the other side wants, which may be longer than any pause of ours.
        """
        self._asked_for = at_least
        self._began, self._seconds = now, max(at_least, self._length(self._refusals))
        self._refusals = min(self._refusals + 1, _DOUBLINGS_THAT_MATTER)
        return self._seconds

    def left(self, now: float) -> float:
        """Seconds until it ends."""
        return max(0.0, self._began + self._seconds - now) if self._began is not None else 0.0

    def reset(self) -> bool:
        """What went before is made good: this pause and the next are the first again.

        Says whether that changed anything.
        """
        changed = self._refusals > 0
        self._refusals, self._seconds = 0, min(self._seconds, self._first)
        return changed

    def keep(self, now: float, wall: datetime) -> StoredPause:
        """The pause for the next process; `now` and `wall` are the same moment on two clocks."""
        left = self.left(now)
        if not left:
            return StoredPause(None, self._refusals)
        return StoredPause(wall + timedelta(seconds=left), self._refusals, self._asked_for)

    def restore(self, stored: StoredPause, now: float, wall: datetime) -> None:
        """Go on with a pause that an earlier process began."""
        self._refusals = max(0, min(stored.refusals, _DOUBLINGS_THAT_MATTER))
        if stored.not_before is not None and stored.not_before > wall:
            self._asked_for = stored.asked_for
            longest = max(stored.asked_for, self._length(max(0, self._refusals - 1)))
            self._began = now
            self._seconds = min((stored.not_before - wall).total_seconds(), longest)

    def _length(self, refusals: int) -> float:
        return min(self._first * 2.0**refusals, LONGEST_PAUSE)
