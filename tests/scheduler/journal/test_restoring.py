from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from journaling import NOON, Recorder, after, intent, note, observed, outcome, run_start, stored
from simulated_client import HandClock

from scheduler.domain import Kind, Outcome, PastGap
from scheduler.journal.sqlite import Restored, SqliteJournal, read_journal, verify

TOMORROW = NOON + timedelta(days=1)
LATER = TOMORROW + timedelta(hours=3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def a_day(journal: SqliteJournal) -> None:
    """A run with a backup in between and a few rows after it."""
    home = await Recorder.begin(journal)
    for second in range(200):
        await home.commit(observed(after(second)))
    await home.commit(note(after(200)))
    await journal.upkeep(NOON)
    await home.commit(note(after(300), "since the backup"))


def opened_at(
    path: Path, now: datetime, sites: tuple[str, ...] = ()
) -> tuple[Restored | None, PastGap | None]:
    """Open and close the journal; what was restored, and the gap that is in it then."""

    async def whole() -> tuple[Restored | None, PastGap | None]:
        journal = await SqliteJournal.open(path, HandClock(now), sites)
        try:
            return journal.restored, (await journal.past("home")).gap
        finally:
            await journal.close()

    return asyncio.run(whole())


def live_a_day(path: Path) -> None:
    async def whole() -> None:
        journal = await SqliteJournal.open(path, HandClock(NOON))
        await a_day(journal)
        await journal.close()

    asyncio.run(whole())


def overwrite(path: Path, offset: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def spoil_a_page(path: Path) -> None:
    overwrite(path, path.stat().st_size // 2 // 4096 * 4096, b"\xff" * 4096)


def drop_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE firmware_check")


def forget_the_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=0")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "page": spoil_a_page,
    "header": lambda path: overwrite(path, 0, b"\0" * 16),
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2 // 4096 * 4096),
    "empty": lambda path: os.truncate(path, 0),
    "missing": Path.unlink,
    "table": drop_a_table,
    "version": forget_the_version,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_newest_backup_takes_the_place_of_a_damaged_journal(path: Path, damage: str) -> None:
    live_a_day(path)
    DAMAGE[damage](path)
    spoilt = path.read_bytes() if path.exists() else None
    restored, gap = opened_at(path, LATER)
    assert restored is not None
    assert restored.at == LATER
    assert restored.backup == path.parent / "backups" / "journal.sqlite.20260701T120000Z"
    assert gap == PastGap(after(200), LATER, restored.reason)
    texts = [text for (text,) in stored(path, "SELECT text FROM note")]
    assert texts == ["changed in the app"]
    assert verify(path).misfit is None
    if spoilt is None:
        assert restored.set_aside is None
    else:
        assert restored.set_aside is not None
        assert restored.set_aside.name == "journal.sqlite.corrupt-20260702T150000Z"
        assert restored.set_aside.read_bytes() == spoilt
    (told,) = read_journal(path, kinds=[Kind.GAP])
    assert told.text.startswith("nothing is known of what happened since 2026-07-01 12:03 UTC: ")
    assert opened_at(path, LATER)[0] is None  # once is enough


def test_a_backup_that_is_damaged_or_was_changed_is_passed_over(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live_a_day(path)
    backups = path.parent / "backups"
    good = backups / "journal.sqlite.20260701T120000Z"
    for name, spoil in {
        "20260701T130000Z": spoil_a_page,
        "20260701T140000Z": lambda copy: overwrite(copy, 0, b"\0" * 16),
        "20260701T150000Z": lambda copy: os.truncate(copy, 0),
        "20260701T160000Z": change_a_note,
    }.items():
        copy = backups / f"journal.sqlite.{name}"
        shutil.copyfile(good, copy)
        spoil(copy)
    path.unlink()
    restored, _ = opened_at(path, LATER)
    assert restored is not None
    assert restored.backup == good
    assert sum("is of no use" in message for message in caplog.messages) == 4
    assert any(f"the backup {good} took its place" in message for message in caplog.messages)


def change_a_note(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE note SET text = 'nothing'")
        connection.commit()


def test_without_a_backup_a_new_journal_begins_with_a_gap(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live_a_day(path)
    shutil.rmtree(path.parent / "backups")
    spoil_a_page(path)
    restored, gap = opened_at(path, LATER, ("home", "cabin"))
    assert restored is not None
    assert restored.backup is None
    assert gap == PastGap(None, LATER, restored.reason)
    assert stored(path, "SELECT site, id, set_aside FROM gap ORDER BY site") == [
        ("cabin", 1, "journal.sqlite.corrupt-20260702T150000Z"),
        ("home", 1, "journal.sqlite.corrupt-20260702T150000Z"),
    ]
    assert "there is no good backup, a new journal begins" in caplog.messages[-1]


def test_the_log_goes_aside_with_its_journal(path: Path) -> None:
    live_a_day(path)
    wal = path.with_name("journal.sqlite-wal")
    wal.write_bytes(b"left behind")
    spoil_a_page(path)
    restored, _ = opened_at(path, LATER)
    assert restored is not None
    assert restored.set_aside is not None
    aside = restored.set_aside
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"left behind"
    assert not wal.exists()
    spoil_a_page(path)
    again, _ = opened_at(path, LATER)
    assert again is not None
    assert again.set_aside is not None
    assert again.set_aside.name == "journal.sqlite.corrupt-20260702T150000Z.2"
    assert aside.exists()


def test_an_older_copy_that_was_put_back_has_a_gap(path: Path) -> None:
    live_a_day(path)
    shutil.copyfile(path.parent / "backups" / "journal.sqlite.20260701T120000Z", path)
    restored, gap = opened_at(path, LATER)
    assert restored is not None
    assert (restored.set_aside, restored.backup) == (None, None)
    assert "row 203 of home is missing" in restored.reason
    assert gap == PastGap(after(200), LATER, restored.reason)
    assert opened_at(path, LATER)[0] is None


def test_another_journal_that_was_put_there_has_a_gap(path: Path) -> None:
    live_a_day(path)
    other = path.parent / "other.sqlite"

    async def another() -> None:
        journal = await SqliteJournal.open(other, HandClock(NOON))
        home = await Recorder.begin(journal)
        for second in range(300):
            await home.commit(note(after(second)))
        await journal.close()

    asyncio.run(another())
    shutil.copyfile(other, path)
    restored, _ = opened_at(path, LATER)
    assert restored is not None
    assert "row 203 of home is another one" in restored.reason


@pytest.mark.parametrize("moment", ["before the copy", "before the gap"])
def test_a_crash_while_restoring_loses_no_gap(
    path: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    live_a_day(path)
    path.with_name("journal.sqlite.tail").unlink()  # no help from there either
    spoil_a_page(path)
    where = {"before the copy": "_restore_newest", "before the gap": "_record_gap"}[moment]

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crashing:
        crashing.setattr(f"scheduler.journal.sqlite.opening.{where}", crash)
        with pytest.raises(KeyboardInterrupt):
            opened_at(path, LATER)
    restored, gap = opened_at(path, LATER)
    assert restored is not None
    assert gap is not None
    assert gap.since == after(200)
    assert verify(path).misfit is None


def test_a_sidecar_that_cannot_be_read_is_no_reason(path: Path) -> None:
    live_a_day(path)
    path.with_name("journal.sqlite.tail").write_text("{")
    assert opened_at(path, LATER) == (None, None)


def test_a_killed_daemon_has_no_gap(path: Path) -> None:
    """The sidecar lags behind the journal after a crash, and that is fine."""
    live_a_day(path)
    tail = path.with_name("journal.sqlite.tail")
    old = tail.read_bytes()

    async def more() -> None:
        journal = await SqliteJournal.open(path, HandClock(LATER))
        home = await Recorder.begin(journal, start=run_start(LATER))
        await home.commit(intent(LATER))
        await journal.close()

    asyncio.run(more())
    tail.write_bytes(old)
    assert opened_at(path, LATER) == (None, None)


def test_a_gap_has_the_next_number_of_each_site(path: Path) -> None:
    live_a_day(path)
    shutil.copyfile(path.parent / "backups" / "journal.sqlite.20260701T120000Z", path)

    async def whole() -> None:
        journal = await SqliteJournal.open(path, HandClock(LATER), ("cabin",))
        assert [(await journal.past(site)).next_number for site in ("home", "cabin")] == [204, 2]
        await Recorder.begin(journal, "home", run_start(LATER))
        await Recorder.begin(journal, "cabin", run_start(LATER))
        await journal.close()

    asyncio.run(whole())
    assert stored(path, "SELECT site, id FROM gap ORDER BY site") == [("cabin", 1), ("home", 203)]
    assert verify(path).misfit is None


def test_what_was_done_before_a_gap_says_nothing_of_what_is_so(path: Path) -> None:
    """Others may have been made since that nobody remembers; how many there were still counts."""

    async def before() -> None:
        journal = await SqliteJournal.open(path, HandClock(NOON))
        home = await Recorder.begin(journal)
        for result in (Outcome.HELD, Outcome.UNREACHABLE, Outcome.UNREACHABLE):
            await home.commit(outcome(await home.commit(intent()), outcome=result))
        await journal.upkeep(NOON)
        past = await journal.past("home")
        assert past.uncertain_write is not None
        assert past.failed_writes is not None
        await journal.close()

    async def afterwards() -> None:
        journal = await SqliteJournal.open(path, HandClock(LATER))
        past = await journal.past("home")
        assert past.gap is not None
        assert (past.uncertain_write, past.failed_writes, past.held_write) == (None, None, None)
        assert len(past.writes) == 3
        home = await Recorder.begin(journal, start=run_start(LATER))
        await home.commit(outcome(await home.commit(intent()), outcome=Outcome.REFUSED))
        past = await journal.past("home")
        assert past.failed_writes is not None
        assert past.failed_writes.count == 1
        await journal.close()

    asyncio.run(before())
    path.unlink()
    asyncio.run(afterwards())


def test_a_backup_from_before_the_first_release_is_passed_over(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    live_a_day(path)
    (copy,) = (path.parent / "backups").iterdir()
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0004'")
        connection.commit()
    path.unlink()
    restored, gap = opened_at(path, LATER)
    assert restored is not None
    assert (restored.backup, gap) == (None, PastGap(None, LATER, restored.reason))
    assert "from before the first release" in caplog.text


def test_a_backup_whose_seals_were_changed_is_passed_over(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def days() -> None:
        journal = await SqliteJournal.open(path, HandClock(NOON))
        home = await Recorder.begin(journal)
        for day in range(3):
            await home.commit(observed(NOON + timedelta(days=day)), note())
            while await journal.upkeep(NOON + timedelta(days=day + 1)):
                pass
        await journal.close()

    asyncio.run(days())
    newest = max((path.parent / "backups").iterdir())
    with closing(sqlite3.connect(newest)) as connection:
        connection.execute("UPDATE seal SET count = 5 WHERE id = (SELECT max(id) FROM seal)")
        connection.commit()
    path.unlink()
    restored, _ = opened_at(path, LATER)
    assert restored is not None
    assert restored.backup is not None
    assert restored.backup < newest
    assert "row 3 of home does not follow from row 2" in caplog.text
