"""What two public clients can read of a gateway, and what is right at a steady home.

`passing` plays every read of a client, as it comes, against the simulated gateway of one firmware
over real HTTPS. A read passes if the client takes the answer and gives what the home is at.
"""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest import mock

import aiohttp
import pypowerwall
from processes import gateway, served
from pypowerwall.local.exceptions import LoginError
from tesla_powerwall import DeviceType, GridStatus, OperationMode, Powerwall
from tesla_powerwall.error import PowerwallError

from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.profiles import PROFILES
from scheduler.simulator.server import Address

FIRMWARE: Final = tuple(PROFILES)[1:]
"""Both speak HTTPS alone, which 1.15 does not."""

DIN: Final = "1232100-00-E--SIM1800001234"
UNIT: Final = "SIM1800001234B1"


class Read(NamedTuple):
    """One call of a client; `why` says why it fails on some firmware, of a real gateway as well."""

    call: Callable[[Any], Any]
    right: Callable[[Any], bool]
    why: str = ""


_STRANGE_METER = "until then there are meters that the client does not know"
_NO_LOGIN = "the token comes without a cookie until then, and the client needs one"
_NO_STATUS = "until then `sitemaster` has no `status`"
_NO_TYPE = "until then `status` does not name the device"
_NO_DIN = "until then no DIN is shown"
_NO_SERVICES = "until then not shown"
_VITALS = "only these have `/api/devices/vitals`"

TESLA_POWERWALL: Final[Mapping[str, Read]] = {
    "get_charge": Read(lambda p: p.get_charge(), lambda v: _near(v, 52.5)),
    "get_energy": Read(lambda p: p.get_energy(), lambda v: _near(v, 7461, 5)),
    "get_capacity": Read(lambda p: p.get_capacity(), lambda v: v == 14_211),
    "get_sitemaster": Read(
        lambda p: p.get_sitemaster(), lambda v: v.status == "StatusUp" and v.is_running, _NO_STATUS
    ),
    "get_meters": Read(
        lambda p: p.get_meters(),
        lambda v: (v.load.instant_power, v.battery.instant_power) == (1_000, 1_000),
        _STRANGE_METER,
    ),
    "get_meter_site": Read(
        lambda p: p.get_meter_site(),
        lambda v: (v.readings.instant_power, v.readings.v_l1n) == (0, 120),
        _NO_LOGIN,
    ),
    "get_meter_solar": Read(
        lambda p: p.get_meter_solar(),
        lambda v: (v.readings.instant_power, v.location.value) == (0, "solar"),
        _NO_LOGIN,
    ),
    "get_grid_status": Read(lambda p: p.get_grid_status(), lambda v: v is GridStatus.CONNECTED),
    "is_grid_services_active": Read(
        lambda p: p.is_grid_services_active(), lambda v: v is False, _NO_SERVICES
    ),
    "get_instantaneous_max_charge_power": Read(
        lambda p: p.get_instantaneous_max_charge_power(), lambda v: 0 < v <= 5_000
    ),
    "get_instantaneous_max_discharge_power": Read(
        lambda p: p.get_instantaneous_max_discharge_power(), lambda v: v == 5_000
    ),
    "get_batteries": Read(
        lambda p: p.get_batteries(),
        lambda v: [(each.serial_number, each.p_out) for each in v] == [(UNIT, 1_000)],
    ),
    "get_site_info": Read(
        lambda p: p.get_site_info(),
        lambda v: (v.nominal_system_energy, v.nominal_system_power) == (13.5, 5),
        "until then no `nominal_system_power_kW`",
    ),
    "get_status": Read(
        lambda p: p.get_status(), lambda v: v.up_time_seconds >= timedelta(hours=230), _NO_TYPE
    ),
    "get_device_type": Read(lambda p: p.get_device_type(), lambda v: v is DeviceType.GW2, _NO_TYPE),
    "get_version": Read(lambda p: p.get_version(), lambda v: v[0].isdigit()),
    "get_serial_numbers": Read(lambda p: p.get_serial_numbers(), lambda v: v == [UNIT]),
    "get_gateway_din": Read(lambda p: p.get_gateway_din(), lambda v: v == DIN, _NO_DIN),
    "get_operation_mode": Read(
        lambda p: p.get_operation_mode(), lambda v: v is OperationMode.SELF_CONSUMPTION, _NO_LOGIN
    ),
    "get_backup_reserve_percentage": Read(
        lambda p: p.get_backup_reserve_percentage(), lambda v: v == 24, _NO_LOGIN
    ),
    "get_solars": Read(
        lambda p: p.get_solars(), lambda v: v[0].power_rating_watts == 6_000, _NO_LOGIN
    ),
    "get_vin": Read(lambda p: p.get_vin(), lambda v: v == DIN, _NO_LOGIN),
    "api.get_customer_registration": Read(
        lambda p: p.get_api().get_customer_registration(), lambda v: v["registered"] is True
    ),
    "api.get_powerwalls": Read(
        lambda p: p.get_api().get_powerwalls(), lambda v: len(v["powerwalls"]) == 1
    ),
    "api.get_networks": Read(
        lambda p: p.get_api().get_networks(), lambda v: len(v) >= 3, _NO_LOGIN
    ),
    "api.get_meters": Read(lambda p: p.get_api().get_meters(), lambda v: "cts" in v[0], _NO_LOGIN),
    "api.get_installer": Read(
        lambda p: p.get_api().get_installer(), lambda v: "company" in v, _NO_LOGIN
    ),
    "api.get_solar_brands": Read(
        lambda p: p.get_api().get_solar_brands(), lambda v: "Tesla" in v, _NO_LOGIN
    ),
    "api.get_system_update_status": Read(
        lambda p: p.get_api().get_system_update_status(),
        lambda v: v["state"] in {"/update_unknown", "/update_succeeded", "/update_failed"},
        "1.25 wants a login for it, and gives no cookie",
    ),
    "api.get_site_info_grid_codes": Read(
        lambda p: p.get_api().get_site_info_grid_codes(),
        lambda v: "Germany" in v,
        "before, the client has no login; after, it is `/api/site_info/grid_regions`",
    ),
    "api.get_phase_usage": Read(
        lambda p: p.get_api().get_phase_usage(),
        bool,
        "a recorded gateway answers 500, and that is all that is known",
    ),
    "api.get_logs": Read(lambda p: p.get_api().get_logs(), bool, "no answer is recorded"),
}
"""Those of the class, and those of its `api` that the class has no call for."""


