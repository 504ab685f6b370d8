"""The files of a journal beside its database: whose they are, and how they are put in place.

The owner reads and writes, the group reads, nobody else does anything, whatever the umask. SQLite
gives its log and index the mode of the database.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from scheduler.errors import JournalProblem, JournalUnavailable

FOR_A_PERSON = frozenset(
    {
        errno.EACCES,
        errno.EEXIST,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EPERM,
    }
)
"""What the file system says where a path or its permissions are wrong. Anything else may pass."""

FILE_MODE = 0o640
FOLDER_MODE = 0o750


def unavailable(sentence: str, error: OSError) -> JournalProblem:
    """What the file system complains of, as `JournalUnavailable` where it may pass."""
    if error.errno in FOR_A_PERSON:
        return JournalProblem(sentence)
    return JournalUnavailable(sentence)


def make_private(path: Path) -> None:
    """Make an empty file if there is none, and give it its mode. Raises `OSError`."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))
    path.chmod(FILE_MODE)


def put_in_place(unfinished: Path, path: Path) -> None:
    """Give a finished file its name, so that a power cut leaves the old or the new one whole."""
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make names in a folder as durable as the files."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def beside(path: Path, suffix: str) -> Path:
    """The file of a journal with this suffix."""
    return path.with_name(path.name + suffix)


def free_bytes(folder: Path) -> int:
    """Room that we may use on the disk of a folder."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize


class OpenedFile:
    """The database that was opened at a path, to be told from whatever is there later.

    A file that is deleted or replaced can still be written by those who have it open. What they
    write is gone when they end, and nobody else ever sees it. The same is true of the write-ahead
    log, which SQLite keeps beside the database, links followed, for as long as that is open.
    """

    def __init__(self, path: Path) -> None:
        """Raises `JournalProblem` where nothing is at `path`."""
        self._path = path
        self._log = beside(path.resolve(), "-wal")
        self._opened = self._found()

    def expect_in_place(self) -> None:
        """Make sure that what is written now can be found again. Raises `JournalProblem`."""
        if self._found() != self._opened:
            raise self._lost()
        if not os.path.lexists(self._log):
            raise JournalProblem(
                f"journal {self._path} lost its file {self._log.name}, which was deleted while"
                " pwsched runs; restart the daemon"
            )

    def _found(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise self._lost() from error
        except OSError as error:
            raise unavailable(
                f"journal {self._path} cannot be found: {error.strerror};"
                " check the owner and mode of its folder, and its disk",
                error,
            ) from error
        return found.st_dev, found.st_ino

    def _lost(self) -> JournalProblem:
        return JournalProblem(
            f"journal {self._path} was deleted or replaced while pwsched runs;"
            " put it back, or restart the daemon to begin or open another"
        )
