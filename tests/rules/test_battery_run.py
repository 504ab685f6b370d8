"""Many steps at once come to what step after step comes to, and end where a bound is left."""

from __future__ import annotations

import math
from dataclasses import astuple, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.battery import (
    ANY,
    MOST_UNITS,
    POWERWALL_2,
    POWERWALL_3,
    Battery,
    Bounds,
    Energies,
    Operation,
    run,
    step,
)
from rules.domain import Export, Mode

OPERATIONS = st.builds(
    Operation,
    mode=st.sampled_from(Mode),
    reserve=st.integers(0, 100).map(float),
    grid_charging=st.booleans(),
    export=st.sampled_from(Export),
    grid_up=st.sampled_from((True, True, True, False)),
    running=st.sampled_from((True, True, True, False)),
)
BATTERIES = st.builds(
    lambda kind, units, standby, taper: replace(kind, standby_w=standby, taper_from=taper).scaled(
        units
    ),
    st.sampled_from((POWERWALL_2, POWERWALL_3)),
    st.sampled_from((1, 2, MOST_UNITS)),
    st.sampled_from((0.0, 40.0)),
    st.sampled_from((0.5, 0.95, 1.0)),
)
POWERS = st.one_of(st.sampled_from((0.0, 1_000.0)), st.floats(0, 15_000))
DAYS = st.lists(st.tuples(POWERS, POWERS), min_size=1, max_size=40)
EDGES = st.one_of(st.just(ANY), st.tuples(st.floats(-6_000, 2_000), st.floats(2_000, 9_000)))
BOUNDS = st.builds(
    Bounds,
    soe=st.one_of(st.just(ANY), st.tuples(st.floats(0, 50), st.floats(50, 101))),
    site_w=EDGES,
    battery_w=EDGES,
    load_w=EDGES,
    solar_w=EDGES,
)
STARTS = st.one_of(st.sampled_from((0.0, 20.0, 95.0, 100.0)), st.floats(0, 100))
LENGTHS = st.sampled_from((60.0, 300.0, 3_600.0))


def by_steps(
    battery: Battery,
    energy_wh: float,
    operation: Operation,
    day: list[tuple[float, float]],
    seconds: float,
    bounds: Bounds,
) -> tuple[int, float, Energies]:
    """What `run` says it does, in the plainest way."""
    energies = Energies.empty(len(day))
    for index, (solar_w, load_w) in enumerate(day):
        flow = step(battery, energy_wh, operation, solar_w, load_w, seconds)
        seen = battery.soe(energy_wh), flow.site_w, flow.battery_w, flow.load_w, flow.solar_w
        inside = all(low <= each < high for each, (low, high) in zip(seen, bounds, strict=True))
        if index and not inside:
            return index, energy_wh, energies
        energies.count(index, flow, seconds)
        energy_wh = flow.energy_wh
    return len(day), energy_wh, energies


@given(BATTERIES, STARTS, OPERATIONS, DAYS, LENGTHS, BOUNDS)
def test_a_run_is_step_after_step_to_the_last_bit(
    battery: Battery,
    soe: float,
    operation: Operation,
    day: list[tuple[float, float]],
    seconds: float,
    bounds: Bounds,
) -> None:
    energies = Energies.empty(len(day))
    solar, load = ([each[place] for each in day] for place in (0, 1))
    found = run(
        battery, battery.energy(soe), operation, solar, load, range(len(day)), seconds, bounds,
        energies,
    )  # fmt: skip
    index, energy_wh, expected = by_steps(
        battery, battery.energy(soe), operation, day, seconds, bounds
    )
    assert found == (index, energy_wh)
    assert astuple(energies) == astuple(expected)


@given(BATTERIES, STARTS, OPERATIONS, DAYS, LENGTHS)
def test_no_energy_is_made_or_lost_but_for_efficiency_and_standby(
    battery: Battery,
    soe: float,
    operation: Operation,
    day: list[tuple[float, float]],
    seconds: float,
) -> None:
    energies = Energies.empty(len(day))
    solar, load = ([each[place] for each in day] for place in (0, 1))
    start = battery.energy(soe)
    run(battery, start, operation, solar, load, range(len(day)), seconds, Bounds(), energies)
    levels = pairwise([start, *energies.stored])
    for index, (before, after) in enumerate(levels):
        into = energies.imported[index] + energies.solar[index] + energies.discharged[index]
        out = energies.exported[index] + energies.load[index] + energies.charged[index]
        assert into == pytest.approx(out, abs=1e-6)
        kept = energies.charged[index] * battery.efficiency
        kept -= energies.discharged[index] / battery.efficiency
        lost = before + kept - after
        assert -1e-6 <= lost <= battery.standby_w * seconds / 3_600 + 1e-6


