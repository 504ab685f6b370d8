"""Whether it was us who stopped the battery: only then it is started again at once.

Policy:

* A login, and a write, may stop a battery. Only one that was seen to run shortly before can have
  been stopped by us; one that stood already was stopped by somebody who may have meant it.
* What we may have stopped is not known until the battery has been seen afterwards. That outlives
  the process, but not an hour: then too much else may have happened.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

LATELY: Final = 300.0
"""Seconds for which a reading that the battery runs speaks for what follows."""

DOUBT_LASTS: Final = 3600.0
"""Seconds for which a battery found stopped may be taken for one that we have stopped."""


class OwnStop:
    """The last thing we did that may have stopped a running battery. Instants are monotonic."""

    def __init__(self) -> None:
        self._ran_at: float | None = None
        self._until: float | None = None

    def seen(self, *, running: bool | None, now: float) -> None:
        """Take note of a reading of the battery."""
        if running is not None:
            self._ran_at = now if running else None

    def begin(self, now: float) -> bool:
        """Something that may stop the battery is about to be sent. Says whether it can be ours."""
        if self._ran_at is None or now - self._ran_at > LATELY:
            return False
        self._until = now + DOUBT_LASTS
        return True

    def possible(self, now: float) -> bool:
        """The battery has not been seen since, and if it stands it was us."""
        return self._until is not None and now < self._until

    def over(self) -> None:
        """The battery was seen, and seen to."""
        self._until = None

    def keep(self, now: float, wall: datetime) -> datetime | None:
        """Until when it is possible, for the next process; both are the same moment."""
        if self._until is None or not self.possible(now):
            return None
        return wall + timedelta(seconds=self._until - now)

    def restore(self, until: datetime | None, now: float, wall: datetime) -> None:
        """Go on with what an earlier process may have done."""
        if until is not None and until > wall:
            self._until = now + min((until - wall).total_seconds(), DOUBT_LASTS)
