"""Room for the last rows: a file without content, given up when the disk is full.

What fills a disk is mostly something else. The rows that tell how it ended are worth a few
megabytes kept free for them.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path

from scheduler.journal.sqlite.files import FILE_MODE, beside, free_bytes

SIZE = 8 * 1024 * 1024


def drop_ballast(path: Path) -> bool:
    """Give the room beside the journal at `path` free; whether there was any."""
    try:
        beside(path, ".ballast").unlink()
    except OSError:
        return False
    return True


def take_ballast(path: Path) -> None:
    """Take the room, unless it is taken or less than twice of it is free. Raises `OSError`."""
    ballast = beside(path, ".ballast")
    if ballast.exists() or free_bytes(path.parent) < 2 * SIZE:
        return
    unfinished = beside(ballast, ".part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        os.fchmod(descriptor, FILE_MODE)
        os.posix_fallocate(descriptor, 0, SIZE)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        if error.errno != errno.ENOSPC:
            raise
        return
    finally:
        os.close(descriptor)
    unfinished.replace(ballast)