@pytest.mark.parametrize(
    ("bounds", "made"),
    [
        (Bounds(), 4),
        (Bounds(soe=(48.0, 101.0)), 2),  # 50, 48.7, 47.4: the third would begin below
        (Bounds(load_w=(0.0, 2_001.0)), 3),
        (Bounds(load_w=(0.0, 3_000.0)), 3),  # half open
        (Bounds(load_w=(3_000.0, 9_000.0)), 1),  # the first is made in any case
        (Bounds(solar_w=(0.0, 100.0)), 4),
        (Bounds(battery_w=(0.0, 2_500.0)), 3),
        (Bounds(site_w=(1.0, 9_000.0)), 1),
    ],
)
def test_a_run_ends_before_the_step_that_leaves_a_bound(bounds: Bounds, made: int) -> None:
    energies = Energies.empty(5)
    load = [9_999.0, 2_000.0, 2_000.0, 2_000.0, 3_000.0]
    index, energy_wh = run(
        POWERWALL_2, 6_750.0, Operation(Mode.SELF_CONSUMPTION, 20), [0.0] * 5, load, range(1, 5),
        300.0, bounds, energies,
    )  # fmt: skip
    assert index == 1 + made
    assert energies.stored[index - 1] == energy_wh
    assert not any(energies.stored[index:])
    assert energies.stored[0] == 0.0


def test_several_powerwalls_are_one_with_as_much_of_everything() -> None:
    two = POWERWALL_3.scaled(2)
    assert (two.capacity_wh, two.power_w, two.charge_power_w) == (27_000, 23_000, 10_000)
    assert (two.backup_grid_charge_w, two.reserve_grid_charge_w) == (6_600, 3_400)
    assert (two.efficiency, two.taper_from) == (POWERWALL_3.efficiency, POWERWALL_3.taper_from)
    assert POWERWALL_2.scaled(1) == POWERWALL_2


@pytest.mark.parametrize("units", [0, 11])
def test_a_site_has_1_to_10_powerwalls(units: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 10 Powerwalls make a site, got {units}"):
        POWERWALL_2.scaled(units)


def test_a_powerwall_3_gives_more_than_it_takes() -> None:
    use = Operation(Mode.SELF_CONSUMPTION, 0)
    given = step(POWERWALL_3, 9_000, use, 0, 20_000, 60)
    taken = step(POWERWALL_3, 9_000, use, 20_000, 0, 60)
    assert (given.battery_w, taken.battery_w) == (11_500, -5_000)


def test_a_drawing_battery_that_rests_loses_what_it_draws() -> None:
    drawing = replace(POWERWALL_2, standby_w=30.0)
    rest = step(drawing, 5_000, Operation(Mode.BACKUP, 20, grid_charging=False), 0, 0, 3_600)
    assert rest.energy_wh == pytest.approx(4_970)
    stopped = Operation(Mode.BACKUP, 20, running=False)
    assert step(drawing, 5_000, stopped, 0, 0, 3_600).energy_wh == 5_000
    assert (
        step(
            drawing, 10, replace(stopped, running=True, grid_charging=False), 0, 0, 3_600
        ).energy_wh
        == 0
    )


def test_what_standby_draws_at_the_reserve_is_bought_again() -> None:
    drawing = replace(POWERWALL_2, standby_w=30.0)
    energies = Energies.empty(240)
    nothing = [0.0] * 240
    operation = Operation(Mode.SELF_CONSUMPTION, 20)
    run(drawing, 2_700, operation, nothing, nothing, range(240), 300, Bounds(), energies)
    day = 20 * 30 / math.sqrt(0.9)
    assert sum(energies.imported) == pytest.approx(day, rel=0.01)
