"""Seals: rows that hold stretches of the observation stream to what they were.

The stream is outside the chain because most of it is thinned out some day. Seals have a chain and
numbers of their own at each site: they are made while the site's controller numbers its rows. A
seal names the first and the last row number of a stretch of one site and a digest over all that
lies between. The stretches of a site follow one another without a hole, so a row that is put in is
seen as well as one that is missing. Only what was read since the last seal, a day at most, is not
held yet.

A stretch is short enough to be read and digested between two ticks. When it is thinned, another
seal takes the place of the first and names it.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from operator import itemgetter
from typing import NamedTuple

from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.chain import RowForm, Stored
from scheduler.journal.sqlite.column_types import instant_from_text, instant_text
from scheduler.journal.sqlite.engine import driver
from scheduler.journal.sqlite.transaction import Transaction

STRETCH = 500
"""Raw rows that one seal holds at most. Thinning so many took 15 ms (`bench/journal.py`)."""

SEALED_AFTER = timedelta(days=1)
"""Age from which on a row does not wait for a full stretch any more."""

RAW_NUMBERS = " UNION ALL ".join(
    f"SELECT id, at FROM {table.name} WHERE site = :site AND id > :after"  # noqa: S608 -- our own names
    for table in tables.RAW_TABLES
)
_NEXT_RAW = f"{RAW_NUMBERS} ORDER BY id LIMIT 1 OFFSET :offset"
_LAST_SEALED = (
    "SELECT last FROM seal WHERE site = ? AND replaces IS NULL ORDER BY site, id DESC LIMIT 1"
)
_FORMS = {
    table.name: RowForm(table.name, [column.name for column in table.c])
    for table in tables.STREAM_TABLES
}
_SELECT = {
    table.name: f"SELECT {', '.join(column.name for column in table.c)} FROM {table.name}"  # noqa: S608 -- our own names
    " WHERE site = ? AND id BETWEEN ? AND ? ORDER BY id"
    for table in tables.STREAM_TABLES
}
_ID = itemgetter(0)


class Digested(NamedTuple):
    """What lies in a stretch: how many rows, and the digest over them."""

    rows: int
    digest: bytes


def digest_of(connection: sqlite3.Connection, site: str, first: int, last: int) -> Digested:
    """Digest the rows of a stretch in the order of their numbers, a mean after its reading."""
    digest, count = sha256(), 0
    stretch = (site, first, last)
    for _, content in heapq.merge(
        *(_contents(connection, table.name, stretch) for table in tables.STREAM_TABLES), key=_ID
    ):
        digest.update(content)
        count += 1
    return Digested(count, digest.digest())


def seal_next(transaction: Transaction, site: str, now: datetime) -> bool:
    """Seal the site's next stretch if it is full or a day old; whether it was."""
    connection = driver(transaction.connection)
    sealed = connection.execute(_LAST_SEALED, (site,)).fetchone()
    after = 0 if sealed is None else sealed[0]
    oldest = _waiting(connection, site, after, 0)
    if oldest is None:
        return False
    full = _waiting(connection, site, after, STRETCH - 1)
    if full is None and abs(now - instant_from_text(oldest[1])) < SEALED_AFTER:
        return False
    last = transaction.tail(site).number if full is None else full[0]
    put_seal(transaction, site, now, after + 1, last)
    return True


def put_seal(
    transaction: Transaction,
    site: str,
    now: datetime,
    first: int,
    last: int,
    replaces: int | None = None,
) -> None:
    """Seal a stretch as it is now."""
    count, digest = digest_of(driver(transaction.connection), site, first, last)
    row: dict[str, Stored] = {
        "at": instant_text(now),
        "first": first,
        "last": last,
        "count": count,
        "digest": digest,
        "replaces": replaces,
    }
    transaction.add_seal(site, row)


def _waiting(
    connection: sqlite3.Connection, site: str, after: int, offset: int
) -> tuple[int, str] | None:
    found: tuple[int, str] | None = connection.execute(
        _NEXT_RAW, {"site": site, "after": after, "offset": offset}
    ).fetchone()
    return found


def _contents(
    connection: sqlite3.Connection, table: str, stretch: tuple[str, int, int]
) -> Iterator[tuple[int, bytes]]:
    form = _FORMS[table]
    for row in connection.execute(_SELECT[table], stretch):
        yield row[1], form.bytes_of(row)
