"""The tables of gateways.md, generated from the one in the code.

`python docs/generate_gateways.py` writes them. A test says when it is due.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from scheduler.gateways import WAYS, Evidence, Fact, Hardware, Route, Version, Way

DOCUMENT = Path(__file__).with_name("gateways.md")
MARKED = re.compile(r"(<!-- table of (\w+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
UNTRIED = re.compile(r"(<!-- cells -->\n).*?(<!-- end of cells -->)", re.DOTALL)
SOURCES = re.compile(r"(<!-- sources -->\n).*?(<!-- end of sources -->)", re.DOTALL)

LIKE = Hardware.POWERWALL3
"""What most is told of."""


class Row(NamedTuple):
    """How a cell is named and said."""

    name: str
    said: Callable[[Any], str] = str


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _listed(values: frozenset[Any]) -> str:
    return ", ".join(f"`{value}`" for value in sorted(values)) or "nothing"


def _charging(values: frozenset[bool]) -> str:
    return "can be permitted and forbidden" if values else "nothing"


ROWS: Mapping[str, Row] = {
    "reading": Row("shows"),
    "writing": Row("a setting is"),
    "modes": Row("modes", _listed),
    "high_reserve": Row("a reserve of 81 to 99 %"),
    "grid_charging": Row("grid charging", _charging),
    "export": Row("export", _listed),
    "latency": Row("a setting is done within"),
    "settling": Row("judged by the power flows after", lambda seconds: f"{seconds / 60:g} minutes"),
    "running": Row("shows whether the battery runs", _yes_or_no),
    "storm_watch": Row("shows Storm Watch", _yes_or_no),
    "firmware_check": Row("firmware check", _yes_or_no),
    "hold": Row("hold by an order to rest", _yes_or_no),
    "tariff_wins": Row("a rate plan may win over the reserve", _yes_or_no),
}


class Span(NamedTuple):
    """A fact, and from which firmware to before which it is so."""

    since: Version | None
    before: Version | None
    fact: Fact[Any]

    @property
    def firmware(self) -> str:
        """As it is said; empty for any."""
        if self.since is None:
            return "" if self.before is None else f"before {_version(self.before)}"
        if self.before is None:
            return f"{_version(self.since)} and later"
        return f"{_version(self.since)} to before {_version(self.before)}"


def generated(document: str) -> str:
    """The document with its tables written anew."""
    document = MARKED.sub(lambda found: f"{found[1]}{_table(Route(found[2]))}{found[3]}", document)
    document = UNTRIED.sub(lambda found: f"{found[1]}{_evidence()}{found[2]}", document)
    return SOURCES.sub(lambda found: f"{found[1]}{_sources()}{found[2]}", document)


def _table(route: Route) -> str:
    """Hardware of which the same is known shares a column."""
    columns = [
        (list(hardware), ways)
        for ways, hardware in groupby(WAYS[route], lambda each: WAYS[route][each])
    ]
    heads = " | ".join(", ".join(each.value for each in hardware) for hardware, _ in columns)
    rows = [f"| | {heads} |", "|---" * (len(columns) + 1) + "|"]
    for cell, row in ROWS.items():
        said = " | ".join(_cell(ways, WAYS[route][LIKE], cell, row) for _, ways in columns)
        rows.append(f"| {row.name} | {said} |")
    return "\n".join(rows) + "\n"


def _cell(ways: tuple[Way, ...], like: tuple[Way, ...], cell: str, row: Row) -> str:
    """What is known of a cell; where it is assumed to be as with a Powerwall 3, just that."""
    found, other = spans(ways, cell), spans(like, cell)
    same = [(each.firmware, each.fact.value) for each in found] == [
        (each.firmware, each.fact.value) for each in other
    ]
    assumed = all(each.fact.evidence is Evidence.UNKNOWN for each in found)
    if ways is not like and same and assumed:
        return f"unknown: as with a {LIKE.value}"
    return "<br>".join(_said(each, row) for each in found)


def spans(ways: tuple[Way, ...], cell: str) -> list[Span]:
    """What a cell is from firmware to firmware, joined where nothing changes."""
    joined: list[Span] = []
    for number, way in enumerate(ways):
        fact = way.cells[cell]
        if joined and joined[-1].fact == fact:
            continue
        if joined:
            joined[-1] = joined[-1]._replace(before=way.since)
        joined.append(Span(way.since if number else None, None, fact))
    return joined


def _said(span: Span, row: Row) -> str:
    fact = span.fact
    sources = ", ".join(f"[{source.name}]" for source in fact.sources)
    known = ": ".join(each for each in (fact.evidence.value, fact.assumed) if each)
    told = f"{row.said(fact.value)} ({', '.join(each for each in (known, sources) if each)})"
    return f"{span.firmware}: {told}" if span.firmware else told


def _evidence() -> str:
    """Of each cell, hardware by hardware, how much of it is known for the newest firmware."""
    rows = [
        "| route | hardware | tried here | reported | unknown |",
        "|---|---|---|---|---|",
    ]
    for route, by_hardware in WAYS.items():
        for hardware, ways in by_hardware.items():
            said = " | ".join(_names(ways[-1], evidence) for evidence in Evidence)
            rows.append(f"| `{route}` | {hardware.value} | {said} |")
    return "\n".join(rows) + "\n"


def _names(way: Way, evidence: Evidence) -> str:
    named = [ROWS[name].name for name, fact in way.cells.items() if fact.evidence is evidence]
    return "all" if len(named) == len(ROWS) else "; ".join(named) or "nothing"


def _version(version: Version) -> str:
    shown = f"{version.major}.{version.minor}"
    return f"{shown}.{version.patch}" if version.patch else shown


def _sources() -> str:
    found = {
        source.name: source.url
        for by_hardware in WAYS.values()
        for ways in by_hardware.values()
        for way in ways
        for fact in way.cells.values()
        for source in fact.sources
    }
    return "".join(f"[{name}]: {url}\n" for name, url in sorted(found.items()))


if __name__ == "__main__":
    text = DOCUMENT.read_text("utf-8")
    DOCUMENT.write_text(generated(text), "utf-8")
