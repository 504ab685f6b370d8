from __future__ import annotations

import asyncio
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from journaling import Recorder, dump, intent, note, observed, opened, stored, with_run
from sqlalchemy import Connection, Engine, create_engine, inspect

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite import SqliteJournal, migrate, read_journal, verify
from scheduler.journal.sqlite.identity import APPLICATION_ID
from scheduler.journal.sqlite.tables import metadata

OURS, NEXT = migrate.HEAD, "r9_next"

ADD_A_COLUMN = f"""
revision, down_revision = "{NEXT}", "{OURS}"

import sqlalchemy as sa
from alembic import op

def upgrade():
    with op.batch_alter_table("run") as run:
        run.add_column(sa.Column("host", sa.Text()))
        run.alter_column("process", nullable=True)
"""
FAIL_MIDWAY = (
    ADD_A_COLUMN
    + """
    op.execute("CREATE TABLE half_way (id INTEGER)")
    op.drop_table("note")
    op.drop_table("nowhere")
"""
)
LOSE_RUNS = (
    ADD_A_COLUMN
    + """
    op.execute(sa.table("run").delete())
"""
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


async def some_rows(_journal: SqliteJournal, home: Recorder) -> None:
    await home.commit(observed())
    await home.commit(intent())
    await home.commit(note())


def open_and_close(path: Path) -> None:
    async def whole() -> None:
        async with opened(path):
            pass

    asyncio.run(whole())


class NextRelease:
    """A program with one more migration than ours."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        shutil.copytree(
            migrate.migrations_dir(), folder, ignore=shutil.ignore_patterns("__pycache__")
        )
        monkeypatch.setattr(migrate, "HEAD", NEXT)
        monkeypatch.setattr(migrate, "migrations_dir", lambda: folder)
        # Two versions of a step written within a second would look the same to the byte cache.
        monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def ship(self, script: str) -> None:
        (self.folder / "versions" / f"{NEXT}_next.py").write_text(script)


@pytest.fixture
def next_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NextRelease:
    return NextRelease(tmp_path / "scripts", monkeypatch)


# --- the scripts and the tables say the same ----------------------------------------------------


def test_head_is_the_newest_script() -> None:
    scripts = ScriptDirectory.from_config(migrate.alembic_config())
    assert scripts.get_heads() == [migrate.HEAD]


def migrate_with_alembic(path: Path) -> None:
    """Make a journal step by step, as one that began with the first release was."""
    with migrate._changing(path) as connection:
        migrate._upgrade(connection)


def definitions(sql: str | None) -> list[str]:
    """What a statement defines; a column that was added later stands behind the constraints."""
    return sorted(each.strip("\n ") for each in re.split(r", \s*|\n\)", sql or ""))


def test_a_new_journal_is_what_the_scripts_make_to_the_letter(path: Path, tmp_path: Path) -> None:
    open_and_close(path)
    by_steps = tmp_path / "by_steps.sqlite"
    migrate_with_alembic(by_steps)
    objects = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
    assert [(*each[:3], definitions(each[3])) for each in stored(path, objects)] == [
        (*each[:3], definitions(each[3])) for each in stored(by_steps, objects)
    ]
    for query in (
        "SELECT * FROM alembic_version",
        "PRAGMA application_id",
        "PRAGMA user_version",
    ):
        assert stored(path, query) == stored(by_steps, query)


def test_alembic_sees_no_difference_to_the_tables(path: Path) -> None:
    migrate_with_alembic(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrated_and_declared_schema_are_equal_with_all_constraints(path: Path) -> None:
    migrate_with_alembic(path)
    migrated = create_engine(f"sqlite:///{path}")
    declared = create_engine("sqlite://")
    metadata.create_all(declared)
    try:
        assert schema(migrated) == schema(declared)
    finally:
        migrated.dispose()
        declared.dispose()


def schema(engine: Engine) -> dict[str, Any]:
    found = inspect(engine)
    return {
        table: {
            "columns": [{**c, "type": str(c["type"])} for c in found.get_columns(table)],
            "key": found.get_pk_constraint(table),
            "foreign": sorted(found.get_foreign_keys(table), key=str),
            "unique": sorted(found.get_unique_constraints(table), key=str),
            "checks": sorted(found.get_check_constraints(table), key=str),
            "indexes": sorted(found.get_indexes(table), key=str),
            "options": found.get_table_options(table),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_site_leads_every_key_and_index(path: Path) -> None:
    open_and_close(path)
    engine = create_engine(f"sqlite:///{path}")
    for table in schema(engine).values():
        leading = [table["key"]["constrained_columns"][0]]
        leading += [index["column_names"][0] for index in table["indexes"]]
        leading += [unique["column_names"][0] for unique in table["unique"]]
        leading += [foreign["constrained_columns"][0] for foreign in table["foreign"]]
        assert set(leading) == {"site"}
    engine.dispose()


def test_every_check_has_a_name(path: Path) -> None:
    open_and_close(path)
    for (sql,) in stored(path, "SELECT sql FROM sqlite_master WHERE name != 'alembic_version'"):
        checks = str(sql).count("CHECK (") if sql else 0
        assert checks == (str(sql).count("CONSTRAINT ck_") if sql else 0)


# --- opening ------------------------------------------------------------------------------------


@pytest.mark.parametrize("new", [True, False], ids=["new", "there"])
def test_a_journal_is_made_and_opened_without_alembic(path: Path, new: bool) -> None:
    if not new:
        open_and_close(path)
    program = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from scheduler.journal.sqlite import SqliteJournal\n"
        "async def whole():\n"
        "    await (await SqliteJournal.open(Path(sys.argv[1]))).close()\n"
        "asyncio.run(whole())\n"
        "assert 'sqlalchemy' in sys.modules\n"
        "assert not any(name.startswith('alembic') for name in sys.modules)\n"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(path)],
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def test_a_newer_journal_is_refused_by_who_writes_and_who_reads(path: Path) -> None:
    with_run(path, some_rows)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'r0_unheard_of'")
        connection.commit()
    before = dump(path)
    sentence = (
        rf"journal {path} was written by a newer pwsched \(revision r0_unheard_of\);"
        " upgrade pwsched or name another journal"
    )
    with pytest.raises(JournalProblem, match=sentence):
        open_and_close(path)
    with pytest.raises(JournalProblem, match=sentence):
        read_journal(path)
    assert dump(path) == before


@pytest.mark.parametrize("revision", ["0001", "0002", "0003", "0004", "r1_first_release"])
def test_a_journal_from_before_the_first_release_is_refused_and_left_untouched(
    path: Path, revision: str
) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision,))
        connection.execute("CREATE TABLE run (site TEXT, id INTEGER, at TEXT)")
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute("PRAGMA user_version=1")
        connection.commit()
    path.with_name("journal.sqlite.tail").write_text(
        '{"id": 7, "chain": "00", "sites": ["home"], "lost": false}\n', "utf-8"
    )
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    sentence = (
        f"journal {path} is of a pwsched from before the first release;"
        " move it away and a new one is begun"
    )
    for act in (open_and_close, read_journal, verify):
        with pytest.raises(JournalProblem) as caught:
            act(path)
        assert str(caught.value) == sentence
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == before

    async def begin_anew() -> None:
        async with opened(path) as journal:
            assert journal.restored is None

    path.unlink()
    asyncio.run(begin_anew())


def test_a_first_start_that_fails_midway_leaves_no_tables(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = migrate._make

    def fail(connection: Connection) -> None:
        make(connection)
        connection.exec_driver_sql("DROP TABLE nowhere")

    with monkeypatch.context() as once:
        once.setattr(migrate, "_make", fail)
        with pytest.raises(JournalProblem, match="nowhere"):
            open_and_close(path)
    assert stored(path, "SELECT name FROM sqlite_master") == []
    with_run(path, some_rows)
    assert stored(path, "SELECT count(*) FROM note") == [(1,)]


# --- upgrading ----------------------------------------------------------------------------------


def test_an_upgrade_keeps_every_row_and_leaves_a_copy(
    path: Path, next_release: NextRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before_the_upgrade:
        before_the_upgrade.setattr(migrate, "HEAD", OURS)
        with_run(path, some_rows)
    old = dump(path)
    next_release.ship(ADD_A_COLUMN)
    open_and_close(path)
    assert stored(path, "SELECT version_num FROM alembic_version") == [(NEXT,)]
    assert stored(path, "SELECT id, host FROM run") == [(1, None)]
    for table in ("observation", "intent", "open_intent", "note"):
        assert stored(path, f"SELECT count(*) FROM {table}") == [(1,)]  # noqa: S608 -- our own names
    copy = path.with_name(f"journal.sqlite.{OURS}.backup")
    assert dump(copy) == old
    assert stored(copy, "PRAGMA application_id") == stored(path, "PRAGMA application_id")


def test_a_journal_of_the_first_release_is_brought_along(path: Path) -> None:
    golden = Path(__file__).parents[1] / "golden" / "storm.sql"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(golden.read_text("utf-8"))
    rows = {line for line in dump(path) if line.startswith("INSERT") and "alembic" not in line}
    assert stored(path, "SELECT version_num FROM alembic_version") == [("r1",)]
    open_and_close(path)
    assert stored(path, "SELECT version_num FROM alembic_version") == [(OURS,)]
    added = {
        line.removesuffix(");") + ",NULL);" if '"observation"' in line else line for line in rows
    }
    assert added <= set(dump(path))
    assert stored(path, "SELECT count(*) FROM rule_check") == [(0,)]


def test_a_step_that_fails_midway_leaves_the_journal_as_it_was(
    path: Path, next_release: NextRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before_the_upgrade:
        before_the_upgrade.setattr(migrate, "HEAD", OURS)
        with_run(path, some_rows)
    old = dump(path)
    next_release.ship(FAIL_MIDWAY)
    with pytest.raises(
        JournalProblem, match=f"could not be brought from revision {OURS} to {NEXT}"
    ):
        open_and_close(path)
    assert dump(path) == old
    next_release.ship(ADD_A_COLUMN)
    open_and_close(path)
    assert stored(path, "SELECT count(*) FROM note") == [(1,)]


def test_a_step_that_would_orphan_rows_is_taken_back(
    path: Path, next_release: NextRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before_the_upgrade:
        before_the_upgrade.setattr(migrate, "HEAD", OURS)
        with_run(path, some_rows)
    old = dump(path)
    next_release.ship(LOSE_RUNS)
    with pytest.raises(JournalProblem, match="would refer to rows that are gone"):
        open_and_close(path)
    assert dump(path) == old


def test_who_only_reads_an_older_journal_is_told_what_to_do(
    path: Path, next_release: NextRelease, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before_the_upgrade:
        before_the_upgrade.setattr(migrate, "HEAD", OURS)
        with_run(path, some_rows)
    next_release.ship(ADD_A_COLUMN)
    with pytest.raises(
        JournalProblem, match=rf"older pwsched \(revision {OURS}\); start the daemon"
    ):
        read_journal(path)
    assert stored(path, "SELECT version_num FROM alembic_version") == [(OURS,)]


@pytest.mark.parametrize("installed", [True, False], ids=["wheel", "checkout"])
def test_the_scripts_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: bool
) -> None:
    package = tmp_path / "scheduler"
    (package / "journal" / "sqlite").mkdir(parents=True)
    if installed:
        (package / "_migrations").mkdir()
    monkeypatch.setattr(migrate, "__file__", str(package / "journal" / "sqlite" / "migrate.py"))
    expected = package / "_migrations" if installed else tmp_path / "migrations"
    assert migrate.migrations_dir() == expected
