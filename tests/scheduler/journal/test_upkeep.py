from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from journaling import NOON, Recorder, after, dump, note, observed, stored, with_run
from simulated_client import HandClock

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite import SqliteJournal, ballast, files, run_upkeep, verify
from scheduler.journal.sqlite.backups import vacuum_into

DAY = timedelta(days=1)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def backups(path: Path) -> list[str]:
    return sorted(copy.name for copy in (path.parent / "backups").iterdir())


# --- backups ------------------------------------------------------------------------------------


def test_a_backup_a_day_is_made_and_seven_are_kept(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        for day in range(9):
            await home.commit(note(NOON + day * DAY))
            await journal.upkeep(NOON + day * DAY)
            await journal.upkeep(NOON + day * DAY + timedelta(hours=23))

    with_run(path, act)
    assert backups(path) == [f"journal.sqlite.202607{day:02}T120000Z" for day in range(3, 10)]
    copy = path.parent / "backups" / "journal.sqlite.20260703T120000Z"
    assert stored(copy, "SELECT count(*) FROM note") == [(3,)]
    assert verify(copy).misfit is None


def touched(path: Path) -> list[tuple[int, int]]:
    """Size and last change of the journal and of its log, without opening them."""
    found = [files.beside(path, suffix).stat() for suffix in ("", "-wal")]
    return [(each.st_size, each.st_mtime_ns) for each in found]


def test_a_backup_leaves_the_write_ahead_log_to_the_writer(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second connection that moved the log into the journal could damage it (see `backups`)."""

    def move_the_log(connection: sqlite3.Connection, copy: Path) -> None:
        vacuum_into(connection, copy)
        with pytest.raises(sqlite3.OperationalError):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    monkeypatch.setattr("scheduler.journal.sqlite.backups.vacuum_into", move_the_log)

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(note())
        before = touched(path)
        await journal.upkeep(NOON)
        assert touched(path) == before

    with_run(path, act)
    assert len(backups(path)) == 1


def test_the_journal_is_written_while_a_backup_is_made(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scheduler.journal.sqlite import backups as module

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        loop = asyncio.get_running_loop()
        begun, may_end = asyncio.Event(), asyncio.Event()
        copy_it = module.vacuum_into

        def slow(connection: sqlite3.Connection, copy: Path) -> None:
            loop.call_soon_threadsafe(begun.set)
            asyncio.run_coroutine_threadsafe(may_end.wait(), loop).result()
            copy_it(connection, copy)

        monkeypatch.setattr(module, "vacuum_into", slow)
        upkeep = asyncio.create_task(journal.upkeep(NOON))
        await begun.wait()
        await home.commit(note(text="meanwhile"))
        may_end.set()
        assert await upkeep is False

    with_run(path, act)
    assert stored(path, "SELECT text FROM note") == [("meanwhile",)]
    assert len(backups(path)) == 1


def test_the_end_does_not_wait_for_a_backup(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scheduler.journal.sqlite import backups as module

    async def act(journal: SqliteJournal, _home: Recorder) -> None:
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        def endless(connection: sqlite3.Connection, _copy: Path) -> None:
            loop.call_soon_threadsafe(begun.set)
            connection.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                " SELECT sum(i) FROM n"
            ).fetchall()

        monkeypatch.setattr(module, "vacuum_into", endless)
        upkeep = asyncio.create_task(journal.upkeep(NOON))
        await begun.wait()
        upkeep.cancel()
        await asyncio.wait([upkeep])

    with_run(path, act)
    assert backups(path) == []


def test_a_backup_without_room_is_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.journal.sqlite.backups.free_bytes", lambda _folder: 1000)

    async def act(journal: SqliteJournal, _home: Recorder) -> None:
        with pytest.raises(JournalProblem, match="no backup was made: less than 1 MiB are free"):
            await journal.upkeep(NOON)

    with_run(path, act)
    assert backups(path) == []


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_files_are_the_owners_and_the_groups_whatever_the_umask(path: Path, umask: int) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(note())
        await journal.upkeep(NOON)
        modes.update({file: file.stat().st_mode & 0o777 for file in path.parent.rglob("*")})

    modes: dict[Path, int] = {}
    before = os.umask(umask)
    try:
        with_run(path, act)
    finally:
        os.umask(before)
    assert {file.name: mode for file, mode in modes.items()} == {
        "journal.sqlite": 0o640,
        "journal.sqlite-wal": 0o640,
        "journal.sqlite-shm": 0o640,
        "journal.sqlite.lock": 0o640,
        "journal.sqlite.tail": 0o640,
        "journal.sqlite.ballast": 0o640,
        "backups": 0o750,
        "journal.sqlite.20260701T120000Z": 0o640,
    }


def test_files_that_were_open_to_everybody_are_closed(path: Path) -> None:
    async def act(_journal: SqliteJournal, _home: Recorder) -> None:
        pass

    with_run(path, act)
    path.chmod(0o644)
    with_run(path, act)
    assert path.stat().st_mode & 0o777 == 0o640


# --- a full disk --------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(folder)]
    if (
        os.geteuid() != 0
        or shutil.which("mount") is None
        or subprocess.run(mount, capture_output=True, check=False).returncode
    ):
        pytest.skip("only who may mount can have a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> Path:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                pass
    return filler


def test_the_ballast_makes_room_for_the_last_rows(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = small_disk / "journal.sqlite"
    reserve = small_disk / "journal.sqlite.ballast"

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await journal.upkeep(NOON)
        assert reserve.stat().st_size == ballast.SIZE
        assert reserve.stat().st_blocks * 512 >= ballast.SIZE
        filler = fill(small_disk)
        for second in range(100):
            await home.commit(observed(after(second)))
            await home.commit(note(after(second), "x" * 10_000))
        assert not reserve.exists()
        assert [message for message in caplog.messages if "is full" in message] == [
            f"the disk of journal {path} is full: the last reserve is in use; free some space"
        ]
        fill_up = fill(small_disk)
        assert fill_up == filler
        with pytest.raises(JournalProblem, match="its disk is full; free some space"):
            await home.commit(note(text="y" * 20_000_000))
        with pytest.raises(JournalProblem, match="No space left on device"):
            await journal.upkeep(NOON)
        assert not reserve.exists()
        filler.unlink()
        await home.commit(note(text="room again"))
        await journal.upkeep(NOON)

    with_run(path, act)
    assert stored(path, "SELECT count(*) FROM note WHERE text LIKE 'x%'") == [(100,)]
    assert stored(path, "SELECT count(*) FROM note WHERE text = 'room again'") == [(1,)]
    assert verify(path).misfit is None


def test_no_ballast_is_taken_where_there_is_little_room(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ballast, "free_bytes", lambda _folder: 2 * ballast.SIZE - 1)

    async def act(journal: SqliteJournal, _home: Recorder) -> None:
        await journal.upkeep(NOON)

    with_run(path, act)
    assert not files.beside(path, ".ballast").exists()


# --- the task beside the loops ------------------------------------------------------------------


def test_upkeep_goes_on_beside_the_loops_until_it_is_ended(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = HandClock(NOON)

    async def whole() -> None:
        journal = await SqliteJournal.open(path, clock)
        home = await Recorder.begin(journal)
        for hour in range(50):
            await home.commit(observed(after(hour * 3600)))
        task = asyncio.create_task(run_upkeep(journal, clock))
        await asyncio.sleep(0)  # its alarm clock has to be there before time passes
        alarm = clock.alarm_clock()
        await alarm.wait(3 * 3600)
        shutil.rmtree(path.parent / "backups")
        (path.parent / "backups").write_text("in the way")
        await alarm.wait(24 * 3600)
        (path.parent / "backups").unlink()
        await alarm.wait(24 * 3600)
        task.cancel()
        await asyncio.wait([task])
        await alarm.close()
        await journal.close()

    asyncio.run(whole())
    assert len(backups(path)) == 1
    assert stored(path, "SELECT count(*) FROM seal") == [(1,)]
    assert len([message for message in caplog.messages if "no backup in" in message]) == 1
    assert verify(path).misfit is None


def test_upkeep_with_nothing_to_do_writes_nothing(path: Path) -> None:
    async def act(journal: SqliteJournal, _home: Recorder) -> None:
        await journal.upkeep(NOON)
        before = stored(path, "PRAGMA data_version"), dump(path)
        tail = path.with_name("journal.sqlite.tail").stat().st_mtime_ns
        await journal.upkeep(NOON + timedelta(minutes=10))
        assert (stored(path, "PRAGMA data_version"), dump(path)) == before
        assert path.with_name("journal.sqlite.tail").stat().st_mtime_ns == tail

    with_run(path, act)


def test_a_journal_in_a_folder_of_its_own_is_told_apart(tmp_path: Path) -> None:
    """Backups of another journal in the same folder are not ours."""
    first, second = tmp_path / "a.sqlite", tmp_path / "b.sqlite"

    async def act(journal: SqliteJournal, _home: Recorder) -> None:
        await journal.upkeep(NOON)

    with_run(first, act)
    with_run(second, act)
    assert backups(first) == ["a.sqlite.20260701T120000Z", "b.sqlite.20260701T120000Z"]
    with closing(sqlite3.connect(second)) as connection:
        assert connection.execute("SELECT count(*) FROM run").fetchone() == (1,)
