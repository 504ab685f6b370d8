"""What an owner's intents become on a route: the levers are few, and not every reserve is legal."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from four_levers import FOUR_LEVERS
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.domain import Export, Mode, Part, Setting
from rules.resolve import Intent, Levers, Want, resolve

EVERY = Levers()  # reserves 0..100
GAPPED = Levers(reserve_ceiling=80)  # reserves 0..80 and 100, since firmware 25.18.4
FOUR = FOUR_LEVERS
FOUR_GAPPED = replace(FOUR_LEVERS, reserve_ceiling=80)
UNSOLD = FOUR_LEVERS.permitted(grid_charging=False, export=Export.NEVER)
ONLY_ON = replace(FOUR_LEVERS, grid_charging=frozenset({True}))
ONLY_OFF = replace(FOUR_LEVERS, grid_charging=frozenset({False}))
ALL_LEVERS = (EVERY, GAPPED, FOUR, FOUR_GAPPED, UNSOLD, ONLY_ON, ONLY_OFF)

SELF = Mode.SELF_CONSUMPTION
BACKUP = Mode.BACKUP
HOLD = Want(battery=Intent.HOLD)


def charge(to: int) -> Want:
    return Want(battery=Intent.CHARGE, to=to)


@pytest.mark.parametrize(
    ("want", "mode", "reserve"),
    [
        (Want(BACKUP, 100), BACKUP, 100),
        (Want(BACKUP), BACKUP, None),
        (Want(reserve=30), None, 30),
        (Want(battery=Intent.USE), SELF, None),
        (Want(reserve=30, battery=Intent.USE), SELF, 30),
        (Want(battery=Intent.LEAVE), None, None),
        (charge(100), BACKUP, 100),
    ],
)
@pytest.mark.parametrize("soe", [None, 0.0, 50.0, 100.0])
@pytest.mark.parametrize("levers", [EVERY, GAPPED])
def test_what_does_not_look_at_the_battery(
    want: Want, mode: Mode | None, reserve: int | None, soe: float | None, levers: Levers
) -> None:
    resolved = resolve(want, levers, soe, None)
    assert resolved.setting == Setting(mode, reserve)
    assert resolved.captured is None
    assert not want.looks_at_soe


@pytest.mark.parametrize(
    ("levers", "soe", "captured", "reserve"),
    [
        # Captured just under the state of energy.
        (EVERY, 0.0, None, 0),
        (EVERY, 63.9, None, 63),
        (EVERY, 64.0, None, 64),
        (EVERY, 92.5, None, 92),
        (EVERY, 100.0, None, 100),
        (EVERY, 100.4, None, 100),
        # Kept, while it falls and while it rises by less than 10 %.
        (EVERY, 20.0, 63, 63),
        (EVERY, 63.0, 63, 63),
        (EVERY, 72.9, 63, 63),
        # Raised.
        (EVERY, 73.0, 63, 73),
        (EVERY, 95.0, 63, 95),
        (EVERY, 99.9, 92, 92),
        (EVERY, 100.0, 92, 100),
        (EVERY, 0.0, 100, 100),
        # 81 to 99 are refused there: 80 it is, until the battery is full.
        (GAPPED, 63.9, None, 63),
        (GAPPED, 80.9, None, 80),
        (GAPPED, 95.0, None, 80),
        (GAPPED, 99.9, None, 80),
        (GAPPED, 100.0, None, 100),
        (GAPPED, 79.9, 70, 70),
        (GAPPED, 80.0, 70, 80),
        (GAPPED, 99.9, 71, 71),
        (GAPPED, 99.9, 80, 80),
        (GAPPED, 100.0, 80, 100),
        # Not known.
        (EVERY, None, 63, 63),
        (GAPPED, None, 80, 80),
    ],
)
def test_hold(levers: Levers, soe: float | None, captured: int | None, reserve: int) -> None:
    resolved = resolve(HOLD, levers, soe, captured)
    assert resolved.setting == Setting(SELF, reserve)
    assert resolved.captured == reserve


@pytest.mark.parametrize("want", [HOLD, charge(60)])
@pytest.mark.parametrize("levers", ALL_LEVERS)
def test_what_cannot_be_held_yet_is_left_alone(want: Want, levers: Levers) -> None:
    assert resolve(want, levers, None, None).setting == Setting()


@pytest.mark.parametrize("want", [HOLD, charge(60), charge(100), Want(battery=Intent.USE)])
@pytest.mark.parametrize("soe", [None, 30.0, 90.0])
def test_what_is_said_of_export_holds_beside_every_intent(want: Want, soe: float | None) -> None:
    said = replace(want, export=Export.NEVER)
    assert resolve(said, FOUR, soe, None).setting.export is Export.NEVER
    assert resolve(said, EVERY, soe, None).setting == resolve(want, EVERY, soe, None).setting


# --- routes that can switch grid charging ---------------------------------------------------------


@pytest.mark.parametrize(
    ("levers", "soe", "captured", "reserve"),
    [
        (FOUR, 0.0, None, 0),
        (FOUR, 63.9, None, 63),
        (FOUR, 92.5, None, 92),
        (FOUR, 100.0, None, 100),
        (FOUR_GAPPED, 92.5, None, 80),
        (FOUR_GAPPED, 100.0, None, 100),
        (UNSOLD, 63.9, None, 63),
        (ONLY_OFF, 63.9, None, 63),
        # Captured once: backup keeps whatever the sun adds, and needs no other reserve for it.
        (FOUR, 90.0, 63, 63),
        (FOUR_GAPPED, 100.0, 63, 63),
        (FOUR, 20.0, 63, 63),
        (FOUR, None, 63, 63),
    ],
)
def test_hold_is_backup_without_grid_charging_where_that_can_be_said(
    levers: Levers, soe: float | None, captured: int | None, reserve: int
) -> None:
    resolved = resolve(HOLD, levers, soe, captured)
    assert resolved.setting == Setting(BACKUP, reserve, grid_charging=False)
    assert (resolved.captured, resolved.soe_below) == (reserve, math.inf)


@pytest.mark.parametrize("levers", [ONLY_ON, replace(FOUR, modes=frozenset({SELF}))])
def test_hold_is_a_reserve_where_backup_or_off_cannot_be_said(levers: Levers) -> None:
    resolved = resolve(HOLD, levers, 63.9, None)
    assert resolved.setting == Setting(SELF, 63)
    assert resolved.soe_below == 73


@pytest.mark.parametrize(
    ("levers", "grid_charging"),
    [
        (EVERY, None),
        (GAPPED, None),
        (FOUR, True),
        (FOUR_GAPPED, True),
        (ONLY_ON, True),
        # The owner does not permit it: what the sun gives is kept.
        (UNSOLD, False),
        (ONLY_OFF, False),
    ],
)
@pytest.mark.parametrize("soe", [0.0, 59.9])
def test_charge_buys_where_that_can_be_said_and_is_permitted(
    levers: Levers, grid_charging: bool | None, soe: float
) -> None:
    buying = Setting(BACKUP, 60, grid_charging=grid_charging)
    assert resolve(charge(60), levers, soe, None).setting == buying
    full = Setting(BACKUP, 100, grid_charging=grid_charging)
    assert resolve(charge(100), levers, soe, None).setting == full


@pytest.mark.parametrize("levers", [FOUR, FOUR_GAPPED, UNSOLD, ONLY_OFF])
def test_what_was_bought_is_held(levers: Levers) -> None:
    resolved = resolve(charge(60), levers, 60.0, None)
    assert resolved.setting == Setting(BACKUP, 60, grid_charging=False)
    again = resolve(charge(60), levers, 59.0, resolved.captured)
    assert again.setting == resolved.setting


@pytest.mark.parametrize(
    ("levers", "wanted", "set_here"),
    [
        (EVERY, (True, Export.BATTERY), (None, None)),
        (FOUR, (True, Export.BATTERY), (True, Export.BATTERY)),
        (FOUR, (False, Export.NEVER), (False, Export.NEVER)),
        (FOUR, (False, None), (False, None)),
        (FOUR, (None, Export.SOLAR), (None, Export.SOLAR)),
        # Less than what is wanted where that cannot be set; never more.
        (UNSOLD, (True, Export.BATTERY), (False, Export.NEVER)),
        (ONLY_ON, (False, Export.NEVER), (None, Export.NEVER)),
        (
            FOUR.permitted(grid_charging=True, export=Export.SOLAR),
            (True, Export.BATTERY),
            (True, Export.SOLAR),
        ),
        (replace(FOUR, export=frozenset({Export.BATTERY})), (True, Export.SOLAR), (True, None)),
    ],
)
@pytest.mark.parametrize("want", [Want(BACKUP, 40), Want(reserve=40, battery=Intent.USE)])
def test_the_parts_as_they_are_said(
    levers: Levers,
    wanted: tuple[bool | None, Export | None],
    set_here: tuple[bool | None, Export | None],
    want: Want,
) -> None:
    grid_charging, export = wanted
    said = replace(want, grid_charging=grid_charging, export=export)
    mode = want.mode or SELF
    for soe in (None, 0.0, 50.0, 100.0):
        assert resolve(said, levers, soe, None).setting == Setting(mode, 40, *set_here)


def test_a_reserve_that_the_route_takes_and_the_owner_permits() -> None:
    assert GAPPED.legal(Setting(BACKUP, 90)) == Setting(BACKUP, 80)
    assert GAPPED.legal(Setting(BACKUP, 3), reserve_floor=5) == Setting(BACKUP, 5)
    assert GAPPED.legal(Setting(BACKUP, 90), reserve_floor=85) == Setting(BACKUP, 100)
    assert GAPPED.legal(Setting(BACKUP), reserve_floor=5) == Setting(BACKUP)
    every = Setting(BACKUP, 3, grid_charging=False, export=Export.NEVER)
    assert FOUR.legal(every, reserve_floor=5) == replace(every, reserve=5)


@pytest.mark.parametrize(
    ("levers", "to", "soe", "captured", "mode", "reserve"),
    [
        # Buying: backup, and what is bought is kept if backup ends on the way.
        (EVERY, 60, 0.0, None, BACKUP, 60),
        (EVERY, 60, 59.9, None, BACKUP, 60),
        (EVERY, 90, 59.9, None, BACKUP, 90),
        (GAPPED, 90, 59.9, None, BACKUP, 80),
        # Reached: holding.
        (EVERY, 60, 60.0, None, SELF, 60),
        (EVERY, 60, 63.9, None, SELF, 63),
        (GAPPED, 90, 90.0, None, SELF, 80),
        # And not buying again, even if it falls below.
        (EVERY, 60, 59.0, 60, SELF, 60),
        (EVERY, 60, 70.0, 60, SELF, 70),
        (EVERY, 60, None, 60, SELF, 60),
    ],
)
def test_charge(
    levers: Levers, to: int, soe: float | None, captured: int | None, mode: Mode, reserve: int
) -> None:
    resolved = resolve(charge(to), levers, soe, captured)
    assert resolved.setting == Setting(mode, reserve)
    assert resolved.captured == (reserve if mode is SELF else None)


@pytest.mark.parametrize(
    ("percent", "every", "gapped"),
    [(0, True, True), (80, True, True), (81, True, False), (99, True, False), (100, True, True)],
)
def test_legal_reserves(percent: int, *, every: bool, gapped: bool) -> None:
    assert EVERY.is_legal_reserve(percent) is every
    assert GAPPED.is_legal_reserve(percent) is gapped
    assert not EVERY.is_legal_reserve(101)
    assert not EVERY.is_legal_reserve(-1)


@pytest.mark.parametrize(
    ("percent", "at_most", "at_least"), [(0, 0, 0), (80, 80, 80), (81, 80, 100), (100, 100, 100)]
)
def test_the_nearest_legal_reserve(percent: int, at_most: int, at_least: int) -> None:
    assert GAPPED.reserve_at_most(percent) == at_most
    assert GAPPED.reserve_at_least(percent) == at_least


@pytest.mark.parametrize(
    ("want", "parts"),
    [
        # A part that is claimed is not the business of rules below, even if it is left alone.
        (Want(BACKUP), {Part.MODE}),
        (Want(reserve=20), {Part.RESERVE}),
        (Want(grid_charging=False), {Part.GRID_CHARGING}),
        (Want(export=Export.NEVER), {Part.EXPORT}),
        # Grid charging goes back to what others want of it.
        (Want(battery=Intent.USE), {Part.MODE}),
        (Want(reserve=30, battery=Intent.USE), {Part.MODE, Part.RESERVE}),
        (Want(battery=Intent.LEAVE), set(Part)),
        (HOLD, {Part.MODE, Part.RESERVE, Part.GRID_CHARGING}),
        (charge(60), {Part.MODE, Part.RESERVE, Part.GRID_CHARGING}),
        (replace(HOLD, export=Export.NEVER), set(Part)),
        (Want(), set()),
    ],
)
def test_which_parts_a_want_claims(want: Want, parts: set[Part]) -> None:
    assert set(want.claims) == parts


@pytest.mark.parametrize(
    ("want", "words"),
    [
        (Want(BACKUP, 100), "backup, reserve 100 %"),
        (Want(reserve=20), "reserve 20 %"),
        (Want(battery=Intent.USE), "use the battery"),
        (Want(reserve=30, battery=Intent.USE), "use the battery down to 30 %"),
        (HOLD, "hold the battery"),
        (charge(60), "charge to 60 %"),
        (Want(battery=Intent.LEAVE), "leave the battery alone"),
        (
            Want(reserve=30, battery=Intent.USE, grid_charging=False, export=Export.NEVER),
            "use the battery down to 30 %, grid charging off, export never",
        ),
        (Want(battery=Intent.HOLD, export=Export.NEVER), "hold the battery, export never"),
        (Want(BACKUP, grid_charging=True), "backup, grid charging on"),
        (Want(export=Export.SOLAR, reserve_at_least=30), "export pv_only, reserve at least 30 %"),
        (Want(), ""),
    ],
)
def test_a_want_in_words(want: Want, words: str) -> None:
    assert str(want) == words


courses = st.lists(st.none() | st.floats(-1, 101), min_size=1, max_size=30)


@settings(max_examples=300)
@given(
    st.sampled_from(ALL_LEVERS),
    st.just(HOLD) | st.integers(1, 100).map(charge),
    courses,
)
def test_only_legal_reserves_and_never_a_lower_one(
    levers: Levers, want: Want, course: list[float | None]
) -> None:
    captured: int | None = None
    held: list[int] = []
    for soe in course:
        resolved = resolve(want, levers, soe, captured)
        captured = resolved.captured
        reserve = resolved.setting.reserve
        assert reserve is None or levers.is_legal_reserve(reserve)
        assert levers.settable(resolved.setting) == resolved.setting
        if captured is not None:
            held.append(captured)
            held_by_backup = Setting(BACKUP, captured, grid_charging=False)
            by_reserve = Setting(SELF, captured)
            assert resolved.setting == (held_by_backup if levers.holds_by_backup else by_reserve)
    assert all(first <= second for first, second in pairwise(held))
    # Never higher than what was seen: that would buy energy to get there.
    assert not held or held[-1] <= max(0.0, *(soe for soe in course if soe is not None))
