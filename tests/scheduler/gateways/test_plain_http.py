"""Firmware that speaks plain http: the whole way of it, and what never happens on that way."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from scripted import ScriptedTransport, reply
from simulated import SteadyHousehold, mode_and_reserve
from simulated_client import HandClock

from rules.domain import Mode, Setting
from scheduler.domain import Endpoint
from scheduler.errors import GatewayProblem, Unreachable, WriteUncertain
from scheduler.gateways.local import LocalGateway, SessionFile
from scheduler.gateways.local.transport import LOGIN, OPERATION, SITEMASTER, SOE, STATUS
from scheduler.simulator.certificate import self_signed
from scheduler.simulator.gateway import SHIPPED, SimulatedGateway
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import PROFILES
from scheduler.simulator.server import serve

NOON = datetime(2026, 7, 1, 19, tzinfo=UTC)
PLACE = "192.168.1.2"
WISH = Setting(Mode.BACKUP, 30)
CERTIFICATE = self_signed(datetime(2026, 1, 1, tzinfo=UTC))
MOVED = {"location": f"https://{PLACE}/"}
PASSWORD, TOKEN = "CANARY-pass", "CANARYtoken=="


def simulated(profile: str, clock: HandClock) -> SimulatedGateway:
    return SimulatedGateway(Home(SteadyHousehold(), NOON, soe=50), PROFILES[profile], clock)


def test_a_whole_run_and_the_next_one_with_its_session(tmp_path: Path) -> None:
    clock = HandClock(NOON)
    there = simulated("1.15", clock)
    file = SessionFile.beside(tmp_path / "journal.sqlite", "home")

    async def run() -> None:
        async with serve(there, "127.0.0.1", 0, CERTIFICATE) as address:
            for _ in range(2):
                gateway = LocalGateway(
                    f"http://{address}", "installer", SHIPPED.installer_password, "", None, clock,
                    session_file=file,
                )  # fmt: skip
                await gateway.connect()
                assert (await gateway.observe(frozenset(Endpoint))).soe == pytest.approx(50)
                await gateway.apply(WISH)
                seen = await gateway.observe(frozenset({Endpoint.OPERATION, Endpoint.SITEMASTER}))
                assert (seen.mode, seen.running) == (Mode.BACKUP, True)
                assert seen.reserve == pytest.approx(30)
                assert gateway.capabilities.firmware == "1.15.0"
                assert gateway.capabilities.may_write is True
                await gateway.close()

    asyncio.run(run())
    assert [mode_and_reserve(each.setting) for each in there.record.settings[1:]] == [WISH, WISH]
    assert len(there.record.logins) == 1
    assert json.loads((tmp_path / "journal-session-home.json").read_text())["certificate"] is None


@pytest.mark.parametrize("profile", ["1.20", "1.49"])
def test_a_gateway_that_speaks_https_gets_nothing_in_plain_text(profile: str) -> None:
    clock = HandClock(NOON)
    there = simulated(profile, clock)

    async def run() -> None:
        async with serve(there, "127.0.0.1", 0, CERTIFICATE) as address:
            gateway = LocalGateway(
                f"http://{address}", "installer", SHIPPED.installer_password, "", None, clock
            )
            with pytest.raises(Unreachable):
                await gateway.connect()
            await gateway.close()

    asyncio.run(run())
    assert not there.record.requests


def test_the_other_way_round_it_says_how_to_write_the_host() -> None:
    clock = HandClock(NOON)

    async def run() -> None:
        async with serve(simulated("1.15", clock), "127.0.0.1", 0, CERTIFICATE) as address:
            gateway = LocalGateway(str(address), "installer", PASSWORD, "", None, clock)
            with pytest.raises(Unreachable, match='needs host = "http://ADDRESS"'):
                await gateway.connect()
            await gateway.close()

    asyncio.run(run())


class Moved:
    """A gateway that spoke plain http, and after its update refers to https."""

    def __init__(self) -> None:
        self.clock = HandClock(NOON)
        self.wire = ScriptedTransport()
        self.wire.on("GET", STATUS, reply(200, {"version": "1.15.0\n"}))
        self.wire.on("GET", SITEMASTER, reply(200, {"running": True}))
        self.wire.on("GET", SOE, reply(200, {"percentage": 50}))
        self.wire.on("POST", LOGIN, reply(200, {"token": TOKEN}))
        self.gateway = LocalGateway(
            f"http://{PLACE}", "installer", PASSWORD, "", None, self.clock, transport=self.wire
        )

    def moves(self, status: int) -> None:
        self.wire.seen.clear()
        for method, target in (
            ("GET", STATUS), ("GET", SITEMASTER), ("GET", SOE), ("GET", OPERATION),
            ("POST", OPERATION), ("POST", LOGIN),
        ):  # fmt: skip
            self.wire.on(method, target, httpx.Response(status, headers=MOVED))

    def problem_of_reading(self) -> GatewayProblem:
        with pytest.raises(GatewayProblem) as caught:
            asyncio.run(self.gateway.observe(frozenset({Endpoint.SOE})))
        return caught.value


REDIRECTS = pytest.mark.parametrize("status", [301, 302, 303, 307, 308])


@REDIRECTS
def test_at_the_first_contact_it_is_not_sent_the_password(status: int) -> None:
    house = Moved()
    house.moves(status)
    with pytest.raises(Unreachable, match="take http:// away from its host"):
        asyncio.run(house.gateway.connect())
    assert house.wire.targets == [f"GET {STATUS}"]


@REDIRECTS
def test_a_redirect_is_an_error_and_nothing_follows_it(status: int) -> None:
    house = Moved()
    asyncio.run(house.gateway.connect())
    house.moves(status)
    problem = house.problem_of_reading()
    assert "refers to another address, which is not followed" in str(problem)
    with pytest.raises(Unreachable) as caught:
        asyncio.run(house.gateway.apply(WISH))
    assert not isinstance(caught.value, WriteUncertain)  # who is sent away has done nothing
    assert house.wire.targets == [f"GET {SOE}", f"POST {OPERATION}"]


def test_before_another_login_it_is_asked_whether_it_still_speaks_so() -> None:
    house = Moved()
    asyncio.run(house.gateway.connect())
    house.clock.pass_time(timedelta(minutes=10).total_seconds())
    house.moves(301)
    house.wire.on("GET", SOE, reply(401, {"error": "Token Expired"}))
    assert "refers to another address" in str(house.problem_of_reading())
    assert house.wire.targets == [f"GET {SOE}", f"GET {STATUS}"]
    assert not [seen for seen in house.wire.seen if PASSWORD.encode() in seen.body]
