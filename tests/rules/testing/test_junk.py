"""Whatever stands in a test file, it is a test file or a list of mistakes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import tomli_w
from example_files import TEST_FILES

from rules.errors import RuleProblems
from rules.language import read_toml
from rules.testing import load_rule_tests

JUNK = (
    *(0, -1, 1e300, True, "", "x", "12:00", "2026-07-06 12:00", "9999h", "0s", "unknown"),
    *([], [1], ["x"], {}, {"x": 1}, [[]], [{}]),
)


def paths(value: Any, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if at:
        yield at
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from paths(value[key], (*at, key))


def with_junk(values: dict[str, Any], path: tuple[str | int, ...], junk: Any) -> dict[str, Any]:
    found: Any = copy.deepcopy(values)
    inner = found
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = junk
    result: dict[str, Any] = found
    return result


@pytest.mark.parametrize(
    "path", [each for each in TEST_FILES if "export" in each.name], ids=lambda path: path.name
)
def test_junk_in_any_place_is_told_as_a_mistake_or_means_something(
    tmp_path: Path, path: Path
) -> None:
    rules = path.with_name(path.name.replace(".test", ""))
    (tmp_path / rules.name).write_bytes(rules.read_bytes())
    _, values = read_toml(path)
    values["test"] = values["test"][1:4:2]
    copied = tmp_path / path.name
    for number, place in enumerate(paths(values)):
        # Not all of them in each place: the neighbours get the others.
        for junk in JUNK[number % 3 :: 3]:
            copied.write_text(tomli_w.dumps(with_junk(values, place, junk)))
            with suppress(RuleProblems):
                assert load_rule_tests(copied).tests
