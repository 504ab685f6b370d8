"""No schedule is below the optimum or the lever optimum, and both are worth what they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from billed import B01, CALIFORNIA, JUNE_2025, tariff
from yearly import b01_by_label, by_chance, history, lived, operation_by_chance

from rules.battery import Battery, step
from rules.domain import Export
from rules.resolve import Limits
from scheduler.money.bill import BillCalculator, Plan
from scheduler.money.intervals import Instructions, read_history
from scheduler.money.optimum import (
    Allowance,
    Costs,
    LeverOptimum,
    Netted,
    lever_optimum,
    optimum,
    optimum_selling_sun,
)

BATTERY = Battery()
ROUNDING = 0.005
"""Dollars: the gap that binaries are solved to, and rounding."""


def limits(*, may_buy: bool = True) -> Limits:
    return Limits(grid_charging=may_buy, reserve_floor=20)


@pytest.mark.parametrize("dear_export", [False, True])
@pytest.mark.parametrize("may_buy", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_no_schedule_is_below_the_optima(seed: int, may_buy: bool, dear_export: bool) -> None:
    data, costs = by_chance(seed, dear_export=dear_export)
    permitted = limits(may_buy=may_buy)
    least = optimum(data, costs, BATTERY, permitted)
    levers = lever_optimum(data, costs, BATTERY, permitted)
    assert levers.tolerance < 0.1
    chance = np.random.default_rng(seed)
    for _ in range(60):
        operations = [operation_by_chance(chance, may_buy=may_buy) for _ in data.load_w]
        dollars, _ = lived(data, costs, BATTERY, operations, 20)
        assert dollars >= least.dollars - ROUNDING
        assert dollars >= levers.dollars - levers.tolerance - ROUNDING
    assert levers.dollars >= least.dollars - ROUNDING
    assert least.dollars >= optimum_selling_sun(data, costs, BATTERY, permitted).dollars - ROUNDING


@pytest.mark.parametrize("seed", range(3))
def test_with_short_steps_and_a_taper_too(seed: int) -> None:
    hourly, costs = by_chance(seed, hours=48)
    data = history(list(hourly.load_w), list(hourly.solar_w), timedelta(minutes=5))
    battery = replace(BATTERY, taper_from=0.5, taper_power_w=300.0)
    least = optimum(data, costs, battery, limits(), start_soe=70)
    levers = lever_optimum(data, costs, battery, limits(), start_soe=70)
    assert levers.dollars >= least.dollars - ROUNDING
    chance = np.random.default_rng(seed)
    for _ in range(60):
        operations = [operation_by_chance(chance, may_buy=True) for _ in data.load_w]
        dollars, energy = lived(data, costs, battery, operations, 70)
        if energy >= battery.energy(70):
            assert dollars >= least.dollars - ROUNDING
            assert dollars >= levers.dollars - levers.tolerance - ROUNDING


def told(levers: LeverOptimum, load: list[float], sun: list[float]) -> tuple[list[float], float]:
    """What the physics makes of a lever optimum's own schedule."""
    energy, site = BATTERY.energy(20), []
    for parts, load_w, sun_w in zip(levers.told, load, sun, strict=True):
        flow_wh = []
        for part in parts:
            flow = step(BATTERY, energy, part.operation, sun_w, load_w, part.seconds)
            energy = flow.energy_wh
            flow_wh.append(flow.site_w * part.seconds / 3600)
        site.append(sum(flow_wh))
    return site, energy


@pytest.mark.parametrize("may_buy", [False, True])
def test_the_lever_optimum_can_be_had(may_buy: bool) -> None:
    data, costs = by_chance(7)
    levers = lever_optimum(data, costs, BATTERY, limits(may_buy=may_buy))
    site, energy = told(levers, list(data.load_w), list(data.solar_w))
    net = np.array(levers.metered.imported_wh) - np.array(levers.metered.exported_wh)
    assert site == pytest.approx(net)
    assert energy >= BATTERY.energy(20) - 1e-6
    metered = levers.metered
    assert costs.dollars(metered.imported_wh, metered.exported_wh) == pytest.approx(levers.dollars)
    orders = {part.operation for parts in levers.told for part in parts}
    assert may_buy or not any(order.grid_charging for order in orders)
    assert all(order.reserve <= 80 or order.reserve == 100 for order in orders)


