"""The simulated Fleet API: what it shows, and how what is commanded reaches a home."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from simulated import SteadyHousehold
from simulated_client import START, Client
from simulated_cloud import OTHER, PROMPT, SITE, cloud_client, lasting

from rules.domain import Export, GridStatus, Mode, Setting
from scheduler.clock import SimulatedClock
from scheduler.simulator.cloud import CloudProfile, SimulatedCloud
from scheduler.simulator.cloud.record import CAUSE, CommandDone
from scheduler.simulator.cloud_fault_kinds import CloudFaultKind
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import FaultPlan
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import PROFILES

BEGUN = Setting(Mode.SELF_CONSUMPTION, 20, grid_charging=True, export=Export.SOLAR)


def test_the_owners_products_are_the_sites_and_a_car() -> None:
    asker = cloud_client(sites=(SITE, OTHER))
    answer = asker.ask("GET", "/api/1/products")
    products = json.loads(answer.body)
    assert products["count"] == 3
    sites = [each for each in products["response"] if "energy_site_id" in each]
    assert [each["energy_site_id"] for each in sites] == [1689, 2345]
    assert {each["resource_type"] for each in sites} == {"battery"}
    assert sites[0]["percentage_charged"] == pytest.approx(50)


def test_live_status_is_the_home_in_the_apps_percent() -> None:
    live = cloud_client(soe=40).read("live_status")
    assert live["percentage_charged"] == pytest.approx(40)
    assert live["energy_left"] / live["total_pack_energy"] == pytest.approx(0.4)
    powers = {key: live[f"{key}_power"] for key in ("battery", "load", "grid", "solar")}
    assert powers == {"battery": 1_000, "load": 1_000, "grid": 0, "solar": 0}
    assert (live["grid_status"], live["island_status"]) == ("Active", "on_grid")
    assert (live["grid_services_active"], live["storm_mode_active"]) == (False, False)
    assert live["timestamp"] == "2026-07-01T12:00:00-07:00"


def test_live_status_is_measured_now_and_then_and_says_when() -> None:
    asker = cloud_client(profile=replace(PROMPT, measured_s=90.0))
    told = []
    for _ in range(4):
        live = asker.read("live_status")
        told.append((datetime.fromisoformat(live["timestamp"]) - START).total_seconds())
        asker.pass_time(60)
    assert told == [0, 0, 90, 180]
    assert asker.read("site_status")["percentage_charged"] == pytest.approx(
        asker.read("live_status")["percentage_charged"]
    )


def test_it_was_measured_at_its_instant_though_the_gateway_was_read_between() -> None:
    asker = cloud_client()
    local = Client(asker.gateway, asker.clock)
    for _ in range(13):
        asker.pass_time(10)
        local.ask("/api/status")
    live = asker.read("live_status")
    assert live["timestamp"] == "2026-07-01T12:02:00-07:00"
    lost = 13_500 * 0.5 - live["energy_left"]
    assert lost == pytest.approx(1_000 * 120 / 3_600 / 0.9**0.5, rel=1e-3)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (GridStatus.CONNECTED, ("Active", "on_grid")),
        (GridStatus.TRANSITION_TO_GRID, ("Active", "off_grid")),
        (GridStatus.ISLANDED, ("Inactive", "off_grid_unintentional")),
        (GridStatus.TRANSITION_TO_ISLAND, ("Inactive", "off_grid")),
        (GridStatus.ISLAND_READY, ("Inactive", "off_grid")),
        (GridStatus.MICROGRID_FAULTED, ("Unknown", "island_status_unknown")),
        (GridStatus.WAIT_FOR_USER, ("Unknown", "island_status_unknown")),
    ],
)
def test_the_grid_in_the_clouds_words(status: GridStatus, words: tuple[str, str]) -> None:
    outage = lasting(FaultKind.GRID_STATE, 30, grid=status)
    asker = cloud_client(befalling=(outage,))
    asker.pass_time(60)
    live = asker.read("live_status")
    assert (live["grid_status"], live["island_status"]) == words


def test_site_info_names_the_firmware_and_the_permissions() -> None:
    nothing = Setting(grid_charging=False, export=Export.NEVER)
    for setting, grid_charging, export in ((Setting(), None, "pv_only"), (nothing, True, "never")):
        info = cloud_client(setting=setting).read("site_info")
        assert info["version"] == "26.18.3"
        assert info["installation_time_zone"] == "America/Los_Angeles"
        components = info["components"]
        key = "disallow_charge_from_grid_with_solar_installed"
        assert components.get(key) is grid_charging
        assert components["customer_preferred_export_rule"] == export
        assert components.get("non_export_configured", False) is (export == "never")


@pytest.mark.parametrize(
    ("command", "content", "after"),
    [
        ("operation", {"default_real_mode": "backup"}, Setting(Mode.BACKUP)),
        ("operation", {"default_real_mode": "autonomous"}, Setting(Mode.AUTONOMOUS)),
        ("backup", {"backup_reserve_percent": 55}, Setting(reserve=55)),
        ("backup", {"backup_reserve_percent": 100.0}, Setting(reserve=100)),
        (
            "grid_import_export",
            {"disallow_charge_from_grid_with_solar_installed": True},
            Setting(grid_charging=False),
        ),
        (
            "grid_import_export",
            {
                "customer_preferred_export_rule": "battery_ok",
                "disallow_charge_from_grid_with_solar_installed": False,
            },
            Setting(grid_charging=True, export=Export.BATTERY),
        ),
    ],
)
def test_a_command_is_shown_then_done(
    command: str, content: dict[str, object], after: Setting
) -> None:
    asker = cloud_client()
    answer = asker.command(command, **content)
    assert (answer.status, json.loads(answer.body)["response"]) == (
        200,
        {"code": 201, "message": "Updated"},
    )
    at = asker.pass_time(2)
    assert asker.cloud.record.shown_at(SITE, at) == after.over(BEGUN)
    assert asker.obeyed == BEGUN
    asker.pass_time(28)
    assert asker.obeyed == after.over(BEGUN)
    (done,) = asker.cloud.record.done
    assert done == CommandDone(START + timedelta(seconds=30), 1, SITE, after)
    last = asker.gateway.record.settings[-1]
    assert (last.at, last.cause) == (START + timedelta(seconds=30), CAUSE)


@pytest.mark.parametrize(
    ("command", "content", "status"),
    [
        ("operation", {"default_real_mode": "scheduler"}, 400),
        ("operation", {"default_real_mode": 1}, 400),
        ("operation", {}, 400),
        ("backup", {"backup_reserve_percent": True}, 400),
        ("backup", {"backup_reserve_percent": 20.5}, 400),
        ("backup", {"backup_reserve_percent": "20"}, 400),
        ("backup", {"backup_reserve_percent": 101}, 500),
        ("backup", {"backup_reserve_percent": -1}, 500),
        ("grid_import_export", {}, 400),
        ("grid_import_export", {"customer_preferred_export_rule": "all"}, 400),
        ("grid_import_export", {"disallow_charge_from_grid_with_solar_installed": 1}, 400),
        ("storm_mode", {"enabled": False}, 404),
    ],
)
def test_what_no_command_says_changes_nothing(
    command: str, content: dict[str, object], status: int
) -> None:
    asker = cloud_client()
    answer = asker.command(command, **content)
    assert answer.status == status
    asker.pass_time(600)
    assert (asker.cloud.record.commands, asker.obeyed) == ([], BEGUN)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/1/vehicles"),
        ("GET", "/api/1/energy_sites/999/site_info"),
        ("GET", f"/api/1/energy_sites/{SITE}/operation"),
        ("POST", f"/api/1/energy_sites/{SITE}/site_info"),
        ("POST", "/api/1/products"),
        ("GET", "/oauth2/v3/token"),
        ("GET", f"/api/1/energy_sites/{SITE}/site_info/"),
    ],
)
def test_what_is_not_there(method: str, path: str) -> None:
    assert cloud_client().ask(method, path).status == 404


def test_latency_is_within_its_bounds_and_commands_are_done_in_their_order() -> None:
    wide = CloudProfile(latency_s=(20.0, 120.0), limits=())
    asker = cloud_client(profile=wide)
    taken = []
    for reserve in range(10, 60):
        asker.reserve(reserve)
        taken.append(asker.pass_time(7))
    asker.pass_time(120)
    done = asker.cloud.record.done
    assert [each.setting.reserve for each in done] == list(range(10, 60))
    delays = [(each.at - took).total_seconds() + 7 for each, took in zip(done, taken, strict=True)]
    assert 20 <= min(delays) <= 40
    assert 100 <= max(delays) <= 120
    assert asker.obeyed.reserve == 59


@pytest.mark.parametrize(
    ("shown_s", "steps"),
    [
        (2.0, [(20, 20), (60, 20), (60, 60), (60, 60)]),
        (None, [(20, 20), (20, 20), (60, 60), (60, 60)]),
        (50.0, [(20, 20), (20, 20), (20, 60), (60, 60)]),
    ],
)
def test_site_info_shows_it_before_with_or_after_the_gateway(
    shown_s: float | None, steps: list[tuple[int, int]]
) -> None:
    asker = cloud_client(profile=replace(PROMPT, shown_s=shown_s))
    asker.reserve(60)
    told = []
    for seconds in (0, 2, 28, 20):
        asker.pass_time(seconds)
        told.append((asker.shown()[1], asker.obeyed.reserve))
    assert told == steps
    assert [each.source for each in asker.cloud.record.shown] == ["start", "command"]


def test_a_gateway_that_is_away_gets_its_commands_when_it_is_back_in_their_order() -> None:
    reboot = lasting(FaultKind.REBOOT, 10, 600)
    asker = cloud_client(befalling=(reboot,))
    asker.reserve(60)
    asker.mode("backup")
    asker.pass_time(290)
    assert asker.obeyed == BEGUN
    assert asker.read("live_status")["timestamp"] == "2026-07-01T12:00:00-07:00"
    asker.pass_time(60)
    assert [each.setting for each in asker.cloud.record.done] == [
        Setting(reserve=60),
        Setting(Mode.BACKUP),
    ]
    assert asker.obeyed == Setting(Mode.BACKUP, 60).over(BEGUN)


def test_what_is_set_elsewhere_shows_with_the_next_measurement() -> None:
    asker = cloud_client()
    asker.pass_time(10)
    asker.gateway.set_in_app(Setting(reserve=35, grid_charging=False))
    assert asker.shown() == ("self_consumption", 20)
    asker.pass_time(50)
    assert asker.shown() == ("self_consumption", 35)
    last = asker.cloud.record.shown[-1]
    assert (last.source, last.setting) == (
        "gateway",
        Setting(reserve=35, grid_charging=False).over(BEGUN),
    )


def test_what_the_cloud_does_the_gateways_own_api_shows() -> None:
    asker = cloud_client(firmware="21.44")
    local = Client(asker.gateway, asker.clock)
    local.log_in("customer")
    asker.reserve(60)
    asker.mode("backup")
    asker.pass_time(30)
    shown = local.read("/api/operation")
    assert (shown["real_mode"], shown["backup_reserve_percent"]) == ("backup", 62.0)
    assert asker.gateway.record.writes == []


def test_storm_watch_is_shown_and_the_owners_setting_too() -> None:
    storm = lasting(FaultKind.STORM_WATCH, 30, 600)
    asker = cloud_client(befalling=(storm,))
    asker.pass_time(60)
    assert asker.read("live_status")["storm_mode_active"] is True
    assert asker.shown() == ("self_consumption", 20)
    assert (asker.obeyed.mode, asker.obeyed.reserve) == (Mode.BACKUP, 100)
    asker.reserve(40)
    asker.pass_time(60)
    assert asker.shown() == ("self_consumption", 40)
    assert (asker.obeyed.mode, asker.obeyed.reserve) == (Mode.BACKUP, 100)
    asker.pass_time(600)
    assert (asker.obeyed.mode, asker.obeyed.reserve) == (Mode.SELF_CONSUMPTION, 40)
    assert asker.read("live_status")["storm_mode_active"] is False


@pytest.mark.parametrize(
    ("firmware", "reserve", "status", "becomes"),
    [
        ("24.36", 90, 200, 90),
        ("25.18.4", 80, 200, 80),
        ("25.18.4", 81, 400, 20),
        ("26.10.2", 99, 400, 20),
        ("26.10.3", 81, 200, 80),
        ("26.18.3", 99, 200, 80),
        ("26.18.3", 100, 200, 100),
        ("26.18.3", 79, 200, 79),
    ],
)
def test_reserves_between_80_and_100_by_firmware(
    firmware: str, reserve: int, status: int, becomes: int
) -> None:
    asker = cloud_client(firmware=firmware)
    assert asker.reserve(reserve).status == status
    asker.pass_time(30)
    assert (asker.shown()[1], asker.obeyed.reserve) == (becomes, becomes)
    if status == 200:
        (taken,) = asker.cloud.record.commands
        assert (taken.asked.reserve, taken.setting.reserve) == (reserve, becomes)


def test_sites_of_one_cloud_keep_apart() -> None:
    asker = cloud_client(sites=(SITE, OTHER))
    asker.reserve(60, OTHER)
    asker.pass_time(30)
    assert (asker.shown()[1], asker.shown(OTHER)[1]) == (20, 60)
    assert asker.gateways[OTHER].home.reserve == 60
    assert asker.gateways[SITE].home.reserve == 20


def test_the_record_can_be_written_as_json() -> None:
    asker = cloud_client()
    asker.log_in()
    asker.reserve(60)
    asker.pass_time(30)
    asker.read("live_status")
    said = json.dumps(asker.cloud.record.as_json())
    for secret in (
        asker.tokens.access,
        asker.tokens.refresh,
        asker.cloud.application.client_secret,
    ):
        assert secret not in said
    for secret in (asker.tokens.access, asker.tokens.refresh):
        assert secret not in repr(asker.tokens)
    assert '"backup_reserve_percent\\": 60' in said
    with pytest.raises(LookupError):
        asker.cloud.record.shown_at(SITE, START - timedelta(seconds=1))


def test_a_site_is_a_number_and_a_fault_is_one_of_the_clouds() -> None:
    clock = SimulatedClock(START)
    gateway = SimulatedGateway(Home(SteadyHousehold(), START), PROFILES["26.18"], clock)
    with pytest.raises(ValueError, match="not by 'home'"):
        SimulatedCloud({"home": gateway}, clock)
    plan = FaultPlan.scripted([lasting(FaultKind.REBOOT)])
    with pytest.raises(ValueError, match="reboot does not befall"):
        SimulatedCloud({SITE: gateway}, clock, faults=plan)
    plan = FaultPlan.scripted([lasting(CloudFaultKind.GONE)])
    with pytest.raises(ValueError, match="gone does not befall a gateway"):
        SimulatedGateway(Home(SteadyHousehold(), START), PROFILES["26.18"], clock, faults=plan)
