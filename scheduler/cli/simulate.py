"""`pwsched simulate`: the simulated gateway on its own, for anybody's client."""

from __future__ import annotations

import asyncio
import json
import math
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from rules.errors import PwschedError
from scheduler.clock import AlarmClock, Clock, SimulatedClock, SystemClock
from scheduler.errors import ConfigProblem
from scheduler.simulator.certificate import self_signed
from scheduler.simulator.faults import FaultPlan
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.home import Home, Outage
from scheduler.simulator.household import Household
from scheduler.simulator.kinds import KINDS, At
from scheduler.simulator.profiles import PROFILES, Profile, profile_of
from scheduler.simulator.record import Record
from scheduler.simulator.server import Address, serve

app = typer.Typer(no_args_is_help=True, help="Simulated devices to try things on.")

_HOME_ZONE: Final = ZoneInfo("America/Los_Angeles")
_REQUESTS_KEPT: Final = 100_000
_DRAWN_FOR: Final = timedelta(days=2)
_REAL_SECONDS_A_STEP: Final = 0.1
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
    """Simulated devices to try things on."""


@app.command("gateway")
def gateway(
    profile: Annotated[
        str, typer.Option(help=f"Firmware to imitate, any version; known: {', '.join(PROFILES)}.")
    ] = "1.49",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 lets the system choose.")] = 8443,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, typer.Option(help="Another seed is another home.")] = 1,
    soe: Annotated[float, typer.Option(min=0, max=100, help="Percent in the battery.")] = 50.0,
    faults: Annotated[
        Path | None, typer.Option(metavar="FILE", help="TOML file with the faults to act out.")
    ] = None,
    fault_seed: Annotated[
        int | None,
        typer.Option(metavar="N", help="Act out the faults of this seed, for two days."),
    ] = None,
    outage: Annotated[
        list[str] | None,
        typer.Option(metavar="START/END", help="Grid outage, two instants; repeatable."),
    ] = None,
    newer: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Firmware that an update check finds.")
    ] = None,
    start: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begin at this instant, not now.")
    ] = None,
    pace: Annotated[
        float | None, typer.Option(metavar="N", help="Simulated seconds per real second.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON, then serve.")
    ] = False,
) -> None:
    """Serve a simulated gateway over HTTPS until Ctrl-C."""
    try:
        clock, step_s = _clock(start, pace)
        chosen = _profile(profile)
        home = Home(
            Household(seed, _HOME_ZONE),
            clock.now(),
            soe=soe,
            outages=[_outage(text) for text in outage or ()],
        )
        simulated = SimulatedGateway(
            home,
            chosen,
            clock,
            faults=_faults(faults, fault_seed, clock.now()),
            record=Record(_REQUESTS_KEPT),
            seed=seed,
            newer=_version("--newer", newer),
        )
        asyncio.run(_serve(simulated, Address(host, port), step_s, clock, as_json))
    except PwschedError as problem:
        typer.echo(str(problem), err=True)
        raise typer.Exit(problem.exit_code) from None


@app.command("faults")
def list_faults() -> None:
    """List the faults that a simulated gateway can act out."""
    for at in At:
        print(f"{at.value}:")
        for kind, about in KINDS.items():
            if about.at is at:
                print(f"  {kind.value:<18} {about.text}")
    print(_SCRIPT)


async def _serve(
    simulated: SimulatedGateway, address: Address, step_s: float, clock: Clock, as_json: bool
) -> None:
    certificate = self_signed(SystemClock().now())
    async with serve(simulated, address.host, address.port, certificate) as bound:
        alarm = clock.alarm_clock()
        ended = _ended_by_signal(alarm)
        show = _as_json if as_json else _as_text
        print(show(simulated, bound, certificate.fingerprint), flush=True)
        while not ended.is_set():  # a simulated clock moves only while somebody waits for it
            await alarm.wait(step_s)
        await alarm.close()


def _ended_by_signal(alarm: AlarmClock) -> asyncio.Event:
    """Is set by Ctrl-C and SIGTERM, also where the shell has put this into the background."""
    ended = asyncio.Event()

    def end() -> None:
        ended.set()
        alarm.wake()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end)
    return ended


def _login(simulated: SimulatedGateway) -> tuple[str, str]:
    username = simulated.profile.unattended_login
    return username, simulated.credentials.password(simulated.profile, username)


def _as_text(simulated: SimulatedGateway, address: Address, fingerprint: str) -> str:
    username, password = _login(simulated)
    return f"""\
Simulated gateway, firmware {simulated.profile.version.strip()}, at https://{address}
certificate  sha256:{fingerprint}
login        {username}
password     {password}

To point pwsched.toml at it, write the password into a file that only you can read, and:

  [site.gateway]
  route = "local"
  host = "{address}"
  certificate = "sha256:{fingerprint}"
  login = "{username}"
  password_file = "simulated-gateway-password"

Ctrl-C ends it."""


def _as_json(simulated: SimulatedGateway, address: Address, fingerprint: str) -> str:
    credentials = simulated.credentials
    username, password = _login(simulated)
    return json.dumps(
        {
            "url": f"https://{address}",
            "host": address.host,
            "port": address.port,
            "certificate": f"sha256:{fingerprint}",
            "firmware": simulated.profile.version.strip(),
            "login": username,
            "password": password,
            "customer_password": credentials.password(simulated.profile, "customer"),
            "serial": credentials.serial,
        }
    )


def _profile(version: str) -> Profile:
    _version("--profile", version)
    return profile_of(version)


def _version(option: str, version: str | None) -> str | None:
    """The version, if there is a firmware of it."""
    try:
        if version is not None:
            profile_of(version)
    except LookupError:
        raise ConfigProblem(f"{option} {version}: there is {', '.join(PROFILES)}") from None
    return version


def _faults(path: Path | None, seed: int | None, begin: datetime) -> FaultPlan:
    scripted = FaultPlan.from_toml(path, begin).faults if path is not None else ()
    drawn = FaultPlan.seeded(seed, begin, begin + _DRAWN_FOR).faults if seed is not None else ()
    return FaultPlan([*scripted, *drawn])


def _clock(start: str | None, pace: float | None) -> tuple[Clock, float]:
    """The clock, and the seconds in which it is to be moved. The machine's needs no moving."""
    if start is None and pace is None:
        return SystemClock(), 3_600.0
    pace = 1.0 if pace is None else pace
    if not (math.isfinite(pace) and pace > 0):
        raise ConfigProblem(f"--pace {pace}: must be a number above 0")
    begin = SystemClock().now() if start is None else _instant("--start", start)
    return SimulatedClock(begin, pace), pace * _REAL_SECONDS_A_STEP


def _outage(text: str) -> Outage:
    first, slash, second = text.partition("/")
    if not slash:
        raise ConfigProblem(f"--outage {text}: write START/END, two instants with a slash between")
    outage = Outage(_instant("--outage", first), _instant("--outage", second))
    if outage.end <= outage.start:
        raise ConfigProblem(f"--outage {text}: the end must be after the start")
    return outage


def _instant(option: str, text: str) -> datetime:
    """An instant in ISO 8601; without an offset it is the simulated home's local time."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigProblem(
            f"{option} {text}: not a time; write it like 2026-07-01T16:00:00-07:00"
        ) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=_HOME_ZONE)
    return instant.astimezone(UTC)
