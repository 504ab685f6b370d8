"""The generations of firmware side by side, as their table of facts has them."""

from __future__ import annotations

import json

import pytest
from simulated_client import Client, client, installer

from rules.domain import GridStatus, Mode, Setting
from scheduler.simulator import profiles
from scheduler.simulator.profiles import PROFILES, profile_of

NO_RIGHTS = {
    "code": 403,
    "error": "Unable to POST to resource",
    "message": "User does not have adequate access rights",
}
PHYSICAL = {
    "code": 401,
    "error": "roles [Provider_Engineer] require physical access",
    "message": "Login Error",
}
ALL = tuple(PROFILES)
OLD = ALL[: ALL.index("1.50.1")]
NEW = ALL[ALL.index("1.50.1") :]


@pytest.mark.parametrize(
    ("profile", "soe", "operation", "update", "key",       "done", "stop",  "vitals", "ceiling"),
    [
        ("1.15",    200, 401,       200,      "mode",      202,    "GET",   404,      100),
        ("1.20",    200, 401,       200,      "mode",      202,    "GET",   404,      100),
        ("1.21",    200, 401,       200,      "real_mode", 202,    "GET",   404,      100),
        ("1.25",    200, 403,       403,      "real_mode", 202,    "GET",   404,      100),
        ("1.37",    200, 403,       403,      "real_mode", 202,    "GET",   404,      100),
        ("1.43.3",  200, 403,       403,      "real_mode", 200,    "GET",   404,      100),
        ("1.46",    200, 403,       403,      "real_mode", 200,    "GET",   404,      100),
        ("1.49",    200, 403,       403,      "real_mode", 200,    "GET",   404,      100),
        ("1.50.1",  200, 403,       403,      "real_mode", 200,    "GET",   404,      100),
        ("20.49",   403, 403,       403,      "real_mode", 200,    "POST",  200,      100),
        ("21.39",   403, 403,       403,      "real_mode", 200,    "POST",  200,      100),
        ("21.44",   403, 403,       403,      "real_mode", 200,    "POST",  200,      100),
        ("23.28",   403, 403,       403,      "real_mode", 200,    "POST",  200,      100),
        ("23.44",   403, 403,       403,      "real_mode", 200,    "POST",  404,      100),
        ("24.36",   403, 403,       403,      "real_mode", 200,    "POST",  404,      100),
        ("25.10",   403, 403,       403,      "real_mode", 200,    "POST",  404,      100),
        ("25.18.4", 403, 403,       403,      "real_mode", 200,    "POST",  404,      80),
        ("26.18",   403, 403,       403,      "real_mode", 200,    "POST",  404,      80),
    ],
)  # fmt: skip
def test_what_each_firmware_shows_and_takes(
    profile: str, soe: int, operation: int, update: int, key: str, done: int, stop: str,
    vitals: int, ceiling: int,
) -> None:  # fmt: skip
    stranger = client(profile)
    assert stranger.ask(profiles.STATUS).status == 200
    assert stranger.ask(profiles.SOE).status == soe
    assert stranger.ask(profiles.OPERATION).status == operation
    assert stranger.ask(profiles.UPDATE_STATUS).status == update

    asker = installer(profile)
    assert set(asker.read(profiles.OPERATION)) >= {key, "backup_reserve_percent"}
    assert ({"mode", "real_mode"} - {key}).pop() not in asker.read(profiles.OPERATION)
    assert asker.ask(profiles.COMPLETED).status == done
    assert asker.ask(profiles.VITALS).status == vitals
    assert PROFILES[profile].reserve_ceiling == ceiling
    other = {"GET": "POST", "POST": "GET"}[stop]
    assert asker.ask(profiles.STOP, other).status == 405
    assert asker.ask(profiles.STOP, stop, {"force": True}).status == 202
    assert asker.gateway.home.running is False


@pytest.mark.parametrize("profile", OLD)
def test_a_write_key_of_another_firmware_is_no_mode(profile: str) -> None:
    asker = installer(profile)
    wrong = {"mode": "real_mode", "real_mode": "mode"}[PROFILES[profile].mode_key]
    answer = asker.post(profiles.OPERATION, {wrong: "backup", "backup_reserve_percent": 24})
    assert answer.status == (500 if wrong == "mode" else 200)
    asker.ask(profiles.COMPLETED)
    assert asker.gateway.home.mode is Mode.SELF_CONSUMPTION
    assert asker.write("autonomous", 24).status == 500


