"""Whole daemons at gateways that show what cannot be, or are not the gateway at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from house import AFTERNOON, FULL, SAFETY, House, local
from scripted import IMPOSTOR, http, listening, saying
from simulated import SteadyHousehold
from simulated_client import HandClock

from scheduler.clock import Clock
from scheduler.config import GatewayAccess, Site
from scheduler.domain import Endpoint
from scheduler.errors import CertificateMismatch, GatewayProblem
from scheduler.gateways.protocol import Gateway
from scheduler.process.compose import Run
from scheduler.process.routes import local_route
from scheduler.simulator.certificate import self_signed
from scheduler.simulator.gateway import SHIPPED, SimulatedGateway
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import PROFILES
from scheduler.simulator.server import serve

NOON, BOUNDARY = local(7, 1, "12:00"), local(7, 1, "14:00")
TROUBLE, SOUND, END = local(7, 1, "13:55"), local(7, 1, "14:40"), local(7, 1, "15:00")
WITH_SOE = AFTERNOON.replace('"14:00-16:00"', '"14:00-16:00", soe_below = 90')


class Between(httpx.AsyncBaseTransport):
    """Stands between a house and its gateway from 13:55 to 14:40."""

    def __init__(self, house: House, path: str, changes: Mapping[str, Any] | Exception) -> None:
        self._house, self._inner = house, house.transport
        self._path, self._changes = path, changes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        troubled = TROUBLE <= self._house.unstepped() < SOUND and request.method == "GET"
        if not troubled or not request.url.path.endswith(self._path):
            return await self._inner.handle_async_request(request)
        if isinstance(self._changes, Exception):
            raise self._changes
        response = await self._inner.handle_async_request(request)
        document = json.loads(await response.aread()) | self._changes
        return httpx.Response(200, content=json.dumps(document).encode())


def played(folder: Path, rules: str, path: str, changes: Mapping[str, Any] | Exception) -> House:
    house = House(folder, rules, NOON)
    house.transport = Between(house, path, changes)  # type: ignore[assignment]
    return house.play(END)


@pytest.mark.parametrize(
    ("rules", "path", "changes"),
    [
        (AFTERNOON, "/api/operation", {"backup_reserve_percent": -3}),
        (AFTERNOON, "/api/operation", {"backup_reserve_percent": 400}),
        (AFTERNOON, "/api/operation", {"backup_reserve_percent": "24"}),
        (AFTERNOON, "/api/operation", {"real_mode": "party"}),
        (AFTERNOON, "/api/operation", {"real_mode": None}),
        (AFTERNOON, "/api/sitemaster", {"running": "yes"}),
        (AFTERNOON, "/api/system_status/grid_status", {"grid_status": "Fine"}),
        (WITH_SOE, "/api/system_status/soe", {"percentage": 400}),
        (WITH_SOE, "/api/system_status/soe", {"percentage": -3}),
        (WITH_SOE, "/api/system_status/soe", {"percentage": True}),
    ],
)
def test_nothing_is_written_on_an_implausible_reading(
    tmp_path: Path, rules: str, path: str, changes: Mapping[str, Any]
) -> None:
    house = played(tmp_path, rules, path, changes)
    (at, setting), *_ = house.writes
    assert setting == FULL
    assert at >= SOUND


def test_it_would_have_been_written_at_the_boundary(tmp_path: Path) -> None:
    for rules in (AFTERNOON, WITH_SOE):
        (tmp_path / str(len(rules))).mkdir()
        house = played(tmp_path / str(len(rules)), rules, "/nothing", {})
        assert (house.writes[0][0] - BOUNDARY).total_seconds() < 60


def test_a_changed_certificate_stops_writing_and_is_told_once(tmp_path: Path) -> None:
    found = f"sha256:{IMPOSTOR.fingerprint}"
    house = played(tmp_path, AFTERNOON, "", CertificateMismatch(f"it shows {found}", found))
    assert house.writes[0][0] >= SOUND
    told = [text for _, text in house.notes() if "unreachable" in text]
    assert told == ["unreachable"]
    assert [text for _, text in house.notes("unreachable")] == [f"it shows {found}"]


# --- over real HTTPS ---------------------------------------------------------------------------


def site(folder: Path, host: str, pin: str) -> Site:
    password = folder / "password"
    password.write_text(SHIPPED.installer_password, "utf-8")
    password.chmod(0o600)
    access = GatewayAccess(host, pin, "installer", "", password, "")
    return Site("home", (), timedelta(seconds=30), access, SAFETY)


def gateway_of(folder: Path, host: str, pin: str, clock: Clock) -> Gateway:
    make = local_route(
        site(folder, host, pin), folder / "journal.sqlite", clock, Run("1", "boot:1")
    )
    return make(lambda *_: None)


def test_the_next_process_goes_on_with_the_session_of_the_last(tmp_path: Path) -> None:
    clock = HandClock(NOON)
    simulated = SimulatedGateway(Home(SteadyHousehold(), NOON), PROFILES["1.49"], clock)
    certificate = self_signed(datetime(2026, 1, 1, tzinfo=UTC))

    async def run() -> None:
        async with serve(simulated, "127.0.0.1", 0, certificate) as address:
            for _ in range(3):
                pin = f"sha256:{certificate.fingerprint}"
                gateway = gateway_of(tmp_path, str(address), pin, clock)
                await gateway.connect()
                assert (await gateway.observe(frozenset({Endpoint.SOE}))).soe is not None
                await gateway.write_back()
                assert gateway.capabilities.may_write is True
                assert gateway.capabilities.timezone == "America/Los_Angeles"
                assert gateway.capabilities.started is not None
                await gateway.close()

    asyncio.run(run())
    assert len(simulated.record.logins) == 1


def test_an_impostor_gets_neither_password_nor_token(tmp_path: Path) -> None:
    clock = HandClock(NOON)
    simulated = SimulatedGateway(Home(SteadyHousehold(), NOON), PROFILES["1.49"], clock)
    certificate = self_signed(datetime(2026, 1, 1, tzinfo=UTC))
    pin = f"sha256:{certificate.fingerprint}"

    async def run() -> bytes:
        async with serve(simulated, "127.0.0.1", 0, certificate) as address:
            gateway = gateway_of(tmp_path, str(address), pin, clock)
            await gateway.connect()
            await gateway.close()
        async with listening(saying(http(b"{}")), IMPOSTOR) as server:
            # The same host and port as far as the kept session knows: its file is moved there.
            kept = tmp_path / "journal-session-home.json"
            content = kept.read_text("utf-8").replace(str(address), server.host)
            kept.write_text(content, "utf-8")
            gateway = gateway_of(tmp_path, server.host, pin, clock)
            asks = (
                gateway.connect,
                gateway.write_back,
                lambda: gateway.observe(frozenset(Endpoint)),
            )
            for ask in asks:
                with pytest.raises(GatewayProblem) as caught:
                    await ask()
                assert isinstance(caught.value, CertificateMismatch)
            await gateway.close()
            await asyncio.sleep(0)
            return bytes(server.received)

    assert asyncio.run(run()) == b""
