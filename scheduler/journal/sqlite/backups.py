"""The daily copy of the journal, and which of the copies is good.

A copy is made by VACUUM INTO on a connection of its own, in a thread of its own, so that no tick
waits for it. That connection opens the journal read-only: it writes nowhere but into the copy, and
cannot move the write-ahead log into the journal, which only one connection may do (SQLite before
3.51.3 can damage a database where two do at once).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite.engine import connect_read_only, explained
from scheduler.journal.sqlite.files import (
    FOLDER_MODE,
    beside,
    free_bytes,
    make_private,
    put_in_place,
)

EVERY = timedelta(hours=24)
KEPT = 7

_LOOK_UP_EVERY = 10_000
"""Steps of SQLite's machine after which a copy sees that it is to stop."""


def stamp(now: datetime) -> str:
    """An instant as it stands in names of files."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"


class Backups:
    """The copies of one journal, in the folder `backups` beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = path.parent / "backups"
        self._stopped = False

    def due(self, now: datetime) -> bool:
        """Whether the newest copy is a day old, or none is there. Raises `JournalProblem`."""
        with self._explained():
            newest = next(self.newest_first(), None)
        return newest is None or abs(now - newest[0]) >= EVERY

    def newest_first(self) -> Iterator[tuple[datetime, Path]]:
        """The copies that are there, with the time of each."""
        found = []
        for copy in self._folder.glob(f"{self._path.name}.*Z"):
            try:
                made = datetime.fromisoformat(copy.name.rpartition(".")[2])
            except ValueError:
                continue
            found.append((made, copy))
        return iter(sorted(found, reverse=True))

    def make(self, now: datetime) -> Path | None:
        """Copy the journal, and remove the copies beyond the newest seven.

        `None` where `stop` came in between. Raises `JournalProblem` when it cannot be done.
        """
        with self._explained():
            return self._make(now)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what the file system complains of into a `JournalProblem`."""
        try:
            yield
        except OSError as error:
            raise JournalProblem(
                f"journal {self._path}: no backup in {self._folder}: {error.strerror};"
                " check the owner and mode of the folder"
            ) from error

    def stop(self) -> None:
        """Make no copy any more, and end the one that is being made."""
        self._stopped = True

    def _make(self, now: datetime) -> Path | None:
        self._folder.mkdir(FOLDER_MODE, exist_ok=True)
        self._folder.chmod(FOLDER_MODE)
        size = self._path.stat().st_size
        if free_bytes(self._folder) < 2 * size:
            raise JournalProblem(
                f"journal {self._path}: no backup was made: less than {2 * size // 2**20 + 1} MiB"
                " are free; free some space"
            )
        copy = self._folder / f"{self._path.name}.{stamp(now)}"
        unfinished = beside(copy, ".part")
        unfinished.unlink(missing_ok=True)
        make_private(unfinished)
        if not self._copy_into(unfinished):
            unfinished.unlink(missing_ok=True)
            return None
        put_in_place(unfinished, copy)
        for _, superfluous in list(self.newest_first())[KEPT:]:
            superfluous.unlink(missing_ok=True)
        return copy

    def _copy_into(self, unfinished: Path) -> bool:
        with explained(self._path), closing(connect_read_only(self._path)) as connection:
            # An interrupt would be lost that comes before the copying has begun.
            connection.set_progress_handler(lambda: self._stopped, _LOOK_UP_EVERY)
            try:
                vacuum_into(connection, unfinished)
            except sqlite3.OperationalError:
                if self._stopped:
                    return False
                raise
        return True


def vacuum_into(connection: sqlite3.Connection, copy: Path) -> None:
    """Copy what a read-only connection sees into a file that is empty or not there yet."""
    connection.execute("PRAGMA query_only=OFF")
    connection.execute("VACUUM INTO ?", (str(copy),))