@pytest.mark.parametrize("profile", NEW)
def test_a_customer_reads_and_nothing_else(profile: str) -> None:
    asker = client(profile)
    refused = asker.log_in("installer")
    assert (refused.status, json.loads(refused.body)) == (401, PHYSICAL)
    assert asker.log_in("customer").status == 200
    assert asker.read(profiles.OPERATION)
    answer = asker.write("backup", 24)
    assert (answer.status, json.loads(answer.body)) == (403, NO_RIGHTS)
    assert asker.gateway.record.writes == []


@pytest.mark.parametrize("profile", NEW)
def test_whoever_toggles_the_switch_may_write(profile: str) -> None:
    asker = client(profile)
    wish = {"username": "installer", "email": ""}
    asker.gateway.toggle_switch()  # nobody was waiting for it yet
    assert asker.post(profiles.TOGGLE_START, {}).status == 202
    assert asker.post(profiles.TOGGLE_LOGIN, wish).status == 417
    asker.gateway.toggle_switch()
    answer = asker.post(profiles.TOGGLE_LOGIN, wish)
    assert answer.status == 200
    asker.headers = {"authorization": f"Bearer {json.loads(answer.body)['token']}"}
    assert asker.write("backup", 24).status == 200
    asker.ask(profiles.COMPLETED)
    assert asker.obeyed == Setting(Mode.BACKUP, 20)
    assert asker.post(profiles.TOGGLE_LOGIN, wish).status == 417  # once is for one login


def test_a_toggle_can_be_called_off_and_does_not_last() -> None:
    asker = client("21.44")
    wish = {"username": "installer", "email": ""}
    asker.post(profiles.TOGGLE_START, {})
    asker.gateway.toggle_switch()
    assert asker.ask(profiles.TOGGLE_LOGIN, "DELETE").status == 204
    assert asker.post(profiles.TOGGLE_LOGIN, wish).status == 417
    asker.post(profiles.TOGGLE_START, {})
    asker.gateway.toggle_switch()
    asker.clock.pass_time(301)
    assert asker.post(profiles.TOGGLE_LOGIN, wish).status == 417
    assert asker.post(profiles.TOGGLE_LOGIN, {"username": "anybody"}).status == 401


def test_firmware_without_switch_login_has_no_such_paths() -> None:
    assert client("1.49").post(profiles.TOGGLE_START, {}).status == 404


def test_firmware_1_20_lets_nobody_in_who_does_not_stop_the_battery() -> None:
    asker = client("1.20")
    assert asker.log_in("installer").status == 401
    assert asker.gateway.home.running is True
    assert asker.log_in("installer", force_sm_off=True).status == 200
    assert asker.gateway.home.running is False
    assert asker.log_in("installer").status == 200  # stopped already


@pytest.mark.parametrize(
    ("profile", "raw", "status"),
    [
        ("25.10", 95, 200),
        ("25.18.4", 81, 200),  # 80 in the app
        ("25.18.4", 82, 400),  # 81
        ("25.18.4", 99, 400),  # 99
        ("25.18.4", 100, 200),
    ],
)
def test_newest_firmware_has_a_gap_in_its_reserves(profile: str, raw: float, status: int) -> None:
    assert engineer(profile).write("self_consumption", raw).status == status


def engineer(profile: str) -> Client:
    """Somebody at the switch."""
    asker = client(profile)
    asker.post(profiles.TOGGLE_START, {})
    asker.gateway.toggle_switch()
    answer = asker.post(profiles.TOGGLE_LOGIN, {"username": "installer"})
    asker.headers = {"authorization": f"Bearer {json.loads(answer.body)['token']}"}
    return asker


def test_the_default_password_is_refused_and_the_owners_lapses() -> None:
    asker = client("24.36")
    assert asker.log_in("customer", "01234").status == 401
    assert asker.log_in("customer").status == 200
    old = dict(asker.headers)
    asker.clock.pass_time(25 * 3_600)
    assert asker.log_in("customer").status == 401
    asker.headers = old
    assert asker.ask(profiles.SOE).status == 200  # what was given before goes on to work
    asker.gateway.toggle_switch()
    assert asker.log_in("customer").status == 200  # the owner has set it again


