"""`pwsched`: its commands, and what the user sees when something is wrong.

`exit_codes` says what the exit codes mean. A mistake of the user is one sentence on stderr, never a
traceback.

A call imports the command that it names and no other. `--help` needs them all and must be quick: a
command's module imports at its top only what is cheap, and everything of ours and of others' in
the functions that use it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Annotated, Any

import typer

from scheduler.cli.exit_codes import EXIT_CODES, exits

COMMANDS: Mapping[str, str] = {
    "demo": "demo.demo",
    "check": "check.check",
    "test": "test.run_tests",
    "plan": "plan.plan",
    "explain": "explain.explain",
    "backtest": "backtest.backtest",
    "autonomous": "autonomous.autonomous",
    "optimum": "optimum.optimum",
    "tune": "tune.tune",
    "run": "run.run",
    "status": "status.status",
    "hold": "owner.hold",
    "resume": "owner.resume",
    "release": "owner.release",
    "reload": "owner.reload",
    "replay": "replay.replay",
    "why": "why.why",
    "flag": "flag.flag",
    "history": "history.history",
    "schema": "schema.schema",
}
"""The commands, as `--help` lists them, and the module and function of each."""

GROUPS: Mapping[str, Mapping[str, str]] = {
    "journal": {"export": "export.export", "verify": "verify.verify"},
    "simulate": {},
    "tariff": {},
}
"""The groups, each in the module of its name, and what other modules add to it."""


@cache
def application(named: str | None = None) -> typer.Typer:
    """The command line; with nothing in it but the command of this name, if there is one."""
    app = typer.Typer(
        name="pwsched",
        help="Rule-based automation scheduler for the Tesla Powerwall 2.",
        epilog=f"Exit codes: {'; '.join(f'{code} {said}' for code, said in EXIT_CODES.items())}.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # drawing boxes would take a third of the time of --help
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(pwsched)
    known = named in {*COMMANDS, *GROUPS}
    for name, place in COMMANDS.items():
        if name == named or not known:
            app.command(name, epilog=exits(name))(_found(place))
    for name in GROUPS:
        if name == named or not known:
            app.add_typer(_group(name), name=name)
    return app


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


def main() -> None:
    """Run the command line; `pwsched.main` has checked whose packages these are."""
    from rules.errors import PwschedError

    # None of the options before a command takes a value, so the first word is the command.
    named = next((word for word in sys.argv[1:] if not word.startswith("-")), None)
    try:
        application(named)()
    except PwschedError as error:
        print(f"pwsched: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


@cache
def _group(name: str) -> typer.Typer:
    group: typer.Typer = _found(f"{name}.app")
    for command, place in GROUPS[name].items():
        group.command(command, epilog=exits(f"{name} {command}"))(_found(place))
    return group


def _found(place: str) -> Any:  # noqa: ANN401 -- a command's function, or a group
    module, _, name = place.partition(".")
    return getattr(import_module(f"scheduler.cli.{module}"), name)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"pwsched {version('powerwall-scheduler')}")
        raise typer.Exit
