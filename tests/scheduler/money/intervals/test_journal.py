"""What the daemon read, as a history: means, holes where it did not run, and thinned readings."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from histories import LOS_ANGELES
from journaling import NOON, Recorder, after, observed, with_run

from scheduler.errors import HistoryProblems, JournalProblem
from scheduler.journal.sqlite import SqliteJournal, instant_text
from scheduler.money.intervals import History, Instructions, read_history

FIVE = timedelta(minutes=5)
MEAN = "INSERT INTO mean VALUES ('home', ?, ?, ?, 50, ?, ?, ?, ?)"


def journal(folder: Path, minutes: list[int], load: Callable[[int], float | None]) -> Path:
    """Readings at these minutes after noon."""
    path = folder / "journal.db"

    async def act(_: SqliteJournal, recorder: Recorder) -> None:
        for minute in minutes:
            seen = observed(after(60 * minute))
            powers = replace(seen.observation, load_power=load(minute))
            await recorder.commit(replace(seen, observation=powers))

    with_run(path, act)
    return path


def read(path: Path, step: timedelta = FIVE, site: str | None = None) -> History:
    return read_history([path], Instructions(zone=LOS_ANGELES, step=step, site=site))


def test_readings_are_averaged_over_intervals(tmp_path: Path) -> None:
    history = read(journal(tmp_path, list(range(20)), lambda minute: 100.0 * minute))
    assert (history.start, history.step) == (NOON, FIVE)
    assert list(history.load_w) == [200.0, 700.0, 1200.0, 1700.0]
    assert (set(history.grid_w or ()), set(history.battery_w or ())) == ({100.0}, {400.0})
    assert history.source == "journal of home, means over 5 minutes"


def test_a_time_in_which_nothing_was_read_is_a_hole(tmp_path: Path) -> None:
    minutes = [*range(12), *range(25, 40)]
    history = read(journal(tmp_path, minutes, lambda minute: None if minute == 30 else 500.0))
    assert [(gap.first, gap.end) for gap in history.gaps] == [(3, 5)]
    with pytest.raises(HistoryProblems, match=r"no load or no sun for 0\.167 h"):
        history.interval_data()


def test_thinned_readings_count_by_how_many_they_were(tmp_path: Path) -> None:
    path = journal(tmp_path, [5, 10, 11], lambda _: 500.0)
    with closing(sqlite3.connect(path)) as connection:
        for number, (minute, load, readings) in enumerate([(0, 300.0, 30), (5, 1400.0, 8)]):
            row = (1000 + number, instant_text(after(60 * minute)), readings, 0.0, 0.0, load, 0.0)
            connection.execute(MEAN, row)
        connection.commit()
    assert list(read(path).load_w) == [300.0, 1300.0, 500.0]


def test_a_site_must_be_known_and_is_needed_among_several(tmp_path: Path) -> None:
    path = journal(tmp_path, [0, 5], lambda _: 500.0)
    with pytest.raises(JournalProblem, match="there is no site 'cabin'; the journal has: home"):
        read(path, site="cabin")


def test_a_journal_without_readings(tmp_path: Path) -> None:
    with pytest.raises(HistoryProblems, match="has no row of values"):
        read(journal(tmp_path, [], lambda _: 0.0))
