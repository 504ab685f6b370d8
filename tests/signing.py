"""A site by signed control: the real adapter and the real library, over TLS on loopback.

What is asserted afterwards comes from the gateway's own record, and from what the adapter said.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simulated import SteadyHousehold
from simulated_client import START, HandClock

from rules.battery import POWERWALL_2, POWERWALL_3
from rules.domain import Observation, Setting
from scheduler.clock import SystemClock
from scheduler.domain import Endpoint, NoteKind
from scheduler.gateways.local import SessionFile
from scheduler.gateways.pypowerwall import SignedGateway
from scheduler.simulator import BACKUP_GATEWAY_1, Hardware, SignedControl
from scheduler.simulator import POWERWALL_3 as POWERWALL_3_HARDWARE
from scheduler.simulator.certificate import Certificate, self_signed
from scheduler.simulator.fault_plan import Fault, FaultPlan, Kind
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import profile_of
from scheduler.simulator.record import RequestSeen
from scheduler.simulator.server import serve
from scheduler.simulator.sessions import Credentials
from scheduler.simulator.signed.envelope import public_bytes

PASSWORD = "CANARY-password-of-the-owner"
A_POLL = frozenset({Endpoint.SOE, Endpoint.METERS, Endpoint.GRID})
SETTING = frozenset({Endpoint.OPERATION, Endpoint.PERMISSIONS})
EVERYTHING = A_POLL | SETTING | {Endpoint.SITEMASTER, Endpoint.STATUS}
PW3 = POWERWALL_3_HARDWARE

_Result = TypeVar("_Result")


@cache
def certificate() -> Certificate:
    return self_signed(datetime(2026, 1, 1, tzinfo=UTC))


@cache
def new_key(number: int = 0) -> bytes:
    """A private key in PEM; owners have longer ones, which take longer to make."""
    assert number >= 0
    return rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def lasting(kind: Kind, after_s: float = 0.0, for_s: float = 40 * 86_400.0, **more: Any) -> Fault:
    start = START + timedelta(seconds=after_s)
    return Fault(kind, start, start + timedelta(seconds=for_s), **more)


class Signed:
    """A gateway with signed control over a steady 1 kW home."""

    def __init__(
        self,
        *faults: Fault,
        hardware: Hardware = BACKUP_GATEWAY_1,
        firmware: str = "26.18.3",
        setting: Setting | None = None,
        registered: bytes | None = None,
        verified: bool = True,
        deadline: float = 5.0,
        session_file: SessionFile | None = None,
    ) -> None:
        self.clock = HandClock(START)
        self.key = new_key()
        self.deadline = deadline
        self.session_file = session_file
        self.control = SignedControl(
            SystemClock(), public_bytes(registered or self.key), hardware, verified=verified
        )
        battery = POWERWALL_3 if hardware is PW3 else POWERWALL_2
        self.simulated = SimulatedGateway(
            Home(SteadyHousehold(), START, battery=battery, setting=setting or Setting()),
            profile_of(firmware),
            self.clock,
            Credentials("SIM1800001234", "", "", PASSWORD),
            FaultPlan.scripted(faults),
            signed=self.control,
        )
        self.notes: list[tuple[NoteKind, str]] = []
        self.host = ""

    @property
    def requests(self) -> list[RequestSeen]:
        """What reached the gateway."""
        return list(self.simulated.record.requests)

    @property
    def asked(self) -> list[str]:
        """The same in short: method and last part of the path."""
        return [f"{each.method} {each.path.rpartition('/')[2]}" for each in self.requests]

    @property
    def writes(self) -> list[Setting]:
        """What was stored."""
        return [each.setting for each in self.simulated.record.writes]

    @property
    def obeyed(self) -> Setting:
        """What the home obeys now."""
        self.simulated.advance()
        return self.simulated.home.setting

    def gateway(self, **more: Any) -> SignedGateway:
        found: dict[str, Any] = {
            "pin": f"sha256:{certificate().fingerprint}",
            "key": self.key,
            "password": PASSWORD,
            "email": "owner@example.com",
            "deadline": self.deadline,
            "session_file": self.session_file,
        }
        return SignedGateway(
            self.host,
            clock=self.clock,
            on_note=lambda kind, text: self.notes.append((kind, text)),
            **found | more,
        )

    @asynccontextmanager
    async def served(self) -> AsyncIterator[None]:
        """The gateway is there."""
        async with serve(self.simulated, "127.0.0.1", 0, certificate()) as address:
            self.host = str(address)
            yield

    def play(
        self,
        what: Callable[[SignedGateway], Awaitable[_Result]],
        *,
        connect: bool = True,
        **more: Any,
    ) -> _Result:
        """Do this with an adapter that is connected, and close it."""

        async def run() -> _Result:
            async with self.served():
                gateway = self.gateway(**more)
                try:
                    if connect:
                        await gateway.connect()
                    return await what(gateway)
                finally:
                    await gateway.close()

        return asyncio.run(run())

    def seen(self, endpoints: frozenset[Endpoint] = EVERYTHING, **more: Any) -> Observation:
        """One observation of a new process."""
        return self.play(lambda gateway: gateway.observe(endpoints), **more)


def key_file(folder: Path, content: bytes | None = None, mode: int = 0o600) -> Path:
    """A file with the key."""
    path = folder / "tedapi_rsa_private.pem"
    path.write_bytes(content if content is not None else new_key())
    path.chmod(mode)
    return path
