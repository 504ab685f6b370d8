"""The tests of the examples find the mistakes that their authors were likely to make."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from example_files import EXAMPLES
from planted import PLANTED, Planted, planted
from rule_testing import results

from rules.errors import RuleProblems
from rules.testing import load_rule_tests


@pytest.mark.parametrize("mistake", PLANTED, ids=lambda each: f"{each.example}: {each.what}")
def test_a_planted_mistake_is_found_by_the_examples_own_tests(
    tmp_path: Path, mistake: Planted
) -> None:
    rules = (EXAMPLES / f"{mistake.example}.toml").read_text("utf-8")
    (tmp_path / f"{mistake.example}.toml").write_text(planted(rules, mistake))
    path = tmp_path / f"{mistake.example}.test.toml"
    shutil.copy(EXAMPLES / path.name, path)
    assert found_by(path) is mistake.tested


def found_by(path: Path) -> bool:
    """A test fails, or its rules do not load."""
    try:
        return not all(each.passed for each in results(load_rule_tests(path)))
    except RuleProblems:
        return True
