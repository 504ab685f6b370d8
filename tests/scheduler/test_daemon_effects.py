"""The loop judges a setting by what the battery does with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from house import AFTERNOON, BASE, EVERYDAY, FULL, SELF, House, local
from simulated import SteadyHousehold

from rules.domain import Setting
from scheduler.domain import Kind
from scheduler.simulator.fault_plan import Fault, FaultKind
from scheduler.simulator.home import Outage

START, TWO, FOUR, SIX = (local(7, 15, time) for time in ("13:40", "14:00", "16:00", "18:00"))
POLL, MINUTE = timedelta(seconds=30), timedelta(minutes=1)
SOON = 5 * MINUTE
"""By then a write was held, has settled, and was judged by three polls."""

ALL_AFTERNOON = TWO - MINUTE, FOUR - MINUTE


def unacted(start: datetime, end: datetime, kind: FaultKind = FaultKind.UNACTED_WRITE) -> Fault:
    return Fault(kind, start, end, delay_s=600)


def effects(house: House) -> list[str]:
    return house.kept(Kind.EFFECT, "effect")


def causes(house: House) -> list[str]:
    return [action.cause for action in house.actions]


def test_a_setting_that_shows_is_confirmed_once(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START).play(SIX)
    assert house.outcomes() == ["held", "held"]
    assert effects(house) == ["confirmed", "confirmed"]
    (first, _), _ = house.rows("SELECT at, detail FROM effect ORDER BY id")
    assert TWO + 2 * MINUTE <= datetime.fromisoformat(first) <= TWO + SOON
    assert not house.notes("no_effect")


def test_one_that_does_not_show_is_sent_once_more(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START, faults=[unacted(TWO - MINUTE, TWO + MINUTE)])
    house.play(FOUR - POLL)
    assert causes(house) == ["time boundary", "no effect seen"]
    assert house.outcomes() == ["held", "held"]
    assert effects(house) == ["contradicted", "confirmed"]
    # Settled, and three polls: the setting is read with each that speaks against it.
    assert house.writes[1][0] - house.writes[0][0] <= 4 * MINUTE
    assert house.setting == FULL
    assert not house.notes("no_effect")


def test_one_that_never_shows_is_told_and_left_until_the_decision_changes(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START, faults=[unacted(*ALL_AFTERNOON)]).play(SIX)
    assert causes(house) == ["time boundary", "no effect seen", "time boundary"]
    ((at, text),) = house.notes("no_effect")
    assert at <= TWO + 2 * SOON
    assert "accepted and read back twice, but has no effect" in text
    assert "discharges 1000 W" in text
    assert effects(house) == ["contradicted", "contradicted", "confirmed"]
    assert house.setting == EVERYDAY


def test_one_that_shows_for_a_while_only_is_told_once(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START, faults=[unacted(*ALL_AFTERNOON)])
    for minute, setting in ((20, FULL), (40, EVERYDAY), (60, FULL), (80, EVERYDAY)):
        at = TWO + timedelta(minutes=minute, seconds=7)
        house.at(at, house.home.put_in_effect, setting)
    house.play(FOUR - POLL)
    assert effects(house) == ["contradicted"] * 2 + ["confirmed", "contradicted"] * 2
    assert len(house.notes("no_effect")) == 1
    assert len(house.writes) == 2


@pytest.mark.parametrize("kill", [False, True])
@pytest.mark.parametrize(
    "after",
    [
        pytest.param(timedelta(seconds=2), id="sent"),
        pytest.param(MINUTE, id="held"),
        pytest.param(3 * MINUTE + POLL / 2, id="doubted"),
        pytest.param(3 * MINUTE + 2 * POLL, id="sent once more"),
        pytest.param(SOON, id="held once more"),
        pytest.param(3 * SOON, id="told"),
    ],
)
def test_a_restart_neither_forgets_nor_repeats(
    tmp_path: Path, after: timedelta, kill: bool
) -> None:
    house = House(tmp_path, AFTERNOON, START, faults=[unacted(*ALL_AFTERNOON)])
    house.play(TWO + after, kill=kill).play(SIX)
    assert [cause for cause in causes(house) if cause == "no effect seen"] == ["no effect seen"]
    assert len(house.notes("no_effect")) == 1
    assert [setting for _, setting in house.writes] == [FULL, FULL, EVERYDAY]


def test_a_late_write_is_right_in_the_end_and_never_a_storm(tmp_path: Path) -> None:
    late = unacted(*ALL_AFTERNOON, FaultKind.LATE_WRITE)
    house = House(tmp_path, AFTERNOON, START, faults=[late]).play(FOUR - POLL)
    assert causes(house) == ["time boundary", "no effect seen"]
    assert effects(house)[0] == "contradicted"
    assert effects(house)[-1] == "confirmed"
    assert house.setting == FULL
    assert len(house.notes("no_effect")) <= 1


def test_a_gateway_one_write_behind_is_caught_by_the_read_back(tmp_path: Path) -> None:
    behind = unacted(*ALL_AFTERNOON, FaultKind.STEP_BEHIND)
    house = House(tmp_path, AFTERNOON, START, faults=[behind]).play(FOUR - POLL)
    assert house.outcomes() == ["mismatch", "held"]
    assert effects(house) == ["confirmed"]
    assert house.setting == FULL


# --- what is no fault of the gateway's --------------------------------------------------------


def test_a_change_in_the_app_is_not_taken_for_a_setting_that_does_not_show(tmp_path: Path) -> None:
    # Seen in the powers at once, and in the setting only two minutes later.
    mine = Setting(SELF, 5)
    for minute in range(10, 14):
        folder = tmp_path / str(minute)
        folder.mkdir()
        house = House(folder, AFTERNOON, START)
        for second in (7, 37):
            at = TWO + timedelta(minutes=minute, seconds=second)
            house.at(at, house.gateway.set_in_app, mine)
        house.play(FOUR - POLL)
        assert [setting for _, setting in house.writes] == [FULL]
        assert effects(house) == ["confirmed"]
        assert house.setting == mine


@pytest.mark.parametrize("trouble", ["outage", "grid services", "stopped"])
def test_nothing_is_judged_while_the_battery_follows_something_else(
    tmp_path: Path, trouble: str
) -> None:
    begin, end = TWO + MINUTE, TWO + timedelta(minutes=40)
    outages = [Outage(begin, end)] if trouble == "outage" else []
    services = [Fault(FaultKind.GRID_SERVICES, begin, end)] if trouble == "grid services" else []
    house = House(tmp_path, AFTERNOON, START, outages=outages, faults=services)
    if trouble == "stopped":
        for minute in range(1, 40):
            house.at(
                TWO + timedelta(minutes=minute, seconds=7),
                lambda: house.gateway._set_running(house.unstepped(), running=False, cause="x"),
            )
    house.play(end - MINUTE)
    assert not effects(house)
    assert not house.notes("no_effect")


def test_an_autonomous_gateway_is_never_judged(tmp_path: Path) -> None:
    rules = BASE + (
        '[[rule]]\nname = "trade"\nwhile = { time = "14:00-16:00" }\n'
        'set = { mode = "autonomous", reserve = 20 }\n'
    )
    house = House(tmp_path, rules, START, profile="1.49", faults=[unacted(*ALL_AFTERNOON)])
    house.play(FOUR - POLL)
    assert not effects(house)


def test_a_dry_run_judges_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START).play(SIX, dry_run=True)
    assert not effects(house)


def test_a_home_that_needs_nothing_proves_nothing(tmp_path: Path) -> None:
    household = SteadyHousehold(load=200.0)
    house = House(
        tmp_path, AFTERNOON, START, household=household, soe=100, faults=[unacted(*ALL_AFTERNOON)]
    )
    house.play(FOUR - POLL)
    assert house.outcomes() == ["held"]
    assert not effects(house)
