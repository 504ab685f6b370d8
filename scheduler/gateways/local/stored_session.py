"""What a login leaves behind for the next process: its token, and how long not to ask.

Policy:

* A restart costs no login, and a loop of crashes no more logins than a loop of polls: gateways
  lock everybody out after too many.
* The file is readable by its owner only, is replaced as a whole, and belongs to one gateway: host,
  certificate and, for the token, the login must be the same. `http://` is a part of the host: what
  was agreed upon over https is never said over plain http, nor the other way round.
* It is a convenience. What is not there, not ours alone, not a plain file or not sense counts as
  nothing; what cannot be written (a full disk) is said in the log, and the session goes on.
"""

from __future__ import annotations

import json
import logging
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from scheduler.gateways.local.pauses import StoredPause
from scheduler.gateways.local.strict_json import strict_object

VERSION: Final = 1
LONGEST_FILE: Final = 16 * 1024

_log = logging.getLogger(__name__)
_TOKEN = re.compile(r"[A-Za-z0-9+/=._~-]{1,4096}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a session is with, and as whom: a token is worth something there, and nowhere else."""

    host: str
    certificate: str | None
    login: str


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session between two processes.

    `own_stop_until`: a battery found stopped before then may have been stopped by our last login or
    write, which nobody has seen to yet.
    """

    party: Party
    token: str | None = field(repr=False)
    logins: StoredPause
    requests: StoredPause
    own_stop_until: datetime | None = None


def is_token(value: object) -> bool:
    """It can be sent in a header as it is."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def to_bytes(stored: StoredSession) -> bytes:
    """A session as the content of its file."""
    document = {
        "version": VERSION,
        "host": stored.party.host,
        "certificate": stored.party.certificate,
        "login": stored.party.login,
        "token": stored.token,
        "logins": _written(stored.logins),
        "requests": _written(stored.requests),
        "own_stop_until": stored.own_stop_until and stored.own_stop_until.isoformat(),
    }
    return json.dumps(document, indent=1).encode()


def from_bytes(content: bytes, party: Party) -> StoredSession | None:
    """The session in such a content, as far as it is with this party.

    Another host or certificate is another gateway: nothing of it holds. Another login at the same
    gateway has no token yet, but waits as long.
    """
    document = strict_object(content)
    if document.get("version") != VERSION or document.get("host") != party.host:
        return None
    if document.get("certificate", "") != party.certificate:
        return None
    logins, requests = _read(document.get("logins")), _read(document.get("requests"))
    token = document.get("token")
    ours = document.get("login") == party.login and is_token(token)
    if logins is None or requests is None or not (token is None or is_token(token)):
        return None
    stopped = _instant(document.get("own_stop_until"))
    return StoredSession(party, str(token) if ours else None, logins, requests, stopped)


class SessionFile:
    """The file of one site's session."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._failing = False

    @classmethod
    def beside(cls, journal: Path, site: str) -> SessionFile:
        """The file of this site, in the folder of the journal whatever the site is called."""
        return cls(journal.with_name(f"{journal.stem}-session-{quote(site, safe='')}.json"))

    def load(self, party: Party) -> StoredSession | None:
        """What an earlier process left for this party, if it can be trusted."""
        try:
            content = self._content()
        except OSError:
            return None
        return from_bytes(content, party) if content is not None else None

    def store(self, stored: StoredSession) -> None:
        """Leave this for the next process, in place of what was there."""
        new = self._path.with_name(f".{self._path.name}.new")
        try:
            _write_private(new, to_bytes(stored))
            new.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            if not self._failing:
                _log.warning(
                    "the session is not stored, so the next start needs a login: %s: %s",
                    self._path,
                    (error.strerror or str(error)).lower(),
                )
            self._failing = True
        else:
            self._failing = False

    def _content(self) -> bytes | None:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self._path, flags)
        try:
            found = os.fstat(descriptor)
            ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid()
            if not ours or stat.S_IMODE(found.st_mode) & 0o077 or found.st_size > LONGEST_FILE:
                _log.warning("%s is not ours alone, and is not used", self._path)
                return None
            return os.read(descriptor, LONGEST_FILE)
        finally:
            os.close(descriptor)


def _write_private(path: Path, content: bytes) -> None:
    """Write a new file that only its owner may read, and have it on the disk."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a path cannot say O_EXCL and the mode
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _written(pause: StoredPause) -> dict[str, object]:
    until = pause.not_before
    return {"not_before": until.isoformat() if until else None, "refusals": pause.refusals}


def _read(value: object) -> StoredPause | None:
    """A pause, or `None` for nonsense."""
    if not isinstance(value, Mapping):
        return None
    refusals, until = value.get("refusals"), value.get("not_before")
    if type(refusals) is not int or refusals < 0:
        return None
    if until is None:
        return StoredPause(None, refusals)
    instant = _instant(until)
    return StoredPause(instant, refusals) if instant else None


def _instant(value: object) -> datetime | None:
    """An instant, or `None` for nonsense."""
    try:
        instant = datetime.fromisoformat(str(value))
        # Without an offset it could be any instant.
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None
