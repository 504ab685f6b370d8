"""The reference of the rule language is what the code says, and all of its examples load."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from example_files import RULE_FILES

from docs import generate_firmware, generate_gateways
from docs.generate import DOCUMENT, EXAMPLES, generated
from rules.engine import RuleSet
from rules.language import load_rules, model
from scheduler.cli.schema import rule_schema
from scheduler.gateways import Route

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)

BASE = {
    "language": "language = 1",
    "tariff": 'tariff = "sce-tou-d-prime"',
    "default": 'default = { mode = "self_consumption", reserve = 20, grid_charging = true, '
    'export = "pv_only" }',
}
EARLIER = """
[[rule]]
name = "full before the peak"
while = { time = "14:00-15:55" }
set = { battery = "charge", to = 100 }
[[rule]]
name = "firmware before the peak"
when = { before = "peak", lead = "60m" }
do = "firmware-check"
"""
STATE = {
    "name": 'name = "another"',
    "while": "while = { soe_below = 20 }",
    "set": "set = { reserve_at_least = 30 }",
}
EVENT = {
    "name": 'name = "another"',
    "when": 'when = { grid = "down" }',
    "do": 'do = "notify"',
    "message": 'message = "It is down."',
}
TABLES = ("RuleFile", "Default", "Rule", "Clause", "While", "When", "Set")


def lines(said: dict[str, str], head: str = "") -> str:
    return "\n".join((head, *said.values(), ""))


def base(said: dict[str, str] = BASE) -> str:
    return lines(said) + EARLIER


def rule(table: str, key: str, example: str) -> str:
    """A rule that holds the example of a key."""
    if table == "Rule":
        kind = (
            EVENT
            if key in {"when", "do", "install", "message", "at_most", "else", "catch_up"}
            else STATE
        )
        said = kind | {key: example}
        if key in {"else", "install"}:
            said["do"] = 'do = "firmware-check"'
            del said["message"]
        if key == "catch_up":
            said["when"] = 'when = { at = "07:15" }'
        return lines(said, "[[rule]]")
    if table == "When":
        return lines(EVENT | {"when": f"when = {{ {example} }}"}, "[[rule]]")
    place = "set" if table == "Set" else "while"
    return lines(STATE | {place: f"{place} = {{ {example} }}"}, "[[rule]]")


def files(table: str, key: str, example: str) -> tuple[str, ...]:
    """The texts of the files in which the example of a key can stand."""
    if table == "Default":
        said = f'{{ mode = "backup", reserve = 5, {example} }}'
        if key in {"mode", "reserve", "leave"}:
            said = f"{{ {example} }}"
        alone = lines({"name": 'name = "it"', "when": 'when = { at = "07:15" }', "do": EVENT["do"]})
        text = lines(BASE | {"default": f"default = {said}"}) + f"[[rule]]{alone}message = 'It.'"
        return (text,)
    if table != "RuleFile":
        return (base(), rule(table, key, example))
    if key == "off":
        return (base(), example)
    if key == "replaces":
        return (base(), f"{example}\n{BASE['default']}\n")
    if key == "rule":
        return (base(), lines(STATE, example))
    country = {"country": 'country = "US"'} if key == "subdivision" else {}
    return (base(BASE | country | {key: example}),)


def loaded(folder: Path, *texts: str) -> RuleSet:
    paths = [folder / f"{number}.toml" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return load_rules(paths)


def test_the_tables_are_those_of_the_code() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert generated(text) == text, "say: python docs/generate.py"


def test_the_table_of_firmware_is_that_of_the_code() -> None:
    text = generate_firmware.DOCUMENT.read_text("utf-8")
    assert "| 1.15 to before 1.17 | plain http (" in text
    assert generate_firmware.generated(text) == text, "say: python docs/generate_firmware.py"


def test_the_tables_of_routes_are_those_of_the_code() -> None:
    text = generate_gateways.DOCUMENT.read_text("utf-8")
    for route in Route:
        assert f"<!-- table of {route} -->" in text
    assert "26.10.3 and later: becomes 80 % without a word (reported, [pypowerwall#304])" in text
    assert generate_gateways.generated(text) == text, "say: python docs/generate_gateways.py"


def test_a_table_that_lacks_a_key_is_written_anew() -> None:
    text = DOCUMENT.read_text("utf-8")
    row = next(line for line in text.splitlines(keepends=True) if line.startswith("| `soe_below`"))
    assert generated(text.replace(row, "")) == text


@pytest.mark.parametrize("table", TABLES)
def test_every_table_is_in_the_reference(table: str) -> None:
    assert f"<!-- keys of {table} -->" in DOCUMENT.read_text("utf-8")


def test_every_table_of_the_model_is_looked_at() -> None:
    found = set(model.RuleFile.model_json_schema()["$defs"]) | {"RuleFile"}
    assert found == set(TABLES) == set(EXAMPLES)


KEYS = [(table, key, example) for table, keys in EXAMPLES.items() for key, example in keys.items()]


@pytest.mark.parametrize(("table", "key", "example"), KEYS)
def test_every_example_of_a_key_loads(tmp_path: Path, table: str, key: str, example: str) -> None:
    assert re.search(rf"(^|[ \[]){key}( =|\]\])", example)
    assert loaded(tmp_path, *files(table, key, example)).digest


def blocks() -> list[str]:
    return FENCE.findall(DOCUMENT.read_text("utf-8"))


@pytest.mark.parametrize("text", blocks())
def test_every_block_of_the_reference_loads(tmp_path: Path, text: str) -> None:
    texts = (text,) if "language =" in text else (base(), text)
    assert loaded(tmp_path, *texts).state_rules


def test_the_schema_beside_the_examples_is_that_of_the_code() -> None:
    shipped = json.loads((ROOT / "examples" / "rules.schema.json").read_text("utf-8"))
    assert shipped == rule_schema(), "say: pwsched schema > examples/rules.schema.json"


def test_the_schema_knows_no_null_because_toml_has_none() -> None:
    assert "null" not in json.dumps(rule_schema())


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.name)
def test_every_example_file_names_the_schema_in_its_first_line(path: Path) -> None:
    first, _, rest = path.read_text("utf-8").partition("\n")
    assert first.startswith("#:schema ")
    assert (path.parent / first.removeprefix("#:schema ")).resolve() == (
        ROOT / "examples" / "rules.schema.json"
    )
    assert len(rest.splitlines()) <= 60, "an example is at most a page"
