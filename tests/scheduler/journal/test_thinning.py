from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from journaling import (
    EVERYDAY,
    FULL,
    NOON,
    Recorder,
    after,
    decision,
    intent,
    note,
    observed,
    outcome,
    stored,
    with_run,
)

from rules.domain import Setting
from scheduler.domain import (
    Effect,
    EffectRecord,
    HoldKind,
    HoldRecord,
    InputRecord,
    OverrideRecord,
    OverrideState,
    Record,
    ReloadRecord,
)
from scheduler.journal.sqlite import SqliteJournal, seals, verify
from scheduler.journal.sqlite.column_types import instant_from_text, instant_text
from scheduler.journal.sqlite.thinning import kept_ticks, superfluous_inputs

MONTH = timedelta(days=30)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def keep_up(journal: SqliteJournal, now: datetime) -> int:
    """Upkeep until there is nothing to do; in how many pieces."""
    pieces = 0
    while await journal.upkeep(now):
        pieces += 1
    return pieces


def seconds(path: Path, table: str = "observation") -> list[float]:
    """When the rows of a table were made, in seconds after noon."""
    found = stored(path, f"SELECT at FROM {table} ORDER BY id")  # noqa: S608 -- our own names
    return [(instant_from_text(str(at)) - NOON).total_seconds() for (at,) in found]


async def an_hour(_journal: SqliteJournal, home: Recorder) -> None:
    """A poll every ten seconds, and something of each kind, mostly between two polls."""
    what: dict[int, Record] = {
        500: decision(after(500)),
        610: HoldRecord(after(614), HoldKind.HOLD, Setting(reserve=80), None, "me"),
        700: OverrideRecord(after(700), OverrideState.BEGAN, FULL, EVERYDAY, after(9000), None, ""),
        750: ReloadRecord(after(750), "0123"),
        800: intent(after(800)),
    }
    intent_id = 0
    for second in range(0, 3600, 10):
        await home.commit(observed(after(second), soe=second / 100))
        if second in what:
            done = await home.commit(what[second])
            intent_id = done if second == 800 else intent_id
    await home.commit(outcome(intent_id, after(900)))
    await home.commit(EffectRecord(after(1000), intent_id, FULL, Effect.CONFIRMED, ""))


# --- what stays ---------------------------------------------------------------------------------


