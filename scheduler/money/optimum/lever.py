"""The lever optimum: perfect foresight with only what a Powerwall can be told.

A Powerwall has no lever for power. In each interval it can be told to cover the home down to a
reserve, to keep what it has, or to buy at its one rate until a level is reached; sun that the home
leaves over goes into it first, wanted or not. Between 81 and 99 % a reserve is not legal on current
firmware: what is there can only be kept or used whole.

`worth` says what energy is worth ahead of each interval; here the best thing that can be told is
done, interval by interval, with the physics itself. So the figure can really be had, and
`tolerance` says how far below it the optimum may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rules.battery import Battery, Flow, Operation, step
from rules.domain import Export, Mode
from rules.resolve import NO_LIMITS, Limits
from scheduler.money import IntervalData, MeteredEnergy
from scheduler.money.lanes import Floats
from scheduler.money.optimum.costs import WH_PER_KWH, Costs
from scheduler.money.optimum.worth import RESERVE_CEILING, Horizon, Worth, energy_worth

GRID_WH = 25.0
"""Distance of the energies of the grid, as near as a whole number of them fits."""
PASSES = 4
"""Searches with other prices, where a month's total or unused credit decides what they are."""
LIGHT = 0.002
"""The weight of energy where what no credit pays is the greater part of a bill."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the battery is told for a part of an interval, in seconds."""

    operation: Operation
    seconds: float


@dataclass(frozen=True)
class LeverOptimum:
    """A bill that can be had with the levers, by who knows everything ahead.

    The least bill of the levers is at most `tolerance` dollars below `dollars`; that a month may be
    better off on the other side of its allowance is not in this. `told` has an entry for each
    interval: one operation, or buying until a level and then keeping it.
    """

    dollars: float
    tolerance: float
    metered: MeteredEnergy
    energy_wh: Floats
    told: tuple[tuple[Told, ...], ...]


def lever_optimum(
    data: IntervalData,
    costs: Costs,
    battery: Battery | None = None,
    limits: Limits = NO_LIMITS,
    start_soe: float | None = None,
    grid_wh: float = GRID_WH,
) -> LeverOptimum:
    """The least bill of what a Powerwall can be told, within what the owner permits.

    The year ends with the energy that it began with or more: `start_soe` in app percent, the
    owner's floor where it is not given. Assumes a route that can switch charging from the grid.
    Raises `ValueError` if prices and data differ in length.
    """
    battery = replace(battery or Battery(), standby_w=0.0)
    start = battery.energy(limits.reserve_floor if start_soe is None else start_soe)
    views, found = [_View()], list[LeverOptimum]()
    least = -np.inf if costs.due is None else costs.fixed + costs.minimum
    while len(found) < len(views) <= PASSES:
        view = views[-1]
        horizon = Horizon.of(data, view.priced(costs), battery, limits, start)
        fine, coarse = energy_worth(horizon, grid_wh), energy_worth(horizon, 2.0 * grid_wh)
        run = _forward(data, costs, battery, limits, fine, horizon)
        # Halving the distance of the grid again would change less in all than this did.
        worth = float(2.0 * fine.at(0, start) - coarse.at(0, start))
        least = max(least, costs.fixed + worth - view.taken_off(costs, run))
        found.append(run)
        following = _following(costs, views, found)
        if following not in views:
            views.append(following)
    best = min(found, key=lambda each: each.dollars)
    return replace(best, tolerance=max(0.0, best.dollars - least))


@dataclass(frozen=True, slots=True)
class _View:
    """Prices as a search has them: with what of the bill that hangs on totals.

    What energy costs has `weight`, and what no credit pays the rest; in some months the allowance
    is not used up, so that each kWh is cheaper; some netted groups buy more than they sell. All is
    taken from the runs before, and none of it makes a bill look higher than it is.
    """

    weight: float = 1.0
    credited: frozenset[int] = frozenset()
    charged: frozenset[int] = frozenset()

    def priced(self, costs: Costs) -> Costs:
        """The costs with these prices."""
        bought, sold = self.weight * costs.bought, self.weight * costs.sold
        if costs.due is not None:
            bought += (1.0 - self.weight) * costs.due
        if costs.bonus is not None:
            sold += (1.0 - self.weight) * costs.bonus
        for number in self.credited:
            allowance = costs.allowances[number]
            month = slice(allowance.first, allowance.end)
            bought[month] -= self.weight * allowance.credit
            if allowance.net:
                sold[month] -= self.weight * allowance.credit
        for number in self.charged:
            netted = costs.netted[number]
            bought[netted.intervals] += netted.per_kwh
            sold[netted.intervals] += netted.per_kwh
        return replace(costs, bought=bought, sold=sold)

    def taken_off(self, costs: Costs, run: LeverOptimum) -> float:
        """What allowances take off a run's bill that these prices do not have in them."""
        imported, exported = _kwh(run)
        return self.weight * sum(
            each.credit * min(each.kwh, max(0.0, each.used(imported, exported)))
            for number, each in enumerate(costs.allowances)
            if number not in self.credited
        )


def _following(costs: Costs, views: Sequence[_View], found: Sequence[LeverOptimum]) -> _View:
    """The view in which prices are what counts at the margin of what was found."""
    imported, exported = _kwh(found[-1])
    charged = frozenset(
        number for number, each in enumerate(costs.netted) if each.net(imported, exported) > 0.0
    )
    credited = frozenset(
        number
        for number, each in enumerate(costs.allowances)
        if (0.0 if each.net else -np.inf) < each.used(imported, exported) < each.kwh
    )
    return _View(_weight(costs, views, found), credited, charged)


