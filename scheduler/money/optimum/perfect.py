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

import numpy as np

from rules.battery import Battery
from rules.resolve import NO_LIMITS, Limits
from scheduler.money import IntervalData, MeteredEnergy
from scheduler.money.lanes import Floats
from scheduler.money.optimum.costs import WH_PER_KWH, Allowance, Costs, Netted
from scheduler.money.optimum.program import INFINITY, Cost, Indices
from scheduler.money.optimum.year_program import Flow, Year, YearProgram, year_program


@dataclass(frozen=True)
class Optimum:
    """The least bill, what the meter counted on the way, and the energy at each interval's end."""

    dollars: float
    metered: MeteredEnergy
    energy_wh: Floats


def optimum(
    data: IntervalData,
    costs: Costs,
    battery: Battery | None = None,
    limits: Limits = NO_LIMITS,
    start_soe: float | None = None,
) -> Optimum:
    """The perfect-foresight bill within what the owner permits.

    The year ends with the energy that it began with or more: `start_soe` in app percent, the
    owner's floor where it is not year. Raises `ValueError` if prices and data differ in length.
    """
    year = Year(data, costs, battery or Battery(), limits, start_soe)
    return _solved(year, year_program(year))


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
    year = Year(data, costs, battery or Battery(), limits, start_soe)
    return _solved(year, year_program(year, sun_sold=True))


def _solved(year: Year, model: YearProgram) -> Optimum:
    """The bill of a model's least cost, with the tariff's allowances and floor in the program."""
    energy, due = _cost_of_energy(year, model)
    if due is None:
        columns = model.program.least(energy)
    else:
        # Binaries of months are in the cost of energy only, so what is due is found sooner.
        by_month = any(each.net for each in year.costs.allowances)
        first, second = (due, energy) if by_month else (energy, due)
        columns = model.program.least_greater(first, second, year.costs.minimum)
    unpaid = 0.0 if due is None else due.at(columns)
    dollars = year.costs.after_credits(energy.at(columns), unpaid)
    imported = model.bought.at(columns) * WH_PER_KWH
    exported = model.sold.at(columns) * WH_PER_KWH
    exported[year.costs.sold < 0.0] = 0.0
    # Where it makes no difference a program may do both in an interval, and a meter counts one.
    both = np.minimum(imported, exported)
    metered = (imported - both).tolist(), (exported - both).tolist()
    return Optimum(
        dollars + year.costs.fixed,
        MeteredEnergy(year.data.start, year.data.step, *metered),
        columns[model.energy] * WH_PER_KWH,
    )


def _cost_of_energy(year: Year, model: YearProgram) -> tuple[Cost, Cost | None]:
    """What energy costs, and how much of it no credit pays if some is never paid out."""
    costs = year.costs
    bought, sold = _cost(model.bought, costs.bought), _cost(model.sold, -year.sold_price)
    netted = [_netted(model, each) for each in costs.netted]
    parts = [*bought.parts, *sold.parts, *netted]
    for each in costs.allowances:
        lowest, highest = _net_between(year, model, each) if each.net else (0.0, np.inf)
        if highest > 0.0:
            credit = _credit(model, each, min(each.kwh, highest), max(0.0, -lowest))
            parts.append((credit, np.array([-1.0])))
    energy = Cost(bought.constant + sold.constant, parts)
    if costs.due is None:
        return energy, None
    bonus = np.zeros(year.count) if costs.bonus is None or not year.may_sell else costs.bonus
    due, paid = _cost(model.bought, costs.due), _cost(model.sold, -bonus)
    return energy, Cost(due.constant + paid.constant, [*due.parts, *paid.parts, *netted])


def _netted(model: YearProgram, netted: Netted) -> tuple[Indices, Floats]:
    """A column that is at least what a group of intervals buys net, and its price."""
    program, intervals = model.program, netted.intervals
    most = program.columns(1)
    constant = (model.bought.constant - model.sold.constant)[intervals].sum()
    row = program.rows(1, lower=constant)
    program.enter(row, most, 1.0)
    for flow, sign in ((model.bought, -1.0), (model.sold, 1.0)):
        for columns, coefficient in flow.parts:
            program.enter(row, columns[intervals], sign * coefficient)
    return most, np.array([netted.per_kwh])


def _net_between(year: Year, model: YearProgram, allowance: Allowance) -> tuple[float, float]:
    """Bounds in kWh of what a month can buy net.

    At least, the battery empties; at most it is filled, and loses by all that it can give.
    """
    month = slice(allowance.first, allowance.end)
    net = float((year.need - year.surplus)[month].sum())
    efficiency, usable = year.battery.efficiency, year.capacity - year.floor
    lost = (1.0 / efficiency**2 - 1.0) * float(model.discharged[month].sum())
    return net - usable * efficiency, net + usable / efficiency + lost


def _credit(model: YearProgram, allowance: Allowance, most: float, sold: float) -> Indices:
    """A column that is at most the credit of a month for what it uses, in dollars.

    `most` is the kWh for which it can be, and `sold` the kWh by which the month may sell more than
    it buys: then there is no credit.
    """
    program, price = model.program, allowance.credit
    credit = program.columns(1, lower=-INFINITY, upper=most * price)
    month = slice(allowance.first, allowance.end)
    used = allowance.used(model.bought.constant, model.sold.constant)
    row = program.rows(1, upper=price * (used + sold))
    program.enter(row, credit, 1.0)
    flows = [(model.bought, 1.0), (model.sold, -1.0)]
    for flow, sign in flows if allowance.net else flows[:1]:
        for columns, coefficient in flow.parts:
            program.enter(row, columns[month], -sign * coefficient * price)
    if sold:
        # Less than nothing is nothing: a month has its credit, or it may use what it will.
        has = program.binaries(1)
        program.enter(row, has, price * sold)
        row = program.rows(1, upper=0.0)
        program.enter(row, credit, 1.0)
        program.enter(row, has, -price * most)
    return credit


def _cost(flow: Flow, price: Floats) -> Cost:
    """What a flow costs at these prices."""
    return Cost(
        float(price @ flow.constant),
        [(columns, coefficient * price) for columns, coefficient in flow.parts],
    )
