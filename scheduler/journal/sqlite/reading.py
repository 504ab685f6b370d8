"""The journal for people: every row as a dated sentence, in the order in which things happened.

Reads through connections that cannot write, a new one for each call, and never upgrades: an
older journal is brought up to date by the daemon, which holds the lock for it.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, literal, select

from rules.domain import GridStatus, Mode
from scheduler.domain import AUDIT_KINDS, HoldRecord, Kind, OverrideRecord, Past, PastGap
from scheduler.errors import JournalProblem
from scheduler.journal import Entry, sentences
from scheduler.journal.sentences import Intended
from scheduler.journal.sqlite import past, tables
from scheduler.journal.sqlite.codec import CODECS, of_setting
from scheduler.journal.sqlite.column_types import instant_text
from scheduler.journal.sqlite.engine import explained, reader_engine
from scheduler.journal.sqlite.lookups import sites
from scheduler.journal.sqlite.migrate import expect_head

_TABLES = {kind: tables.metadata.tables[kind.value] for kind in Kind}
"""A kind is called as its table is."""

_FETCHED = 1000
"""Rows that are fetched at a time where all of them are asked for."""

_ENTRY_COLUMNS = frozenset({"at", "site", "id", "run_id", "chain"})


def read_journal(
    path: Path,
    site: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    kinds: Collection[Kind] = AUDIT_KINDS,
    limit: int | None = None,
) -> list[Entry]:
    """The newest `limit` entries at or after `since` and before `until`, newest last.

    Raises `JournalProblem`: no journal there, of another schema, or without such a site.
    """
    with _reading(path) as connection:
        known = _known(connection, path, site)
        entries = [
            _entry(kind, dict(row))
            for one in known
            for kind in kinds
            for row in connection.execute(_query(kind, one, since, until, limit)).mappings()
        ]
    entries.sort(key=lambda entry: (entry.at, entry.id))
    return entries if limit is None else entries[max(0, len(entries) - limit) :]


def last_hold(path: Path, site: str) -> HoldRecord | None:
    """What the owner of a site said last. Raises `JournalProblem` as `read_journal` does."""
    with _reading(path) as connection:
        return past.last_hold(connection, site)


def past_of(path: Path, site: str) -> Past:
    """What the next run would go on from. Raises `JournalProblem` as `read_journal` does."""
    with _reading(path) as connection:
        return past.past_of(connection, site)


def last_override(path: Path, site: str) -> OverrideRecord | None:
    """The newest row of an override at a site. Raises `JournalProblem` as `read_journal` does."""
    with _reading(path) as connection:
        return next(iter(past.last_overrides(connection, site)[-1:]), None)


def stream(
    path: Path,
    site: str | None,
    since: datetime | None,
    until: datetime | None,
    kind: Kind,
) -> Iterator[Entry]:
    """The entries of one kind in the order of their times, read as they are asked for.

    Of observations that were thinned away the means stand in their place, with `readings`, of how
    many; for a reading as it was made that is 1. Raises `JournalProblem` as `read_journal` does.
    """
    with _reading(path) as connection:
        known = _known(connection, path, site)
        streams = [
            map(partial(_entry, kind), _rows(connection, kind, one, since, until)) for one in known
        ]
        yield from heapq.merge(*streams, key=lambda entry: (entry.at, entry.id))


class PowersRead(NamedTuple):
    """The powers of a reading in watts, or means of several; the gateway's signs."""

    at: datetime
    readings: int
    site: float | None
    battery: float | None
    load: float | None
    solar: float | None


def powers_read(path: Path, site: str) -> Iterator[PowersRead]:
    """The powers of every reading of a site, and the means of those that were thinned away.

    First the readings, then the means, each in the order of their times: nobody waits for
    sentences about half a million rows. Raises `JournalProblem` as `read_journal` does.
    """
    with _reading(path) as connection:
        _known(connection, path, site)
        fetched = connection.execution_options(yield_per=_FETCHED)
        for table in (tables.observation, tables.mean):
            found = table.c
            readings = found.readings if table is tables.mean else literal(1)
            columns = (found.site_power, found.battery_power, found.load_power, found.solar_power)
            query = select(found.at, readings, *columns).where(found.site == site)
            yield from starmap(PowersRead, fetched.execute(query.order_by(found.at)))


class StateRead(NamedTuple):
    """What a reading says of the battery and of what governs it; a mean has the SOE alone."""

    at: datetime
    soe: float | None
    mode: Mode | None
    reserve: float | None
    grid: GridStatus | None
    grid_services: bool | None
    running: bool | None


