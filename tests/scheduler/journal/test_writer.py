from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from journaling import (
    EVERYDAY,
    FULL,
    NOON,
    after,
    decision,
    dump,
    event,
    firmware_check,
    intent,
    note,
    observation,
    run_start,
    stored,
    with_run,
)
from sqlalchemy import Engine
from sqlalchemy import event as sql_event
from sqlalchemy.exc import StatementError

from rules.domain import Observation, Quantity
from scheduler.domain import Outcome
from scheduler.errors import JournalProblem
from scheduler.journal import tables
from scheduler.journal.transaction import OpenIntentExists
from scheduler.journal.writer import Journal

NAIVE = NOON.replace(tzinfo=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def everything(journal: Journal, run_id: int) -> None:
    """Every method that writes, once."""
    journal.observe("home", run_id, observation())
    decision_id = await journal.decide("home", run_id, decision())
    intent_id = await journal.intend("home", run_id, decision_id, intent())
    await journal.sent("home", intent_id, after(1))
    await journal.conclude("home", intent_id, after(12), Outcome.HELD, "")
    event_id = await journal.fire("home", run_id, event())
    await journal.fire("home", run_id, event())
    await journal.firmware_check("home", run_id, firmware_check(event_id=event_id))
    await journal.note("home", run_id, note())
    journal.observe("home", run_id, observation(after(30)))
    await journal.flush()
    await journal.end_run("home", run_id, after(60), "asked to stop")


def test_rows_are_numbered_through_all_tables_in_the_order_of_their_commits(path: Path) -> None:
    with_run(path, everything)
    numbered = {
        number: table.name
        for table in tables.AUDIT_TABLES
        for (number,) in stored(path, f"SELECT id FROM {table.name}")  # noqa: S608 -- our own names
    }
    assert [numbered[number] for number in range(1, len(numbered) + 1)] == [
        "run",
        "observation",
        "decision",
        "intent",
        "intent_sent",
        "outcome",
        "event",
        "firmware_check",
        "note",
        "observation",
        "run_end",
    ]


def test_numbering_goes_on_after_a_restart(path: Path) -> None:
    with_run(path, everything)
    with_run(path, everything_but_the_event)
    numbers = [
        number
        for table in tables.AUDIT_TABLES
        for (number,) in stored(path, f"SELECT id FROM {table.name}")  # noqa: S608 -- our own names
    ]
    assert sorted(map(str, numbers), key=int) == [str(n) for n in range(1, len(numbers) + 1)]


async def everything_but_the_event(journal: Journal, run_id: int) -> None:
    await journal.decide("home", run_id, decision(after(120)))
    await journal.note("home", run_id, note(after(121)))


def test_same_calls_leave_the_same_rows(tmp_path: Path) -> None:
    first, second = tmp_path / "first.sqlite", tmp_path / "second.sqlite"
    with_run(first, everything)
    with_run(second, everything)
    assert dump(first) == dump(second)


def test_audit_rows_are_never_changed_or_deleted(path: Path) -> None:
    with every_statement() as statements:
        with_run(path, everything)
        with_run(path, everything_but_the_event)
    changing = [s for s in statements if s.split()[0] in {"UPDATE", "DELETE", "REPLACE"}]
    unlike_alembic = {s for s in changing if "alembic_version" not in s}
    assert {s.split("WHERE")[0].strip() for s in unlike_alembic} == {"DELETE FROM open_intent"}
    assert any(s.startswith("INSERT INTO outcome") for s in statements)
    assert not any("OR REPLACE" in s or "DO UPDATE" in s for s in statements)


@contextmanager
def every_statement() -> Iterator[list[str]]:
    statements: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement.strip())

    sql_event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield statements
    finally:
        sql_event.remove(Engine, "before_cursor_execute", listen)


# --- the open slot ----------------------------------------------


