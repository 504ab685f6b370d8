from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
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
    event,
    firmware_check,
    intent,
    note,
    observation,
    observed,
    outcome,
    rule_check,
    run_start,
    sent,
    with_run,
)
from sqlalchemy.exc import OperationalError
from tampering import with_every_kind

from rules.domain import Export, GridStatus, Observation, Setting
from rules.engine import Happened
from scheduler.domain import (
    AUDIT_KINDS,
    THE_CLOCK,
    CapabilityRecord,
    HoldKind,
    HoldRecord,
    InputRecord,
    Kind,
    ObservationRecord,
    Outcome,
    OverrideState,
    Record,
    ReloadRecord,
    RuleFilesRecord,
    RunEnd,
)
from scheduler.errors import JournalProblem
from scheduler.journal.sentences import sentence
from scheduler.journal.sqlite import (
    SqliteJournal,
    last_hold,
    last_override,
    read_journal,
    stream,
)
from scheduler.journal.sqlite.engine import connect_read_only, reader_engine


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def a_day(journal: SqliteJournal, home: Recorder) -> None:
    """One write that was held, one event, and a cabin that was noted."""
    await home.commit(observed(after(1)))
    decision_id = await home.commit(decision(after(1)))
    intent_id = await home.commit(intent(after(1), decision_id=decision_id))
    await home.commit(sent(intent_id, after(2)))
    await home.commit(outcome(intent_id, after(13)))
    await home.commit(event(after(20)))
    cabin = await Recorder.begin(journal, "cabin", run_start(after(5)))
    await cabin.commit(note(after(30)))
    await home.commit(RunEnd(after(40), "asked to stop"))


def test_entries_come_in_the_order_in_which_things_happened(path: Path) -> None:
    with_run(path, a_day)
    assert [(entry.site, entry.kind.value, entry.text) for entry in read_journal(path)] == [
        ("home", "run", "pwsched 1.2.0 started, rules 0123456789ab"),
        ("home", "decision", "decided: the window began"),
        (
            "home",
            "intent",
            (
                "writing backup, reserve 100 % instead of self_consumption, reserve 20 %;"
                " cause: time boundary"
            ),
        ),
        ("home", "sent", "sent backup, reserve 100 %"),
        ("cabin", "run", "pwsched 1.2.0 started, rules 0123456789ab"),
        ("home", "outcome", "wrote backup, reserve 100 %: held after 12 s"),
        ("home", "event", 'fired "firmware": firmware-check, due 2026-07-01 12:00 UTC'),
        ("cabin", "note", "held_back: changed in the app"),
        ("home", "run_end", "stopped: asked to stop"),
    ]


def test_rows_of_one_instant_keep_the_order_of_their_commits(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(note(text="first"))
        await home.commit(decision(), note(text="last"))

    with_run(path, act)
    entries = read_journal(path)
    assert [entry.kind.value for entry in entries] == ["run", "note", "decision", "note"]
    assert [entry.id for entry in entries] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, "h1 h3 h4 h5 c1 h6 h7 c2 h8"),
        ({"site": "cabin"}, "c1 c2"),
        ({"site": "home", "limit": 2}, "h7 h8"),
        ({"limit": 3}, "h7 c2 h8"),
        ({"limit": 100}, "h1 h3 h4 h5 c1 h6 h7 c2 h8"),
        ({"since": after(13)}, "h6 h7 c2 h8"),
        ({"until": after(13)}, "h1 h3 h4 h5 c1"),
        ({"since": after(2), "until": after(13), "limit": 1}, "c1"),
        ({"kinds": {Kind.NOTE, Kind.RUN}}, "h1 c1 c2"),
        ({"kinds": {Kind.OBSERVATION}}, "h2"),
        ({"kinds": frozenset(Kind), "limit": 9}, "h2 h3 h4 h5 c1 h6 h7 c2 h8"),
    ],
)
def test_what_is_asked_for_is_shown(path: Path, chosen: dict[str, Any], expected: str) -> None:
    with_run(path, a_day)
    found = [f"{entry.site[0]}{entry.id}" for entry in read_journal(path, **chosen)]
    assert found == expected.split()