def states_read(path: Path, site: str) -> Iterator[StateRead]:
    """The state in every reading of a site that is left, and the SOE in the means of the others.

    First the readings, then the means, each in the order of their times. Raises `JournalProblem`
    as `read_journal` does.
    """
    with _reading(path) as connection:
        _known(connection, path, site)
        fetched = connection.execution_options(yield_per=_FETCHED)
        found = tables.observation.c
        columns = (
            found.soe, found.mode, found.reserve, found.grid, found.grid_services, found.running
        )  # fmt: skip
        query = select(found.at, *columns).where(found.site == site).order_by(found.at)
        for at, soe, mode, reserve, grid, services, running in fetched.execute(query):
            yield StateRead(
                at, soe, mode and Mode(mode), reserve, grid and GridStatus(grid), services, running
            )
        mean = tables.mean.c
        query = select(mean.at, mean.soe).where(mean.site == site).order_by(mean.at)
        for at, soe in fetched.execute(query):
            yield StateRead(at, soe, None, None, None, None, None)


def _rows(
    connection: Connection, kind: Kind, site: str, since: datetime | None, until: datetime | None
) -> Iterator[dict[str, Any]]:
    """The rows of a kind, oldest first."""
    fetched = connection.execution_options(yield_per=_FETCHED)
    query = _query(kind, site, since, until, None, newest_first=False)
    found = (dict(row) for row in fetched.execute(query).mappings())
    if kind is not Kind.OBSERVATION:
        return found
    means = _of(select(tables.mean), tables.mean, site, since, until, newest_first=False)
    missing = dict.fromkeys(tables.observation.c.keys()) | {"earlier": {}}
    filled = (missing | dict(row) for row in fetched.execute(means).mappings())
    raw = (row | {"readings": 1} for row in found)
    return heapq.merge(raw, filled, key=lambda row: (row["at"], row["id"]))


def _known(connection: Connection, path: Path, site: str | None) -> tuple[str, ...]:
    known = sites(connection)
    if site is None:
        return known
    if site not in known:
        raise JournalProblem(
            f"journal {path} knows no site {site!r}; it has: {', '.join(known) or 'none yet'}"
        )
    return (site,)


@contextmanager
def _reading(path: Path) -> Iterator[Connection]:
    expect_head(path)
    engine = reader_engine(path)
    try:
        with explained(path), engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _query(
    kind: Kind,
    site: str,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    *,
    newest_first: bool = True,
) -> Select[Any]:
    table = _TABLES[kind]
    query = _with_its_intent(table) if "intent_id" in table.c else select(table)
    return _of(query, table, site, since, until, newest_first=newest_first).limit(limit)


def _of(
    query: Select[Any],
    table: Table,
    site: str,
    since: datetime | None,
    until: datetime | None,
    *,
    newest_first: bool,
) -> Select[Any]:
    query = query.where(table.c.site == site)
    if since is not None:
        query = query.where(table.c.at >= since)
    if until is not None:
        query = query.where(table.c.at < until)
    if newest_first:
        return query.order_by(table.c.at.desc(), table.c.id.desc())
    return query.order_by(table.c.at, table.c.id)


def _with_its_intent(table: Table) -> Select[Any]:
    intent = tables.intent.c
    return select(
        table,
        intent.at.label("intended_at"),
        *(intent[name] for name in tables.setting_columns("wanted").values()),
        intent.would,
    ).join_from(
        table,
        tables.intent,
        (table.c.site == intent.site) & (table.c.intent_id == intent.id),
    )


def _entry(kind: Kind, row: dict[str, Any]) -> Entry:
    return Entry(
        at=row["at"],
        site=row["site"],
        kind=kind,
        id=row["id"],
        run_id=row["id"] if kind is Kind.RUN else row.get("run_id"),
        text=_text(kind, row),
        fields={
            name: _jsonable(value) for name, value in row.items() if name not in _ENTRY_COLUMNS
        },
    )


def _text(kind: Kind, row: dict[str, Any]) -> str:
    match kind:
        case Kind.GAP:
            return sentences.gap(PastGap(row["since"], row["at"], row["reason"]))
        case Kind.SEAL:
            again = row["replaces"] is not None
            return sentences.seal(row["first"], row["last"], row["count"], again=again)
    record = CODECS[_TABLES[kind].info["record"]].record(row)
    intended = None
    if "intended_at" in row:
        intended = Intended(row["intended_at"], of_setting("wanted", row))
    return sentences.sentence(record, intended)


def _jsonable(value: object) -> object:
    match value:
        case datetime():
            return instant_text(value)
        case bytes():
            return value.hex()
        case _:
            return value
