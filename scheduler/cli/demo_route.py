"""By which route the demo reads and writes its home, and what is simulated for that.

Each gateway is of a firmware for which the route is the way to write: before 1.50 the owner's own
login, since then the Fleet API or signed control. Everything is served over TLS on loopback.
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
    from scheduler.simulator import Home, SignedControl, SimulatedCloud, SimulatedGateway

SITE_ID: Final = "1689"
SIGNED_PATH: Final = "/tedapi/v1r"


class Route(StrEnum):
    """How the home is controlled, as in pwsched.toml."""

    LOCAL = "local"
    V1R = "v1r"
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
            stage = _local(world)
        case Route.V1R:
            stage = _signed(world)
        case Route.FLEET:
            stage = _fleet(world)
    async with stage as found:
        yield found


@asynccontextmanager
async def _local(world: World) -> AsyncIterator[Stage]:
    """Read and written by the owner's login."""
    async with _at_home(world, "1.49") as home:
        yield Stage(home.access, home.read)


@asynccontextmanager
async def _signed(world: World) -> AsyncIterator[Stage]:
    """Read and written by a request that is signed with a registered key."""
    from scheduler.clock import SystemClock
    from scheduler.gateways.pypowerwall import SignedGateway
    from scheduler.simulator import SignedControl, new_key, public_bytes

    key = new_key()
    control = SignedControl(SystemClock(), public_bytes(key))
    async with _at_home(world, "26.18", control) as home:
        access = home.access

        def make(hear: OnNote) -> Gateway:
            return SignedGateway(
                access.host, home.password, "", access.certificate, key, world.clock,
                on_note=hear,
            )  # fmt: skip

        yield Stage(access, make, lambda: _signed_use(home.gateway))


@asynccontextmanager
async def _fleet(world: World) -> AsyncIterator[Stage]:
    """Read at home by a login that may not write, and written by the Fleet API."""
    from scheduler.clock import SystemClock
    from scheduler.gateways import SplitGateway
    from scheduler.gateways.pypowerwall import FleetAccount, FleetGateway, TokenStore
    from scheduler.simulator import LOOPBACK_NAMES, SimulatedCloud, self_signed, serve

    certificate = self_signed(SystemClock().now(), LOOPBACK_NAMES)
    authority = world.folder / "authority.pem"
    authority.write_bytes(certificate.certificate)
    async with _at_home(world, "21.44") as home:
        cloud = SimulatedCloud({SITE_ID: home.gateway}, world.clock, seed=world.seed)
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
                return SplitGateway(home.read(hear), writer, hear)

            yield Stage(home.access, make, lambda: _fleet_use(home, cloud))


@dataclass(frozen=True, slots=True)
class _AtHome:
    """A gateway that is served, and the adapter for it by its local API."""

    gateway: SimulatedGateway
    access: GatewayAccess
    password: str
    read: MakeGateway


@asynccontextmanager
async def _at_home(
    world: World, firmware: str, signed: SignedControl | None = None
) -> AsyncIterator[_AtHome]:
    """With the login that gets the most with nobody at the battery."""
    from scheduler.clock import SystemClock
    from scheduler.config import GatewayAccess
    from scheduler.gateways.local import LocalGateway
    from scheduler.simulator import PROFILES, SimulatedGateway, self_signed, serve

    gateway = SimulatedGateway(
        world.home, PROFILES[firmware], world.clock, seed=world.seed, signed=signed
    )
    login = gateway.profile.unattended_login
    password = gateway.credentials.password(gateway.profile, login)
    certificate = self_signed(SystemClock().now())
    pin = f"sha256:{certificate.fingerprint}"
    async with serve(gateway, "127.0.0.1", 0, certificate) as address:

        def read(hear: OnNote) -> Gateway:
            return LocalGateway(str(address), login, password, "", pin, world.clock, on_note=hear)

        access = GatewayAccess(str(address), pin, login, "", None, "")
        yield _AtHome(gateway, access, password, read)


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


def _signed_use(gateway: SimulatedGateway) -> list[str]:
    """What the gateway was asked, by its own record."""
    signed = sum(each.path == SIGNED_PATH for each in gateway.record.requests)
    writes = len(gateway.record.writes)
    return [
        f"At home: {len(gateway.record.requests):,} requests, for nothing.",
        f"Signed with the owner's key: {signed:,} of these, with {writes:,} writes.",
    ]


def _fleet_use(home: _AtHome, cloud: SimulatedCloud) -> list[str]:
    """What either side was asked, by its own record."""
    billed = Counter(each.billed for each in cloud.record.requests)
    data, commands = billed["data"], billed["command"]
    profile = cloud.profile
    dollars = data / profile.data_for_a_dollar + commands / profile.commands_for_a_dollar
    at_home = f"{len(home.gateway.record.requests):,} requests, for nothing."
    prices = (
        f"{profile.data_for_a_dollar:,} requests or {profile.commands_for_a_dollar:,} commands for"
        f" a dollar, and {profile.allowance:g} dollars a month free"
    )
    return [
        f"At home, by the login {home.access.login}, which may not write: {at_home}",
        f"Fleet API: {commands:,} commands, {data:,} requests for what is not shown at home.",
        f"At Tesla that would have cost {dollars:.2f} dollars ({prices}).",
    ]