def test_fields_hold_the_rest_of_the_row(path: Path) -> None:
    with_run(path, a_day)
    by_kind = {entry.kind: entry for entry in read_journal(path, site="home")}
    assert by_kind[Kind.DECISION].fields == {
        "mode": "backup",
        "reserve": 100,
        "grid_charging": None,
        "export": None,
        "winners": {"mode": "fill up", "reserve": "fill up"},
        "rules_hash": "0123456789abcdef",
        "reason": "the window began",
        "memory": {"captured": {}, "since": {"fill up": "2026-07-01T12:00:00Z"}},
        "cause": "time boundary",
    }
    assert by_kind[Kind.OUTCOME].fields == {
        "intent_id": 4,
        "outcome": "held",
        "detail": "",
        "intended_at": "2026-07-01T12:00:01.000000Z",
        "wanted_mode": "backup",
        "wanted_reserve": 100,
        "wanted_grid_charging": None,
        "wanted_export": None,
        "would": False,
    }
    assert {entry.run_id for entry in by_kind.values()} == {1}
    assert by_kind[Kind.RUN].at == NOON
    assert by_kind[Kind.RUN].at.tzinfo == UTC


# --- sentences ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "seconds", "detail", "text"),
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
            Outcome.UNVERIFIED,
            9,
            "export not seen",
            (
                "wrote backup, reserve 100 %: held as far as it can be read back after 9 s:"
                " export not seen"
            ),
        ),
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
    path: Path, result: Outcome, seconds: float, detail: str, text: str
) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        intent_id = await home.commit(intent(would=result is Outcome.WOULD))
        await home.commit(outcome(intent_id, after(seconds), result, detail))

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
        (
            Observation(NOON, grid_charging=True, export=Export.SOLAR),
            "grid charging on, export pv_only",
        ),
        (Observation(NOON), "nothing usable"),
    ],
)
def test_observations_in_words(path: Path, seen: Observation, text: str) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(ObservationRecord(NOON, seen))

    with_run(path, act)
    assert [entry.text for entry in read_journal(path, kinds={Kind.OBSERVATION})] == [text]


ALLOWED = CapabilityRecord(
    NOON, "1.49.0", "customer", None, may_check_firmware=True, may_install_firmware=None,
    levers={}, started=None,
)  # fmt: skip
IN_WORDS: dict[str, Record] = {
    "decided: the window began": decision(setting=Setting()),
    "writing self_consumption, reserve 20 %; cause: time boundary": intent(
        wanted=EVERYDAY, previous=Setting()
    ),
    (
        "would write backup, reserve 100 % instead of self_consumption, reserve 20 %;"
        " cause: time boundary"
    ): intent(wanted=FULL, would=True),
    "would write grid charging off, export never; cause: time boundary": intent(
        wanted=Setting(grid_charging=False, export=Export.NEVER), previous=Setting(), would=True
    ),
    'missed "firmware": firmware-check, due 2026-07-01 12:00 UTC': event(state=Happened.MISSED),
    "firmware check: nothing newer (1.49.0)": firmware_check(),
    "the rules 0123456789ab are checked up to 2027-08-02: 2 warnings": rule_check(),
    "the rules 0123456789ab are checked up to 2027-08-02: 1 error and 2 warnings": replace(
        rule_check(), errors=1
    ),
    "the rules 0123456789ab are checked up to 2027-08-02: nothing was found": replace(
        rule_check(), warnings=0
    ),
    "the rules 0123456789ab could not be checked": rule_check(ended=False),
    "firmware check: nothing newer: no answer for 5 min": replace(
        firmware_check(), version=None, detail="no answer for 5 min"
    ),
    "pwsched 1.2.0 started as a dry run, rules 0123456789ab": run_start(dry_run=True),
    "new rules are in force: 89abcdef0123": ReloadRecord(NOON, "89abcdef01234567"),
    "me requested hold reserve 80 % until 2026-07-01 12:01 UTC": HoldRecord(
        NOON, HoldKind.HOLD, Setting(reserve=80), after(60), "me"
    ),
    "the page requested resume": HoldRecord(NOON, HoldKind.RESUME, Setting(), None, "the page"),
    "the hold has ended": HoldRecord(NOON, HoldKind.RESUME, Setting(), None, THE_CLOCK),
    "firmware 1.49.0: the customer login is not known yet to be allowed to write": ALLOWED,
    "firmware unknown: the customer login may not write": replace(
        ALLOWED, firmware=None, may_write=False
    ),
    "held_back: changed in the app": note(),
}


