"""The login at the Fleet API: where it comes from, and where it is kept as it is renewed.

Policy:

* It is a JSON file with the keys of the one that `python -m pypowerwall setup -fleetapi` writes, so
  that what was registered there can be used as it is. Keys that mean nothing here are kept.
* A refresh token works once. What was renewed is on the disk before anything else happens: beside
  the old file, then in its place. Nobody else may read it; a symbolic link is not followed.
* Only one process renews at a time, and looks first whether another has just done so.
* A login given by the service manager cannot be written to. What it became is kept in a file beside
  the journal, which wins for as long as the given one is what it came from: another given login is
  one that the owner has made since.
* Neither token nor secret is in any representation, error or log.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlsplit

from scheduler.errors import ConfigProblem, Paused
from scheduler.gateways import instant, is_token, number, strict_object
from scheduler.private_files import credential, read_private, replace_private, unreadable

REGIONS: Final = MappingProxyType(
    {
        "na": "https://fleet-api.prd.na.vn.cloud.tesla.com",
        "eu": "https://fleet-api.prd.eu.vn.cloud.tesla.com",
        "cn": "https://fleet-api.prd.cn.vn.cloud.tesla.cn",
    }
)
"""Where the API is: North America and Asia-Pacific; Europe, the Middle East, Africa; China."""

REGISTER: Final = "python -m pypowerwall setup -fleetapi"
LONGEST_FILE: Final = 64 * 1024
ACCESS_TOKENS_LAST: Final = timedelta(hours=8)
"""As reported, where nothing else is said."""

REFRESH_TOKENS_LAST: Final = timedelta(days=90)
"""Fleet API, frequently asked questions: three months."""

_OLDEST_USED: Final = timedelta(hours=2)
_LOCK_PATIENCE: Final = 20.0
_LOCK_POLL: Final = 0.05
_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,200}", re.ASCII)
_SITE_ID: Final = re.compile(r"[0-9]{1,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Registration:
    """The owner's application: whose requests are counted, where they go, and for which sites."""

    client_id: str
    audience: str
    client_secret: str | None = field(default=None, repr=False)
    site_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tokens:
    """A login. `expires_at` is when the access token ends, `renewed_at` when it was made."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime | None = None
    renewed_at: datetime | None = None

    @property
    def scopes(self) -> frozenset[str] | None:
        """What the login was granted, where its token says so."""
        listed = claims(self.access).get("scp")
        if not isinstance(listed, list):
            return None
        return frozenset(each for each in listed if isinstance(each, str))

    def is_due(self, now: datetime) -> bool:
        """It is time for a new one: long before this one ends, so that none ends at a boundary."""
        if self.expires_at is None:
            return True
        life = self.expires_at - self.renewed_at if self.renewed_at else _OLDEST_USED * 4
        return self.expires_at - now < min(_OLDEST_USED, life / 4)

    def ended(self, now: datetime) -> bool:
        """The access token is worth nothing any more, as far as is known."""
        return self.expires_at is not None and now >= self.expires_at

    @property
    def refresh_ends(self) -> datetime | None:
        """When the refresh token ends if it is not used before."""
        return self.renewed_at and self.renewed_at + REFRESH_TOKENS_LAST


def claims(access: str) -> Mapping[str, object]:
    """What a token says of itself; empty where it is no JSON web token. Nothing is verified."""
    parts = access.split(".")
    if len(parts) != 3:
        return {}
    try:
        content = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
    except ValueError:
        return {}
    return strict_object(content)


def fresh_tokens(access: str, refresh: str, expires_in: float | None, now: datetime) -> Tokens:
    """A login as it was just given; `expires_in` are the seconds that were said beside it."""
    expires_at = _claimed(access, "exp")
    if expires_at is None:
        said = expires_in is not None and 0 < expires_in < 1e9
        expires_at = now + (timedelta(seconds=expires_in or 0) if said else ACCESS_TOKENS_LAST)
    return Tokens(access, refresh, expires_at, now)


class TokenStore:
    """The file of one login.

    `file` holds the registration and the first tokens. Renewed ones are written back to it, or to
    `kept` where it is not ours to write. `region`, one of `REGIONS`, is where the API is if the
    file does not say so itself.
    """

    def __init__(self, file: Path, *, kept: Path | None = None, region: str | None = None) -> None:
        self._file = file
        self._kept = kept
        self._region = region
        self.registration, self._first = self._read_given()
        self._check_folder()

    @classmethod
    def from_credential(
        cls, given: Path, journal: Path, *, region: str | None = None
    ) -> TokenStore:
        """A login that the service manager gives; what it becomes is kept beside the journal."""
        name = f"{journal.stem}-fleet-{quote(given.name, safe='')}.json"
        return cls(given, kept=journal.with_name(name), region=region)

    @classmethod
    def find(
        cls, name: str, file: Path | None, journal: Path, *, region: str | None = None
    ) -> TokenStore:
        """The credential of this name where the service is given one, else the file.

        Raises `ConfigProblem` where there is neither, or none that can be used.
        """
        given = credential(name, "login")
        if given is not None:
            return cls.from_credential(given, journal, region=region)
        if file is None:
            raise ConfigProblem(
                f"no login at the Fleet API: give the service the credential {name}, or name a "
                "tokens_file that only you can read"
            )
        return cls(file, region=region)

    @property
    def path(self) -> Path:
        """Where renewed tokens are kept."""
        return self._kept or self._file

    def load(self) -> Tokens:
        """The newest tokens there are. Raises `ConfigProblem`."""
        if self._kept is None:
            return _tokens(self._file, _document(self._file, self._content()))
        try:
            content = read_private(self._kept, "login", LONGEST_FILE, ours=True)
        except FileNotFoundError:
            return self._first
        document = _document(self._kept, content)
        if document.get("came_from") != _trace(self._first.refresh):
            return self._first
        return _tokens(self._kept, document)

    def save(self, tokens: Tokens) -> None:
        """Put these in place of the old ones. Raises `OSError`, `ConfigProblem`."""
        document: dict[str, object] = {}
        if self._kept is None:
            document.update(_document(self._file, self._content()))
        else:
            document["came_from"] = _trace(self._first.refresh)
        document["access_token"] = tokens.access
        document["refresh_token"] = tokens.refresh
        document["expires_at"] = tokens.expires_at and tokens.expires_at.isoformat()
        document["renewed_at"] = tokens.renewed_at and tokens.renewed_at.isoformat()
        replace_private(self.path, json.dumps(document, indent=4).encode())

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else renews the login meanwhile. Raises `Paused`, `OSError`."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.path.with_name(f".{self.path.name}.lock"), flags, 0o600)
        try:
            if not _locked(descriptor):
                raise Paused(
                    f"another process renews the login in {self.path} and does not end",
                    _LOCK_PATIENCE,
                )
            yield
        finally:
            os.close(descriptor)

    def _read_given(self) -> tuple[Registration, Tokens]:
        document = _document(self._file, self._content())
        registration = _registration(self._file, document, self._region)
        return registration, _tokens(self._file, document)

    def _content(self) -> bytes:
        """The given file. The service manager's are for this service alone, whatever their mode."""
        if self._kept is not None:
            try:
                return self._file.read_bytes()[:LONGEST_FILE]
            except (OSError, ValueError) as error:
                raise unreadable(self._file, "login", error) from None
        try:
            return read_private(self._file, "login", LONGEST_FILE)
        except FileNotFoundError:
            raise ConfigProblem(
                f"{self._file}: there is no login; make one with {REGISTER}, and name its file"
            ) from None

    def _check_folder(self) -> None:
        folder = self.path.parent
        if not os.access(folder, os.W_OK):
            raise ConfigProblem(
                f"{folder}: cannot be written, and the login in it is renewed every few hours; "
                "put it in a folder that is ours to write, or give it as a credential"
            )


