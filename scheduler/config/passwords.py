"""The password of a gateway: from a systemd credential, or a file that only its owner may read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from scheduler.errors import ConfigProblem
from scheduler.private_files import credential, read_private, unreadable

LONGEST: Final = 4096


def password_from(host: str, name: str, file: Path | None) -> str:
    """The password of a host, from the credential of this name, else from the file.

    Raises `ConfigProblem` where there is none that may be used.
    """
    given = credential(name, "password")
    if given is not None:
        return _usable(_content(given), given)
    if file is None:
        raise ConfigProblem(
            f"no password for {host}: give the service the credential"
            f" {name}, or name a password_file that only you can read"
        )
    return _read_secret(file)


def _content(given: Path) -> bytes:
    """A credential is for this service alone, whatever its mode."""
    try:
        return given.read_bytes()
    except (OSError, ValueError) as error:
        raise unreadable(given, "password", error) from None


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
