"""What the Fleet API answers, as the contents of its answers.

Shapes are those in pypowerwall's `fleetapi` and in home-assistant's fixtures of `tesla_fleet`;
values come from the home, serial numbers and names are invented. Percent is as in the app. Which
words stand for a grid that comes and goes is assumed where public clients only list them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from rules.battery import Flow
from rules.domain import Export, GridStatus, Setting
from scheduler.simulator.bodies.device import Device, units
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.wire import WireResponse, as_json

DISABLED: Final = as_json({"error": "account disabled: EXCEEDED_LIMIT"}, 403)
"""Recorded in teslamotors/vehicle-command issue 403 and PowerwallCompanion issue 22."""
UPDATED: Final = as_json({"response": {"code": 201, "message": "Updated"}})
"""With code and message in lower case; they have been seen capitalised too (TeslaPy issue 172)."""

_GRID: Final[Mapping[GridStatus, tuple[str, str]]] = {
    GridStatus.CONNECTED: ("Active", "on_grid"),
    GridStatus.TRANSITION_TO_GRID: ("Active", "off_grid"),
    GridStatus.ISLANDED: ("Inactive", "off_grid_unintentional"),
    GridStatus.TRANSITION_TO_ISLAND: ("Inactive", "off_grid"),
    GridStatus.ISLAND_READY: ("Inactive", "off_grid"),
    GridStatus.MICROGRID_FAULTED: ("Unknown", "island_status_unknown"),
    GridStatus.WAIT_FOR_USER: ("Unknown", "island_status_unknown"),
}
"""`grid_status` and `island_status`."""

_RATE_PLAN: Final = {
    "code": "SIMULATED",
    "name": "Simulated rate plan",
    "utility": "Simulated utility",
    "daily_charges": [{"amount": 0, "name": "Charge"}],
    "demand_charges": {"ALL": {"ALL": 0}, "Summer": {}, "Winter": {}},
    "energy_charges": {
        "ALL": {"ALL": 0},
        "Summer": {"ON_PEAK": 0.5, "OFF_PEAK": 0.25},
        "Winter": {},
    },
}
"""A short one; its seasons are left out, and nothing here goes by it."""

_UNIT_PART: Final = "3012170-05-B"
_INSTALLED: Final = "2021-09-25T15:53:47-07:00"


class Measured(NamedTuple):
    """What the cloud knows of a site, and since when."""

    at: datetime
    energy_wh: float
    percent: float
    flow: Flow
    grid: GridStatus
    services: bool
    storm: bool


def problem(status: int, error: str, description: str = "") -> WireResponse:
    """A refusal in the API's documented form."""
    return as_json({"response": None, "error": error, "error_description": description}, status)


def limited(seconds: int) -> WireResponse:
    """Too many requests; the words are recorded in teslamotors/vehicle-command issue 255."""
    headers = (("content-type", "text/plain"), ("retry-after", str(seconds)))
    return WireResponse(429, headers, f"Retry in {seconds} seconds".encode())


def live_status(gateway: SimulatedGateway, measured: Measured) -> dict[str, Any]:
    """The content of `live_status`: powers with the gateway's signs."""
    grid_status, island_status = _GRID[measured.grid]
    flow = measured.flow
    return {
        "solar_power": round(flow.solar_w),
        "energy_left": measured.energy_wh,
        "total_pack_energy": round(gateway.home.battery.capacity_wh),
        "percentage_charged": measured.percent,
        "backup_capable": True,
        "battery_power": round(flow.battery_w),
        "load_power": round(flow.load_w),
        "grid_status": grid_status,
        "grid_services_active": measured.services,
        "grid_power": round(flow.site_w),
        "grid_services_power": 0,
        "generator_power": 0,
        "island_status": island_status,
        "storm_mode_active": measured.storm,
        "timestamp": _local(gateway, measured.at),
        "wall_connectors": [],
    }