@pytest.mark.parametrize("dear_export", [False, True])
def test_energy_is_kept_by_the_optimum(dear_export: bool) -> None:
    data, costs = by_chance(3, dear_export=dear_export)
    least = optimum(data, costs, BATTERY, limits())
    imported, exported = (
        np.array(each) for each in (least.metered.imported_wh, least.metered.exported_wh)
    )
    net = imported - exported - (np.array(data.load_w) - np.array(data.solar_w))
    change = np.diff(least.energy_wh, prepend=BATTERY.energy(20))
    stored = np.where(net > 0, net * BATTERY.efficiency, net / BATTERY.efficiency)
    assert change == pytest.approx(stored, abs=1e-3)
    assert imported * exported == pytest.approx(0.0, abs=1e-3)
    assert costs.dollars(imported, exported) == pytest.approx(least.dollars, abs=ROUNDING)


def test_sun_that_the_optimum_refuses_is_taken_by_the_levers() -> None:
    """A Powerwall cannot leave sun to the grid, so it is full when a dear hour of selling comes."""
    load, sun = [0.0, 0.0, 0.0], [5000.0, 5000.0, 5000.0]
    costs = Costs(np.array([0.3, 0.3, 0.3]), np.array([0.05, 0.05, 0.25]))
    data = history(load, sun)
    least = optimum(data, costs, BATTERY, limits(may_buy=False), start_soe=50)
    assert least.dollars == pytest.approx(-0.25 * 5 - 0.05 * 10)
    levers = lever_optimum(data, costs, BATTERY, limits(may_buy=False), start_soe=50)
    room = 6.75 / BATTERY.efficiency
    assert levers.dollars == pytest.approx(-0.25 * 5 - 0.05 * (10 - room), abs=0.01)


def test_buying_while_the_sun_is_sold_dearer_is_not_to_be_had() -> None:
    """Without binaries a program would buy at 0.10 and sell its sun at 0.50 in the same hour."""
    costs = Costs(np.array([0.1, 0.4]), np.array([0.5, 0.0]))
    data = history([0.0, 3000.0], [2000.0, 0.0])
    least = optimum(data, costs, BATTERY, limits())
    bought = 3.0 / BATTERY.efficiency**2 - 2.0
    assert least.dollars == pytest.approx(0.1 * bought, abs=ROUNDING)
    levers = lever_optimum(data, costs, BATTERY, limits())
    assert levers.dollars == pytest.approx(0.1 * bought, abs=0.02)


def test_nothing_is_earned_by_losing_power_that_is_paid_for_being_taken() -> None:
    costs = Costs(np.array([-0.2, 0.3]), np.array([0.0, 0.0]))
    data = history([1000.0, 0.0], [0.0, 0.0])
    least = optimum(data, costs, BATTERY, limits(), start_soe=95)
    room = 0.05 * 13.5 / BATTERY.efficiency
    assert least.dollars == pytest.approx(-0.2 * (1.0 + room))


def test_what_is_not_permitted_is_not_done() -> None:
    data, costs = by_chance(2)
    unsold = optimum(data, costs, BATTERY, Limits(export=Export.NEVER, reserve_floor=20))
    assert sum(unsold.metered.exported_wh) == 0.0
    assert unsold.dollars > optimum(data, costs, BATTERY, limits()).dollars
    high = optimum(data, costs, BATTERY, Limits(reserve_floor=50))
    assert high.energy_wh.min() >= BATTERY.energy(50) - 1e-6


@pytest.mark.parametrize("net", [False, True])
def test_an_allowance_is_in_the_bill_that_is_least(net: bool) -> None:
    data, costs = by_chance(5)
    allowed = replace(costs, allowances=(Allowance(0, 72, 40.0, 0.1, net),))
    least = optimum(data, allowed, BATTERY, limits())
    metered = least.metered
    assert allowed.dollars(metered.imported_wh, metered.exported_wh) == pytest.approx(
        least.dollars, abs=ROUNDING
    )
    levers = lever_optimum(data, allowed, BATTERY, limits())
    assert least.dollars - ROUNDING <= levers.dollars
    chance = np.random.default_rng(5)
    for _ in range(60):
        operations = [operation_by_chance(chance, may_buy=True) for _ in data.load_w]
        dollars, _ = lived(data, allowed, BATTERY, operations, 20)
        assert dollars >= least.dollars - ROUNDING


