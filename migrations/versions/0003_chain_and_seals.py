"""The chain through all audit rows, seals over the stream, means of what was thinned, gaps."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from operator import itemgetter

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem

# The one thing taken from the program: it can never change without breaking every journal.
from scheduler.journal.chain import BEFORE_THE_FIRST, RowForm, link

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHAINED = (
    "run",
    "run_end",
    "rule_files",
    "decision",
    "intent",
    "intent_sent",
    "outcome",
    "effect",
    "override",
    "hold",
    "event",
    "firmware_check",
    "capability",
    "note",
)
BY_NUMBER = itemgetter(0)


def upgrade() -> None:
    for name in CHAINED:
        op.add_column(name, blob("chain", nullable=True))
    create_table(
        "gap",
        text("since", nullable=True),
        text("reason"),
        text("set_aside", nullable=True),
        blob("chain", nullable=True),
    )
    create_table(
        "seal",
        integer("first"),
        integer("last"),
        integer("count"),
        blob("digest"),
        integer("replaces", nullable=True),
        sa.ForeignKeyConstraint(
            ["site", "replaces"], ["seal.site", "seal.id"], name="fk_seal_seal"
        ),
        sa.UniqueConstraint("site", "replaces", name="uq_seal_site_replaces"),
        blob("chain", nullable=True),
    )
    create_table(
        "mean",
        integer("readings"),
        number("soe"),
        number("site_power"),
        number("battery_power"),
        number("load_power"),
        number("solar_power"),
    )
    chain_what_is_there()


def chain_what_is_there() -> None:
    """Give every row its link, in the order of the row numbers."""
    connection = op.get_bind()
    chain = BEFORE_THE_FIRST
    # All of them first: SQLite may show a row twice that changes under a query that runs.
    for _, table, site, number_, content in list(heapq.merge(*map(rows, CHAINED), key=BY_NUMBER)):
        chain = link(chain, content)
        connection.exec_driver_sql(
            f"UPDATE {table} SET chain = ? WHERE site = ? AND id = ?",  # noqa: S608 -- our own names
            (chain, site, number_),
        )


def rows(table: str) -> Iterator[tuple[int, str, str, int, bytes]]:
    found = op.get_bind().exec_driver_sql(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 -- our own names
    columns = list(found.keys())
    form, site, number_ = RowForm(table, columns), columns.index("site"), columns.index("id")
    for row in found:
        yield row[number_], table, row[site], row[number_], form.bytes_of(row)


def create_table(name: str, *items: SchemaItem) -> None:
    op.create_table(
        name,
        text("site"),
        integer("id"),
        text("at"),
        *items,
        sa.PrimaryKeyConstraint("site", "id", name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{name}_site_at", name, ["site", "at"])


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def integer(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=True)


def blob(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)
