"""`pwsched`: its commands, and what the user sees when something is wrong.

Exit codes: 0 fine, 1 what was checked falls short, 2 the call or a file is wrong (systemd does not
restart on it). A mistake of the user is one sentence on stderr, never a traceback.

Every command is imported at every call, so `--help` must be quick: a command's module imports at
its top only what is cheap, and everything of ours and of others' in the functions that use it.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Annotated

import typer

app = typer.Typer(
    name="pwsched",
    help="Rule-based automation scheduler for the Tesla Powerwall 2.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # drawing boxes would take a third of the time of --help
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"pwsched {version('powerwall-scheduler')}")
        raise typer.Exit


@app.callback()
def pwsched(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version.",
            callback=lambda wanted: _show_version(wanted=wanted),
            is_eager=True,
        ),
    ] = False,
) -> None:
    """Rule-based automation scheduler for the Tesla Powerwall 2."""


@cache
def add_commands() -> None:
    """Give the application its commands, once."""
    from scheduler.cli import (
        check,
        demo,
        explain,
        export,
        flag,
        journal,
        owner,
        replay,
        run,
        schema,
        simulate,
        status,
        tariff,
        verify,
        why,
    )

    app.command("demo")(demo.demo)
    app.command("check")(check.check)
    app.command("explain")(explain.explain)
    app.command("run")(run.run)
    app.command("status")(status.status)
    app.command("hold")(owner.hold)
    app.command("resume")(owner.resume)
    app.command("release")(owner.release)
    app.command("reload")(owner.reload)
    journal.app.command("export")(export.export)
    journal.app.command("verify")(verify.verify)
    app.command("replay")(replay.replay)
    app.command("why")(why.why)
    app.command("flag")(flag.flag)
    app.command("schema")(schema.schema)
    app.add_typer(journal.app, name="journal")
    app.add_typer(simulate.app, name="simulate")
    app.add_typer(tariff.app, name="tariff")


def main() -> None:
    """Run the command line; `pwsched.main` has checked whose packages these are."""
    from rules.errors import PwschedError

    add_commands()
    try:
        app()
    except PwschedError as error:
        print(f"pwsched: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
