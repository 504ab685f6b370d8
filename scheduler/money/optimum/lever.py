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

from dataclasses import dataclass, replace

import numpy as np

from rules.battery import Battery, Flow, Operation, step
from rules.domain import Export, Mode
from rules.resolve import NO_LIMITS, Limits
from scheduler.money import IntervalData, MeteredEnergy
from scheduler.money.lanes import Floats
from scheduler.money.optimum.prices import WH_PER_KWH, Prices
from scheduler.money.optimum.worth import RESERVE_CEILING, Horizon, Worth, energy_worth

GRID_WH = 25.0
"""Distance of the energies of the grid, as near as a whole number of them fits."""
PASSES = 3
"""Runs with other marginal prices where a month's allowance makes them depend on its total."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the battery is told for a part of an interval, in seconds."""

    operation: Operation
    seconds: float


@dataclass(frozen=True)
class LeverOptimum:
    """A bill that can be had with the levers, by who knows everything ahead.

    The least bill of the levers is at most `tolerance` dollars below `dollars`. `told` has an entry
    for each interval: one operation, or buying until a level and then keeping it.
    """

    dollars: float
    tolerance: float
    metered: MeteredEnergy
    energy_wh: Floats
    told: tuple[tuple[Told, ...], ...]


def lever_optimum(
    data: IntervalData,
    prices: Prices,
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
    battery = battery or Battery()
    start = battery.energy(limits.reserve_floor if start_soe is None else start_soe)
    marginal = prices.bought
    best: LeverOptimum | None = None
    bound = -np.inf
    for _ in range(PASSES if prices.allowances else 1):
        horizon = Horizon.of(data, replace(prices, bought=marginal), battery, limits, start)
        fine, coarse = energy_worth(horizon, grid_wh), energy_worth(horizon, 2.0 * grid_wh)
        found = _forward(data, prices, battery, limits, fine, horizon)
        # Halving the distance of the grid again would change about as much in all as this did.
        least = 2.0 * fine.at(0, start) - coarse.at(0, start)
        bound = max(bound, least - _given_away(prices, marginal) + prices.fixed)
        if best is None or found.dollars < best.dollars:
            best = found
        following = _marginal(prices, found)
        if np.array_equal(following, marginal):
            break
        marginal = following
    assert best is not None
    if prices.floor is not None:
        bound = max(bound, prices.floor + prices.fixed)
    return replace(best, tolerance=max(0.0, best.dollars - bound) + 0.001)


def _marginal(prices: Prices, found: LeverOptimum) -> Floats:
    """What a further kWh costs where a month has used up its allowance, and where it has not."""
    marginal = prices.bought.copy()
    for each in prices.allowances:
        month = slice(each.first, each.end)
        used = sum(found.metered.imported_wh[month])
        if each.net:
            used -= sum(found.metered.exported_wh[month])
        if used / WH_PER_KWH < each.kwh:
            marginal[month] -= each.credit
    return marginal


def _given_away(prices: Prices, marginal: Floats) -> float:
    """The most that allowances take off, beside marginal prices that have them in or not."""
    return sum(
        each.credit * each.kwh
        for each in prices.allowances
        if marginal[each.first] == prices.bought[each.first]
    )


class _Forward:
    """A year told interval by interval, from the energy that the physics has come to."""

    def __init__(
        self, data: IntervalData, battery: Battery, limits: Limits, worth: Worth, horizon: Horizon
    ) -> None:
        self.data, self.battery, self.limits = data, battery, limits
        self.worth, self.horizon = worth, horizon
        self.seconds = data.step.total_seconds()
        percents = np.arange(limits.reserve_floor, 101)
        levels = np.array([battery.energy(percent) for percent in percents])
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
        moved = horizon.course.move(np.float64(energy), self.keep, self.buy_to, interval)
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
    prices: Prices,
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
        prices.cost(imported, exported),
        0.0,
        MeteredEnergy(data.start, data.step, imported.tolist(), exported.tolist()),
        np.array(course),
        tuple(every),
    )


def _step(data: IntervalData, battery: Battery, index: int, energy: float, told: Told) -> Flow:
    sun, load = data.solar_w[index], data.load_w[index]
    return step(battery, energy, told.operation, sun, load, told.seconds)
