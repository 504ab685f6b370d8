"""Events, and whatever else waits for its moment: over restarts, and on a clock that is set."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
from house import AFTERNOON, BASE, EVERYDAY, EXAMPLES, FULL, SELF, House, local, trouble
from simulated import SteadyHousehold

from rules.domain import Setting
from scheduler.domain import EventRecord, Kind
from scheduler.loop import Notification, Recorded
from scheduler.simulator.fault_plan import FaultKind

SEVEN, QUARTER_PAST, EIGHT = (local(7, 15, time) for time in ("07:00", "07:15", "08:00"))
TWO = local(7, 15, "14:00")
POLL = timedelta(seconds=30)
BACK = -timedelta(hours=3)
SCHEDULE = EXAMPLES / "tou_sce_2018.toml"


def stop(house: House) -> None:
    house.gateway._set_running(house.unstepped(), running=False, cause="somebody")


def test_a_check_that_nobody_was_there_for_is_told_and_not_made(tmp_path: Path) -> None:
    house = House(tmp_path, SCHEDULE, SEVEN).play(SEVEN + POLL)
    house.wait(EIGHT)
    house.play(EIGHT + timedelta(minutes=10))
    assert house.kept(Kind.EVENT, "state") == ["missed"]
    assert not house.record.update_checks


def test_two_checks_at_a_time_are_one(tmp_path: Path) -> None:
    rules = SCHEDULE.read_text("utf-8") + (
        '[[rule]]\nname = "again"\nwhen = { at = "07:15" }\ndo = "firmware-check"\n'
    )
    house = House(tmp_path, rules, SEVEN).play(EIGHT)
    assert house.record.update_checks == [QUARTER_PAST]
    results = set(house.kept(Kind.FIRMWARE_CHECK, "result"))
    assert results == {"joined", "nothing newer"}


def test_a_kill_between_an_event_and_what_follows_repeats_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, SCHEDULE, SEVEN)

    class Killed(BaseException):
        """The process is gone: nobody catches this."""

    class Dies(list[Notification]):
        def append(self, notification: Notification) -> None:
            if isinstance(notification, Recorded) and isinstance(notification.record, EventRecord):
                raise Killed

    house.heard = Dies()
    house.play(QUARTER_PAST + POLL / 10)
    assert house.kept(Kind.EVENT, "state") == ["fired"]
    assert not house.record.update_checks
    house.heard = []
    house.play(EIGHT)
    assert len(house.record.update_checks) == 1
    assert house.kept(Kind.FIRMWARE_CHECK, "result") == ["nothing newer"]


def test_a_check_that_is_begun_again_still_tells_the_owner_when_it_fails(tmp_path: Path) -> None:
    rules = SCHEDULE.read_text("utf-8") + 'else = "notify"\n'
    deaf = trouble(FaultKind.NO_ANSWER, QUARTER_PAST + POLL, EIGHT, "/api/system/update")
    house = House(tmp_path, rules, SEVEN, faults=[deaf])
    house.play(QUARTER_PAST + POLL / 10, kill=True)
    house.wait(QUARTER_PAST + POLL)
    house.play(EIGHT)
    assert house.kept(Kind.FIRMWARE_CHECK, "result") == ["no answer"]
    ((_, told),) = house.notes("notification")
    assert told.startswith("firmware in the morning: no answer")


def test_a_dry_run_does_not_take_up_a_check_that_was_cut_short(tmp_path: Path) -> None:
    house = House(tmp_path, SCHEDULE, SEVEN).play(QUARTER_PAST + POLL / 10, kill=True)
    assert house.record.update_checks == [QUARTER_PAST]
    house.play(EIGHT, dry_run=True)
    assert house.record.update_checks == [QUARTER_PAST]


def test_a_battery_that_an_update_may_have_stopped_is_left_alone_meanwhile(tmp_path: Path) -> None:
    deaf = trouble(
        FaultKind.NO_ANSWER, QUARTER_PAST, QUARTER_PAST + timedelta(minutes=12), "/api/system/upd"
    )
    house = House(tmp_path, SCHEDULE, SEVEN, faults=[deaf])
    house.at(QUARTER_PAST + timedelta(seconds=7), stop, house)
    house.play(EIGHT)
    (asked,) = house.asked("/api/sitemaster/run")
    assert asked >= deaf.end
    assert house.home.running


def test_a_hold_is_remembered_over_a_restart(tmp_path: Path) -> None:
    rules = AFTERNOON.replace('mode = "backup", reserve = 100', 'battery = "hold"')
    sunny = SteadyHousehold(load=1_000.0, solar=2_000.0)
    house = House(tmp_path, rules, TWO - POLL, household=sunny, soe=50.0)
    house.play(TWO + timedelta(minutes=40), kill=True)
    assert house.home.soe > 53
    house.play(TWO + timedelta(minutes=50))
    assert house.writes == [(TWO, Setting(SELF, 50))]


def test_a_write_is_held_as_soon_as_it_reads_back(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, TWO - POLL).play(TWO + timedelta(minutes=4))
    *_, ended = house.rows("SELECT at FROM outcome")
    assert ended == ("2026-07-15T21:00:05.000000Z",)


def test_each_read_back_looks_at_the_battery_too(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, TWO - POLL)
    house.at(TWO + timedelta(seconds=1), stop, house)
    house.at(
        TWO + timedelta(seconds=7),
        lambda: house.gateway._set_running(house.unstepped(), running=True, cause="somebody"),
    )
    house.play(TWO + timedelta(minutes=4))
    *_, ended = house.rows("SELECT at, outcome FROM outcome")
    assert ended == ("2026-07-15T21:00:15.000000Z", "held")


# --- on a clock that is set back while something waits ------------------------------------------


def test_a_pause_takes_as_long_as_before(tmp_path: Path) -> None:
    lost = trouble(FaultKind.LOST_WRITE, TWO - POLL, TWO + POLL / 2, "/api/operation")
    rules = AFTERNOON.replace("14:00-16:00", "10:30-16:00")
    house = House(tmp_path, rules, TWO, faults=[lost])
    house.at(TWO + timedelta(seconds=12), house.clock.step_wall, BACK)
    house.play(TWO + timedelta(minutes=3))
    assert house.outcomes() == ["unreachable", "held"]
    assert house.setting == FULL


def test_a_firmware_check_takes_as_long_as_before(tmp_path: Path) -> None:
    house = House(tmp_path, SCHEDULE, SEVEN)
    house.at(QUARTER_PAST + timedelta(seconds=2), house.clock.step_wall, BACK)
    house.play(QUARTER_PAST + timedelta(minutes=5))
    assert house.kept(Kind.FIRMWARE_CHECK, "result") == ["nothing newer"]


def test_a_stopped_battery_waits_as_long_as_before(tmp_path: Path) -> None:
    rules = BASE + AFTERNOON.removeprefix(BASE).replace("14:00-16:00", "22:00-23:00")
    house = House(tmp_path, rules, TWO)
    for minute in (1, 20):
        house.at(TWO + timedelta(minutes=minute, seconds=7), stop, house)
    house.at(TWO + timedelta(minutes=2, seconds=40), house.clock.step_wall, BACK)
    house.at(TWO + timedelta(minutes=30, seconds=40), house.clock.step_wall, BACK)
    house.play(TWO + timedelta(minutes=75))
    first, second = house.asked("/api/sitemaster/run")
    assert first - TWO <= timedelta(minutes=5)
    assert timedelta(hours=1) <= second - first <= timedelta(hours=1) + 2 * POLL
    assert house.setting == EVERYDAY


# --- an account that may not check ---------------------------------------------------------------


def test_a_check_that_is_not_permitted_is_asked_for_and_told_of_once(tmp_path: Path) -> None:
    rules = SCHEDULE.read_text(encoding="utf-8").replace(
        'do   = "firmware-check"', 'do   = "firmware-check"\nelse = "notify"'
    )
    assert 'else = "notify"' in rules
    house = House(tmp_path, rules, SEVEN, poll=timedelta(minutes=5))
    whole = house.transport.handle_async_request

    async def refuses(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/system/update":
            return httpx.Response(403, json={"code": 403, "error": "Forbidden"}, request=request)
        return await whole(request)

    house.transport.handle_async_request = refuses  # type: ignore[method-assign]
    house.play(SEVEN + timedelta(days=2))
    found = house.kept(Kind.FIRMWARE_CHECK, "result")
    assert len(found) >= 2
    assert set(found) == {"not permitted"}
    assert len(house.notes("notification")) == 1
