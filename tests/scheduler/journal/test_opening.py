from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from journaling import NOON, Recorder, note, opened, stored, with_run

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite import SqliteJournal, engine, lock_holder
from scheduler.journal.sqlite.migrate import HEAD

HOLDER = """
import asyncio, sys
from pathlib import Path
from scheduler.journal.sqlite import SqliteJournal

async def hold():
    journal = await SqliteJournal.open(Path(sys.argv[1]))
    print("open", flush=True)
    sys.stdin.read()
    await journal.close()

asyncio.run(hold())
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def open_and_close(path: Path) -> None:
    async def whole() -> None:
        async with opened(path):
            pass

    asyncio.run(whole())


def refusal(path: Path) -> str:
    with pytest.raises(JournalProblem) as caught:
        open_and_close(path)
    text = str(caught.value)
    assert "\n" not in text
    return text


# --- one process --------------------------------------------------------------------------------


def test_a_second_opener_is_told_who_has_it(path: Path) -> None:
    async def whole() -> None:
        async with opened(path):
            with pytest.raises(JournalProblem, match=rf"another pwsched \(process {os.getpid()}\)"):
                await SqliteJournal.open(path)
        async with opened(path):
            pass

    asyncio.run(whole())


def test_another_process_keeps_us_out_until_it_ends(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        assert f"another pwsched (process {holder.pid}) is using this journal" in refusal(path)
        holder.communicate()
    open_and_close(path)


# --- what stands where the lock should be -------------------------------------------------------


def test_a_link_in_place_of_the_lock_is_not_followed(path: Path) -> None:
    victim = path.with_name("victim")
    victim.write_text("precious", encoding="utf-8")
    victim.chmod(0o600)
    path.with_name("journal.sqlite.lock").symlink_to(victim)
    assert refusal(path) == (
        f"journal {path} cannot be written: {path}.lock is a symbolic link; remove it"
    )
    assert victim.read_text("utf-8") == "precious"
    assert victim.stat().st_mode & 0o777 == 0o600
    assert not path.exists()


def test_a_link_to_nowhere_makes_no_file_there(path: Path) -> None:
    path.with_name("journal.sqlite.lock").symlink_to(path.with_name("nowhere"))
    assert "is a symbolic link; remove it" in refusal(path)
    assert not path.with_name("nowhere").exists()


def test_a_pipe_in_place_of_the_lock_is_refused(path: Path) -> None:
    os.mkfifo(path.with_name("journal.sqlite.lock"), 0o600)
    assert f"{path}.lock is not a regular file; remove it" in refusal(path)


def test_a_lock_that_another_holds_is_not_changed(path: Path) -> None:
    lock = path.with_name("journal.sqlite.lock")
    lock.write_text("precious\x1b[2J", encoding="utf-8")
    lock.chmod(0o600)
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "another pwsched (process unknown) is using" in refusal(path)
        assert lock_holder(path) == "unknown"
    assert lock.read_text("utf-8") == "precious\x1b[2J"
    assert lock.stat().st_mode & 0o777 == 0o600


def test_who_asks_for_the_holder_follows_no_link_and_waits_for_no_pipe(path: Path) -> None:
    lock, victim = path.with_name("journal.sqlite.lock"), path.with_name("victim")
    victim.write_text("4711", encoding="utf-8")
    lock.symlink_to(victim)
    with victim.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert lock_holder(path) is None
    lock.unlink()
    os.mkfifo(lock, 0o600)
    assert lock_holder(path) is None


# --- durability ---------------------------------------------------------------------------------


def test_the_writer_syncs_every_commit(path: Path) -> None:
    def pragmas(journal: SqliteJournal) -> list[Any]:
        with journal._engine.connect() as connection:
            return [
                connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]

    async def act(journal: SqliteJournal, _home: Recorder) -> None:
        loop = asyncio.get_running_loop()
        assert await loop.run_in_executor(journal._thread, pragmas, journal) == ["wal", 2, 1, 5000]

    with_run(path, act)


def test_a_place_without_write_ahead_log_is_refused() -> None:
    with (
        closing(sqlite3.connect(":memory:")) as connection,
        pytest.raises(JournalProblem, match="journal_mode memory"),
    ):
        engine.prepare_writer(connection, foreign_keys=True)


def test_a_sqlite_that_does_not_sync_is_refused(path: Path) -> None:
    class Hasty(sqlite3.Connection):
        def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
            return super().execute(sql.replace("synchronous=FULL", "synchronous=NORMAL"), *args)

    with (
        closing(sqlite3.connect(path, factory=Hasty)) as connection,
        pytest.raises(JournalProblem, match="synchronous 1"),
    ):
        engine.prepare_writer(connection, foreign_keys=True)


# --- files that are not journals ----------------------------------------------------------------


def test_a_text_file_is_refused_and_untouched(path: Path) -> None:
    path.write_text("[site]\n")
    assert refusal(path) == f"{path} is not a journal of pwsched; name another file"
    assert path.read_text() == "[site]\n"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_database_of_another_program_is_refused_and_untouched(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
        connection.commit()
    before = path.read_bytes()
    assert refusal(path) == f"{path} is not a journal of pwsched; name another file"
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_database_with_another_application_id_is_refused(path: Path) -> None:
    open_and_close(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id=42")
    assert "is not a journal of pwsched" in refusal(path)


def test_a_missing_folder_is_refused(path: Path) -> None:
    place = path.parent / "nowhere" / "journal.sqlite"
    assert f"the folder {place.parent} of journal {place} does not exist" in refusal(place)


def test_a_folder_is_refused(path: Path) -> None:
    path.mkdir()
    assert refusal(path) == f"journal {path} is a folder; name a file in it"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="a place where nobody may write")
def test_a_place_that_cannot_be_written_is_refused() -> None:
    text = refusal(Path("/proc/journal.sqlite"))
    assert text.startswith("journal /proc/journal.sqlite cannot be written:")
    assert text.endswith("check the owner and mode of its folder, and its disk")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_files_of_somebody_else_are_refused(path: Path) -> None:
    open_and_close(path)
    path.chmod(0o400)
    assert "it may not be written" in refusal(path)
    path.chmod(0)
    assert "cannot be read" in refusal(path)


# --- files that are not journals yet ------------------------------------------------------------


def test_an_empty_file_becomes_a_journal(path: Path) -> None:
    path.touch()
    open_and_close(path)
    assert stored(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_first_start_that_was_killed_before_its_tables_is_gone_on_with(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    assert path.stat().st_size > 0
    open_and_close(path)
    assert stored(path, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_odd_names_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "my journal? #1 100%.sqlite"

    async def whole() -> None:
        async with opened(path) as journal:
            await (await Recorder.begin(journal)).commit(note(NOON))

    asyncio.run(whole())
    open_and_close(path)
    assert stored(path, "SELECT count(*) FROM note") == [(1,)]
