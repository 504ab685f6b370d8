"""The perfect-foresight bill: the least that any schedule of this battery could have cost.

A linear program over the whole year, with the physics of `rules.battery` but its standby: sun
serves the home first, only what is left of it can be stored or sold, the battery covers the home
and never sells.
What a Powerwall cannot be told is free here: every power at every moment, and sun may be sold
beside an empty battery. So no schedule at the same step is below it; how near one can come with
a Powerwall's levers is another question, and `lever` answers it.

Binary columns are only where a linear program would do two things at once that exclude each other:
buy for the battery and sell the sun where selling earns more than buying costs, or charge and
discharge where power is paid for being taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rules.battery import Battery
from rules.domain import Export
from rules.resolve import NO_LIMITS, Limits
from scheduler.money import IntervalData, MeteredEnergy
from scheduler.money.lanes import Floats
from scheduler.money.optimum.costs import WH_PER_KWH, Allowance, Costs
from scheduler.money.optimum.program import INFINITY, Indices, Program

HOUR_S = 3600.0


@dataclass(frozen=True)
class Optimum:
    """The least bill, what the meter counted on the way, and the energy at each interval's end."""

    dollars: float
    metered: MeteredEnergy
    energy_wh: Floats


class _Flow(NamedTuple):
    """What goes one way through the meter, in kWh: `constant + coefficients * columns`."""

    constant: Floats
    parts: list[tuple[Indices, Indices, float]]
    """Intervals, their columns, and the coefficient."""

    def at(self, columns: Floats) -> Floats:
        kwh = self.constant.copy()
        for intervals, placed, coefficient in self.parts:
            kwh[intervals] += coefficient * columns[placed]
        return np.maximum(kwh, 0.0)


class _Model(NamedTuple):
    """The program of one home: its bought and sold energy and the battery's, as columns."""

    program: Program
    bought: _Flow
    sold: _Flow
    energy: Indices


def optimum(
    data: IntervalData,
    costs: Costs,
    battery: Battery | None = None,
    limits: Limits = NO_LIMITS,
    start_soe: float | None = None,
) -> Optimum:
    """The perfect-foresight bill within what the owner permits.

    The year ends with the energy that it began with or more: `start_soe` in app percent, the
    owner's floor where it is not given. Raises `ValueError` if prices and data differ in length.
    """
    given = _Given(data, costs, battery or Battery(), limits, start_soe)
    return _solved(given, _home_first(given))


def optimum_selling_sun(
    data: IntervalData,
    costs: Costs,
    battery: Battery | None = None,
    limits: Limits = NO_LIMITS,
    start_soe: float | None = None,
) -> Optimum:
    """A looser bound: at most what the sun makes is sold, also while the battery covers the home.

    No Powerwall works like this without selling from the battery; optimisers often assume it.
    """
    given = _Given(data, costs, battery or Battery(), limits, start_soe)
    return _solved(given, _sun_sold_whole(given))


class _Given:
    """A home's year in kWh an interval, and the battery's bounds in the same."""

    def __init__(
        self,
        data: IntervalData,
        costs: Costs,
        battery: Battery,
        limits: Limits,
        start_soe: float | None,
    ) -> None:
        if len(costs) != len(data):
            raise ValueError(f"{len(costs)} prices for {len(data)} intervals")
        self.data, self.costs, self.battery, self.limits = data, costs, battery, limits
        self.count = len(data)
        self.hours = data.step.total_seconds() / HOUR_S
        scale = self.hours / WH_PER_KWH
        self.load = np.asarray(data.load_w, dtype=np.float64) * scale
        self.sun = np.asarray(data.solar_w, dtype=np.float64) * scale
        self.power = battery.power_w * scale
        self.charge_power = battery.charge_power_w * scale
        self.grid_charge = battery.backup_grid_charge_w * scale if limits.grid_charging else 0.0
        self.capacity = battery.capacity_wh / WH_PER_KWH
        self.floor = battery.energy(limits.reserve_floor) / WH_PER_KWH
        start = limits.reserve_floor if start_soe is None else start_soe
        self.taper_power = battery.taper_power_w * scale
        width = (1.0 - battery.taper_from) * self.capacity
        self.taper_slope = (self.charge_power - self.taper_power) / width if width else 0.0
        self.start = battery.energy(start) / WH_PER_KWH
        # Nobody has to sell at a price below nothing.
        may_sell = limits.export is not Export.NEVER
        self.sold_price = np.maximum(costs.sold, 0.0) if may_sell else np.zeros(self.count)

    def net_between(self, allowance: Allowance) -> tuple[float, float]:
        """Bounds in kWh of what a month can buy net: its battery empties, or loses what it can."""
        month = slice(allowance.first, allowance.end)
        net = float((self.load - self.sun)[month].sum())
        lost = (1.0 - self.battery.efficiency**2) * self.charge_power
        return net - self.capacity, net + self.capacity + lost * (allowance.end - allowance.first)


