from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest
from journaling import Recorder, after, decision, note, observed, run_start, stored, with_run
from typer.testing import CliRunner, Result

from scheduler.cli import main
from scheduler.clock import SystemClock
from scheduler.journal.sqlite import SqliteJournal

LOS_ANGELES = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def some_rows(journal: SqliteJournal, home: Recorder) -> None:
    await home.commit(observed(after(1)), decision(after(1)))
    await home.commit(note(after(2), "a \x1b[31mred\nword [bold]"))
    await Recorder.begin(journal, "cabin", run_start(after(3)))


def pwsched(*words: object, columns: int = 160) -> Result:
    said = ["journal", *map(str, words)]
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(main.application("journal"), said)


def test_rows_are_shown_in_local_time_newest_last(path: Path) -> None:
    with_run(path, some_rows)
    shown = pwsched("--journal", path, "--timezone", "America/Los_Angeles")
    assert shown.exit_code == 0
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert lines[0] == ["time", "site", "kind", "what"]
    assert [line[:5] for line in lines[1:]] == [
        ["2026-07-01", "05:00:00", "PDT", "home", "run"],
        ["2026-07-01", "05:00:01", "PDT", "home", "decision"],
        ["2026-07-01", "05:00:02", "PDT", "home", "note"],
        ["2026-07-01", "05:00:03", "PDT", "cabin", "run"],
    ]


def test_times_are_utc_unless_said_and_labelled(path: Path) -> None:
    with_run(path, some_rows)
    assert "2026-07-01 12:00:01 UTC" in pwsched("--journal", path).stdout


def test_text_from_outside_cannot_drive_the_terminal(path: Path) -> None:
    with_run(path, some_rows)
    shown = pwsched("--journal", path, "--kind", "note").stdout
    assert "\x1b" not in shown
    assert "a \\x1b[31mred; word [bold]" in shown


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_no_word_is_broken(path: Path, columns: int) -> None:
    async def rows(_: SqliteJournal, home: Recorder) -> None:
        await home.commit(note(after(2), f"the gateway said {'x' * 30}"))

    with_run(path, rows)
    shown = pwsched("--journal", path, columns=columns).stdout
    wide = pwsched("--journal", path).stdout
    assert max(map(len, shown.splitlines())) <= columns
    assert set(shown.split()) >= set(wide.split()) - {"time", "site", "kind", "what"}


def test_json_is_one_object_a_line_in_a_fixed_order(path: Path) -> None:
    with_run(path, some_rows)
    shown = pwsched("--journal", path, "--json", "--kind", "decision", "--observations")
    assert [json.loads(line)["kind"] for line in shown.stdout.splitlines()] == [
        "observation",
        "decision",
    ]
    assert shown.stdout.splitlines()[1] == (
        '{"at": "2026-07-01T12:00:01.000000+00:00", "site": "home", "kind": "decision", "id": 3,'
        ' "run_id": 1, "text": "decided: the window began",'
        ' "fields": {"mode": "backup", "reserve": 100, "grid_charging": null, "export": null,'
        ' "winners": {"mode": "fill up", "reserve": "fill up"},'
        ' "rules_hash": "0123456789abcdef", "reason": "the window began",'
        ' "memory": {"captured": {}, "since": {"fill up": "2026-07-01T12:00:00Z"}},'
        ' "cause": "time boundary"}}'
    )


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ([], [1, 3, 4, 1]),
        (["--observations"], [1, 2, 3, 4, 1]),
        (["--limit", "1"], [1]),
        (["--site", "home", "--limit", "1"], [4]),
        (["--kind", "run", "--kind", "note"], [1, 4, 1]),
        (["--since", "2026-07-01T12:00:02Z"], [4, 1]),
        (["--until", "2026-07-01 05:00:02", "--timezone", "America/Los_Angeles"], [1, 3]),
    ],
)
def test_what_is_asked_for_is_shown(path: Path, words: list[str], numbers: list[int]) -> None:
    with_run(path, some_rows)
    shown = pwsched("--journal", path, "--json", *words)
    assert [json.loads(line)["id"] for line in shown.stdout.splitlines()] == numbers


