"""What the check says of rules as owners write them: all that it says, and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from rules.check import Code, check
from rules.engine import Plan
from rules.language import load_rules
from rules.resolve import Levers

OWNERS = Path(__file__).parents[2] / "owners"
README = Path(__file__).parents[3] / "docs" / "checks" / "README.md"
FIRST = date(2026, 7, 1)
TOLD = {
    "car_at_night": ["conflict"],
    "half_hourly_prices": ["conflict", "conflict"],
    "noon_top_up": ["flapping"],
    "not_on_holidays": ["long-silence"],
    "outage_reserve": ["under-reserve"],
    "rules_that_fight": ["conflict", "conflict", "conflict"],
    "seasons_by_hand": ["season-edge"],
    "stuck_in_backup": ["not-restored"],
    "sun_tomorrow": ["buys-at-peak"],
    "virtual_power_plant": [],
}


def test_every_file_is_looked_at() -> None:
    assert {path.stem for path in OWNERS.glob("*.toml")} == set(TOLD)


@pytest.mark.parametrize("name", TOLD)
def test_what_is_said_of_an_owner(name: str) -> None:
    plan = Plan.of(load_rules([OWNERS / f"{name}.toml"]), Levers())
    found = check(plan, FIRST, route_known=False).findings
    assert [str(each.code) for each in found if each.code is not Code.LEFT_ON] == TOLD[name]
