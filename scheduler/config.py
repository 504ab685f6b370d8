"""pwsched.toml: which sites there are, how to reach them, the owner's limits, where the journal is.

Paths are relative to the folder of the file. The password is never in it: it comes from a systemd
credential, or from a file that only its owner may read.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from rules.domain import Mode
from rules.errors import RuleProblems
from rules.model import Duration, ModeWord, Reserve, Strict
from rules.problems import problems_of, read_toml
from scheduler.errors import ConfigProblem
from scheduler.gateways.protocol import FullSetting
from scheduler.reconcile import Safety

SHORTEST_POLL = timedelta(seconds=5)
"""Reported harmless to the gateway; below it nobody has tried for long."""


class SafeTable(Strict):
    """The setting that the owner wants if all else fails."""

    mode: ModeWord
    reserve: Reserve


class SafetyTable(Strict):
    """The owner's limits. There is no default for the first two: only the owner can say them."""

    reserve_floor: Reserve
    safe: SafeTable
    writes_an_hour: Annotated[int, Field(ge=1, le=12)] = 6
    writes_a_day: Annotated[int, Field(ge=1, le=96)] = 24
    dwell: Duration = timedelta(minutes=15)


class GatewayTable(Strict):
    """How to reach and to trust the gateway."""

    route: Literal["local"] = "local"
    host: Annotated[str, Field(min_length=1)]
    certificate: Annotated[str | None, Field(pattern=r"^sha256:[0-9a-f]{64}$")] = None
    login: Literal["customer", "installer"] = "customer"
    email: str = ""
    password_file: str | None = None
    credential: str = "gateway-password"


class SiteTable(Strict):
    """One home."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
    rules: Annotated[list[str], Field(min_length=1)]
    poll: Duration = timedelta(seconds=30)
    gateway: GatewayTable
    safety: SafetyTable

    @model_validator(mode="after")
    def _polls_sensibly(self) -> SiteTable:
        if not SHORTEST_POLL <= self.poll <= timedelta(minutes=5):
            raise ValueError("poll must be between 5s and 5m")
        return self


class ConfigFile(Strict):
    """The whole file."""

    journal: str = "journal.sqlite"
    site: Annotated[list[SiteTable], Field(min_length=1)]

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

    def password(self) -> str:
        """The password. Raises `ConfigProblem` where there is none that may be used."""
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        if folder and (found := Path(folder) / self.credential).is_file():
            return found.read_text(encoding="utf-8").strip()
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


@dataclass(frozen=True, slots=True)
class Config:
    """What the daemon is to do."""

    journal: Path
    sites: tuple[Site, ...]


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
    return Config(folder / file.journal, tuple(_site(site, folder) for site in file.site))


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
        ),
        Safety(
            safety.reserve_floor,
            FullSetting(Mode(safety.safe.mode), safety.safe.reserve),
            safety.writes_an_hour,
            safety.writes_a_day,
            safety.dwell,
        ),
    )


def _read_secret(path: Path) -> str:
    """A secret from a file that nobody else may read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigProblem(f"{path}: cannot read the password: {reason}") from None
    with os.fdopen(descriptor, encoding="utf-8") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode) or stat.S_IMODE(mode) & 0o077:
            raise ConfigProblem(f"{path}: others may read the password; chmod 600 it")
        return file.read(4096).strip()
