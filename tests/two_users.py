"""What another user of the machine does with a journal, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from journaling import Recorder, after, note, observed, opened

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite import SqliteJournal, read_journal, verify


def read(path: Path, user: int, group: int, said: Connection) -> None:
    """Read the journal, and say how many rows it has and what is wrong with it, or the problem."""
    _become(user, group)
    try:
        said.send(f"{len(read_journal(path))} {verify(path).misfit}")
    except JournalProblem as problem:
        said.send(str(problem))


def write(path: Path, user: int, group: int, orders: Connection, said: Connection) -> None:
    """Keep the journal open and write what is ordered, until nothing more is."""
    _become(user, group)

    async def hold() -> None:
        journal = await SqliteJournal.open(path)
        home = await Recorder.begin(journal)
        await home.commit(observed(), note())
        await journal.upkeep(after(0))
        said.send("open")
        while True:
            try:
                order = orders.recv()
            except EOFError:
                break
            await home.commit(note(text=order))
            said.send("written")
        await journal.close()

    asyncio.run(hold())


def _become(user: int, group: int) -> None:
    # Where root's Python lies nobody else may read: have everything imported before.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.sqlite"
        asyncio.run(_once(path))
        verify(path)
        read_journal(path)
    os.umask(0o077)
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)


async def _once(path: Path) -> None:
    async with opened(path) as journal:
        await Recorder.begin(journal)
        await journal.upkeep(after(0))
