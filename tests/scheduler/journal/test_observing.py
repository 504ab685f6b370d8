from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from journaling import (
    NOON,
    after,
    intent,
    note,
    observation,
    opened,
    run_start,
    stored,
    with_run,
)

from scheduler.journal import waiting
from scheduler.journal.transaction import OpenIntentExists
from scheduler.journal.writer import Journal

NAIVE = NOON.replace(tzinfo=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def test_observations_are_committed_with_the_next_audit_row(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        journal.observe("home", run_id, observation(after(0)))
        journal.observe("home", run_id, observation(after(30)))
        assert stored(path, "SELECT count(*) FROM observation") == [(0,)]
        await journal.note("home", run_id, note(after(30)))
        assert stored(path, "SELECT id FROM observation") == [(2,), (3,)]
        assert stored(path, "SELECT id FROM note") == [(4,)]

    with_run(path, act)
    assert stored(path, "SELECT count(*) FROM observation") == [(2,)]


def test_an_observation_is_kept_whole(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        journal.observe("home", run_id, observation())

    with_run(path, act)
    assert stored(path, "SELECT * FROM observation") == [
        (
            "home",
            2,
            "2026-07-01T12:00:00.000000Z",
            1,
            50.0,
            100.0,
            400.0,
            500.0,
            0.0,
            "SystemGridConnected",
            0,
            "self_consumption",
            20.0,
            1,
            "1.49.0",
            '{"firmware":"2026-07-01T11:50:00.000000Z"}',
            "2026-07-01T12:00:00.000000Z",
        )
    ]


@pytest.mark.parametrize(
    ("seconds", "due"),
    [
        ([0], False),
        ([0, 299], False),
        ([0, 300], True),
        ([0, 30, 301], True),
        ([0, -299], False),
        ([0, -300], True),  # the clock was set back
    ],
)
def test_a_flush_is_due_when_the_oldest_is_five_minutes_old(
    path: Path, seconds: list[int], due: bool
) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        said = [journal.observe("home", run_id, observation(after(s))) for s in seconds]
        assert said == [False] * (len(seconds) - 1) + [due]
        await journal.flush()
        assert stored(path, "SELECT count(*) FROM observation") == [(len(seconds),)]
        assert not journal.observe("home", run_id, observation(after(1_000)))

    with_run(path, act)


def test_observations_of_a_failed_commit_wait_for_the_next(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        await journal.intend("home", run_id, None, intent())
        journal.observe("home", run_id, observation(after(1), soe=51))
        with pytest.raises(OpenIntentExists):
            await journal.intend("home", run_id, None, intent())
        journal.observe("home", run_id, observation(after(2), soe=52))
        await journal.note("home", run_id, note())

    with_run(path, act)
    assert stored(path, "SELECT id, soe FROM observation ORDER BY id") == [(3, 51.0), (4, 52.0)]


def test_the_oldest_observations_are_given_up_when_too_many_wait(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST_BUFFERED", 3)

    async def act(journal: Journal, run_id: int) -> None:
        for soe in range(5):
            journal.observe("home", run_id, observation(soe=soe))

    with_run(path, act)
    assert stored(path, "SELECT soe FROM observation ORDER BY id") == [(2.0,), (3.0,), (4.0,)]


def test_the_observations_that_wait_are_written_at_the_end(path: Path) -> None:
    async def whole() -> None:
        async with opened(path) as journal:
            run_id = await journal.begin_run(run_start())
            journal.observe("home", run_id, observation())

    asyncio.run(whole())
    assert stored(path, "SELECT count(*) FROM observation") == [(1,)]