def _locked(descriptor: int) -> bool:
    waiting = threading.Event()
    for _ in range(int(_LOCK_PATIENCE / _LOCK_POLL)):
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        waiting.wait(_LOCK_POLL)
    return False


def _document(path: Path, content: bytes) -> Mapping[str, object]:
    document = strict_object(content)
    if not document:
        raise ConfigProblem(
            f"{path}: is damaged: no JSON object is in it; make a new login with {REGISTER}"
        )
    return document


def _registration(path: Path, document: Mapping[str, object], region: str | None) -> Registration:
    client_id = _entry(document, "client_id")
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise _unusable(path, "CLIENT_ID", "the id of your application at developer.tesla.com")
    secret = _entry(document, "client_secret")
    return Registration(
        client_id,
        _audience(path, document, region),
        secret if isinstance(secret, str) and secret else None,
        _site_ids(path, document),
    )


def _audience(path: Path, document: Mapping[str, object], region: str | None) -> str:
    said, audience = _entry(document, "region"), _entry(document, "audience")
    if isinstance(said, str) and said in REGIONS:
        return REGIONS[said]
    if said is None and audience is None and region is not None:
        return REGIONS[region]
    if isinstance(audience, str):
        with suppress(ValueError):
            parts = urlsplit(audience)
            if parts.scheme == "https" and parts.hostname and not parts.username:
                return f"https://{parts.netloc}"
    raise _unusable(path, "AUDIENCE", f"one of {', '.join(REGIONS.values())}")


def _site_ids(path: Path, document: Mapping[str, object]) -> tuple[str, ...]:
    listed = _entry(document, "site_ids")
    if listed is None:
        listed = [_entry(document, "site_id")]
    if not isinstance(listed, list):
        raise _unusable(path, "site_ids", "a list of numbers")
    texts = [str(each) for each in listed if each not in (None, "")]
    if not all(_SITE_ID.fullmatch(each) for each in texts):
        raise _unusable(path, "site_id", "the number of your energy site")
    return tuple(texts)


def _tokens(path: Path, document: Mapping[str, object]) -> Tokens:
    access, refresh = document.get("access_token"), document.get("refresh_token")
    if not is_token(refresh):
        raise _unusable(path, "refresh_token", f"what {REGISTER} has written")
    # Without an access token there is one after the first renewal.
    access = str(access) if is_token(access) else ""
    expires_at = _claimed(access, "exp") or instant(document.get("expires_at"))
    renewed_at = instant(document.get("renewed_at")) or _claimed(access, "iat")
    return Tokens(access, str(refresh), expires_at, renewed_at)


def _entry(document: Mapping[str, object], key: str) -> object:
    """The library writes some keys in capitals."""
    return document.get(key, document.get(key.upper()))


def _unusable(path: Path, key: str, what: str) -> ConfigProblem:
    return ConfigProblem(f"{path}: {key} is missing or not usable; it must be {what}")


def _trace(refresh: str) -> str:
    """What a refresh token is recognised by without being told."""
    return hashlib.sha256(refresh.encode()).hexdigest()


def _claimed(access: str, key: str) -> datetime | None:
    seconds = number(claims(access).get(key))
    if seconds is None or not 0 < seconds < 1e11:
        return None
    return datetime.fromtimestamp(seconds, UTC)
