"""Where the rows of a table lie in the file, and journals to tamper with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from journaling import (
    EVERYDAY,
    FULL,
    after,
    decision,
    event,
    firmware_check,
    intent,
    note,
    observation,
    run_start,
    with_run,
)

from rules.domain import Mode, Setting
from scheduler.domain import (
    CapabilityRecord,
    Effect,
    EffectRecord,
    HoldRecord,
    Outcome,
    OverrideRecord,
    OverrideState,
    Word,
)
from scheduler.journal.writer import Journal

_LEAF, _INTERIOR = 0x0A, 0x02


async def every_kind(journal: Journal, run_id: int) -> None:
    """Every kind of row that the daemon writes, of two sites, and an intent that stays open."""
    cabin = await journal.begin_run(run_start("cabin"))
    journal.observe("home", run_id, observation(after(1)))
    allowed = CapabilityRecord(
        after(1),
        "1.49.0",
        "installer",
        may_write=True,
        may_check_firmware=False,
        may_install_firmware=None,
        levers={"modes": ["backup"]},
        started=None,
    )
    await journal.capability("home", run_id, allowed)
    decision_id = await journal.decide("home", run_id, decision(after(2)))
    intent_id = await journal.intend("home", run_id, decision_id, intent(after(3)))
    await journal.sent("home", intent_id, after(4))
    journal.observe("home", run_id, observation(after(5)))
    await journal.conclude("home", intent_id, after(6), Outcome.HELD, "after 2 s")
    await journal.effect("home", EffectRecord(after(200), intent_id, Effect.CONFIRMED, "charges"))
    override = OverrideRecord(after(300), OverrideState.BEGAN, FULL, EVERYDAY, None, "in the app")
    await journal.override("home", run_id, override)
    hold = HoldRecord(after(400), Word.HOLD, Setting(Mode.BACKUP, 80), after(800), "the owner 🏡")
    await journal.hold("home", run_id, hold)
    event_id = await journal.fire("home", run_id, event(after(500)))
    await journal.firmware_check("home", run_id, firmware_check(after(600), event_id))
    await journal.note("cabin", cabin, note(after(700), "naïve\x00text"))
    await journal.intend("home", run_id, decision_id, intent(after(800), would=True))
    await journal.intend("cabin", cabin, None, intent(after(900), previous=None))
    await journal.end_run("home", run_id, after(1000), "asked to stop")
    for second in range(1001, 1010):
        journal.observe("home", run_id, observation(after(second)))
    await journal.note("home", run_id, note(after(1011)))
    await journal.upkeep(after(1012) + timedelta(days=2))
    journal.observe("home", run_id, observation(after(200_000)))
    await journal.note("home", run_id, note(after(200_001)))


def with_every_kind(path: Path) -> Path:
    with_run(path, every_kind)
    return path


def payloads(path: Path, tables: set[str]) -> Iterator[tuple[str, int, int]]:
    """(table, offset, length) of each row in the file, after sqlite.org/fileformat2.html."""
    with closing(sqlite3.connect(path)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        roots = connection.execute(
            "SELECT name, rootpage FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
    file = path.read_bytes()
    for name, root in roots:
        if name in tables:
            for offset, length in _cells(file, size, root):
                yield name, offset, length


def _cells(file: bytes, size: int, number: int) -> Iterator[tuple[int, int]]:
    start = (number - 1) * size
    header = start + (100 if number == 1 else 0)
    kind = file[header]
    assert kind in {_LEAF, _INTERIOR}
    count = int.from_bytes(file[header + 3 : header + 5])
    pointers = header + (8 if kind == _LEAF else 12)
    for place in range(count):
        cell = start + int.from_bytes(file[pointers + 2 * place : pointers + 2 * place + 2])
        if kind == _INTERIOR:
            yield from _cells(file, size, int.from_bytes(file[cell : cell + 4]))
            cell += 4
        length, begin = _varint(file, cell)
        assert length < size // 4, "rows of these tests fit on a page"
        yield begin, length
    if kind == _INTERIOR:
        yield from _cells(file, size, int.from_bytes(file[header + 8 : header + 12]))


def _varint(file: bytes, offset: int) -> tuple[int, int]:
    value = 0
    while True:
        byte = file[offset]
        value = value << 7 | byte & 0x7F
        offset += 1
        if byte < 0x80:
            return value, offset
