"""`pwsched test`: what passes, what fails, what is wrong; for people, scripts and CI."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from commanding import Command
from example_files import EXAMPLES, RULE_FILES

from scheduler.cli.test import watch_files

RULES = """\
language = 1
timezone = "America/Los_Angeles"
[default]
mode = "self_consumption"
reserve = 20
[[rule]]
name = "evening"
while = { time = "16:00-21:00" }
set = { mode = "backup", reserve = 100 }
[[rule]]
name = "storm"
while = { flag = "storm" }
set = { reserve = 60 }
[[rule]]
name = "noon"
when = { at = "12:00" }
do = "notify"
message = "It is noon."
"""
GOOD = """\
[[test]]
name = "the evening"
start = "2026-07-06 11:00"
[[test.expect]]
at = "17:00"
winner = "evening"
"""
BAD = """\
[[test]]
name = "a night"
start = "2026-07-06 22:00"
[[test.expect]]
at = "23:00"
winner = "evening"
setting = { reserve = 100 }
"""


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.toml").write_text(RULES)
    (tmp_path / "mine.test.toml").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def also(folder: Path, text: str) -> None:
    with (folder / "mine.test.toml").open("a") as file:
        file.write(text)


def test_all_of_this_folder_are_run_and_what_nothing_tests_is_told(
    folder: Path, command: Command
) -> None:
    assert folder
    said = command("test")
    assert said.code == 0
    assert said.lines == [
        "mine.test.toml",
        "  ok    the evening",
        "",
        'mine.toml: no test makes this rule win: "storm"',
        "1 passed",
    ]


def test_a_failure_stands_side_by_side_with_its_reason_and_ends_with_1(
    folder: Path, command: Command
) -> None:
    also(folder, BAD)
    said = command("test", "mine.test.toml")
    assert said.code == 1
    shown = [" ".join(line.split()) for line in said.lines]
    assert shown[2:9] == [
        "FAIL a night",
        "mine.test.toml:10: Monday 6 July 2026 23:00:00",
        "expected got",
        "setting reserve 100 % reserve 20 %",
        "winner evening default",
        "self_consumption and reserve 20 % by default",
        '"evening" is inactive, priority 0: no: time Mon 23:00 (16:00-21:00)',
    ]
    assert said.lines[-1] == "1 passed, 1 failed"


def test_nothing_is_coloured_where_nobody_looks(folder: Path, command: Command) -> None:
    also(folder, BAD)
    assert "\x1b" not in command("test").out


def test_a_wrong_file_ends_with_2_and_all_of_its_mistakes(folder: Path, command: Command) -> None:
    (folder / "other.toml").write_text(RULES)
    (folder / "other.test.toml").write_text(GOOD.replace("evening", "evenin"))
    also(folder, BAD.replace("22:00", "25:00"))
    said = command("test")
    assert said.code == 2
    assert "mine.test.toml:9" in said.error
    assert 'other.test.toml:6: test "the evenin": expect[0].winner: there is no' in said.error
    assert said.out == ""


def test_a_folder_without_tests_is_a_mistake_of_the_call(tmp_path: Path, command: Command) -> None:
    said = command("test", str(tmp_path))
    assert (said.code, said.error) == (
        2,
        f"pwsched: no test file (NAME.test.toml) is in {tmp_path}\n",
    )


@pytest.mark.parametrize("pattern", ["night", "NIGHT", "a*t", "a night"])
def test_only_what_is_named_is_run_and_nothing_is_said_of_the_rest(
    folder: Path, command: Command, pattern: str
) -> None:
    also(folder, BAD)
    said = command("test", "--run", pattern)
    assert said.code == 1
    assert "the evening" not in said.out
    assert "no test" not in said.out


def test_a_pattern_that_fits_nothing_is_a_mistake_of_the_call(
    folder: Path, command: Command
) -> None:
    assert folder
    said = command("test", "--run", "morning")
    assert (said.code, said.error) == (2, 'pwsched: --run: no test has "morning" in its name\n')


def test_json_has_everything(folder: Path, command: Command) -> None:
    also(folder, BAD)
    said = command("test", "--json")
    assert said.code == 1
    found = json.loads(said.out)
    assert found["passed"] is False
    good, bad = found["tests"]
    assert (good["name"], good["passed"], good["failures"]) == ("the evening", True, [])
    (failure,) = bad["failures"]
    assert (failure["line"], failure["at"]) == (10, "2026-07-06T23:00:00-07:00")
    assert {"what": "winner", "expected": "evening", "got": "default"} in failure["differences"]
    assert found["untested"] == [{"rule_files": ["mine.toml"], "rules": ["storm"], "events": []}]


def test_junit_has_a_suite_for_each_file(folder: Path, command: Command) -> None:
    also(folder, BAD)
    assert command("test", "--junit", "out.xml").code == 1
    (suite,) = ET.parse(folder / "out.xml").getroot()  # noqa: S314 -- our own
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.get("name") for case in suite] == ["the evening", "a night"]
    (failure,) = suite[1]
    assert "winner: expected evening, got default" in str(failure.get("message"))
    assert "no: time Mon 23:00" in str(failure.text)


def test_junit_that_cannot_be_written_is_told(folder: Path, command: Command) -> None:
    assert folder
    said = command("test", "--junit", "there/out.xml")
    assert said.code == 2
    assert "--junit: there/out.xml cannot be written: no such file or directory" in said.error


# --- watching ------------------------------------------------------------------------------------


class Edits:
    """Waits for nothing: at each wait the next edit is made, and after the last one it is over."""

    def __init__(self, *edits: tuple[Path, str] | None) -> None:
        self._edits = list(edits)
        self._seconds = 2_000_000_000

    def __call__(self, _: float) -> None:
        if not self._edits:
            raise KeyboardInterrupt
        edit = self._edits.pop(0)
        if edit is not None:
            path, text = edit
            path.write_text(text)
            self._seconds += 1
            os.utime(path, (self._seconds, self._seconds))


def watched(capsys: pytest.CaptureFixture[str], *edits: tuple[Path, str] | None) -> tuple[str, str]:
    with pytest.raises(KeyboardInterrupt):
        watch_files([Path()], None, Edits(*edits))
    return capsys.readouterr()


def test_tests_run_again_when_a_file_changes_and_only_then(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules, tests = folder / "mine.toml", folder / "mine.test.toml"
    out, _ = watched(
        capsys, None, None, (rules, RULES.replace("16:00", "18:00")), None, (tests, BAD)
    )
    assert out.count("1 passed") == 1
    assert out.count("1 failed") == 2


def test_a_file_that_is_wrong_for_a_while_ends_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = folder / "mine.toml"
    out, error = watched(capsys, (rules, "language = 2\n"), None, (rules, RULES))
    assert error.count("language: must be 1, got 2") == 1
    assert out.count("1 passed") == 2


def test_an_interrupted_watch_ends_well(
    folder: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder
    monkeypatch.setattr("scheduler.cli.test.watch_files", lambda *_: Edits()(0))
    assert command("test", "--watch").code == 0
    assert command("test", "--watch", "--json").code == 2


# --- the examples --------------------------------------------------------------------------------


def test_the_examples_pass_and_no_rule_of_theirs_is_left_out(command: Command) -> None:
    said = command("test", str(EXAMPLES), "--json")
    found = json.loads(said.out)
    assert [each["name"] for each in found["tests"] if not each["passed"]] == []
    assert found["untested"] == []
    assert said.code == 0


def test_every_example_has_tests(command: Command) -> None:
    found = json.loads(command("test", str(EXAMPLES), "--json").out)
    base = EXAMPLES / "several_sites" / "base.toml"
    tested = {Path(each["file"]).name.replace(".test", "") for each in found["tests"]}
    assert tested == {path.name for path in RULE_FILES if path != base}
