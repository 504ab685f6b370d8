"""The single writer.

Policy: one process (a lock file beside the journal), one thread, one connection. Every method
that adds an audit row returns only when the row is on the disk, and a call that is cancelled
meanwhile still commits. Rows are numbered through all tables in the order of their commits, so
the same calls leave the same rows. Observations, and what else the engine was given, are the one
thing that may be lost: they wait in memory for the next audit row, for five minutes at most.

When the disk is full the ballast is given up, once, for the row at hand. A disk that stays full or
fails is a `JournalProblem`; nothing of that call is in the journal then, its observations are kept
for the next, and the journal can be used again once there is room.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Connection, Engine, Table

from rules.domain import Observation, Setting
from scheduler.clock import Clock, SystemClock
from scheduler.domain import (
    CapabilityRecord,
    DecisionRecord,
    EffectRecord,
    EventRecord,
    FailedWrites,
    FirmwareCheckRecord,
    HeldWrite,
    HoldRecord,
    IntentRecord,
    NoteRecord,
    OpenIntent,
    Outcome,
    OverrideRecord,
    PastDecision,
    PastGap,
    PastWrite,
    Restored,
    RunStart,
)
from scheduler.errors import JournalProblem
from scheduler.journal import lookups, rows, tables
from scheduler.journal.backups import Backups
from scheduler.journal.ballast import drop_ballast
from scheduler.journal.engine import DiskFull, explained
from scheduler.journal.given import Content
from scheduler.journal.lock import JournalLock
from scheduler.journal.opening import open_or_restore, refuse_foreign
from scheduler.journal.sidecar import Remembered, remember
from scheduler.journal.transaction import Tail, Transaction
from scheduler.journal.upkeep import Upkeep
from scheduler.journal.waiting import Waiting, WaitingRow

LONGEST_BUFFERED = timedelta(minutes=5)
"""Age of the oldest observation in memory from which on a flush is due."""

log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Journal:
    """The daemon's side of the journal. Made by `open`, given back by `close`."""

    def __init__(
        self,
        path: Path,
        thread: ThreadPoolExecutor,
        lock: JournalLock,
        engine: Engine,
        restored: Restored | None,
    ) -> None:
        self._path = path
        self._thread = thread
        self._lock = lock
        self._engine = engine
        self._looking = engine.execution_options(read_only=True)
        self._restored = restored
        self._upkeep = Upkeep(path)
        self._backups = Backups(path)
        self._copying = asyncio.Lock()
        self._tail: Tail | None = None
        self._waiting = Waiting()

    @classmethod
    async def open(cls, path: Path, clock: Clock | None = None, sites: Sequence[str] = ()) -> Self:
        """Lock the journal at `path`, bring it to the present schema, and make it if need be.

        A damaged journal is set aside and the newest good backup takes its place; see `restored`.
        `sites` are told of the gap besides those that the journal knows. Raises `JournalProblem`:
        used by another process, not a journal, newer than the program, or at a place that cannot
        be written.
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
            engine, restored = open_or_restore(path, now, sites)
        except BaseException:
            lock.release()
            raise
        return cls(path, thread, lock, engine, restored)

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
            return Remembered.of(lookups.tail(connection), lookups.sites(connection))

    # --- what happened ---------------------------------------------------------------------

    async def begin_run(self, start: RunStart) -> int:
        """Record a start of the daemon for a site; every other row belongs to such a run."""
        return await self._append(tables.run, start.site, rows.run_row(start))

    async def end_run(self, site: str, run_id: int, at: datetime, reason: str) -> None:
        """Record an orderly end. A run without one was killed."""
        await self._append(tables.run_end, site, {"run_id": run_id, "at": at, "reason": reason})

    def observe(
        self, site: str, run_id: int, observation: Observation, tick_at: datetime | None = None
    ) -> bool:
        """Keep an observation for the next commit; True when `flush` is due.

        `tick_at` is the instant that was decided for, that of the poll unless said. Raises
        `ValueError` for a naive instant.
        """
        row = rows.observation_row(run_id, observation, tick_at or observation.at)
        oldest = self._waiting.keep(tables.observation, site, row)
        # A clock that was set back makes the newest the earlier one.
        return abs(observation.at - oldest) >= LONGEST_BUFFERED

    def give(
        self, site: str, run_id: int, at: datetime, name: str, content: Content | None
    ) -> None:
        """Keep what the engine is given from now on for the next commit; `None`: no longer."""
        row = {"run_id": run_id, "at": at, "name": name, "content": content}
        self._waiting.keep(tables.input, site, row)

    async def flush(self) -> None:
        """Commit what waits in memory."""
        if self._waiting:
            await self._write(lambda _transaction: None)

    async def decide(
        self,
        site: str,
        run_id: int,
        decision: DecisionRecord,
        observation: Observation | None = None,
    ) -> int:
        """Record a decision, and before it the observation that led to it: both or none."""
        row = rows.decision_row(run_id, decision)

        def change(transaction: Transaction) -> int:
            if observation is not None:
                seen = rows.observation_row(run_id, observation, decision.at)
                transaction.append(tables.observation, site, seen)
            return transaction.append(tables.decision, site, row)

        return await self._write(change)

    async def keep_rules(
        self, site: str, run_id: int, at: datetime, digest: str, content: Content
    ) -> None:
        """Keep the rule files, once for each digest."""
        row = {"run_id": run_id, "at": at, "rules_hash": digest, "content": content}
        await self._write(
            lambda transaction: transaction.append_unless_there(
                tables.rule_files, site, row, ("site", "rules_hash")
            )
        )

    async def intend(
        self, site: str, run_id: int, decision_id: int | None, intent: IntentRecord
    ) -> int:
        """Record a write before it is made, and take the site's open slot unless it is a would.

        Raises `OpenIntentExists` while another intent of the site is open; nothing is recorded.
        """
        row = rows.intent_row(run_id, decision_id, intent)

        def change(transaction: Transaction) -> int:
            intent_id = transaction.append(tables.intent, site, row)
            if not intent.would:
                transaction.take_slot(site, intent_id)
            return intent_id

        return await self._write(change)

    async def sent(self, site: str, intent_id: int, at: datetime) -> None:
        """Record that an intent's write has been handed to the gateway."""
        await self._append(tables.intent_sent, site, {"intent_id": intent_id, "at": at})

    async def conclude(
        self, site: str, intent_id: int, at: datetime, outcome: Outcome, detail: str
    ) -> None:
        """Record what became of an intent, and free the site's slot. Once for each intent."""
        row = {"intent_id": intent_id, "at": at, "outcome": outcome.value, "detail": detail}

        def change(transaction: Transaction) -> None:
            transaction.append(tables.outcome, site, row)
            transaction.free_slot(site, intent_id)

        await self._write(change)

    async def fire(self, site: str, run_id: int, event: EventRecord) -> int | None:
        """Record an occurrence before acting on it; `None`: it is in the journal already."""
        row = rows.event_row(run_id, event)
        return await self._write(
            lambda transaction: transaction.append_unless_there(
                tables.event, site, row, ("site", "rule", "scheduled_at")
            )
        )

    async def firmware_check(self, site: str, run_id: int, check: FirmwareCheckRecord) -> int:
        """Record how a firmware check ended."""
        row = rows.firmware_check_row(run_id, check)
        return await self._append(tables.firmware_check, site, row)

    async def effect(self, site: str, effect: EffectRecord) -> int:
        """Record what the power flows show of a write that was held."""
        return await self._append(tables.effect, site, rows.effect_row(effect))

    async def override(self, site: str, run_id: int, override: OverrideRecord) -> int:
        """Record that somebody else's change is respected, or no longer."""
        row = rows.override_row(run_id, override)
        return await self._append(tables.override, site, row)

    async def hold(self, site: str, run_id: int, hold: HoldRecord) -> int:
        """Record the owner's word before it is followed."""
        return await self._append(tables.hold, site, rows.hold_row(run_id, hold))

    async def capability(self, site: str, run_id: int, capability: CapabilityRecord) -> int:
        """Record what the route allows."""
        row = rows.capability_row(run_id, capability)
        return await self._append(tables.capability, site, row)

    async def note(self, site: str, run_id: int, note: NoteRecord) -> int:
        """Record anything else."""
        return await self._append(tables.note, site, rows.note_row(run_id, note))

    # --- what the daemon asks ----------------------------------------------------------------

    async def open_intent(self, site: str) -> OpenIntent | None:
        """The intent whose outcome is not known yet."""
        return await self._look(lookups.open_intent, site)

    async def writes_since(
        self, site: str, instant: datetime, *, would: bool
    ) -> tuple[PastWrite, ...]:
        """Intents at or after an instant, whatever became of them, newest last."""
        return await self._look(lookups.writes_since, site, instant, would=would)

    async def last_decision(self, site: str) -> PastDecision | None:
        """The newest decision, with the memory to go on from."""
        return await self._look(lookups.last_decision, site)

    async def unfinished_check(self, site: str, since: datetime) -> tuple[int, str] | None:
        """A firmware check that began since then and has not ended: its event and its rule."""
        return await self._look(lookups.unfinished_check, site, since)

    async def last_gap(self, site: str) -> PastGap | None:
        """The newest time of which the journal has lost what happened; `None`: there is none."""
        return await self._look(lookups.last_gap, site)

    async def uncertain_write(self, site: str) -> Setting | None:
        """What the last write wanted, if nobody knows whether it took effect."""
        return await self._look(lookups.uncertain_write, site)

    async def held_write(self, site: str) -> HeldWrite | None:
        """The last write, if it was read back."""
        return await self._look(lookups.held_write, site)

    async def failed_writes(self, site: str) -> FailedWrites | None:
        """The writes in a row that failed since one succeeded."""
        return await self._look(lookups.failed_writes, site)

    async def last_overrides(self, site: str) -> tuple[OverrideRecord, ...]:
        """The last override's beginning and, if it is over, its end."""
        return await self._look(lookups.last_overrides, site)

    async def last_capability(
        self, site: str, until: datetime | None = None
    ) -> CapabilityRecord | None:
        """What the route was last known to allow, or was `until` an instant."""
        return await self._look(lookups.last_capability, site, until)

    async def last_note(self, site: str, kind: str) -> datetime | None:
        """When a note of this kind was last made."""
        return await self._look(lookups.last_note, site, kind)

    async def last_contact(self, site: str) -> datetime | None:
        """The newest observation or decision; `None`: this site has never been reached."""
        waiting = self._waiting.observed(site)
        stored = await self._look(lookups.last_contact, site)
        return max(waiting if stored is None else [*waiting, stored], default=None)

    async def last_given(self, site: str) -> dict[str, Content]:
        """What the engine was given last, by name."""
        return await self._look(lookups.last_given, site)

    async def last_word(self, site: str) -> HoldRecord | None:
        """What the owner said last."""
        return await self._look(lookups.last_word, site)

    # --- the thread --------------------------------------------------------------------------

    async def _append(self, table: Table, site: str, row: rows.Row) -> int:
        return await self._write(lambda transaction: transaction.append(table, site, row))

    async def _write(self, change: Callable[[Transaction], _T]) -> _T:
        # Taken here and not in the thread: what a commit holds must not depend on its timing.
        waited = self._waiting.take()
        return await self._in_thread(partial(self._commit, waited, change))

    def _commit(self, waited: list[WaitingRow], change: Callable[[Transaction], _T]) -> _T:
        try:
            return self._commit_once(waited, change)
        except DiskFull:
            if not drop_ballast(self._path):
                raise
            log.error(  # noqa: TRY400 -- the sentence says it all
                "the disk of journal %s is full: the last reserve is in use; free some space",
                self._path,
            )
        return self._commit_once(waited, change)

    def _commit_once(self, waited: list[WaitingRow], change: Callable[[Transaction], _T]) -> _T:
        try:
            with explained(self._path), self._engine.begin() as connection:
                transaction = Transaction(connection, self._tail or lookups.tail(connection))
                for table, site, row in waited:
                    transaction.append(table, site, row)
                result = change(transaction)
        except BaseException:
            # Whether a failed commit reached the disk is for the disk to say.
            self._tail = None
            self._waiting.put_back(waited)
            raise
        self._tail = transaction.tail
        return result

    async def _look(
        self,
        lookup: Callable[Concatenate[Connection, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        def looked_up() -> _T:
            with explained(self._path), self._looking.begin() as connection:
                return lookup(connection, *args, **kwargs)

        return await self._in_thread(looked_up)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        # Unshielded, a cancelled call that still waits for the thread would be dropped, and with
        # it the observations it has taken along.
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(self._thread, work))