def test_since_counts_back_from_now(path: Path) -> None:
    now = SystemClock().now()

    async def act(_journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(note(now - timedelta(hours=3), "long ago"))
        await home.commit(note(now - timedelta(hours=1), "lately"))

    with_run(path, act)
    shown = pwsched("--journal", path, "--kind", "note", "--since", "2h").stdout
    assert "lately" in shown
    assert "long ago" not in shown


def test_an_empty_answer_says_so(path: Path) -> None:
    with_run(path, some_rows)
    shown = pwsched("--journal", path, "--kind", "event")
    assert (shown.exit_code, shown.stdout) == (0, "nothing in the journal for these options\n")
    assert pwsched("--journal", path, "--kind", "event", "--json").stdout == ""


def test_a_wrong_call_is_one_sentence_and_exit_2(path: Path) -> None:
    for words, sentence in (
        (["--journal", path], f"there is no journal at {path}; the daemon makes it"),
        (["--journal", path, "--timezone", "Mars"], "--timezone: unknown time zone"),
        ([], "no configuration found: neither ./pwsched.toml nor"),
        (["--journal", path, "--config", path], "say which journal"),
    ):
        shown = pwsched(*words)
        assert shown.exit_code == 2
        assert shown.stderr.startswith(sentence)
        assert shown.stderr.count("\n") == 1
        assert shown.stdout == ""


def test_a_time_that_is_none_is_one_sentence(path: Path) -> None:
    with_run(path, some_rows)
    for option in ("--since", "--until"):
        shown = pwsched("--journal", path, option, "soon")
        assert (shown.exit_code, shown.stdout) == (2, "")
        assert shown.stderr.startswith(f'{option}: must be a time like "16:05"')


def test_the_configuration_names_the_journal(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Config:
        journal: Path

    module = ModuleType("scheduler.config")
    module.find_config = lambda file, **_: file  # type: ignore[attr-defined]
    module.load_config = lambda _file: Config(path)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "scheduler.config", module)
    with_run(path, some_rows)
    assert "changed" not in pwsched("--config", path.with_name("pwsched.toml"), "--json").stderr
    shown = pwsched("--config", path.with_name("pwsched.toml"), "--json", "--limit", "1")
    assert json.loads(shown.stdout)["site"] == "cabin"


# --- verify -------------------------------------------------------------------------------------


def test_a_journal_that_is_sound_says_so(path: Path) -> None:
    with_run(path, some_rows)
    shown = pwsched("verify", "--journal", path)
    assert shown.exit_code == 0
    (cabin,) = stored(path, "SELECT lower(hex(chain)) FROM run WHERE site = 'cabin'")[0]
    (home,) = stored(path, "SELECT lower(hex(chain)) FROM note")[0]
    assert shown.stdout.splitlines() == [
        f"{path}: all 4 rows fit",
        f"cabin: the last link is that of row 1: {cabin}",
        f"home: the last link is that of row 4: {home}",
    ]
    told = json.loads(pwsched("verify", "--journal", path, "--json").stdout)
    assert (told["ok"], told["rows"]) == (True, 4)
    assert told["ends"]["home"] == {"id": 4, "link": home, "seal": 0, "seal_link": "00" * 32}


def test_the_end_of_the_seals_is_told(path: Path) -> None:
    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await home.commit(observed(), note())
        await journal.upkeep(after(0) + timedelta(days=2))

    with_run(path, act)
    (seal,) = stored(path, "SELECT lower(hex(chain)) FROM seal")[0]
    shown = pwsched("verify", "--journal", path).stdout.splitlines()
    assert shown[-1] == f"home: the last seal is number 1: {seal}"


def test_a_row_that_was_changed_is_named(path: Path) -> None:
    with_run(path, some_rows)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE note SET text = 'nothing'")
        connection.commit()
    shown = pwsched("verify", "--journal", path)
    assert shown.exit_code == 1
    assert shown.stdout.startswith(
        f"{path}: note row 4 of home, 2026-07-01T12:00:02.000000Z: was changed"
    )
    told = json.loads(pwsched("verify", "--journal", path, "--json").stdout)
    assert (told["ok"], told["misfit"]["table"], told["misfit"]["id"]) == (False, "note", 4)


def test_verify_wants_to_know_which_journal() -> None:
    assert "--config FILE, or --journal FILE" in str(pwsched("verify").exception)
