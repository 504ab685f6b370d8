"""The files of a journal beside its database: whose they are, and how they are put in place.

The owner reads and writes, the group reads, nobody else does anything, whatever the umask. SQLite
gives its log and index the mode of the database.
"""

from __future__ import annotations

import os
from pathlib import Path

FILE_MODE = 0o640
FOLDER_MODE = 0o750


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