def _home_first(given: _Given) -> _Model:
    """Sun serves the home first: in an interval there is either a need or a surplus."""
    program, count = Program(), given.count
    need = np.maximum(given.load - given.sun, 0.0)
    surplus = np.maximum(given.sun - given.load, 0.0)
    short, over = np.flatnonzero(need > 0.0), np.flatnonzero(surplus > 0.0)
    discharge = program.columns(short.size, upper=np.minimum(need[short], given.power))
    stored = program.columns(over.size, upper=np.minimum(surplus[over], given.charge_power))
    every = np.arange(count)
    bought = _Flow(need, [(short, discharge, -1.0)])
    sold = _Flow(surplus, [(over, stored, -1.0)])
    charging, discharging = [(over, stored)], [(short, discharge)]
    if given.grid_charge:
        grid = program.columns(count, upper=min(given.grid_charge, given.charge_power))
        bought.parts.append((every, grid, 1.0))
        charging.append((every, grid))
        both = np.flatnonzero(given.sold_price[over] > given.costs.bought[over])
        _one_of(program, grid[over[both]], given.grid_charge, stored[both], surplus[over[both]])
        paid = np.flatnonzero(given.costs.bought[short] < 0.0)
        _exclude(program, grid[short[paid]], given.grid_charge, discharge[paid], given.power)
    most = np.minimum(surplus, given.charge_power) + given.grid_charge
    energy = _stored_energy(program, given, charging, discharging, most)
    return _Model(program, bought, sold, energy)


def _sun_sold_whole(given: _Given) -> _Model:
    program, count = Program(), given.count
    every = np.arange(count)
    imported = program.columns(count)
    exported = program.columns(count, upper=given.sun)
    discharge = program.columns(count, upper=given.power)
    most = np.minimum(given.charge_power, given.sun + given.grid_charge)
    charge = program.columns(count, upper=most)
    balance = program.rows(count, lower=given.load - given.sun)
    for columns, sign in ((imported, 1.0), (exported, -1.0), (discharge, 1.0), (charge, -1.0)):
        program.enter(balance, columns, sign)
    both = np.flatnonzero(given.sold_price > given.costs.bought)
    needed = given.load[both] + given.charge_power
    _exclude(program, imported[both], needed, exported[both], given.sun[both])
    energy = _stored_energy(program, given, [(every, charge)], [(every, discharge)], most)
    nothing = np.zeros(count)
    return _Model(
        program,
        _Flow(nothing, [(every, imported, 1.0)]),
        _Flow(nothing, [(every, exported, 1.0)]),
        energy,
    )


def _one_of(program: Program, grid: Indices, most: float, stored: Indices, surplus: Floats) -> None:
    """Buy for the battery only where all of the surplus is stored."""
    buys = program.binaries(grid.size)
    rows = program.rows(grid.size, upper=0.0)
    program.enter(rows, grid, 1.0)
    program.enter(rows, buys, -most)
    rows = program.rows(grid.size, lower=0.0)
    program.enter(rows, stored, 1.0)
    program.enter(rows, buys, -surplus)


def _exclude(
    program: Program,
    first: Indices,
    most: Floats | float,
    second: Indices,
    most_second: Floats | float,
) -> None:
    """Of two columns at most one is more than nothing."""
    is_first = program.binaries(first.size)
    rows = program.rows(first.size, upper=0.0)
    program.enter(rows, first, 1.0)
    program.enter(rows, is_first, -np.broadcast_to(most, first.size))
    rows = program.rows(first.size, upper=most_second)
    program.enter(rows, second, 1.0)
    program.enter(rows, is_first, np.broadcast_to(most_second, first.size))


