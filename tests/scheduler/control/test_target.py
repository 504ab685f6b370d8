"""What would be written for a desired setting, and whether the gateway has it, as truth tables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pretended import BACKUP, EVERY_LEVER, EVERYDAY, NOW, SELF

from rules.domain import AppPercent, Export, Mode, Observation, Part, Quantity, Setting
from rules.resolve import Levers, Limits
from scheduler.control.target import (
    as_if,
    described,
    legal,
    matches,
    only,
    parts_of,
    present,
    reports,
    safe_of,
    target_of,
)
from scheduler.domain import Safety

NEVER, SOLAR, BATTERY = Export.NEVER, Export.SOLAR, Export.BATTERY
GAP = Levers(reserve_ceiling=80)
"""Legal reserves since firmware 25.18.4."""

FLOOR = Limits(reserve_floor=5)
OWNED = EVERY_LEVER.permitted(grid_charging=False, export=SOLAR)
"""Every lever, of an owner who may neither buy for the battery nor sell from it."""

WIDE = Setting(grid_charging=True, export=BATTERY)
NARROW = Setting(grid_charging=False, export=SOLAR)
ALONE = replace(EVERY_LEVER, together=frozenset())
ALL_TOGETHER = replace(EVERY_LEVER, together=frozenset(Part))

SEEN = Observation(
    NOW, mode=SELF, reserve=AppPercent(20.0), grid_charging=False, export=SOLAR, running=True
)
WHOLE = Setting(BACKUP, 100, grid_charging=True, export=NEVER)


@pytest.mark.parametrize(
    ("desired", "levers", "target"),
    [
        # mode and reserve go together; what is not wanted of them is as the gateway has it
        (Setting(), EVERY_LEVER, Setting()),
        (Setting(BACKUP, 100), EVERY_LEVER, Setting(BACKUP, 100)),
        (Setting(BACKUP), EVERY_LEVER, Setting(BACKUP, 20)),
        (Setting(reserve=40), EVERY_LEVER, Setting(SELF, 40)),
        # the others go alone
        (Setting(grid_charging=True), EVERY_LEVER, Setting(grid_charging=True)),
        (Setting(export=NEVER), EVERY_LEVER, Setting(export=NEVER)),
        (
            Setting(BACKUP, grid_charging=True),
            EVERY_LEVER,
            Setting(BACKUP, 20, grid_charging=True),
        ),
        (WHOLE, EVERY_LEVER, WHOLE),
        # a route on which each part goes alone, and one on which all go together
        (Setting(BACKUP), ALONE, Setting(BACKUP)),
        (Setting(reserve=40), ALONE, Setting(reserve=40)),
        (Setting(BACKUP), ALL_TOGETHER, Setting(BACKUP, 20, grid_charging=False, export=SOLAR)),
        (Setting(export=NEVER), ALL_TOGETHER, Setting(SELF, 20, grid_charging=False, export=NEVER)),
        # what the route cannot set is not written
        (Setting(BACKUP, 100, grid_charging=True, export=NEVER), Levers(), Setting(BACKUP, 100)),
        (Setting(grid_charging=True, export=NEVER), Levers(), Setting()),
        # nor what the owner does not permit; what is less is written in its place
        (Setting(grid_charging=True), OWNED, Setting(grid_charging=False)),
        (Setting(export=BATTERY), OWNED, Setting(export=SOLAR)),
        (Setting(export=NEVER), OWNED, Setting(export=NEVER)),
    ],
)
def test_what_is_written_together(desired: Setting, levers: Levers, target: Setting) -> None:
    assert target_of(desired, SEEN, levers, FLOOR) == target


@pytest.mark.parametrize(
    ("missing", "desired", "target"),
    [
        ("mode", Setting(reserve=40), None),
        ("mode", Setting(BACKUP), Setting(BACKUP, 20)),
        ("reserve", Setting(BACKUP), None),
        ("reserve", Setting(reserve=40), Setting(SELF, 40)),
        ("mode", Setting(BACKUP, 40), Setting(BACKUP, 40)),
        ("mode", Setting(), Setting()),
        ("mode", Setting(export=NEVER), Setting(export=NEVER)),
        ("export", Setting(BACKUP), Setting(BACKUP, 20)),
        ("export", Setting(export=NEVER), Setting(export=NEVER)),
    ],
)
def test_a_part_that_must_go_with_others_has_to_be_known(
    missing: str, desired: Setting, target: Setting | None
) -> None:
    blind = replace(SEEN, **{missing: None})  # type: ignore[arg-type]
    assert target_of(desired, blind, EVERY_LEVER, FLOOR) == target


NO_BUYING = Limits(grid_charging=False, export=SOLAR, reserve_floor=5)


@pytest.mark.parametrize(
    ("desired", "has", "limits", "target"),
    [
        (Setting(BACKUP, 40), {}, NO_BUYING, Setting(BACKUP, 40)),
        # what the gateway may not have is taken away with the next write, though nobody asks
        (Setting(BACKUP, 40), {"grid_charging": True}, NO_BUYING, "off"),
        (Setting(BACKUP, 40), {"export": BATTERY}, NO_BUYING, "sun"),
        (Setting(BACKUP, 40), {"grid_charging": True, "export": BATTERY}, FLOOR, "nothing"),
        (Setting(BACKUP, 40), {"export": NEVER}, NO_BUYING, "nothing"),
        (Setting(BACKUP, 40, export=NEVER), {"export": BATTERY}, NO_BUYING, "never"),
        (Setting(), {"grid_charging": True}, NO_BUYING, Setting()),
    ],
)
def test_more_than_is_permitted_is_not_left_at_the_gateway(
    desired: Setting, has: dict[str, Any], limits: Limits, target: Setting | str
) -> None:
    extra = {
        "off": Setting(grid_charging=False),
        "sun": Setting(export=SOLAR),
        "never": Setting(export=NEVER),
        "nothing": Setting(),
    }
    if isinstance(target, str):
        target = Setting(BACKUP, 40).over(extra[target])
    assert target_of(desired, replace(SEEN, **has), OWNED, limits) == target


def test_what_the_gateway_has_is_made_legal_when_it_is_written_along() -> None:
    under = replace(SEEN, reserve=AppPercent(2.4))
    assert target_of(Setting(BACKUP), under, EVERY_LEVER, FLOOR) == Setting(BACKUP, 5)
    between = replace(SEEN, reserve=AppPercent(90.0))
    assert target_of(Setting(BACKUP), between, GAP, FLOOR) == Setting(BACKUP, 80)


@pytest.mark.parametrize(
    ("reserve", "levers", "floor", "becomes"),
    [
        (None, Levers(), 5, None),
        (0, Levers(), 0, 0),
        (0, Levers(), 5, 5),
        (4, Levers(), 5, 5),
        (20, Levers(), 5, 20),
        (100, Levers(), 5, 100),
        (90, Levers(), 5, 90),
        (80, GAP, 5, 80),
        (81, GAP, 5, 80),
        (99, GAP, 5, 80),
        (100, GAP, 5, 100),
        (50, GAP, 90, 100),  # the floor is above the gap's edge: upwards is the safe side
        (85, GAP, 85, 100),
    ],
)
def test_a_reserve_is_legal_and_not_under_the_floor(
    reserve: int | None, levers: Levers, floor: int, becomes: int | None
) -> None:
    assert legal(Setting(SELF, reserve), levers, floor) == Setting(SELF, becomes)


@pytest.mark.parametrize(
    ("safe", "levers", "becomes"),
    [
        (Setting(SELF, 20), Levers(), Setting(SELF, 20)),
        (Setting(SELF, 2), Levers(), Setting(SELF, 5)),
        (Setting(SELF, 85), GAP, Setting(SELF, 80)),
        (Setting(SELF, 20, grid_charging=False), Levers(), Setting(SELF, 20)),
        (EVERYDAY.over(WIDE), OWNED, EVERYDAY.over(NARROW)),
    ],
)
def test_the_safe_state_is_what_this_route_can_have(
    safe: Setting, levers: Levers, becomes: Setting
) -> None:
    assert safe_of(Safety(5, safe), levers) == becomes


@pytest.mark.parametrize(
    ("setting", "different", "there"),
    [
        (Setting(), {}, True),
        (Setting(), {"mode": None, "reserve": None}, True),
        (Setting(SELF, 20, grid_charging=False, export=SOLAR), {}, True),
        (Setting(BACKUP), {}, False),
        (Setting(SELF), {"reserve": None}, True),
        (Setting(SELF), {"mode": None}, False),
        (Setting(reserve=20), {"reserve": None}, False),
        # the gateway keeps raw percents: what it shows need not be whole
        (Setting(SELF, 20), {"reserve": AppPercent(20.55)}, True),
        (Setting(SELF, 20), {"reserve": AppPercent(19.45)}, True),
        (Setting(SELF, 20), {"reserve": AppPercent(20.65)}, False),
        (Setting(SELF, 20), {"reserve": AppPercent(19.35)}, False),
        (Setting(SELF, 20), {"reserve": AppPercent(21.0)}, False),
        (Setting(SELF, 0), {"reserve": AppPercent(0.6)}, False),
        (Setting(grid_charging=False), {}, True),
        (Setting(grid_charging=True), {}, False),
        (Setting(grid_charging=False), {"grid_charging": None}, False),
        (Setting(grid_charging=True), {"grid_charging": None}, False),
        (Setting(export=SOLAR), {}, True),
        (Setting(export=NEVER), {}, False),
        (Setting(export=SOLAR), {"export": None}, False),
        (Setting(SELF, 20, grid_charging=False, export=NEVER), {}, False),
    ],
)
def test_whether_the_gateway_has_a_setting(
    setting: Setting, different: dict[str, Any], there: bool
) -> None:
    assert reports(replace(SEEN, **different), setting) is there


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (WHOLE, WHOLE, True),
        (Setting(), WHOLE, True),
        (Setting(), Setting(), True),
        (Setting(BACKUP), WHOLE, True),
        (Setting(BACKUP), Setting(reserve=20), True),
        (Setting(SELF), WHOLE, False),
        (Setting(reserve=99), WHOLE, False),
        (Setting(reserve=0), Setting(reserve=100), False),
        (Setting(grid_charging=False), WHOLE, False),
        (Setting(export=SOLAR), WHOLE, False),
        (Setting(BACKUP, 100, grid_charging=False), Setting(BACKUP, 100), True),
    ],
)
def test_settings_match_where_no_part_is_set_differently(
    one: Setting, other: Setting, same: bool
) -> None:
    assert matches(one, other) is same
    assert matches(other, one) is same


def test_parts_are_taken_from_a_setting_and_from_what_is_reported() -> None:
    assert parts_of(Setting()) == ()
    assert parts_of(Setting(BACKUP, 0, grid_charging=False)) == tuple(Part)[:3]
    assert only(WHOLE, [Part.RESERVE, Part.EXPORT]) == Setting(reserve=100, export=NEVER)
    shown = replace(SEEN, reserve=AppPercent(20.55), export=None)
    assert present(shown, Part) == Setting(SELF, 21, grid_charging=False)
    assert present(shown, [Part.EXPORT]) == Setting()


def test_a_gateway_can_be_imagined_to_have_other_parts() -> None:
    assert as_if(SEEN, Setting()) == SEEN
    assert as_if(SEEN, WHOLE) == replace(
        SEEN, mode=BACKUP, reserve=AppPercent(100), grid_charging=True, export=NEVER
    )
    assert as_if(SEEN, Setting(reserve=0)).reserve == 0
    assert as_if(SEEN, Setting(grid_charging=False)) == SEEN


@pytest.mark.parametrize(
    ("different", "said"),
    [
        ({}, "self_consumption, reserve 20.0 %, grid charging off, export pv_only"),
        ({"reserve": AppPercent(19.5789)}, "reserve 19.6 %"),
        ({"mode": None}, "an unknown mode, reserve"),
        ({"mode": None, "unknown_words": {Quantity.MODE: "site_control"}}, "site_control, reserve"),
        ({"grid_charging": None}, "an unknown grid charging"),
        ({"mode": Mode.AUTONOMOUS}, "autonomous, "),
    ],
)
def test_what_is_found_is_told_as_it_is_read(different: dict[str, Any], said: str) -> None:
    assert said in described(replace(SEEN, **different), Part)
