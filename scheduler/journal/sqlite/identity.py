"""Is this file a journal of ours, and of which schema? Checked before anything touches it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite.engine import connect_read_only, explained
from scheduler.journal.sqlite.files import unavailable

APPLICATION_ID = 0x50575343
"""SQLite's `application_id` of a journal: the letters PWSC."""

_APPLICATION_ID_AT = 68  # sqlite.org/fileformat2.html, "The Database Header"
_MAGIC = b"SQLite format 3\x00"


class Foreign(JournalProblem):
    """The file is not a SQLite database at all."""


def identify(path: Path) -> str | None:
    """The schema revision of the journal at `path`; `None` where there is none yet.

    Raises `JournalProblem` for a place where no file can be and for a file that is not a journal,
    `Foreign` where it is no database, `Damaged` where it is one that cannot be read.
    """
    folder = path.parent
    try:
        if not folder.is_dir():
            raise JournalProblem(
                f"the folder {folder} of journal {path} does not exist;"
                " make it or name another place"
            )
        if path.is_dir():
            raise JournalProblem(f"journal {path} is a folder; name a file in it")
        beginning = _beginning(path)
    except OSError as error:
        raise unavailable(
            f"journal {path} cannot be read: {error.strerror};"
            " check the owner and mode of file and folder, and its disk",
            error,
        ) from error
    if not beginning:
        return None
    if beginning != _MAGIC:
        raise Foreign(str(_foreign(path)))
    with explained(path), closing(connect_read_only(path)) as connection:
        return _revision(path, connection)


def looks_like_ours(path: Path) -> bool:
    """Whether the header of a damaged file still says that it is a journal."""
    with path.open("rb") as file:
        file.seek(_APPLICATION_ID_AT)
        return file.read(4) == APPLICATION_ID.to_bytes(4)


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC))
    except FileNotFoundError:
        return b""


def _revision(path: Path, connection: sqlite3.Connection) -> str | None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not names and application in (0, APPLICATION_ID):
        # A first start that was killed between making the file and making the tables.
        return None
    if application != APPLICATION_ID or "alembic_version" not in names:
        raise _foreign(path)
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        raise _foreign(path)
    return str(row[0])


def _foreign(path: Path) -> JournalProblem:
    return JournalProblem(f"{path} is not a journal of pwsched; name another file")
