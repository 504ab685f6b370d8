"""pwsched.toml: which sites there are, how to reach them, the owner's limits, where the journal is.

Paths are relative to the folder of the file. The password is never in it: it comes from a systemd
credential, or from a file that only its owner may read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, field_validator, model_validator

from rules.domain import Export, Mode, Setting
from rules.errors import KeyMistake, RuleProblems, printable
from rules.language import (
    Duration,
    ExportWord,
    ModeWord,
    Reserve,
    Strict,
    load_rules,
    problems_of,
    read_toml,
)
from scheduler.domain import Safety
from scheduler.errors import ConfigProblem
from scheduler.gateways import WAY_OUT, is_plain, public_literal

SHORTEST_POLL = timedelta(seconds=5)
"""Reported harmless to the gateway; below it nobody has tried for long."""

LONGEST_POLL = timedelta(minutes=5)
"""Beyond it a stopped battery or a grid that is down would go unnoticed; the watchdog of the
service unit is longer."""


SOCKET = "pwsched.sock"
"""The control socket, where the configuration does not name another."""

SERVICE_FOLDER = Path("/run/pwsched")
"""The runtime folder that the shipped unit asks for."""

HERE = Path("pwsched.toml")
"""The configuration in the working folder, where a call names none."""

SERVICE_CONFIG = Path("/etc/pwsched/pwsched.toml")
"""The configuration that the shipped unit names."""

CONFIG_VARIABLE = "PWSCHED_CONFIG"
"""The variable of the environment that names another configuration."""

LONGEST_SOCKET = 107
"""Bytes of a Unix socket's path, without the zero at its end (unix(7))."""


class SafeTable(Strict):
    """The setting that the owner wants if all else fails."""

    mode: ModeWord
    """The operation mode."""
    reserve: Reserve
    """The backup reserve in percent as the Tesla app shows it."""
    grid_charging: bool | None = None
    """Whether the battery may be charged from the grid; not beyond the limit beside `safe`."""
    export: ExportWord | None = None
    """What may be sold to the grid; not beyond the limit beside `safe`."""


class SafetyTable(Strict):
    """The owner's limits. There is no default for the first two: only the owner can say them.

    `grid_charging` and `export` are what the terms of the interconnection permit.
    """

    reserve_floor: Reserve
    """No rule and no hold sets the reserve below this."""
    safe: SafeTable
    """The safe state: the setting that you want if all else fails."""
    grid_charging: bool = True
    """`false` if your interconnection agreement forbids charging the battery from the grid."""
    export: ExportWord = "battery_ok"
    """The most that may be exported: nothing, solar power only, or from the battery too."""
    writes_an_hour: Annotated[int, Field(ge=2, le=12)] = 6
    """At most so many writes in an hour. The last one is kept for the safe state; `hold`, `resume`
    and `release` have 6 of their own."""
    writes_a_day: Annotated[int, Field(ge=1, le=96)] = 24
    """At most so many writes in 24 hours."""
    dwell: Duration = timedelta(minutes=15)
    """How long a setting must have been left before the daemon returns to it."""
    hold_max: Duration = timedelta(hours=12)
    """How long a change made in the app is respected at most, 15 minutes to 168 hours."""

    @field_validator("hold_max")
    @classmethod
    def _is_respectful(cls, length: timedelta) -> timedelta:
        if not timedelta(minutes=15) <= length <= timedelta(days=7):
            raise ValueError("must be between 15m and 168h")
        return length

    @model_validator(mode="after")
    def _permits_the_safe_state(self) -> SafetyTable:
        safe = self.safe
        if safe.grid_charging and not self.grid_charging:
            raise KeyMistake(
                "safe", "grid_charging = true goes beyond grid_charging = false beside it"
            )
        if safe.export is not None and Export(safe.export).rank > Export(self.export).rank:
            said = f'export = "{safe.export}" goes beyond export = "{self.export}" beside it'
            raise KeyMistake("safe", said)
        return self


