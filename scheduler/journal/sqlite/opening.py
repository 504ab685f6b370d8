"""From a path to a journal that can be relied on.

A journal that is there and sound is opened. One that is damaged is set aside, never deleted, and
the newest good backup takes its place, or a new journal where there is none. A file that is empty
or missing where the sidecar remembers a journal counts as damaged. A journal that is sound but
ends before the row that the sidecar remembers has lost rows: somebody put an older copy back.

In each of these cases a `gap` row says of which time nothing is known. The sidecar keeps in mind
that one is due, so that a crash in between loses neither the row nor the fact.

A file that is not ours is refused and left alone.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite import lookups
from scheduler.journal.sqlite.backups import Backups, stamp
from scheduler.journal.sqlite.column_types import instant_text
from scheduler.journal.sqlite.engine import (
    Damaged,
    connect_read_only,
    driver,
    explained,
    refuse_damaged,
    writer_engine,
)
from scheduler.journal.sqlite.files import (
    FILE_MODE,
    beside,
    make_private,
    put_in_place,
    sync_folder,
    unavailable,
)
from scheduler.journal.sqlite.identity import Foreign, identify, looks_like_ours
from scheduler.journal.sqlite.migrate import bring_to_head, expect_whole, refuse_other
from scheduler.journal.sqlite.sidecar import (
    NOTHING_YET,
    Remembered,
    recall,
    remember,
    remembered_of,
)
from scheduler.journal.sqlite.transaction import Transaction
from scheduler.journal.sqlite.verifying import check_newest_links

log = logging.getLogger(__name__)

_OF_SQLITE = ("-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Restored:
    """A journal that was found damaged, or that had lost rows, when it was opened.

    `set_aside` is where the damaged one was put, `backup` the copy that took its place.
    """

    at: datetime
    reason: str
    set_aside: Path | None
    backup: Path | None


def refuse_foreign(path: Path) -> None:
    """Make sure that nothing is at `path` but a journal of ours, whole or damaged, or nothing.

    Raises `JournalProblem`, also for a journal of a schema that we cannot bring up to date.
    """
    try:
        revision = identify(path)
        if revision is not None:
            refuse_other(path, revision)
    except (Damaged, Foreign):
        if recall(path) is None and not looks_like_ours(path):
            raise


def open_or_restore(
    path: Path, now: datetime, sites: Sequence[str]
) -> tuple[Engine, Restored | None]:
    """The engine of the writer, and what was restored, if anything. The caller holds the lock.

    `sites` get a gap row as well as those that the journal knows. Raises `JournalProblem` where
    the journal can neither be used nor replaced.
    """
    remembered = recall(path)
    aside: Path | None = None
    backup: Path | None = None
    try:
        engine, reason = _looked_at_twice(path, remembered)
    except (Damaged, Foreign) as damage:
        reason = str(damage)
        log.error("%s", reason)  # noqa: TRY400 -- the sentence says it all
        _expect_gap(path, remembered, sites)
        with _disk_problems(path):
            aside = _set_aside(path, now)
            backup = _restore_newest(path)
        engine = _sound_engine(path)
    if not reason:
        return engine, None
    restored = Restored(now, reason, aside, backup)
    try:
        _record_gap(path, engine, restored, remembered, sites)
    except BaseException:
        engine.dispose()
        raise
    log.error("%s", _told(path, restored))
    return engine, restored


def _looked_at_twice(path: Path, remembered: Remembered | None) -> tuple[Engine, str]:
    """The engine of a journal that can be used, and what its sidecar misses in it, or "".

    Raises `Damaged` or `Foreign` where it is so twice: SQLite also speaks of damage where the disk
    failed to give it a page, and a sound journal is not set aside for that.
    """
    try:
        return _looked_at(path, remembered)
    except (Damaged, Foreign):
        return _looked_at(path, remembered)


def _looked_at(path: Path, remembered: Remembered | None) -> tuple[Engine, str]:
    _refuse_vanished(path, remembered)
    engine = _sound_engine(path)
    try:
        return engine, "" if remembered is None else _what_is_lost(path, engine, remembered)
    except BaseException:
        engine.dispose()
        raise


def _refuse_vanished(path: Path, remembered: Remembered | None) -> None:
    if remembered is None:
        return
    if not path.exists():
        raise Damaged(f"journal {path} is missing, and there was one")
    if identify(path) is None:
        raise Damaged(f"journal {path} is empty, and there was something in it")


def _sound_engine(path: Path) -> Engine:
    """The engine of a journal of the present schema. Raises `Damaged` and `JournalProblem`."""
    with _disk_problems(path):
        make_private(path)
        for suffix in _OF_SQLITE:
            if (file := beside(path, suffix)).exists():
                file.chmod(FILE_MODE)
    if path.stat().st_size:
        # On a connection that cannot write: one that can would move the log into a damaged file.
        with explained(path), closing(connect_read_only(path)) as connection:
            refuse_damaged(path, connection)
    bring_to_head(path)
    engine = writer_engine(path)
    try:
        with explained(path), engine.connect() as connected:
            expect_whole(path, driver(connected))
    except BaseException:
        engine.dispose()
        raise
    return engine


def _what_is_lost(path: Path, engine: Engine, remembered: Remembered) -> str:
    """A sentence about rows that the sidecar remembers and the journal does not have, or ""."""
    if remembered.lost:
        return f"journal {path} was restored, and the start that did it was interrupted"
    with explained(path), engine.connect() as connection:
        for site, end in remembered.ends.items():
            link = lookups.link_of(connection, site, end.id)
            if end.id and (link is None or link.hex() != end.chain):
                return (
                    f"journal {path} is not the one that was here: row {end.id} of {site}"
                    f" {'is missing' if link is None else 'is another one'}"
                )
    return ""


def _expect_gap(path: Path, remembered: Remembered | None, sites: Sequence[str]) -> None:
    known = remembered or Remembered(dict.fromkeys(sites, NOTHING_YET))
    with _disk_problems(path):
        remember(path, replace(known, lost=True))


def _set_aside(path: Path, now: datetime) -> Path | None:
    """Move the database away together with its log, so that one can still be read with the other.

    The log goes first: beside another database it would be taken for that one's.
    """
    aside = beside(path, f".corrupt-{stamp(now)}")
    number = 1
    while any(beside(aside, suffix).exists() for suffix in ("", *_OF_SQLITE)):
        number += 1
        aside = beside(path, f".corrupt-{stamp(now)}.{number}")
    for suffix in (*_OF_SQLITE, ""):
        if (file := beside(path, suffix)).exists():
            file.rename(beside(aside, suffix))
    sync_folder(path.parent)
    return aside if aside.exists() else None


def _restore_newest(path: Path) -> Path | None:
    """Put the newest good backup where the journal was; `None`: there is none."""
    for _, backup in Backups(path).newest_first():
        unfinished = beside(path, ".part")
        make_private(unfinished)
        shutil.copyfile(backup, unfinished)
        try:
            revision = identify(unfinished)
            if revision is None:
                raise Damaged("it is empty")
            refuse_other(backup, revision)
            with explained(backup), closing(connect_read_only(unfinished)) as connection:
                refuse_damaged(backup, connection)
                check_newest_links(connection)
        except JournalProblem as problem:
            log.warning("backup %s is of no use: %s", backup, problem)
            unfinished.unlink(missing_ok=True)
            continue
        put_in_place(unfinished, path)
        return backup
    return None


def _record_gap(
    path: Path,
    engine: Engine,
    restored: Restored,
    remembered: Remembered | None,
    sites: Sequence[str],
) -> None:
    with explained(path), engine.begin() as connection:
        known = {*sites, *lookups.sites(connection), *(remembered.ends if remembered else ())}
        transaction = Transaction(connection, {})
        for site in sorted(known):
            since = lookups.newest_row(connection, site)
            transaction.add_gap(
                site,
                {
                    "at": instant_text(restored.at),
                    "since": None if since is None else instant_text(since),
                    "reason": restored.reason,
                    "set_aside": None if restored.set_aside is None else restored.set_aside.name,
                },
            )
        now = remembered_of(connection, known)
    with _disk_problems(path):
        remember(path, now)


def _told(path: Path, restored: Restored) -> str:
    kept = "" if restored.set_aside is None else f"; the damaged file is {restored.set_aside}"
    if restored.backup is not None:
        return f"journal {path}: the backup {restored.backup} took its place{kept}"
    if restored.set_aside is None and path.exists():
        return f"{restored.reason}; it goes on with what is there"
    return f"journal {path}: there is no good backup, a new journal begins{kept}"


@contextmanager
def _disk_problems(path: Path) -> Iterator[None]:
    """Turn what the file system complains of into a `JournalProblem`."""
    try:
        yield
    except OSError as error:
        raise unavailable(
            f"journal {path} cannot be written: {error.strerror};"
            " check the owner and mode of its folder, and the room on its disk",
            error,
        ) from error
