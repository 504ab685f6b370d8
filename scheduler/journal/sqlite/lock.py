"""One process writes a journal: a lock on a file beside it, which the kernel frees with us.

Whoever may write into the folder could put a link there. It is not followed, and nothing of the
file is changed before it is known to be a file and ours.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Self

from scheduler.errors import JournalInUse, JournalProblem
from scheduler.journal.sqlite.files import FILE_MODE, beside, unavailable


class JournalLock:
    """The right to write a journal, held until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Lock the journal at `path`.

        Raises `JournalInUse` when another process holds the lock, and `JournalProblem` where its
        file cannot be.
        """
        descriptor = _opened(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder_in(descriptor)
            os.close(descriptor)
            raise JournalInUse(
                f"another pwsched (process {holder}) is using this journal: {path};"
                " end it or name another journal"
            ) from error
        try:
            os.fchmod(descriptor, FILE_MODE)
        except OSError as error:
            os.close(descriptor)
            raise _unwritable(path, error) from error
        with suppress(OSError):  # our number is only for who is turned away
            os.ftruncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        return cls(descriptor)

    def release(self) -> None:
        """Let the next one in. The file stays: removing it would let two in at once."""
        os.close(self._descriptor)


def lock_holder(path: Path) -> str | None:
    """The process that writes the journal at `path`; `None` where nobody does, or none can be."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(beside(path, ".lock"), flags)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder_in(descriptor)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return None


def _opened(path: Path) -> int:
    """The lock's file, made if there is none. Raises `JournalProblem` for anything but a file."""
    name = beside(path, ".lock")
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(name, flags, FILE_MODE)
    except OSError as error:
        if error.errno == errno.ELOOP and name.is_symlink():
            raise JournalProblem(
                f"journal {path} cannot be written: {name} is a symbolic link; remove it"
            ) from None
        raise _unwritable(path, error) from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise JournalProblem(
            f"journal {path} cannot be written: {name} is not a regular file; remove it"
        )
    return descriptor


def _unwritable(path: Path, error: OSError) -> JournalProblem:
    return unavailable(
        f"journal {path} cannot be written: {error.strerror};"
        " check the owner and mode of its folder, and its disk",
        error,
    )


def _holder_in(descriptor: int) -> str:
    """The number in the file of a lock; anything else there is not shown."""
    try:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    except OSError:
        return "unknown"
    return holder if holder.isdecimal() else "unknown"
