"""What an owner's intents become on a route: the levers are few, and not every reserve is legal."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.domain import Mode, Part, Setting
from rules.resolve import Intent, Levers, Want, resolve

EVERY = Levers()  # reserves 0..100
GAPPED = Levers(reserve_ceiling=80)  # reserves 0..80 and 100, since firmware 25.18.4

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


def test_what_cannot_be_held_yet_is_left_alone() -> None:
    assert resolve(HOLD, EVERY, None, None).setting == Setting()
    assert resolve(charge(60), EVERY, None, None).setting == Setting()


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
    ("want", "mode", "reserve"),
    [
        # A part that is claimed is not the business of rules below, even if it is left alone.
        (Want(BACKUP), True, False),
        (Want(reserve=20), False, True),
        (Want(battery=Intent.USE), True, False),
        (Want(reserve=30, battery=Intent.USE), True, True),
        (Want(battery=Intent.LEAVE), True, True),
        (HOLD, True, True),
        (charge(60), True, True),
        (Want(), False, False),
    ],
)
def test_which_parts_a_want_claims(want: Want, *, mode: bool, reserve: bool) -> None:
    assert (Part.MODE in want.claims, Part.RESERVE in want.claims) == (mode, reserve)


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
    ],
)
def test_a_want_in_words(want: Want, words: str) -> None:
    assert str(want) == words


courses = st.lists(st.none() | st.floats(-1, 101), min_size=1, max_size=30)


@settings(max_examples=300)
@given(
    st.sampled_from((EVERY, GAPPED)),
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
        if captured is not None:
            held.append(captured)
            assert resolved.setting == Setting(SELF, captured)
    assert all(first <= second for first, second in pairwise(held))
    # Never higher than what was seen: that would buy energy to get there.
    assert not held or held[-1] <= max(0.0, *(soe for soe in course if soe is not None))
