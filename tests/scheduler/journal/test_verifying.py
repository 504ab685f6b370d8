from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from journaling import after, note, opened, run_start, stored, with_run
from tampering import every_kind, payloads, with_every_kind

from scheduler.errors import JournalProblem
from scheduler.journal import tables
from scheduler.journal.verifying import Misfit, verify
from scheduler.journal.writer import Journal

CHAINED = {table.name for table in tables.CHAINED_TABLES}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A journal with every kind of row."""
    return with_every_kind(tmp_path_factory.mktemp("whole") / "journal.sqlite").read_bytes()


@pytest.fixture
def path(tmp_path: Path, whole: bytes) -> Path:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(whole)
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def misfit(path: Path) -> Misfit:
    found = verify(path).misfit
    assert found is not None
    return found


def test_what_was_written_fits(path: Path) -> None:
    told: list[tuple[int, int]] = []
    verdict = verify(path, lambda done, total: told.append((done, total)))
    assert verdict.misfit is None
    assert verdict.last_id == stored(path, "SELECT max(id) FROM note")[0][0]
    (link,) = stored(path, "SELECT chain FROM note ORDER BY id DESC LIMIT 1")[0]
    assert isinstance(link, bytes)
    assert verdict.link == link.hex()
    there = [stored(path, f"SELECT count(*) FROM {name}")[0][0] for name in CHAINED]  # noqa: S608 -- our own names
    assert 0 < there.count(0) <= 2  # rule files and gaps
    assert stored(path, "SELECT count(*) FROM seal") == [(1,)]


def test_a_journal_is_verified_while_the_daemon_writes(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def act(journal: Journal, run_id: int) -> None:
        await every_kind(journal, run_id)
        assert verify(path).misfit is None
        await journal.note("home", run_id, note())

    with_run(path, act)
    assert verify(path).misfit is None


@pytest.mark.parametrize(
    ("statements", "table", "says"),
    [
        (["UPDATE outcome SET detail = 'x'"], "outcome", "was changed"),
        (
            ["UPDATE intent SET previous_mode = NULL, previous_reserve = NULL WHERE would"],
            "intent",
            "was changed",
        ),
        (["UPDATE decision SET reserve = 20"], "decision", "was changed"),
        (
            ["UPDATE note SET chain = NULL WHERE id = (SELECT max(id) FROM note)"],
            "note",
            "was changed",
        ),
        (["UPDATE hold SET at = '2026-07-01T12:06:41.000000Z'"], "hold", "was changed"),
        (["DELETE FROM effect"], "journal", "is missing before override"),
        (["DELETE FROM run_end"], "journal", "is missing before note"),
        (["UPDATE effect SET id = 1000"], "journal", "is missing before override"),
        (["UPDATE firmware_check SET site = 'cabin'"], "firmware_check", "was changed"),
        (
            ["INSERT INTO run_end SELECT site, 32, at, 2, reason, chain FROM run_end"],
            "run_end",
            "link does not follow",
        ),
        (["UPDATE seal SET digest = randomblob(32)"], "seal", "was changed"),
        (["UPDATE seal SET last = last - 1"], "seal", "was changed"),
        (
            ["UPDATE observation SET soe = 51 WHERE id = 3"],
            "seal",
            "are not what was sealed: 11 rows",
        ),
        (["DELETE FROM observation WHERE id = 3"], "seal", "10 rows, sealed were 11"),
        (
            ["INSERT INTO mean (site, id, at, readings) VALUES ('home', 3, '2026-07-01', 1)"],
            "seal",
            "12 rows, sealed were 11",
        ),
        (
            ["INSERT INTO mean (site, id, at, readings) VALUES ('home', 99, '2026-07-01', 1)"],
            "mean",
            "no seal knows it",
        ),
        (
            ["DELETE FROM observation WHERE id = (SELECT max(id) FROM observation)"],
            "journal",
            "is missing before note",
        ),
        (
            ["UPDATE observation SET id = 1000 WHERE id = (SELECT max(id) FROM observation)"],
            "journal",
            "is missing",
        ),
        (["DELETE FROM open_intent"], "open_intent", "has no open intent; by the chain intent"),
        (["UPDATE open_intent SET intent_id = 1"], "open_intent", "has intent 1 open"),
        (["INSERT INTO open_intent VALUES ('home', 5)"], "open_intent", "by the chain none is"),
    ],
)
def test_what_was_done_to_it_is_named(
    path: Path, statements: list[str], table: str, says: str
) -> None:
    change(path, *statements)
    found = misfit(path)
    assert found.table == table, found
    assert says in str(found)


def test_rows_that_changed_places_are_found(path: Path) -> None:
    first, second = (n for (n,) in stored(path, "SELECT id FROM note WHERE site = 'home'"))
    change(
        path,
        f"UPDATE note SET id = 5000 WHERE id = {first}",  # noqa: S608 -- our own names
        f"UPDATE note SET id = {first} WHERE id = {second}",  # noqa: S608 -- our own names
        f"UPDATE note SET id = {second} WHERE id = 5000",  # noqa: S608 -- our own names
    )
    assert misfit(path).id == first


def test_an_end_that_is_missing_is_told_from_the_sidecar(tmp_path: Path, path: Path) -> None:
    last = verify(path).last_id
    with_every_kind(tmp_path / "other.sqlite")
    sidecar = (tmp_path / "other.sqlite.tail").read_bytes()
    path.with_name("journal.sqlite.tail").write_bytes(sidecar)
    assert verify(path).misfit is None
    change(path, f"DELETE FROM note WHERE id = {last}")  # noqa: S608 -- our own names
    assert (
        str(misfit(path))
        == f"journal row {last}: the end is missing: the sidecar remembers row {last}"
    )


def test_an_index_that_shows_other_rows_than_its_table_is_found(path: Path) -> None:
    change(
        path,
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'at)', 'text)')"
        " WHERE name = 'ix_note_site_at'",
    )
    assert misfit(path).table == "journal"


def test_there_must_be_a_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalProblem, match="there is no journal at"):
        verify(tmp_path / "journal.sqlite")


# --- damage to the file -------------------------------------------------------------------------


def flips(path: Path, count: int, report: Callable[[str], None]) -> None:
    rows = list(payloads(path, CHAINED))
    assert {table for table, _, _ in rows} == CHAINED - {"rule_files", "gap"}
    places = [
        (table, offset, bit)
        for table, begin, length in rows
        for offset in range(begin, begin + length)
        for bit in range(8)
    ]
    content = bytearray(path.read_bytes())
    for table, offset, bit in random.Random(3).sample(places, min(count, len(places))):  # noqa: S311 -- the same each time, no secret
        content[offset] ^= 1 << bit
        path.write_bytes(content)
        content[offset] ^= 1 << bit
        try:
            found = verify(path).misfit
        except JournalProblem:
            continue  # not even a journal any more
        if found is None:
            report(f"{table} at {offset}, bit {bit}")


@pytest.mark.parametrize("count", [200, pytest.param(3_000, marks=pytest.mark.long)])
def test_every_flipped_bit_of_an_audit_row_is_found(path: Path, count: int) -> None:
    missed: list[str] = []
    flips(path, count, missed.append)
    assert missed == []


def test_a_link_stays_the_same_for_ever(path: Path) -> None:
    """Journals out there are linked in this form; another one would not know them any more."""
    (link,) = stored(path, "SELECT hex(chain) FROM run WHERE id = 1")[0]
    assert link == "D855B9FD478213DCEFF305A9F9DC71A1CBDFF166E03289DB6BC4557E85D17486"


async def two_runs(journal: Journal) -> None:
    await journal.begin_run(run_start())
    await journal.begin_run(run_start(at=after(1)))


def test_the_chain_goes_on_after_a_restart(path: Path) -> None:
    async def act() -> None:
        async with opened(path) as journal:
            await two_runs(journal)

    asyncio.run(act())
    assert verify(path).misfit is None
