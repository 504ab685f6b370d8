"""A home's year as a program: what its battery may do in each interval, and what that moves.

Sun serves the home first, and in an interval there is either a need or a surplus; so what goes
through the meter is what it would be without a battery, and a few columns more or less. Binary
columns are only where a linear program would do two things at once that exclude each other: buy
while it sells where selling earns more than buying costs, or buy for the battery and discharge it
where power is paid for being taken.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rules.battery import Battery
from rules.domain import Export
from rules.resolve import Limits
from scheduler.money import IntervalData
from scheduler.money.lanes import Floats
from scheduler.money.optimum.costs import WH_PER_KWH, Costs
from scheduler.money.optimum.program import Indices, Program

HOUR_S = 3600.0


class Flow(NamedTuple):
    """What goes one way through the meter, in kWh: `constant + coefficients * columns`."""

    constant: Floats
    parts: list[tuple[Indices, float]]
    """A column for each interval, and the coefficient."""

    def at(self, columns: Floats) -> Floats:
        """The flow of each interval, for these values of the columns."""
        kwh = self.constant.copy()
        for placed, coefficient in self.parts:
            kwh += coefficient * columns[placed]
        return np.maximum(kwh, 0.0)


class YearProgram(NamedTuple):
    """The program of one home: its bought and sold energy and the battery's, as columns."""

    program: Program
    bought: Flow
    sold: Flow
    energy: Indices
    discharged: Floats
    """The most that the battery can give in each interval, in kWh."""


class Year:
    """A home's year in kWh an interval, and the battery's bounds in the same.

    Raises `ValueError` if prices and data differ in length.
    """

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
        scale = data.step.total_seconds() / HOUR_S / WH_PER_KWH
        self.load = np.asarray(data.load_w, dtype=np.float64) * scale
        self.sun = np.asarray(data.solar_w, dtype=np.float64) * scale
        self.need = np.maximum(self.load - self.sun, 0.0)
        self.surplus = np.maximum(self.sun - self.load, 0.0)
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
        self.may_sell = limits.export is not Export.NEVER
        self.sold_price = np.maximum(costs.sold, 0.0) if self.may_sell else np.zeros(self.count)


def year_program(year: Year, *, sun_sold: bool = False) -> YearProgram:
    """What the battery may do in each interval: cover a need, store a surplus, and buy.

    With `sun_sold` it may also do for the home what sun would do, so that this sun is sold; and sun
    may charge it while the home buys.
    """
    program = Program()
    direct = np.minimum(year.load, year.sun) if sun_sold else np.zeros(year.count)
    # Who has a need covers that first: what is bought meanwhile could not be sold as well.
    beside = np.minimum(direct, np.maximum(year.power - year.need, 0.0))
    most_bought = np.minimum(year.grid_charge + direct, year.charge_power)
    cover = program.columns(year.count, upper=np.minimum(year.need, year.power))
    store = program.columns(year.count, upper=np.minimum(year.surplus, year.charge_power))
    free = program.columns(year.count, upper=beside)
    buy = program.columns(year.count, upper=most_bought)

    earns = year.sold_price > year.costs.bought
    selling = earns & (beside > 0.0) | earns & (most_bought > 0.0) & (year.surplus > 0.0)
    sells = program.binaries(int(selling.sum()))
    _at_most(program, free[selling], sells, beside[selling])
    _at_least(program, cover[selling], sells, year.need[selling])
    _unless(program, buy[selling], sells, most_bought[selling])
    all_stored = program.rows(sells.size, lower=year.surplus[selling])
    program.enter(all_stored, store[selling], 1.0)
    program.enter(all_stored, sells, year.surplus[selling])
    paid = (year.costs.bought < 0.0) & (year.need > 0.0) & (most_bought > 0.0)
    covers = program.binaries(int(paid.sum()))
    _at_most(program, cover[paid], covers, np.full(covers.size, year.power))
    _unless(program, buy[paid], covers, most_bought[paid])

    most = np.minimum(year.surplus, year.charge_power) + most_bought
    energy = _stored_energy(program, year, (store, buy), (cover, free), most)
    bought = Flow(year.need, [(cover, -1.0), (buy, 1.0)])
    sold = Flow(year.surplus, [(store, -1.0), (free, 1.0)])
    if not year.may_sell:
        sold = Flow(np.zeros(year.count), [])
    return YearProgram(program, bought, sold, energy, np.minimum(year.need, year.power) + beside)


def _at_most(program: Program, columns: Indices, binaries: Indices, most: Floats) -> None:
    """Nothing without their binary, and so much with it."""
    rows = program.rows(columns.size, upper=0.0)
    program.enter(rows, columns, 1.0)
    program.enter(rows, binaries, -most)


def _at_least(program: Program, columns: Indices, binaries: Indices, least: Floats) -> None:
    """So much where their binary is 1."""
    rows = program.rows(columns.size, lower=0.0)
    program.enter(rows, columns, 1.0)
    program.enter(rows, binaries, -least)


def _unless(program: Program, columns: Indices, binaries: Indices, most: Floats) -> None:
    """Nothing where their binary is 1."""
    rows = program.rows(columns.size, upper=most)
    program.enter(rows, columns, 1.0)
    program.enter(rows, binaries, most)


def _stored_energy(
    program: Program,
    year: Year,
    charging: tuple[Indices, ...],
    discharging: tuple[Indices, ...],
    most: Floats,
) -> Indices:
    """The battery's energy at the end of each interval, and what bounds its charging.

    `most` is what the columns' own bounds let it be charged with in each interval, in kWh.
    """
    efficiency = year.battery.efficiency
    lower, upper = np.full(year.count, year.floor), np.full(year.count, year.capacity)
    lower[-1] = year.start
    energy = program.columns(year.count, lower=lower, upper=upper)
    before = np.concatenate((program.columns(1, year.start, year.start), energy[:-1]))
    change = program.rows(year.count, lower=0.0, upper=0.0)
    program.enter(change, energy, 1.0)
    program.enter(change, before, -1.0)
    for columns in charging:
        program.enter(change, columns, -efficiency)
    for columns in discharging:
        program.enter(change, columns, 1.0 / efficiency)
    _limit(program, charging, most > year.charge_power, year.charge_power)
    if 0.0 < year.taper_slope < 1.0 / efficiency:  # else a full pack is the narrower limit
        tapered = most > year.taper_power
        at_empty = year.taper_power + year.taper_slope * year.capacity
        rows = _limit(program, charging, tapered, at_empty)
        program.enter(rows, before[tapered], year.taper_slope)
    return energy


def _limit(
    program: Program, charging: tuple[Indices, ...], where: npt.NDArray[np.bool_], most: float
) -> Indices:
    """Rows that bound the charging of these intervals as a whole."""
    rows = program.rows(int(where.sum()), upper=most)
    for columns in charging:
        program.enter(rows, columns[where], 1.0)
    return rows
