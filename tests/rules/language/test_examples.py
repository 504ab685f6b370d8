"""What the shipped examples want, minute by minute around everything that changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from example_files import SINGLE
from pictured import UP, Watch, setting, told
from random_rules import EVERY_MODE

from rules.engine import Plan
from rules.language import load_rules
from rules.resolve import Levers

EXAMPLES = Path(__file__).parents[3] / "examples"
SELF = "self_consumption"


def watch(name: str, start: str) -> Watch:
    return Watch.since(Plan.of(load_rules([EXAMPLES / name]), Levers(EVERY_MODE)), start)


@pytest.mark.parametrize("path", SINGLE, ids=lambda path: path.name)
def test_every_example_loads(path: Path) -> None:
    rules = load_rules([path])
    assert rules.state_rules or rules.event_rules


@pytest.mark.parametrize(
    "day",
    # A summer workday, a winter day, a weekend, a holiday, and both clock changes.
    ["2026-07-01", "2026-12-01", "2026-07-05", "2026-09-07", "2026-03-08", "2026-11-01"],
)
def test_the_schedule_of_2018_from_midnight_to_midnight(day: str) -> None:
    house = watch("tou_sce_2018.toml", f"{day} 00:00")
    for clock, mode, reserve, events in (
        ("00:00", "backup", 100, []),
        ("03:30", "backup", 100, []),
        ("07:14", "backup", 100, []),
        ("07:15", "backup", 100, [f"firmware in the morning fired {day[5:]} 07:15"]),
        ("07:54", "backup", 100, []),
        ("07:55", SELF, 5, []),
        ("14:00", SELF, 5, []),
        ("20:00", SELF, 5, []),
        ("22:00", SELF, 5, []),
        ("22:04", SELF, 5, []),
        ("22:05", "backup", 100, []),
        ("23:59", "backup", 100, []),
    ):
        decision = house.look(f"{day} {clock}")
        assert str(decision.setting) == f"{mode}, reserve {reserve} %"
        assert told(decision) == events


BY_DEFAULT = "self_consumption, reserve 20 % <- mode=default reserve=default"
HALF = "half full by two"
FULL = "full before the peak"
FIRMWARE = "firmware before the peak"
NIGHT = "keep the rest of a low battery for the night"


def by(mode: str, reserve: int, rule: str) -> str:
    return f"{mode}, reserve {reserve} % <- mode={rule} reserve={rule}"


@pytest.mark.parametrize("day", ["2026-07-01", "2026-12-01", "2026-07-05", "2026-09-07"])
def test_the_example_of_today_from_night_to_night(day: str) -> None:
    """The peak is at the same hours every day, dearer or less dear, so the plan is the same."""
    house = watch("tou_sce.toml", f"{day} 06:00")
    for clock, soe, wanted, events in (
        ("06:00", 25, BY_DEFAULT, []),
        ("11:59", 25, BY_DEFAULT, []),
        ("12:00", 25, by("backup", 60, HALF), []),
        ("13:30", 59.9, by("backup", 60, HALF), []),
        ("13:31", 60.0, by(SELF, 60, HALF), []),
        ("13:59", 58.0, by(SELF, 60, HALF), []),
        ("14:00", 58.0, by("backup", 100, FULL), []),
        ("14:59", 80.0, by("backup", 100, FULL), []),
        ("15:00", 80.0, by("backup", 100, FULL), [f"{FIRMWARE} fired {day[5:]} 15:00"]),
        ("15:54", 99.0, by("backup", 100, FULL), []),
        ("15:55", 99.0, BY_DEFAULT, []),
        ("16:00", 99.0, BY_DEFAULT, []),
        ("20:59", 25.0, BY_DEFAULT, []),
        ("21:00", 25.9, by(SELF, 25, NIGHT), []),
        ("23:59", 25.0, by(SELF, 25, NIGHT), []),
    ):  # fmt: skip
        decision = house.look(f"{day} {clock}", soe, UP)
        assert (setting(decision), told(decision)) == (wanted, events)


def test_a_battery_that_is_full_enough_serves_the_night() -> None:
    house = watch("tou_sce.toml", "2026-07-01 21:00")
    assert setting(house.look("2026-07-01 21:00", 55)) == BY_DEFAULT
    assert setting(house.look("2026-07-02 01:00", 30)) == BY_DEFAULT
    assert setting(house.look("2026-07-02 01:01", 29.9)) == by(SELF, 29, NIGHT)
    assert setting(house.look("2026-07-02 05:59", 29.0)) == by(SELF, 29, NIGHT)
    assert setting(house.look("2026-07-02 06:00", 29.0)) == BY_DEFAULT
