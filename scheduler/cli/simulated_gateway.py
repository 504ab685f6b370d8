"""Serves a simulated gateway as the command line asks for it."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from rules.language import Towards
from scheduler.cli.moment import moment_of, zone_named
from scheduler.clock import AlarmClock, Clock, SimulatedClock, SystemClock
from scheduler.errors import ConfigProblem
from scheduler.household import Household
from scheduler.simulator import (
    PROFILES,
    Address,
    Certificate,
    FaultPlan,
    Home,
    Outage,
    Profile,
    Record,
    SimulatedGateway,
    kept,
    profile_of,
    serve,
)

_REQUESTS_KEPT: Final = 100_000
_DRAWN_FOR: Final = timedelta(days=2)
_REAL_SECONDS_A_STEP: Final = 0.1


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """The options of `pwsched simulate gateway`, as they were written."""

    profile: str
    host: str
    port: int
    seed: int
    soe: float
    faults: Path | None
    fault_seed: int | None
    outages: tuple[str, ...]
    newer: str | None
    start: str | None
    pace: float | None
    timezone: str
    certificate: Path | None = None
    fresh_certificate: bool = False


def serve_gateway(wanted: GatewayOptions, *, as_json: bool) -> None:
    """Serve until Ctrl-C. Raises `PwschedError` for options that cannot be followed."""
    zone = zone_named(wanted.timezone)
    clock, step_s = _clock(wanted.start, wanted.pace, zone)
    chosen = _profile(wanted.profile)
    simulated = SimulatedGateway(
        home_of(wanted, zone, clock.now()),
        chosen,
        clock,
        faults=_faults(wanted.faults, wanted.fault_seed, clock.now()),
        record=Record(_REQUESTS_KEPT),
        seed=wanted.seed,
        newer=_version("--newer", wanted.newer),
    )
    path = wanted.certificate or _data_folder() / "simulated-gateway.pem"
    certificate = kept(path, SystemClock().now(), fresh=wanted.fresh_certificate)
    show = _as_json if as_json else _as_text

    def tell(bound: Address) -> None:
        print(show(simulated, bound, certificate.fingerprint, path), flush=True)

    where = Address(wanted.host, wanted.port)
    asyncio.run(_serve(simulated, where, certificate, step_s, clock, tell))


def home_of(wanted: GatewayOptions, zone: ZoneInfo, now: datetime) -> Home:
    """The home behind the gateway, in the city of its zone. Raises `ConfigProblem`."""
    outages = [_outage(text, now, zone) for text in wanted.outages]
    return Home(Household.in_zone(wanted.seed, zone), now, soe=wanted.soe, outages=outages)


async def _serve(
    simulated: SimulatedGateway,
    address: Address,
    certificate: Certificate,
    step_s: float,
    clock: Clock,
    tell: Callable[[Address], None],
) -> None:
    async with serve(simulated, address.host, address.port, certificate) as bound:
        alarm = clock.alarm_clock()
        ended = _ended_by_signal(alarm)
        tell(bound)
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


def _url(simulated: SimulatedGateway, address: Address) -> str:
    return f"{'http' if simulated.profile.plain_http else 'https'}://{address}"


def _as_text(simulated: SimulatedGateway, address: Address, fingerprint: str, file: Path) -> str:
    username, password = _login(simulated)
    plain = simulated.profile.plain_http
    kept_in = f"sha256:{fingerprint}\n             kept in {file}"
    shown = "none, this firmware speaks plain http" if plain else kept_in
    pin = "" if plain else f'\n  certificate = "sha256:{fingerprint}"'
    return f"""\
Simulated gateway, firmware {simulated.profile.version.strip()}, at {_url(simulated, address)}
certificate  {shown}
login        {username}
password     {password}

To point pwsched.toml at it, write the password into a file that only you can read, and:

  [site.gateway]
  route = "local"
  host = "{_url(simulated, address) if plain else address}"{pin}
  login = "{username}"
  password_file = "simulated-gateway-password"

Ctrl-C ends it."""


def _as_json(simulated: SimulatedGateway, address: Address, fingerprint: str, file: Path) -> str:
    credentials = simulated.credentials
    username, password = _login(simulated)
    return json.dumps(
        {
            "url": _url(simulated, address),
            "host": address.host,
            "port": address.port,
            "certificate": None if simulated.profile.plain_http else f"sha256:{fingerprint}",
            "certificate_file": None if simulated.profile.plain_http else str(file),
            "firmware": simulated.profile.version.strip(),
            "login": username,
            "password": password,
            "customer_password": credentials.password(simulated.profile, "customer"),
            "serial": credentials.serial,
        }
    )


def _data_folder() -> Path:
    """Our part of the user's data, by the rules of the XDG base directories."""
    named = os.environ.get("XDG_DATA_HOME", "")
    if Path(named).is_absolute():
        return Path(named) / "pwsched"
    try:
        return Path.home() / ".local" / "share" / "pwsched"
    except RuntimeError:
        raise ConfigProblem(
            "there is no home to keep the certificate in; name a file with --certificate"
        ) from None


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


def _clock(start: str | None, pace: float | None, zone: ZoneInfo) -> tuple[Clock, float]:
    """The clock, and the seconds in which it is to be moved. The machine's needs no moving."""
    if start is None and pace is None:
        return SystemClock(), 3_600.0
    pace = 1.0 if pace is None else pace
    if not (math.isfinite(pace) and pace > 0):
        raise ConfigProblem(f"--pace {pace}: must be a number above 0")
    now = SystemClock().now()
    begin = now if start is None else _instant("--start", start, now, zone)
    return SimulatedClock(begin, pace), pace * _REAL_SECONDS_A_STEP


def _outage(text: str, now: datetime, zone: ZoneInfo) -> Outage:
    first, slash, second = text.partition("/")
    if not slash:
        raise ConfigProblem(f"--outage {text}: write START/END, two instants with a slash between")
    outage = Outage(_instant("--outage", first, now, zone), _instant("--outage", second, now, zone))
    if outage.end <= outage.start:
        raise ConfigProblem(f"--outage {text}: the end must be after the start")
    return outage


def _instant(option: str, text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """An instant by the clock of the simulated home."""
    return moment_of(f"{option} {text}", text, now, zone, Towards.TODAY)
