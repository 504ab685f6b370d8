from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from journaling import (
    EVERYDAY,
    FULL,
    NOON,
    after,
    decision,
    event,
    firmware_check,
    intent,
    note,
    observation,
    run_start,
    with_run,
)
from sqlalchemy.exc import OperationalError

from rules.domain import GridStatus, Observation, Setting
from scheduler.domain import Kind, Outcome
from scheduler.errors import JournalProblem
from scheduler.journal.engine import connect_read_only, reader_engine
from scheduler.journal.reading import read_journal
from scheduler.journal.writer import Journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def a_day(journal: Journal, run_id: int) -> None:
    """One write that was held, one event, and a cabin that was noted."""
    journal.observe("home", run_id, observation(after(1)))
    decision_id = await journal.decide("home", run_id, decision(after(1)))
    intent_id = await journal.intend("home", run_id, decision_id, intent(after(1)))
    await journal.sent("home", intent_id, after(2))
    await journal.conclude("home", intent_id, after(13), Outcome.HELD, "")
    await journal.fire("home", run_id, event(after(20)))
    cabin_run = await journal.begin_run(run_start("cabin", after(5)))
    await journal.note("cabin", cabin_run, note(after(30)))
    await journal.end_run("home", run_id, after(40), "asked to stop")


def test_entries_come_in_the_order_in_which_things_happened(path: Path) -> None:
    with_run(path, a_day)
    assert [(entry.site, entry.kind.value, entry.text) for entry in read_journal(path)] == [
        ("home", "run", "pwsched 1.2.0 started, rules 0123456789ab"),
        ("home", "decision", "decided: the window began"),
        (
            "home",
            "intent",
            (
                "writing backup, reserve 100 % instead of self_consumption, reserve 20 %,"
                " because of time boundary"
            ),
        ),
        ("home", "sent", "sent backup, reserve 100 %"),
        ("cabin", "run", "pwsched 1.2.0 started, rules 0123456789ab"),
        ("home", "outcome", "wrote backup, reserve 100 %: held after 12 s"),
        ("home", "event", 'fired "firmware": firmware-check, due 2026-07-01 12:00 UTC'),
        ("cabin", "note", "override: changed in the app"),
        ("home", "run_end", "stopped: asked to stop"),
    ]


def test_rows_of_one_instant_keep_the_order_of_their_commits(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        await journal.note("home", run_id, note(text="first"))
        await journal.decide("home", run_id, decision())
        await journal.note("home", run_id, note(text="last"))

    with_run(path, act)
    entries = read_journal(path)
    assert [entry.kind.value for entry in entries] == ["run", "note", "decision", "note"]
    assert [entry.id for entry in entries] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("chosen", "numbers"),
    [
        ({}, [1, 3, 4, 5, 8, 6, 7, 9, 10]),
        ({"site": "cabin"}, [8, 9]),
        ({"site": "home", "limit": 2}, [7, 10]),
        ({"limit": 3}, [7, 9, 10]),
        ({"limit": 100}, [1, 3, 4, 5, 8, 6, 7, 9, 10]),
        ({"since": after(13)}, [6, 7, 9, 10]),
        ({"until": after(13)}, [1, 3, 4, 5, 8]),
        ({"since": after(2), "until": after(13), "limit": 1}, [8]),
        ({"kinds": {Kind.NOTE, Kind.RUN}}, [1, 8, 9]),
        ({"kinds": {Kind.OBSERVATION}}, [2]),
        ({"kinds": frozenset(Kind), "limit": 9}, [2, 3, 4, 5, 8, 6, 7, 9, 10]),
    ],
)
def test_what_is_asked_for_is_shown(path: Path, chosen: dict[str, object], numbers: object) -> None:
    with_run(path, a_day)
    assert [entry.id for entry in read_journal(path, **chosen)] == numbers  # type: ignore[arg-type]


def test_fields_hold_the_rest_of_the_row(path: Path) -> None:
    with_run(path, a_day)
    by_kind = {entry.kind: entry for entry in read_journal(path, site="home")}
    assert by_kind[Kind.DECISION].fields == {
        "mode": "backup",
        "reserve": 100,
        "winners": {"mode": "fill up", "reserve": "fill up"},
        "rules_hash": "0123456789abcdef",
        "reason": "the window began",
        "memory": {"captured": {}, "since": {"fill up": "2026-07-01T12:00:00Z"}},
        "grid_charging": None,
        "export": None,
        "cause": None,
    }
    assert by_kind[Kind.OUTCOME].fields == {
        "intent_id": 4,
        "outcome": "held",
        "detail": "",
        "intended_at": "2026-07-01T12:00:01.000000Z",
        "wanted_mode": "backup",
        "wanted_reserve": 100,
        "would": False,
    }
    assert {entry.run_id for entry in by_kind.values()} == {1}
    assert by_kind[Kind.RUN].at == NOON
    assert by_kind[Kind.RUN].at.tzinfo == UTC


