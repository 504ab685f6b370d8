"""One commit: rows under their sites' numbers, the audit rows among them linked to the chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.exc import IntegrityError

from scheduler.domain import EventRecord, IntentRecord, OutcomeRecord, Row, RuleFilesRecord
from scheduler.errors import JournalProblem
from scheduler.journal import OccurrenceExists, OpenIntentExists
from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.chain import Stored, link, link_row
from scheduler.journal.sqlite.codec import CODECS, Codec, Values
from scheduler.journal.sqlite.column_types import instant_text
from scheduler.journal.sqlite.lookups import Link, Tail, tail_of

_OCCURRED = "SELECT 1 FROM event WHERE site = ? AND rule = ? AND scheduled_at = ?"
_KEPT_RULES = "SELECT 1 FROM rule_files WHERE site = ? AND rules_hash = ?"
_TAKE_SLOT = "INSERT INTO open_intent (site, intent_id) VALUES (?, ?)"
_FREE_SLOT = "DELETE FROM open_intent WHERE site = ? AND intent_id = ?"
_NOTE_UNUSED = "INSERT INTO unused (site, first, last) VALUES (?, ?, ?)"
_NAMED = dialect(paramstyle="named")
_INSERT = {
    table.name: str(insert(table).compile(dialect=_NAMED)) for table in (tables.gap, tables.seal)
}


class Prepared(NamedTuple):
    """A row of a site, ready for the disk."""

    site: str
    row: Row
    codec: Codec
    values: Values


def prepared(site: str, row: Row) -> Prepared:
    """A row as it will be stored. Raises `ValueError` for what cannot be stored so."""
    codec = CODECS[type(row.record)]
    return Prepared(site, row, codec, codec.values(site, row))


class Transaction:
    """Adds rows to a journal whose sites end with `tails`; `tails` is what they have come to.

    Sites that are not in it yet are looked up.
    """

    def __init__(self, connection: Connection, tails: Mapping[str, Tail]) -> None:
        self.connection = connection
        self.tails = dict(tails)

    def tail(self, site: str) -> Tail:
        """Where the rows of a site end."""
        tail = self.tails.get(site)
        if tail is None:
            tail = self.tails[site] = tail_of(self.connection, site)
        return tail

    def refuse_known_occurrences(self, rows: Iterable[Prepared]) -> None:
        """Raises `OccurrenceExists` if events among the rows are in the journal already."""
        known: set[tuple[str, datetime]] = set()
        for site, row, *_ in rows:
            if isinstance(row.record, EventRecord):
                rule, at = row.record.rule, row.record.scheduled_at
                if self._finds(_OCCURRED, site, rule, instant_text(at)):
                    known.add((rule, at))
        if known:
            raise OccurrenceExists(frozenset(known))

    def add(self, prepared: Prepared) -> None:
        """Add a row under its own number; rule files that are there already are passed over.

        Raises `OpenIntentExists`, and `JournalProblem` for a number that is not a new one.
        """
        site, row, codec, values = prepared
        record, tail = row.record, self.tail(site)
        if row.number <= tail.number:
            raise JournalProblem(
                f"row {row.number} of {site!r} comes after row {tail.number};"
                " what the journal knows has to be read again"
            )
        if isinstance(record, RuleFilesRecord) and self._finds(
            _KEPT_RULES, site, record.rules_hash
        ):
            return
        self._note_unused(site, tail.number + 1, row.number - 1)
        if codec.chained:
            chain = link(tail.link.chain, codec.form.bytes_of(values))
            self._execute(codec.insert_sql, *values, chain)
            self.tails[site] = Tail(row.number, Link(row.number, chain), tail.seal)
        else:
            self._execute(codec.insert_sql, *values)
            self.tails[site] = replace(tail, number=row.number)
        if isinstance(record, IntentRecord) and not record.would:
            self._take_slot(site, row.number)
        elif isinstance(record, OutcomeRecord):
            self._execute(_FREE_SLOT, site, record.intent_id)

    def add_late(self, prepared: Prepared) -> None:
        """Add a row that waited, unless it is on the disk, or a later one, after all."""
        if prepared.row.number > self.tail(prepared.site).number:
            self.add(prepared)

    def add_gap(self, site: str, row: Mapping[str, Stored]) -> None:
        """Add a row about the journal itself, under the site's next number."""
        tail = self.tail(site)
        number = tail.number + 1
        last = self._chain(tables.gap, site, number, tail.link, row)
        self.tails[site] = Tail(number, last, tail.seal)

    def add_seal(self, site: str, row: Mapping[str, Stored]) -> None:
        """Add a seal, under the number that is next among the site's seals."""
        tail = self.tail(site)
        sealed = self._chain(tables.seal, site, tail.seal.number + 1, tail.seal, row)
        self.tails[site] = replace(tail, seal=sealed)

    def _chain(
        self, table: Table, site: str, number: int, last: Link, row: Mapping[str, Stored]
    ) -> Link:
        numbered: dict[str, Stored] = {"site": site, "id": number, **row}
        chain = link_row(last.chain, table.name, numbered)
        self.connection.exec_driver_sql(_INSERT[table.name], numbered | {"chain": chain})
        return Link(number, chain)

    def _take_slot(self, site: str, intent_id: int) -> None:
        try:
            self._execute(_TAKE_SLOT, site, intent_id)
        except IntegrityError as error:
            raise OpenIntentExists(site) from error

    def _note_unused(self, site: str, first: int, last: int) -> None:
        """Numbers that no row will have: a later row has come, and nobody misses them then."""
        if first <= last:
            self._execute(_NOTE_UNUSED, site, first, last)

    def _finds(self, query: str, *values: Stored) -> bool:
        return self._execute(query, *values).first() is not None

    def _execute(self, statement: str, *values: Stored) -> Any:  # noqa: ANN401 -- a cursor's result
        return self.connection.exec_driver_sql(statement, values)