def _stored_energy(
    program: Program,
    given: _Given,
    charging: list[tuple[Indices, Indices]],
    discharging: list[tuple[Indices, Indices]],
    most: Floats,
) -> Indices:
    """The battery's energy at the end of each interval, and what bounds its charging.

    `most` is what the columns' own bounds let it be charged with in each interval, in kWh.
    """
    count, efficiency = given.count, given.battery.efficiency
    lower = np.full(count, given.floor)
    upper = np.full(count, given.capacity)
    lower[-1] = given.start
    energy = program.columns(count, lower=lower, upper=upper)
    before = np.concatenate((program.columns(1, given.start, given.start), energy[:-1]))
    change = program.rows(count, lower=0.0, upper=0.0)
    program.enter(change, energy, 1.0)
    program.enter(change, before, -1.0)
    for intervals, columns in charging:
        program.enter(change[intervals], columns, -efficiency)
    for intervals, columns in discharging:
        program.enter(change[intervals], columns, 1.0 / efficiency)
    _limit(program, charging, most > given.charge_power, np.full(count, given.charge_power))
    if 0.0 < given.taper_slope < 1.0 / efficiency:  # else a full pack is the narrower limit
        tapered = most > given.taper_power
        at_empty = given.taper_power + given.taper_slope * given.capacity
        rows = _limit(program, charging, tapered, np.full(count, at_empty))
        program.enter(rows, before[tapered], given.taper_slope)
    return energy


def _limit(
    program: Program,
    charging: list[tuple[Indices, Indices]],
    where: npt.NDArray[np.bool_],
    most: Floats,
) -> Indices:
    """Rows that bound the charging of these intervals as a whole."""
    rows = program.rows(int(where.sum()), upper=most[where])
    row_of = np.cumsum(where) - 1
    for intervals, columns in charging:
        bounded = where[intervals]
        program.enter(rows[row_of[intervals[bounded]]], columns[bounded], 1.0)
    return rows


def _solved(given: _Given, model: _Model) -> Optimum:
    """The bill of a model's least cost, with the tariff's allowances and floor in the program."""
    program, costs = model.program, given.costs
    _price(program, given, model)
    least, columns = program.solve()
    imported = model.bought.at(columns) * WH_PER_KWH
    exported = model.sold.at(columns) * WH_PER_KWH
    exported[given.sold_price == 0.0] *= float(given.limits.export is not Export.NEVER)
    exported[costs.sold < 0.0] = 0.0
    if costs.due is None:
        least += float(costs.bought @ model.bought.constant)
        least -= float(given.sold_price @ model.sold.constant)
    return Optimum(
        least + costs.fixed,
        MeteredEnergy(given.data.start, given.data.step, imported.tolist(), exported.tolist()),
        columns[model.energy] * WH_PER_KWH,
    )


def _price(program: Program, given: _Given, model: _Model) -> None:
    """What the columns cost; where there is a floor, the bill is a column that stays above it."""
    costs = given.costs
    charged = [
        (columns, coefficient * price[intervals])
        for flow, price in ((model.bought, costs.bought), (model.sold, -given.sold_price))
        for intervals, columns, coefficient in flow.parts
    ]
    for each in costs.allowances:
        lowest, highest = given.net_between(each)
        if each.net and highest <= 0.0:
            continue
        credit = program.columns(1, lower=-INFINITY, upper=each.kwh * each.credit)
        slack = max(0.0, -lowest) * each.credit if each.net else 0.0
        row = _allow(program, model, each, credit, slack)
        if slack:
            # Less than nothing is nothing: a month has its credit, or it may use what it will.
            has = program.binaries(1)
            program.enter(row, has, slack)
            row = program.rows(1, upper=0.0)
            program.enter(row, credit, 1.0)
            program.enter(row, has, -each.kwh * each.credit)
        charged.append((credit, np.array([-1.0])))
    if costs.due is None:
        for columns, cost in charged:
            program.charge(columns, cost)
        return
    bill = program.columns(1, lower=-INFINITY)
    program.charge(bill, 1.0)
    energy = costs.bought @ model.bought.constant - given.sold_price @ model.sold.constant
    due = [
        (columns, coefficient * costs.due[intervals])
        for intervals, columns, coefficient in model.bought.parts
    ]
    least_due = costs.due @ model.bought.constant
    for least, parts in ((float(energy), charged), (float(least_due), due)):
        row = program.rows(1, lower=least)
        program.enter(row, bill, 1.0)
        for columns, cost in parts:
            program.enter(row, columns, -cost)


def _allow(
    program: Program, model: _Model, allowance: Allowance, credit: Indices, slack: float
) -> Indices:
    """A month's credit is at most that for what it uses: the row that says so."""
    used = allowance.used(model.bought.constant, model.sold.constant)
    row = program.rows(1, upper=allowance.credit * used + slack)
    program.enter(row, credit, 1.0)
    flows = [(model.bought, 1.0), (model.sold, -1.0)]
    for flow, sign in flows if allowance.net else flows[:1]:
        for intervals, columns, coefficient in flow.parts:
            of_month = (intervals >= allowance.first) & (intervals < allowance.end)
            program.enter(row, columns[of_month], -sign * coefficient * allowance.credit)
    return row
