"""The shapes of answers by firmware, as transcribed from recordings that are published elsewhere.

Those of 21.39.1 are compared with the recordings themselves in `test_recorded.py`.
"""

from __future__ import annotations

import json

import pytest
from simulated_client import client, installer

from scheduler.simulator import profiles
from scheduler.simulator.profiles import PROFILES

ALL = tuple(PROFILES)

SITE = {
    "site_name", "timezone", "max_site_meter_power_kW", "min_site_meter_power_kW",
    "nominal_system_energy_kWh", "grid_code",
}  # fmt: skip
FLAT = {"grid_voltage_setting", "grid_freq_setting", "grid_phase_setting", "country", "state"}
UNIT = {
    "PackagePartNumber", "PackageSerialNumber", "type", "grid_state", "updating",
    "grid_reconnection_time_seconds", "under_phase_detection", "commissioning_diagnostic",
    "update_diagnostic",
}  # fmt: skip


@pytest.mark.parametrize(
    ("profile", "keys"),
    [
        ("1.15", {*SITE, *FLAT, "region"}),
        ("1.43.3", {*SITE, *FLAT, "region", "nominal_system_power_kW", "distributor", "utility",
                    "retailer"}),
        ("1.50.1", {*SITE, *FLAT, "region", "nominal_system_power_kW", "distributor", "utility",
                    "retailer"}),
        ("21.39", {*SITE, "nominal_system_power_kW", "max_system_energy_kWh",
                   "max_system_power_kW", "measured_frequency"}),
        ("21.44", {*SITE, "nominal_system_power_kW", "max_system_energy_kWh",
                   "max_system_power_kW"}),
        ("23.28", {*SITE, "nominal_system_power_kW", "max_system_energy_kWh",
                   "max_system_power_kW", "panel_max_current"}),
    ],
)  # fmt: skip
def test_the_site_of_each_firmware(profile: str, keys: set[str]) -> None:
    site = installer(profile).read(profiles.SITE_INFO)
    assert set(site) == keys
    assert isinstance(site["grid_code"], str if "country" in keys else dict)


@pytest.mark.parametrize(
    ("profile", "keys"),
    [
        ("1.43.3", {"running", "uptime", "connected_to_tesla"}),
        ("1.46", {"status", "running", "connected_to_tesla", "power_supply_mode"}),
        ("1.50.1", {"status", "running", "connected_to_tesla", "power_supply_mode"}),
        ("20.49", {"status", "running", "connected_to_tesla", "power_supply_mode", "can_reboot"}),
    ],
)
def test_the_sitemaster_of_each_firmware(profile: str, keys: set[str]) -> None:
    assert set(installer(profile).read(profiles.SITEMASTER)) == keys


@pytest.mark.parametrize(
    ("profile", "keys", "unit", "states"),
    [
        ("1.15", {"powerwalls", "has_sync"}, {"PackagePartNumber", "PackageSerialNumber"}, "none"),
        ("1.43.3", {"has_sync", "sync", "states", "phase_detection_attempt"}, UNIT, []),
        ("1.46", {"has_sync", "sync", "states"}, {*UNIT, "Type", "bc_type"}, []),
        ("23.28", {"gateway_din", "sync", "msa", "states"}, {*UNIT, "Type", "bc_type", "in_config"},
         None),
    ],
)  # fmt: skip
def test_the_batteries_of_each_firmware(
    profile: str, keys: set[str], unit: set[str], states: object
) -> None:
    told = installer(profile).read(profiles.POWERWALLS)
    assert set(told) >= keys
    assert set(told["powerwalls"][0]) == unit
    assert told.get("states", "none") == states
    assert ("enumerating" in told) is (profile != "1.15")


@pytest.mark.parametrize(
    ("profile", "consent", "choice"),
    [("1.15", True, None), ("1.50.1", True, None), ("21.39", True, True), ("23.28", None, None)],
)
def test_what_an_owner_has_not_said_is_null(
    profile: str, consent: bool | None, choice: bool | None
) -> None:
    assert installer(profile).read(profiles.REGISTRATION) == {
        "privacy_notice": consent,
        "limited_warranty": consent,
        "grid_services": choice,
        "marketing": choice,
        "registered": True,
        "timed_out_registration": False,
    }


@pytest.mark.parametrize("profile", ALL)
def test_a_reserve_reads_back_as_it_was_set(profile: str) -> None:
    """Only a reserve of 0 was recorded with a little too much, on 21.39 and later."""
    asker = installer(profile)
    configuration = asker.gateway._configuration
    for reserve in range(1, 101):
        configuration.shown = configuration.shown._replace(reserve=reserve)
        told = asker.read(profiles.OPERATION)["backup_reserve_percent"]
        assert told == round(5 + 0.95 * reserve, 2)
    configuration.shown = configuration.shown._replace(reserve=0)
    lowest = asker.read(profiles.OPERATION)["backup_reserve_percent"]
    assert lowest == (5.000019999999999 if ALL.index(profile) >= ALL.index("21.39") else 5)


@pytest.mark.parametrize(
    ("path", "first", "last"),
    [
        ("/api/solars", "1.15", "26.18"),
        ("/api/solars/brands", "1.15", "26.18"),
        ("/api/solars/brands/SolarEdge%20Technologies", "1.15", "26.18"),
        ("/api/generators", "1.15", "26.18"),
        ("/api/generators/disconnect_types", "1.15", "26.18"),
        ("/api/customer", "1.15", "26.18"),
        ("/api/config", "1.15", "26.18"),
        ("/api/installer", "1.15", "26.18"),
        ("/api/installer/companies", "1.15", "26.18"),
        ("/api/meters", "1.15", "26.18"),
        ("/api/meters/site", "1.15", "26.18"),
        ("/api/meters/solar", "1.15", "26.18"),
        ("/api/networks", "1.15", "26.18"),
        ("/api/system/networks/conn_tests", "1.15", "26.18"),
        ("/api/system/testing", "1.15", "26.18"),
        ("/api/meters/readings", "1.20", "26.18"),
        ("/api/site_info/grid_codes", "1.15", "1.50.1"),
        ("/api/system/networks", "1.15", "1.50.1"),
        ("/api/networks/wifi_security_types", "1.15", "1.50.1"),
        ("/api/site_info/grid_regions", "20.49", "26.18"),
        ("/api/autoconfig/status", "20.49", "26.18"),
        ("/api/networks/client_protocols", "20.49", "26.18"),
        ("/api/system/networks/ping_test", "20.49", "26.18"),
        ("/api/meters/status", "20.49", "26.18"),
        ("/api/synchrometer/ct_voltage_references", "20.49", "26.18"),
        ("/api/devices/vitals", "20.49", "23.28"),
    ],
)
def test_from_which_firmware_to_which_a_path_is_served(path: str, first: str, last: str) -> None:
    served = []
    for profile in ALL:
        assert client(profile).ask(path).status in {401, 403, 404}, "it needs a login"
        answer = installer(profile).ask(path)
        if answer.status == 200:
            assert len(answer.body) > 2
            served.append(profile)
    assert served == list(ALL[ALL.index(first) : ALL.index(last) + 1])


def test_a_test_of_the_network_is_begun_by_a_post() -> None:
    assert json.loads(installer("1.15").post("/api/system/networks/conn_tests", {}).body)["results"]
    assert installer("1.15").post("/api/system/networks/ping_test", {}).status == 404
    assert installer("21.39").post("/api/system/networks/ping_test", {}).status == 200
    assert installer("21.39").post("/api/logging", {"level": "info", "log": "x"}).status == 202
    assert client("21.39").post("/api/logging", {}).status == 403