def test_raw_readings_are_kept_for_thirty_days(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await an_hour(journal, home)
        assert await keep_up(journal, NOON + timedelta(hours=23)) == 0
        assert stored(path, "SELECT count(*) FROM seal") == [(0,)]
        assert await keep_up(journal, NOON + timedelta(days=1)) == 1
        assert await keep_up(journal, NOON + MONTH) == 0
        assert len(seconds(path)) == 360
        assert await keep_up(journal, NOON + timedelta(days=1) + MONTH) == 1

    with_run(path, act)
    # The first and the last of the stretch, and each tick with rows or on either side of them.
    assert seconds(path) == [0, 500, 610, 620, 700, 750, 800, 900, 1000, 3590]
    assert verify(path).misfit is None


def test_means_stand_for_what_went(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await an_hour(journal, home)
        await keep_up(journal, NOON + timedelta(days=1))
        await keep_up(journal, NOON + timedelta(days=1) + MONTH)

    with_run(path, act)
    means = stored(path, "SELECT at, readings, soe, battery_power FROM mean ORDER BY id")
    assert len(means) == 12
    assert means[0] == ("2026-07-01T12:00:00.000000Z", 30, 1.45, 400.0)
    assert means[11] == ("2026-07-01T12:55:00.000000Z", 30, 34.45, 400.0)


def test_each_stretch_is_a_piece_and_its_new_seal_names_the_old(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "STRETCH", 100)

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await (await Recorder.begin(journal, "cabin")).commit(observed())
        await an_hour(journal, home)
        assert await keep_up(journal, NOON + timedelta(days=1)) == 4  # the last is not full yet
        assert await keep_up(journal, NOON + timedelta(days=1, hours=1)) == 1
        assert verify(path).misfit is None
        assert await keep_up(journal, NOON + timedelta(days=1, hours=1) + MONTH) == 5

    with_run(path, act)
    assert verify(path).misfit is None
    rows = stored(path, "SELECT id, first, last, replaces FROM seal WHERE site='home' ORDER BY id")
    old, new = rows[:4], rows[4:]
    assert [row[3] for row in old] == [None] * 4
    assert [row[3] for row in new] == [row[0] for row in old]
    assert [row[1:3] for row in new] == [row[1:3] for row in old]
    for before, behind in pairwise(old):
        assert behind[1] == int(str(before[2])) + 1


def test_readings_that_do_not_fit_their_seal_are_not_thinned(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "STRETCH", 180)

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await an_hour(journal, home)
        await keep_up(journal, NOON + timedelta(days=1, hours=1))

    with_run(path, act)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE observation SET soe = 99 WHERE id = 20")
        connection.commit()

    async def later(journal: SqliteJournal, _home: Recorder) -> None:
        await keep_up(journal, NOON + timedelta(days=1, hours=1) + MONTH)

    with_run(path, later)
    assert len([second for second in seconds(path) if second < 1800]) == 180
    assert len([second for second in seconds(path) if second >= 1800]) == 2
    assert "are not what was sealed; they are kept as they are" in caplog.text
    found = verify(path).misfit
    assert found is not None
    assert "are not what was sealed" in found.text


def test_inputs_stay_that_were_in_force_at_a_tick_that_stays(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        def given(name: str, second: int) -> InputRecord:
            return InputRecord(after(second), name, {"v": second})

        for second in range(0, 1000, 10):
            if second in {100, 300, 600, 700, 900}:
                await home.commit(given("sun", second))
            if second == 200:
                await home.commit(given("storm", second))
            if second == 650:
                await home.commit(decision(after(650)))
            await home.commit(observed(after(second)))
        await keep_up(journal, NOON + timedelta(days=1))
        await keep_up(journal, NOON + timedelta(days=1) + MONTH)

    with_run(path, act)
    # 600 was in force at 650; the last of each name may be in force beyond the stretch.
    assert stored(path, "SELECT name, at FROM input ORDER BY id") == [
        ("storm", instant_text(after(200))),
        ("sun", instant_text(after(600))),
        ("sun", instant_text(after(900))),
    ]
    assert verify(path).misfit is None


TICKS = st.integers(0, 60).map(lambda second: instant_text(after(second)))


@given(st.lists(TICKS), st.lists(TICKS))
def test_a_tick_stays_at_or_on_either_side_of_whatever_happened(
    ticks: list[str], happened: list[str]
) -> None:
    kept = kept_ticks(ticks, happened)
    assert kept <= set(ticks)
    for at in happened:
        earlier, later = [t for t in ticks if t <= at], [t for t in ticks if t >= at]
        assert not earlier or max(earlier) in kept
        assert not later or min(later) in kept


@given(st.lists(st.tuples(TICKS, st.sampled_from(["sun", "storm"]))), st.lists(TICKS))
def test_every_tick_that_stays_sees_the_inputs_it_saw(
    given_: list[tuple[str, str]], kept: list[str]
) -> None:
    inputs = [(number, at, name) for number, (at, name) in enumerate(sorted(given_))]
    gone = set(superfluous_inputs(inputs, kept))
    left = [each for each in inputs if each[0] not in gone]
    for tick in [*kept, "9"]:
        assert in_force(left, tick) == in_force(inputs, tick)


def in_force(inputs: list[tuple[int, str, str]], tick: str) -> dict[str, int]:
    return {name: number for number, at, name in inputs if at <= tick}


def test_thinning_changes_nothing_that_a_restart_would_go_on_from(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await an_hour(journal, home)
        await home.commit(note(after(3700)))
        before = await journal.past("home")
        await keep_up(journal, NOON + timedelta(days=1))
        await keep_up(journal, NOON + timedelta(days=1) + MONTH)
        assert await journal.past("home") == before

    with_run(path, act)


# --- numbers of their own ----------------------------------------------------------------------


def test_seals_take_no_numbers_of_the_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The controller goes on numbering while upkeep seals."""
    monkeypatch.setattr(seals, "STRETCH", 2)

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        cabin = await Recorder.begin(journal, "cabin")
        for second in range(4):
            await home.commit(observed(after(second)))
            await cabin.commit(observed(after(second)), note(after(second)))
        assert await keep_up(journal, NOON) == 4
        assert await home.commit(note()) == 6

    with_run(path, act)
    assert stored(path, "SELECT site, id, first, last FROM seal ORDER BY site, id") == [
        ("cabin", 1, 1, 4),
        ("cabin", 2, 5, 8),
        ("home", 1, 1, 3),
        ("home", 2, 4, 5),
    ]
    assert verify(path).misfit is None


def test_what_waits_is_sealed_with_the_rest(path: Path) -> None:
    """A row that came to the disk after its stretch was sealed would fit no seal."""

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed(after(0)))
        await home.commit(observed(after(1)))
        await keep_up(journal, NOON + timedelta(days=2))
        await home.commit(note(after(2)))

    with_run(path, act)
    assert stored(path, "SELECT first, last, count FROM seal") == [(1, 3, 2)]
    assert verify(path).misfit is None


def test_a_number_that_was_sealed_is_not_used_again(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed(), observed(after(10)))
        await keep_up(journal, NOON + timedelta(days=1))

    with_run(path, act)
    with closing(sqlite3.connect(path)) as connection:  # as if thinning had left nothing of it
        connection.execute("DELETE FROM observation")
        connection.commit()

    async def later(journal: SqliteJournal, home: Recorder) -> None:
        assert home.run == 4
        assert (await journal.past("home")).next_number == 5

    with_run(path, later)
