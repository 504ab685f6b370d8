"""`pwsched hold`, `resume`, `release`, `reload`: requests of the owner to the daemon.

The first three wait until the gateway has what is wanted since, or until it is known why not.
Where none runs, a hold and a release are applied by this process, and
the journal stores them for the next daemon.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rules.domain import Export, Mode
from scheduler.cli.options import CONFIG, SITE

if TYPE_CHECKING:
    from scheduler.config import Config
    from scheduler.loop import MakeRequest


class Switch(StrEnum):
    """On or off, as a word of the command line."""

    ON = "on"
    OFF = "off"


NO_WAIT = Annotated[
    bool, typer.Option("--no-wait", help="Do not wait up to 30 s for what comes of it.")
]


def hold(
    *,
    reserve: Annotated[
        int | None, typer.Option(metavar="PERCENT", help="The reserve, as the Tesla app shows it.")
    ] = None,
    mode: Annotated[Mode | None, typer.Option(help="The operation mode.")] = None,
    grid_charging: Annotated[
        Switch | None, typer.Option(help="Whether the battery may be charged from the grid.")
    ] = None,
    export: Annotated[Export | None, typer.Option(help="What may be sold to the grid.")] = None,
    until: Annotated[
        str | None,
        typer.Option(metavar="TIME", help='Until "22:00" at the site, "tomorrow 07:30", ISO.'),
    ] = None,
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help='How long: "3h", "3d" or "90m".')
    ] = None,
    no_wait: NO_WAIT = False,
    site: SITE = None,
    config: CONFIG = None,
) -> None:
    """Hold parts of the setting above all rules, until the given time or until `resume`.

    Exit 1 with the reason if the gateway does not have it yet.
    """
    from functools import partial

    from scheduler.control.events import Hold

    settings = _settings(config)
    charging = None if grid_charging is None else grid_charging is Switch.ON
    arguments = {
        "mode": mode,
        "reserve": reserve,
        "grid_charging": charging,
        "export": export,
        "until": until,
        "lasting": lasting,
    }
    if not _sent_to_daemon(settings, "hold", site, arguments, wait=not no_wait):
        request = partial(
            Hold,
            by=_by(),
            mode=mode,
            reserve=reserve,
            grid_charging=charging,
            export=export,
            until=until,
            lasting=lasting,
        )
        _hold_offline(settings, site, request)


def release(*, no_wait: NO_WAIT = False, site: SITE = None, config: CONFIG = None) -> None:
    """Go to the safe state of the configuration and stay there until `resume`.

    Exit 1 with the reason if the gateway does not have it yet.
    """
    from functools import partial

    from scheduler.control.events import Release

    settings = _settings(config)
    if not _sent_to_daemon(settings, "release", site, {}, wait=not no_wait):
        _hold_offline(settings, site, partial(Release, by=_by()))


def resume(*, no_wait: NO_WAIT = False, site: SITE = None, config: CONFIG = None) -> None:
    """End a hold, a release or an override: the rules decide again.

    Exit 1 with the reason if the gateway does not have yet what they want.
    """
    import asyncio

    from scheduler.cli.run import this_run
    from scheduler.clock import SystemClock
    from scheduler.control.hold import resumed
    from scheduler.process import resume_offline

    settings = _settings(config)
    if _sent_to_daemon(settings, "resume", site, {}, wait=not no_wait):
        return
    chosen = settings.one(site)
    run, clock = this_run(), SystemClock()
    ended = asyncio.run(resume_offline(settings, chosen, _by(), clock, run))
    print(f"{chosen.name}: {resumed(ended)}")
    print("no daemon is running: the gateway keeps its setting until one is")


def reload(*, site: SITE = None, config: CONFIG = None) -> None:
    """Reload the configuration and the rules; if there is a mistake, the old ones stay."""
    from scheduler.errors import NotAnswered
    from scheduler.ipc import ask

    answer = ask(_settings(config), "reload", site=site)
    if answer is None:
        raise NotAnswered("no daemon is running; it reads the rules when it starts")
    for line in answer["text"]:
        print(line)


def _sent_to_daemon(
    settings: Config, command: str, site: str | None, arguments: Mapping[str, object], *, wait: bool
) -> bool:
    """Send it to the daemon, if there is one, and print what it answers.

    Raises `NotAnswered` with the reason where it is not done yet.
    """
    from scheduler.errors import NotAnswered
    from scheduler.ipc import ask

    answer = ask(settings, command, site=site, wait=wait or None, **arguments)
    if answer is None:
        return False
    print(f"{answer['site']}: {answer['text']}", flush=True)
    if wait and not answer["done"]:
        raise NotAnswered(answer["outcome"])
    if wait:
        print(f"{answer['site']}: {answer['outcome']}")
    elif answer["advising"]:
        print("the daemon only advises: it journals what it would write, and writes nothing")
    return True


def _hold_offline(settings: Config, site: str | None, request: MakeRequest) -> None:
    import asyncio

    from scheduler.cli.run import this_run
    from scheduler.clock import SystemClock
    from scheduler.gateways.local import quiet_http_logs
    from scheduler.listeners import log_notification, set_up_logging
    from scheduler.process import hold_offline

    chosen = settings.one(site)
    set_up_logging(verbose=False)
    quiet_http_logs()
    typer.echo("no daemon is running; doing it here, which takes up to three minutes", err=True)
    clock, run = SystemClock(), this_run()
    holding = hold_offline(settings, chosen, request, clock, run, (log_notification,))
    print(f"{chosen.name}: {asyncio.run(holding)}")
    print("without a daemon, nothing maintains or ends this hold")


def _settings(config: Path | None) -> Config:
    from scheduler.config import find_config, load_config

    return load_config(find_config(config))


def _by() -> str:
    import os

    from scheduler.ipc import Peer

    return str(Peer(os.getuid(), frozenset()))
