"""Whether this account may write: found out once, quietly, and remembered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from house import AFTERNOON, BASE, EVERYDAY, FULL, House, local

from scheduler.domain import Kind
from scheduler.simulator.fault_plan import Fault, FaultKind
from scheduler.simulator.home import Outage
from scheduler.simulator.profiles import Role

NOON, TWO, FOUR, SIX = (local(7, 15, time) for time in ("12:00", "14:00", "16:00", "18:00"))
POLL, MINUTE, HOUR = timedelta(seconds=30), timedelta(minutes=1), timedelta(hours=1)
REMIND = '[[rule]]\nname = "new year"\nwhen = { at = "03:00", dates = "01-01" }\ndo = "notify"\n'
REMIND += 'message = "a new year"\n'
QUIET = BASE + REMIND
"""The same setting all the time."""
LEFT_ALONE = BASE.replace('mode = "self_consumption"\nreserve = 20', "leave = true") + REMIND
PEAK = QUIET.replace('timezone = "America/Los_Angeles"', 'tariff = "sce-tou-d-prime"')
"""On-peak from four to nine."""


def capabilities(house: House) -> list[tuple[str, bool | None]]:
    found = (entry.fields for entry in house.entries(Kind.CAPABILITY))
    return [(str(known["firmware"]).split()[0], known["may_write"]) for known in found]


def test_it_is_tried_by_writing_back_what_is_set(tmp_path: Path) -> None:
    house = House(tmp_path, QUIET, NOON).play(SIX)
    (probe,) = house.probes
    assert (probe.at, probe.wanted, probe.outcome) == (NOON, EVERYDAY, "held")
    assert [write.setting for write in house.record.writes] == [EVERYDAY]
    assert not house.actions
    assert capabilities(house) == [("1.49.0", None), ("1.49.0", True)]


def test_what_is_set_is_written_back_unrounded(tmp_path: Path) -> None:
    house = House(tmp_path, LEFT_ALONE, NOON)
    house.gateway._configuration.shown = house.gateway._configuration.shown._replace(reserve=20.37)
    house.play(NOON + 10 * MINUTE)
    assert house.gateway._configuration.shown.reserve == pytest.approx(20.37)


def test_a_write_that_is_due_anyway_is_the_trial(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, TWO + MINUTE).play(SIX)
    assert not house.probes
    assert [action.wanted for action in house.actions] == [FULL, EVERYDAY]


def test_it_is_not_tried_in_a_peak(tmp_path: Path) -> None:
    house = House(tmp_path, PEAK, local(7, 15, "17:00")).play(local(7, 15, "22:00"))
    (probe,) = house.probes
    assert probe.at == local(7, 15, "21:00")


@pytest.mark.parametrize(
    "trouble",
    [
        lambda end: {"outages": [Outage(NOON, end)]},
        lambda end: {"faults": [Fault(FaultKind.GRID_STATE, NOON, end)]},
        lambda end: {"faults": [Fault(FaultKind.GRID_SERVICES, NOON, end)]},
    ],
    ids=["outage", "grid in trouble", "grid services"],
)
def test_it_is_not_tried_while_the_house_is_not_quiet(
    tmp_path: Path, trouble: Callable[..., dict[str, object]]
) -> None:
    end = NOON + 40 * MINUTE
    house = House(tmp_path, QUIET, NOON, **trouble(end)).play(TWO)  # type: ignore[arg-type]
    (probe,) = house.probes
    assert end <= probe.at <= end + 3 * MINUTE


def test_it_is_not_tried_while_the_battery_stands(tmp_path: Path) -> None:
    house = House(tmp_path, QUIET, NOON)
    house.gateway._set_running(NOON, running=False, cause="somebody")
    house.play(TWO)
    (probe,) = house.probes
    assert house.record.running_at(probe.at)


def test_it_is_not_tried_during_a_firmware_check(tmp_path: Path) -> None:
    rules = BASE + '[[rule]]\nname = "look"\nwhen = { at = "12:01" }\ndo = "firmware-check"\n'
    # Grid services keep it from being tried before the check begins.
    busy = Fault(FaultKind.GRID_SERVICES, NOON, NOON + MINUTE)
    house = House(tmp_path, rules, NOON, faults=[busy], newer="1.49.1").play(TWO)
    (probe,) = house.probes
    (ended,) = house.entries(Kind.FIRMWARE_CHECK)
    assert probe.at >= ended.at


def test_a_dry_run_tries_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, QUIET, NOON).play(SIX, dry_run=True)
    assert not house.probes
    assert not house.record.writes
    house.play(SIX + HOUR)
    assert len(house.probes) == 1


# --- remembered -------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ["1.49", "21.44"])
@pytest.mark.parametrize("kill", [False, True])
def test_a_restart_is_no_reason_to_try_again(tmp_path: Path, profile: str, kill: bool) -> None:
    house = House(tmp_path, AFTERNOON, NOON, profile=profile)
    for hour in (1, 2, 3):
        house.play(NOON + hour * HOUR, kill=kill)
    house.play(SIX)
    assert len(house.probes) == 1
    assert house.kinds().count("not_permitted") == (profile == "21.44")


def test_a_refusal_is_told_once_with_the_ways_out(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, NOON, profile="21.44").play(SIX)
    ((_, text),) = house.notes("not_permitted")
    assert "installer login" in text
    assert "Way out: the installer login on firmware before 1.50" in text
    assert [(a.wanted, a.would, a.outcome) for a in house.actions] == [
        (FULL, True, "would"),
        (EVERYDAY, True, "would"),
    ]


@pytest.mark.parametrize("kill", [False, True])
def test_advice_goes_on_over_a_restart_where_it_was(tmp_path: Path, kill: bool) -> None:
    house = House(tmp_path, AFTERNOON, NOON, profile="21.44")
    house.play(TWO + 30 * MINUTE, kill=kill).play(SIX)
    assert [action.wanted for action in house.actions] == [FULL, EVERYDAY]


@pytest.mark.parametrize("restart", [False, True])
def test_a_refusal_is_tried_again_after_a_day(tmp_path: Path, restart: bool) -> None:
    house = House(tmp_path, QUIET, NOON, profile="21.44", poll=2 * MINUTE)
    if restart:
        house.play(NOON + 23 * HOUR)
    house.play(NOON + 26 * HOUR)
    first, second = house.probes
    assert second.at - first.at >= 24 * HOUR
    assert second.at - first.at <= 24 * HOUR + 3 * MINUTE
    assert house.kinds().count("not_permitted") == 1


def test_a_refusal_that_is_lifted_is_found_within_a_day(tmp_path: Path) -> None:
    house = House(
        tmp_path, AFTERNOON, NOON, profile="1.49", login="customer", poll=5 * MINUTE
    ).play(SIX)
    assert not house.writes
    lenient = replace(house.gateway.profile, may_write=frozenset(Role))
    house.gateway._life.profile = house.gateway._sessions.profile = lenient
    house.play(SIX + 48 * HOUR)
    assert house.writes
    assert house.setting == EVERYDAY
    assert capabilities(house)[-1] == ("1.49.0", True)


def test_other_firmware_is_tried_anew(tmp_path: Path) -> None:
    update = Fault(FaultKind.SELF_UPDATE, NOON + HOUR, NOON + HOUR + 15 * MINUTE)
    house = House(tmp_path, QUIET, NOON, profile="1.43.3", faults=[update]).play(SIX)
    first, second = house.probes
    assert first.at == NOON
    assert NOON + HOUR + 2 * MINUTE <= second.at <= NOON + HOUR + 20 * MINUTE
    assert [firmware for firmware, _ in capabilities(house)][-1].startswith("1.46")
    ((_, text),) = house.notes("firmware_changed")
    assert "1.43.3" in text
    assert "1.46" in text


def test_an_update_that_takes_the_permission_away_is_told(tmp_path: Path) -> None:
    update = Fault(FaultKind.SELF_UPDATE, NOON + HOUR, NOON + HOUR + 15 * MINUTE)
    house = House(tmp_path, AFTERNOON, NOON, profile="1.49", login="customer", faults=[update])
    house.play(SIX)
    assert house.kinds().count("firmware_changed") == 1
    assert house.kinds().count("not_permitted") == 2  # once for each firmware
    assert not house.writes


# --- the time zone ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "told"),
    [("America/New_York", 1), ("America/Los_Angeles", 0), ("America/Vancouver", 0)],
)
def test_a_gateway_in_another_zone_is_told_once(tmp_path: Path, zone: str, told: int) -> None:
    rules = QUIET.replace("America/Los_Angeles", zone)
    house = House(tmp_path, rules, NOON).play(SIX)
    notes = house.notes("zones_differ")
    assert len(notes) == told
    assert all(zone in text and "America/Los_Angeles" in text for _, text in notes)