@pytest.mark.parametrize(("text", "record"), IN_WORDS.items(), ids=range(len(IN_WORDS)))
def test_other_rows_in_words(path: Path, text: str, record: Record) -> None:
    with_run(path, lambda _journal, home: home.commit(record))
    assert [entry.text for entry in read_journal(path)][1:] == [text]


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("flag storm set", InputRecord(NOON, "flag storm", {"until": None})),
        ("flag storm removed", InputRecord(NOON, "flag storm", None)),
        ("stored the rule files 0123456789ab", RuleFilesRecord(NOON, "0123456789abcdef", {})),
    ],
)
def test_rows_that_no_list_shows_have_a_sentence_too(text: str, record: Record) -> None:
    assert sentence(record) == text


def test_every_kind_of_row_has_a_sentence(path: Path) -> None:
    with_every_kind(path)
    found = {entry.kind: entry for entry in read_journal(path, kinds=frozenset(Kind))}
    assert set(found) == set(Kind) - {Kind.GAP}
    assert all(entry.text for entry in found.values())
    assert found[Kind.SEAL].text == "sealed 12 readings, rows 1 to 30"
    assert found[Kind.EFFECT].text == "effect of backup, reserve 100 % confirmed: charges"
    assert found[Kind.SENT].run_id == 1
    assert found[Kind.SEAL].run_id is None
    assert found[Kind.OVERRIDE].fields["end"] == "set_back"
    assert Kind.RELOAD in AUDIT_KINDS


def test_what_was_said_last_is_found(path: Path) -> None:
    with_every_kind(path)
    word, override = last_hold(path, "home"), last_override(path, "home")
    assert word is not None
    assert override is not None
    assert (word.word, word.by) == (HoldKind.HOLD, "the owner 🏡")
    assert override.state is OverrideState.ENDED
    assert last_hold(path, "cabin") is None
    assert last_override(path, "cabin") is None


def test_a_stream_is_read_in_the_order_of_its_times(path: Path) -> None:
    with_every_kind(path)
    found = list(stream(path, None, after(2), after(1003), Kind.OBSERVATION))
    assert [entry.at for entry in found] == [after(5), after(1001), after(1002)]
    assert {entry.fields["readings"] for entry in found} == {1}
    assert [entry.id for entry in stream(path, None, None, None, Kind.RUN)] == [1, 1]


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
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        for number in range(3):
            await home.commit(note(text=str(number)))
            assert read_journal(path)[-1].text == f"held_back: {number}"

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

    async def act(_journal: SqliteJournal, _home: Recorder) -> None:
        if in_use:
            attempt()

    with_run(path, act)
    if not in_use:
        attempt()


def test_a_reader_does_not_keep_the_daemon_from_writing(path: Path) -> None:
    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        engine = reader_engine(path)
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT count(*) FROM run").scalar_one()
            await home.commit(note())
        engine.dispose()

    with_run(path, act)
    assert read_journal(path)[-1].at == datetime(2026, 7, 1, 12, tzinfo=UTC)
