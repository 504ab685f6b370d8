"""Files that only their owner may read: secrets, and what one process leaves for the next.

A symbolic link is not followed, a pipe is not waited for, and what others may read is not used. A
file is replaced as a whole and is on the disk before the old one goes.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from rules.errors import printable
from scheduler.errors import ConfigProblem


def read_private(path: Path, what: str, longest: int, *, ours: bool = False) -> bytes:
    """The content of a file that is its owner's alone; `what` it is, as in "the password".

    With `ours` its owner must be the user of this process, as of a file that we have written.
    Raises `FileNotFoundError` where there is no such file, and `ConfigProblem` for one that cannot
    be used, or that has more than `longest` bytes.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise unreadable(path, what, error) from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ConfigProblem(f"{path}: is not a regular file; name the file with the {what}")
        if ours and found.st_uid != os.geteuid():
            raise ConfigProblem(f"{path}: belongs to another user; remove it")
        if stat.S_IMODE(found.st_mode) & 0o077:
            raise ConfigProblem(f"{path}: others may read the {what}; chmod 600 it")
        if found.st_size > longest:
            raise ConfigProblem(f"{path}: is too large; name the file with the {what}")
        return os.read(descriptor, longest)
    except OSError as error:
        raise unreadable(path, what, error) from None
    finally:
        os.close(descriptor)


def replace_private(path: Path, content: bytes) -> None:
    """Put this in place of what is there, for its owner alone to read. Raises `OSError`."""
    new = path.with_name(f".{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a path cannot say O_EXCL and the mode
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        new.replace(path)
    except OSError:
        with suppress(OSError):
            new.unlink()
        raise


def credential(name: str, what: str) -> Path | None:
    """What the service manager gives under this name, where it gives anything (systemd.exec).

    Only a person can mend a folder that we may not read: a restart would find it the same. Raises
    `ConfigProblem` for one.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        return None
    given = Path(folder) / name
    try:
        return given if given.is_file() else None
    except (OSError, ValueError) as error:
        raise unreadable(given, what, error) from None


def unreadable(path: Path, what: str, error: OSError | ValueError) -> ConfigProblem:
    """A sentence about a secret that is out of reach; a zero byte in a path is no `OSError`."""
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    if isinstance(error, PermissionError):
        reason += "; check the owner and mode of the file and of its folder"
    return ConfigProblem(printable(f"{path}: cannot read the {what}: {reason}"))
