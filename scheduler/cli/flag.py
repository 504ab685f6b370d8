"""`pwsched flag`: named facts from outside, with an expiry."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from scheduler.config import Site


def flag(
    name: Annotated[str | None, typer.Argument(help="The flag; without it all are shown.")] = None,
    state: Annotated[str | None, typer.Argument(help="on or off.")] = None,
    *,
    config: Annotated[Path, typer.Option(metavar="FILE", help="The configuration.")],
    site: Annotated[str | None, typer.Option(help="The site, if there are several.")] = None,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help='How long: "36h" or "90m".')
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
    from scheduler.config import load_config
    from scheduler.errors import ConfigProblem
    from scheduler.inputs import flag_name, set_flag, take_back

    settings, now = load_config(config), SystemClock().now()
    chosen = settings.one(site)
    folder = _folder(chosen, config)
    if state not in {None, "on", "off"} or (name is not None and state is None):
        raise ConfigProblem(f'say "pwsched flag {name} on" or "pwsched flag {name} off"')
    if lasting is not None and state != "on":
        raise ConfigProblem("--for: says how long a flag is on")
    if anyway and state != "on":
        raise ConfigProblem("--anyway: goes with on")
    if name is not None and state == "on":
        expiry = _expiry(lasting, now)
        if not anyway:
            refuse_unasked(settings, chosen, flag_name(name))
        set_flag(folder, name, expiry)
    elif name is not None and state == "off":
        take_back(folder, name)
    _show(folder, now, as_json=as_json)


def _show(folder: Path, now: datetime, *, as_json: bool) -> None:
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
        print(f"{key}: set" + (f" until {at:%Y-%m-%d %H:%M} UTC" if at else ""))
    if not live:
        print("no flag is set")


def _folder(site: Site, config: Path) -> Path:
    """The input folder of a site."""
    from scheduler.errors import ConfigProblem

    if site.inputs is None:
        raise ConfigProblem(f'site {site.name} has no inputs; say inputs = "inputs" in {config}')
    return site.inputs


def _expiry(lasting: str | None, now: datetime) -> datetime | None:
    from rules.language import parse_duration
    from scheduler.errors import ConfigProblem

    try:
        return now + parse_duration(lasting) if lasting else None
    except ValueError as error:
        raise ConfigProblem(f"--for: {error}") from None
