"""Where exactly a value stands in a TOML text: line and columns, to put a caret under it.

`positions` knows the line on which a statement begins; here its inline tables and arrays are walked
character by character. The text is known to be valid TOML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.language.positions import Path

OPENING, CLOSING = "[{", "]}"


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A part of one line: 1-based line, and columns from 0, half open; the line as it stands."""

    line: int
    start: int
    end: int
    text: str


def span_of(text: str, path: Path, lines: Mapping[Path, int]) -> TextSpan | None:
    """The place of a value, or of the nearest thing around it; `None` where nothing stands there.

    `lines` are the `positions` of the text.
    """
    while path and path not in lines:
        path = path[:-1]
    if not path:
        return None
    line = lines[path]
    offset = sum(len(each) + 1 for each in text.split("\n")[: line - 1])
    start, end = _statement(text, offset, path)
    return _on_its_line(text, start, end)


def _statement(text: str, offset: int, path: Path) -> tuple[int, int]:
    """From where to where the value of a statement that begins at an offset goes."""
    end_of_line = text.find("\n", offset)
    end_of_line = len(text) if end_of_line < 0 else end_of_line
    if text[offset:end_of_line].lstrip().startswith("["):
        # A header: the whole of it, without what stands behind.
        header = text[offset:end_of_line].split("#", maxsplit=1)[0].rstrip()
        return offset + len(header) - len(header.lstrip()), offset + len(header)
    equals = text.index("=", offset)
    key = text[offset:equals].strip().split(".")[-1].strip("\"' ")
    start = _value(text, equals + 1)
    # What follows the statement's own key in the path lies inside its value.
    depth = next((n for n, part in enumerate(path) if part == key), len(path) - 1)
    for part in path[depth + 1 :]:
        inner = _inside(text, start, part)
        if inner is None:
            break
        start = inner
    if start == _value(text, equals + 1):
        begin = offset + len(text[offset:equals]) - len(text[offset:equals].lstrip())
        return begin, _end(text, start)
    return _key_before(text, start), _end(text, start)


def _inside(text: str, start: int, part: str | int) -> int | None:
    """Where the value of a key of an inline table, or of an element of an array, begins."""
    if text[start] not in OPENING:
        return None
    index, at = 0, _value(text, start + 1)
    while at < len(text) and text[at] not in CLOSING:
        if text[start] == "{":
            equals = text.index("=", at)
            key, at = text[at:equals].strip().strip("\"'"), _value(text, equals + 1)
            if key == part:
                return at
        elif index == part:
            return at
        index += 1
        at = _value(text, _end(text, at))
        if at < len(text) and text[at] == ",":
            at = _value(text, at + 1)
    return None


def _key_before(text: str, start: int) -> int:
    """Where the key of a value in an inline table begins; the value itself in an array."""
    before = text[:start].rstrip()
    if not before.endswith("="):
        return start
    key = before[:-1].rstrip()
    at = len(key)
    while at and (key[at - 1].isalnum() or key[at - 1] in "_-\"'"):
        at -= 1
    return at


def _value(text: str, at: int) -> int:
    """The next character that is neither space nor comment."""
    while at < len(text) and (text[at].isspace() or text[at] == "#"):
        at = (text + "\n").index("\n", at) if text[at] == "#" else at + 1
    return at


def _end(text: str, at: int) -> int:
    """Where the value that begins here ends."""
    if text[at] in OPENING:
        depth = 0
        while at < len(text):
            if text[at] in "\"'":
                at = _end_of_string(text, at)
                continue
            if text[at] == "#":
                at = (text + "\n").index("\n", at)
                continue
            depth += (text[at] in OPENING) - (text[at] in CLOSING)
            at += 1
            if not depth:
                return at
        return at
    if text[at] in "\"'":
        return _end_of_string(text, at)
    while at < len(text) and text[at] not in ",]}#\n":
        at += 1
    return at - len(text[:at]) + len(text[:at].rstrip())


def _end_of_string(text: str, at: int) -> int:
    quote = text[at] * 3 if text.startswith(text[at] * 3, at) else text[at]
    index = at + len(quote)
    while index < len(text) and not text.startswith(quote, index):
        index += 2 if text[index] == "\\" and quote[0] == '"' else 1
    return index + len(quote)


def _on_its_line(text: str, start: int, end: int) -> TextSpan:
    """The part of a span that lies on its first line."""
    begin = text.rfind("\n", 0, start) + 1
    stop = (text + "\n").index("\n", start)
    line = text.count("\n", 0, start) + 1
    return TextSpan(line, start - begin, min(end, stop) - begin, text[begin:stop].rstrip("\r"))
