"""One commit: rows under consecutive numbers, the audit rows among them linked to the chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Integer, Table, TypeDecorator, delete, insert
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.exc import IntegrityError

from scheduler.errors import JournalProblem
from scheduler.journal import rows, tables
from scheduler.journal.chain import Stored, link_row

_DIALECT = dialect()


class OpenIntentExists(JournalProblem):
    """The site has an intent without an outcome; a second one may not be opened."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a journal: the number of its last row, and the last link with its row's."""

    last_id: int
    last_link: int
    chain: bytes


class Transaction:
    """Appends rows to the journal whose end is `tail`; what it has come to is in `tail` again."""

    def __init__(self, connection: Connection, tail: Tail) -> None:
        self.connection = connection
        self.tail = tail

    def append(self, table: Table, site: str, row: Mapping[str, object]) -> int:
        """Add a row; its number."""
        numbered, tail = self._next(table, site, row)
        self.connection.execute(insert(table), numbered)
        self.tail = tail
        return tail.last_id

    def append_unless_there(
        self, table: Table, site: str, row: Mapping[str, object], identity: Sequence[str]
    ) -> int | None:
        """Append, or return `None` where a row with the same `identity` columns is there."""
        numbered, tail = self._next(table, site, row)
        statement = insert_or(table).on_conflict_do_nothing(index_elements=identity)
        if self.connection.execute(statement, numbered).rowcount == 0:
            return None
        self.tail = tail
        return tail.last_id

    def take_slot(self, site: str, intent_id: int) -> None:
        """Let an intent be the open one of its site. Raises `OpenIntentExists`."""
        slot = {"site": site, "intent_id": intent_id}
        try:
            self.connection.execute(insert(tables.open_intent), slot)
        except IntegrityError as error:
            raise OpenIntentExists(
                f"site {site!r} has a write whose outcome is not known yet;"
                " conclude it before the next one"
            ) from error

    def free_slot(self, site: str, intent_id: int) -> None:
        """An intent has its outcome."""
        slot = tables.open_intent.c
        self.connection.execute(
            delete(tables.open_intent).where(slot.site == site, slot.intent_id == intent_id)
        )

    def _next(self, table: Table, site: str, row: Mapping[str, object]) -> tuple[rows.Row, Tail]:
        number = self.tail.last_id + 1
        numbered: rows.Row = {**row, "site": site, "id": number}
        if "chain" not in table.c:
            return numbered, replace(self.tail, last_id=number)
        kept = {name: stored(table.c[name], value) for name, value in numbered.items()}
        chain = link_row(self.tail.chain, table.name, kept)
        return numbered | {"chain": chain}, Tail(number, number, chain)


def stored(column: Column[Any], value: Any) -> Stored:  # noqa: ANN401 -- what a record holds
    """A value as SQLite will keep it in a column of the chain."""
    kind = column.type
    if isinstance(kind, TypeDecorator):
        bound: Stored = kind.process_bind_param(value, _DIALECT)
        return bound
    if value is not None and isinstance(kind, Boolean | Integer):
        return int(value)
    kept: Stored = value
    return kept
