"""Connections to the journal, and what SQLite's own complaints mean.

The writer: WAL with synchronous=FULL, because NORMAL loses acknowledged commits in a power cut;
`BEGIN IMMEDIATE`, because a plain BEGIN that reads before it writes fails at once when somebody
else wrote in between. Both settings are read back: SQLite ignores a pragma it cannot follow.

Readers cannot write, and leave no file behind: where no write-ahead log lies beside the journal
nobody has it open, and the file alone is read as it stands. SQLite would otherwise make a log,
owned by the reader, that may keep the daemon out.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from scheduler.errors import JournalProblem, JournalUnavailable

SYNCHRONOUS_FULL = 2
BUSY_TIMEOUT_S = 5.0

_PRIMARY_CODE = 0xFF
_MEANINGS = {
    sqlite3.SQLITE_FULL: "its disk is full; free some space",
    sqlite3.SQLITE_IOERR: "its disk fails; check the disk and the system log",
    sqlite3.SQLITE_BUSY: "another program keeps it locked; end that program",
    sqlite3.SQLITE_READONLY: "it may not be written; check the owner and mode of file and folder",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check the owner and mode of file and folder",
    sqlite3.SQLITE_CORRUPT: "it is damaged; the daemon restores a backup when it starts",
    sqlite3.SQLITE_CONSTRAINT: "a row does not fit the others; please report this",
    sqlite3.SQLITE_NOTADB: "it is not a SQLite database; name another file",
}
_OF_THE_DISK = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
)
"""SQLite does not tell a mode that is wrong from a disk that is read-only or full for now."""
_OF_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Damaged(JournalProblem):
    """The file is not what was written into it."""


class DiskFull(JournalUnavailable):
    """There is no room for another row."""


def writer_engine(path: Path, *, foreign_keys: bool = True) -> Engine:
    """The engine of the single writer; makes the file if need be.

    Transactions take the write lock at once, unless the execution option `read_only` is set.
    Raises `JournalProblem` on first use where the disk cannot keep the promise of durability.
    """
    connect_args: dict[str, Any] = {"timeout": BUSY_TIMEOUT_S}
    if sys.version_info >= (3, 12):
        # Python 3.16 changes the default, and autocommit=False cannot BEGIN IMMEDIATE.
        connect_args["autocommit"] = sqlite3.LEGACY_TRANSACTION_CONTROL
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        pool_size=1,
        max_overflow=0,
        connect_args=connect_args,
    )

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        prepare_writer(connection, foreign_keys=foreign_keys)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", _begin_writing)
    return engine


def prepare_writer(connection: sqlite3.Connection, *, foreign_keys: bool) -> None:
    """Set up a fresh connection for durable writes, and make sure of it.

    Raises `JournalProblem` where SQLite does not take the settings over.
    """
    connection.isolation_level = None
    journal_mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
    connection.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if journal_mode != "wal" or synchronous != SYNCHRONOUS_FULL:
        raise JournalProblem(
            "SQLite cannot keep the journal safe here"
            f" (journal_mode {journal_mode}, synchronous {synchronous});"
            " put it on a local disk"
        )


def reader_engine(path: Path) -> Engine:
    """An engine that cannot write; each connection looks afresh at how the file is used."""
    engine = create_engine(
        "sqlite://", creator=partial(connect_read_only, path), poolclass=NullPool
    )
    event.listen(engine, "begin", _begin_reading)
    return engine


def connect_read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. Raises `sqlite3.Error`."""
    in_use = path.with_name(path.name + "-wal").exists()
    uri = f"{path.absolute().as_uri()}?{'mode=ro' if in_use else 'mode=ro&immutable=1'}"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    connection.execute("PRAGMA query_only=ON")
    return connection


def driver(connection: Connection) -> sqlite3.Connection:
    """SQLite's own connection, where its values are wanted and not what we make of them."""
    inner: Any = connection.connection.driver_connection
    own: sqlite3.Connection = inner
    return own


def refuse_damaged(path: Path, connection: sqlite3.Connection) -> None:
    """Have SQLite look through the whole file. Raises `Damaged` and `sqlite3.Error`."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        detail = " ".join(found.split())
        raise Damaged(f"journal {path}: {_MEANINGS[sqlite3.SQLITE_CORRUPT]} ({detail})")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the database complains of into a `JournalProblem`."""
    try:
        yield
    except DBAPIError as error:
        raise _problem(path, error.orig) from error
    except sqlite3.Error as error:
        raise _problem(path, error) from error


def _problem(path: Path, error: BaseException | None) -> JournalProblem:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    meaning = _MEANINGS.get(code)
    sentence = f"journal {path}: {meaning} ({error})" if meaning else f"journal {path}: {error}"
    if code in _OF_DAMAGE:
        return Damaged(sentence)
    if code == sqlite3.SQLITE_FULL:
        return DiskFull(sentence)
    return JournalUnavailable(sentence) if code in _OF_THE_DISK else JournalProblem(sentence)


def _begin_writing(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
