"""The scales of the index say of many thresholds at once what each of them says alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.calendar import Almanac
from rules.domain import Observation, Quantity
from rules.engine import QuantityThreshold
from rules.engine.conditions import Context
from rules.engine.index import Mark, Scale
from rules.inputs import NO_INPUTS

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
ALMANAC = Almanac(ZoneInfo("America/Los_Angeles"))

# Quarters, so that thresholds and the edges of their margins are met often; on both sides of 0.
numbers = st.integers(-80, 80).map(lambda quarters: quarters / 4)
thresholds = st.lists(
    st.builds(
        lambda above, limit, margin, sign: QuantityThreshold(
            "", above, limit, margin, Quantity.SITE_POWER, "W", sign
        ),
        st.booleans(),
        numbers,
        st.sampled_from((0.0, 0.25, 2.0, 20.0)),
        st.sampled_from((1, -1)),
    ),
    min_size=1,
    max_size=8,
).map(lambda found: [replace(each, key=str(number)) for number, each in enumerate(found)])


def scale_of(found: Sequence[QuantityThreshold]) -> Scale:
    marks = [Mark(number, 1, 1 << number, each) for number, each in enumerate(found)]
    return Scale.of(Quantity.SITE_POWER, marks, range(len(found)))


def holding(found: Sequence[QuantityThreshold], held: set[str], value: float) -> set[str]:
    """The keys of the thresholds that hold, each tested alone."""
    context = Context(Observation(NOW, site_power=value), NO_INPUTS, ALMANAC, NOW)
    context.begin(frozenset(held))
    return {each.key for each in found if each.test(context)}


def sides_of(found: Sequence[QuantityThreshold], held: set[str]) -> int:
    upper = (number for number, each in enumerate(found) if (each.key in held) is each.upper)
    return sum(1 << number for number in upper)


@settings(max_examples=300)
@given(thresholds, st.lists(numbers, min_size=1, max_size=12))
def test_a_scale_says_what_each_threshold_says(
    found: list[QuantityThreshold], values: list[float]
) -> None:
    scale, held = scale_of(found), set[str]()
    sides = sides_of(found, held)
    for value in values:
        held = holding(found, held, value)
        sides = scale.sides(sides, value)
        assert sides == sides_of(found, held)


@settings(max_examples=300)
@given(thresholds, numbers, numbers, st.integers(0, 255))
def test_within_its_bounds_no_watched_threshold_changes_and_at_each_end_one_does(
    found: list[QuantityThreshold], first: float, second: float, some: int
) -> None:
    scale = scale_of(found)
    watched = some & ((1 << len(found)) - 1)
    sides = scale.sides(scale.sides(sides_of(found, set()), first), second)
    attribute, low, high = scale.bounds(sides, watched, second)
    assert attribute == "site_power"
    assert low <= second < high
    for value in (low, (max(low, -99.0) + min(high, 99.0)) / 2, high - 0.125):
        if abs(value) < 99:
            assert (scale.sides(sides, value) ^ sides) & watched == 0
    for beyond in (low - 0.125, high):
        if abs(beyond) < 99:
            assert (scale.sides(sides, beyond) ^ sides) & watched
