"""Bring a journal to the present schema, or leave it as it was.

A new journal is made from the tables at once, in one transaction, and says that it is of the
newest revision: Alembic would stay in the daemon's memory, 15 MB, for what it does at a first start
only. That the scripts come to the same schema, to the letter, is what a test holds.

An older journal is brought along by the scripts, all in one transaction: a step that fails half-way
would otherwise leave tables behind on which every later attempt fails too. Foreign keys are off
meanwhile and checked before the commit, because SQLite can change a table only by replacing it, and
dropping the old one would delete the rows that refer to it. Before an older journal is touched, a
copy of it is made beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.backups import vacuum_into
from scheduler.journal.sqlite.engine import Damaged, connect_read_only, explained, writer_engine
from scheduler.journal.sqlite.files import beside, make_private, put_in_place
from scheduler.journal.sqlite.identity import APPLICATION_ID, identify

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "r3"
"""The schema that this program works with."""

VERSION = 2
"""SQLite's `user_version` of a journal of that schema."""

_REVISION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""Where Alembic keeps the revision of a database."""

_BEFORE_THE_FIRST_RELEASE = frozenset({"0001", "0002", "0003", "0004", "r1_first_release"})


def bring_to_head(path: Path) -> None:
    """Make or upgrade the journal at `path`. The caller holds its lock.

    Raises `JournalProblem`: not a journal, written by a newer program, or a step failed, in
    which case the journal is what it was before.
    """
    revision = identify(path)
    if revision == HEAD:
        return
    if revision is None:
        with _changing(path) as connection:
            _make(connection)
        return
    refuse_other(path, revision)
    copy = _back_up(path, revision)
    try:
        with _changing(path) as connection:
            _upgrade(connection)
    except Damaged:
        raise
    except Exception as error:
        raise JournalProblem(
            f"journal {path} could not be brought from revision {revision} to {HEAD} ({error});"
            f" it is as it was, and a copy is in {copy}"
        ) from error


def expect_head(path: Path) -> None:
    """Make sure that there is a journal of the present schema at `path`, for who only reads it.

    Raises `JournalProblem` otherwise.
    """
    revision = identify(path)
    if revision is None:
        raise JournalProblem(f"there is no journal at {path}; the daemon makes it when it starts")
    if revision != HEAD:
        refuse_other(path, revision)
        raise JournalProblem(
            f"journal {path} was written by an older pwsched (revision {revision});"
            " start the daemon once to bring it up to date"
        )


def expect_whole(path: Path, connection: sqlite3.Connection) -> None:
    """Make sure that a journal of the present schema has all of it. Raises `Damaged`."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    missing = sorted(tables.metadata.tables.keys() - there)
    if missing or version != VERSION:
        what = f"its table {missing[0]} is missing" if missing else f"its version says {version}"
        raise Damaged(f"journal {path} is damaged: {what}")


def alembic_config() -> Config:
    """Alembic's configuration, made in code: its own file would set up logging anew."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_dir()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def migrations_dir() -> Path:
    """Where the scripts are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "_migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def refuse_other(path: Path, revision: str) -> None:
    """Make sure that a journal of this revision is one that we can bring up to date.

    Raises `JournalProblem`.
    """
    if revision == HEAD:
        return
    if revision in _BEFORE_THE_FIRST_RELEASE:
        raise JournalProblem(
            f"journal {path} is of a pwsched from before the first release;"
            " move it away and a new one is begun"
        )
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(alembic_config())
    if revision not in {step.revision for step in scripts.walk_revisions()}:
        raise JournalProblem(
            f"journal {path} was written by a newer pwsched (revision {revision});"
            " upgrade pwsched or name another journal"
        )


@contextmanager
def _changing(path: Path) -> Iterator[Connection]:
    """One transaction at whose end the journal is of the present schema, or what it was."""
    engine = writer_engine(path, foreign_keys=False)
    try:
        with explained(path), engine.begin() as connection:
            yield connection
            connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
            connection.exec_driver_sql(f"PRAGMA user_version={VERSION}")
            lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if lost is not None:
                raise JournalProblem(f"rows of {lost[0]} would refer to rows that are gone")
    finally:
        engine.dispose()


def _make(connection: Connection) -> None:
    tables.metadata.create_all(connection, checkfirst=False)
    _REVISION.create(connection)
    connection.execute(_REVISION.insert().values(version_num=HEAD))


def _upgrade(connection: Connection) -> None:
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)


def _back_up(path: Path, revision: str) -> Path:
    """Copy the journal beside itself; a copy that an earlier attempt made is replaced."""
    copy = beside(path, f".{revision}.backup")
    unfinished = beside(copy, ".part")
    unfinished.unlink(missing_ok=True)
    make_private(unfinished)
    with explained(path), closing(connect_read_only(path)) as connection:
        vacuum_into(connection, unfinished)
    put_in_place(unfinished, copy)
    return copy
