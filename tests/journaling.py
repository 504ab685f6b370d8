"""Rows for journals in tests, and ways to look at what a journal really holds."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from rules.domain import AppPercent, GridStatus, Mode, Observation, Part, Quantity, Setting
from rules.engine import Action, Happened
from scheduler.domain import (
    Cause,
    DecisionRecord,
    EventRecord,
    FirmwareCheckRecord,
    IntentRecord,
    Kind,
    NoteKind,
    NoteRecord,
    ObservationRecord,
    Outcome,
    OutcomeRecord,
    Record,
    Row,
    RuleCheckRecord,
    RunStart,
    SentRecord,
)
from scheduler.journal import Journal
from scheduler.journal.queries import Entry
from scheduler.journal.sqlite import SqliteJournal, read_journal

T = TypeVar("T")

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
EVERYDAY = Setting(Mode.SELF_CONSUMPTION, 20)
FULL = Setting(Mode.BACKUP, 100)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def run_start(at: datetime = NOON, *, dry_run: bool = False) -> RunStart:
    return RunStart(at, "1.2.0", "boot-1", dry_run, "0123456789abcdef")


def observed(
    at: datetime = NOON, soe: float | None = 50.0, tick_at: datetime | None = None
) -> ObservationRecord:
    return ObservationRecord(tick_at or at, observation(at, soe))


def observation(at: datetime = NOON, soe: float | None = 50.0) -> Observation:
    return Observation(
        at,
        soe=None if soe is None else AppPercent(soe),
        site_power=100.0,
        battery_power=400.0,
        load_power=500.0,
        solar_power=0.0,
        grid=GridStatus.CONNECTED,
        grid_services=False,
        mode=Mode.SELF_CONSUMPTION,
        reserve=AppPercent(20.0),
        running=True,
        firmware="1.49.0",
        earlier={Quantity.FIRMWARE: at - timedelta(minutes=10)},
    )


def decision(at: datetime = NOON, setting: Setting | None = None) -> DecisionRecord:
    return DecisionRecord(
        at,
        Setting(Mode.BACKUP, 100) if setting is None else setting,
        {Part.RESERVE: "fill up", Part.MODE: "fill up"},
        "0123456789abcdef",
        "the window began",
        {"since": {"fill up": "2026-07-01T12:00:00Z"}, "captured": {}},
        Cause.TIME,
    )


def intent(
    at: datetime = NOON,
    wanted: Setting = FULL,
    previous: Setting = EVERYDAY,
    *,
    decision_id: int | None = None,
    would: bool = False,
) -> IntentRecord:
    reason = "the window began"
    return IntentRecord(at, decision_id, previous, wanted, Cause.TIME, reason, would)


def sent(intent_id: int, at: datetime = NOON) -> SentRecord:
    return SentRecord(at, intent_id)


def outcome(
    intent_id: int, at: datetime = NOON, outcome: Outcome = Outcome.HELD, detail: str = ""
) -> OutcomeRecord:
    return OutcomeRecord(at, intent_id, FULL, outcome, detail)


def event(
    at: datetime = NOON,
    rule: str = "firmware",
    scheduled_at: datetime = NOON,
    state: Happened = Happened.FIRED,
) -> EventRecord:
    return EventRecord(at, rule, scheduled_at, Action.FIRMWARE_CHECK, state)


def firmware_check(at: datetime = NOON, event_id: int | None = None) -> FirmwareCheckRecord:
    return FirmwareCheckRecord(at, event_id, "nothing newer", "update_failed", "1.49.0", "")


def note(
    at: datetime = NOON, text: str = "changed in the app", kind: NoteKind = NoteKind.HELD_BACK
) -> NoteRecord:
    return NoteRecord(at, kind, text)


def rule_check(
    at: datetime = NOON, rules_hash: str = "0123456789abcdef", *, ended: bool = True
) -> RuleCheckRecord:
    until = at + timedelta(days=397) if ended else None
    return RuleCheckRecord(at, rules_hash, until, errors=0, warnings=2)


class Recorder:
    """Commits records of one site in one run, numbered as the site's controller does."""

    def __init__(self, journal: Journal, site: str, next_number: int) -> None:
        self.journal = journal
        self.site = site
        self.run = next_number
        self._next = next_number

    @classmethod
    async def begin(
        cls, journal: Journal, site: str = "home", start: RunStart | None = None
    ) -> Recorder:
        """Go on from the journal's last number with a new run."""
        recorder = cls(journal, site, (await journal.past(site)).next_number)
        await recorder.commit(start or run_start())
        return recorder

    @property
    def next(self) -> int:
        """The number of the next row."""
        return self._next

    async def look_again(self) -> None:
        """Go on from what is true, after a commit of which nobody knows."""
        self._next = (await self.journal.past(self.site)).next_number

    def rows(self, *records: Record) -> list[Row]:
        """The rows that a commit of these records would have."""
        return [Row(number, self.run, record) for number, record in enumerate(records, self._next)]

    async def commit(self, *records: Record) -> int:
        """Commit records as the rows of one step; the number of the last."""
        rows = self.rows(*records)
        await self.journal.commit(self.site, rows)
        self._next += len(rows)
        return self._next - 1


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[SqliteJournal]:
    journal = await SqliteJournal.open(path)
    try:
        yield journal
    finally:
        await journal.close()


def with_run(path: Path, act: Callable[[SqliteJournal, Recorder], Awaitable[T]]) -> T:
    """Open the journal, begin a run of "home", let `act` use both, and close."""

    async def whole() -> T:
        async with opened(path) as journal:
            return await act(journal, await Recorder.begin(journal))

    return asyncio.run(whole())


def stored(path: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """What another connection sees."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query, values).fetchall()


def entries(path: Path, kind: Kind, site: str | None = None) -> list[Entry]:
    """The rows of a kind as the journal's reader has them, in the order in which they were written.

    With this a test knows the fields of records, and not the tables that keep them.
    """
    return sorted(read_journal(path, site, kinds=[kind]), key=lambda entry: (entry.site, entry.id))


def wanted(entry: Entry) -> Setting:
    """The setting that a write was for, of the parts that the local API has."""
    said: dict[str, Any] = entry.fields
    mode = said["wanted_mode"]
    return Setting(None if mode is None else Mode(mode), said["wanted_reserve"])


def dump(path: Path) -> list[str]:
    """The whole database as SQL."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())
