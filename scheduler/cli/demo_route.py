"""By which route the demo reads and writes its home, and what is simulated for that.

Each gateway is of a firmware for which the route is the way to write: before 1.50 the owner's own
login, since then the Fleet API. Everything is served over TLS on loopback.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from scheduler.clock import SimulatedClock
    from scheduler.config import GatewayAccess
    from scheduler.gateways import Gateway, OnNote
    from scheduler.loop import MakeGateway
    from scheduler.simulator import Home, SimulatedCloud, SimulatedGateway

SITE_ID: Final = "1689"


class Route(StrEnum):
    """How the home is controlled, as in pwsched.toml."""

    LOCAL = "local"
    FLEET = "fleet"


@dataclass(frozen=True, slots=True)
class World:
    """What there is before anything is served; what is kept for the day goes into `folder`."""

    home: Home
    clock: SimulatedClock
    seed: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Stage:
    """What is served: how the gateway at home is reached, and what makes the site's adapter.

    `used` says what the route was asked until now and what that costs; nothing where all is free.
    """

    access: GatewayAccess
    make: MakeGateway
    used: Callable[[], list[str]] = list


def check_route(route: Route) -> None:
    """Raises `ConfigProblem` where what the route needs is not installed."""
    if route is not Route.LOCAL:
        from scheduler.gateways.pypowerwall import check_installed

        check_installed()


@asynccontextmanager
async def staged(route: Route, world: World) -> AsyncIterator[Stage]:
    """Serve what the route needs while the body runs."""
    match route:
        case Route.LOCAL:
            async with _at_home(world, "1.49") as (_, stage):
                yield stage
        case Route.FLEET:
            async with _by_fleet(world) as stage:
                yield stage


@asynccontextmanager
async def _at_home(world: World, firmware: str) -> AsyncIterator[tuple[SimulatedGateway, Stage]]:
    """Read and written by the login that gets the most with nobody at the battery."""
    from scheduler.clock import SystemClock
    from scheduler.config import GatewayAccess
    from scheduler.gateways.local import LocalGateway
    from scheduler.simulator import PROFILES, SimulatedGateway, self_signed, serve

    gateway = SimulatedGateway(world.home, PROFILES[firmware], world.clock, seed=world.seed)
    login = gateway.profile.unattended_login
    password = gateway.credentials.password(gateway.profile, login)
    certificate = self_signed(SystemClock().now())
    pin = f"sha256:{certificate.fingerprint}"
    async with serve(gateway, "127.0.0.1", 0, certificate) as address:

        def make(hear: OnNote) -> Gateway:
            return LocalGateway(str(address), login, password, "", pin, world.clock, on_note=hear)

        yield gateway, Stage(GatewayAccess(str(address), pin, login, "", None, ""), make)


@asynccontextmanager
async def _by_fleet(world: World) -> AsyncIterator[Stage]:
    """Read at home by a login that may not write, and written by the Fleet API."""
    from scheduler.clock import SystemClock
    from scheduler.gateways import SplitGateway
    from scheduler.gateways.pypowerwall import FleetAccount, FleetGateway, TokenStore
    from scheduler.simulator import LOOPBACK_NAMES, SimulatedCloud, self_signed, serve

    certificate = self_signed(SystemClock().now(), LOOPBACK_NAMES)
    authority = world.folder / "authority.pem"
    authority.write_bytes(certificate.certificate)
    async with _at_home(world, "21.44") as (gateway, home):
        cloud = SimulatedCloud({SITE_ID: gateway}, world.clock, seed=world.seed)
        async with serve(cloud, "127.0.0.1", 0, certificate) as address:
            api = f"https://{address}"
            account = FleetAccount(
                TokenStore(_login_at(api, cloud, world.folder / "fleet.json")),
                world.folder / "journal.sqlite",
                world.clock,
                login_at=api,
                authority=authority,
            )

            def make(hear: OnNote) -> Gateway:
                writer = FleetGateway(account, SITE_ID, world.clock, on_note=hear)
                return SplitGateway(home.make(hear), writer, hear)

            yield Stage(home.access, make, lambda: _used(gateway, home.access.login, cloud))


def _login_at(api: str, cloud: SimulatedCloud, file: Path) -> Path:
    """The owner's login at the simulated cloud, as the library's set-up writes it."""
    import json

    from scheduler.private_files import replace_private

    document = {
        "CLIENT_ID": cloud.application.client_id,
        "CLIENT_SECRET": cloud.application.client_secret,
        "AUDIENCE": api,
        "access_token": cloud.tokens.access,
        "refresh_token": cloud.tokens.refresh,
        "site_id": SITE_ID,
    }
    replace_private(file, json.dumps(document).encode())
    return file


def _used(gateway: SimulatedGateway, login: str, cloud: SimulatedCloud) -> list[str]:
    """What either side was asked, by its own record."""
    billed = Counter(each.billed for each in cloud.record.requests)
    data, commands = billed["data"], billed["command"]
    profile = cloud.profile
    dollars = data / profile.data_for_a_dollar + commands / profile.commands_for_a_dollar
    at_home = f"{len(gateway.record.requests):,} requests, for nothing."
    prices = (
        f"{profile.data_for_a_dollar:,} requests or {profile.commands_for_a_dollar:,} commands for"
        f" a dollar, and {profile.allowance:g} dollars a month free"
    )
    return [
        f"At home, by the login {login}, which may not write: {at_home}",
        f"Fleet API: {commands:,} commands, {data:,} requests for what is not shown at home.",
        f"At Tesla that would have cost {dollars:.2f} dollars ({prices}).",
    ]
