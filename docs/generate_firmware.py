"""The table of firmware.md, generated from the one in the code.

`python docs/generate_firmware.py` writes it. A test says when it is due.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from itertools import zip_longest
from pathlib import Path
from typing import Any

from scheduler.gateways import GENERATIONS, Fact, Generation, Version

DOCUMENT = Path(__file__).with_name("firmware.md")
MARKED = re.compile(r"(<!-- firmware table -->\n).*?(<!-- end of firmware table -->)", re.DOTALL)

HEAD = "| firmware | speaks | a login that may write | mode is sent as | `autonomous` | reserve |"


def generated(document: str) -> str:
    """The document with the table written anew."""
    return MARKED.sub(lambda found: f"{found[1]}{_table()}{found[2]}", document)


def _table() -> str:
    sources: dict[str, str] = {}
    rows = [HEAD, "|---" * (HEAD.count("|") - 1) + "|"]
    for generation, following in zip_longest(GENERATIONS, GENERATIONS[1:]):
        cells = (
            _name(generation, following),
            _cell(generation.transport, str),
            _cell(generation.login, str),
            _cell(generation.mode_key, "`{}`".format),
            _cell(generation.autonomous, lambda can: "can be set" if can else "refused"),
            _cell(generation.reserve_ceiling, _reserves),
        )
        rows.append(f"| {' | '.join(cells)} |")
        sources |= {
            source.name: source.url for fact in _facts(generation) for source in fact.sources
        }
    links = [f"[{name}]: {url}" for name, url in sorted(sources.items())]
    return "\n".join([*rows, "", *links]) + "\n"


def _facts(generation: Generation) -> list[Fact[Any]]:
    values = (getattr(generation, field.name) for field in fields(generation))
    return [value for value in values if isinstance(value, Fact)]


def _name(generation: Generation, following: Generation | None) -> str:
    since = _version(generation.since)
    if following is None:
        return f"{since} and later"
    return f"{since} to before {_version(following.since)}"


def _version(version: Version) -> str:
    shown = f"{version.major}.{version.minor}"
    return f"{shown}.{version.patch}" if version.patch else shown


def _cell(fact: Fact[Any], said: Callable[[Any], str]) -> str:
    """The value, who recorded it, and whether it is assumed."""
    sources = ", ".join(f"[{source.name}]" for source in fact.sources)
    notes = "; ".join(each for each in (sources, fact.assumed) if each)
    return f"{said(fact.value)} ({notes})"


def _reserves(ceiling: int) -> str:
    return "0 to 100 %" if ceiling == 100 else f"0 to {ceiling} %, and 100 %"


if __name__ == "__main__":
    text = DOCUMENT.read_text("utf-8")
    DOCUMENT.write_text(generated(text), "utf-8")
