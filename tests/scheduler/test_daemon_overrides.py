"""The loop and other people's changes: the app's, Storm Watch's, the gateway's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from house import AFTERNOON, BASE, EVERYDAY, FULL, SAFETY, SELF, House, local

from rules.domain import Mode, Setting
from scheduler.domain import Kind, OverrideEnd
from scheduler.simulator.fault_plan import Fault, FaultKind
from scheduler.simulator.home import Outage

START, TWO, FOUR, SIX = (local(7, 15, time) for time in ("13:40", "14:00", "16:00", "18:00"))
THREE = local(7, 15, "15:00")
POLL, MINUTE = timedelta(seconds=30), timedelta(minutes=1)
MINE, OTHER = Setting(SELF, 60), Setting(Mode.BACKUP, 40)
NOTICED = 2 * MINUTE + 2 * POLL
"""A change shows at the next reading of the setting, and is looked at twice."""

SHORT = replace(SAFETY, hold_max=timedelta(minutes=40))

ALL_DAY = BASE + '[[rule]]\nname = "always"\nset = { mode = "backup", reserve = 100 }\n'
INSISTS = AFTERNOON + "even_if_overridden = true\n"


def overrides(house: House) -> list[tuple[str, Setting]]:
    found = (entry.fields for entry in house.entries(Kind.OVERRIDE))
    return [
        (said["state"], Setting(Mode(said["found_mode"]), said["found_reserve"])) for said in found
    ]


def whys(house: House) -> list[str]:
    """Why each override ended."""
    return [end for end in house.kept(Kind.OVERRIDE, "end") if end is not None]


def spans(house: House) -> list[timedelta]:
    """For how long each override was to be respected when it began."""
    return [
        datetime.fromisoformat(entry.fields["until"]) - entry.at
        for entry in house.entries(Kind.OVERRIDE)
        if entry.fields["state"] == "began"
    ]


def settings(house: House) -> list[Setting]:
    return [setting for _, setting in house.writes]


def app(house: House, at: datetime, setting: Setting = MINE) -> None:
    house.at(at + timedelta(seconds=7), house.gateway.set_in_app, setting)


# --- how long it is respected -----------------------------------------------------------------


@pytest.mark.parametrize("theirs", [MINE, OTHER, Setting(Mode.BACKUP, 95), EVERYDAY])
def test_a_change_in_the_app_stays_until_the_rules_want_something_else(
    tmp_path: Path, theirs: Setting
) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, THREE, theirs)
    house.at(FOUR - POLL, lambda: seen.append(house.setting))
    seen: list[Setting] = []
    house.play(SIX)
    assert seen == [theirs]
    assert house.setting == EVERYDAY
    assert settings(house) == ([FULL] if theirs == EVERYDAY else [FULL, EVERYDAY])
    assert overrides(house) == [("began", theirs), ("ended", theirs)]
    assert whys(house) == [OverrideEnd.BOUNDARY]
    began, _ = house.entries(Kind.OVERRIDE)
    assert THREE < began.at <= THREE + NOTICED


def test_it_is_held_back_and_told_once(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, THREE)
    house.play(FOUR - POLL)
    told = [text for _, text in house.notes("held_back")]
    assert len(told) <= 2  # looking again, then respected
    assert "somebody else set self_consumption, reserve 60 %, respected until" in told[-1]


def test_without_a_boundary_it_ends_after_hold_max(tmp_path: Path) -> None:
    house = House(tmp_path, ALL_DAY, START, safety=SHORT)
    app(house, TWO)
    house.play(SIX)
    assert whys(house) == [OverrideEnd.RAN_OUT]
    assert house.setting == FULL
    second = house.writes[1]
    assert TWO + SHORT.hold_max <= second[0] <= TWO + SHORT.hold_max + NOTICED + 2 * POLL


def test_one_that_returns_is_respected_twice_as_long(tmp_path: Path) -> None:
    house = House(tmp_path, ALL_DAY, START, safety=SHORT)
    app(house, TWO)
    app(house, THREE)
    house.play(SIX)
    assert spans(house) == [SHORT.hold_max, 2 * SHORT.hold_max]
    assert whys(house) == [OverrideEnd.RAN_OUT] * 2
    assert house.setting == FULL


def test_set_back_by_hand_it_is_over_and_ours_again(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, TWO + 20 * MINUTE, MINE)
    app(house, TWO + 40 * MINUTE, FULL)
    app(house, TWO + 60 * MINUTE, OTHER)
    house.play(FOUR - POLL)
    assert overrides(house) == [("began", MINE), ("ended", MINE), ("began", OTHER)]
    assert whys(house) == [OverrideEnd.SET_BACK]
    assert settings(house) == [FULL]
    assert house.setting == OTHER


def test_another_change_is_respected_in_its_place(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, TWO + 20 * MINUTE, MINE)
    app(house, TWO + 40 * MINUTE, OTHER)
    house.play(FOUR - POLL)
    assert overrides(house) == [("began", MINE), ("began", OTHER)]
    assert house.setting == OTHER
    house.play(SIX)
    assert house.setting == EVERYDAY


def test_a_rule_may_insist(tmp_path: Path) -> None:
    house = House(tmp_path, INSISTS, START)
    app(house, THREE)
    house.play(FOUR - POLL)
    assert settings(house) == [FULL, FULL]
    assert house.setting == FULL


def test_what_was_never_ours_is_no_override(tmp_path: Path) -> None:
    # A login that may not write: nothing was ever read back.
    house = House(tmp_path, AFTERNOON, START, profile="21.44")
    app(house, THREE)
    house.play(SIX)
    assert not overrides(house)


def test_a_dry_run_knows_no_override(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, THREE)
    house.play(SIX, dry_run=True)
    assert not overrides(house)
    assert [action.wanted for action in house.actions] == [FULL, EVERYDAY]


# --- looked at twice --------------------------------------------------------------------------


def test_a_difference_is_looked_at_twice_with_a_fresh_status(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, THREE)
    house.play(FOUR - POLL)
    (override,) = house.entries(Kind.OVERRIDE)
    noticed = override.at
    readings = [each for each in house.asked("/api/operation") if THREE < each <= noticed]
    assert len(readings) >= 2
    assert noticed in house.asked("/api/status")


def test_a_change_that_is_gone_at_the_second_look_was_none(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, THREE)
    # The setting is read every two minutes; taken back before it is looked at again.
    for second in range(30, 180, 30):
        house.at(
            THREE + timedelta(seconds=second + 1),
            lambda: (
                house.loop is not None
                and house.loop.state.ownership.suspect
                and house.gateway.set_in_app(FULL)
            ),
        )
    house.play(FOUR - POLL)
    assert not overrides(house)
    assert settings(house) == [FULL]


# --- the owner's word -------------------------------------------------------------------------


def test_a_hold_is_written_over_it(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, TWO + 20 * MINUTE)
    house.at(TWO + 40 * MINUTE, lambda: house.hold("anna", mode=Mode.BACKUP, reserve=70))
    house.play(FOUR - POLL)
    assert settings(house) == [FULL, Setting(Mode.BACKUP, 70)]
    assert whys(house) == [OverrideEnd.WRITTEN_OVER]


def test_a_release_is_written_over_it(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, TWO + 20 * MINUTE)
    house.at(TWO + 40 * MINUTE, lambda: house.release("anna"))
    house.play(FOUR - POLL)
    assert settings(house) == [FULL, EVERYDAY]
    assert whys(house) == [OverrideEnd.WRITTEN_OVER]


def test_resume_ends_it(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, TWO + 20 * MINUTE)
    house.at(TWO + 40 * MINUTE, lambda: house.resume("anna"))
    house.play(FOUR - POLL)
    assert settings(house) == [FULL, FULL]
    assert whys(house) == [OverrideEnd.RESUMED]


# --- restarts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kill", [False, True])
def test_it_is_remembered_over_a_restart(tmp_path: Path, kill: bool) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, TWO + 20 * MINUTE)
    house.play(TWO + 40 * MINUTE, kill=kill).play(FOUR - POLL)
    assert house.setting == MINE
    assert overrides(house) == [("began", MINE)]
    house.play(SIX)
    assert house.setting == EVERYDAY
    assert whys(house) == [OverrideEnd.BOUNDARY]


def test_one_that_began_while_nobody_looked_is_one(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    house.play(TWO + 20 * MINUTE).wait(TWO + 30 * MINUTE)
    house.gateway.set_in_app(MINE)
    house.play(FOUR - POLL)
    assert overrides(house) == [("began", MINE)]
    assert settings(house) == [FULL]


def test_a_boundary_that_nobody_saw_ends_it(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, TWO + 20 * MINUTE)
    house.play(TWO + 40 * MINUTE).wait(FOUR + 10 * MINUTE)
    house.play(SIX)
    assert house.setting == EVERYDAY
    assert whys(house) == [OverrideEnd.BOUNDARY]


def test_one_that_returns_after_a_restart_is_respected_twice_as_long(tmp_path: Path) -> None:
    house = House(tmp_path, ALL_DAY, START, safety=SHORT)
    app(house, TWO)
    house.play(THREE, kill=True)
    app(house, THREE)
    house.play(SIX)
    assert spans(house) == [SHORT.hold_max, 2 * SHORT.hold_max]


# --- what only looks like one -----------------------------------------------------------------


@pytest.mark.parametrize("kind", [FaultKind.REBOOT, FaultKind.SELF_UPDATE])
def test_a_gateway_that_begins_anew_has_overridden_nobody(tmp_path: Path, kind: FaultKind) -> None:
    begin, end = TWO + 20 * MINUTE, TWO + 30 * MINUTE
    # 1.43.3 updates to 1.46, which may be written to as well.
    house = House(tmp_path, AFTERNOON, START, profile="1.43.3", faults=[Fault(kind, begin, end)])
    house.at(begin + timedelta(seconds=7), house.gateway.set_in_app, EVERYDAY)  # it resets
    house.play(FOUR - POLL)
    assert not overrides(house)
    assert house.setting == FULL
    assert house.writes[-1][0] <= end + 3 * POLL + 90 * timedelta(seconds=1)


def test_what_a_gateway_keeps_through_its_restart_stays_ours(tmp_path: Path) -> None:
    begin, end = TWO + 20 * MINUTE, TWO + 30 * MINUTE
    house = House(tmp_path, AFTERNOON, START, faults=[Fault(FaultKind.REBOOT, begin, end)])
    app(house, THREE)
    house.play(FOUR - POLL)
    assert settings(house) == [FULL]
    assert overrides(house) == [("began", MINE)]


def test_a_restart_of_both_is_no_override(tmp_path: Path) -> None:
    reboot = Fault(FaultKind.REBOOT, TWO + 20 * MINUTE, TWO + 30 * MINUTE)
    house = House(tmp_path, AFTERNOON, START, faults=[reboot]).play(TWO + 10 * MINUTE)
    house.wait(TWO + 40 * MINUTE)
    house.gateway.set_in_app(EVERYDAY)
    house.play(FOUR - POLL)
    assert not overrides(house)
    assert house.setting == FULL


def test_an_override_that_the_rules_came_to_want_is_not_one_again(tmp_path: Path) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, THREE, EVERYDAY)
    house.play(FOUR + 10 * MINUTE, kill=True).play(SIX)
    assert overrides(house) == [("began", EVERYDAY), ("ended", EVERYDAY)]


@pytest.mark.parametrize("kill", [False, True])
def test_set_back_by_hand_it_is_ours_over_a_restart(tmp_path: Path, kill: bool) -> None:
    house = House(tmp_path, AFTERNOON, START)
    app(house, TWO + 20 * MINUTE, MINE)
    app(house, TWO + 40 * MINUTE, FULL)
    house.play(TWO + 50 * MINUTE, kill=kill)
    app(house, TWO + 60 * MINUTE, OTHER)
    house.play(FOUR - POLL)
    assert overrides(house) == [("began", MINE), ("ended", MINE), ("began", OTHER)]
    assert settings(house) == [FULL]


def test_an_outage_is_no_override(tmp_path: Path) -> None:
    outage = Outage(TWO + 20 * MINUTE, TWO + 40 * MINUTE)
    house = House(tmp_path, AFTERNOON, START, outages=[outage]).play(SIX)
    assert not overrides(house)
    assert settings(house) == [FULL, EVERYDAY]


def test_a_setting_changed_by_grid_services_is_nobody_s(tmp_path: Path) -> None:
    begin, end = TWO + 20 * MINUTE, TWO + 40 * MINUTE
    house = House(tmp_path, AFTERNOON, START, faults=[Fault(FaultKind.GRID_SERVICES, begin, end)])
    house.at(begin + timedelta(seconds=7), house.gateway.set_in_app, MINE)
    house.play(FOUR - POLL)
    assert not overrides(house)
    assert house.setting == FULL
    assert end <= house.writes[-1][0] <= end + 3 * POLL + 90 * timedelta(seconds=1)


# --- Storm Watch ------------------------------------------------------------------------------


def storm(begin: datetime, end: datetime) -> Sequence[Fault]:
    return [Fault(FaultKind.STORM_WATCH, begin, end)]


EVENING = BASE + (
    '[[rule]]\nname = "early"\nwhile = { time = "14:00-16:00" }\n'
    'set = { mode = "self_consumption", reserve = 50 }\n'
)
EARLY = Setting(SELF, 50)


def test_a_storm_is_respected_as_long_as_it_lasts_boundaries_or_not(tmp_path: Path) -> None:
    begin, end = THREE, FOUR + 70 * MINUTE
    house = House(tmp_path, EVENING, START, faults=storm(begin, end), safety=SHORT)
    house.play(end - POLL)
    assert house.setting == FULL
    assert settings(house) == [EARLY]
    house.play(SIX)
    # What was set before the storm holds again; the rules have wanted something else since.
    assert whys(house) == [OverrideEnd.STORM_OVER]
    assert settings(house) == [EARLY, EVERYDAY]
    assert house.writes[-1][0] <= end + 3 * POLL + 90 * timedelta(seconds=1)


@pytest.mark.parametrize("kill", [False, True])
def test_a_storm_is_remembered_over_a_restart(tmp_path: Path, kill: bool) -> None:
    begin, end = THREE, FOUR + 70 * MINUTE
    house = House(tmp_path, EVENING, START, faults=storm(begin, end))
    house.play(THREE + 20 * MINUTE, kill=kill).play(FOUR + 20 * MINUTE, kill=kill)
    house.play(end - POLL)
    assert settings(house) == [EARLY]
    house.play(SIX)
    assert house.setting == EVERYDAY


# --- a reserve that is only raised ---------------------------------------------------------------

LEFT_ALONE = """\
language = 1
timezone = "America/Los_Angeles"
default = { leave = true }
[[rule]]
name  = "a little for the evening"
while = { time = "14:00-16:00" }
set   = { reserve_at_least = 15 }
"""


@pytest.mark.parametrize(
    ("reserve", "written"), [(20, []), (15, []), (10, [Setting(SELF, 15)])], ids=str
)
def test_a_least_reserve_never_lowers_what_is_set(
    tmp_path: Path, reserve: int, written: list[Setting]
) -> None:
    house = House(tmp_path, LEFT_ALONE, START)
    house.gateway.set_in_app(Setting(SELF, reserve))
    house.play(SIX)
    assert settings(house) == written
    now = house.home.setting
    assert (now.mode, now.reserve) == (SELF, max(reserve, 15))
    assert set(house.outcomes()) <= {"held"}
    assert overrides(house) == []
