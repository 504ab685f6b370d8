"""`pwsched simulate`: the simulated gateway on its own, for anybody's client."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

app = typer.Typer(no_args_is_help=True, help="Simulated devices for testing.")

KNOWN: Final = (
    "1.15, 1.20, 1.21, 1.25, 1.37, 1.43.3, 1.46, 1.49, 1.50.1, 20.49, 21.39, 21.44, 23.28,"
    " 23.44, 24.36, 25.10, 25.18.4, 26.18"
)
"""The firmware of the simulator's profiles, written out: `--help` must not load a simulator."""

_SCRIPT: Final = """
A script for --faults is a TOML file of such tables:

[[fault]]
kind    = "late_answer"
after_s = 60                  # or start = 2026-07-01T16:00:00-07:00
for_s   = 300                 # or end = ...
path    = "/api/operation"    # only paths that begin so; all if left out
delay_s = 20                  # for late_answer, late_write and short_sessions
# mode and reserve (app percent) belong to app_change, grid to grid_state"""


@app.callback()
def simulate() -> None:
    """Simulated devices for testing."""


@app.command("gateway")
def gateway(
    profile: Annotated[
        str, typer.Option(help=f"Firmware to imitate, any version; known: {KNOWN}.")
    ] = "1.49",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 lets the system choose.")] = 8443,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Another seed is another home.")] = 1,
    soe: Annotated[float, typer.Option(min=0, max=100, help="Percent in the battery.")] = 50.0,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file with the faults to simulate.")
    ] = None,
    fault_seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Simulate the faults of this seed, for two days."),
    ] = None,
    outage: Annotated[
        list[str] | None,
        typer.Option(metavar="START/END", help="Grid outage, two times; repeatable."),
    ] = None,
    newer: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Firmware that an update check finds.")
    ] = None,
    timezone: Annotated[
        str, typer.Option(metavar="ZONE", help="Where the home stands: the city of this zone.")
    ] = "America/Los_Angeles",
    start: Annotated[
        str | None,
        typer.Option(metavar="TIME", help='Begin then, not now: "16:05", "yesterday 16:05", ISO.'),
    ] = None,
    pace: Annotated[
        float | None, typer.Option(metavar="N", help="Simulated seconds per real second.")
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep the certificate with its key here, not in the user's data folder.",
        ),
    ] = None,
    fresh_certificate: Annotated[
        bool, typer.Option("--fresh-certificate", help="Make a new certificate and keep that.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON, then serve.")
    ] = False,
) -> None:
    """Serve a simulated gateway over HTTPS until Ctrl-C."""
    from rules.errors import PwschedError
    from scheduler.cli.simulated_gateway import GatewayOptions, serve_gateway

    wanted = GatewayOptions(
        profile, host, port, seed, soe, faults, fault_seed, tuple(outage or ()), newer,
        start, pace, timezone, certificate, fresh_certificate,
    )  # fmt: skip
    try:
        serve_gateway(wanted, as_json=as_json)
    except PwschedError as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(problem.exit_code) from None


@app.command("faults")
def list_faults() -> None:
    """List the faults that a simulated gateway can simulate."""
    from scheduler.simulator import KINDS, At

    for at in At:
        print(f"{at.value}:")
        for kind, about in KINDS.items():
            if about.at is at:
                print(f"  {kind.value:<18} {about.text}")
    print(_SCRIPT)
