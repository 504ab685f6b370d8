"""Whether the journal still says what was written into it: reads every row.

The first row that does not fit is named. What is found: an audit row that was changed, taken out,
put in or moved; readings and means that are not what their seal says; row numbers that are missing
at the end; an open intent that the chain does not know as open; an index that shows other rows
than its table; and, against the sidecar, an end that is missing.

What cannot be found: an end that was cut off cleanly since the sidecar was written; a reading that
was changed within the day before its seal; and the work of somebody who writes the rest of the
chain anew from the place of the change, for there is no secret in it. Who wants to be safe from
that keeps a link (number and hash, as `verify` prints them) somewhere else.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.chain import BEFORE_THE_FIRST, RowForm, Stored, link
from scheduler.journal.sqlite.engine import Damaged, connect_read_only, explained
from scheduler.journal.sqlite.migrate import expect_head
from scheduler.journal.sqlite.seals import Digested, digest_of
from scheduler.journal.sqlite.sidecar import Remembered, recall

NEWEST = 1_000
"""Rows of the chain that are looked at in a backup before it is used."""

Progress = Callable[[int, int], None]
"""Takes how many rows have been read, and how many there are."""

_EVERY = 5_000

_CHAINED = tuple(table.name for table in tables.CHAINED_TABLES)
_RAW = tuple(table.name for table in tables.RAW_TABLES)
_STREAM = tuple(table.name for table in tables.STREAM_TABLES)
_NUMBER = attrgetter("id")


@dataclass(frozen=True, slots=True)
class Misfit:
    """The first row that does not fit; `id` and `at` are `None` where no row can be named."""

    table: str
    site: str | None
    id: int | None
    at: str | None
    text: str

    def __str__(self) -> str:
        row = "" if self.id is None else f" row {self.id}"
        when = "" if self.at is None else f" of {self.at}"
        return f"{self.table}{row}{when}: {self.text}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a look at the whole journal. `rows` were read; the chain ends with `link`."""

    rows: int
    last_id: int
    link: str
    misfit: Misfit | None


class _Row(NamedTuple):
    id: int
    table: str
    site: str
    at: str
    chain: Stored
    content: bytes
    intent: Stored
    """Of an outcome the intent that it concludes, of an intent whether it is only a would."""


def verify(path: Path, progress: Progress | None = None) -> Verdict:
    """Read the whole journal at `path`, while the daemon runs or not.

    Raises `JournalProblem` where there is no journal of the present schema.
    """
    expect_head(path)
    while True:
        logged = path.with_name(path.name + "-wal").exists()
        with explained(path):
            connection = connect_read_only(path)
        try:
            verdict = _Verification(connection, recall(path), progress).verdict()
        finally:
            connection.close()
        # Without a log the file is read as if nobody could change it; a daemon that has started
        # since may have.
        if verdict.misfit is None or logged or not path.with_name(path.name + "-wal").exists():
            return verdict


def check_newest_links(connection: sqlite3.Connection) -> None:
    """Make sure that the newest rows of the chain hang together. Raises `Damaged`.

    A journal that is older than the chain has nothing to check.
    """
    if not _columns(connection, "seal"):
        return
    rows = sorted((row for name in _CHAINED for row in _newest(connection, name)), key=_NUMBER)[
        -NEWEST:
    ]
    for before, row in pairwise(rows):
        if not isinstance(before.chain, bytes) or link(before.chain, row.content) != row.chain:
            raise Damaged(f"its row {row.id} does not follow from row {before.id}")


