"""Rule tests as texts, run as `pwsched test` runs them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from rules.testing import RuleTestFile, SimulatedHome, load_rule_tests
from scheduler.household import Household
from scheduler.rule_tests import LoadAndSun, Result, run

BASE = """\
language = 1
timezone = "America/Los_Angeles"
[default]
mode = "self_consumption"
reserve = 20
"""


def household(home: SimulatedHome, zone: ZoneInfo) -> LoadAndSun:
    return replace(Household.in_zone(home.seed, zone), panels_w=home.panels_w)


def loaded(folder: Path, rules: str, tests: str) -> RuleTestFile:
    (folder / "mine.toml").write_text(BASE + rules)
    path = folder / "mine.test.toml"
    path.write_text(tests)
    return load_rule_tests(path)


def results(file: RuleTestFile) -> list[Result]:
    return [run(test, file, household) for test in file.tests]


def result(folder: Path, rules: str, test: str) -> Result:
    """What a single test comes to, which starts on 6 July 2026 unless it says otherwise."""
    start = "" if "start =" in test else 'start = "2026-07-06 11:00"\n'
    (found,) = results(loaded(folder, rules, f'[[test]]\nname = "a test"\n{start}{test}'))
    return found


def told(found: Result) -> list[str]:
    """What failed, in words: line, then expected and got of each difference."""
    return [
        f"{each.what}: {each.expected}, got {each.got}"
        for failure in found.failures
        for each in failure.differences
    ]