# --- sentences ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outcome", "seconds", "detail", "text"),
    [
        (Outcome.HELD, 119, "", "wrote backup, reserve 100 %: held after 119 s"),
        (Outcome.HELD, 150, "", "wrote backup, reserve 100 %: held after 2 min"),
        (Outcome.HELD, 8_100, "", "wrote backup, reserve 100 %: held after 2 h 15 min"),
        (Outcome.HELD, -5, "", "wrote backup, reserve 100 %: held"),
        (Outcome.REFUSED, 1, "403", "tried backup, reserve 100 %: refused after 1 s: 403"),
        (
            Outcome.MISMATCH,
            90,
            "reserve 80 %",
            (
                "wrote backup, reserve 100 %: the gateway reports something else after 90 s:"
                " reserve 80 %"
            ),
        ),
        (
            Outcome.UNREACHABLE,
            9,
            "",
            "tried backup, reserve 100 %: the gateway could not be reached after 9 s",
        ),
        (Outcome.SUPERSEDED, 9, "", "gave up backup, reserve 100 %: superseded"),
        (Outcome.WOULD, 0, "", "would have written backup, reserve 100 %"),
        (
            Outcome.RECOVERED_APPLIED,
            900,
            "",
            "after a restart: backup, reserve 100 % had been applied",
        ),
        (
            Outcome.RECOVERED_NOT_APPLIED,
            900,
            "",
            "after a restart: backup, reserve 100 % had not been applied",
        ),
    ],
)
def test_outcomes_in_words(
    path: Path, outcome: Outcome, seconds: float, detail: str, text: str
) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        would = outcome is Outcome.WOULD
        intent_id = await journal.intend("home", run_id, None, intent(would=would))
        await journal.conclude("home", intent_id, after(seconds), outcome, detail)

    with_run(path, act)
    assert [entry.text for entry in read_journal(path, kinds={Kind.OUTCOME})] == [text]


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (
            observation(soe=45.25),
            (
                "SOE 45.2 %, grid up, site 100 W, battery 400 W, home 500 W, solar 0 W,"
                " self_consumption, reserve 20 %"
            ),
        ),
        (
            replace(observation(soe=None), grid=GridStatus.ISLANDED, running=False),
            (
                "grid down, site 100 W, battery 400 W, home 500 W, solar 0 W, self_consumption,"
                " reserve 20 %, battery stopped"
            ),
        ),
        (
            Observation(NOON, grid=GridStatus.TRANSITION_TO_GRID, grid_services=True),
            "grid in transition, grid services",
        ),
        (Observation(NOON), "nothing usable"),
    ],
)
def test_observations_in_words(path: Path, seen: Observation, text: str) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        journal.observe("home", run_id, seen)

    with_run(path, act)
    assert [entry.text for entry in read_journal(path, kinds={Kind.OBSERVATION})] == [text]


def test_other_rows_in_words(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        await journal.decide("home", run_id, decision(setting=Setting()))
        await journal.intend("home", run_id, None, intent(wanted=EVERYDAY, previous=None))
        await journal.intend("home", run_id, None, intent(wanted=FULL, would=True))
        await journal.fire("home", run_id, event(state="missed"))
        await journal.firmware_check("home", run_id, firmware_check())
        check = replace(firmware_check(), version=None, detail="no answer for 5 min")
        await journal.firmware_check("home", run_id, check)
        await journal.begin_run(run_start(dry_run=True))

    with_run(path, act)
    assert [entry.text for entry in read_journal(path)][1:] == [
        "decided: the window began",
        "writing self_consumption, reserve 20 %, because of time boundary",
        (
            "would write backup, reserve 100 % instead of self_consumption, reserve 20 %,"
            " because of time boundary"
        ),
        'missed "firmware": firmware-check, due 2026-07-01 12:00 UTC',
        "firmware check: nothing newer (1.49.0)",
        "firmware check: nothing newer: no answer for 5 min",
        "pwsched 1.2.0 started as a dry run, rules 0123456789ab",
    ]


# --- readers stay readers -----------------------------------------------------------------------


def test_a_missing_journal_is_a_sentence(path: Path) -> None:
    with pytest.raises(JournalProblem, match=f"there is no journal at {path}"):
        read_journal(path)
    assert not path.exists()


def test_an_unknown_site_is_a_sentence(path: Path) -> None:
    with_run(path, a_day)
    with pytest.raises(JournalProblem, match="knows no site 'hme'; it has: cabin, home"):
        read_journal(path, site="hme")


def test_reading_leaves_nothing_behind(path: Path) -> None:
    with_run(path, a_day)
    before = {file.name: file.stat().st_mtime_ns for file in path.parent.iterdir()}
    assert len(read_journal(path)) == 9
    assert {file.name: file.stat().st_mtime_ns for file in path.parent.iterdir()} == before
    assert set(before) == {"journal.sqlite", "journal.sqlite.lock", "journal.sqlite.tail"}


def test_readers_see_what_is_committed_while_the_daemon_writes(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        for number in range(3):
            await journal.note("home", run_id, note(text=str(number)))
            assert read_journal(path)[-1].text == f"override: {number}"

    with_run(path, act)


@pytest.mark.parametrize("in_use", [True, False], ids=["in use", "closed"])
def test_readers_cannot_write(path: Path, in_use: bool) -> None:
    def attempt() -> None:
        engine = reader_engine(path)
        with (
            pytest.raises(OperationalError, match="readonly database"),
            engine.begin() as connection,
        ):
            connection.exec_driver_sql("DELETE FROM run")
        engine.dispose()
        with closing(connect_read_only(path)) as unguarded:
            unguarded.execute("PRAGMA query_only=OFF")
            with pytest.raises(sqlite3.OperationalError, match="readonly database"):
                unguarded.execute("DELETE FROM run")

    async def act(_journal: Journal, _run_id: int) -> None:
        if in_use:
            attempt()

    with_run(path, act)
    if not in_use:
        attempt()


def test_a_reader_does_not_keep_the_daemon_from_writing(path: Path) -> None:
    async def act(journal: Journal, run_id: int) -> None:
        engine = reader_engine(path)
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM run").scalar_one()
            await journal.note("home", run_id, note())
        engine.dispose()

    with_run(path, act)
    assert read_journal(path)[-1].at == datetime(2026, 7, 1, 12, tzinfo=UTC)
