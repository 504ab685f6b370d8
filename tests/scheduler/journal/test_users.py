"""Two users of the machine: the daemon's, and one of its group who only reads."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from multiprocessing import Pipe
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import two_users
from forked import Forked
from journaling import opened
from processes import PATIENCE_S

DAEMON, READER, GROUP, STRANGER = 61001, 61002, 61003, 61004

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")


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


class Daemon:
    """A daemon that holds the journal open; it ends when there is nothing more to write."""

    def __init__(self, path: Path) -> None:
        (taking, self._orders), (self._said, saying) = Pipe(duplex=False), Pipe(duplex=False)
        self._process = Forked(two_users.write, path, DAEMON, GROUP, streams=(taking, saying))
        assert self._said.recv() == "open"

    def write(self, text: str) -> None:
        self._orders.send(text)
        assert self._said.recv() == "written"

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> int:
        self._orders.close()
        return self._process.wait(PATIENCE_S)

    def close(self) -> None:
        self._process.kill()
        self._orders.close()
        self._said.close()


@contextmanager
def daemon(path: Path) -> Iterator[Daemon]:
    with closing(Daemon(path)) as running:
        yield running


def told(path: Path, user: int, group: int) -> str:
    """What a user reads, or why it cannot."""
    listening, saying = Pipe(duplex=False)
    process = Forked(two_users.read, path, user, group, streams=(saying,))
    try:
        said = listening.recv()
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        listening.close()
    assert isinstance(said, str)
    return said


def read(path: Path, user: int = READER, group: int = GROUP) -> str:
    before = listing(path)
    said = told(path, user, group)
    assert listing(path) == before  # nothing made, nothing taken away, nothing changed hands
    return said


def listing(path: Path) -> dict[str, tuple[int, int]]:
    return {file.name: (file.stat().st_uid, file.stat().st_mode) for file in path.parent.rglob("*")}


def test_a_reader_reads_beside_the_daemon_and_does_not_hold_it_up(path: Path) -> None:
    with daemon(path) as process:
        assert read(path) == "2 None"
        process.write("more")
        assert read(path) == "3 None"
        assert process.end() == 0


def test_a_reader_reads_what_a_killed_daemon_left(path: Path) -> None:
    with daemon(path) as process:
        process.kill()
    assert path.with_name("journal.sqlite-wal").stat().st_size > 0
    assert read(path) == "2 None"
    with daemon(path) as process:
        assert read(path) == "4 None"
        assert process.end() == 0


def test_a_reader_reads_when_the_daemon_has_stopped(path: Path) -> None:
    with daemon(path) as process:
        process.end()
    assert not path.with_name("journal.sqlite-wal").exists()
    assert read(path) == "2 None"
    with daemon(path) as process:
        assert process.end() == 0


def test_a_reader_is_told_when_a_journal_is_being_restored(path: Path) -> None:
    with daemon(path) as process:
        process.end()
    path.rename(path.with_name("journal.sqlite.corrupt-20260702T150000Z"))
    assert "there is no journal at" in read(path)
    with daemon(path) as process:
        assert read(path).endswith("None")
        assert process.end() == 0


@pytest.mark.parametrize("state", ["live", "killed", "stopped"])
def test_root_that_reads_locks_nobody_out(path: Path, state: str) -> None:
    with daemon(path) as process:
        if state == "killed":
            process.kill()
        elif state == "stopped":
            process.end()
        assert read(path, user=0, group=0) == "2 None"
        if state == "live":
            process.end()
    with daemon(path) as process:
        assert process.end() == 0


def test_a_log_without_its_index_locks_nobody_out(path: Path) -> None:
    with daemon(path) as process:
        process.kill()
    path.with_name("journal.sqlite-shm").unlink()
    for user, group in ((0, 0), (DAEMON, GROUP)):
        assert told(path, user, group) == "2 None"
        assert {owner for owner, _ in listing(path).values()} == {DAEMON}
    with daemon(path) as process:
        assert read(path) == "4 None"
        assert process.end() == 0


def test_a_stranger_reads_nothing(path: Path) -> None:
    with daemon(path) as process:
        assert "cannot be read: Permission denied" in read(path, STRANGER, STRANGER)
        process.end()