def _right_vitals(devices: Mapping[str, Mapping[str, Any]]) -> bool:
    kinds = {name.partition("--")[0] for name in devices}
    thermal, gateway = f"TETHC--3012170-05-B--{UNIT}", f"STSTSM--{DIN}"
    return (
        kinds == {"STSTSM", "TESYNC", "TETHC", "TEPINV", "TEPOD"}
        and devices[gateway]["lastCommunicationTime"] > 1_700_000_000
        and devices[thermal]["componentParentDin"] == gateway
        and devices[f"TEPINV--1081100-10-U--{UNIT}"]["PINV_Pout"] == 1.0
        and devices["TESYNC--1493315-01-F--MSIM1800001234"]["ISLAND_GridConnected"] is True
    )


PYPOWERWALL: Final[Mapping[str, Read]] = {
    "is_connected": Read(lambda p: p.is_connected(), lambda v: v is True),
    "poll": Read(
        lambda p: p.poll("/api/site_info"),
        lambda v: v["timezone"] == "America/Los_Angeles",
    ),
    "level": Read(lambda p: p.level(), lambda v: _near(v, 52.5)),
    "power": Read(
        lambda p: p.power(),
        lambda v: v == {"site": 0, "solar": 0, "battery": 1_000, "load": 1_000},
    ),
    "site": Read(lambda p: p.site(), lambda v: v == 0),
    "grid": Read(lambda p: p.grid(), lambda v: v == 0),
    "solar": Read(lambda p: p.solar(), lambda v: v == 0),
    "battery": Read(lambda p: p.battery(), lambda v: v == 1_000),
    "load": Read(lambda p: p.load(), lambda v: v == 1_000),
    "home": Read(lambda p: p.home(verbose=True), lambda v: v["instant_average_voltage"] == 240),
    "site_name": Read(lambda p: p.site_name(), lambda v: v == "Simulated Home"),
    "status": Read(lambda p: p.status(), lambda v: v["is_new"] is False),
    "version": Read(lambda p: p.version(int_value=True), lambda v: v >= 12_000),
    "uptime": Read(lambda p: p.uptime(), lambda v: v.startswith("230h")),
    "din": Read(lambda p: p.din(), lambda v: v == DIN, _NO_DIN),
    "get_reserve": Read(lambda p: p.get_reserve(), lambda v: _near(v, 20, 1e-9), _NO_LOGIN),
    "get_mode": Read(lambda p: p.get_mode(), lambda v: v == "self_consumption", _NO_LOGIN),
    "grid_status": Read(lambda p: p.grid_status(), lambda v: v == "UP"),
    "system_status": Read(lambda p: p.system_status(), lambda v: v["available_blocks"] == 1),
    "battery_blocks": Read(lambda p: p.battery_blocks(), lambda v: v[UNIT]["p_out"] == 1_000),
    "get_time_remaining": Read(lambda p: p.get_time_remaining(), lambda v: _near(v, 7.46)),
    "alerts": Read(lambda p: p.alerts(), lambda v: "SystemConnectedToGrid" in v),
    "strings": Read(lambda p: p.strings(), lambda v: v == {}),
    "vitals": Read(lambda p: p.vitals(), _right_vitals, _VITALS),
    "temps": Read(lambda p: p.temps(), lambda v: list(v.values()) == [21.5], _VITALS),
}
"""Those of local mode; tariff, grid charging and export are for the cloud alone."""

