from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from journaling import (
    Recorder,
    after,
    decision,
    note,
    observed,
    opened,
    run_start,
    stored,
    with_run,
)
from tampering import every_kind, payloads, with_every_kind

from rules.domain import Setting
from scheduler.errors import JournalProblem
from scheduler.journal.sqlite import End, Misfit, SqliteJournal, tables, verify

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
    assert list(verdict.ends) == ["cabin", "home"]
    assert verdict.ends["home"] == End(
        *stored(path, "SELECT id, lower(hex(chain)) FROM note ORDER BY id DESC LIMIT 1")[0],  # type: ignore[arg-type]
        *stored(path, "SELECT id, lower(hex(chain)) FROM seal")[0],  # type: ignore[arg-type]
    )
    assert (
        verdict.rows
        == sum(
            int(str(stored(path, f"SELECT count(*) FROM {table.name}")[0][0]))  # noqa: S608 -- our own names
            for table in (*tables.CHAINED_TABLES, tables.observation, tables.input)
        )
        - 1
    )  # one reading is not sealed yet
    there = [stored(path, f"SELECT count(*) FROM {name}")[0][0] for name in CHAINED]  # noqa: S608 -- our own names
    assert there.count(0) == 1  # gaps
    assert stored(path, "SELECT site, id FROM seal") == [("home", 1)]
    assert stored(path, "SELECT count(*) FROM unused") == [(1,)]


def test_a_percent_that_came_as_a_fraction_is_linked_as_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    setting = Setting(reserve=80.0)  # type: ignore[arg-type]
    with_run(path, lambda _journal, home: home.commit(decision(setting=setting)))
    assert verify(path).misfit is None


def test_a_journal_is_verified_while_the_daemon_writes(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def act(journal: SqliteJournal, home: Recorder) -> None:
        await every_kind(journal, home)
        assert verify(path).misfit is None
        await home.commit(note())

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
            ["UPDATE note SET chain = x'00' WHERE id = (SELECT max(id) FROM note)"],
            "note",
            "was changed",
        ),
        (["UPDATE hold SET at = '2026-07-01T12:06:41.000000Z'"], "hold", "was changed"),
        (["DELETE FROM effect"], "journal", "is missing before override"),
        (["DELETE FROM run_end"], "journal", "is missing before note"),
        (["UPDATE effect SET id = 1000"], "journal", "is missing before override"),
        (
            ["UPDATE firmware_check SET site = 'cabin'"],
            "journal",
            "row 4 of cabin: is missing before firmware_check row",
        ),
        (
            ["UPDATE firmware_check SET site = 'cabin', id = 4"],
            "firmware_check",
            "was changed",
        ),
        (["DELETE FROM unused"], "journal", "row 18 of home: is missing before reload row 19"),
        (["DELETE FROM reload"], "journal", "row 19 of home: is missing before run_end row 20"),
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
            "are not what was sealed: 12 rows",
        ),
        (["DELETE FROM observation WHERE id = 3"], "seal", "11 rows, sealed were 12"),
        (
            ["INSERT INTO mean (site, id, at, readings) VALUES ('home', 3, '2026-07-01', 1)"],
            "seal",
            "13 rows, sealed were 12",
        ),
        (
            ["INSERT INTO mean (site, id, at, readings) VALUES ('home', 99, '2026-07-01', 1)"],
            "mean",
            "no seal knows it",
        ),
        (
            ["DELETE FROM observation WHERE id = (SELECT max(id) FROM observation)"],
            "journal",
            "is missing before rule_check",
        ),
        (
            ["UPDATE observation SET id = 1000 WHERE id = (SELECT max(id) FROM observation)"],
            "journal",
            "is missing",
        ),
        (
            ["DELETE FROM open_intent"],
            "open_intent",
            "of cabin: no open intent; by the chain intent 3 is",
        ),
        (
            ["UPDATE open_intent SET intent_id = 1"],
            "open_intent",
            "of cabin: intent 1 open; by the chain",
        ),
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


