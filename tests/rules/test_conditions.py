"""Thresholds and their margins, as truth tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.conditions import Bound, Condition, GridIs, Limit, Same, Threshold, Verdict, conjunction
from rules.domain import AppPercent, GridStatus, Observation, Quantity

NOTHING = Observation(datetime(2026, 7, 1, 12, tzinfo=UTC))
UP = frozenset({GridStatus.CONNECTED})
DOWN = frozenset(status for status in GridStatus if status.down)

ABOVE = Threshold("while.soe_above", Quantity.SOE, above=True, limit=50, margin=2)
BELOW = Threshold("while.soe_below", Quantity.SOE, above=False, limit=50, margin=2)


def seen(soe: float | None = None, grid: GridStatus | None = None) -> Observation:
    return replace(NOTHING, soe=None if soe is None else AppPercent(soe), grid=grid)


@pytest.mark.parametrize(
    ("soe", "above", "above_held", "below", "below_held"),
    [
        # held: the condition was true at the last look, so its margin has to go as well
        (0.0, False, False, True, True),
        (47.99, False, False, True, True),
        (48.0, False, True, True, True),
        (49.99, False, True, True, True),
        (50.0, True, True, False, True),
        (51.99, True, True, False, True),
        (52.0, True, True, False, False),
        (100.0, True, True, False, False),
        (None, None, None, None, None),
    ],
)
def test_thresholds(
    soe: float | None, above: Verdict, above_held: Verdict, below: Verdict, below_held: Verdict
) -> None:
    assert ABOVE.test(seen(soe), held=False)[0] is above
    assert ABOVE.test(seen(soe), held=True)[0] is above_held
    assert BELOW.test(seen(soe), held=False)[0] is below
    assert BELOW.test(seen(soe), held=True)[0] is below_held


@pytest.mark.parametrize("soe", [0.0, 49.99, 50.0, 50.01, 100.0])
def test_above_and_below_tile(soe: float) -> None:
    above, _ = ABOVE.test(seen(soe), held=False)
    below, _ = BELOW.test(seen(soe), held=False)
    assert above is not below


@pytest.mark.parametrize(
    ("grid", "up", "down"),
    [
        (GridStatus.CONNECTED, True, False),
        (GridStatus.ISLANDED, False, True),
        (GridStatus.MICROGRID_FAULTED, False, True),
        (GridStatus.WAIT_FOR_USER, False, True),
        # Neither: the gateway is on its way from one to the other.
        (GridStatus.TRANSITION_TO_GRID, False, False),
        (GridStatus.TRANSITION_TO_ISLAND, False, False),
        (GridStatus.ISLAND_READY, False, False),
        (None, None, None),
    ],
)
def test_grid(grid: GridStatus | None, up: Verdict, down: Verdict) -> None:
    assert GridIs("while.grid", UP).test(seen(grid=grid), held=False)[0] is up
    assert GridIs("while.grid", DOWN).test(seen(grid=grid), held=True)[0] is down


T, F, U = True, False, None


@pytest.mark.parametrize(
    ("verdicts", "together"),
    [
        ([], T),
        ([T], T), ([F], F), ([U], U),
        ([T, T], T), ([T, F], F), ([T, U], U),
        ([F, T], F), ([F, F], F), ([F, U], F),
        ([U, T], U), ([U, F], F), ([U, U], U),
    ],
)  # fmt: skip
def test_conjunction(verdicts: list[Verdict], together: Verdict) -> None:
    assert conjunction(verdicts) is together


@pytest.mark.parametrize(
    ("condition", "held", "words"),
    [
        (ABOVE, False, "at least 50 %"),
        (ABOVE, True, "at least 48 % (50 % to take hold)"),
        (BELOW, False, "below 50 %"),
        (BELOW, True, "below 52 % (50 % to take hold)"),
        (GridIs("while.grid", UP), False, "up"),
        (GridIs("while.grid", DOWN), True, "down"),
        (
            GridIs("while.grid", frozenset({GridStatus.ISLANDED, GridStatus.CONNECTED})),
            False,
            "SystemGridConnected or SystemIslandedActive",
        ),
    ],
)
def test_a_condition_in_words(condition: Condition, held: Literal[True, False], words: str) -> None:
    assert condition.wanted(held=held) == words


def inside(limit: Limit, observation: Observation) -> bool:
    value = getattr(observation, limit.quantity.value)
    if isinstance(limit, Same):
        return bool(value == limit.value)
    return value is not None and limit.low <= value < limit.high


# Quarters of a percent, so that thresholds and the edges of their margins are met often.
percents = st.integers(0, 400).map(lambda quarters: quarters / 4)
observations = st.builds(seen, st.none() | percents, st.none() | st.sampled_from(tuple(GridStatus)))
thresholds = st.builds(
    Threshold,
    st.just("while.soe"),
    st.just(Quantity.SOE),
    above=st.booleans(),
    limit=percents,
    margin=st.sampled_from((0, 0.25, 2, 20)),
)
grids = st.builds(
    GridIs, st.just("while.grid"), st.frozensets(st.sampled_from(tuple(GridStatus)), min_size=1)
)


@settings(max_examples=600)
@given(condition=thresholds | grids, first=observations, second=observations, held=st.booleans())
def test_an_answer_stands_within_its_limit(
    condition: Condition, first: Observation, second: Observation, *, held: bool
) -> None:
    verdict, limit = condition.test(first, held=held)
    assert inside(limit, first)
    if inside(limit, second):
        held_then = held if verdict is None else verdict
        again, limit_again = condition.test(second, held=held_then)
        assert again is verdict
        assert limit_again == limit


@given(condition=thresholds, soe=percents, held=st.booleans())
def test_outside_of_a_limit_the_answer_is_another(
    condition: Threshold, soe: float, *, held: bool
) -> None:
    verdict, limit = condition.test(seen(soe), held=held)
    assert isinstance(limit, Bound)
    for beyond in (limit.low - 0.25, limit.high):
        if beyond not in (float("inf"), float("-inf")):
            assert condition.test(seen(beyond), held=bool(verdict))[0] is not verdict
