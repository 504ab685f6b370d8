"""The rules of a set as their owner reads them: in the words of the files, winners first.

What counts is the loaded set; the files only lend their words, so a rule that a later file switches
off or replaces is not told of as if it held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

from rules.engine import EventRule, RuleSet, StateRule
from rules.errors import printable
from rules.language import read_toml

WIDTH = 80
LABEL = 10
TIMERS = ("for", "keep", "stale", "margin", "inset", "catch_up", "at_most", "else")
GROUPS = {"all": ("all of", " and "), "any": ("one of", " or "), "none": ("none of", " or ")}

Written = Mapping[str, Any]
"""A rule as its file has it."""


def rule_list(found: RuleSet, paths: Sequence[Path]) -> Iterator[str]:
    """Lines about a loaded rule set: what it is about, its default, and each rule.

    Raises `RuleProblems` where a file has become unreadable since it was loaded.
    """
    tariff = found.almanac.tariff
    default = str(found.default) or "leave everything as it is"
    yield from _row("tariff", f"{tariff.title} ({tariff.name})" if tariff else "none", "  ")
    yield from _row("zone", found.almanac.zone.key, "  ")
    # A later file's rule may replace one of the same name.
    written = {rule["name"]: rule for path in paths for rule in read_toml(path)[1].get("rule", ())}
    for state_rule in found.state_rules:
        yield ""
        yield from _state_rule(state_rule, written[state_rule.name])
    yield ""
    yield "  default"
    yield from _row("set", default)
    for event_rule in found.event_rules:
        yield ""
        yield from _event_rule(event_rule, written[event_rule.name])
    counted = {rule.name for rule in found.state_rules} | {rule.name for rule in found.event_rules}
    idle = [f'"{name}"' for name in written if name not in counted]
    if idle:
        yield ""
        yield from _row("off", ", ".join(idle), "  ")


def _state_rule(rule: StateRule, written: Written) -> Iterator[str]:
    about = [f"priority {rule.priority}"] if rule.priority else []
    about += ["even against a change by hand"] if rule.insists else []
    yield from _name(rule.name, about)
    yield from _row("while", _clause(written["while"]) if "while" in written else "always")
    yield from _row("set", str(rule.want))
    yield from _rest(written)


def _event_rule(rule: EventRule, written: Written) -> Iterator[str]:
    yield from _name(rule.name, [])
    yield from _row("when", _clause(written["when"]))
    yield from _row("do", f'{rule.action}: "{rule.message}"' if rule.message else rule.action)
    yield from _rest(written)


def _name(name: str, about: Sequence[str]) -> Iterator[str]:
    told = f" ({', '.join(about)})" if about else ""
    yield printable(f'  "{name}"{told}')


def _rest(written: Written) -> Iterator[str]:
    for key in TIMERS:
        if key in written:
            yield from _row(key, _value(written[key]))
    if "why" in written:
        yield from _row("why", written["why"])


def _row(label: str, text: str, indent: str = "    ") -> Iterator[str]:
    """A label and its text, on as many lines as that takes."""
    margin = " " * (len(indent) + LABEL)
    lines = wrap(printable(text), WIDTH - len(margin), break_on_hyphens=False) or [""]
    yield f"{indent}{label:<{LABEL}}{lines[0]}"
    yield from (f"{margin}{line}" for line in lines[1:])


def _clause(clause: Mapping[str, Any]) -> str:
    """A clause on one line: its keys joined by commas, and clauses within it in brackets."""
    said = []
    for key, value in clause.items():
        if key in GROUPS:
            which, joined = GROUPS[key]
            said.append(f"{which} {joined.join(f'({_clause(each)})' for each in value)}")
        else:
            said.append(f"{key} {_value(value)}")
    return ", ".join(said)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " or ".join(_value(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