@pytest.mark.parametrize("what", ["home", "cabin", "seals"])
def test_an_end_that_is_missing_is_told_from_the_sidecar(
    tmp_path: Path, path: Path, what: str
) -> None:
    with_every_kind(tmp_path / "other.sqlite")
    sidecar = (tmp_path / "other.sqlite.tail").read_bytes()
    path.with_name("journal.sqlite.tail").write_bytes(sidecar)
    ends = verify(path).ends
    last = {"home": ends["home"].id, "cabin": ends["cabin"].id, "seals": ends["home"].seal}[what]
    assert verify(path).misfit is None
    table, site = {"seals": ("seal", "home")}.get(
        what, ("note" if what == "home" else "intent", what)
    )
    change(
        path,
        f"DELETE FROM open_intent WHERE site = '{site}'",  # noqa: S608 -- our own names
        f"DELETE FROM {table} WHERE id = {last} AND site = '{site}'",  # noqa: S608 -- our own names
    )
    assert str(misfit(path)) == (
        f"{'seal' if what == 'seals' else 'journal'} row {last} of {site}:"
        f" the end is missing: the sidecar remembers row {last}"
    )


def test_a_site_that_is_missing_is_told_from_the_sidecar(tmp_path: Path, path: Path) -> None:
    with_every_kind(tmp_path / "other.sqlite")
    sidecar = (tmp_path / "other.sqlite.tail").read_bytes()
    path.with_name("journal.sqlite.tail").write_bytes(sidecar)
    change(path, *(f"DELETE FROM {name} WHERE site = 'cabin'" for name in all_tables()))  # noqa: S608 -- our own names
    assert str(misfit(path)).startswith("journal row 3 of cabin: the end is missing")


def all_tables() -> list[str]:
    return [table.name for table in reversed(tables.metadata.sorted_tables)]


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
    assert {table for table, _, _ in rows} == CHAINED - {"gap"}
    places = [
        (table, offset, bit)
        for table, begin, length in rows
        for offset in range(begin, begin + length)
        for bit in range(8)
    ]
    content = bytearray(path.read_bytes())
    for table, offset, bit in random.Random(3).sample(places, min(count, len(places))):
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
    (link,) = stored(path, "SELECT hex(chain) FROM run WHERE id = 1 AND site = 'home'")[0]
    assert link == "D855B9FD478213DCEFF305A9F9DC71A1CBDFF166E03289DB6BC4557E85D17486"


def test_the_chain_goes_on_after_a_restart(path: Path) -> None:
    async def act() -> None:
        async with opened(path) as journal:
            for site in ("home", "cabin"):
                await Recorder.begin(journal, site)
                await Recorder.begin(journal, site, run_start(after(1)))

    asyncio.run(act())
    assert verify(path).misfit is None


# --- two sites ----------------------------------------------------------------------------------


def links(path: Path, site: str) -> list[tuple[object, ...]]:
    """Number and link of each of a site's rows in a chain."""
    return [
        row
        for name in sorted(CHAINED)
        for row in stored(path, f"SELECT '{name}', id, hex(chain) FROM {name} WHERE site = ?", site)  # noqa: S608 -- our own names
    ]


def test_the_chains_of_two_sites_know_nothing_of_each_other(tmp_path: Path) -> None:
    async def some(recorder: Recorder) -> None:
        for second in range(3):
            await recorder.commit(observed(after(second)), note(after(second)))

    async def alone(journal: SqliteJournal, home: Recorder) -> None:
        await some(home)
        await journal.upkeep(after(0) + timedelta(days=2))

    async def among_others(journal: SqliteJournal, home: Recorder) -> None:
        cabin = await Recorder.begin(journal, "cabin")
        await asyncio.gather(some(cabin), some(home))
        await journal.upkeep(after(0) + timedelta(days=2))
        await cabin.commit(note())
        await journal.upkeep(after(0) + timedelta(days=2))

    one, two = tmp_path / "one.sqlite", tmp_path / "two.sqlite"
    with_run(one, alone)
    with_run(two, among_others)
    assert links(one, "home") == links(two, "home")
    assert len(links(two, "home")) == 5
    assert verify(two).misfit is None


def test_damage_is_told_of_the_site_where_it_is(path: Path) -> None:
    change(path, "UPDATE note SET text = 'x' WHERE site = 'home'")
    found = misfit(path)
    assert found.site == "home"
    assert str(found).startswith(f"note row {found.id} of home, 2026-07-01T12:16:51.000000Z: was")
    change(path, "DELETE FROM note WHERE site = 'cabin'")
    assert str(misfit(path)).startswith("journal row 2 of cabin: is missing before intent row 3")