class _Verification:
    """One reading of one journal."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        remembered: Remembered | None,
        progress: Progress | None,
    ) -> None:
        # A text that was damaged need not be UTF-8 any more, and still has to be looked at.
        connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
        self._connection = connection
        self._remembered = remembered
        self._progress = progress
        self._rows = 0
        self._total = 0
        self._chain = BEFORE_THE_FIRST
        self._last: _Row | None = None
        self._open: dict[str, int] = {}
        self._reached = remembered is None or not remembered.id

    def verdict(self) -> Verdict:
        self._connection.execute("BEGIN")
        try:
            misfit = self._first_misfit()
        except (sqlite3.Error, UnicodeError, TypeError, ValueError) as error:
            misfit = self._unreadable(error)
        last = 0 if self._last is None else self._last.id
        return Verdict(self._rows, last, self._chain.hex(), misfit)

    def _first_misfit(self) -> Misfit | None:
        self._total = sum(self._count(name) for name in (*_CHAINED, *_STREAM))
        return (
            self._misfit_of_the_chain()
            or self._misfit_of_the_seals()
            or self._missing_at_the_end()
            or self._misfit_of_the_slots()
            or self._misfit_of_the_file()
        )

    # --- the chain -----------------------------------------------------------------------------

    def _misfit_of_the_chain(self) -> Misfit | None:
        before = BEFORE_THE_FIRST
        for row in _in_order(self._connection, _CHAINED):
            if link(self._chain, row.content) != row.chain:
                return self._explained(row, before)
            before, self._chain, self._last = self._chain, link(self._chain, row.content), row
            self._reached = self._reached or self._is_remembered(row)
            self._follow(row)
            self._count_one()
        read, there = self._rows, sum(self._count(name) for name in _CHAINED)
        if read != there:
            text = f"{there} rows are in the tables and {read} in their order"
            return Misfit("journal", None, None, None, text)
        if not self._reached and self._remembered is not None:
            text = f"the end is missing: the sidecar remembers row {self._remembered.id}"
            return Misfit("journal", None, self._remembered.id, None, text)
        return None

    def _explained(self, row: _Row, before_last: bytes) -> Misfit:
        last = self._last
        if last is not None and link(before_last, row.content) == row.chain:
            return _misfit(last, "was put in: the row after it does not know it")
        for number in range(1 if last is None else last.id + 1, row.id):
            if not self._may_be_missing(number):
                return Misfit(
                    "journal",
                    None,
                    number,
                    None,
                    f"is missing before {row.table} row {row.id} of {row.at}",
                )
        if last is not None and last.id == row.id:
            return _misfit(row, f"has the number of a row of {last.table}")
        return _misfit(
            row,
            "was changed, or the row before it was changed, put in or taken out:"
            " its link does not follow",
        )

    def _may_be_missing(self, number: int) -> bool:
        """Whether a number is one of the stream, or could have been before it was thinned."""
        if number <= self._thinned_to():
            return True
        return any(
            self._connection.execute(
                f"SELECT 1 FROM {name} WHERE id = ? LIMIT 1",  # noqa: S608 -- our own names
                (number,),
            ).fetchone()
            for name in _RAW
        )

    def _follow(self, row: _Row) -> None:
        if row.table == "intent" and not row.intent:
            self._open[row.site] = row.id
        elif row.table == "outcome" and self._open.get(row.site) == row.intent:
            del self._open[row.site]

    def _is_remembered(self, row: _Row) -> bool:
        told = self._remembered
        return told is not None and told.id == row.id and told.chain == self._chain.hex()

    # --- the stream ----------------------------------------------------------------------------

    def _misfit_of_the_seals(self) -> Misfit | None:
        """The chain is sound, so what the seals say is what was written."""
        ends: dict[str, int] = {}
        seals = self._connection.execute(
            "SELECT id, site, at, first, last, count, digest FROM seal WHERE NOT EXISTS"
            " (SELECT 1 FROM seal AS newer WHERE newer.site = seal.site"
            " AND newer.replaces = seal.id) ORDER BY site, first"
        )
        for number, site, at, first, last, count, digest in seals.fetchall():
            if first != ends.get(site, 0) + 1:
                return Misfit("seal", site, number, at, f"does not follow row {ends.get(site, 0)}")
            ends[site] = last
            found = digest_of(self._connection, site, first, last)
            if found != Digested(count, digest):
                text = (
                    f"readings of {site}, rows {first} to {last}, are not what was sealed:"
                    f" {found.rows} rows, sealed were {count}"
                )
                return Misfit("seal", site, number, at, text)
            self._count_one(found.rows)
        for (site,) in self._connection.execute("SELECT DISTINCT site FROM mean").fetchall():
            stray = self._connection.execute(
                "SELECT id, at FROM mean WHERE site = ? AND id > ? LIMIT 1",
                (site, ends.get(site, 0)),
            ).fetchone()
            if stray is not None:
                number, at = stray
                return Misfit("mean", site, number, at, "was put in: no seal knows it")
        return None

    def _missing_at_the_end(self) -> Misfit | None:
        """Behind what was thinned the row numbers have no hole, and nobody has one twice."""
        expected = self._thinned_to() + 1
        for number, name, at in _numbers_after(self._connection, expected - 1):
            if number > expected:
                text = f"is missing before {name} row {number} of {at}"
                return Misfit("journal", None, expected, None, text)
            if number < expected:
                return Misfit(name, None, number, at, "has the number of another row")
            expected += 1
        return None

    def _thinned_to(self) -> int:
        (last,) = self._connection.execute(
            "SELECT max(last) FROM seal WHERE replaces IS NOT NULL"
        ).fetchone()
        return last or 0

    # --- the rest ------------------------------------------------------------------------------

    def _misfit_of_the_slots(self) -> Misfit | None:
        slots = dict(self._connection.execute("SELECT site, intent_id FROM open_intent").fetchall())
        for site in sorted(slots.keys() | self._open.keys()):
            said, true = slots.get(site), self._open.get(site)
            if said != true:
                text = (
                    f"site {site} has"
                    f" {'no open intent' if said is None else f'intent {said} open'}; by the chain"
                    f" {'none is' if true is None else f'intent {true} is'}"
                )
                return Misfit("open_intent", site, said, None, text)
        return None

    def _misfit_of_the_file(self) -> Misfit | None:
        (found,) = self._connection.execute("PRAGMA integrity_check(1)").fetchone()
        return (
            None if found == "ok" else Misfit("journal", None, None, None, " ".join(found.split()))
        )

    def _unreadable(self, error: Exception) -> Misfit:
        after = "" if self._last is None else f" after row {self._last.id} of {self._last.at}"
        return Misfit("journal", None, None, None, f"cannot be read{after}: {error}")

    def _count(self, name: str) -> int:
        query = f"SELECT count(*) FROM {name} NOT INDEXED"  # noqa: S608 -- our own names
        count: int = self._connection.execute(query).fetchone()[0]
        return count

    def _count_one(self, rows: int = 1) -> None:
        before, self._rows = self._rows, self._rows + rows
        if self._progress is not None and self._rows // _EVERY > before // _EVERY:
            self._progress(self._rows, self._total)


def _misfit(row: _Row, text: str) -> Misfit:
    return Misfit(row.table, row.site, row.id, row.at, text)


def _in_order(connection: sqlite3.Connection, names: Sequence[str]) -> Iterator[_Row]:
    """All rows of the chain by their numbers, each table's and site's in a query of its own."""
    return heapq.merge(
        *(
            _rows(connection, name, "WHERE site = ? ORDER BY id", (site,))
            for name in names
            for site in _sites(connection, name)
        ),
        key=_NUMBER,
    )


def _newest(connection: sqlite3.Connection, name: str) -> list[_Row]:
    return [
        row
        for site in _sites(connection, name)
        for row in _rows(
            connection, name, "WHERE site = ? ORDER BY id DESC LIMIT ?", (site, NEWEST)
        )
    ]


def _rows(
    connection: sqlite3.Connection, name: str, rest: str, values: tuple[str | int, ...]
) -> Iterator[_Row]:
    columns = _columns(connection, name)
    form = RowForm(name, columns)
    site, number, at, chain = (columns.index(each) for each in ("site", "id", "at", "chain"))
    extra = {"intent": "would", "outcome": "intent_id"}.get(name)
    intent = None if extra is None else columns.index(extra)
    query = f"SELECT * FROM {name} NOT INDEXED {rest}"  # noqa: S608 -- our own names
    for row in connection.execute(query, values):
        yield _Row(
            row[number],
            name,
            row[site],
            row[at],
            row[chain],
            form.bytes_of(row),
            None if intent is None else row[intent],
        )


def _columns(connection: sqlite3.Connection, name: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({name})")]


def _sites(connection: sqlite3.Connection, name: str) -> Iterator[str]:
    query = f"SELECT min(site) FROM {name} NOT INDEXED WHERE site > ?"  # noqa: S608 -- our own names
    (found,) = connection.execute(query, ("",)).fetchone()
    while found is not None:
        yield found
        (found,) = connection.execute(query, (found,)).fetchone()


def _numbers_after(connection: sqlite3.Connection, after: int) -> Iterator[tuple[int, str, str]]:
    return heapq.merge(
        *(
            connection.execute(
                f"SELECT id, '{name}', at FROM {name} WHERE site = ? AND id > ? ORDER BY id",  # noqa: S608 -- our own names
                (site, after),
            )
            for name in (*_CHAINED, *_RAW)
            for site in _sites(connection, name)
        )
    )
