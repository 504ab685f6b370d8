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
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from scheduler.errors import ConfigProblem
from scheduler.gateways import StoredPause, instant, is_token, strict_object
from scheduler.private_files import read_private, replace_private

VERSION: Final = 1
LONGEST_FILE: Final = 16 * 1024

_log = logging.getLogger(__name__)


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


def to_bytes(stored: StoredSession) -> bytes:
    """A session as the content of its file."""
    document = {
        "version": VERSION,
        "host": stored.party.host,
        "certificate": stored.party.certificate,
        "login": stored.party.login,
        "token": stored.token,
        "logins": stored.logins.to_json(),
        "requests": stored.requests.to_json(),
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
    logins = StoredPause.from_json(document.get("logins"))
    requests = StoredPause.from_json(document.get("requests"))
    token = document.get("token")
    ours = document.get("login") == party.login and is_token(token)
    if logins is None or requests is None or not (token is None or is_token(token)):
        return None
    stopped = instant(document.get("own_stop_until"))
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
            content = read_private(self._path, "session", LONGEST_FILE, ours=True)
        except FileNotFoundError:
            return None
        except ConfigProblem:
            _log.warning("%s is not ours alone, and is not used", self._path)
            return None
        return from_bytes(content, party)

    def store(self, stored: StoredSession) -> None:
        """Leave this for the next process, in place of what was there."""
        try:
            replace_private(self._path, to_bytes(stored))
        except OSError as error:
            if not self._failing:
                _log.warning(
                    "the session is not stored, so the next start needs a login: %s: %s",
                    self._path,
                    (error.strerror or str(error)).lower(),
                )
            self._failing = True
        else:
            self._failing = False
