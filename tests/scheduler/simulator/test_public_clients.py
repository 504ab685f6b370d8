"""Two public clients, as they come, against the simulated gateway over real HTTPS.

They know real gateways; where they find what they look for, so will others. Both are pointed at
another port by their own options, and both take any certificate.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pypowerwall
import pytest
import tesla_powerwall
from processes import gateway, served
from simulated import mode_and_reserve
from tesla_powerwall import AccessDeniedError, GridStatus, OperationMode, Powerwall

from rules.domain import Mode, Setting
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault, FaultPlan
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.profiles import PROFILES
from scheduler.simulator.server import Address

OPEN_TO_CUSTOMERS = [name for name, profile in PROFILES.items() if profile.logins is not None]
SHOWING_ALL = OPEN_TO_CUSTOMERS[OPEN_TO_CUSTOMERS.index("20.49") :]
"""From here on the answers have what tesla_powerwall looks for (`status` of sitemaster)."""


def password(simulated: SimulatedGateway) -> str:
    return simulated.credentials.password(simulated.profile, "customer")


@pytest.fixture(autouse=True)
def _no_way_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy in between, and a folder of its own for what a client leaves behind."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.chdir(tmp_path)


class TestTeslaPowerwall:
    @pytest.mark.parametrize("profile", SHOWING_ALL)
    def test_it_logs_in_and_reads(self, profile: str) -> None:
        simulated = gateway(profile=profile)

        async def talk(address: Address) -> dict[str, Any]:
            async with Powerwall(str(address)) as powerwall:
                login = await powerwall.login(password(simulated))
                meters = await powerwall.get_meters()
                return {
                    "roles": [role.value for role in login.roles],
                    "charge": await powerwall.get_charge(),
                    "load": meters.load.instant_power,
                    "battery": meters.battery.instant_power,
                    "site": meters.site.instant_power,
                    "solar": meters.solar.instant_power,
                    "grid": await powerwall.get_grid_status(),
                    "services": await powerwall.is_grid_services_active(),
                    "mode": await powerwall.get_operation_mode(),
                    "reserve": await powerwall.get_backup_reserve_percentage(),
                    "version": (await powerwall.get_status()).version,
                    "running": (await powerwall.get_sitemaster()).is_running,
                    "energy": (await powerwall.get_site_info()).nominal_system_energy,
                    "serials": await powerwall.get_serial_numbers(),
                    "blocks": len(await powerwall.get_batteries()),
                    "device": (await powerwall.get_device_type()).value,
                }

        with served(simulated) as address:
            read = asyncio.run(talk(address))
        assert read.pop("charge") == pytest.approx(52.5, abs=0.1)
        assert read.pop("reserve") == pytest.approx(24, abs=0.001)
        assert read == {
            "roles": ["Home_Owner"],
            "load": 1_000,
            "battery": 1_000,
            "site": 0,
            "solar": 0,
            "grid": GridStatus.CONNECTED,
            "services": False,
            "mode": OperationMode.SELF_CONSUMPTION,
            "version": simulated.profile.version,
            "running": True,
            "energy": 13.5,
            "serials": ["SIM1800001234B1"],
            "blocks": 1,
            "device": "teg",
        }

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
    @pytest.mark.parametrize("profile", OPEN_TO_CUSTOMERS)
    def test_it_logs_in_and_reads(self, profile: str, authmode: str, tmp_path: Path) -> None:
        simulated = gateway(profile=profile)
        with served(simulated) as address:
            powerwall = self.connected(simulated, address, tmp_path, authmode)
            assert powerwall.is_connected()
            assert powerwall.level() == pytest.approx(52.5, abs=0.1)
            assert powerwall.level(scale=True) == pytest.approx(50, abs=0.1)
            assert powerwall.power() == {
                "site": 0, "solar": 0, "battery": 1_000, "load": 1_000
            }  # fmt: skip
            assert powerwall.grid_status() == "UP"
            assert powerwall.get_mode() == "self_consumption"
            assert powerwall.get_reserve() == pytest.approx(20, abs=0.01)
            assert powerwall.version() == simulated.profile.version
            assert powerwall.din() == "1232100-00-E--SIM1800001234"
            assert powerwall.site_name() == "Simulated Home"
            powerwall.client.close_session()
        assert simulated.record.requests[-1].path == "/api/logout"

    def test_it_asks_newer_firmware_for_vitals_only_once(self, tmp_path: Path) -> None:
        simulated = gateway(profile="23.44")
        with served(simulated) as address:
            powerwall = self.connected(simulated, address, tmp_path, "cookie")
            assert [powerwall.vitals(), powerwall.vitals()] == [None, None]
            powerwall.client.close_session()
        asked = [seen for seen in simulated.record.requests if seen.path == "/api/devices/vitals"]
        assert [seen.status for seen in asked] == [404]

    def test_its_write_is_refused_to_a_customer(self, tmp_path: Path) -> None:
        simulated = gateway(profile="21.44")
        with served(simulated) as address:
            powerwall = self.connected(simulated, address, tmp_path, "cookie")
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
            powerwall = self.connected(simulated, address, tmp_path, "cookie")
            assert powerwall.level() is None
            asked = len(simulated.record.requests)
            assert powerwall.level() is None
            assert len(simulated.record.requests) == asked
            powerwall.client.close_session()

    def connected(
        self, simulated: SimulatedGateway, address: Address, folder: Path, authmode: str
    ) -> pypowerwall.Powerwall:
        folder.mkdir(exist_ok=True)
        return pypowerwall.Powerwall(
            host=str(address),
            password=password(simulated),
            email="",
            pwcacheexpire=0,
            authmode=authmode,
            cachefile=str(folder / ".powerwall"),
            authpath=str(folder),
            failover=False,
        )
