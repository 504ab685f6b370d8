"""How a loop ends, and what is asked of it between two ticks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from house import AFTERNOON, House, local

from scheduler.control import Reply
from scheduler.control.events import ReloadFailed
from scheduler.domain import Past, Row, RunEnd
from scheduler.errors import JournalProblem
from scheduler.journal import MemoryJournal
from scheduler.loop import CommitFailed, Listener, MakeRequest, Notification
from scheduler.loop.command_queue import CommandQueue

NOON = local(7, 15, "12:00")


class Doubtful(MemoryJournal):
    """Keeps one commit and says that it did not, then cannot be read once."""

    def __init__(self, doubted: int) -> None:
        super().__init__()
        self._commits = 0
        self._doubted = doubted
        self._readable = True

    async def commit(self, site: str, rows: Sequence[Row]) -> None:
        await super().commit(site, rows)
        self._commits += 1
        if self._commits == self._doubted:
            self._readable = False
            raise JournalProblem("nobody knows")

    async def past(self, site: str) -> Past:
        if not self._readable:
            self._readable = True
            raise JournalProblem("not now")
        return await super().past(site)


class Stopped(House):
    """A house whose loop is stopped when its journal fails."""

    def listeners(self) -> Sequence[Listener]:
        return (*super().listeners(), self._stop)

    def _stop(self, notification: Notification) -> None:
        if isinstance(notification, CommitFailed) and self.loop is not None:
            self.loop.stop("enough")


def test_the_end_goes_on_from_what_the_journal_has(tmp_path: Path) -> None:
    house, journal = Stopped(tmp_path, AFTERNOON, NOON), Doubtful(doubted=2)
    asyncio.run(house.make_loop(journal, dry_run=False).run())
    rows = journal.rows("home")
    assert isinstance(rows[-1].record, RunEnd)
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))


class Answering:
    """Answers requests; `during` is asked for while the first one is answered."""

    def __init__(self, during: str = "", trouble: JournalProblem | None = None) -> None:
        self.during, self.trouble = during, trouble
        self.answered: list[str] = []
        self.requests = CommandQueue(self.answer, lambda: None)

    async def answer(self, request: MakeRequest) -> Reply:
        event = request(NOON)
        assert isinstance(event, ReloadFailed)
        self.answered.append(event.text)
        if self.during:
            self.requests.reload(bad(self.during))
            self.during = ""
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        return "done"


def bad(text: str) -> MakeRequest:
    def at(now: datetime) -> ReloadFailed:
        return ReloadFailed(now + timedelta(0), text)

    return at


@pytest.mark.parametrize(
    ("during", "trouble", "answered"),
    [
        ("", None, ["one"]),
        ("two", None, ["one", "two"]),
        ("", JournalProblem("no room"), ["one", "one"]),
        ("two", JournalProblem("no room"), ["one", "two"]),
    ],
)
def test_a_reload_is_served_once_and_none_is_lost(
    during: str, trouble: JournalProblem | None, answered: list[str]
) -> None:
    served = Answering(during, trouble)
    served.requests.reload(bad("one"))
    told = [asyncio.run(served.requests.serve_reload()) for _ in range(3)]
    assert served.answered == answered
    assert told == ["no room" if trouble else None, None, None]


def test_of_two_reloads_that_wait_the_last_one_counts() -> None:
    served = Answering()
    served.requests.reload(bad("one"))
    served.requests.reload(bad("two"))
    asyncio.run(served.requests.serve_reload())
    assert served.answered == ["two"]
