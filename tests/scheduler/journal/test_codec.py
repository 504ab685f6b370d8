"""Records and their rows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import get_args

import pytest
from journaling import Recorder, opened
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, select
from tampering import every_kind

from scheduler.domain import Record
from scheduler.journal import MemoryJournal
from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.codec import CODECS, Codec


class Remembering(MemoryJournal):
    """A journal in memory that can be treated as one on a disk."""

    async def upkeep(self, _now: datetime) -> bool:
        return False


def test_every_kind_of_record_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    memory = Remembering()

    async def whole() -> None:
        async with opened(path) as journal:
            await every_kind(journal, await Recorder.begin(journal))
        home = await Recorder.begin(memory)
        await every_kind(memory, home)  # type: ignore[arg-type]

    asyncio.run(whole())
    made = {site: {row.number: row.record for row in memory.rows(site)} for site in memory.sites}
    kinds = set()
    for kind, table in ((kind, table_of(kind)) for kind in get_args(Record)):
        for row in rows_of(path, table):
            kinds.add(kind)
            assert CODECS[kind].record(row) == made[str(row["site"])].pop(int(str(row["id"])))
    assert kinds == set(get_args(Record))
    assert {type(record) for left in made.values() for record in left.values()} == set()


def table_of(kind: type) -> Table:
    (table,) = (each for each in tables.NUMBERED_TABLES if each.info["record"] is kind)
    return table


def rows_of(path: Path, table: Table) -> list[dict[str, object]]:
    """The rows of a table; those that are about an intent with what it wanted."""
    query = select(table)
    if "intent_id" in table.c:
        wanted = [tables.intent.c[name] for name in tables.setting_columns("wanted").values()]
        query = select(table, *wanted).join_from(
            table,
            tables.intent,
            (tables.intent.c.site == table.c.site) & (tables.intent.c.id == table.c.intent_id),
        )
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = [dict(row) for row in connection.execute(query).mappings()]
    engine.dispose()
    return found


@dataclass
class Small:
    at: datetime
    text: str


@pytest.mark.parametrize(
    ("columns", "amiss"), [(["at"], "text"), (["at", "text", "more"], "more")], ids=["few", "many"]
)
def test_a_table_has_just_the_columns_that_its_record_fills(columns: list[str], amiss: str) -> None:
    head = [Column("site", Text), Column("id", Integer)]
    table = Table("small", MetaData(), *head, *(Column(name, Text) for name in columns))
    with pytest.raises(TypeError, match=rf"small and Small differ in \['{amiss}'\]"):
        Codec(table, Small)
