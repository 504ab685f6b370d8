"""Rows for journals in tests, and ways to look at what a journal really holds."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from rules.domain import AppPercent, GridStatus, Mode, Observation, Quantity, Setting
from scheduler.domain import (
    DecisionRecord,
    EventRecord,
    EventState,
    FirmwareCheckRecord,
    IntentRecord,
    NoteRecord,
    RunStart,
)
from scheduler.journal.writer import Journal

T = TypeVar("T")

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
EVERYDAY = Setting(Mode.SELF_CONSUMPTION, 20)
FULL = Setting(Mode.BACKUP, 100)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def run_start(site: str = "home", at: datetime = NOON, *, dry_run: bool = False) -> RunStart:
    return RunStart(site, at, "1.2.0", "boot-1", dry_run, "0123456789abcdef")


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
        {"reserve": "fill up", "mode": "fill up"},
        "0123456789abcdef",
        "the window began",
        {"since": {"fill up": "2026-07-01T12:00:00Z"}, "captured": {}},
    )


def intent(
    at: datetime = NOON,
    wanted: Setting = FULL,
    previous: Setting | None = EVERYDAY,
    *,
    would: bool = False,
) -> IntentRecord:
    return IntentRecord(at, previous, wanted, "time boundary", "the window began", would)


def event(
    at: datetime = NOON,
    rule: str = "firmware",
    scheduled_at: datetime = NOON,
    state: EventState = "fired",
) -> EventRecord:
    return EventRecord(at, rule, scheduled_at, "firmware-check", state)


def firmware_check(at: datetime = NOON, event_id: int | None = None) -> FirmwareCheckRecord:
    return FirmwareCheckRecord(at, event_id, "nothing newer", "update_failed", "1.49.0", "")


def note(at: datetime = NOON, text: str = "changed in the app") -> NoteRecord:
    return NoteRecord(at, "override", text)


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Journal]:
    journal = await Journal.open(path)
    try:
        yield journal
    finally:
        await journal.close()


def with_run(path: Path, act: Callable[[Journal, int], Awaitable[T]]) -> T:
    """Open the journal, begin a run of "home", let `act` use both, and close."""

    async def whole() -> T:
        async with opened(path) as journal:
            return await act(journal, await journal.begin_run(run_start()))

    return asyncio.run(whole())


def stored(path: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """What another connection sees."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query, values).fetchall()


def dump(path: Path) -> list[str]:
    """The whole database as SQL."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())
