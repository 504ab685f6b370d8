"""From the bytes of a file to rows of cells: encodings, line ends, and what separates the cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from scheduler.errors import HistoryProblems

LARGEST: Final = 256 << 20
"""Bytes: two years of minutes with every channel are a quarter of it."""

_SEPARATORS: Final = (";", "\t", ",")
_HEAD: Final = 4096
"""Characters that are looked at for what separates cells."""


class Row(NamedTuple):
    """A row that is not blank: the number of its line, and its cells without spaces around them."""

    line: int
    cells: list[str]


def content_of(path: Path) -> bytes:
    """What a file holds. Raises `HistoryProblems`."""
    try:
        if path.stat().st_size > LARGEST:
            raise HistoryProblems(
                path.name, f"is larger than {LARGEST >> 20} MiB; give fewer years at once"
            )
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def head_of(path: Path, length: int) -> bytes:
    """The first bytes of a file. Raises `HistoryProblems`."""
    try:
        with path.open("rb") as file:
            return file.read(length)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> HistoryProblems:
    reason = (error.strerror or str(error)).lower()
    return HistoryProblems(path.name or str(path), f"cannot be read: {reason}")


def text_of(content: bytes, name: str) -> str:
    """Text in UTF-8, or in UTF-16 with its mark. Raises `HistoryProblems`."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise HistoryProblems(
            name, f"row {line} is not text in UTF-8; save the file as CSV in UTF-8"
        ) from None
    if "\0" in text:
        raise HistoryProblems(name, "is not a text file; give a CSV, a Green Button or a journal")
    return text


def rows_of(text: str, name: str) -> Iterator[Row]:
    """The rows of a CSV that are not blank. Raises `HistoryProblems` for a quote without an end."""
    # A StringIO would take four bytes for each character.
    lines = io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8", newline="")
    reader = csv.reader(lines, delimiter=_separator_of(text), strict=True)
    try:
        for cells in reader:
            if any(cells):
                yield Row(reader.line_num, cells)
    except csv.Error as error:
        raise HistoryProblems(name, f"row {reader.line_num} is no CSV: {error}") from None


def _separator_of(text: str) -> str:
    """The sign that cuts the most rows of the head; a comma may be in the numbers instead."""
    head = text[:_HEAD].splitlines()
    return max(_SEPARATORS, key=lambda sign: sum(sign in line for line in head))
