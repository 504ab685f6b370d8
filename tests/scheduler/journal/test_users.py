"""Two users of the machine: the daemon's, and one of its group who only reads."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from journaling import opened

DAEMON, READER, GROUP, STRANGER = 61001, 61002, 61003, 61004

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")

BECOME = """
import asyncio, os, sys, tempfile
from pathlib import Path
from journaling import Recorder, after, note, observed, opened
from scheduler.journal.sqlite import SqliteJournal, read_journal, verify

async def once(path):
    async with opened(path) as journal:
        await Recorder.begin(journal)
        await journal.upkeep(after(0))

# Where root's Python lies nobody else may read: have everything imported before.
with tempfile.TemporaryDirectory() as folder:
    asyncio.run(once(Path(folder) / "journal.sqlite"))
    verify(Path(folder) / "journal.sqlite")
    read_journal(Path(folder) / "journal.sqlite")

path, user, group = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
os.umask(0o077)
os.setgroups([])
os.setgid(group)
os.setuid(user)
"""
WRITE = """
async def hold():
    journal = await SqliteJournal.open(path)
    home = await Recorder.begin(journal)
    await home.commit(observed(), note())
    await journal.upkeep(after(0))
    print("open", flush=True)
    for line in sys.stdin:
        await home.commit(note(text=line))
        print("written", flush=True)
    await journal.close()

asyncio.run(hold())
"""
READ = """
print(len(read_journal(path)), verify(path).misfit)
"""


@pytest.fixture
def path() -> Iterator[Path]:
    """A journal of the daemon's; not below pytest's folder, which is root's alone."""
    with TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        home = Path(place) / "state"
        home.mkdir()
        path = home / "journal.sqlite"

        async def make() -> None:
            async with opened(path):
                pass

        asyncio.run(make())
        home.chmod(0o750)
        for file in (home, *home.iterdir()):
            os.chown(file, DAEMON, GROUP)
        yield path


def start(program: str, path: Path, user: int, group: int = GROUP) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-B", "-c", BECOME + program, str(path), str(user), str(group)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


@contextmanager
def daemon(path: Path) -> Iterator[subprocess.Popen[str]]:
    with start(WRITE, path, DAEMON) as process:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said == "open\n", process.communicate()[1]
        yield process


def read(path: Path, user: int = READER, group: int = GROUP) -> str:
    before = listing(path)
    with start(READ, path, user, group) as process:
        said, complaint = process.communicate()
    assert listing(path) == before  # nothing made, nothing taken away, nothing changed hands
    return said.strip() or complaint.strip().splitlines()[-1]


def listing(path: Path) -> dict[str, tuple[int, int]]:
    return {file.name: (file.stat().st_uid, file.stat().st_mode) for file in path.parent.rglob("*")}


def test_a_reader_reads_beside_the_daemon_and_does_not_hold_it_up(path: Path) -> None:
    with daemon(path) as process:
        assert read(path) == "2 None"
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("more\n")
        process.stdin.flush()
        assert process.stdout.readline() == "written\n"
        assert read(path) == "3 None"
        process.communicate()
        assert process.returncode == 0


def test_a_reader_reads_what_a_killed_daemon_left(path: Path) -> None:
    with daemon(path) as process:
        process.kill()
    assert path.with_name("journal.sqlite-wal").stat().st_size > 0
    assert read(path) == "2 None"
    with daemon(path) as process:
        assert read(path) == "4 None"
        process.communicate()
        assert process.returncode == 0


def test_a_reader_reads_when_the_daemon_has_stopped(path: Path) -> None:
    with daemon(path) as process:
        process.communicate()
    assert not path.with_name("journal.sqlite-wal").exists()
    assert read(path) == "2 None"
    with daemon(path) as process:
        process.communicate()
        assert process.returncode == 0


def test_a_reader_is_told_when_a_journal_is_being_restored(path: Path) -> None:
    with daemon(path) as process:
        process.communicate()
    path.rename(path.with_name("journal.sqlite.corrupt-20260702T150000Z"))
    assert "there is no journal at" in read(path)
    with daemon(path) as process:
        assert read(path).endswith("None")
        process.communicate()
        assert process.returncode == 0


@pytest.mark.parametrize("state", ["live", "killed", "stopped"])
def test_root_that_reads_locks_nobody_out(path: Path, state: str) -> None:
    with daemon(path) as process:
        if state == "killed":
            process.kill()
        elif state == "stopped":
            process.communicate()
        assert read(path, user=0, group=0) == "2 None"
        if state == "live":
            process.communicate()
    with daemon(path) as process:
        process.communicate()
        assert process.returncode == 0


def test_a_log_without_its_index_locks_nobody_out(path: Path) -> None:
    with daemon(path) as process:
        process.kill()
    path.with_name("journal.sqlite-shm").unlink()
    for user, group in ((0, 0), (DAEMON, GROUP)):
        with start(READ, path, user, group) as process:
            assert process.communicate()[0] == "2 None\n"
        assert {owner for owner, _ in listing(path).values()} == {DAEMON}
    with daemon(path) as process:
        assert read(path) == "4 None"
        process.communicate()
        assert process.returncode == 0


def test_a_stranger_reads_nothing(path: Path) -> None:
    with daemon(path) as process:
        assert "cannot be read: Permission denied" in read(path, STRANGER, STRANGER)
        process.communicate()
