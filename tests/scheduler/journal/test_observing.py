from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from journaling import (
    NOON,
    Recorder,
    after,
    intent,
    note,
    observed,
    opened,
    stored,
    with_run,
)

from scheduler.domain import InputRecord
from scheduler.journal import OpenIntentExists
from scheduler.journal.sqlite import SqliteJournal, pending_rows

GIVEN = InputRecord(NOON, "flag storm", {"until": None})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def test_the_stream_is_committed_with_the_next_audit_row(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed(after(0)))
        await home.commit(GIVEN, observed(after(30)))
        assert stored(path, "SELECT count(*) FROM observation") == [(0,)]
        await home.commit(note(after(30)))
        assert stored(path, "SELECT id FROM observation") == [(2,), (4,)]
        assert stored(path, "SELECT id, name, content FROM input") == [
            (3, "flag storm", '{"until":null}')
        ]
        assert stored(path, "SELECT id FROM note") == [(5,)]

    with_run(path, act)
    assert stored(path, "SELECT count(*) FROM observation") == [(2,)]


def test_the_stream_of_a_step_with_an_audit_row_does_not_wait(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed(), note())
        assert stored(path, "SELECT id FROM observation") == [(2,)]

    with_run(path, act)


def test_what_waits_is_committed_with_the_rows_of_another_site(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed())
        await Recorder.begin(journal, "cabin")
        assert stored(path, "SELECT site, id FROM observation") == [("home", 2)]

    with_run(path, act)


def test_an_observation_is_kept_whole(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed(tick_at=after(2)))

    with_run(path, act)
    assert stored(path, "SELECT * FROM observation") == [
        (
            "home",
            2,
            "2026-07-01T12:00:00.000000Z",
            1,
            "2026-07-01T12:00:02.000000Z",
            50.0,
            100.0,
            400.0,
            500.0,
            0.0,
            "SystemGridConnected",
            0,
            "self_consumption",
            20.0,
            None,
            None,
            1,
            "1.49.0",
            '{"firmware":"2026-07-01T11:50:00.000000Z"}',
            None,
            None,
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
def test_the_stream_is_committed_when_its_oldest_is_five_minutes_old(
    path: Path, seconds: list[int], due: bool
) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        for second in seconds:
            assert stored(path, "SELECT count(*) FROM observation") == [(0,)]
            await home.commit(observed(after(second)))
        assert stored(path, "SELECT count(*) FROM observation") == [(due * len(seconds),)]
        await home.commit(observed(after(seconds[-1])))
        assert stored(path, "SELECT count(*) FROM observation") == [(due * len(seconds),)]

    with_run(path, act)


def test_observations_of_a_failed_commit_wait_for_the_next(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(intent())
        await home.commit(observed(after(1), soe=51))
        with pytest.raises(OpenIntentExists):
            await home.commit(intent())
        await home.commit(observed(after(2), soe=52))
        await home.commit(note())

    with_run(path, act)
    assert stored(path, "SELECT id, soe FROM observation ORDER BY id") == [(3, 51.0), (4, 52.0)]


def test_what_waits_is_known_as_such_after_a_flush_that_failed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        def fail(_connection: object) -> None:
            raise OSError("no disk")

        await home.commit(observed(after(0)))
        with monkeypatch.context() as failing:
            failing.setattr(journal._engine.dialect, "do_commit", fail)
            with pytest.raises(OSError, match="no disk"):
                await home.commit(observed(after(300)))
        assert (await journal.past("home")).next_number == 4
        again = Recorder(journal, "home", 4)
        again.run = home.run
        await again.commit(note())

    with_run(path, act)
    assert stored(path, "SELECT id FROM observation ORDER BY id") == [(2,), (3,)]
    assert stored(path, "SELECT id FROM note") == [(4,)]


def test_the_oldest_observations_are_given_up_when_too_many_wait(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending_rows, "MOST_BUFFERED", 4)

    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(GIVEN)
        for soe in range(5):
            await home.commit(observed(soe=soe))

    with_run(path, act)
    assert stored(path, "SELECT soe FROM observation ORDER BY id") == [(2.0,), (3.0,), (4.0,)]
    assert stored(path, "SELECT count(*) FROM input") == [(1,)]
    assert stored(path, "SELECT first, last FROM unused") == [(3, 4)]


def test_what_waits_is_written_at_the_end(path: Path) -> None:
    async def whole() -> None:
        async with opened(path) as journal:
            home = await Recorder.begin(journal)
            await home.commit(observed())

    asyncio.run(whole())
    assert stored(path, "SELECT count(*) FROM observation") == [(1,)]