class GatewayTable(Strict):
    """How to reach and to trust the gateway."""

    route: Literal["local"] = "local"
    """How the site is controlled."""
    host: Annotated[str, Field(min_length=1)]
    """Name or address of the gateway, with `:port` if it is not 443. With `http://` before it,
    `pwsched` speaks plain http, port 80, which only [firmware before 1.20](firmware.md#plain-http)
    needs: anybody in your network can then read the password."""
    certificate: str | None = None
    """The SHA-256 fingerprint of the gateway's certificate. Without it, the daemon shows what it
    found and ends. Plain http has none."""
    login: Literal["customer", "installer"] = "customer"
    """Whose login it is."""
    email: str = ""
    """Sent with the login; some firmware asks for it."""
    password_file: str | None = None
    """A file with the password that only you can read (mode 600)."""
    credential: str = "gateway-password"
    """The systemd credential with the password. It takes precedence over `password_file`."""
    allow_public: bool = False
    """Permit an address outside private networks; never over plain http."""

    @model_validator(mode="after")
    def _is_in_a_private_network(self) -> GatewayTable:
        try:
            public = public_literal(self.host)
        except ValueError as error:
            raise KeyMistake("host", str(error)) from None
        if public is not None and not self.allow_public:
            raise KeyMistake("host", f"{public} is in no private network: {WAY_OUT}")
        return self

    @model_validator(mode="after")
    def _says_nothing_that_plain_http_has_not(self) -> GatewayTable:
        if is_plain(self.host) and self.certificate is not None:
            raise KeyMistake(
                "certificate", "plain http has none: leave it out, or take http:// from the host"
            )
        if is_plain(self.host) and self.allow_public:
            raise KeyMistake(
                "allow_public", "over plain http the password never leaves a private network"
            )
        return self

    @field_validator("certificate")
    @classmethod
    def _is_a_fingerprint(cls, said: str | None) -> str | None:
        if said is not None and not re.fullmatch("sha256:[0-9a-f]{64}", said):
            raise ValueError('must be "sha256:" and the 64 hex digits that the gateway shows')
        return said


class SiteTable(Strict):
    """One home."""

    name: str
    """Up to 40 letters, digits, `-` and `_`, starting with a letter or digit."""
    rules: Annotated[list[str], Field(min_length=1)]
    """The rule files: one base file and any others, in order."""
    poll: Duration = timedelta(seconds=30)
    """The time between polls, 5 seconds to 5 minutes."""
    inputs: str | None = None
    """The folder for flags, values and prices."""
    gateway: GatewayTable
    """How to reach the gateway."""
    safety: SafetyTable
    """Your limits."""

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, said: str) -> str:
        if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]{0,39}", said):
            raise ValueError("must be up to 40 letters, digits, - and _, a letter or digit first")
        return said

    @model_validator(mode="after")
    def _polls_sensibly(self) -> SiteTable:
        if not SHORTEST_POLL <= self.poll <= LONGEST_POLL:
            raise ValueError("poll must be between 5s and 5m")
        return self


class ControlTable(Strict):
    """Where the daemon hears what its owner says."""

    socket: Annotated[str, Field(min_length=1)]
    """The path of the control socket, at most 107 bytes."""


class ConfigFile(Strict):
    """The whole file."""

    journal: str = "journal.sqlite"
    """The journal's file. One journal holds all sites."""
    control: ControlTable | None = None
    """The control socket, where it is not in the usual place."""
    site: Annotated[list[SiteTable], Field(min_length=1)]
    """One table for each home."""

    @model_validator(mode="after")
    def _names_differ(self) -> ConfigFile:
        names = [site.name for site in self.site]
        if len(set(names)) < len(names):
            raise ValueError("two sites have the same name")
        return self


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
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        found = Path(folder) / self.credential if folder else None
        if found is not None and (content := _credential(found)) is not None:
            return _usable(content, found)
        if self.password_file is None:
            raise ConfigProblem(
                f"no password for {self.host}: give the service the credential"
                f" {self.credential}, or name a password_file that only you can read"
            )
        return _read_secret(self.password_file)


@dataclass(frozen=True, slots=True)
class Site:
    """One home, ready for its loop."""

    name: str
    rules: tuple[Path, ...]
    poll: timedelta
    gateway: GatewayAccess
    safety: Safety
    inputs: Path | None = None

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
            return (_short(self.control),)
        beside = self.journal.with_name(SOCKET)
        runtime = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        if runtime:
            return (_short(Path(runtime) / SOCKET),)
        return (_short(beside), SERVICE_FOLDER / SOCKET)


def one_of(names: Sequence[str], site: str | None) -> str:
    """The site that is meant. Raises `ConfigProblem` where that is not clear."""
    if site is None and len(names) == 1:
        return names[0]
    if site is None:
        raise ConfigProblem(f"--site: say which of {', '.join(names)}")
    if site not in names:
        raise ConfigProblem(f'--site: there is no site "{site}"; there are: {", ".join(names)}')
    return site


