"""`pwsched flag`: named facts from outside, with an expiry."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from scheduler.cli.options import CONFIG, SITE

if TYPE_CHECKING:
    from scheduler.config import Site


def flag(
    name: Annotated[str | None, typer.Argument(help="The flag; without it all are shown.")] = None,
    state: Annotated[str | None, typer.Argument(help="on or off.")] = None,
    *,
    config: CONFIG = None,
    site: SITE = None,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help='How long: "36h", "3d" or "90m".')
    ] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help='Until "22:00" at the site, "tomorrow 16:05".'),
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Set it even if no rule asks for it.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The flags as JSON.")] = False,
) -> None:
    """Set a flag, clear it, or show which are set. The daemon sees it at its next poll.

    Exit 1 if no rule asks for a flag that is to be set.
    """
    from scheduler.cli.asked_flags import refuse_unasked
    from scheduler.clock import SystemClock
    from scheduler.config import find_config, load_config
    from scheduler.errors import ConfigProblem
    from scheduler.inputs import flag_name, set_flag, take_back

    path, now = find_config(config), SystemClock().now()
    settings = load_config(path)
    chosen = settings.one(site)
    folder, zone = _folder(chosen, path), chosen.zone()
    if state not in {None, "on", "off"} or (name is not None and state is None):
        raise ConfigProblem(f'say "pwsched flag {name} on" or "pwsched flag {name} off"')
    if lasting is not None and state != "on":
        raise ConfigProblem("--for: says how long a flag is on")
    if until is not None and (state != "on" or lasting is not None):
        raise ConfigProblem("--until: says until when a flag is on, in the place of --for")
    if anyway and state != "on":
        raise ConfigProblem("--anyway: goes with on")
    if name is not None and state == "on":
        expiry = _expiry(lasting, until, now, zone)
        if not anyway:
            refuse_unasked(settings, chosen, flag_name(name))
        set_flag(folder, name, expiry)
    elif name is not None and state == "off":
        take_back(folder, name)
    _show(folder, now, zone, as_json=as_json)


def _show(folder: Path, now: datetime, zone: ZoneInfo, *, as_json: bool) -> None:
    """Print which flags are set, and what is wrong with their files."""
    from scheduler.inputs import InputFolder

    problems: list[str] = []
    flags = InputFolder(folder).read(problems.append).flags
    live = {key: at for key, at in sorted(flags.items()) if at is None or at > now}
    for problem in problems:
        typer.echo(f"pwsched: {problem}", err=True)
    if as_json:
        print(json.dumps({key: at.isoformat() if at else None for key, at in live.items()}))
        return
    for key, at in live.items():
        print(f"{key}: set" + (f" until {_on_the_clock(at, zone)}" if at else ""))
    if not live:
        print("no flag is set")


def _folder(site: Site, config: Path) -> Path:
    """The input folder of a site."""
    from scheduler.errors import ConfigProblem

    if site.inputs is None:
        raise ConfigProblem(f'site {site.name} has no inputs; say inputs = "inputs" in {config}')
    return site.inputs


def _on_the_clock(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"


def _expiry(
    lasting: str | None, until: str | None, now: datetime, zone: ZoneInfo
) -> datetime | None:
    from rules.language import Towards, parse_span
    from scheduler.cli.moment import moment_of
    from scheduler.errors import ConfigProblem

    if until is not None:
        end = moment_of("--until", until, now, zone, Towards.FUTURE)
        if end <= now:
            raise ConfigProblem(f"--until: that is over already: {_on_the_clock(end, zone)}")
        return end
    try:
        return now + parse_span(lasting) if lasting else None
    except ValueError as error:
        raise ConfigProblem(f"--for: {error}") from None
    except OverflowError:
        raise ConfigProblem(f"--for: {lasting} is longer than there will be years") from None
