"""The chain: each audit row carries a SHA-256 over the one before it and over itself.

A row that was changed, taken out, put in or moved no longer fits what follows. The bytes of a row
are made of its table's name and of every column as SQLite stores it, `chain` itself left out. So
are nulls: a column that a later schema adds does not change what older rows come to.

What is written here is in every journal: another form would make all of them look tampered with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256

BEFORE_THE_FIRST = bytes(32)
"""What the first row of a journal follows."""

Stored = None | int | float | str | bytes
"""A value as SQLite stores it."""


class RowForm:
    """How the rows of one table become bytes that are equal for equal rows only."""

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self._table = _value(table)
        places = sorted((name, place) for place, name in enumerate(columns) if name != "chain")
        self._fields = [(_value(name), place) for name, place in places]

    def bytes_of(self, row: Sequence[Stored]) -> bytes:
        """The bytes of a row; its values in the order of the columns.

        Raises `TypeError` for a value that SQLite cannot hold.
        """
        found = [self._table]
        for name, place in self._fields:
            value = row[place]
            if value is not None:
                found += (name, _value(value))
        found.append(b";")
        return b"".join(found)


def link(before: bytes, row: bytes) -> bytes:
    """The `chain` of a row, from that of the row before it and the bytes of its own."""
    return sha256(before + row).digest()


def link_row(before: bytes, table: str, row: Mapping[str, Stored]) -> bytes:
    """The `chain` of a row that is about to be written."""
    columns = tuple(row)
    return link(before, _form(table, columns).bytes_of([row[name] for name in columns]))


@cache
def _form(table: str, columns: tuple[str, ...]) -> RowForm:
    return RowForm(table, columns)


def _value(value: Stored) -> bytes:
    """A value with its type and length before it, so that no two rows run into the same bytes."""
    match value:
        case str():
            # A damaged text need not be UTF-8; it has bytes all the same.
            kind, content = b"t", value.encode("utf-8", "surrogateescape")
        case int():
            kind, content = b"i", b"%d" % value
        case float():
            kind, content = b"r", value.hex().encode("ascii")
        case bytes():
            kind, content = b"b", value
        case _:
            raise TypeError(f"{value!r} is nothing that SQLite holds")
    return b"%s%d:%s" % (kind, len(content), content)