def _weight(costs: Costs, views: Sequence[_View], found: Sequence[LeverOptimum]) -> float:
    """The weight at which energy costs as much as what no credit pays, as far as runs tell."""
    if costs.due is None:
        return 1.0
    points = [
        (view.weight, costs.energy(*_kwh(run)), costs.unpaid(*_kwh(run)))
        for view, run in zip(views, found, strict=True)
    ]
    paid = [each for each in points if each[1] < each[2]]
    unpaid = [each for each in points if each[1] >= each[2]]
    if not paid:
        return 1.0
    if not unpaid:
        return LIGHT
    _, energy, due = min(paid)
    _, more_energy, less_due = max(unpaid)
    rise, fall = max(0.0, more_energy - energy), max(0.0, due - less_due)
    return fall / (rise + fall) if rise + fall else LIGHT


def _wh(run: LeverOptimum) -> tuple[Floats, Floats]:
    return np.array(run.metered.imported_wh), np.array(run.metered.exported_wh)


def _kwh(run: LeverOptimum) -> tuple[Floats, Floats]:
    imported, exported = _wh(run)
    return imported / WH_PER_KWH, exported / WH_PER_KWH


class _Forward:
    """A year told interval by interval, from the energy that the physics has come to."""

    def __init__(
        self, data: IntervalData, battery: Battery, limits: Limits, worth: Worth, horizon: Horizon
    ) -> None:
        self.data, self.battery, self.limits = data, battery, limits
        self.worth, self.horizon = worth, horizon
        self.seconds = data.step.total_seconds()
        percents = np.arange(limits.reserve_floor, 101)
        levels = np.array([battery.energy(float(percent)) for percent in percents])
        reserves = percents <= RESERVE_CEILING
        self.percents = np.concatenate((percents[reserves], [100], percents))
        nothing = np.zeros(int(reserves.sum()) + 1)
        self.keep = np.concatenate((levels[reserves], [np.inf], np.full(levels.size, np.inf)))
        self.buy_to = np.concatenate((nothing, levels if limits.grid_charging else 0.0 * levels))
        self.hold = nothing.size - 1

    def tell(self, index: int, energy: float) -> tuple[Told, ...]:
        """The best that can be told in an interval."""
        horizon = self.horizon
        interval = horizon.interval(index)
        moved = horizon.course.move(np.full(1, energy), self.keep, self.buy_to, interval)
        cost = self.worth.at(index + 1, moved.energy)
        cost += moved.imported(interval) * horizon.bought[index]
        cost -= moved.exported(interval) * horizon.sold[index]
        return self._told(int(np.argmin(cost)), index, energy)

    def _told(self, choice: int, index: int, energy: float) -> tuple[Told, ...]:
        export = Export.NEVER if self.horizon.sold[index] <= 0.0 else self.limits.export
        hold = Operation(Mode.BACKUP, 100.0, grid_charging=False, export=export)
        if self.buy_to[choice] > energy:
            seconds = self._until(float(self.buy_to[choice]), index, energy)
            buy = replace(hold, grid_charging=True)
            parts = (Told(buy, seconds), Told(hold, self.seconds - seconds))
            return tuple(each for each in parts if each.seconds > 0.0)
        if self.keep[choice] >= energy:
            return (Told(hold, self.seconds),)
        reserve = float(self.percents[choice])
        use = Operation(Mode.SELF_CONSUMPTION, reserve, grid_charging=False, export=export)
        return (Told(use, self.seconds),)

    def _until(self, level: float, index: int, energy: float) -> float:
        """Seconds of buying until a level is reached."""
        course, interval = self.horizon.course, self.horizon.interval(index)
        most = float(np.min(course.accepted(np.array([energy]))))
        buying = min(interval.surplus + course.bought, most)
        return self.seconds * min(1.0, (level - energy) / (course.efficiency * buying))


def _forward(
    data: IntervalData,
    costs: Costs,
    battery: Battery,
    limits: Limits,
    worth: Worth,
    horizon: Horizon,
) -> LeverOptimum:
    policy = _Forward(data, battery, limits, worth, horizon)
    energy = horizon.end
    course: list[float] = []
    every: list[tuple[Told, ...]] = []
    imported, exported = np.zeros(len(data)), np.zeros(len(data))
    for index in range(len(data)):
        told = policy.tell(index, energy)
        for each in told:
            flow = _step(data, battery, index, energy, each)
            energy = flow.energy_wh
            watt_hours = flow.site_w * each.seconds / 3600.0
            imported[index] += max(0.0, watt_hours)
            exported[index] += max(0.0, -watt_hours)
        every.append(told)
        course.append(energy)
    return LeverOptimum(
        costs.dollars(imported, exported),
        0.0,
        MeteredEnergy(data.start, data.step, imported.tolist(), exported.tolist()),
        np.array(course),
        tuple(every),
    )


def _step(data: IntervalData, battery: Battery, index: int, energy: float, told: Told) -> Flow:
    sun, load = data.solar_w[index], data.load_w[index]
    return step(battery, energy, told.operation, sun, load, told.seconds)