def test_a_month_that_sells_more_than_it_buys_has_no_credit() -> None:
    data = history([0.0, 1000.0], [5000.0, 0.0])
    costs = Costs(np.full(2, 0.3), np.full(2, 0.25), (Allowance(0, 2, 40.0, 0.05, net=True),))
    least = optimum(data, costs, BATTERY, limits())
    assert least.dollars == pytest.approx(-0.25 * (5 - 1 / 0.9))
    metered = least.metered
    assert costs.dollars(metered.imported_wh, metered.exported_wh) == pytest.approx(least.dollars)


@pytest.mark.parametrize("minimum", [0.0, 5.0])
@pytest.mark.parametrize("share", [0.5, 1.5], ids=["little sun", "much sun"])
@pytest.mark.parametrize("seed", range(3))
def test_no_schedule_is_below_an_optimum_that_nets(seed: int, share: float, minimum: float) -> None:
    """Two periods, each at its own price less 0.04 either way, and 0.04 on what it buys net."""
    data, _ = by_chance(seed)
    data = replace(data, solar_w=[share * watts for watts in data.solar_w])
    peak = np.arange(len(data)) % 24 >= 16
    price = np.where(peak, 0.51, 0.21)
    groups = tuple(Netted(np.flatnonzero(each), 0.04) for each in (peak, ~peak))
    costs = Costs(price, price, due=np.zeros(len(data)), netted=groups, minimum=minimum)
    least = optimum(data, costs, BATTERY, limits())
    metered = least.metered
    assert costs.dollars(metered.imported_wh, metered.exported_wh) == pytest.approx(
        least.dollars, abs=ROUNDING
    )
    assert least.dollars >= optimum_selling_sun(data, costs, BATTERY, limits()).dollars - ROUNDING
    levers = lever_optimum(data, costs, BATTERY, limits())
    assert levers.dollars >= least.dollars - ROUNDING
    chance = np.random.default_rng(seed)
    for _ in range(60):
        operations = [operation_by_chance(chance, may_buy=True) for _ in data.load_w]
        dollars, _ = lived(data, costs, BATTERY, operations, 20)
        assert dollars >= least.dollars - ROUNDING
        assert dollars >= levers.dollars - levers.tolerance - ROUNDING


def test_what_a_period_buys_net_costs_more_and_no_credit_pays_that() -> None:
    """By hand: 4 kWh are sold and 6 bought, in one period; or each in its own."""
    data = history([0.0, 6000.0], [4000.0, 0.0])
    full = replace(BATTERY, charge_power_w=0.001, backup_grid_charge_w=0.0, power_w=0.001)
    price, due = np.array([0.3, 0.3]), np.zeros(2)
    together = Costs(price, price, due=due, netted=(Netted(np.arange(2), 0.04),))
    assert optimum(data, together, full, limits()).dollars == pytest.approx(2 * 0.34, abs=1e-4)
    apart = replace(together, netted=(Netted(np.array([0]), 0.04), Netted(np.array([1]), 0.04)))
    assert optimum(data, apart, full, limits()).dollars == pytest.approx(
        2 * 0.3 + 6 * 0.04, abs=1e-4
    )
    cheap = replace(apart, bought=np.array([0.6, 0.3]), sold=np.array([0.6, 0.3]))
    assert optimum(data, cheap, full, limits()).dollars == pytest.approx(6 * 0.04, abs=1e-4)


def test_what_pays_anything_pays_what_is_due_too() -> None:
    data = history([0.0, 1000.0], [5000.0, 0.0])
    full = replace(BATTERY, charge_power_w=0.001, backup_grid_charge_w=0.0, power_w=0.001)
    costs = Costs(
        np.array([0.3, 0.3]), np.array([0.1, 0.1]), fixed=2.0, due=np.full(2, 0.04),
        bonus=np.full(2, 0.02), minimum=-2.0,
    )  # fmt: skip
    assert optimum(data, costs, full, limits()).dollars == pytest.approx(2.0 + 0.04 - 0.1, abs=1e-4)
    more = replace(costs, bonus=np.full(2, 0.1), sold=np.full(2, 0.9))
    assert optimum(data, more, full, limits()).dollars == pytest.approx(2.0 + 0.04 - 0.5, abs=1e-4)
    most = replace(costs, bonus=np.full(2, 0.6), sold=np.full(2, 0.9))
    assert optimum(data, most, full, limits()).dollars == pytest.approx(0.0, abs=1e-4)


