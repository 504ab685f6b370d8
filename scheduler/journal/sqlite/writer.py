"""The single writer.

Policy: one process (a lock file beside the journal), one thread, one connection. A commit of audit
rows returns only when they are on the disk, and a call that is cancelled meanwhile still commits.
Rows have the numbers that they came with, so the same calls leave the same rows. What was read, and
what the engine was given, is the one thing that may be lost: it waits in memory for the next audit
row, for five minutes at most.

When the disk is full the ballast is given up, once, for the rows at hand, or to be opened at all. A
disk that stays full or fails is a `JournalProblem`; what waited is kept for the next commit then,
and the journal can be used again once there is room.

So is a database that is no longer at its path: rows in a file without a name are lost when we end.
Each commit looks first, and goes on by itself once the file is back.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from sqlalchemy import Connection, Engine

from scheduler.clock import Clock, SystemClock
from scheduler.domain import STREAM, Past, Row
from scheduler.errors import JournalProblem, JournalUnavailable
from scheduler.journal.sqlite.backups import Backups
from scheduler.journal.sqlite.ballast import drop_ballast
from scheduler.journal.sqlite.engine import DiskFull, explained
from scheduler.journal.sqlite.files import OpenedFile, free_bytes
from scheduler.journal.sqlite.lock import JournalLock
from scheduler.journal.sqlite.lookups import Tail
from scheduler.journal.sqlite.opening import Restored, open_or_restore, refuse_foreign
from scheduler.journal.sqlite.past import past_of, with_waiting
from scheduler.journal.sqlite.pending_rows import PendingRows
from scheduler.journal.sqlite.sidecar import Remembered, remember, remembered_of
from scheduler.journal.sqlite.transaction import Prepared, Transaction, prepared
from scheduler.journal.sqlite.upkeep import Upkeep

log = logging.getLogger(__name__)
_T = TypeVar("_T")

LEAST_ROOM = 1024 * 1024
"""Bytes on its disk with less of which a journal that cannot be opened is taken to want room."""


class SqliteJournal:
    """The daemon's side of the journal. Made by `open`, given back by `close`."""

    def __init__(
        self,
        path: Path,
        thread: ThreadPoolExecutor,
        lock: JournalLock,
        engine: Engine,
        file: OpenedFile,
        restored: Restored | None,
    ) -> None:
        self._path = path
        self._file = file
        self._thread = thread
        self._lock = lock
        self._engine = engine
        self._looking = engine.execution_options(read_only=True)
        self._restored = restored
        self._upkeep = Upkeep(path)
        self._backups = Backups(path)
        self._copying = asyncio.Lock()
        self._tails: dict[str, Tail] = {}
        self._pending = PendingRows()

    @classmethod
    async def open(cls, path: Path, clock: Clock | None = None, sites: Sequence[str] = ()) -> Self:
        """Lock the journal at `path`, bring it to the present schema, and make it if need be.

        A damaged journal is set aside and the newest good backup takes its place; see `restored`.
        `sites` are told of the gap besides those that the journal knows. Raises `JournalProblem`:
        not a journal, newer than the program, or at a place that cannot be written; `JournalInUse`;
        `JournalUnavailable` where the disk fails, or is full or read-only.
        """
        thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        loop = asyncio.get_running_loop()
        now = (clock or SystemClock()).now()
        try:
            return await loop.run_in_executor(thread, cls._open, path, thread, now, sites)
        except BaseException:
            thread.shutdown(wait=False)
            raise

    @classmethod
    def _open(
        cls, path: Path, thread: ThreadPoolExecutor, now: datetime, sites: Sequence[str]
    ) -> Self:
        refuse_foreign(path)  # before the lock file: nothing is left beside what is not ours
        lock = JournalLock.take(path)
        try:
            engine, restored = _opened(path, now, sites)
            try:
                file = OpenedFile(path)
            except BaseException:
                engine.dispose()
                raise
        except BaseException:
            lock.release()
            raise
        return cls(path, thread, lock, engine, file, restored)

    async def close(self) -> None:
        """Write the observations that still wait, and let go of file and lock."""
        self._backups.stop()
        try:
            await self.flush()
        finally:
            async with self._copying:
                await self._in_thread(self._close)
            self._thread.shutdown(wait=False)

    def _close(self) -> None:
        try:
            self._file.expect_in_place()  # a sidecar is about the journal that it lies beside
            remember(self._path, self._remembered())
        except (JournalProblem, OSError) as error:
            log.warning("journal %s: its sidecar could not be written: %s", self._path, error)
        finally:
            self._engine.dispose()
            self._lock.release()

    @property
    def restored(self) -> Restored | None:
        """What was lost before this journal was opened; `None`: nothing."""
        return self._restored

    # --- upkeep ------------------------------------------------------------------------------

    async def upkeep(self, now: datetime) -> bool:
        """Do a bounded piece of upkeep; True when more of it waits.

        Seals and thins one stretch of readings, or, when there is none, writes the sidecar and
        once a day makes a backup. No tick waits for a backup. To be called at the start and every
        few minutes, again and again while it says True. Raises `JournalProblem`; what failed is
        tried again by the next call.
        """
        if await self._write(lambda transaction: self._upkeep.piece(transaction, now)):
            return True
        await self._in_thread(lambda: self._upkeep.beside(self._remembered()))
        async with self._copying:
            if self._backups.due(now):
                loop = asyncio.get_running_loop()
                copying = loop.run_in_executor(None, self._backups.make, now)
                try:
                    await asyncio.shield(copying)
                except asyncio.CancelledError:
                    # Nobody may close the journal under the thread that still reads it.
                    self._backups.stop()
                    await asyncio.wait([copying])
                    raise
        return False

    def _remembered(self) -> Remembered:
        with explained(self._path), self._looking.begin() as connection:
            return remembered_of(connection)

    # --- what happened, and what is known of it --------------------------------------------

    async def commit(self, site: str, rows: Sequence[Row]) -> None:
        ready = [prepared(site, row) for row in rows]
        if all(isinstance(row.record, STREAM) for row in rows):
            self._expect_new(site, rows)
            if self._pending.keep(ready):
                await self.flush()
            return

        def add(transaction: Transaction) -> None:
            transaction.refuse_known_occurrences(ready)
            for row in ready:
                transaction.add(row)

        await self._write(add)

    async def past(self, site: str) -> Past:
        # What waits now may be on its way to the disk, and back, before it is the thread's turn.
        waiting = self._pending.of(site)

        def looked_up(connection: Connection) -> Past:
            rows = {row.number: row for row in (*waiting, *self._pending.of(site))}
            past = past_of(connection, site)
            return with_waiting(past, [rows[number] for number in sorted(rows)])

        return await self._query(looked_up)

    async def flush(self) -> None:
        """Commit what waits in memory. Raises `JournalProblem`."""
        if self._pending:
            await self._write(lambda _transaction: None)

    def _expect_new(self, site: str, rows: Sequence[Row]) -> None:
        """What waits must not stand in the way of a later commit."""
        known = self._tails.get(site, Tail()).number
        last = max(known, self._pending.last_of(site))
        for row in rows:
            if row.number <= last:
                raise JournalProblem(
                    f"row {row.number} of {site!r} comes after row {last};"
                    " what the journal knows has to be read again"
                )
            last = row.number

    # --- the thread --------------------------------------------------------------------------

    async def _write(self, change: Callable[[Transaction], _T]) -> _T:
        # Taken here and not in the thread: what a commit holds must not depend on its timing.
        waited = self._pending.take()
        return await self._in_thread(partial(self._commit, waited, change))

    def _commit(self, waited: list[Prepared], change: Callable[[Transaction], _T]) -> _T:
        try:
            try:
                return self._commit_once(waited, change)
            except DiskFull:
                if not _make_room(self._path):
                    raise
            return self._commit_once(waited, change)
        except BaseException:
            self._pending.put_back(waited)
            raise

    def _commit_once(self, waited: list[Prepared], change: Callable[[Transaction], _T]) -> _T:
        self._file.expect_in_place()
        # Whether a commit that fails reached the disk is for the disk to say.
        tails, self._tails = self._tails, {}
        with explained(self._path), self._engine.begin() as connection:
            transaction = Transaction(connection, tails)
            for row in waited:
                transaction.add_late(row)
            result = change(transaction)
        self._tails = transaction.tails
        return result

    async def _query(self, lookup: Callable[[Connection], _T]) -> _T:
        def looked_up() -> _T:
            with explained(self._path), self._looking.begin() as connection:
                return lookup(connection)

        return await self._in_thread(looked_up)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        # Unshielded, a cancelled call that still waits for the thread would be dropped, and with
        # it the observations it has taken along.
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._thread, work))


def _opened(path: Path, now: datetime, sites: Sequence[str]) -> tuple[Engine, Restored | None]:
    """The engine of the writer, and what was restored; on a full disk the ballast makes room."""
    try:
        return open_or_restore(path, now, sites)
    except JournalUnavailable:
        # SQLite has several words for a file that it cannot make for want of room.
        if free_bytes(path.parent) >= LEAST_ROOM or not _make_room(path):
            raise
    return open_or_restore(path, now, sites)


def _make_room(path: Path) -> bool:
    """Give up the ballast; whether there was any."""
    if not drop_ballast(path):
        return False
    log.error(
        "the disk of journal %s is full: the last reserve is in use; free some space",
        path,
    )
    return True
