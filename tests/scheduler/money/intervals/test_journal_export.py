"""What `journal export` wrote is the history that the journal itself is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from commanding import Command
from histories import LOS_ANGELES, problems, written
from journaling import NOON, Recorder, after, observed, with_run

from scheduler.errors import HistoryProblems
from scheduler.journal.sqlite import SqliteJournal
from scheduler.money.intervals import History, Instructions, read_history

MINUTES = (*range(12), *range(25, 40))


@pytest.fixture
def pwsched(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def journal(folder: Path) -> Path:
    """Readings of every minute, with a hole and a load that was not read."""
    path = folder / "journal.db"

    async def act(_: SqliteJournal, recorder: Recorder) -> None:
        for minute in MINUTES:
            seen = observed(after(60 * minute))
            load = None if minute == 30 else 500.0 + minute
            await recorder.commit(
                replace(seen, observation=replace(seen.observation, load_power=load))
            )

    with_run(path, act)
    return path


def exported(pwsched: Command, path: Path, form: str, *more: str) -> str:
    said = pwsched(
        "journal", "export", "--journal", str(path), "--format", form, "--timezone", "UTC", *more
    )
    assert said.code == 0, said.error
    return said.out


def read(*paths: Path, site: str | None = None) -> History:
    return read_history(paths, Instructions(zone=LOS_ANGELES, site=site))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_is_the_history_that_its_journal_is(
    pwsched: Command, tmp_path: Path, form: str
) -> None:
    path = journal(tmp_path)
    export = read(written(tmp_path, exported(pwsched, path, form), "export.csv"))
    itself = read(path)
    assert (export.start, export.step, export.source) == (NOON, itself.step, itself.source)
    assert list(map(str, export.load_w)) == list(map(str, itself.load_w))
    assert [(gap.first, gap.end) for gap in export.gaps] == [(3, 5)]


def test_exports_of_months_are_one_history_unless_they_overlap(
    pwsched: Command, tmp_path: Path
) -> None:
    path = journal(tmp_path)
    noon, later = "2026-07-01T12:00+00:00", "2026-07-01T12:25+00:00"
    one = written(tmp_path, exported(pwsched, path, "csv", "--until", later), "one.csv")
    two = written(tmp_path, exported(pwsched, path, "csv", "--since", later), "two.csv")
    assert list(map(str, read(one, two).load_w)) == list(map(str, read(path).load_w))
    whole = written(tmp_path, exported(pwsched, path, "csv", "--since", noon), "whole.csv")
    history = read(whole, two)
    assert history.findings[0].text == (
        "earlier than the row before, so that readings may be there twice: 1 row (row 2 of"
        " two.csv); give each reading once, the oldest file first"
    )


def test_a_journal_stands_alone(pwsched: Command, tmp_path: Path) -> None:
    path = journal(tmp_path)
    export = written(tmp_path, exported(pwsched, path, "csv"))
    for paths in ((path, path), (export, path), (path, export)):
        with pytest.raises(HistoryProblems, match="is a journal; give it by itself"):
            read(*paths)


def test_the_site_is_asked_where_there_are_several(pwsched: Command, tmp_path: Path) -> None:
    text = exported(pwsched, journal(tmp_path), "csv")
    path = written(tmp_path, text + text.partition("\n")[2].replace(",home,", ",cabin,"))
    with pytest.raises(HistoryProblems, match="has several sites: cabin, home; say which with"):
        read(path)
    assert read(path, site="home").findings[:-1] == ()
    with pytest.raises(HistoryProblems, match='has no site "barn"; it has cabin, home'):
        read(path, site="barn")


HEAD = "at,site,soe,site_power,battery_power,load_power,solar_power,readings"
ROW = "2026-07-01T12:00:00.000+00:00,home,50,100,400,500,0,1"
WRONG = [
    (f"{HEAD}\n", "has no row of values"),
    ("at,site,word\n2026-07-01T12:00:00+00:00,home,hold\n", "has no site_power and no battery_p"),
    (f"{HEAD}\n{ROW},1\n", "row 2 has 9 cells, not 8; export it again"),
    (f"{HEAD}\n{ROW}\n{ROW.replace('500', 'x')}\n", "row 3 is not as it was written (could not"),
    (f"{HEAD}\n{ROW.replace('500', 'inf')}\n", "row 2 is not as it was written (inf)"),
    (f"{HEAD}\n{ROW.replace('+00:00', '')}\n", "row 2 is not as it was written (2026-07-01T12"),
    (f"{HEAD}\n{ROW.replace('2026', '0001')}\n", "row 2 is not as it was written (0001-07-01"),
    (f"{HEAD}\n{ROW[:-1]}0\n", "row 2 is not as it was written (0 readings)"),
    ('{"at": "2026-07-01T12:00:00+00:00", "site": "home"}\n', "has no site_power and no"),
    ('{"at": 5\n', "row 1 is no JSON object; export it again"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_what_was_changed_by_hand_is_told_with_its_row(
    tmp_path: Path, text: str, expected: str
) -> None:
    (said,) = problems(tmp_path, text)
    assert said.startswith(expected)
