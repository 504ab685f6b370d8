"""Whoever searches for an error finds it among the headings of the troubleshooting page.

Mistakes in a call or a file say themselves what to write instead. What the world does to the daemon
(the gateway, the journal, the socket) needs more words, and has a heading.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler import errors

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
HEADINGS = re.findall(r"^### (.*)$", PAGE, re.MULTILINE)
OURS = (
    "BillRefused",
    "ConfigProblem",
    "HistoryProblems",
    "ImportRefused",
    "RequestRefused",
    "TuningRefused",
)
"""A mistake in what the owner wrote or asked for."""

WORLD = {
    name
    for name, each in vars(errors).items()
    if isinstance(each, type) and issubclass(each, errors.PwschedError) and name not in OURS
}
INTERNAL = {
    "row … of … comes after row …",
    "row … of … comes after row …; what the journal knows has to be read again",
    "rows of … would refer to rows that are gone",
}
"""Of these no owner can be the cause: another message tells what follows."""


def texts() -> Iterator[str]:
    """What the errors of the world say, "…" for what is filled in; not what is put together."""
    for path in sorted((ROOT / "scheduler").rglob("*.py")):
        text = path.read_text("utf-8")
        if "simulator" in path.parts or not any(f"{name}(" in text for name in WORLD):
            continue
        for node in ast.walk(ast.parse(text)):
            match node:
                case ast.Call(func=ast.Name(name), args=[ast.Constant(value=str(said)), *_]):
                    pass
                case ast.Call(func=ast.Name(name), args=[ast.JoinedStr(values=parts), *_]):
                    said = "".join(
                        str(each.value) if isinstance(each, ast.Constant) else "…" for each in parts
                    )
                case _:
                    continue
            if name in WORLD and sum(each.isalpha() for each in said) > 1:
                yield said


def headed(text: str) -> bool:
    return any(
        all(part.strip() in text for part in re.split("…|, ", heading)) for heading in HEADINGS
    )


TEXTS = sorted(set(texts()) - INTERNAL)


def test_there_is_something_to_look_at() -> None:
    assert len(TEXTS) > 30
    assert set(texts()) >= INTERNAL


@pytest.mark.parametrize("text", TEXTS)
def test_an_error_that_the_world_causes_has_a_heading(text: str) -> None:
    assert headed(text), "add a heading to docs/troubleshooting.md"


def test_no_heading_stands_twice() -> None:
    assert len(set(HEADINGS)) == len(HEADINGS)
