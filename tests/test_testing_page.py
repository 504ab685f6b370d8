"""The page of rule tests is what the code says, and its examples pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rule_testing import results

from docs.file_examples import RULE_TESTS
from docs.generate import TESTING_DOCUMENT, generated
from rules.language import json_schema
from rules.testing import load_rule_tests
from rules.testing.model import TestFile as FileModel

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
PAGES = (ROOT / "README.md", TESTING_DOCUMENT)

RULES = """\
language = 1
timezone = "America/Los_Angeles"
[default]
mode = "self_consumption"
reserve = 20
export = "pv_only"
grid_charging = true
[[rule]]
name = "storm"
while = { flag = "storm" }
set = { reserve = 60 }
[[rule]]
name = "sun"
while = { input = "sun", above = 20, none = [{ flag = "away" }] }
set = { reserve_at_least = 40 }
[[rule]]
name = "noon"
when = { at = "12:00" }
do = "notify"
message = "It is noon."
"""
WITH = {
    "every": 'from = "00:00", {}, import = [0.2, 0.3]',
    "import": 'from = "00:00", every = "30m", {}',
    "from": '{}, to = "2026-07-07 00:00", import = 0.2',
    "to": 'from = "11:00", {}, import = 0.2',
    "export": 'from = "11:00", to = "16:00", {}',
}
"""The rest of a table of prices, by its key."""


def blocks(page: Path, mark: str) -> list[str]:
    return [text for text in FENCE.findall(page.read_text("utf-8")) if mark in text]


def test_the_tables_are_those_of_the_code() -> None:
    text = TESTING_DOCUMENT.read_text("utf-8")
    assert generated(text) == text, "say: python docs/generate.py"


def test_every_table_of_the_model_is_there_and_every_key_has_a_text() -> None:
    from docs.generate import MODELS

    text = TESTING_DOCUMENT.read_text("utf-8")
    for name, examples in RULE_TESTS.items():
        assert f"<!-- keys of {name} -->" in text
        shape = next(getattr(each, name) for each in MODELS if hasattr(each, name))
        inherited = {
            field.alias or key
            for base in shape.__bases__
            for key, field in getattr(base, "model_fields", {}).items()
        }
        properties = json_schema(shape)["properties"]
        assert set(examples) == set(properties) - inherited
        assert [key for key in examples if not properties[key].get("description")] == []
    assert set(json_schema(FileModel)["$defs"]) <= set(RULE_TESTS)


def holding(table: str, key: str, example: str) -> str:
    """A test file that holds the example of a key."""
    given, point, expect = "", "", "writes = { at_least = 0 }"
    top = test = ""
    match table:
        case "TestFile" if key != "test":
            top = example
        case "Test" if key not in {"name", "start", "expect"}:
            test = example
        case "Values":
            given = example
        case "At":
            point = 'at = "14:00", ramp = true' if key == "ramp" else example
        case "Dated":
            given = f"inputs = {{ sun = {{ {'' if key == 'value' else 'value = 1, '}{example} }} }}"
        case "Slot":
            given = f"prices = [{{ {WITH[key].format(example)} }}]"
        case "Home":
            test = f"home = {{ {example} }}"
        case "Expect" if key == "to":
            expect = f"{example}\nwrites = 0"
        case "Expect":
            expect = f"{example}\n{'' if 'writes' in example else 'fired = {}'}"
            expect = expect.replace("fired = {}", "wanted = { reserve = 20 }")
        case "SettingOf":
            expect = f"setting = {{ {example} }}"
        case "PartWinners":
            expect = f"winner = {{ {example} }}"
        case "HowOften":
            expect = f"writes = {{ {example} }}"
    if key == "wanted":
        expect = example
    lines = [
        *([top] if "rules" in top or "can_set" in top else ['rules = "rules.toml"', top]),
        "" if "can_set" in top else 'can_set = ["export", "grid_charging"]',
        '[[test]]\nname = "a summer day"\nstart = "2026-07-06 11:00"',
        "" if test.startswith("end") else 'end = "48h"',
        test,
        f"given = {{ {given} }}" if given else "",
        f"then = [{{ {point} }}]" if point else "",
        f"[[test.expect]]\n{expect}",
    ]
    return "\n".join(lines).replace('rules = ["base.toml", "home.toml"]', 'rules = ["rules.toml"]')


@pytest.mark.parametrize(
    ("table", "key", "example"),
    [(table, key, said) for table, keys in RULE_TESTS.items() for key, said in keys.items()],
)
def test_every_example_of_a_key_can_be_used(
    tmp_path: Path, table: str, key: str, example: str
) -> None:
    assert re.search(rf"(^|[.\[]){key}( =|\]+)", example)
    (tmp_path / "rules.toml").write_text(RULES)
    path = tmp_path / "rules.test.toml"
    path.write_text(holding(table, key, example))
    assert results(load_rule_tests(path))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tests_in_the_documents_pass_on_the_rules_of_the_readme(
    tmp_path: Path, page: Path
) -> None:
    (rules,) = blocks(ROOT / "README.md", "language = 1")
    (tests,) = blocks(page, "[[test]]")
    (tmp_path / "my_rules.toml").write_text(rules)
    path = tmp_path / "my_rules.test.toml"
    path.write_text(tests)
    assert [failure for each in results(load_rule_tests(path)) for failure in each.failures] == []
