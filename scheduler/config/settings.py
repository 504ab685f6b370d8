"""A read configuration: sites, how to reach their gateways, where the daemon listens."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from rules.errors import RuleProblems
from rules.language import load_rules
from scheduler.config.passwords import password_from
from scheduler.domain import Safety
from scheduler.errors import ConfigProblem
from scheduler.gateways import is_plain
from scheduler.private_files import credential

SOCKET = "pwsched.sock"
"""The control socket, where the configuration does not name another."""

SERVICE_FOLDER = Path("/run/pwsched")
"""The runtime folder that the shipped unit asks for."""

Route = Literal["local", "v1r", "fleet"]

LONGEST_SOCKET = 107
"""Bytes of a Unix socket's path, without the zero at its end (unix(7))."""


@dataclass(frozen=True, slots=True)
class GatewayAccess:
    """How to reach one gateway; the password stays in its file until it is needed."""

    host: str
    certificate: str | None
    login: str
    email: str
    password_file: Path | None
    credential: str
    allow_public: bool = False

    @property
    def warning(self) -> str:
        """What the owner is to know of this way to the gateway; empty where there is nothing."""
        if not is_plain(self.host):
            return ""
        return (
            f"{self.host} is plain http: anybody in your network can read the gateway's password "
            "and act in your name. Since firmware 1.20 the gateway speaks https"
        )

    def password(self) -> str:
        """The password. Raises `ConfigProblem` where there is none that may be used."""
        return password_from(self.host, self.credential, self.password_file)


@dataclass(frozen=True, slots=True)
class SignedAccess:
    """The key of signed control; it stays in its file until it is needed."""

    key_file: Path | None
    credential: str

    def key(self) -> Path:
        """The file with the key. Raises `ConfigProblem` where there is none."""
        given = credential(self.credential, "key")
        if given is not None:
            return given
        if self.key_file is None:
            raise ConfigProblem(
                f"no key for signed control: give the service the credential {self.credential},"
                " or name a key_file under [site.v1r] that only you can read"
            )
        return self.key_file


@dataclass(frozen=True, slots=True)
class FleetAccess:
    """How to reach a site by the Fleet API; tokens stay in their file until they are needed.

    `budget` is in dollars a month.
    """

    tokens_file: Path | None
    credential: str
    site_id: int | None = None
    budget: float = 10.0


@dataclass(frozen=True, slots=True)
class Site:
    """One home, ready for its loop.

    `route` is how it is controlled. What the `gateway` shows is read there; without one, all of it
    by the route.
    """

    name: str
    rules: tuple[Path, ...]
    poll: timedelta
    gateway: GatewayAccess | None
    safety: Safety
    inputs: Path | None = None
    route: Route = "local"
    signed: SignedAccess | None = None
    fleet: FleetAccess | None = None

    @property
    def host(self) -> str:
        """The gateway at home, where the site has one."""
        return "" if self.gateway is None else self.gateway.host

    @property
    def certificate(self) -> str | None:
        """What the gateway at home is recognised by."""
        return None if self.gateway is None else self.gateway.certificate

    @property
    def login(self) -> str:
        """Whose login it is, or the route that has none."""
        return self.route if self.gateway is None else self.gateway.login

    @property
    def warning(self) -> str:
        """What the owner is to know of the way to this site; empty where there is nothing."""
        return "" if self.gateway is None else self.gateway.warning

    def zone(self) -> ZoneInfo:
        """The owner's time zone, as the rules say it; UTC where they cannot be read."""
        try:
            return load_rules(self.rules).almanac.zone
        except RuleProblems:
            return ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Config:
    """What the daemon is to do. `path` is the file that says it, where there is one."""

    journal: Path
    sites: tuple[Site, ...]
    control: Path | None = None
    path: Path | None = None

    def socket(self) -> Path:
        """Where the daemon listens: as said, else in its runtime folder, else beside the journal.

        Raises `ConfigProblem` for a path that is longer than the kernel allows.
        """
        return self.sockets()[0]

    def one(self, name: str | None) -> Site:
        """The site of this name, or the only one. Raises `ConfigProblem`."""
        sites = {site.name: site for site in self.sites}
        return sites[one_of(list(sites), name)]

    def sockets(self) -> tuple[Path, ...]:
        """Where to look for the daemon: a shell is not told the runtime folder of a service.

        Raises `ConfigProblem` as `socket` does.
        """
        if self.control is not None:
            return (short_enough(self.control),)
        beside = self.journal.with_name(SOCKET)
        runtime = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        if runtime:
            return (short_enough(Path(runtime) / SOCKET),)
        return (short_enough(beside), SERVICE_FOLDER / SOCKET)


def one_of(names: Sequence[str], site: str | None) -> str:
    """The site that is meant. Raises `ConfigProblem` where that is not clear."""
    if site is None and len(names) == 1:
        return names[0]
    if site is None:
        raise ConfigProblem(f"--site: say which of {', '.join(names)}")
    if site not in names:
        raise ConfigProblem(f'--site: there is no site "{site}"; there are: {", ".join(names)}')
    return site


def short_enough(path: Path) -> Path:
    """A path that a Unix socket may have."""
    length = len(os.fsencode(path))
    if length > LONGEST_SOCKET:
        raise ConfigProblem(
            f"{path}: {length} bytes are too long for a socket, which may have {LONGEST_SOCKET};"
            ' name a shorter one: [control] socket = "/run/pwsched/pwsched.sock"'
        )
    return path