def test_a_second_open_intent_is_refused_and_leaves_no_row(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        await journal.intend("home", run_id, None, intent())
        with pytest.raises(OpenIntentExists, match="'home' has a write whose outcome"):
            await journal.intend("home", run_id, None, intent(after(60), EVERYDAY))
        assert len(await journal.writes_since("home", NOON, would=False)) == 1

    with_run(path, act)


def test_the_slot_is_kept_by_the_database_and_survives_a_restart(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        await journal.sent("home", await journal.intend("home", run_id, None, intent()), after(1))

    async def act_later(journal: Journal, run_id: int) -> None:
        found = await journal.open_intent("home")
        assert found is not None
        assert (found.wanted, found.previous, found.at) == (FULL, EVERYDAY, NOON)
        assert (found.cause, found.reason) == ("time boundary", "the window began")
        assert found.sent_at == after(1)
        with pytest.raises(OpenIntentExists):
            await journal.intend("home", run_id, None, intent())
        await journal.conclude("home", found.id, after(60), Outcome.RECOVERED_APPLIED, "")
        assert await journal.open_intent("home") is None
        await journal.intend("home", run_id, None, intent())

    with_run(path, act)
    with_run(path, act_later)


def test_each_site_has_a_slot_of_its_own(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        other_run = await journal.begin_run(run_start("cabin"))
        await journal.intend("home", run_id, None, intent())
        cabin = await journal.intend("cabin", other_run, None, intent())
        await journal.conclude("cabin", cabin, after(9), Outcome.HELD, "")
        assert await journal.open_intent("home") is not None
        assert await journal.open_intent("cabin") is None

    with_run(path, act)


def test_a_row_cannot_refer_to_another_site(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        await journal.begin_run(run_start("cabin"))
        with pytest.raises(JournalProblem, match="does not fit"):
            await journal.note("cabin", run_id, note())

    with_run(path, act)


def test_a_would_takes_no_slot(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        first = await journal.intend("home", run_id, None, intent(would=True))
        await journal.conclude("home", first, NOON, Outcome.WOULD, "")
        await journal.intend("home", run_id, None, intent(would=True))
        assert await journal.open_intent("home") is None

    with_run(path, act)


def test_an_intent_has_one_outcome(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        intent_id = await journal.intend("home", run_id, None, intent())
        await journal.conclude("home", intent_id, after(9), Outcome.HELD, "")
        with pytest.raises(JournalProblem):
            await journal.conclude("home", intent_id, after(10), Outcome.MISMATCH, "")

    with_run(path, act)
    assert stored(path, "SELECT outcome FROM outcome") == [("held",)]


# --- instants ----------------------------------------------

NAIVE_CALLS: dict[str, Callable[[Journal, int], Awaitable[object]]] = {
    "begin_run": lambda journal, _: journal.begin_run(run_start(at=NAIVE)),
    "end_run": lambda journal, run: journal.end_run("home", run, NAIVE, ""),
    "decide": lambda journal, run: journal.decide("home", run, decision(NAIVE)),
    "intend": lambda journal, run: journal.intend("home", run, None, intent(NAIVE)),
    "fire": lambda journal, run: journal.fire("home", run, event(NAIVE)),
    "scheduled": lambda journal, run: journal.fire("home", run, event(scheduled_at=NAIVE)),
    "check": lambda journal, run: journal.firmware_check("home", run, firmware_check(NAIVE)),
    "note": lambda journal, run: journal.note("home", run, note(NAIVE)),
    "writes_since": lambda journal, _: journal.writes_since("home", NAIVE, would=False),
}


@pytest.mark.parametrize("call", NAIVE_CALLS.values(), ids=NAIVE_CALLS)
def test_naive_instants_are_refused(
    path: Path, call: Callable[[Journal, int], Awaitable[object]]
) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        with pytest.raises((StatementError, ValueError), match="aware instants only"):
            await call(journal, run_id)
        await journal.note("home", run_id, note())

    with_run(path, act)
    assert stored(path, "SELECT id FROM note") == [(2,)]


@pytest.mark.parametrize(
    "seen",
    [
        Observation(NAIVE),
        Observation(NOON, firmware="1.49.0", earlier={Quantity.FIRMWARE: NAIVE}),
    ],
    ids=["poll", "field"],
)
def test_a_naive_observation_is_refused_at_once_and_spoils_no_later_commit(
    path: Path, seen: Observation
) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        with pytest.raises(ValueError, match="aware instants only"):
            journal.observe("home", run_id, seen)
        await journal.note("home", run_id, note())

    with_run(path, act)
    assert stored(path, "SELECT count(*) FROM observation") == [(0,)]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-07-01T05:00:00-07:00", "2026-07-01T12:00:00.000000Z"),
        ("2026-07-01T12:00:00.25+00:00", "2026-07-01T12:00:00.250000Z"),
        ("2026-11-01T01:30:00-07:00", "2026-11-01T08:30:00.000000Z"),
        ("2026-11-01T01:30:00-08:00", "2026-11-01T09:30:00.000000Z"),
    ],
)
def test_instants_are_kept_as_utc_of_fixed_width(path: Path, written: str, kept: str) -> None:
    at = datetime.fromisoformat(written)

    async def act(journal: Journal, run_id: int) -> None:
        await journal.decide("home", run_id, decision(at))
        last = await journal.last_decision("home")
        assert last is not None
        assert last.record.at == at
        assert last.record.at.utcoffset() == timedelta(0)

    with_run(path, act)
    assert stored(path, "SELECT at FROM decision") == [(kept,)]


# --- when things go wrong ----------------------------------------------


def test_a_full_disk_is_a_sentence_and_loses_nothing(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        def allow(pages: int) -> None:
            with journal._engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

        loop = asyncio.get_running_loop()
        await loop.run_in_executor(journal._thread, allow, 1)
        journal.observe("home", run_id, observation())
        with pytest.raises(JournalProblem, match="its disk is full; free some space"):
            await journal.note("home", run_id, note(text="x" * 20_000))
        assert stored(path, "SELECT count(*) FROM note") == [(0,)]
        await loop.run_in_executor(journal._thread, allow, 1_000_000)
        assert await journal.note("home", run_id, note()) == 3

    with_run(path, act)
    assert stored(path, "SELECT id FROM observation") == [(2,)]


def test_a_locked_journal_is_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.journal.engine.BUSY_TIMEOUT_S", 0.0)

    async def act(journal: Journal, run_id: int) -> None:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(JournalProblem, match="another program keeps it locked"):
                await journal.note("home", run_id, note())
        finally:
            other.close()
        await journal.note("home", run_id, note())

    with_run(path, act)


def test_a_cancelled_call_still_commits(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        writing = asyncio.create_task(journal.note("home", run_id, note()))
        await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing

    with_run(path, act)
    assert stored(path, "SELECT count(*) FROM note") == [(1,)]


def test_two_sites_write_at_once(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        cabin_run = await journal.begin_run(run_start("cabin"))
        runs = {"home": run_id, "cabin": cabin_run}
        ids = await asyncio.gather(
            *(journal.note(site, runs[site], note()) for site in ("home", "cabin") * 20)
        )
        assert ids == list(range(3, 43))

    with_run(path, act)


def test_memory_that_is_not_json_is_refused(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        record = decision()
        bad = type(record)(record.at, record.setting, {}, "", "", {"soe": float("nan")})
        with pytest.raises(ValueError, match="not JSON compliant"):
            await journal.decide("home", run_id, bad)

    with_run(path, act)


def test_a_write_takes_the_lock_before_it_reads_and_a_look_takes_none(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        with every_statement() as statements:
            await journal.note("home", run_id, note())
            await journal.open_intent("home")
        assert [s for s in statements if s.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]

    with_run(path, act)


def test_a_commit_that_failed_after_it_reached_the_disk_blocks_no_later_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit_and_fail(connection: Any) -> None:
        connection.commit()
        raise sqlite3.OperationalError("disk I/O error")

    async def act(journal: Journal, run_id: int) -> None:
        with monkeypatch.context() as failing:
            failing.setattr(journal._engine.dialect, "do_commit", commit_and_fail)
            with pytest.raises(JournalProblem, match="disk I/O error"):
                await journal.note("home", run_id, note(text="on the disk"))
        assert await journal.note("home", run_id, note(text="later")) == 3

    with_run(path, act)
    assert stored(path, "SELECT id, text FROM note") == [(2, "on the disk"), (3, "later")]
