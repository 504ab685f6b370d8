"""The tests of the examples find the mistakes that their authors were likely to make."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from example_files import EXAMPLES
from planted import PLANTED, Planted
from rule_testing import results

from rules.testing import load_rule_tests


@pytest.mark.parametrize("planted", PLANTED, ids=lambda each: f"{each.example}: {each.what}")
def test_a_planted_mistake_is_found_by_the_examples_own_tests(
    tmp_path: Path, planted: Planted
) -> None:
    rules = (EXAMPLES / f"{planted.example}.toml").read_text("utf-8")
    assert planted.right in rules
    (tmp_path / f"{planted.example}.toml").write_text(
        rules.replace(planted.right, planted.wrong, 1)
    )
    path = tmp_path / f"{planted.example}.test.toml"
    shutil.copy(EXAMPLES / path.name, path)
    assert not all(each.passed for each in results(load_rule_tests(path)))
