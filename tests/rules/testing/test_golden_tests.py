"""What an owner is told of mistakes in test files.

`golden/` holds one mistake a file, named after it; the comments at its top are what must be said.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.errors import RuleProblems
from rules.testing import load_rule_tests

GOLDEN = Path(__file__).parent / "golden"
BROKEN = "language = 1\n"


def told(path: Path) -> str:
    """What is said of a file, without its folder."""
    with pytest.raises(RuleProblems) as error:
        load_rule_tests(path)
    return str(error.value).replace(f"{path.parent}/", "")


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.test.toml")), ids=lambda path: path.stem)
def test_a_mistake_is_told_with_its_place(path: Path) -> None:
    head, _, _ = path.read_text(encoding="utf-8").partition("\n\n")
    assert told(path).split("\n") == [line.removeprefix("# ") for line in head.split("\n")]


def test_mistakes_of_the_rules_and_of_the_test_file_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(BROKEN)
    path = tmp_path / "mine.test.toml"
    path.write_text("test = 1\n")
    said = told(path)
    assert "mine.test.toml:1: test: must be a list, got 1" in said
    assert "mine.toml: [default] is missing" in said


def test_a_file_without_its_rules_says_which_it_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "mine.test.toml"
    path.write_text("")
    assert "mine.toml: cannot be read: no such file" in told(path)
