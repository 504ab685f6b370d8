"""Installing a staged update: only where a rule says so and the hour allows, to the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from house import BASE, EVERYDAY, FULL, SELF, House, local
from scripted import refusal

from rules.domain import Setting
from scheduler.simulator.fault_plan import Fault, FaultKind
from scheduler.simulator.home import Outage
from scheduler.simulator.updates import INSTALL

SIX, SEVEN, TEN = (local(7, 15, time) for time in ("06:00", "07:15", "10:00"))
POLL, MINUTE = timedelta(seconds=30), timedelta(minutes=1)
CHECKED = SEVEN + 5 * MINUTE
"""By then the download is staged, and has been seen to be twice."""

WITHOUT = BASE + '[[rule]]\nname = "update"\nwhen = { at = "07:15" }\ndo = "firmware-check"\n'
RULES = WITHOUT + "install = true\n"
TOLD = RULES + 'else = "notify"\n'
MEANWHILE = RULES + (
    '[[rule]]\nname = "fill up"\nwhile = { time = "07:25-09:00" }\n'
    'set = { mode = "backup", reserve = 100 }\n'
)
"""The rules want something else while the battery stands."""

PRICED = RULES.replace('timezone = "America/Los_Angeles"', 'tariff = "sce-tou-d-a"')
"""Power gets dearer at eight."""

MINE = Setting(SELF, 60)


def checks(house: House) -> list[tuple[str, str]]:
    return list(house.rows("SELECT result, detail FROM firmware_check ORDER BY id"))


def installs(house: House) -> list[datetime]:
    return [
        each.at
        for each in house.record.requests
        if (each.method, each.path) == ("POST", "/api/system/update")
    ]


def versions(house: House) -> list[str]:
    return [each.version.split()[0] for each in house.record.firmware]


def house_with(
    folder: Path,
    rules: str = RULES,
    start: datetime = SIX,
    *,
    faults: Sequence[Fault] = (),
    outages: Sequence[Outage] = (),
    newer: str | None = "1.49.1",
) -> House:
    return House(folder, rules, start, newer=newer, faults=faults, outages=outages)


def test_a_staged_update_is_installed_and_waited_for(tmp_path: Path) -> None:
    house = house_with(tmp_path).play(TEN)
    (asked,) = installs(house)
    assert CHECKED - 2 * MINUTE <= asked <= CHECKED
    assert versions(house) == ["1.49.0", "1.49.1"]
    ((result, detail),) = checks(house)
    assert result == "installed"
    assert "1.49.0" in detail
    assert "the battery runs" in detail
    ((ended,),) = house.rows("SELECT at FROM firmware_check")
    assert datetime.fromisoformat(ended) >= asked + INSTALL
    assert house.home.running
    assert house.setting == EVERYDAY


def test_what_the_new_firmware_allows_is_learned_anew(tmp_path: Path) -> None:
    house = house_with(tmp_path).play(TEN)
    known = house.rows("SELECT firmware, may_write FROM capability ORDER BY id")
    assert list(dict.fromkeys((version.split()[0], may) for version, may in known)) == [
        ("1.49.0", None),
        ("1.49.0", 1),
        ("1.49.1", None),
        ("1.49.1", 1),
    ]
    assert len(house.notes("firmware_changed")) == 1


def test_nothing_is_written_while_it_installs_and_the_rules_are_followed_after(
    tmp_path: Path,
) -> None:
    house = house_with(tmp_path, MEANWHILE).play(TEN)
    (asked,) = installs(house)
    assert not [at for at, _ in house.writes if asked <= at < asked + INSTALL]
    (first, setting), (_, last) = house.writes
    assert setting == FULL
    assert first <= asked + INSTALL + 3 * POLL + 90 * timedelta(seconds=1)
    assert last == EVERYDAY


def test_the_battery_that_stands_for_it_is_left_alone(tmp_path: Path) -> None:
    house = house_with(tmp_path).play(TEN)
    assert not house.asked("/api/sitemaster/run")
    assert not house.notes("battery_run")


def test_without_install_it_stays_staged(tmp_path: Path) -> None:
    house = house_with(tmp_path, WITHOUT).play(TEN)
    assert not installs(house)
    assert checks(house) == [("staged", "new firmware is staged, not installed")]
    assert versions(house) == ["1.49.0"]


def test_where_there_is_nothing_newer_nothing_is_installed(tmp_path: Path) -> None:
    house = house_with(tmp_path, newer=None).play(TEN)
    assert not installs(house)
    assert [result for result, _ in checks(house)] == ["nothing newer"]


# --- not now ----------------------------------------------------------------------------------


def stays_staged(house: House, *words: str) -> None:
    assert not installs(house)
    ((result, detail),) = checks(house)
    assert result == "staged"
    assert all(word in detail for word in words), detail
    assert versions(house) == ["1.49.0"]


@pytest.mark.parametrize(("at", "installed"), [("07:15", True), ("07:18", False)])
def test_not_so_late_that_it_runs_into_dearer_hours(
    tmp_path: Path, at: str, installed: bool
) -> None:
    house = house_with(tmp_path, PRICED.replace("07:15", at)).play(TEN)
    if installed:
        assert [result for result, _ in checks(house)] == ["installed"]
    else:
        stays_staged(house, "too late: power gets dearer in 38 min")


def test_not_while_the_grid_is_shaky(tmp_path: Path) -> None:
    outage = Outage(SEVEN - 40 * MINUTE, SEVEN - 20 * MINUTE)
    house = house_with(tmp_path, outages=[outage]).play(TEN)
    stays_staged(house, "the grid has not been up for 30 min")


def test_not_just_after_the_start(tmp_path: Path) -> None:
    house = house_with(tmp_path, start=SEVEN - 10 * MINUTE).play(TEN)
    stays_staged(house, "the grid has not been up for 30 min")


def test_not_during_grid_services(tmp_path: Path) -> None:
    services = Fault(FaultKind.GRID_SERVICES, SEVEN - MINUTE, TEN)
    house = house_with(tmp_path, faults=[services]).play(TEN - MINUTE)
    stays_staged(house, "grid services are active")


def test_not_over_somebody_else_s_change(tmp_path: Path) -> None:
    house = house_with(tmp_path)
    house.at(SIX + 30 * MINUTE, house.gateway.set_in_app, MINE)
    house.play(TEN)
    stays_staged(house, "somebody else set")


# --- it comes to nothing ----------------------------------------------------------------------


def test_one_that_is_not_permitted_is_told(tmp_path: Path) -> None:
    house = house_with(tmp_path, TOLD)
    whole = house.transport.handle_async_request

    async def refuses(request: httpx.Request) -> httpx.Response:
        if (request.method, request.url.path) == ("POST", "/api/system/update"):
            return refusal(403, "Unable to POST to resource", "no adequate access rights")
        return await whole(request)

    house.transport.handle_async_request = refuses  # type: ignore[method-assign]
    house.play(TEN)
    ((result, detail),) = checks(house)
    assert result == "not permitted"
    assert "does not let this account install" in detail
    ((_, text),) = house.notes("notification")
    assert "not permitted" in text


def test_one_that_fails_is_told_once_the_battery_runs_again(tmp_path: Path) -> None:
    fails = Fault(FaultKind.UPDATE_ERROR, CHECKED - 90 * timedelta(seconds=1), TEN)
    house = house_with(tmp_path, TOLD, faults=[fails]).play(TEN)
    (asked,) = installs(house)
    ((result, detail),) = checks(house)
    assert result == "not installed"
    assert "still has 1.49.0" in detail
    ((ended,),) = house.rows("SELECT at FROM firmware_check")
    assert datetime.fromisoformat(ended) >= asked + INSTALL
    assert len(house.notes("notification")) == 1
    assert house.home.running


def test_one_whose_request_got_no_answer_is_waited_for_like_any_other(tmp_path: Path) -> None:
    house = house_with(tmp_path)
    whole = house.transport.handle_async_request

    async def deaf(request: httpx.Request) -> httpx.Response:
        answer = await whole(request)
        if (request.method, request.url.path) == ("POST", "/api/system/update"):
            raise httpx.ReadTimeout("no answer", request=request)
        return answer

    house.transport.handle_async_request = deaf  # type: ignore[method-assign]
    house.play(TEN)
    assert len(installs(house)) == 1
    assert [result for result, _ in checks(house)] == ["installed"]


@pytest.mark.parametrize("kill", [False, True])
@pytest.mark.parametrize(
    "after", [MINUTE, 10 * MINUTE, 20 * MINUTE], ids=["restarting", "battery away", "over"]
)
def test_a_restart_of_ours_meanwhile_waits_on_and_asks_no_second_time(
    tmp_path: Path, after: timedelta, kill: bool
) -> None:
    house = house_with(tmp_path, MEANWHILE)
    house.play(CHECKED + MINUTE if after == MINUTE else CHECKED + after, kill=kill)
    house.play(TEN)
    assert len(installs(house)) == 1
    assert [result for result, _ in checks(house)] == ["installed"]
    assert not house.asked("/api/sitemaster/run")
    assert house.setting == EVERYDAY


def test_a_dry_run_installs_nothing(tmp_path: Path) -> None:
    house = house_with(tmp_path).play(TEN, dry_run=True)
    assert not installs(house)
    assert [result for result, _ in checks(house)] == ["would"]