CLIENTS: Final = {"tesla_powerwall": TESLA_POWERWALL, "pypowerwall": PYPOWERWALL}


def titles() -> dict[str, str]:
    """The clients with their versions."""
    return {name: f"{name} {version(name)}" for name in CLIENTS}


def reasons() -> dict[str, dict[str, str]]:
    """Why a call fails where it does, by client and call."""
    return {
        client: {name: read.why for name, read in reads.items()}
        for client, reads in CLIENTS.items()
    }


def passing(firmware: str, folder: Path) -> dict[str, set[str]]:
    """The reads that pass on this firmware, by client; `folder` is for what a client leaves."""
    folder.mkdir(exist_ok=True)
    simulated = gateway(profile=firmware)
    direct = mock.patch.dict(os.environ, {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"})
    with direct, served(simulated) as address, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pypowerwall never verifies, and says so each time
        return {
            "tesla_powerwall": asyncio.run(_tesla_powerwall(simulated, address)),
            "pypowerwall": _pypowerwall(simulated, address, folder),
        }


def password(simulated: SimulatedGateway) -> str:
    return simulated.credentials.password(simulated.profile, "customer")


def connected(
    simulated: SimulatedGateway, address: Address, folder: Path, authmode: str = "cookie"
) -> pypowerwall.Powerwall:
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


async def _tesla_powerwall(simulated: SimulatedGateway, address: Address) -> set[str]:
    passed = set()
    async with Powerwall(str(address)) as powerwall:
        # Much is open to everybody on firmware whose login it does not understand.
        with suppress(PowerwallError, KeyError):
            await powerwall.login(password(simulated))
        for name, read in TESLA_POWERWALL.items():
            if await _passes(read, powerwall):
                passed.add(name)
    return passed


async def _passes(read: Read, powerwall: Powerwall) -> bool:
    asked: Awaitable[Any] = read.call(powerwall)
    try:
        return read.right(await asked)
    except (PowerwallError, aiohttp.ClientError, KeyError, ValueError):
        return False


def _pypowerwall(simulated: SimulatedGateway, address: Address, folder: Path) -> set[str]:
    powerwall = connected(simulated, address, folder)
    passed = set()
    for name, read in PYPOWERWALL.items():
        try:
            value = read.call(powerwall)
        except LoginError:
            continue
        if value is not None and read.right(value):
            passed.add(name)
    powerwall.client.close_session()
    return passed


def _near(value: float, wanted: float, within: float = 0.1) -> bool:
    return abs(value - wanted) <= within
