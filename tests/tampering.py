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
    NOON,
    Recorder,
    after,
    decision,
    event,
    firmware_check,
    intent,
    note,
    observed,
    outcome,
    rule_check,
    sent,
    with_run,
)

from rules.domain import Export, Mode, Setting
from scheduler.domain import (
    CapabilityRecord,
    Effect,
    EffectRecord,
    HoldKind,
    HoldRecord,
    InputRecord,
    OverrideEnd,
    OverrideRecord,
    OverrideState,
    ReloadRecord,
    RuleFilesRecord,
    RunEnd,
)
from scheduler.journal.sqlite import SqliteJournal

_LEAF, _INTERIOR = 0x0A, 0x02


RULES = RuleFilesRecord(NOON, "0123456789abcdef", {"files": {"rules.toml": "🏡"}})
ALLOWED = CapabilityRecord(
    after(1),
    "1.49.0",
    "installer",
    may_write=True,
    may_check_firmware=False,
    may_install_firmware=None,
    levers={"modes": ["backup"]},
    started=None,
)


async def every_kind(journal: SqliteJournal, home: Recorder) -> None:
    """Every kind of row that the daemon writes, of two sites, and an intent that stays open."""
    cabin = await Recorder.begin(journal, "cabin")
    await home.commit(RULES)
    await home.commit(observed(after(1)), ALLOWED)
    decision_id = await home.commit(decision(after(2)))
    intent_id = await home.commit(intent(after(3), decision_id=decision_id))
    await home.commit(sent(intent_id, after(4)))
    await home.commit(InputRecord(after(5), "flag storm", {"until": None}), observed(after(5)))
    await home.commit(outcome(intent_id, after(6), detail="after 2 s"))
    await home.commit(EffectRecord(after(200), intent_id, FULL, Effect.CONFIRMED, "charges"))
    began = OverrideRecord(
        after(300), OverrideState.BEGAN, FULL, EVERYDAY, after(900), None, "in the app"
    )
    ended = OverrideRecord(
        after(350), OverrideState.ENDED, FULL, EVERYDAY, after(900), OverrideEnd.SET_BACK, ""
    )
    await home.commit(began)
    await home.commit(ended)
    held = Setting(Mode.BACKUP, 80, grid_charging=False, export=Export.NEVER)
    await home.commit(HoldRecord(after(400), HoldKind.HOLD, held, after(800), "the owner 🏡"))
    event_id = await home.commit(event(after(500)))
    await home.commit(firmware_check(after(600), event_id))
    await cabin.commit(note(after(700), "naïve\x00text"))
    await home.commit(intent(after(800), decision_id=decision_id, would=True))
    await cabin.commit(intent(after(900), previous=Setting()))
    await home.commit(RULES, ReloadRecord(after(950), RULES.rules_hash))
    await home.commit(RunEnd(after(1000), "asked to stop"))
    for second in range(1001, 1010):
        await home.commit(observed(after(second)))
    await home.commit(note(after(1011)))
    await journal.upkeep(after(1012) + timedelta(days=2))
    await home.commit(observed(after(200_000)))
    await home.commit(rule_check(after(200_001)), note(after(200_001)))


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