def find_config(named: Path | None, *, or_else: str = "") -> Path:
    """The configuration that is meant: the named, the environment's, ours here, or the service's.

    `or_else` is what else a call could say, for the sentence about none. Raises `ConfigProblem`.
    """
    if named is not None:
        return named
    if said := os.environ.get(CONFIG_VARIABLE):
        if not _may_be_there(Path(said)):
            raise ConfigProblem(
                printable(f"{CONFIG_VARIABLE} names {said}, and there is no such file")
            )
        return Path(said)
    for place in (HERE, SERVICE_CONFIG):
        if _may_be_there(place):
            return place
    instead = f", or {or_else}" if or_else else ""
    raise ConfigProblem(
        f"no configuration found: neither ./{HERE} nor {SERVICE_CONFIG} is there, and"
        f" {CONFIG_VARIABLE} is not set; say --config FILE{instead}"
    )


def _may_be_there(path: Path) -> bool:
    """Whether to try this file: one that we may not look at is told of when it is read."""
    try:
        return path.exists()
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def load_config(path: Path) -> Config:
    """Read pwsched.toml. Raises `ConfigProblem` with everything that is wrong in it."""
    try:
        text, values = read_toml(path)
        file = ConfigFile.model_validate(values)
    except RuleProblems as error:
        raise ConfigProblem(str(error)) from None
    except ValidationError as error:
        problems = problems_of(error, str(path), text, values, ConfigFile)
        raise ConfigProblem("\n".join(str(problem) for problem in problems)) from None
    folder = path.parent
    sites = tuple(_site(site, folder) for site in file.site)
    control = _short(folder / file.control.socket) if file.control else None
    return Config(folder / file.journal, sites, control, path)


def _site(site: SiteTable, folder: Path) -> Site:
    gateway, safety = site.gateway, site.safety
    return Site(
        site.name,
        tuple(folder / rules for rules in site.rules),
        site.poll,
        GatewayAccess(
            gateway.host,
            gateway.certificate,
            gateway.login,
            gateway.email,
            folder / gateway.password_file if gateway.password_file else None,
            gateway.credential,
            gateway.allow_public,
        ),
        Safety(
            reserve_floor=safety.reserve_floor,
            safe=Setting(
                Mode(safety.safe.mode),
                safety.safe.reserve,
                safety.safe.grid_charging,
                None if safety.safe.export is None else Export(safety.safe.export),
            ),
            writes_an_hour=safety.writes_an_hour,
            writes_a_day=safety.writes_a_day,
            dwell=safety.dwell,
            hold_max=safety.hold_max,
            grid_charging=safety.grid_charging,
            export=Export(safety.export),
        ),
        folder / site.inputs if site.inputs else None,
    )


def _short(path: Path) -> Path:
    """A path that a Unix socket may have."""
    length = len(os.fsencode(path))
    if length > LONGEST_SOCKET:
        raise ConfigProblem(
            f"{path}: {length} bytes are too long for a socket, which may have {LONGEST_SOCKET};"
            ' name a shorter one: [control] socket = "/run/pwsched/pwsched.sock"'
        )
    return path


def _credential(path: Path) -> bytes | None:
    """What the service was given; `None` where it was given nothing of this name.

    Only a person can mend a folder that we may not read: a restart would find it the same.
    """
    try:
        return path.read_bytes() if path.is_file() else None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _read_secret(path: Path) -> str:
    """A secret from a file that nobody else may read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise ConfigProblem(
                f"{path}: is not a regular file; name the file with the gateway's password"
            )
        if stat.S_IMODE(mode) & 0o077:
            raise ConfigProblem(f"{path}: others may read the password; chmod 600 it")
        content = os.read(descriptor, 4096)
    except OSError as error:
        raise _unreadable(path, error) from None
    finally:
        os.close(descriptor)
    return _usable(content, path)


def _unreadable(path: Path, error: OSError | ValueError) -> ConfigProblem:
    """A sentence about a password that is out of reach; a zero byte in a path is no `OSError`."""
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    if isinstance(error, PermissionError):
        reason += "; check the owner and mode of the file and of its folder"
    return ConfigProblem(printable(f"{path}: cannot read the password: {reason}"))


def _usable(content: bytes, path: Path) -> str:
    """The password in a file; an empty one would only cost a login."""
    try:
        password = content.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise ConfigProblem(f"{path}: the password is not UTF-8 text; write it anew") from None
    if not password:
        raise ConfigProblem(f"{path}: is empty; write the gateway's password into it")
    return password
