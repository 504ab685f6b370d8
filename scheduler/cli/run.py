"""`pwsched run`: the daemon."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.options import CONFIG

if TYPE_CHECKING:
    from scheduler.process import Run


def run(
    *,
    config: CONFIG = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Poll, decide and journal; write nothing.")
    ] = False,
    allow_login: Annotated[
        bool,
        typer.Option(
            "--allow-login",
            help="With --dry-run: log in even where the firmware (before 1.50) may stop the battery"
            " for it, and start the battery again.",
        ),
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Debug lines as well.")] = False,
) -> None:
    """Run the daemon until SIGTERM or Ctrl-C. SIGHUP reads configuration and rules again."""
    import asyncio

    from scheduler.clock import SystemClock
    from scheduler.config import find_config, load_config
    from scheduler.errors import ConfigProblem
    from scheduler.gateways.local import quiet_http_logs
    from scheduler.listeners import SystemdNotifier, log_notification, set_up_logging
    from scheduler.process import run_sites

    if allow_login and not dry_run:
        raise ConfigProblem("--allow-login: goes with --dry-run; a real run logs in anyway")
    set_up_logging(verbose=verbose)
    quiet_http_logs()
    listeners = (log_notification, SystemdNotifier())
    begun = this_run(dry_run=dry_run, allow_login=allow_login)
    asyncio.run(run_sites(load_config(find_config(config)), SystemClock(), begun, listeners))


def this_run(*, dry_run: bool = False, allow_login: bool = False) -> Run:
    """What tells a run of this process from others in the journal."""
    from importlib.metadata import version

    from scheduler.process import Run

    return Run(version("powerwall-scheduler"), _process(), dry_run=dry_run, allow_login=allow_login)


def _process() -> str:
    """This boot of the machine and this process, so that runs can be told apart later."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    boot_id = boot.read_text(encoding="ascii").strip()[:8] if boot.exists() else "boot"
    return f"{boot_id}:{os.getpid()}"
