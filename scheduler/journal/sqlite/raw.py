"""Rows as SQLite stores them, to verify that they are what was written.

Damaged text need not be UTF-8 any more, and still has to be read. Queries go by the tables
themselves, for an index may show something else.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import NamedTuple

from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.chain import RowForm, Stored

AUDIT = tuple(table.name for table in tables.AUDIT_TABLES)
STREAM = tuple(table.name for table in tables.STREAM_TABLES)
SEAL = (tables.seal.name,)

_NUMBERED = tuple(table.name for table in tables.NUMBERED_TABLES)
_OF_A_SITE = tuple(tables.metadata.tables)


class ChainedRow(NamedTuple):
    """A row of a chain, with the bytes that its link is made of.

    `intent` is of an outcome the intent that it concludes, of an intent whether it is only a would.
    """

    id: int
    table: str
    at: str
    chain: Stored
    content: bytes
    intent: Stored


_NUMBER = attrgetter("id")


def take_damaged_text(connection: sqlite3.Connection) -> None:
    """Let the connection give text whatever bytes it is made of."""
    connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")


def in_order(
    connection: sqlite3.Connection, names: Sequence[str], site: str
) -> Iterator[ChainedRow]:
    """A site's rows of these tables by their numbers."""
    found = (_rows(connection, name, "WHERE site = ? ORDER BY id", (site,)) for name in names)
    return heapq.merge(*found, key=_NUMBER)


def newest(
    connection: sqlite3.Connection, names: Sequence[str], site: str, count: int
) -> list[ChainedRow]:
    """So many of a site's rows of these tables, those with the highest numbers, in order."""
    rest = "WHERE site = ? ORDER BY id DESC LIMIT ?"
    found = (row for name in names for row in _rows(connection, name, rest, (site, count)))
    return sorted(found, key=_NUMBER)[-count:]


def sites(connection: sqlite3.Connection) -> list[str]:
    """Every site with a row in any table."""
    return sorted({site for name in _OF_A_SITE for site in _sites_in(connection, name)})


def count(connection: sqlite3.Connection, names: Iterable[str], site: str) -> int:
    """How many rows a site has in these tables."""
    found: list[int] = [
        connection.execute(
            f"SELECT count(*) FROM {name} NOT INDEXED WHERE site = ?",  # noqa: S608 -- our own names
            (site,),
        ).fetchone()[0]
        for name in names
    ]
    return sum(found)


def numbers_after(
    connection: sqlite3.Connection, site: str, after: int
) -> Iterator[tuple[int, str, str]]:
    """Number, table and time of a site's rows, in order."""
    found = (
        connection.execute(
            f"SELECT id, '{name}', at FROM {name} NOT INDEXED"  # noqa: S608 -- our own names
            " WHERE site = ? AND id > ? ORDER BY id",
            (site, after),
        )
        for name in _NUMBERED
    )
    return heapq.merge(*found, key=itemgetter(0))


def was_read(connection: sqlite3.Connection, site: str, number: int) -> bool:
    """Whether the row of this number is one of the stream."""
    return any(
        connection.execute(
            f"SELECT 1 FROM {table.name} WHERE site = ? AND id = ?",  # noqa: S608 -- our own names
            (site, number),
        ).fetchone()
        for table in tables.RAW_TABLES
    )


def _rows(
    connection: sqlite3.Connection, name: str, rest: str, values: tuple[str | int, ...]
) -> Iterator[ChainedRow]:
    columns = _columns(connection, name)
    if not columns:
        return
    form = RowForm(name, columns)
    number, at, chain = (columns.index(each) for each in ("id", "at", "chain"))
    extra = {"intent": "would", "outcome": "intent_id"}.get(name)
    intent = None if extra is None else columns.index(extra)
    query = f"SELECT * FROM {name} NOT INDEXED {rest}"  # noqa: S608 -- our own names
    for row in connection.execute(query, values):
        yield ChainedRow(
            row[number],
            name,
            row[at],
            row[chain],
            form.bytes_of(row),
            None if intent is None else row[intent],
        )


def _columns(connection: sqlite3.Connection, name: str) -> list[str]:
    """The columns of a table; none of one that a journal of an older schema does not have."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]


def _sites_in(connection: sqlite3.Connection, name: str) -> Iterator[str]:
    if not _columns(connection, name):
        return
    query = f"SELECT min(site) FROM {name} NOT INDEXED WHERE site > ?"  # noqa: S608 -- our own names
    (found,) = connection.execute(query, ("",)).fetchone()
    while found is not None:
        yield found
        (found,) = connection.execute(query, (found,)).fetchone()
