"""Where in a TOML file each value stands.

TOML readers give values without places, so a valid document is read a second time, statement by
statement: a scan finds where each statement ends, and the reader itself says what it means.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import tomli

Path = tuple[str | int, ...]
"""The way to a value: keys, and indices into arrays."""


def positions(text: str) -> dict[Path, int]:
    """The 1-based line of each value of a valid TOML document.

    A value inside a multi-line array has the line on which its statement begins.
    """
    found: dict[Path, int] = {}
    lengths: dict[Path, int] = {}
    table: Path = ()
    for line, statement in _statements(text):
        parsed = tomli.loads(statement)
        if statement.startswith("["):
            table = _table(parsed, lengths, appended=statement.startswith("[["))
            found.setdefault(table, line)
        else:
            for key, value in parsed.items():
                for path in _paths(value, (*table, key)):
                    found.setdefault(path, line)
    return found


def as_written(path: Path) -> str:
    """A place as a person would write it: while.any[0].soe_below."""
    said = ""
    for part in path:
        said += f"[{part}]" if isinstance(part, int) else f".{part}" if said else part
    return said


def line_of(path: Path, found: Mapping[Path, int]) -> int:
    """The line of a value, or of the nearest thing around it that stands in the file; else 0.

    A list of tables begins with its first.
    """
    while path:
        for each in (path, (*path, 0)):
            if each in found:
                return found[each]
        path = path[:-1]
    return 0


def _table(parsed: Mapping[str, Any], lengths: dict[Path, int], *, appended: bool) -> Path:
    """The path of a header, with the index of the present element of each array of tables."""
    names: list[str] = []
    inner: Any = parsed
    while isinstance(inner, Mapping) and inner:
        name, inner = next(iter(inner.items()))
        names.append(name)
    path: Path = ()
    for depth, name in enumerate(names, start=1):
        path = (*path, name)
        if appended and depth == len(names):
            lengths[path] = lengths.get(path, 0) + 1
        if path in lengths:
            path = (*path, lengths[path] - 1)
    return path


def _paths(value: Any, at: Path) -> Iterator[Path]:  # noqa: ANN401 -- any TOML value
    yield at
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _paths(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _paths(inner, (*at, index))


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Each statement with the line on which it begins; blank lines and comments left out."""
    buffer: list[str] = []
    start = depth = 0
    quote = ""
    # Not splitlines(): for TOML only a line feed ends a line, and U+2028 is a letter like others.
    for number, line in enumerate(text.split("\n"), start=1):
        if not buffer:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            start = number
        depth, quote = _scan(line, depth, quote)
        buffer.append(line)
        if depth == 0 and not quote:
            yield start, "\n".join(buffer).strip()
            buffer = []


def _scan(line: str, depth: int, quote: str) -> tuple[int, str]:
    """Bracket depth, and the multi-line quote that is still open, at the end of a line."""
    index = 0
    while index < len(line):
        character = line[index]
        if quote:
            if character == "\\" and quote[0] == '"':
                index += 1
            elif line.startswith(quote, index):
                index += _closing(line, index, quote) - 1
                quote = ""
        elif character in "\"'":
            triple = character * 3
            quote = triple if line.startswith(triple, index) else character
            index += len(quote) - 1
        elif character == "#":
            break
        elif character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
        index += 1
    return depth, quote


def _closing(line: str, index: int, quote: str) -> int:
    """How many characters end a text here: one or two quotes before a triple one belong to it."""
    if len(quote) == 1:
        return 1
    run = len(line[index:]) - len(line[index:].lstrip(quote[0]))
    return min(run, 5)
