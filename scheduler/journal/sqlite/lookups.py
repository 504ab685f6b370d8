"""What the journal's own parts look up: where each site's rows and chains end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.chain import BEFORE_THE_FIRST
from scheduler.journal.sqlite.engine import driver

_LAST_NUMBERS = " UNION ALL ".join(
    [f"SELECT '{table.name}', max(id) FROM {table.name} WHERE site = :site"  # noqa: S608 -- our own names
     for table in (*tables.NUMBERED_TABLES, tables.seal)]
    + ["SELECT 'sealed', max(last) FROM seal WHERE site = :site"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """The last link of a chain, with its row's number."""

    number: int = 0
    chain: bytes = BEFORE_THE_FIRST


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a site's rows: the last number, the last link, and that of the seals."""

    number: int = 0
    link: Link = Link()
    seal: Link = Link()


def tail_of(connection: Connection, site: str) -> Tail:
    """Where a site's rows end. A number that was sealed was used, whatever is left of its row."""
    own = driver(connection)
    last = dict(own.execute(_LAST_NUMBERS, {"site": site}).fetchall())
    newest = max(tables.AUDIT_TABLES, key=lambda table: last[table.name] or 0)
    sealed = last.pop("sealed") or 0
    seal = _link(connection, tables.seal, site, last.pop("seal"))
    link = _link(connection, newest, site, last[newest.name])
    return Tail(max(sealed, *(number or 0 for number in last.values())), link, seal)


def link_of(connection: Connection, site: str, number: int) -> bytes | None:
    """The link of the site's audit row with this number."""
    for table in tables.AUDIT_TABLES:
        query = select(table.c.chain).where(table.c.site == site, table.c.id == number)
        found: bytes | None = connection.scalar(query)
        if found is not None:
            return found
    return None


def newest_row(connection: Connection, site: str) -> datetime | None:
    """The time of the site's newest row by the clock."""
    newest = [
        connection.scalar(select(func.max(table.c.at)).where(table.c.site == site))
        for table in (*tables.NUMBERED_TABLES, tables.seal)
    ]
    return max((at for at in newest if at is not None), default=None)


def sites(connection: Connection) -> tuple[str, ...]:
    """All sites that ever had a run, in alphabetical order."""
    return tuple(sites_in(connection, tables.run))


def sites_in(connection: Connection, table: Table) -> Iterator[str]:
    """The sites with a row in a table, without looking at every row."""
    site = table.c.site
    found = connection.scalar(select(func.min(site)))
    while found is not None:
        yield found
        found = connection.scalar(select(func.min(site)).where(site > found))


def _link(connection: Connection, table: Table, site: str, number: int | None) -> Link:
    if number is None:
        return Link()
    chain = connection.scalar(
        select(table.c.chain).where(table.c.site == site, table.c.id == number)
    )
    return Link(number, chain or BEFORE_THE_FIRST)
