"""The physics of one Powerwall 2, held against its data sheet and against what is always true."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.battery import Battery, Flow, Operation, gained, step
from rules.domain import Export, Mode

BATTERY = Battery()
MINUTE = 60.0
HOUR = 3600.0

SELF_POWERED = Operation(Mode.SELF_CONSUMPTION, reserve=20)
BACKUP = Operation(Mode.BACKUP, reserve=20)
AUTONOMOUS = Operation(Mode.AUTONOMOUS, reserve=20)
HOLD = replace(BACKUP, grid_charging=False)


def off_grid(operation: Operation) -> Operation:
    return replace(operation, grid_up=False)


def stopped(operation: Operation) -> Operation:
    return replace(operation, running=False)


def unsold(operation: Operation) -> Operation:
    return replace(operation, export=Export.NEVER)


def minute(soe: float, operation: Operation, *, solar: float, load: float) -> Flow:
    return step(BATTERY, BATTERY.energy(soe), operation, solar, load, MINUTE)


@pytest.mark.parametrize(
    ("soe", "operation", "solar", "load", "site", "battery"),
    [
        # Self-powered, above the reserve: the battery covers the home, up to 5 kW.
        (50, SELF_POWERED, 0, 1_000, 0, 1_000),
        (50, SELF_POWERED, 0, 7_000, 2_000, 5_000),
        (50, SELF_POWERED, 3_000, 1_000, 0, -2_000),
        (50, SELF_POWERED, 9_000, 1_000, -3_000, -5_000),
        (50, SELF_POWERED, 1_000, 1_000, 0, 0),
        # At the reserve: it keeps what it has. Full: the sun goes to the grid.
        (20, SELF_POWERED, 0, 1_000, 1_000, 0),
        (100, SELF_POWERED, 3_000, 1_000, -2_000, 0),
        # Below the reserve: 1.7 kW from the grid, or more if the sun gives more.
        (10, SELF_POWERED, 0, 1_000, 2_700, -1_700),
        (10, SELF_POWERED, 4_000, 1_000, 0, -3_000),
        (10, SELF_POWERED, 2_000, 1_000, 700, -1_700),
        # Backup: 3.3 kW from the grid beside the sun, whatever the reserve; never a discharge.
        (50, BACKUP, 0, 1_000, 4_300, -3_300),
        (50, BACKUP, 2_000, 1_000, 3_300, -4_300),
        (50, BACKUP, 6_000, 1_000, 0, -5_000),
        (100, BACKUP, 0, 1_000, 1_000, 0),
        (100, BACKUP, 2_000, 1_000, -1_000, 0),
        # Backup without grid charging: the sun alone, and no discharge, whatever the reserve.
        (50, HOLD, 0, 1_000, 1_000, 0),
        (10, HOLD, 0, 1_000, 1_000, 0),
        (50, HOLD, 3_000, 1_000, 0, -2_000),
        (50, HOLD, 9_000, 1_000, -3_000, -5_000),
        (100, HOLD, 3_000, 1_000, -2_000, 0),
        # Self-powered without grid charging: below the reserve it is charged nevertheless.
        (50, replace(SELF_POWERED, grid_charging=False), 0, 1_000, 0, 1_000),
        (10, replace(SELF_POWERED, grid_charging=False), 0, 1_000, 2_700, -1_700),
        # Nothing may be sold: what neither home nor battery takes is not produced.
        (100, unsold(SELF_POWERED), 3_000, 1_000, 0, 0),
        (50, unsold(SELF_POWERED), 9_000, 1_000, 0, -5_000),
        (50, unsold(SELF_POWERED), 3_000, 1_000, 0, -2_000),
        (50, unsold(SELF_POWERED), 0, 1_000, 0, 1_000),
        (100, unsold(BACKUP), 2_000, 1_000, 0, 0),
        (100, unsold(HOLD), 2_000, 1_000, 0, 0),
        (50, unsold(stopped(SELF_POWERED)), 3_000, 1_000, 0, 0),
        # The battery may be sold: neither mode does so of itself.
        (50, replace(SELF_POWERED, export=Export.BATTERY), 0, 1_000, 0, 1_000),
        (100, replace(BACKUP, export=Export.BATTERY), 2_000, 1_000, -1_000, 0),
        # The model of autonomous is that of self-powered: nobody knows its forecast.
        (50, AUTONOMOUS, 0, 1_000, 0, 1_000),
        # Off the grid the battery balances the home, below the reserve too.
        (50, off_grid(SELF_POWERED), 0, 1_000, 0, 1_000),
        (10, off_grid(SELF_POWERED), 0, 1_000, 0, 1_000),
        (50, off_grid(BACKUP), 0, 1_000, 0, 1_000),
        (50, off_grid(SELF_POWERED), 3_000, 1_000, 0, -2_000),
        # Stopped, it does nothing, and does not back the home up.
        (50, stopped(SELF_POWERED), 0, 1_000, 1_000, 0),
        (50, stopped(BACKUP), 3_000, 1_000, -2_000, 0),
        (50, stopped(off_grid(SELF_POWERED)), 3_000, 1_000, 0, 0),
    ],
)
def test_powers(
    soe: float, operation: Operation, solar: float, load: float, site: float, battery: float
) -> None:
    flow = minute(soe, operation, solar=solar, load=load)
    assert (flow.site_w, flow.battery_w) == pytest.approx((site, battery), abs=0.01)


@pytest.mark.parametrize(
    ("soe", "operation", "solar", "load", "produced", "served"),
    [
        (100, off_grid(SELF_POWERED), 6_000, 1_000, 1_000, 1_000),  # full: the sun is curtailed
        (0, off_grid(SELF_POWERED), 0, 1_000, 0, 0),  # empty: the home is dark
        (0, off_grid(SELF_POWERED), 800, 1_000, 800, 800),
        (50, off_grid(SELF_POWERED), 0, 9_000, 0, 5_000),  # more than an inverter can give
        (50, stopped(off_grid(SELF_POWERED)), 3_000, 1_000, 0, 0),
    ],
)
def test_off_the_grid_sun_is_curtailed_and_load_goes_unserved(
    soe: float, operation: Operation, solar: float, load: float, produced: float, served: float
) -> None:
    flow = minute(soe, operation, solar=solar, load=load)
    assert (flow.solar_w, flow.load_w) == pytest.approx((produced, served))


@pytest.mark.parametrize(
    ("soe", "operation", "produced"),
    [
        (100, unsold(SELF_POWERED), 1_000),
        (50, unsold(SELF_POWERED), 6_000),
        (100, SELF_POWERED, 9_000),
        (50, unsold(stopped(SELF_POWERED)), 1_000),
        (50, stopped(SELF_POWERED), 9_000),
    ],
)
def test_sun_that_may_not_be_sold_is_curtailed(
    soe: float, operation: Operation, produced: float
) -> None:
    flow = minute(soe, operation, solar=9_000, load=1_000)
    assert (flow.solar_w, flow.load_w) == pytest.approx((produced, 1_000))


def test_a_new_unit_gives_back_90_percent() -> None:
    taken = given_back = 0.0
    energy = start = BATTERY.energy(30)
    for _ in range(60):
        flow = step(BATTERY, energy, SELF_POWERED, 4_000, 1_000, MINUTE)
        energy, taken = flow.energy_wh, taken - flow.battery_w / 60
    while energy > start + 1:
        flow = step(BATTERY, energy, SELF_POWERED, 0, 1_000, MINUTE)
        energy, given_back = flow.energy_wh, given_back + flow.battery_w / 60
    assert given_back / taken == pytest.approx(0.9, abs=0.01)


def test_capacity_is_13_5_kilowatt_hours() -> None:
    assert BATTERY.energy(100) == 13_500
    assert BATTERY.soe(6_750) == pytest.approx(50)


@pytest.mark.parametrize(
    ("soe", "limit"), [(0, 5_000), (95, 5_000), (97.5, 3_000), (100, 1_000), (101, 1_000)]
)
def test_charging_tapers_near_full(soe: float, limit: float) -> None:
    assert BATTERY.charge_limit(BATTERY.energy(soe)) == pytest.approx(limit)


def test_a_reserve_reached_on_the_way_ends_the_discharge_there() -> None:
    flow = step(BATTERY, BATTERY.energy(21), SELF_POWERED, 0, 1_000, HOUR)
    assert BATTERY.soe(flow.energy_wh) == pytest.approx(20)
    assert flow.battery_w == pytest.approx(135 * math.sqrt(0.9))


def test_grid_charging_to_the_reserve_ends_at_the_reserve() -> None:
    flow = step(BATTERY, BATTERY.energy(19), SELF_POWERED, 0, 1_000, HOUR)
    assert BATTERY.soe(flow.energy_wh) == pytest.approx(20)


POWERS = st.floats(0, 12_000)
OPERATIONS = st.builds(
    Operation,
    mode=st.sampled_from(Mode),
    reserve=st.integers(0, 100).map(float),
    grid_charging=st.booleans(),
    export=st.sampled_from(Export),
    grid_up=st.booleans(),
    running=st.booleans(),
)
STATES = st.floats(0, 100)
SECONDS = st.floats(0.5, 900)


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_powers_always_add_up(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    flow = step(BATTERY, BATTERY.energy(soe), operation, solar, load, seconds)
    assert flow.site_w + flow.battery_w + flow.solar_w == pytest.approx(flow.load_w, abs=1e-6)


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_energy_is_neither_made_nor_lost_but_for_the_efficiency(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    energy = BATTERY.energy(soe)
    flow = step(BATTERY, energy, operation, solar, load, seconds)
    one_way = BATTERY.efficiency if flow.battery_w < 0 else 1 / BATTERY.efficiency
    assert flow.energy_wh - energy == pytest.approx(
        -flow.battery_w * one_way * seconds / HOUR, abs=1e-6
    )


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_the_pack_stays_between_empty_and_full_and_within_5_kilowatts(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    flow = step(BATTERY, BATTERY.energy(soe), operation, solar, load, seconds)
    assert 0 <= flow.energy_wh <= BATTERY.capacity_wh
    assert abs(flow.battery_w) <= BATTERY.power_w + 1e-6


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_backup_never_discharges_on_the_grid(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    backup = replace(operation, mode=Mode.BACKUP, grid_up=True)
    assert step(BATTERY, BATTERY.energy(soe), backup, solar, load, seconds).battery_w <= 0


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_without_grid_charging_no_more_is_bought(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    with_it, without = (
        step(
            BATTERY,
            BATTERY.energy(soe),
            replace(operation, grid_charging=grid_charging),
            solar,
            load,
            seconds,
        )
        for grid_charging in (True, False)
    )
    assert without.site_w <= with_it.site_w
    assert without.energy_wh <= with_it.energy_wh


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_backup_without_grid_charging_buys_what_the_home_needs_and_no_more(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    hold = replace(operation, mode=Mode.BACKUP, grid_charging=False)
    flow = step(BATTERY, BATTERY.energy(soe), hold, solar, load, seconds)
    assert flow.site_w <= max(0.0, load - solar) + 1e-6


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_where_nothing_may_be_sold_nothing_is(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    flow = step(BATTERY, BATTERY.energy(soe), unsold(operation), solar, load, seconds)
    assert flow.site_w >= 0
    assert 0 <= flow.solar_w <= solar


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_what_is_sold_is_sun(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    flow = step(BATTERY, BATTERY.energy(soe), operation, solar, load, seconds)
    assert -flow.site_w <= max(0.0, flow.solar_w - flow.load_w) + 1e-6


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_what_may_be_sold_is_nothing_to_the_battery(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    after = {
        step(
            BATTERY,
            BATTERY.energy(soe),
            replace(operation, export=export),
            solar,
            load,
            seconds,
        ).energy_wh
        for export in Export
    }
    assert len(after) == 1


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_on_the_grid_nothing_is_taken_from_below_the_reserve(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    energy = BATTERY.energy(soe)
    flow = step(BATTERY, energy, replace(operation, grid_up=True), solar, load, seconds)
    assert flow.energy_wh >= min(energy, BATTERY.energy(operation.reserve)) - 1e-6


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_the_grid_never_moves_off_the_grid(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    flow = step(BATTERY, BATTERY.energy(soe), off_grid(operation), solar, load, seconds)
    assert flow.site_w == 0
    assert flow.load_w <= load
    assert flow.solar_w <= solar


@given(STATES, STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_the_more_there_is_the_less_is_charged_and_the_more_discharged(
    soe: float, other: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    less, more = (
        step(BATTERY, BATTERY.energy(each), operation, solar, load, seconds).battery_w
        for each in sorted((soe, other))
    )
    assert less <= more


@given(STATES, OPERATIONS, POWERS, POWERS, SECONDS)
def test_what_is_gained_at_a_power_is_what_the_step_of_that_power_gains(
    soe: float, operation: Operation, solar: float, load: float, seconds: float
) -> None:
    energy = BATTERY.energy(soe)
    flow = step(BATTERY, energy, operation, solar, load, seconds)
    after = energy + gained(BATTERY, flow.battery_w, seconds)
    assert flow.energy_wh == min(BATTERY.capacity_wh, max(0.0, after))
