"""Serves a simulated gateway as the command line asks for it."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from scheduler.clock import AlarmClock, Clock, SimulatedClock, SystemClock
from scheduler.errors import ConfigProblem
from scheduler.simulator import (
    PROFILES,
    Address,
    Certificate,
    FaultPlan,
    Home,
    Household,
    Outage,
    Profile,
    Record,
    SimulatedGateway,
    kept,
    profile_of,
    serve,
)

_HOME_ZONE: Final = ZoneInfo("America/Los_Angeles")
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
    certificate: Path | None = None
    fresh_certificate: bool = False


def serve_gateway(wanted: GatewayOptions, *, as_json: bool) -> None:
    """Serve until Ctrl-C. Raises `PwschedError` for options that cannot be followed."""
    clock, step_s = _clock(wanted.start, wanted.pace)
    chosen = _profile(wanted.profile)
    home = Home(
        Household(wanted.seed, _HOME_ZONE),
        clock.now(),
        soe=wanted.soe,
        outages=[_outage(text) for text in wanted.outages],
    )
    simulated = SimulatedGateway(
        home,
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


def _as_text(simulated: SimulatedGateway, address: Address, fingerprint: str, file: Path) -> str:
    username, password = _login(simulated)
    return f"""\
Simulated gateway, firmware {simulated.profile.version.strip()}, at https://{address}
certificate  sha256:{fingerprint}
             kept in {file}
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


def _as_json(simulated: SimulatedGateway, address: Address, fingerprint: str, file: Path) -> str:
    credentials = simulated.credentials
    username, password = _login(simulated)
    return json.dumps(
        {
            "url": f"https://{address}",
            "host": address.host,
            "port": address.port,
            "certificate": f"sha256:{fingerprint}",
            "certificate_file": str(file),
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
