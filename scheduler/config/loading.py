"""Finds pwsched.toml and reads it."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import ValidationError

from rules.domain import Export, Mode, Setting
from rules.errors import RuleProblems, printable
from rules.language import problems_of, read_toml
from scheduler.config.settings import (
    Config,
    FleetAccess,
    GatewayAccess,
    SignedAccess,
    Site,
    short_enough,
)
from scheduler.config.tables import ConfigFile, GatewayTable, SiteTable
from scheduler.domain import Safety
from scheduler.errors import ConfigProblem

HERE = Path("pwsched.toml")
"""The configuration in the working folder, where a call names none."""

SERVICE_CONFIG = Path("/etc/pwsched/pwsched.toml")
"""The configuration that the shipped unit names."""

CONFIG_VARIABLE = "PWSCHED_CONFIG"
"""The variable of the environment that names another configuration."""


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
    control = short_enough(folder / file.control.socket) if file.control else None
    return Config(folder / file.journal, sites, control, path)


def _site(site: SiteTable, folder: Path) -> Site:
    safety = site.safety
    return Site(
        site.name,
        tuple(folder / rules for rules in site.rules),
        site.poll,
        _gateway(site.gateway, folder),
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
        _file(site.inputs, folder),
        site.route,
        None
        if site.v1r is None
        else SignedAccess(_file(site.v1r.key_file, folder), site.v1r.credential),
        None
        if site.fleet is None
        else FleetAccess(
            _file(site.fleet.tokens_file, folder),
            site.fleet.credential,
            site.fleet.site_id,
            site.fleet.budget,
        ),
    )


def _gateway(table: GatewayTable | None, folder: Path) -> GatewayAccess | None:
    if table is None:
        return None
    return GatewayAccess(
        table.host,
        table.certificate,
        table.login,
        table.email,
        _file(table.password_file, folder),
        table.credential,
        table.allow_public,
    )


def _file(said: str | None, folder: Path) -> Path | None:
    return folder / said if said else None
