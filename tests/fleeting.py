"""A site by the Fleet API: the real adapter and the real library, over TLS on loopback.

What is asserted afterwards comes from the cloud's own record, from the homes behind it, and from
what the adapter said.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from simulated import SteadyHousehold
from simulated_client import START, HandClock

from rules.domain import Observation, Setting
from scheduler.domain import Endpoint, NoteKind
from scheduler.gateways.pypowerwall.fleet.account import FleetAccount
from scheduler.gateways.pypowerwall.fleet.adapter import FleetGateway
from scheduler.gateways.pypowerwall.fleet.budget import DEFAULT, Budget
from scheduler.gateways.pypowerwall.fleet.tokens import TokenStore
from scheduler.simulator.certificate import LOOPBACK_NAMES, Certificate, self_signed
from scheduler.simulator.cloud import Application, CloudProfile, SimulatedCloud
from scheduler.simulator.cloud.record import CloudRequest
from scheduler.simulator.fault_plan import Fault, FaultPlan, Kind
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import profile_of
from scheduler.simulator.server import serve

SITE, OTHER = "1689", "2345"
A_POLL = frozenset({Endpoint.SOE, Endpoint.METERS, Endpoint.GRID})
SETTING = frozenset({Endpoint.OPERATION, Endpoint.PERMISSIONS, Endpoint.STATUS})
EVERYTHING = A_POLL | SETTING | {Endpoint.STORM_WATCH}
SECRET = "CANARY-secret-of-the-application"
AT_ONCE = CloudProfile(latency_s=(0.0, 0.0), shown_s=0.0)
"""What is commanded is shown and done by the next request."""

_Result = TypeVar("_Result")


@cache
def certificate() -> Certificate:
    return self_signed(datetime(2026, 1, 1, tzinfo=UTC), LOOPBACK_NAMES)


def lasting(kind: Kind, after_s: float = 0.0, for_s: float = 40 * 86_400.0, **more: Any) -> Fault:
    start = START + timedelta(seconds=after_s)
    return Fault(kind, start, start + timedelta(seconds=for_s), **more)


class Fleet:
    """A cloud over steady 1 kW homes, and one account at it. Made anew, it is another process."""

    def __init__(
        self,
        folder: Path,
        *faults: Fault,
        profile: CloudProfile = AT_ONCE,
        application: Application | None = None,
        sites: tuple[str, ...] = (SITE,),
        firmware: str = "26.18.3",
        setting: Setting | None = None,
        budget: Budget = DEFAULT,
        deadline: float = 5.0,
    ) -> None:
        self.folder, self.budget, self.deadline = folder, budget, deadline
        self.clock = HandClock(START)
        self.homes = {
            site: SimulatedGateway(
                Home(SteadyHousehold(), START, setting=setting or Setting()),
                profile_of(firmware),
                self.clock,
            )
            for site in sites
        }
        self.cloud = SimulatedCloud(
            self.homes, self.clock, application, profile, FaultPlan.scripted(faults)
        )
        self.file = folder / "fleet.json"
        self.journal = folder / "journal.sqlite"
        self.authority = folder / "authority.pem"
        self.authority.write_bytes(certificate().certificate)
        self.notes: list[tuple[NoteKind, str]] = []
        self.address = ""

    @property
    def requests(self) -> list[CloudRequest]:
        """What reached the cloud."""
        return list(self.cloud.record.requests)

    @property
    def asked(self) -> list[str]:
        """The same in short: method and last part of the path."""
        return [f"{each.method} {each.path.rpartition('/')[2]}" for each in self.requests]

    @property
    def kept(self) -> dict[str, Any]:
        """The file of the login."""
        return dict(json.loads(self.file.read_bytes()))

    def obeyed(self, site: str = SITE) -> Setting:
        """What a home obeys now."""
        self.cloud.advance()
        return self.homes[site].home.setting

    def document(self, **changed: object) -> dict[str, object]:
        """The login as the library's set-up writes it."""
        return {
            "CLIENT_ID": self.cloud.application.client_id,
            "CLIENT_SECRET": SECRET,
            "DOMAIN": "example.org",
            "AUDIENCE": f"https://{self.address}",
            "access_token": self.cloud.tokens.access,
            "refresh_token": self.cloud.tokens.refresh,
            "site_id": SITE,
        } | changed

    def write_login(self, **changed: object) -> None:
        self.file.write_text(json.dumps(self.document(**changed)))
        self.file.chmod(0o600)

    def account(self, **more: Any) -> FleetAccount:
        return FleetAccount(
            TokenStore(self.file),
            self.journal,
            self.clock,
            budget=self.budget,
            login_at=f"https://{self.address}",
            authority=self.authority,
            deadline=self.deadline,
            **more,
        )

    def gateway(self, account: FleetAccount | None = None, site: str = SITE) -> FleetGateway:
        return FleetGateway(
            account or self.account(),
            site,
            self.clock,
            deadline=self.deadline,
            on_note=lambda kind, text: self.notes.append((kind, text)),
        )

    @asynccontextmanager
    async def served(self, **login: object) -> AsyncIterator[None]:
        """The cloud is there, and so is a login."""
        async with serve(self.cloud, "127.0.0.1", 0, certificate()) as address:
            self.address = str(address)
            if self.file.exists():
                # Another process finds another port.
                login = self.kept | login | {"AUDIENCE": f"https://{self.address}"}
            self.write_login(**login)
            yield

    def play(
        self, what: Callable[[FleetGateway], Awaitable[_Result]], *, connect: bool = True
    ) -> _Result:
        """Do this with a gateway that is connected, and close it."""

        async def run() -> _Result:
            async with self.served():
                gateway = self.gateway()
                try:
                    if connect:
                        await gateway.connect()
                    return await what(gateway)
                finally:
                    await gateway.close()

        return asyncio.run(run())

    def seen(self, endpoints: frozenset[Endpoint] = EVERYTHING) -> Observation:
        """One observation of a new process."""
        return self.play(lambda gateway: gateway.observe(endpoints))
