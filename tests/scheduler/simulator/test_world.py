"""What befalls the gateway and the home by themselves, and what the record tells of it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from simulated import mode_and_reserve
from simulated_client import START, Client, client, installer

from rules.domain import GridStatus, Mode, Setting
from scheduler.simulator import profiles
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault
from scheduler.simulator.record import FirmwareSeen

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BEFORE = Setting(Mode.SELF_CONSUMPTION, 20)
FIRST, SECOND = Setting(Mode.BACKUP, 60), Setting(Mode.BACKUP, 43)
STORM = Setting(Mode.BACKUP, 100)


def at(kind: FaultKind, start: float, end: float, **more: object) -> Fault:
    """A fault between two minutes of the run."""
    return Fault(kind, START + start * MINUTE, START + end * MINUTE, **more)  # type: ignore[arg-type]


def powers(asker: Client) -> tuple[float, float]:
    """What the meters show of grid and battery, in watts."""
    meters = asker.read(profiles.AGGREGATES)
    return meters["site"]["instant_power"], meters["battery"]["instant_power"]


def shown(asker: Client) -> Setting:
    told = asker.read(profiles.OPERATION)
    mode = told[asker.gateway.profile.mode_key]
    return Setting(Mode(mode), round((told["backup_reserve_percent"] - 5) / 0.95))


def write(asker: Client, setting: Setting) -> None:
    assert setting.mode is not None
    assert setting.reserve is not None
    assert asker.write(setting.mode, 0.95 * setting.reserve + 5).status == 200
    assert asker.ask(profiles.COMPLETED).status == 200


# --- writes that do not do what they say ---------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "shown_at_once", "obeyed_at_once", "obeyed_later"),
    [
        (FaultKind.IGNORED_WRITE, BEFORE, BEFORE, BEFORE),
        (FaultKind.UNACTED_WRITE, FIRST, BEFORE, BEFORE),
        (FaultKind.LATE_WRITE, FIRST, BEFORE, FIRST),
        (FaultKind.STEP_BEHIND, BEFORE, BEFORE, BEFORE),
        (FaultKind.UNCOMPLETED_WRITE, BEFORE, BEFORE, BEFORE),
        (
            FaultKind.SNAPPED_RESERVE,
            Setting(Mode.BACKUP, 60),
            Setting(Mode.BACKUP, 60),
            Setting(Mode.BACKUP, 60),
        ),
    ],
)
def test_a_write_and_what_the_battery_makes_of_it(
    kind: FaultKind,
    shown_at_once: Setting,
    obeyed_at_once: Setting,
    obeyed_later: Setting,
) -> None:
    asker = installer("1.49", at(kind, 0, 10, delay_s=60.0))
    write(asker, FIRST)
    assert shown(asker) == shown_at_once
    assert asker.obeyed == obeyed_at_once
    # 1 kW of load at 50 %: backup buys it and 3.3 kW more, self-consumption covers it.
    backup, self_powered = (4_300, -3_300), (0, 1_000)
    now = backup if obeyed_at_once.mode is Mode.BACKUP else self_powered
    assert powers(asker) == pytest.approx(now)
    asker.clock.pass_time(61)
    later = backup if obeyed_later.mode is Mode.BACKUP else self_powered
    assert powers(asker) == pytest.approx(later)
    minute_later = asker.gateway.advance()
    assert mode_and_reserve(asker.gateway.record.setting_at(minute_later)) == obeyed_later


def test_one_step_behind_is_the_write_before() -> None:
    asker = installer("1.49", at(FaultKind.STEP_BEHIND, 1, 10))
    write(asker, FIRST)
    asker.clock.pass_time(60)
    write(asker, SECOND)
    assert asker.obeyed == FIRST
    write(asker, BEFORE)
    assert asker.obeyed == shown(asker) == SECOND


def test_what_stayed_staged_takes_effect_when_completed_again() -> None:
    asker = installer("1.49", at(FaultKind.UNCOMPLETED_WRITE, 0, 1))
    write(asker, FIRST)
    asker.clock.pass_time(60)
    assert shown(asker) == BEFORE
    asker.ask(profiles.COMPLETED)
    assert shown(asker) == asker.obeyed == FIRST


@pytest.mark.parametrize(
    ("written", "held"), [(43, 40), (45, 45), (80, 80), (81, 80), (99, 80), (100, 100)]
)
def test_a_reserve_snaps(written: int, held: int) -> None:
    asker = installer("1.49", at(FaultKind.SNAPPED_RESERVE, 0, 1))
    write(asker, Setting(Mode.BACKUP, written))
    assert shown(asker).reserve == asker.gateway.home.reserve == held


def test_a_late_write_that_was_overtaken_stays_away() -> None:
    asker = installer("1.49", at(FaultKind.LATE_WRITE, 0, 1, delay_s=300.0))
    write(asker, FIRST)
    asker.clock.pass_time(90)
    write(asker, SECOND)
    asker.clock.pass_time(600)
    assert shown(asker) == asker.obeyed == SECOND


# --- other people, the utility, the weather -------------------------------------------------------


def test_the_owner_changes_something_in_the_app_at_a_set_time() -> None:
    asker = installer("1.49", at(FaultKind.APP_CHANGE, 5, 6, setting=SECOND))
    asker.clock.pass_time(301)
    assert shown(asker) == SECOND
    changed = asker.gateway.record.settings[-1]
    assert (changed.at, changed.cause) == (START + 5 * MINUTE, "app")
    assert asker.obeyed == SECOND
    asker.clock.pass_time(3_600)
    assert shown(asker) == SECOND


def test_storm_watch_fills_the_battery_and_gives_the_setting_back() -> None:
    asker = installer("1.49", at(FaultKind.STORM_WATCH, 1, 60 * 6), soe=50)
    asker.clock.pass_time(60)
    assert shown(asker) == STORM
    assert powers(asker) == pytest.approx((4_300, -3_300))
    asker.clock.pass_time(5 * 3_600)
    assert asker.read(profiles.SOE)["percentage"] > 99
    asker.clock.pass_time(3_600)
    assert shown(asker) == asker.obeyed == BEFORE
    assert [seen.cause for seen in asker.gateway.record.settings] == [
        "start",
        "storm watch",
        "storm watch ended",
    ]


@pytest.mark.parametrize("by", ["app", "api"])
def test_what_is_set_during_a_storm_holds_afterwards(by: str) -> None:
    asker = installer("1.49", at(FaultKind.STORM_WATCH, 0, 60))
    if by == "app":
        asker.gateway.set_in_app(SECOND)
    else:
        write(asker, SECOND)
    assert shown(asker) == asker.obeyed == STORM
    asker.clock.pass_time(3_600)
    assert shown(asker) == asker.obeyed == SECOND
    assert [seen.cause for seen in asker.gateway.record.settings] == [
        "start",
        "storm watch",
        "storm watch ended",
    ]


def test_a_storm_takes_over_mode_and_reserve_and_nothing_else() -> None:
    asker = installer("1.49", at(FaultKind.STORM_WATCH, 0, 60))
    asker.gateway.set_in_app(Setting(reserve=43, grid_charging=False))
    assert shown(asker) == asker.obeyed == STORM
    assert asker.gateway.home.grid_charging is False
    asker.clock.pass_time(3_600)
    assert shown(asker) == asker.obeyed == Setting(Mode.SELF_CONSUMPTION, 43)
    assert asker.gateway.home.grid_charging is False


def test_grid_services_are_reported_and_ignore_the_setting() -> None:
    asker = installer("1.49", at(FaultKind.GRID_SERVICES, 1, 120))
    write(asker, Setting(Mode.SELF_CONSUMPTION, 40))
    asker.clock.pass_time(60)
    assert asker.read(profiles.GRID_STATUS)["grid_services_active"] is True
    assert powers(asker) == pytest.approx((-4_000, 5_000))
    asker.clock.pass_time(3_600)
    assert asker.read(profiles.SOE)["percentage"] == pytest.approx(0.95 * 40 + 5, abs=0.1)
    assert powers(asker)[1] == pytest.approx(0, abs=50)
    asker.clock.pass_time(3_600)
    assert asker.read(profiles.GRID_STATUS)["grid_services_active"] is False
    assert shown(asker) == Setting(Mode.SELF_CONSUMPTION, 40)


@pytest.mark.parametrize("state", [s for s in GridStatus if s is not GridStatus.CONNECTED])
def test_all_states_of_the_grid(state: GridStatus) -> None:
    asker = installer("21.44", at(FaultKind.GRID_STATE, 1, 5, grid=state))
    told = []
    for _ in range(3):
        told.append(asker.read(profiles.GRID_STATUS)["grid_status"])
        asker.clock.pass_time(120)
    assert told == ["SystemGridConnected", state.value, state.value]
    assert asker.read(profiles.GRID_STATUS)["grid_status"] == "SystemGridConnected"
    assert [seen.status for seen in asker.gateway.record.grid][1:] == [state, GridStatus.CONNECTED]


@pytest.mark.parametrize(
    ("state", "battery"),
    [
        (GridStatus.ISLANDED, 1_000),
        (GridStatus.TRANSITION_TO_GRID, 1_000),
        (GridStatus.TRANSITION_TO_ISLAND, 1_000),
        (GridStatus.ISLAND_READY, 1_000),
        (GridStatus.MICROGRID_FAULTED, 0),
        (GridStatus.WAIT_FOR_USER, 0),
    ],
)
def test_off_the_grid_the_battery_alone_carries_the_home(state: GridStatus, battery: int) -> None:
    asker = installer("21.44", at(FaultKind.GRID_STATE, 1, 5, grid=state))
    asker.clock.pass_time(60)
    assert powers(asker) == pytest.approx((0, battery))


# --- reactions of the battery ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("soe", "setting", "site", "battery"),
    [
        (50, Setting(Mode.SELF_CONSUMPTION, 20), 0, 1_000),  # covers the load
        (50, Setting(Mode.SELF_CONSUMPTION, 50), 1_000, 0),  # at its reserve
        (50, Setting(Mode.SELF_CONSUMPTION, 80), 2_700, -1_700),  # up to its reserve
        (50, Setting(Mode.BACKUP, 20), 4_300, -3_300),
        (100, Setting(Mode.BACKUP, 20), 1_000, 0),  # does not discharge
    ],
)
def test_the_next_poll_shows_what_was_set(
    soe: float, setting: Setting, site: float, battery: float
) -> None:
    asker = installer("1.49", soe=soe)
    write(asker, setting)
    assert powers(asker) == pytest.approx((site, battery), abs=1)


def test_autonomous_takes_half_an_hour_and_leaving_it_nothing() -> None:
    asker = installer("21.44")
    asker.gateway.set_in_app(Setting(Mode.BACKUP, 20))
    asker.gateway.set_in_app(Setting(Mode.AUTONOMOUS, 20))
    assert shown(asker).mode is Mode.AUTONOMOUS
    assert powers(asker)[1] == pytest.approx(-3_300)
    asker.clock.pass_time(29 * 60)
    assert powers(asker)[1] == pytest.approx(-3_300)
    asker.clock.pass_time(2 * 60)
    assert powers(asker)[1] == pytest.approx(1_000)
    asker.gateway.set_in_app(Setting(Mode.BACKUP, 20))
    assert powers(asker)[1] == pytest.approx(-3_300)


# --- firmware ------------------------------------------------------------------------------------


def state(asker: Client) -> tuple[str, list[str]]:
    told = asker.read(profiles.UPDATE_STATUS)
    return told["state"], told["info"]["status"]


def test_an_update_goes_through_all_its_states() -> None:
    asker = installer("21.44", newer="23.28.2 27626f98")
    asker.ask(profiles.UPDATE, force="true")
    told = []
    for seconds in (0, 20, 150, 15, 15):
        asker.clock.pass_time(seconds)
        told.append(state(asker))
    assert told == [
        ("/clear_update_status", ["ignoring"]),
        ("/download", []),
        ("/update_downloaded", []),
        ("/update_unknown", []),
        ("/update_staged", []),
    ]
    assert asker.read(profiles.UPDATE_URGENCY)["update_urgency"].endswith("_OPTIONAL")
    assert asker.ask(profiles.UPDATE, "POST").status == 202
    assert asker.ask(profiles.STATUS).status == 0  # it restarts
    asker.clock.pass_time(120)
    told_now = asker.read(profiles.STATUS)
    assert told_now["version"] == "23.28.2 27626f98"
    assert told_now["up_time_seconds"] == "0h0m0.000000s"
    assert asker.ask(profiles.SOE).status == 401  # the token is lost
    asker.log_in("customer")
    assert asker.ask(profiles.SOE).status == 502  # the battery stands
    assert state(asker) == ("/update_succeeded", ["nonactionable"])
    assert asker.ask(profiles.UPDATE, "POST").status == 400
    asker.clock.pass_time(13 * 60)
    assert asker.ask(profiles.SOE).status == 200
    assert [seen.cause for seen in asker.gateway.record.running] == ["start", "update", "boot"]
    assert asker.gateway.record.firmware[-1] == FirmwareSeen(
        START + timedelta(seconds=320), "23.28.2 27626f98", "install"
    )


def test_an_update_takes_the_right_to_write_away() -> None:
    asker = installer("1.49", newer="1.50.1")
    asker.ask(profiles.UPDATE, force="true")
    asker.clock.pass_time(200)
    asker.ask(profiles.UPDATE, "POST")
    asker.clock.pass_time(20 * 60)
    assert b"physical access" in asker.log_in("installer").body
    assert asker.log_in("customer").status == 200
    assert asker.write("backup", 62).status == 403


@pytest.mark.parametrize("newer", [None, "22.9"])
def test_firmware_installs_itself_at_a_bad_time(newer: str | None) -> None:
    asker = installer("21.44", at(FaultKind.SELF_UPDATE, 10, 34), newer=newer)
    asker.clock.pass_time(10 * 60)
    assert asker.ask(profiles.STATUS).status == 0
    asker.clock.pass_time(2 * 60)
    expected = newer or "23.28.2 27626f98"
    assert asker.read(profiles.STATUS)["version"] == expected
    assert asker.gateway.record.running_at(START + 33 * MINUTE) is False
    asker.clock.pass_time(22 * 60)
    asker.log_in("customer")
    assert asker.read(profiles.SITEMASTER)["running"] is True
    assert asker.gateway.record.firmware[-1].cause == "self update"


def test_a_check_without_a_connection_fails() -> None:
    asker = installer("21.44", at(FaultKind.UPDATE_ERROR, 0, 5), newer="22.9")
    asker.ask(profiles.UPDATE, force="true")
    asker.clock.pass_time(20)
    assert state(asker) == ("/update_failed", ["error"])
    asker.clock.pass_time(300)
    asker.ask(profiles.UPDATE, force="true")
    asker.clock.pass_time(20)
    assert state(asker) == ("/download", [])


def test_an_installation_that_fails_leaves_the_old_firmware() -> None:
    asker = installer("21.44", at(FaultKind.UPDATE_ERROR, 3, 9), newer="22.9")
    asker.ask(profiles.UPDATE, force="true")
    asker.clock.pass_time(200)
    assert asker.ask(profiles.UPDATE, "POST").status == 202
    asker.clock.pass_time(900)
    asker.log_in("customer")
    assert asker.read(profiles.STATUS)["version"] == "21.44 223a56cd"
    assert state(asker) == ("/update_failed", ["error"])
    assert asker.gateway.home.running is True


def test_how_urgent_an_update_is() -> None:
    asker = installer("24.36", newer="99.1")

    def urgency() -> str:
        return str(asker.read(profiles.UPDATE_URGENCY)["update_urgency"]).rpartition("_")[2]

    told = [urgency()]
    asker.ask(profiles.UPDATE, force="true")
    for span in (timedelta(), timedelta(seconds=200), timedelta(days=7)):
        asker.clock.pass_time(span.total_seconds())
        told.append(urgency())
    assert told == ["NONE", "INVALID", "OPTIONAL", "REQUIRED"]


def test_a_stranger_installs_nothing() -> None:
    asker = client("1.15", newer="1.20.0")
    asker.ask(profiles.UPDATE, force="true")
    asker.clock.pass_time(200)
    assert asker.ask(profiles.UPDATE, "POST").status == 401
    assert asker.gateway.profile.name == "1.15"


# --- the record ----------------------------------------------------------------------------------


def test_the_record_tells_of_each_request_what_came_who_and_what_was_done() -> None:
    asker = installer("1.49", at(FaultKind.UNACTED_WRITE, 0, 5))
    write(asker, FIRST)
    asker.ask(profiles.UPDATE, force="true")
    login, _, staged, completed, check = asker.gateway.record.requests
    assert (login.sent, login.done) == ("", ("login of installer accepted",))
    assert json.loads(staged.sent) == {"real_mode": "backup", "backup_reserve_percent": 62.0}
    assert (staged.role, staged.fault) == ("Provider_Engineer", None)
    assert staged.done == ("staged: backup, reserve 60 %",)
    assert (completed.fault, completed.done) == ("unacted_write", ())
    assert mode_and_reserve(completed.truth.setting) == BEFORE
    assert completed.truth.shown == FIRST
    assert (completed.truth.battery_w, completed.truth.site_w) == (1_000, 0)
    assert (check.sent, check.done) == ("force=true", ("update check",))
    told = json.loads(json.dumps(asker.gateway.record.as_json()))["requests"][3]
    assert told["truth"]["setting"] == {
        "mode": "self_consumption",
        "reserve": 20,
        "grid_charging": True,
        "export": "pv_only",
    }


def test_no_password_is_in_the_record() -> None:
    asker = installer("1.49")
    asker.post(profiles.LOGIN, b"password=SSIM1800001234")
    assert "SSIM1800001234" not in json.dumps(asker.gateway.record.as_json())
    assert "SSIM1800001234" not in repr(asker.gateway.record.requests)
