"""The private key of signed control.

Policy: it is read once, from a file that only its owner may read, or taken as it was given; it is
not written anywhere, and no sentence of ours has a part of it. The library wants the path of a
file, so it gets that of a pipe, which has the key until it was read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from scheduler.errors import ConfigProblem
from scheduler.private_files import read_private, unreadable

LONGEST: Final = 16 * 1024
"""Bytes; a key of 4,096 bits has about 3,300. A pipe takes 64 KiB before anybody reads."""

MADE_BY: Final = "python -m pypowerwall register"


def key_from(key: bytes | Path) -> bytes:
    """The key in PEM. Raises `ConfigProblem` where there is none that may be used."""
    if isinstance(key, bytes):
        return key
    try:
        return read_private(key, "key of signed control", LONGEST)
    except FileNotFoundError as error:
        raise unreadable(key, "key of signed control", error) from None


@contextmanager
def as_path(key: bytes) -> Iterator[str]:
    """A path under which this can be read once. Raises `ConfigProblem` for what is too long."""
    if len(key) > LONGEST:
        raise ConfigProblem(unusable())
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(key)
        yield f"/dev/fd/{reading}"
    finally:
        with suppress(OSError):
            os.close(reading)


def unusable() -> str:
    """The sentence for a key that is none."""
    return (
        "the key of signed control is not an RSA private key in PEM without a passphrase; name the "
        f"file that {MADE_BY} wrote"
    )