@pytest.mark.parametrize(
    ("profile", "who", "status"),
    [
        ("1.50.1", "customer", 404),
        ("21.44", "customer", 200),
        ("24.36", "customer", 403),
        ("24.36", "engineer", 200),
    ],
)
def test_who_may_leave_the_grid(profile: str, who: str, status: int) -> None:
    asker = engineer(profile) if who == "engineer" else installer(profile)
    answer = asker.post(profiles.ISLANDING, {"island_mode": "intentional_reconnect_failsafe"})
    assert answer.status == status
    islanded = asker.gateway.home.grid is GridStatus.ISLANDED
    assert islanded is (status == 200)
    if islanded:
        assert asker.read(profiles.GRID_STATUS)["grid_status"] == "SystemIslandedActive"
        asker.post(profiles.ISLANDING, {"island_mode": "backup"})
        asker.clock.pass_time(120)
        assert asker.read(profiles.GRID_STATUS)["grid_status"] == "SystemGridConnected"


@pytest.mark.parametrize("body", [{}, {"island_mode": "off"}, {"island_mode": []}, b"x"])
def test_an_unknown_island_mode_is_refused(body: object) -> None:
    asker = installer("21.44")
    assert asker.post(profiles.ISLANDING, body).status == 400
    assert asker.gateway.home.grid is GridStatus.CONNECTED


def test_much_power_keeps_the_battery_from_being_stopped_unforced() -> None:
    asker = installer("21.44")
    for body in (b"", {}, {"force": "yes"}):
        answer = asker.post(profiles.STOP, body)
        assert (answer.status, b"Cannot Start Wizard" in answer.body) == (500, True)
    assert asker.gateway.home.running is True


@pytest.mark.parametrize(
    ("profile", "running", "status"),
    [("1.49", True, 409), ("1.49", False, 200), ("21.44", True, 200), ("21.44", False, 200)],
)
def test_the_status_of_the_units(profile: str, running: bool, status: int) -> None:
    asker = installer(profile)
    asker.gateway.home.running = running
    assert asker.ask(profiles.POWERWALLS_STATUS).status == status


def test_other_answers_of_their_age() -> None:
    assert installer("1.15").ask(profiles.READINGS).wire.never
    assert installer("21.44").ask(profiles.SOLAR_POWERWALL).status == 503
    assert installer("21.44").read(profiles.OPERATION)["freq_shift_load_shed_soe"] == 75
    newer = installer("23.28")
    assert newer.read(profiles.OPERATION)["freq_shift_load_shed_soe"] == 65
    assert newer.read(profiles.STATUS)["teg_type"] == "unknown"
    assert newer.read(profiles.SITE_INFO)["panel_max_current"] == 100
    assert newer.read(profiles.SYSTEM_STATUS)["available_charger_blocks"] == 0
    assert newer.read(profiles.PROBLEMS) == {"problems": []}


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("1.15", "1.15"),
        ("1.45.9", "1.43.3"),
        ("1.48.0", "1.46"),
        ("1.50.0", "1.49"),
        ("22.9", "21.44"),
        ("23.44.0", "23.28"),
        ("23.44.3-msa", "23.44"),
        ("25.18.3", "25.10"),
        ("99.1", "26.18"),
    ],
)
def test_any_version_is_of_the_generation_before_it(version: str, name: str) -> None:
    found = profile_of(version)
    assert found.name == name
    assert found.version in {version, PROFILES[name].version}


@pytest.mark.parametrize("version", ["1.14.9", "0.3.11.2", "", "newest"])
def test_no_generation_is_older_than_the_oldest(version: str) -> None:
    with pytest.raises(LookupError):
        profile_of(version)


def test_a_commit_is_a_commit_and_shows_in_the_version() -> None:
    for profile in PROFILES.values():
        assert len(profile.git_hash) == 40
        assert int(profile.git_hash, 16)
    assert len({profile.git_hash for profile in PROFILES.values()}) == len(PROFILES)
    assert PROFILES["21.44"].git_hash.startswith("223a56cd")
