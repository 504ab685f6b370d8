"""`pwsched schema`: what an editor knows of rule files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commanding import Command

from scheduler.cli.schema import rule_schema

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_it_is_printed_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Command(monkeypatch, capsys)("schema")
    assert said.code == 0
    assert json.loads(said.out) == rule_schema()


def test_the_one_beside_the_examples_is_the_same() -> None:
    text = (EXAMPLES / "rules.schema.json").read_text("utf-8")
    assert json.loads(text) == rule_schema()


def tables(value: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table of the schema with its name."""
    if isinstance(value, dict):
        if "properties" in value:
            yield value.get("title", name), value
        for key, inner in value.items():
            yield from tables(inner, key)


def test_every_key_has_a_description_and_no_other_is_allowed() -> None:
    found = dict(tables(rule_schema()))
    assert {"Clause", "While", "When", "Set", "Rule", "Default"} <= set(found)
    for name, table in found.items():
        assert table["additionalProperties"] is False, name
        undescribed = [
            key for key, said in table["properties"].items() if not said.get("description")
        ]
        assert not undescribed, name


def test_keys_are_those_of_the_file_and_not_of_python() -> None:
    keys = {key for _, table in tables(rule_schema()) for key in table["properties"]}
    assert {"while", "set", "for", "else", "any", "none"} <= keys
    assert not {key for key in keys if key.endswith("_")}