def site_info(
    site: str, gateway: SimulatedGateway, shown: Setting, *, rate_plan: bool
) -> dict[str, Any]:
    """The content of `site_info`; `rate_plan`: the owner has set one in the app."""
    home, device = gateway.home, gateway.device
    count = units(home)
    return {
        "id": device.din,
        "site_name": _name(site),
        "backup_reserve_percent": shown.reserve,
        "default_real_mode": shown.mode,
        "installation_date": _INSTALLED,
        "user_settings": {
            "go_off_grid_test_banner_enabled": False,
            "storm_mode_enabled": True,
            "powerwall_onboarding_settings_set": True,
            "powerwall_tesla_electric_interested_in": False,
            "vpp_tour_enabled": True,
            "sync_grid_alert_enabled": True,
            "breaker_alert_enabled": False,
        },
        "components": {
            **_components(),
            "configurable": True,
            "grid_services_enabled": False,
            "gateways": [_gateway(gateway)],
            "batteries": [_battery(device, index) for index in range(count)],
            "system_alerts_enabled": True,
            **_permissions(shown),
        },
        "version": gateway.profile.version.strip(),
        "battery_count": count,
        "tariff_content": _RATE_PLAN if rate_plan else {},
        "tou_settings": {"optimization_strategy": "economics", "schedule": []},
        "nameplate_power": round(home.battery.power_w),
        "nameplate_energy": round(home.battery.capacity_wh),
        "installation_time_zone": home.household.timezone.key,
        "max_site_meter_power_ac": 1_000_000_000,
        "min_site_meter_power_ac": -1_000_000_000,
    }


def site_status(site: str, gateway: SimulatedGateway, measured: Measured) -> dict[str, Any]:
    """The content of `site_status`."""
    return {
        "resource_type": "battery",
        "site_name": _name(site),
        "gateway_id": gateway.device.din,
        "percentage_charged": measured.percent,
        "battery_type": "ac_powerwall",
        "backup_capable": True,
        "battery_power": round(measured.flow.battery_w),
        "go_off_grid_test_banner_enabled": None,
        "storm_mode_enabled": True,
        "powerwall_onboarding_settings_set": True,
        "powerwall_tesla_electric_interested_in": None,
        "vpp_tour_enabled": None,
        "sync_grid_alert_enabled": True,
        "breaker_alert_enabled": True,
    }


def product(site: str, gateway: SimulatedGateway, measured: Measured) -> dict[str, Any]:
    """A site among the `products` of its owner."""
    return {
        "energy_site_id": int(site),
        **site_status(site, gateway, measured),
        "id": f"STE{site}",
        "energy_left": measured.energy_wh,
        "total_pack_energy": round(gateway.home.battery.capacity_wh),
        "components": _components(),
    }


def car() -> dict[str, Any]:
    """What stands among the products as well: clients have to tell it from a site."""
    return {
        "id": 100_021,
        "vehicle_id": 99_999,
        "vin": "5YJ3000000SIMUL01",
        "access_type": "OWNER",
        "display_name": "Simulated car",
        "state": None,
        "in_service": False,
        "id_s": "100021",
    }


def _permissions(shown: Setting) -> dict[str, Any]:
    """Grid charging and export, where they stand in the components; what is allowed is left out."""
    said: dict[str, Any] = {"customer_preferred_export_rule": shown.export}
    if shown.grid_charging is False:
        said["disallow_charge_from_grid_with_solar_installed"] = True
    if shown.export is Export.NEVER:
        said["non_export_configured"] = True
    return said


def _components() -> dict[str, Any]:
    return {
        "solar": True,
        "solar_type": "pv_panel",
        "battery": True,
        "grid": True,
        "backup": True,
        "gateway": "teg",
        "load_meter": True,
        "tou_capable": True,
        "storm_mode_capable": True,
        "flex_energy_request_capable": False,
        "off_grid_vehicle_charging_reserve_supported": True,
        "set_islanding_mode_enabled": True,
        "battery_type": "ac_powerwall",
    }


def _gateway(gateway: SimulatedGateway) -> dict[str, Any]:
    device = gateway.device
    part, _, serial = device.din.partition("--")
    return {
        "device_id": f"gateway-{serial}",
        "din": device.din,
        "serial_number": serial,
        "part_number": part,
        "part_type": 10,
        "part_name": "Tesla Backup Gateway 2",
        "is_active": True,
        "firmware_version": gateway.profile.version.strip(),
        "updated_datetime": device.booted.isoformat(),
    }


def _battery(device: Device, index: int) -> dict[str, Any]:
    return {
        "device_id": f"battery-{device.unit(index)}",
        "din": f"{_UNIT_PART}--{device.unit(index)}",
        "serial_number": device.unit(index),
        "part_number": _UNIT_PART,
        "part_type": 2,
        "part_name": "Powerwall 2",
        "nameplate_max_charge_power": 5_000,
        "nameplate_max_discharge_power": 5_000,
        "nameplate_energy": 13_500,
    }


def _name(site: str) -> str:
    return f"Simulated home {site}"


def _local(gateway: SimulatedGateway, instant: datetime) -> str:
    zone = gateway.home.household.timezone
    return instant.astimezone(zone).isoformat(timespec="seconds")
