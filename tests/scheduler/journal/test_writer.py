from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from journaling import (
    EVERYDAY,
    FULL,
    NOON,
    Recorder,
    after,
    decision,
    dump,
    event,
    firmware_check,
    intent,
    note,
    observed,
    outcome,
    run_start,
    sent,
    stored,
    with_run,
)
from sqlalchemy import Engine
from sqlalchemy import event as sql_event

from rules.domain import Observation, Quantity
from rules.engine import Happened
from scheduler.domain import (
    Cause,
    HoldKind,
    HoldRecord,
    ObservationRecord,
    OpenIntent,
    Outcome,
    Record,
    Row,
    RuleFilesRecord,
    RunEnd,
)
from scheduler.errors import JournalProblem
from scheduler.journal import OccurrenceExists, OpenIntentExists
from scheduler.journal.sqlite import SqliteJournal, tables, verify
from scheduler.journal.sqlite.files import beside

NAIVE = NOON.replace(tzinfo=None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def everything(_journal: SqliteJournal, home: Recorder) -> None:
    """A write from its reading to its outcome, an event, a note and the end."""
    await home.commit(observed())
    decision_id = await home.commit(decision())
    intent_id = await home.commit(intent(decision_id=decision_id))
    await home.commit(sent(intent_id, after(1)))
    await home.commit(outcome(intent_id, after(12)))
    event_id = await home.commit(event())
    await home.commit(firmware_check(event_id=event_id), note())
    await home.commit(observed(after(30)))
    await home.commit(RunEnd(after(60), "asked to stop"))


def numbered(path: Path, site: str = "home") -> dict[int, str]:
    """The tables of a site's rows by their numbers."""
    found = {
        int(str(number)): table.name
        for table in tables.NUMBERED_TABLES
        for (number,) in stored(path, f"SELECT id FROM {table.name} WHERE site = ?", site)  # noqa: S608 -- our own names
    }
    return dict(sorted(found.items()))


# --- numbers ----------------------------------------------


def test_rows_have_the_numbers_that_they_came_with_through_all_tables(path: Path) -> None:
    with_run(path, everything)
    assert list(numbered(path).items()) == list(
        enumerate(
            [
                "run",
                "observation",
                "decision",
                "intent",
                "sent",
                "outcome",
                "event",
                "firmware_check",
                "note",
                "observation",
                "run_end",
            ],
            1,
        )
    )


def test_each_site_has_numbers_of_its_own(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        cabin = await Recorder.begin(journal, "cabin")
        for _ in range(3):
            await cabin.commit(note())
        assert await home.commit(note()) == 2

    with_run(path, act)
    assert numbered(path) == {1: "run", 2: "note"}
    assert list(numbered(path, "cabin")) == [1, 2, 3, 4]


def test_numbering_goes_on_after_a_restart(path: Path) -> None:
    with_run(path, everything)
    with_run(path, everything_but_the_event)
    assert list(numbered(path)) == list(range(1, 15))


async def everything_but_the_event(_journal: SqliteJournal, home: Recorder) -> None:
    await home.commit(decision(after(120)))
    await home.commit(note(after(121)))


def test_every_row_belongs_to_the_run_that_it_names(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        intent_id = await home.commit(observed(), intent())
        later = await Recorder.begin(journal)
        await later.commit(outcome(intent_id))

    with_run(path, act)
    found = [stored(path, f"SELECT run_id FROM {name}") for name in ("observation", "intent")]  # noqa: S608 -- our own names
    assert found == [[(1,)], [(1,)]]
    assert stored(path, "SELECT run_id FROM outcome") == [(4,)]


@pytest.mark.parametrize("number", [0, 1, 2, 3], ids=["none", "first", "old", "last"])
@pytest.mark.parametrize("record", [note(), observed()], ids=["audit", "stream"])
def test_a_number_that_is_not_a_new_one_is_refused(path: Path, number: int, record: Record) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed(), note())
        with pytest.raises(JournalProblem, match=f"row {number} of 'home' comes after row 3"):
            await journal.commit("home", [Row(number, 1, record)])
        assert await home.commit(note()) == 4

    with_run(path, act)
    assert list(numbered(path)) == [1, 2, 3, 4]


def test_a_number_that_waits_is_taken(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed())
        with pytest.raises(JournalProblem, match="row 2 of 'home' comes after row 2"):
            await journal.commit("home", [Row(2, 1, observed())])
        assert (await journal.past("home")).next_number == 3

    with_run(path, act)
    assert list(numbered(path)) == [1, 2]


def test_numbers_of_one_step_must_rise(path: Path) -> None:
    async def act(journal: SqliteJournal, _home: Recorder) -> None:
        for rows in ([3, 2], [2, 2]):
            with pytest.raises(JournalProblem, match="comes after row"):
                await journal.commit("home", [Row(number, 1, note()) for number in rows])

    with_run(path, act)
    assert list(numbered(path)) == [1]


def test_rule_files_are_kept_once_and_their_number_stays_unused(path: Path) -> None:
    kept = RuleFilesRecord(NOON, "0123", {"files": {"a.toml": "x"}})

    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(kept)
        await home.commit(kept, note())
        await home.commit(replace(kept, rules_hash="4567"))
        await home.commit(kept)

    with_run(path, act)
    assert numbered(path) == {1: "run", 2: "rule_files", 4: "note", 5: "rule_files"}
    assert stored(path, "SELECT * FROM unused") == [("home", 3, 3)]


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


# --- all or nothing ----------------------------------------------


def test_a_step_is_committed_whole_or_not_at_all(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(intent())
        before = dump(path)
        with pytest.raises(OpenIntentExists):
            await home.commit(observed(), decision(), note(), intent(after(60)))
        assert dump(path) == before
        assert (await journal.past("home")).next_number == 3
        assert await home.commit(decision(), note()) == 4

    with_run(path, act)
    assert list(numbered(path)) == [1, 2, 3, 4]


def test_the_rows_of_a_step_are_one_transaction(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed())
        with every_statement() as statements:
            await home.commit(observed(), decision(), intent(), note())
        assert [s for s in statements if s.startswith(("BEGIN", "COMMIT"))] == ["BEGIN IMMEDIATE"]
        assert sum(s.startswith("INSERT") for s in statements) == 6  # with the slot

    with_run(path, act)


def test_an_occurrence_that_is_there_keeps_the_whole_step_out(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        cabin = await Recorder.begin(journal, "cabin")
        await home.commit(event(), event(rule="other"))
        await home.commit(observed(after(1)))
        before = dump(path)
        with pytest.raises(OccurrenceExists) as caught:
            await home.commit(
                note(),
                event(after(60), state=Happened.MISSED),
                event(after(60), scheduled_at=after(1)),
                event(after(60), rule="other"),
            )
        assert caught.value.occurrences == {("firmware", NOON), ("other", NOON)}
        assert dump(path) == before
        await home.commit(event(after(60), scheduled_at=after(1)))
        await cabin.commit(event())

    with_run(path, act)
    assert stored(path, "SELECT count(*) FROM observation") == [(1,)]

    async def act_later(_journal: SqliteJournal, home: Recorder) -> None:
        with pytest.raises(OccurrenceExists):
            await home.commit(event(after(3600)))

    with_run(path, act_later)


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


def test_a_second_open_intent_is_refused(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(intent())
        with pytest.raises(OpenIntentExists, match="'home' has a write whose outcome"):
            await home.commit(intent(after(60), EVERYDAY))
        assert len((await journal.past("home")).writes) == 1

    with_run(path, act)


def test_the_slot_is_kept_by_the_database_and_survives_a_restart(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(sent(await home.commit(intent()), after(1)))

    async def act_later(journal: SqliteJournal, home: Recorder) -> None:
        found = (await journal.past("home")).open_intent
        assert found == OpenIntent(2, NOON, EVERYDAY, FULL, Cause.TIME, after(1))
        with pytest.raises(OpenIntentExists):
            await home.commit(intent())
        await home.commit(outcome(found.number, after(60), Outcome.RECOVERED_APPLIED))
        assert (await journal.past("home")).open_intent is None
        await home.commit(intent())

    with_run(path, act)
    with_run(path, act_later)


def test_each_site_has_a_slot_of_its_own(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        cabin = await Recorder.begin(journal, "cabin")
        await home.commit(intent())
        await cabin.commit(outcome(await cabin.commit(intent()), after(9)))
        assert (await journal.past("home")).open_intent is not None
        assert (await journal.past("cabin")).open_intent is None

    with_run(path, act)


def test_a_row_must_refer_to_one_of_its_site(path: Path) -> None:
    async def act(journal: SqliteJournal, _home: Recorder) -> None:
        await Recorder.begin(journal, "cabin")
        with pytest.raises(JournalProblem, match="does not fit"):
            await journal.commit("cabin", [Row(2, 7, note())])

    with_run(path, act)


def test_a_would_takes_no_slot(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        first = await home.commit(intent(would=True))
        await home.commit(outcome(first, NOON, Outcome.WOULD))
        await home.commit(intent(would=True))
        assert (await journal.past("home")).open_intent is None

    with_run(path, act)


def test_an_intent_has_one_outcome(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        intent_id = await home.commit(intent())
        await home.commit(outcome(intent_id, after(9)))
        with pytest.raises(JournalProblem):
            await home.commit(outcome(intent_id, after(10), Outcome.MISMATCH))

    with_run(path, act)
    assert stored(path, "SELECT outcome FROM outcome") == [("held",)]


# --- instants ----------------------------------------------

NAIVE_RECORDS: dict[str, Record] = {
    "run": run_start(NAIVE),
    "run end": RunEnd(NAIVE, ""),
    "decision": decision(NAIVE),
    "intent": intent(NAIVE),
    "event": event(NAIVE),
    "scheduled": event(scheduled_at=NAIVE),
    "check": firmware_check(NAIVE),
    "until": HoldRecord(NOON, HoldKind.HOLD, FULL, NAIVE, "me"),
    "note": note(NAIVE),
    "poll": ObservationRecord(NOON, Observation(NAIVE)),
    "tick": ObservationRecord(NAIVE, Observation(NOON)),
    "field": ObservationRecord(NOON, Observation(NOON, earlier={Quantity.FIRMWARE: NAIVE})),
}


@pytest.mark.parametrize("record", NAIVE_RECORDS.values(), ids=NAIVE_RECORDS)
def test_naive_instants_are_refused_at_once_and_spoil_no_later_commit(
    path: Path, record: Record
) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        with pytest.raises(ValueError, match="aware instants only"):
            await home.commit(record)
        await home.commit(note())

    with_run(path, act)
    assert numbered(path) == {1: "run", 2: "note"}


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

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(decision(at))
        last = (await journal.past("home")).decision
        assert last is not None
        assert last.record.at == at
        assert last.record.at.utcoffset() == timedelta(0)

    with_run(path, act)
    assert stored(path, "SELECT at FROM decision") == [(kept,)]


# --- when things go wrong ----------------------------------------------


def test_a_full_disk_is_a_sentence_and_loses_nothing(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        def allow(pages: int) -> None:
            with journal._engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

        loop = asyncio.get_running_loop()
        await loop.run_in_executor(journal._thread, allow, 1)
        await home.commit(observed())
        with pytest.raises(JournalProblem, match="its disk is full; free some space"):
            await home.commit(note(text="x" * 200_000))
        assert stored(path, "SELECT count(*) FROM note") == [(0,)]
        assert (await journal.past("home")).next_number == 3
        await loop.run_in_executor(journal._thread, allow, 1_000_000)
        assert await home.commit(note()) == 3

    with_run(path, act)
    assert numbered(path) == {1: "run", 2: "observation", 3: "note"}


def test_a_commit_that_was_made_on_the_ballast_is_made_once(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        def allow(pages: int) -> None:
            with journal._engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

        def drop(_path: Path) -> bool:
            allow(1_000_000)
            return True

        loop = asyncio.get_running_loop()
        await loop.run_in_executor(journal._thread, allow, 1)
        monkeypatch.setattr("scheduler.journal.sqlite.writer.drop_ballast", drop)
        await home.commit(observed())
        assert await home.commit(note(text="x" * 200_000)) == 3
        assert not journal._pending

    with_run(path, act)
    assert numbered(path) == {1: "run", 2: "observation", 3: "note"}


def put_a_copy(path: Path) -> None:
    copy = path.with_name("copy")
    shutil.copyfile(path, copy)
    copy.replace(path)


@pytest.mark.parametrize("lose", [Path.unlink, put_a_copy])
def test_nothing_is_committed_into_a_file_that_is_no_longer_there(
    path: Path, lose: Callable[[Path], None]
) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(intent())
        kept = path.with_name("kept")
        kept.hardlink_to(path)
        lose(path)
        await home.commit(observed(after(30)))
        for record in (outcome(2, after(60)), observed(after(600))):
            with pytest.raises(JournalProblem, match="was deleted or replaced while pwsched runs"):
                await home.commit(record)
            with pytest.raises(JournalProblem, match="was deleted or replaced"):
                await journal.upkeep(after(60))
            await home.look_again()
        assert (await journal.past("home")).open_intent is not None
        kept.replace(path)
        await home.commit(outcome(2, after(660)))

    with_run(path, act)
    assert numbered(path) == {
        1: "run",
        2: "intent",
        3: "observation",
        4: "observation",
        5: "outcome",
    }
    assert verify(path).misfit is None


def test_a_folder_that_is_moved_away_takes_the_journal_along(tmp_path: Path) -> None:
    path = tmp_path / "here" / "journal.sqlite"
    path.parent.mkdir()

    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        path.parent.rename(tmp_path / "away")
        path.parent.touch()  # a file where the folder was
        with pytest.raises(JournalProblem, match="was deleted or replaced"):
            await home.commit(note())
        path.parent.unlink()
        (tmp_path / "away").rename(path.parent)
        await home.commit(note())

    with_run(path, act)
    assert numbered(path) == {1: "run", 2: "note"}


def test_nothing_is_committed_into_a_log_that_is_no_longer_there(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(intent())
        beside(path, "-wal").unlink()
        with pytest.raises(JournalProblem, match=r"lost its file journal\.sqlite-wal"):
            await home.commit(outcome(2, after(60)))

    with_run(path, act)
    assert numbered(path) == {1: "run", 2: "intent"}  # the end has saved what was in the log
    with_run(path, lambda _journal, home: home.commit(outcome(2, after(120))))


def test_the_end_leaves_alone_what_has_taken_the_place_of_the_journal(path: Path) -> None:
    other = path.with_name("other")
    with_run(other, lambda _journal, home: home.commit(note(text="another journal")))
    before = other.read_bytes()

    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(note())
        for suffix in ("", "-wal", "-shm"):
            beside(path, suffix).unlink()
        other.replace(path)

    with_run(path, act)
    assert path.read_bytes() == before
    assert not beside(path, ".tail").exists()


def test_a_journal_behind_a_link_is_in_its_place(path: Path) -> None:
    link = path.with_name("link")
    path.touch()
    link.symlink_to(path)
    with_run(link, lambda _journal, home: home.commit(note()))
    assert numbered(path) == {1: "run", 2: "note"}


def test_neither_upkeep_nor_who_else_reads_takes_the_place_of_the_journal(path: Path) -> None:
    sealed, thinned = NOON + timedelta(days=2), NOON + timedelta(days=40)

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        for minute in range(0, 60, 5):
            await home.commit(observed(after(60 * minute)))
        for now in (sealed, thinned):
            while await journal.upkeep(now):
                pass
        assert stored(path, "SELECT count(*) FROM mean") != [(0,)]
        assert len(list((path.parent / "backups").iterdir())) == 2
        with closing(sqlite3.connect(path)) as other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        await home.commit(intent(thinned))

    with_run(path, act)


def test_a_locked_journal_is_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.journal.sqlite.engine.BUSY_TIMEOUT_S", 0.0)

    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(JournalProblem, match="another program keeps it locked"):
                await home.commit(note())
        finally:
            other.close()
        await home.commit(note())

    with_run(path, act)


def test_a_cancelled_call_still_commits(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        writing = asyncio.create_task(home.commit(note()))
        await asyncio.sleep(0)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing

    with_run(path, act)
    assert stored(path, "SELECT count(*) FROM note") == [(1,)]


def test_two_sites_write_at_once(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        cabin = await Recorder.begin(journal, "cabin")

        async def write(recorder: Recorder) -> list[int]:
            return [await recorder.commit(note()) for _ in range(20)]

        numbers = await asyncio.gather(write(home), write(cabin))
        assert numbers == [list(range(2, 22))] * 2

    with_run(path, act)


def test_memory_that_is_not_json_is_refused(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        with pytest.raises(ValueError, match="not JSON compliant"):
            await home.commit(replace(decision(), memory={"soe": float("nan")}))
        await home.commit(note())

    with_run(path, act)


def test_a_write_takes_the_lock_before_it_reads_and_a_look_takes_none(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        with every_statement() as statements:
            await home.commit(note())
            await journal.past("home")
        assert [s for s in statements if s.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]

    with_run(path, act)


def test_a_commit_that_failed_after_it_reached_the_disk_blocks_no_later_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit_and_fail(connection: Any) -> None:
        connection.commit()
        raise sqlite3.OperationalError("disk I/O error")

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed())
        with monkeypatch.context() as failing:
            failing.setattr(journal._engine.dialect, "do_commit", commit_and_fail)
            with pytest.raises(JournalProblem, match="disk I/O error"):
                await home.commit(note(text="on the disk"))
        assert (await journal.past("home")).next_number == 4
        with pytest.raises(JournalProblem, match="row 3 of 'home' comes after row 3"):
            await home.commit(note(text="who did not look"))
        await journal.commit("home", [Row(4, 1, note(text="later"))])

    with_run(path, act)
    assert stored(path, "SELECT id, text FROM note") == [(3, "on the disk"), (4, "later")]
    assert stored(path, "SELECT id FROM observation") == [(2,)]  # which waited, once