def test_sun_that_may_not_be_sold_takes_nothing_from_what_a_month_uses() -> None:
    data = history([0.0, 1000.0], [5000.0, 0.0])
    costs = Costs(np.full(2, 0.3), np.full(2, 0.25), (Allowance(0, 2, 40.0, 0.05, net=True),))
    unsold = Limits(grid_charging=False, export=Export.NEVER, reserve_floor=20)
    full = replace(BATTERY, charge_power_w=0.001)
    assert optimum(data, costs, full, unsold).dollars == pytest.approx(0.25, abs=1e-4)


def test_the_looser_bound_is_not_paid_for_ever() -> None:
    """Where power is paid for being taken, the battery takes what it can and no more."""
    data = history([1000.0, 1000.0], [500.0, 0.0])
    costs = Costs(np.array([-0.2, 0.3]), np.zeros(2))
    bound = optimum_selling_sun(data, costs, BATTERY, limits())
    taken = 3.3 + 0.5
    assert bound.dollars == pytest.approx(-0.2 * (taken + 0.5))


def test_credit_that_is_not_paid_out_is_worth_nothing() -> None:
    data = history([0.0, 1000.0], [5000.0, 0.0])
    costs = Costs(np.array([0.3, 0.3]), np.array([0.25, 0.25]), due=np.array([0.04, 0.04]))
    assert optimum(data, costs, BATTERY, limits()).dollars == pytest.approx(0.0)
    assert optimum(data, replace(costs, fixed=9.0), BATTERY, limits()).dollars == pytest.approx(9)
    assert lever_optimum(data, costs, BATTERY, limits()).dollars == pytest.approx(0.0)


def test_series_must_fit_the_data() -> None:
    data, _ = by_chance(1)
    with pytest.raises(ValueError, match="2 prices for 72 intervals"):
        optimum(data, Costs(np.zeros(2), np.zeros(2)))
    with pytest.raises(ValueError, match="one length"):
        Costs(np.zeros(2), np.zeros(3))


@pytest.mark.skipif(not B01.exists(), reason="the measured homes are not here")
@pytest.mark.parametrize(
    ("net_billing", "may_buy", "dollars"),
    [(False, True, 112.03), (False, False, 174.60), (True, True, 753.57), (True, False, 815.68)],
)
def test_an_independent_program_of_the_same_year(
    net_billing: bool, may_buy: bool, dollars: float
) -> None:
    """Four optima that somebody else's linear program found: half full at both ends, 20 % floor."""
    data, bought, credited = b01_by_label()
    costs = Costs(bought, credited if net_billing else bought - 0.0393)
    battery = Battery(backup_grid_charge_w=5000.0)
    least = optimum(data, costs, battery, limits(may_buy=may_buy), start_soe=50)
    assert least.dollars == pytest.approx(dollars, abs=0.006)


@pytest.mark.skipif(not B01.exists(), reason="the measured homes are not here")
def test_a_figure_that_leaves_open_with_what_the_year_begins() -> None:
    """Somebody's looser bound of b01's own year under PRIME and net metering is 10.8958 dollars.

    With what is known of it (adders in both prices, 3.93 cents less for what is sold, 5 kW from the
    grid, no taper) it lies between the bounds of a year that begins and ends at the floor and of
    one that does so full: some 0.4 cents for each percent, and half full is 12 cents below it.
    """
    data = read_history([B01], Instructions(zone=CALIFORNIA)).interval_data()
    plan = Plan(tariff("sce-tou-d-prime"), prices_of=JUNE_2025)
    bought = Costs.of(BillCalculator(plan, data.start, data.step, len(data))).bought
    costs, battery = (
        Costs(bought, bought - 0.0393),
        Battery(backup_grid_charge_w=5000.0, taper_from=1.0),
    )
    empty, half, full = (
        optimum_selling_sun(data, costs, battery, limits(), start_soe=soe).dollars
        for soe in (20, 50, 100)
    )
    assert empty < half < 10.8958 < full
    assert half == pytest.approx(10.7743, abs=5e-4)
    assert full - empty < 0.32
