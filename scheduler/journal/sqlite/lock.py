"""One process writes a journal: a lock on a file beside it, which the kernel frees with us."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from typing import Self

from scheduler.errors import JournalProblem
from scheduler.journal.sqlite.files import make_private


class JournalLock:
    """The right to write a journal, held until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self:
        """Lock the journal at `path`.

        Raises `JournalProblem` when another process holds the lock, or where its file cannot be.
        """
        beside = path.with_name(path.name + ".lock")
        try:
            make_private(beside)
            descriptor = os.open(beside, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise JournalProblem(
                f"journal {path} cannot be written: {error.strerror};"
                " check the owner and mode of its folder"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise JournalProblem(
                f"another pwsched (process {holder}) is using this journal: {path};"
                " end it or name another journal"
            ) from error
        with suppress(OSError):  # our number is only for who is turned away
            os.truncate(descriptor, 0)
            os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        return cls(descriptor)

    def release(self) -> None:
        """Let the next one in. The file stays: removing it would let two in at once."""
        os.close(self._descriptor)
