"""Conditions and their margins, as truth tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from rules.calendar import Almanac
from rules.domain import AppPercent, GridStatus, Observation, Quantity
from rules.engine import (
    Condition,
    FlagSet,
    GridIs,
    GridServicesAre,
    Group,
    InputThreshold,
    QuantityThreshold,
)
from rules.engine.conditions import FOREVER, Context, Verdict, conjunction
from rules.inputs import NO_INPUTS, DatedValue, Inputs

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
NOTHING = Observation(NOW)
ALMANAC = Almanac(ZoneInfo("America/Los_Angeles"))
UP = frozenset({GridStatus.CONNECTED})
DOWN = frozenset(status for status in GridStatus if status.down)

ABOVE = QuantityThreshold("while.soe_above", above=True, limit=50, margin=2, quantity=Quantity.SOE)
BELOW = QuantityThreshold("while.soe_below", above=False, limit=50, margin=2, quantity=Quantity.SOE)
EXPORT = QuantityThreshold(
    "while.export_above",
    above=True,
    limit=500,
    margin=200,
    quantity=Quantity.SITE_POWER,
    unit="W",
    sign=-1,
)
CHARGING = QuantityThreshold(
    "while.charging_below",
    above=False,
    limit=500,
    margin=200,
    quantity=Quantity.BATTERY_POWER,
    unit="W",
    sign=-1,
)


def seen(soe: float | None = None, grid: GridStatus | None = None) -> Observation:
    return replace(NOTHING, soe=None if soe is None else AppPercent(soe), grid=grid)


def look_at(
    observation: Observation,
    held: Iterable[str] = (),
    inputs: Inputs = NO_INPUTS,
    now: datetime = NOW,
) -> Context:
    look = Context(observation, inputs, ALMANAC, now)
    look.begin(frozenset(held))
    return look


def verdict(condition: Condition, observation: Observation, *, held: bool = False) -> Verdict:
    return condition.test(look_at(observation, [condition.key] if held else ()))


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
    assert verdict(ABOVE, seen(soe)) is above
    assert verdict(ABOVE, seen(soe), held=True) is above_held
    assert verdict(BELOW, seen(soe)) is below
    assert verdict(BELOW, seen(soe), held=True) is below_held


@pytest.mark.parametrize("soe", [0.0, 49.99, 50.0, 50.01, 100.0])
def test_above_and_below_tile(soe: float) -> None:
    assert verdict(ABOVE, seen(soe)) is not verdict(BELOW, seen(soe))


@pytest.mark.parametrize(
    ("power", "exports", "exports_held", "charges_less", "charges_less_held"),
    [
        # The gateway counts export and charging negative.
        (2000.0, False, False, True, True),
        (0.0, False, False, True, True),
        (-299.9, False, False, True, True),
        (-300.0, False, True, True, True),
        (-499.9, False, True, True, True),
        (-500.0, True, True, False, True),
        (-699.9, True, True, False, True),
        (-700.0, True, True, False, False),
        (None, None, None, None, None),
    ],
)
def test_powers_that_the_gateway_counts_the_other_way_round(
    power: float | None,
    exports: Verdict,
    exports_held: Verdict,
    charges_less: Verdict,
    charges_less_held: Verdict,
) -> None:
    observation = replace(NOTHING, site_power=power, battery_power=power)
    assert verdict(EXPORT, observation) is exports
    assert verdict(EXPORT, observation, held=True) is exports_held
    assert verdict(CHARGING, observation) is charges_less
    assert verdict(CHARGING, observation, held=True) is charges_less_held


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
    assert verdict(GridIs("while.grid", UP), seen(grid=grid)) is up
    assert verdict(GridIs("while.grid", DOWN), seen(grid=grid), held=True) is down


@pytest.mark.parametrize(
    ("active", "wanted", "unwanted"),
    [(True, True, False), (False, False, True), (None, None, None)],
)
def test_grid_services(active: bool | None, wanted: Verdict, unwanted: Verdict) -> None:
    observation = replace(NOTHING, grid_services=active)
    assert verdict(GridServicesAre("while.grid_services", active=True), observation) is wanted
    assert verdict(GridServicesAre("while.grid_services", active=False), observation) is unwanted


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("flags", "is_set", "until"),
    [
        # Nobody's word is no, and not unknown.
        ({}, False, FOREVER),
        ({"other": None}, False, FOREVER),
        ({"storm": None}, True, FOREVER),
        ({"storm": NOW + SECOND}, True, NOW + SECOND),
        ({"storm": NOW}, False, FOREVER),
        ({"storm": NOW - SECOND}, False, FOREVER),
    ],
)
def test_flags(
    flags: dict[str, datetime | None],
    is_set: bool,
    until: datetime,
) -> None:
    look = look_at(NOTHING, inputs=Inputs(flags))
    assert FlagSet("while.flag", "storm").test(look) is is_set
    assert look.until == until


HOUR = timedelta(hours=1)
SUN = InputThreshold("while.input.above", above=True, limit=25, margin=2, name="sun", oldest=HOUR)
CLOUD = InputThreshold(
    "while.input.below", above=False, limit=25, margin=2, name="sun", oldest=HOUR
)


@pytest.mark.parametrize(
    ("value", "above", "above_held", "below", "below_held"),
    [
        (22.9, False, False, True, True),
        (23.0, False, True, True, True),
        (24.9, False, True, True, True),
        (25.0, True, True, False, True),
        (26.9, True, True, False, True),
        (27.0, True, True, False, False),
        (None, None, None, None, None),
    ],
)
def test_inputs(
    value: float | None, above: Verdict, above_held: Verdict, below: Verdict, below_held: Verdict
) -> None:
    inputs = Inputs(values={} if value is None else {"sun": DatedValue(value, NOW)})
    assert SUN.test(look_at(NOTHING, (), inputs)) is above
    assert SUN.test(look_at(NOTHING, [SUN.key], inputs)) is above_held
    assert CLOUD.test(look_at(NOTHING, (), inputs)) is below
    assert CLOUD.test(look_at(NOTHING, [CLOUD.key], inputs)) is below_held


@pytest.mark.parametrize(
    ("age", "found", "until"),
    [
        (timedelta(0), True, NOW + HOUR),
        (HOUR - SECOND, True, NOW + SECOND),
        (HOUR, None, FOREVER),
        (3 * HOUR, None, FOREVER),
        # Clocks differ a little; but what is from far in the future is no reading.
        (-HOUR, True, NOW + 2 * HOUR),
    ],
)
def test_an_input_may_be_so_old_and_no_older(
    age: timedelta, found: Verdict, until: datetime
) -> None:
    look = look_at(NOTHING, inputs=Inputs(values={"sun": DatedValue(30, NOW - age)}))
    assert SUN.test(look) is found
    assert look.until == until


def test_an_input_from_far_in_the_future_is_unknown_until_its_time_comes() -> None:
    at = NOW + 3 * HOUR
    look = look_at(NOTHING, inputs=Inputs(values={"sun": DatedValue(30, at)}))
    assert SUN.test(look) is None
    assert look.until == at - HOUR


T, F, U = True, False, None


class Saying:
    """A condition of which the verdict is known beforehand."""

    key = "said"

    def __init__(self, verdict: Verdict) -> None:
        self._verdict = verdict

    def test(self, look: Context) -> Verdict:  # noqa: ARG002 -- as Condition
        return self._verdict

    def wanted(self, look: Context) -> str:  # noqa: ARG002 -- as Condition
        return "true"

    def got(self, look: Context) -> str:  # noqa: ARG002 -- as Condition
        return str(self._verdict)

    def quantities(self) -> frozenset[Quantity]:
        return frozenset()


def saying(verdicts: Iterable[Verdict]) -> tuple[Condition, ...]:
    return tuple(Saying(verdict) for verdict in verdicts)


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
    assert conjunction(saying(verdicts), look_at(NOTHING)) is together


@pytest.mark.parametrize(
    ("verdicts", "at_least_one", "not_one"),
    [
        ([T], T, F), ([F], F, T), ([U], U, U),
        ([T, T], T, F), ([T, F], T, F), ([T, U], T, F),
        ([F, T], T, F), ([F, F], F, T), ([F, U], U, U),
        ([U, T], T, F), ([U, F], U, U), ([U, U], U, U),
    ],
)  # fmt: skip
def test_any_and_none(verdicts: list[Verdict], at_least_one: Verdict, not_one: Verdict) -> None:
    alternatives = tuple(saying([each]) for each in verdicts)
    assert Group("while.any", alternatives).test(look_at(NOTHING)) is at_least_one
    assert Group("while.none", alternatives, negated=True).test(look_at(NOTHING)) is not_one


@pytest.mark.parametrize(("first", "second"), list(product((T, F, U), repeat=2)))
def test_an_alternative_is_a_conjunction(first: Verdict, second: Verdict) -> None:
    both = saying([first, second])
    assert Group("while.any", (both,)).test(look_at(NOTHING)) is conjunction(both, look_at(NOTHING))


def test_margins_inside_a_group_are_remembered_one_by_one() -> None:
    # Also where another alternative decides: its margin would be gone when that one lets go.
    group = Group("while.any", ((GridIs("while.any[0].grid", DOWN),), (ABOVE,), (BELOW,)))
    look = look_at(seen(51, GridStatus.ISLANDED))
    assert group.test(look) is True
    assert look.holding == [ABOVE.key]


@pytest.mark.parametrize(
    ("condition", "held", "words"),
    [
        (ABOVE, False, "at least 50 %"),
        (ABOVE, True, "at least 48 % (50 % to become active)"),
        (BELOW, False, "below 50 %"),
        (BELOW, True, "below 52 % (50 % to become active)"),
        (EXPORT, True, "at least 300 W (500 W to become active)"),
        (GridIs("while.grid", UP), False, "up"),
        (GridIs("while.grid", DOWN), True, "down"),
        (
            GridIs("while.grid", frozenset({GridStatus.ISLANDED, GridStatus.CONNECTED})),
            False,
            "SystemGridConnected or SystemIslandedActive",
        ),
        (GridServicesAre("while.grid_services", active=False), False, "not active"),
        (FlagSet("while.flag", "storm"), False, '"storm" set'),
        (SUN, False, '"sun" at least 25'),
        (CLOUD, False, '"sun" below 25'),
        (
            Group("while.none", ((ABOVE, GridIs("while.grid", UP)), (BELOW,)), negated=True),
            False,
            "none of: soe_above at least 50 % and grid up; soe_below below 50 %",
        ),
    ],
)
def test_a_condition_in_words(condition: Condition, held: bool, words: str) -> None:
    assert condition.wanted(look_at(NOTHING, [condition.key] if held else ())) == words


def test_what_is_there_in_words() -> None:
    observation = replace(seen(47.96, GridStatus.CONNECTED), site_power=-1234.4)
    assert ABOVE.got(look_at(observation)) == "48.0 %"
    assert EXPORT.got(look_at(observation)) == "1234 W"
    assert SUN.got(look_at(observation)) == "unknown or too old"
    assert Group("while.any", ((ABOVE,), (BELOW,), (EXPORT,))).got(look_at(observation)) == (
        "soe_above 48.0 %, soe_below 48.0 %, export_above 1234 W"
    )
