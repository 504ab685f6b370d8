"""Two public clients, as they come, against the simulated gateway over real HTTPS.

They know real gateways; where they find what they look for, so will others. Both are pointed at
another port by their own options, and both take any certificate.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
import tesla_powerwall
from processes import gateway, served
from public_clients import (
    CLIENTS,
    FIRMWARE,
    TESLA_POWERWALL,
    connected,
    passing,
    password,
    reasons,
    titles,
)
from simulated import mode_and_reserve
from tesla_powerwall import AccessDeniedError, GridStatus, Powerwall
from tesla_powerwall.api import API

from docs.generate_clients import DOCUMENT, MARKED, generated
from rules.domain import Mode, Setting
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault, FaultPlan
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.server import Address

READS = re.compile(r"(get|is)_")
OTHER = {"get_api", "is_authenticated"}
"""Of the class, what asks the gateway nothing."""
CHANGES = {"get_sitemaster_run", "get_sitemaster_stop"}
WRAPPED = {
    "get_system_status", "get_system_status_soe", "get_system_status_grid_status", "get_status",
    "get_sitemaster", "get_meters_aggregates", "get_meters_site", "get_meters_solar",
    "get_operation", "get_site_info", "get_solars", "get_config",
}  # fmt: skip
"""Of its `api`, what the class has a call for."""


@pytest.fixture(autouse=True)
def _no_way_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy in between, and a folder of its own for what a client leaves behind."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.chdir(tmp_path)


def test_the_tables_say_which_calls_pass_on_which_firmware(tmp_path: Path) -> None:
    passed = {name: passing(name, tmp_path / name) for name in FIRMWARE}
    document = DOCUMENT.read_text("utf-8")
    tables = generated(document, passed, titles(), reasons())
    assert tables == document, "say: python docs/generate_clients.py"
    assert len(MARKED.findall(document)) == len(CLIENTS)


def test_a_table_tells_of_a_call_that_fails_on_one_firmware() -> None:
    passed = {name: {"pypowerwall": {"level"}} for name in ("1.49", "1.50.1", "20.49", "21.39")}
    document = "<!-- calls of pypowerwall -->\n<!-- end of calls -->"

    def row() -> str:
        said = generated(document, passed, {"pypowerwall": "it"}, {"pypowerwall": {"level": "why"}})
        return said.splitlines()[3]

    assert row() == "| `level` | all |  |"
    passed["1.50.1"] = {"pypowerwall": set()}
    assert row() == "| `level` | up to 1.49, from 20.49 | why |"
    passed["21.39"] = {"pypowerwall": set()}
    assert row() == "| `level` | up to 1.49, 20.49 | why |"
    passed["1.49"] = passed["20.49"] = {"pypowerwall": set()}
    assert row() == "| `level` | none | why |"


def test_no_read_of_tesla_powerwall_is_left_out() -> None:
    calls = {name for name in vars(Powerwall) if READS.match(name)} - OTHER
    below = {name for name in vars(API) if READS.match(name)} - OTHER - CHANGES - WRAPPED
    assert set(TESLA_POWERWALL) == calls | {f"api.{name}" for name in below}


def test_whatever_fails_somewhere_says_why() -> None:
    rows = [
        line.split(" | ")
        for table in MARKED.finditer(DOCUMENT.read_text("utf-8"))
        for line in table[0].splitlines()
        if line.startswith("| `")
    ]
    assert rows
    assert [row for row in rows if row[1] != "all" and not row[2].strip(" |")] == []


class TestTeslaPowerwall:
    def test_it_is_refused_as_by_a_real_one(self) -> None:
        simulated = gateway(profile="21.44")

        async def talk(address: Address) -> str:
            async with Powerwall(str(address)) as powerwall:
                with pytest.raises(AccessDeniedError) as caught:
                    await powerwall.login("wrong")
                return str(caught.value)

        with served(simulated) as address:
            assert "bad credentials" in asyncio.run(talk(address))

    def test_it_leaves_the_grid_where_it_may(self) -> None:
        simulated = gateway(profile="21.44")

        async def talk(address: Address) -> tuple[object, object]:
            async with Powerwall(str(address)) as powerwall:
                await powerwall.login(password(simulated))
                echo = await powerwall.set_island_mode(tesla_powerwall.IslandMode.OFFGRID)
                return echo, await powerwall.get_grid_status()

        with served(simulated) as address:
            told = asyncio.run(talk(address))
        assert told == (tesla_powerwall.IslandMode.OFFGRID, GridStatus.ISLANDED)


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")  # it never verifies, and says so
class TestPypowerwall:
    @pytest.mark.parametrize("authmode", ["cookie", "token"])
    def test_it_logs_in_and_out(self, authmode: str, tmp_path: Path) -> None:
        simulated = gateway(profile="21.44")
        with served(simulated) as address:
            powerwall = connected(simulated, address, tmp_path, authmode)
            assert powerwall.get_mode() == "self_consumption"
            powerwall.client.close_session()
        assert simulated.record.requests[-1].path == "/api/logout"

    def test_it_asks_newer_firmware_for_vitals_only_once(self, tmp_path: Path) -> None:
        simulated = gateway(profile="23.44")
        with served(simulated) as address:
            powerwall = connected(simulated, address, tmp_path)
            assert [powerwall.vitals(), powerwall.vitals()] == [None, None]
            powerwall.client.close_session()
        asked = [seen for seen in simulated.record.requests if seen.path == "/api/devices/vitals"]
        assert [seen.status for seen in asked] == [404]

    def test_its_write_is_refused_to_a_customer(self, tmp_path: Path) -> None:
        simulated = gateway(profile="21.44")
        with served(simulated) as address:
            powerwall = connected(simulated, address, tmp_path)
            assert powerwall.set_reserve(50) is None
            powerwall.client.close_session()
        refused = [seen for seen in simulated.record.requests if seen.method == "POST"][-1]
        assert (refused.path, refused.status) == ("/api/operation", 403)
        assert json.loads(refused.sent)["real_mode"] == "self_consumption"
        assert mode_and_reserve(simulated.home.setting) == Setting(Mode.SELF_CONSUMPTION, 20)

    def test_it_pauses_when_it_is_limited(self, tmp_path: Path) -> None:
        simulated = gateway(profile="21.44")
        now = simulated.advance()
        limit = Fault(FaultKind.RATE_LIMITED, now, now.replace(year=now.year + 1), "/api/system")
        simulated = SimulatedGateway(
            simulated.home, simulated.profile, simulated._clock, faults=FaultPlan([limit])
        )
        with served(simulated) as address:
            powerwall = connected(simulated, address, tmp_path)
            assert powerwall.level() is None
            asked = len(simulated.record.requests)
            assert powerwall.level() is None
            assert len(simulated.record.requests) == asked
            powerwall.client.close_session()
