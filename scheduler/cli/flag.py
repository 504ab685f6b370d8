"""`pwsched flag`: named facts from outside, with an expiry."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from scheduler.cli.options import CONFIG, SITE


def flag(
    name: Annotated[str | None, typer.Argument(help="The flag; without it all are shown.")] = None,
    state: Annotated[str | None, typer.Argument(help="on or off.")] = None,
    *,
    config: CONFIG = None,
    site: SITE = None,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help='How long: "36h" or "90m".')
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The flags as JSON.")] = False,
) -> None:
    """Set a flag, clear it, or show which are set. The daemon sees it at its next poll."""
    from scheduler.clock import SystemClock
    from scheduler.errors import ConfigProblem
    from scheduler.inputs import InputFolder, set_flag, take_back

    folder, now = _folder(config, site), SystemClock().now()
    if state not in {None, "on", "off"} or (name is not None and state is None):
        raise ConfigProblem(f'say "pwsched flag {name} on" or "pwsched flag {name} off"')
    if lasting is not None and state != "on":
        raise ConfigProblem("--for: says how long a flag is on")
    if name is not None and state == "on":
        set_flag(folder, name, _expiry(lasting, now))
    elif name is not None and state == "off":
        take_back(folder, name)
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


def _folder(config: Path | None, name: str | None) -> Path:
    """The input folder of the chosen site."""
    from scheduler.config import find_config, load_config
    from scheduler.errors import ConfigProblem

    path = find_config(config)
    chosen = load_config(path).one(name)
    if chosen.inputs is None:
        raise ConfigProblem(f'site {chosen.name} has no inputs; say inputs = "inputs" in {path}')
    return chosen.inputs


def _expiry(lasting: str | None, now: datetime) -> datetime | None:
    from rules.language import parse_span
    from scheduler.errors import ConfigProblem

    try:
        return now + parse_span(lasting) if lasting else None
    except ValueError as error:
        raise ConfigProblem(f"--for: {error}") from None
    except OverflowError:
        raise ConfigProblem(f"--for: {lasting} is longer than there will be years") from None
