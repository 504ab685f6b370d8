"""The tables of the reference pages, generated from the models: `python docs/generate.py`.

Each table stands between two marker comments that name a class of a file's model. What a key means
is the text under its field; the examples are here and in `file_examples.py`, and a test loads each
of them. `commands.py` writes the page of the commands.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import BaseModel

from docs import commands
from docs.file_examples import CONFIGURATION, FORMS, RULE_TESTS, TARIFFS, TERMS
from rules.calendar import Days
from rules.language import clauses, json_schema, model, tariff_file
from rules.terms import file as terms_file
from rules.testing import house_model
from rules.testing import model as test_model
from scheduler.config import tables as config

DOCUMENT = Path(__file__).with_name("rules.md")
CONFIGURATION_DOCUMENT = Path(__file__).with_name("configuration.md")
TARIFFS_DOCUMENT = Path(__file__).with_name("tariffs.md")
TESTING_DOCUMENT = Path(__file__).with_name("testing.md")
MODELS = (model, clauses, config, tariff_file, test_model, house_model, terms_file)
MARKED = re.compile(r"(<!-- keys of (\w+) -->\n).*?(<!-- end of keys -->)", re.DOTALL)

FILE = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"^\$ pwsched (.*)$", re.MULTILINE)
SHOWN = re.compile(r"(<!-- shown -->\n```text\n).*?(```\n<!-- end of shown -->)", re.DOTALL)

NOTHING = {"type": "null"}

EXAMPLES: Mapping[str, Mapping[str, str]] = {
    "RuleFile": {
        "language": "language = 1",
        "timezone": 'timezone = "America/Los_Angeles"',
        "tariff": 'tariff = "sce-tou-d-prime"',
        "country": 'country = "US"',
        "subdivision": 'subdivision = "CA"',
        "dates": 'dates = { event-days = ["2026-08-12", "2026-09-03"] }',
        "default": 'default = { mode = "self_consumption", reserve = 20 }',
        "replaces": 'replaces = ["default"]',
        "off": 'off = ["full before the peak"]',
        "rule": "[[rule]]",
    },
    "Default": {
        "leave": "leave = true",
        "mode": 'mode = "self_consumption"',
        "reserve": "reserve = 20",
        "grid_charging": "grid_charging = false",
        "export": 'export = "pv_only"',
    },
    "Rule": {
        "name": 'name = "keep out of the car"',
        "why": 'why = "the car would empty it in two hours"',
        "enabled": "enabled = false",
        "replaces": 'replaces = "full before the peak"',
        "priority": "priority = 100",
        "even_if_overridden": "even_if_overridden = true",
        "while": "while = { soe_below = 30 }",
        "set": 'set = { battery = "hold" }',
        "when": 'when = { at = "07:15" }',
        "do": 'do = "notify"',
        "install": "install = true",
        "else": 'else = "notify"',
        "message": 'message = "The grid is down."',
        "at_most": 'at_most = "2/12h"',
        "margin": "margin = 5",
        "for": 'for = "2m"',
        "keep": 'keep = "2h"',
        "stale": 'stale = "30m"',
        "inset": 'inset = "5m"',
        "catch_up": 'catch_up = "1h"',
    },
    "Clause": {
        "time": 'time = ["22:00-06:00", "12:00-14:00"]',
        "days": 'days = "workdays"',
        "months": 'months = "nov..feb"',
        "dates": 'dates = ["08-01..09-30", "2026-12-20..2027-01-06"]',
        "eve_of": 'eve_of = "holidays"',
        "season": 'season = "summer"',
        "period": 'period = "peak"',
        "price_above": "price_above = 0.45",
        "price_below": "price_below = 0.12",
        "export_price_above": "export_price_above = 0.3",
        "export_price_below": "export_price_below = 0",
        "cheapest": 'cheapest = 4, of = "22:00-06:00"',
        "dearest": "dearest = 6",
        "of": 'dearest = 6, of = "15:00-22:00"',
        "soe_above": "soe_above = 80",
        "soe_below": "soe_below = 30",
        "grid": 'grid = "down"',
        "grid_services": "grid_services = true",
        "solar_above": 'solar_above = "2 kW"',
        "solar_below": "solar_below = 100",
        "load_above": 'load_above = "5 kW"',
        "load_below": 'load_below = "400 W"',
        "import_above": 'import_above = "3 kW"',
        "import_below": 'import_below = "50 W"',
        "export_above": 'export_above = "4.9 kW"',
        "export_below": 'export_below = "100 W"',
        "charging_above": 'charging_above = "1 kW"',
        "charging_below": 'charging_below = "100 W"',
        "discharging_above": 'discharging_above = "2.5 kW"',
        "discharging_below": 'discharging_below = "100 W"',
        "flag": 'flag = "storm"',
        "input": 'input = "sun", above = 25',
        "above": 'input = "sun", above = 25',
        "below": 'input = "sun", below = 10',
        "oldest": 'input = "sun", above = 25, oldest = "20h"',
        "margin": 'input = "sun", above = 25, margin = 3',
    },
    "While": {
        "all": 'all = [{ flag = "storm" }, { flag = "away" }]',
        "any": 'any = [{ grid = "down" }, { flag = "storm" }]',
        "none": 'none = [{ days = "holidays" }, { soe_above = 80 }]',
    },
    "When": {
        "at": 'at = "07:15"',
        "before": 'before = "peak"',
        "after": 'after = "peak"',
        "lead": 'before = "peak", lead = "60m"',
    },
    "Set": {
        "battery": 'battery = "hold"',
        "to": 'battery = "charge", to = 60',
        "mode": 'mode = "backup"',
        "reserve": 'battery = "use", reserve = 10',
        "reserve_at_least": "reserve_at_least = 50",
        "grid_charging": "grid_charging = false",
        "export": 'export = "never"',
    },
}
"""A short example of each key, as it stands in its table."""


def generated(document: str) -> str:
    """The document with every table between markers written anew."""
    return MARKED.sub(lambda found: f"{found[1]}{_table(found[2])}{found[3]}", document)


def with_the_calendar(document: str) -> str:
    """The page of tariffs with what `pwsched` shows of the file in it."""
    written, line = FILE.search(document), CALL.findall(document)[0]
    if written is None:
        raise ValueError("the page has no tariff file")
    with TemporaryDirectory() as folder:
        (Path(folder) / "my_tariff.toml").write_text(written[1], "utf-8")
        shown = commands.said(line, Path(folder)).text
    return SHOWN.sub(lambda found: f"{found[1]}{shown}\n{found[2]}", document)


def _table(name: str) -> str:
    """One class as a Markdown table: key, what may stand there, default, meaning, example."""
    shape: type[BaseModel] = next(getattr(each, name) for each in MODELS if hasattr(each, name))
    examples = (EXAMPLES | CONFIGURATION | TARIFFS | TERMS | FORMS | RULE_TESTS)[name]
    properties = json_schema(shape)["properties"]
    inherited = {key for base in shape.__bases__ for key in getattr(base, "model_fields", ())}
    rows = ["| key | value | default | meaning | example |", "|---|---|---|---|---|"]
    for field_name, field in shape.model_fields.items():
        if field_name in inherited:
            continue
        key = field.alias or field_name
        default = _default(field.get_default(call_default_factory=True))
        if field.is_required():
            default = "needed"
        meaning = re.sub(r"\s+", " ", properties[key].get("description", ""))
        value, example = _value(properties[key]), examples[key]
        rows.append(f"| `{key}` | {value} | {default} | {meaning} | `{example}` |")
    return "\n".join(rows) + "\n"


def _default(value: object) -> str:
    match value:
        case None | () | [] | {} | "" | Days() | BaseModel():
            return ""
        case bool() | str():
            return f"`{json.dumps(value)}`"
        case timedelta():
            return f'`"{_duration(value)}"`' if value else "none"
    return f"`{value}`"


def _duration(length: timedelta) -> str:
    """As it is written in files, in the largest unit that fits."""
    units = {"h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
    name, unit = next(each for each in units.items() if not length % each[1])
    return f"{length // unit}{name}"


def _value(schema: Mapping[str, Any]) -> str:
    """What may stand there, in words, from its JSON Schema."""
    if "anyOf" in schema:
        return ", or ".join(_value(each) for each in schema["anyOf"] if each != NOTHING)
    if words := schema.get("enum", [schema["const"]] if "const" in schema else []):
        return ", ".join(f"`{json.dumps(word)}`" for word in words)
    kind: str = schema.get("type", "table")
    if kind in {"integer", "number"}:
        return _number(schema)
    if kind == "string":
        return _text(schema)
    if kind == "array":
        if "anyOf" in schema["items"] or schema["items"].get("type") == "integer":
            return "list of numbers"
        return "list of texts" if "type" in schema["items"] else "list of tables"
    if kind == "object":
        if not {"additionalProperties", "patternProperties"} & schema.keys():
            return "table"
        texts = schema.get("additionalProperties") == {"type": "string"}
        if texts:
            return "texts by name"
        return "lists by name" if '"array"' in json.dumps(schema) else "values by name"
    return {"boolean": "`true` or `false`"}.get(kind, kind)


def _number(schema: Mapping[str, Any]) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low == 0 and high is None:
        return "watts"  # the only numbers without an upper end are powers
    said = "whole number" if schema["type"] == "integer" else "number"
    if "exclusiveMinimum" in schema:
        most = "" if high is None else f", at most {high}"
        return f"{said}, more than {schema['exclusiveMinimum']}{most}"
    return said if low is None else f"{said}, {low} to {high}"


def _text(schema: Mapping[str, Any]) -> str:
    pattern = schema.get("pattern", "")
    if r"\d:\d" in pattern.replace(r"\d\d", r"\d"):
        return "time, or duration" if "(s|m|h)" in pattern else "time"
    if "(s|m|h)" in pattern:
        return "duration"
    if "W$" in pattern:
        return "power"
    longest = schema.get("maxLength")
    return f"text, at most {longest} characters" if longest else "text"


if __name__ == "__main__":
    sys.path.append(str(commands.ROOT / "tests"))  # the simulated house of the examples
    for path in (DOCUMENT, CONFIGURATION_DOCUMENT, TARIFFS_DOCUMENT, TESTING_DOCUMENT):
        path.write_text(generated(path.read_text("utf-8")), "utf-8")
    page = TARIFFS_DOCUMENT.read_text("utf-8")
    TARIFFS_DOCUMENT.write_text(with_the_calendar(page), "utf-8")
    commands.DOCUMENT.write_text(commands.page(), "utf-8")
