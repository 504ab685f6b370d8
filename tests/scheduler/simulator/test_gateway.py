"""The simulated gateway's API, firmware by firmware."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from simulated import mode_and_reserve
from simulated_client import START, Client, client, installer

from rules.domain import Export, GridStatus, Mode, Setting
from scheduler.simulator import profiles
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.home import Outage
from scheduler.simulator.profiles import PROFILES, Role
from scheduler.simulator.record import GridSeen, Record, WriteSeen

NO_RIGHTS = {
    "code": 403,
    "error": "Unable to POST to resource",
    "message": "User does not have adequate access rights",
}
ALL_PROFILES = tuple(PROFILES)


def test_a_written_setting_is_staged_and_takes_effect_when_completed() -> None:
    asker = installer()
    asker.clock.pass_time(60)
    assert asker.write("backup", 62).status == 200
    assert asker.gateway.home.mode is Mode.SELF_CONSUMPTION
    assert asker.read(profiles.OPERATION)["backup_reserve_percent"] == pytest.approx(24)
    asker.clock.pass_time(5)
    assert asker.ask(profiles.COMPLETED).status == 200
    assert asker.read(profiles.OPERATION) == {
        "real_mode": "backup",
        "backup_reserve_percent": pytest.approx(62),
    }
    record, wanted = asker.gateway.record, Setting(Mode.BACKUP, 60)
    assert record.writes == [WriteSeen(START + timedelta(seconds=60), wanted, "Provider_Engineer")]
    before, after = (record.setting_at(START + timedelta(seconds=each)) for each in (64, 65))
    assert mode_and_reserve(before) != wanted
    # What this API has no word for stays as delivered.
    assert after == Setting(Mode.BACKUP, 60, grid_charging=True, export=Export.SOLAR)
    assert record.settings[-1].cause == "config/completed"


def test_completing_twice_takes_nothing_over_twice() -> None:
    asker = installer()
    asker.write("backup", 62)
    asker.ask(profiles.COMPLETED)
    asker.gateway.set_in_app(Setting(Mode.SELF_CONSUMPTION, 30))
    asker.ask(profiles.COMPLETED)
    assert asker.obeyed == Setting(Mode.SELF_CONSUMPTION, 30)


def test_the_owners_app_changes_the_setting_past_the_api() -> None:
    asker = installer()
    asker.gateway.set_in_app(Setting(Mode.BACKUP, 40))
    assert asker.read(profiles.OPERATION)["backup_reserve_percent"] == pytest.approx(43)
    assert asker.gateway.record.settings[-1].cause == "app"
    assert asker.gateway.record.writes == []


def test_in_the_app_the_owner_may_set_one_part_and_parts_that_the_api_has_no_word_for() -> None:
    asker = installer()
    asker.gateway.set_in_app(Setting(reserve=40))
    asker.gateway.set_in_app(Setting(grid_charging=False, export=Export.NEVER))
    assert asker.gateway.shown == Setting(Mode.SELF_CONSUMPTION, 40)
    whole = Setting(Mode.SELF_CONSUMPTION, 40, grid_charging=False, export=Export.NEVER)
    assert asker.gateway.home.setting == whole
    assert asker.gateway.record.settings[-1].setting == whole


@pytest.mark.parametrize(
    ("profile", "username", "status"),
    [
        ("1.15", "customer", 200),
        ("1.15", "installer", 200),
        ("1.49", "customer", 403),
        ("1.49", "installer", 200),
        ("21.44", "customer", 403),
    ],
)
def test_who_may_write(profile: str, username: str, status: int) -> None:
    asker = client(profile)
    asker.log_in(username)
    answer = asker.write("backup", 100)
    assert answer.status == status
    if status == 403:
        assert json.loads(answer.body) == NO_RIGHTS
        assert asker.gateway.record.writes == []


@pytest.mark.parametrize(
    ("profile", "body", "status", "staged"),
    [
        ("1.15", {"mode": "backup", "backup_reserve_percent": 24}, 200, ("backup", 20)),
        ("1.49", {"real_mode": "backup", "backup_reserve_percent": 24}, 200, ("backup", 20)),
        ("1.49", {"real_mode": "backup", "backup_reserve_percent": 24.6}, 200, ("backup", 21)),
        ("1.49", {"real_mode": "backup"}, 200, ("backup", 20)),  # the rest is the old value
        ("1.49", {"backup_reserve_percent": 100}, 200, ("self_consumption", 100)),
        ("1.49", {"backup_reserve_percent": 3}, 200, ("self_consumption", 0)),
        ("1.49", {"mode": "backup", "backup_reserve_percent": 24}, 500, None),  # the old key
        ("1.15", {"real_mode": "backup"}, 200, ("self_consumption", 20)),  # a key it knows not
        ("1.15", {"mode": "autonomous"}, 500, None),
        ("1.49", {"real_mode": "autonomous"}, 500, None),
        ("1.49", {"real_mode": "Backup"}, 500, None),
        ("1.49", {"real_mode": "backup", "backup_reserve_percent": 101}, 400, None),
        ("1.49", {"real_mode": "backup", "backup_reserve_percent": -1}, 400, None),
        ("1.49", {"real_mode": "backup", "backup_reserve_percent": "80"}, 400, None),
        ("1.49", {"real_mode": "backup", "backup_reserve_percent": True}, 400, None),
        ("1.49", b"{", 400, None),
        ("1.49", b"[]", 400, None),
        ("1.49", b"[" * 40_000, 400, None),
    ],
)
def test_what_can_be_written(
    profile: str, body: object, status: int, staged: tuple[str, int] | None
) -> None:
    asker = installer(profile)
    answer = asker.post(profiles.OPERATION, body)
    assert answer.status == status
    assert [
        (seen.setting.mode.value, seen.setting.reserve) for seen in asker.gateway.record.writes
    ] == ([staged] if staged else [])
    if status == 500:
        assert b"RealMode must be either self_consumption or backup" in answer.body


@pytest.mark.parametrize(("app", "legal"), [(80, True), (81, False), (99, False), (100, True)])
def test_a_reserve_ceiling_leaves_only_100_above_it(app: int, legal: bool) -> None:
    asker = client()
    lenient = replace(PROFILES["25.18.4"], default_password=True, may_write=frozenset(Role))
    asker.gateway = SimulatedGateway(asker.gateway.home, lenient, asker.clock)
    asker.log_in("customer")
    assert asker.write("backup", 0.95 * app + 5).status == (200 if legal else 400)


@pytest.mark.parametrize(
    ("profile", "status", "counts"), [("1.15", 202, []), ("1.49", 200, [10, 11])]
)
def test_completing_the_configuration(profile: str, status: int, counts: list[int]) -> None:
    asker = installer(profile)
    answers = [asker.ask(profiles.COMPLETED) for _ in range(2)]
    assert [answer.status for answer in answers] == [status, status]
    assert [json.loads(a.body)["commission_count"] for a in answers if a.body] == counts


def test_a_reserve_of_nothing_reads_back_a_hair_above_5() -> None:
    asker = installer("21.44")
    asker.gateway.set_in_app(Setting(Mode.BACKUP, 0))
    shown = asker.read(profiles.OPERATION)["backup_reserve_percent"]
    assert shown != 5
    assert shown == pytest.approx(5, abs=1e-4)


@pytest.mark.parametrize("profile", ALL_PROFILES)
def test_readings_are_the_homes_own(profile: str) -> None:
    asker = installer(profile, soe=40)
    asker.clock.pass_time(3_600)
    asker.log_in(PROFILES[profile].unattended_login)
    asker.ask(profiles.RUN)
    home = asker.gateway.home
    meters = asker.read(profiles.AGGREGATES)
    assert meters["battery"]["instant_power"] == pytest.approx(1_000)
    assert meters["load"]["energy_imported"] == pytest.approx(1_000)
    assert meters["battery"]["energy_exported"] == pytest.approx(1_000)
    assert meters["site"]["instant_power"] == meters["site"]["energy_imported"] == 0
    assert asker.read(profiles.SOE)["percentage"] == pytest.approx(0.95 * home.soe + 5)
    assert home.soe < 40
    battery = asker.read(profiles.SYSTEM_STATUS)
    share = battery["nominal_energy_remaining"] / battery["nominal_full_pack_energy"]
    assert share == pytest.approx((0.95 * home.soe + 5) / 100, abs=1e-4)
    assert battery["battery_blocks"][0]["p_out"] == 1_000
    assert asker.read(profiles.SITE_NAME)["timezone"] == "America/Los_Angeles"
    assert asker.read(profiles.SITE_INFO)["nominal_system_energy_kWh"] == 13.5
    assert len(asker.read(profiles.POWERWALLS)["powerwalls"]) == 1
    assert asker.read(profiles.GRID_FAULTS) == []


def test_an_outage_is_shown_and_recorded() -> None:
    outage = Outage(START + timedelta(minutes=1), START + timedelta(minutes=5))
    asker = installer(outages=(outage,))
    asker.clock.pass_time(90)
    assert asker.read(profiles.GRID_STATUS)["grid_status"] == "SystemIslandedActive"
    asker.clock.pass_time(3_600)
    assert asker.read(profiles.GRID_STATUS)["grid_status"] == "SystemGridConnected"
    assert asker.gateway.record.grid[1] == GridSeen(outage.start, GridStatus.ISLANDED)
    assert [seen.status for seen in asker.gateway.record.grid] == [
        GridStatus.CONNECTED,
        GridStatus.ISLANDED,
        GridStatus.TRANSITION_TO_GRID,
        GridStatus.CONNECTED,
    ]


def test_grid_services_are_shown_where_the_firmware_can() -> None:
    for profile in ALL_PROFILES:
        asker = installer(profile)
        asker.gateway.home.grid_services = True
        shown = asker.read(profiles.GRID_STATUS).get("grid_services_active")
        assert shown is (True if PROFILES[profile].shows_grid_services else None)


@pytest.mark.parametrize("profile", ALL_PROFILES)
def test_status_names_the_firmware_and_how_long_it_is_up(profile: str) -> None:
    asker = client(profile)
    before = asker.read(profiles.STATUS)
    assert before["version"] == PROFILES[profile].version
    assert before["up_time_seconds"] == "230h0m0.000000s"
    asker.clock.pass_time(61.5)
    assert asker.read(profiles.STATUS)["up_time_seconds"] == "230h1m1.500000s"
    assert ("din" in before) is (PROFILES[profile].shapes >= profiles.Recorded.V20_49)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/api/unknown", "GET", 404),
        ("/", "GET", 404),
        (profiles.SOE, "POST", 405),
        (profiles.RUN, "POST", 405),
        (profiles.UPDATE, "POST", 400),  # nothing is staged
        (profiles.LOGIN, "GET", 405),
    ],
)
def test_other_paths_and_methods(path: str, method: str, status: int) -> None:
    assert installer().ask(path, method).status == status


def _update(asker: Client) -> tuple[str, list[str]]:
    body = asker.read(profiles.UPDATE_STATUS)
    return body["state"], body["info"]["status"]


NOTHING = ["nonactionable"]


@pytest.mark.parametrize(
    ("profile", "newer", "told"),
    [
        ("1.15", None, [("/update_failed", NOTHING)] * 2),
        ("1.49", None, [("/update_succeeded", NOTHING)] * 2),
        ("21.44", None, [("/update_succeeded", NOTHING)] * 2),
        ("21.44", "22.9", [("/download", []), ("/update_staged", [])]),
    ],
)
def test_an_update_check_runs_its_course(
    profile: str, newer: str | None, told: list[tuple[str, list[str]]]
) -> None:
    asker = installer(profile, newer=newer)
    idle = {"1.15": "/update_failed", "1.49": "/update_unknown"}.get(profile, "/update_succeeded")
    assert _update(asker) == (idle, NOTHING)
    assert asker.ask(profiles.UPDATE, force="true").status == 202
    assert _update(asker) == ("/clear_update_status", ["ignoring"])
    seen = []
    for seconds in (20, 180):
        asker.clock.pass_time(seconds)
        seen.append(_update(asker))
    assert seen == told
    urgency = asker.read(profiles.UPDATE_URGENCY)["update_urgency"]
    assert urgency == f"FIRMWARE_UPDATE_URGENCY_{'OPTIONAL' if newer else 'NONE'}"
    assert asker.gateway.record.update_checks == [START]


def test_reading_the_update_status_or_an_unforced_update_checks_nothing() -> None:
    asker = installer(newer="2")
    asker.read(profiles.UPDATE_STATUS)
    assert asker.ask(profiles.UPDATE).status == 202
    assert _update(asker)[0] == "/update_unknown"
    assert asker.gateway.record.update_checks == []


def test_a_staged_update_names_its_version() -> None:
    asker = installer(newer="1.50.1")
    asker.ask(profiles.UPDATE, force="true")
    asker.clock.pass_time(200)
    assert asker.read(profiles.UPDATE_STATUS)["version"] == "1.50.1"


def test_a_step_of_the_wall_clock_does_not_touch_the_gateway() -> None:
    asker = installer()
    asker.clock.step_wall(timedelta(days=-1))
    asker.clock.pass_time(60)
    assert asker.gateway.advance() == START + timedelta(seconds=60)


def test_the_same_seed_gives_the_same_tokens() -> None:
    assert client().log_in("installer").body == client().log_in("installer").body


def test_the_record_tells_everything_as_json() -> None:
    asker = installer()
    asker.write("backup", 62)
    asker.ask(profiles.COMPLETED)
    asker.ask(profiles.UPDATE, force="true")
    told = json.loads(json.dumps(asker.gateway.record.as_json()))
    assert told["writes"][0]["setting"] == {"mode": "backup", "reserve": 60}
    assert told["update_checks"] == [START.isoformat()]
    assert [request["path"] for request in told["requests"]] == [
        profiles.LOGIN,
        profiles.RUN,
        profiles.OPERATION,
        profiles.COMPLETED,
        profiles.UPDATE,
    ]
    assert told["requests"][2]["role"] == "Provider_Engineer"


def test_nothing_is_known_of_the_time_before_the_record() -> None:
    record = client().gateway.record
    assert record.running_at(START) is True
    for look in (record.setting_at, record.running_at):
        with pytest.raises(LookupError, match="begins after"):
            look(START - timedelta(seconds=1))


def test_a_record_can_forget_old_requests() -> None:
    asker = client()
    record = Record(requests_kept=2)
    asker.gateway = SimulatedGateway(
        asker.gateway.home, PROFILES["1.49"], asker.clock, record=record
    )
    for path in (profiles.STATUS, profiles.SOE, profiles.SITEMASTER):
        asker.ask(path)
    assert [seen.path for seen in record.requests] == [profiles.SOE, profiles.SITEMASTER]
