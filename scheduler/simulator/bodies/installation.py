"""What the installer entered: the site, its owner, its company, the inverter and the generator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from scheduler.simulator.bodies.device import HERTZ, Device
from scheduler.simulator.bodies.grid_codes import CALIFORNIA
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import Profile, Recorded

_SITE_NAME: Final = "Simulated Home"
_NO_LIMIT_KW: Final = 1_000_000_000
_COUNTRY: Final = "United States"
_COMPANY: Final = {"company": "Simulated Solar", "customer_id": "SIM-0000001"}
_PHONE: Final = {"phone": "+1 555 0100"}
_SUN_W: Final = 6_000

INVERTERS: Final[Mapping[str, Mapping[str, int]]] = {
    "ABB": {"PVI-6000-OUTD-US (240V)": 6_000},
    "Delta Energy Systems": {"Solivia 5.2 TL": 5_200},
    "Enphase Energy": {"IQ7PLUS-72-x-US (240V)": 290},
    "Fronius": {"Primo 6.0-1 (240V)": 6_000},
    "SMA America": {"SB6.0-1SP-US-40 (240V)": 6_000},
    "SolarEdge Technologies": {"SE5000 (240V) w/ -ER-US or A-US": 6_000, "SE3800H-US": 3_800},
    "Tesla": {"Solar Inverter 7.6": 7_600},
}
"""Brands and models that the wizard offers, with their watts; real lists are far longer."""
_INVERTER: Final = ("SolarEdge Technologies", "SE5000 (240V) w/ -ER-US or A-US")


def site_info(profile: Profile, home: Home) -> dict[str, Any]:
    """`/api/site_info`; up to 1.50.1 the grid code stands flat in it."""
    energy, power = home.battery.capacity_wh / 1000, home.battery.power_w / 1000
    body: dict[str, Any] = {
        **site_name(home),
        "max_site_meter_power_kW": _NO_LIMIT_KW,
        "min_site_meter_power_kW": -_NO_LIMIT_KW,
        "nominal_system_energy_kWh": energy,
    }
    code = {**CALIFORNIA.settings, "country": _COUNTRY, "state": "California"}
    if profile.shapes == Recorded.V1_15:
        return {**body, **code, "region": "UL1741SA"}
    body["nominal_system_power_kW"] = power
    code |= {
        "distributor": "*",
        "utility": "Southern California Edison",
        "retailer": "*",
        "region": CALIFORNIA.region,
    }
    if profile.shapes < Recorded.V21_39:
        return {**body, **code}
    body |= {
        "max_system_energy_kWh": energy,
        "max_system_power_kW": power,
        "grid_code": code,
    }
    if profile.shapes == Recorded.V21_39:
        body["measured_frequency"] = HERTZ
    if profile.shapes >= Recorded.V23_28:
        body["panel_max_current"] = 100
    return body


def site_name(home: Home) -> dict[str, str]:
    """`/api/site_info/site_name`."""
    return {"site_name": _SITE_NAME, "timezone": home.household.timezone.key}


def registration(profile: Profile) -> dict[str, bool | None]:
    """`/api/customer/registration`: `None` for what the owner was not asked or has not said."""
    legal = None if profile.shapes >= Recorded.V23_28 else True
    choice = True if Recorded.V21_39 <= profile.shapes < Recorded.V23_28 else None
    return {
        "privacy_notice": legal,
        "limited_warranty": legal,
        "grid_services": choice,
        "marketing": choice,
        "registered": True,
        "timed_out_registration": False,
    }


def customer(profile: Profile) -> dict[str, Any]:
    """`/api/customer`."""
    if profile.shapes >= Recorded.V23_28:
        return {"registered": True}
    agreed = {"registered": True, "privacy_notice": True, "limited_warranty": True}
    if profile.shapes >= Recorded.V21_39:
        return {**agreed, "marketing": True, "grid_services": True}
    place = {"city": "Fontana", "state": "California", "zip": "92336", "country": "US"}
    return {**place, **agreed, "emailed_registration": True}


def config(device: Device) -> dict[str, str]:
    """`/api/config`."""
    return {"vin": device.din}


def installer(profile: Profile, home: Home) -> dict[str, Any]:
    """`/api/installer`."""
    body: dict[str, Any] = {**_COMPANY, **_PHONE}
    if profile.shapes == Recorded.V1_15:
        return body
    body["email"] = "installer@example.com"
    if home.running or profile.shapes < Recorded.V21_39:
        body["run_sitemaster"] = True
    if profile.shapes < Recorded.V21_39:
        return body
    body |= {
        "location": "Outdoor",
        "mounting": "Floor",
        "wiring": "Side",
        "backup_configuration": "Whole Home",
        "solar_installation": "Existing",
        "solar_installation_type": "PV Panel",
        "verified_config": True,
        "installation_types": ["Residential"],
    }
    if profile.shapes < Recorded.V23_28:
        body["has_cellular_modem_to_wifi"] = True
    return body


def companies(profile: Profile) -> list[dict[str, str]]:
    """`/api/installer/companies`: who may be chosen as installer."""
    known = [_COMPANY, {"company": "Example Electric", "customer_id": "SIM-0000002"}]
    if profile.shapes < Recorded.V21_39:
        return known
    return [{**company, "country": "US"} for company in known]


def solars() -> list[dict[str, Any]]:
    """`/api/solars`: the inverter of the house, with the power that was entered for it."""
    brand, model = _INVERTER
    return [{"brand": brand, "model": model, "power_rating_watts": _SUN_W}]


def brands() -> list[str]:
    """`/api/solars/brands`."""
    return list(INVERTERS)


def inverters(brand: str) -> list[dict[str, Any]]:
    """`/api/solars/brands/<brand>`: its models."""
    return [
        {
            "brand": brand,
            "model": model,
            "description": f"{watts / 1000:g} kW Utility-Interactive Inverter",
            "power_rating_watts": watts,
        }
        for model, watts in INVERTERS[brand].items()
    ]


def generators() -> dict[str, Any]:
    """`/api/generators`: there is none."""
    return {"disconnect_type": "None", "generators": []}


def disconnect_types() -> list[str]:
    """`/api/generators/disconnect_types`."""
    return ["DownstreamATS"]


def autoconfig() -> dict[str, Any]:
    """`/api/autoconfig/status` of a site that was set up by hand."""
    return {
        "status": "not_applicable",
        "running": False,
        "retry_possible": False,
        "have_registered": False,
        "have_timezone": False,
        "have_gridcode": False,
        "grid_availability": "",
    }


def system_testing(profile: Profile, device: Device) -> dict[str, Any]:
    """`/api/system/testing`: the installer's charge test, which newer firmware has forgotten."""
    body: dict[str, Any] = {
        "running": False,
        "status": "TestNotRun",
        "charge_tests": None,
        "meter_results": None,
        "inverter_results": None,
        "hysteresis": 0,
        "error": "",
        "errors": None,
        "tests": None,
    }
    if profile.shapes < Recorded.V20_49:
        asked = (0, -1_000, -2_000, -1_000, 0)
        measured = {"Serial": device.meter(), "Type": "site"}
        body |= {
            "status": "TestPassed",
            "charge_tests": list(asked),
            "meter_results": [
                [{"Power": 300 - power / 2, "CT": clamp, **measured} for clamp in (1, 2)]
                for power in asked
            ],
            "hysteresis": 0.05,
        }
    return body
