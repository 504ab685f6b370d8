"""The password of a gateway: from a systemd credential, or a file that only its owner may read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from scheduler.errors import ConfigProblem
from scheduler.private_files import read_private, unreadable

LONGEST: Final = 4096


def password_from(host: str, credential: str, file: Path | None) -> str:
    """The password of a host. Raises `ConfigProblem` where there is none that may be used."""
    given = credential_path(credential)
    if given is not None and (content := _credential(given)) is not None:
        return _usable(content, given)
    if file is None:
        raise ConfigProblem(
            f"no password for {host}: give the service the credential"
            f" {credential}, or name a password_file that only you can read"
        )
    return _read_secret(file)


def credential_path(name: str) -> Path | None:
    """Where the service manager puts a credential, if it gives any."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    return Path(folder) / name if folder else None


def _credential(path: Path) -> bytes | None:
    """What the service was given; `None` where it was given nothing of this name.

    Only a person can mend a folder that we may not read: a restart would find it the same.
    """
    try:
        return path.read_bytes() if path.is_file() else None
    except (OSError, ValueError) as error:
        raise unreadable(path, "password", error) from None


def _read_secret(path: Path) -> str:
    """A secret from a file that nobody else may read."""
    try:
        content = read_private(path, "password", LONGEST)
    except FileNotFoundError as error:
        raise unreadable(path, "password", error) from None
    return _usable(content, path)


def _usable(content: bytes, path: Path) -> str:
    """The password in a file; an empty one would only cost a login."""
    try:
        password = content.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise ConfigProblem(f"{path}: the password is not UTF-8 text; write it anew") from None
    if not password:
        raise ConfigProblem(f"{path}: is empty; write the gateway's password into it")
    return password
