"""What the journal needs from time to time: seals, thinning, ballast, the sidecar, a backup.

In small pieces between ticks: each piece is one commit of the writer, and reads and writes at most
one stretch of readings.
"""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite import lookups
from scheduler.journal.sqlite.ballast import take_ballast
from scheduler.journal.sqlite.seals import seal_next
from scheduler.journal.sqlite.sidecar import Remembered, remember
from scheduler.journal.sqlite.thinning import Damage, thin_next
from scheduler.journal.sqlite.transaction import Transaction

log = logging.getLogger(__name__)


class Upkeep:
    """The upkeep of one journal, in the writer's thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._left_alone: dict[str, int] = {}
        self._remembered: Remembered | None = None

    def piece(self, transaction: Transaction, now: datetime) -> bool:
        """Seal or thin one stretch, the oldest first; whether there was one."""
        sites = lookups.sites(transaction.connection)
        return any(seal_next(transaction, site, now) for site in sites) or any(
            self._thin(transaction, site, now) for site in sites
        )

    def beside(self, remembered: Remembered) -> None:
        """See to the files beside the journal. Raises `JournalProblem`."""
        try:
            if remembered != self._remembered:
                remember(self._path, remembered)
                self._remembered = remembered
            take_ballast(self._path)
        except OSError as error:
            raise JournalProblem(
                f"journal {self._path}: upkeep failed: {error.strerror};"
                " check the owner and mode of its folder, and the room on its disk"
            ) from error

    def _thin(self, transaction: Transaction, site: str, now: datetime) -> bool:
        done = thin_next(transaction, site, now, self._left_alone.get(site, 0))
        if not isinstance(done, Damage):
            return done
        self._left_alone[site] = done.seal_id
        log.error(
            "journal %s: readings of %s, rows %d to %d, are not what was sealed;"
            " they are kept as they are: see `pwsched journal verify`",
            self._path,
            done.site,
            done.first,
            done.last,
        )
        return True
