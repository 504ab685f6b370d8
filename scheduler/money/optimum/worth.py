"""What energy in the battery is worth ahead of each interval, by who knows everything ahead.

From an energy at an interval's beginning the levers reach one range of energies at its end: the
bottom is what use of the battery leaves, the top what buying throughout gives. Within it the cost
rises in a straight line with what is discharged less or bought more. So backwards over the year,
on a grid of energies, the best end of an interval is the least of a sliding window, and the two
ends of the range between grid points.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rules.battery import Battery
from rules.domain import Export
from rules.resolve import Limits
from scheduler.money import IntervalData
from scheduler.money.lanes import Course, Floats, Interval
from scheduler.money.optimum.costs import WH_PER_KWH, Costs

RESERVE_CEILING = 80
"""App percent: the highest reserve below 100 that current firmware takes (`rules.resolve`)."""


@dataclass(frozen=True)
class Horizon:
    """A home's year as the search sees it: watt hours an interval, dollars a watt hour."""

    need: Floats
    surplus: Floats
    bought: Floats
    sold: Floats
    course: Course
    floor: float
    ceiling: float
    end: float
    may_buy: bool

    @classmethod
    def of(
        cls, data: IntervalData, costs: Costs, battery: Battery, limits: Limits, end: float
    ) -> Horizon:
        """A year that must end with `end` watt hours in the battery."""
        if len(costs) != len(data):
            raise ValueError(f"{len(costs)} prices for {len(data)} intervals")
        course = Course(battery, data.step.total_seconds())
        net = (np.asarray(data.load_w) - np.asarray(data.solar_w)) * course.hours
        # Nobody has to sell at a price below nothing.
        may_sell = limits.export is not Export.NEVER
        sold = np.maximum(costs.sold, 0.0) if may_sell else np.zeros(len(data))
        return cls(
            np.maximum(net, 0.0),
            np.maximum(-net, 0.0),
            costs.bought / WH_PER_KWH,
            sold / WH_PER_KWH,
            course,
            battery.energy(limits.reserve_floor),
            battery.energy(RESERVE_CEILING),
            end,
            limits.grid_charging,
        )

    def __len__(self) -> int:
        return len(self.need)

    def interval(self, index: int) -> Interval:
        """One interval's need and surplus."""
        return Interval(float(self.need[index]), float(self.surplus[index]))


@dataclass(frozen=True)
class Worth:
    """Least cost from the beginning of each interval to the end, by energy on a grid."""

    energy: Floats
    dollars: Floats
    """A row for each interval and one for the end, a column for each energy."""

    def at(self, index: int, energy: Floats | float) -> Floats:
        """The least cost from an interval on, from these energies."""
        dollars: Floats = np.interp(energy, self.energy, self.dollars[index])
        return dollars


def energy_worth(horizon: Horizon, grid_wh: float) -> Worth:
    """The least cost ahead for energies about `grid_wh` apart, from the floor to full."""
    span = horizon.course.capacity - horizon.floor
    energy = np.linspace(horizon.floor, horizon.course.capacity, max(2, round(span / grid_wh) + 1))
    dollars = np.empty((len(horizon) + 1, energy.size))
    missing = np.maximum(horizon.end - energy, 0.0) / horizon.course.efficiency
    dollars[-1] = missing * max(0.0, 2.0 * float(horizon.bought.max(initial=0.0)))
    backwards = _Backwards(horizon, energy)
    for index in range(len(horizon) - 1, -1, -1):
        dollars[index] = backwards.step(index, dollars[index + 1])
    return Worth(energy, dollars)


class _Backwards:
    """One interval of the search at a time."""

    def __init__(self, horizon: Horizon, energy: Floats) -> None:
        self.horizon, self.energy = horizon, energy
        self.efficiency = horizon.course.efficiency
        self.apart = float(energy[1] - energy[0])
        self.kept = np.where(energy <= horizon.ceiling + 1e-6, 0.0, np.inf)
        self.room = (horizon.course.capacity - energy) / self.efficiency
        self.tapered = np.broadcast_to(horizon.course.accepted(energy), energy.shape)
        self.accepted = np.minimum(self.tapered, self.room)

    def step(self, index: int, ahead: Floats) -> Floats:
        """The least cost from the beginning of an interval, given that from its end."""
        if self.horizon.surplus[index] > 0.0:
            return self._surplus(index, ahead)
        return self._need(index, ahead)

    def _need(self, index: int, ahead: Floats) -> Floats:
        horizon, energy, efficiency = self.horizon, self.energy, self.efficiency
        need, price = float(horizon.need[index]), float(horizon.bought[index])
        most = min(need, horizon.course.most) / efficiency
        lowest = np.maximum(energy - most, horizon.floor)
        saved = price * efficiency
        best = np.interp(lowest, energy, ahead) - saved * (energy - lowest)
        np.minimum(best, ahead, out=best)
        down = ahead + saved * energy + self.kept
        down = _least_before(down, int(most / self.apart))
        np.minimum(best, down - saved * energy, out=best)
        if horizon.may_buy:
            self._buy(best, ahead, price, 0.0, np.zeros_like(energy))
        return best + price * need

    def _surplus(self, index: int, ahead: Floats) -> Floats:
        horizon, energy = self.horizon, self.energy
        surplus = float(horizon.surplus[index])
        stored = np.minimum(surplus, self.accepted)
        best: Floats = np.interp(energy + stored * self.efficiency, energy, ahead)
        if horizon.may_buy:
            # Buying begins where the surplus ends; beside a pack that takes no more it is nothing.
            self._buy(best, ahead, float(horizon.bought[index]), surplus, stored)
        best -= float(horizon.sold[index]) * (surplus - stored)
        return best

    def _buy(
        self, best: Floats, ahead: Floats, price: float, surplus: float, stored: Floats
    ) -> None:
        """What buying improves: to the top of the range, or to a grid point on the way."""
        energy, course = self.energy, self.horizon.course
        buying = np.minimum(surplus + course.bought, self.accepted)
        bought = np.maximum(buying - surplus, 0.0)
        top = energy + np.maximum(buying, stored) * self.efficiency
        np.minimum(best, np.interp(top, energy, ahead) + price * bought, out=best)
        first = int(np.ceil(surplus * self.efficiency / self.apart))
        last = int(min(surplus + course.bought, course.most_charged) * self.efficiency / self.apart)
        if surplus < course.most_charged and first <= last and first < energy.size:
            cost = price / self.efficiency
            up = _least_after(ahead + cost * energy, last - first)
            found = up[first:] - cost * (energy + surplus * self.efficiency)[: energy.size - first]
            # A pack that is nearly full may take less than what the window stands for.
            found[
                self.tapered[: found.size] < min(surplus + course.bought, course.most_charged)
            ] = np.inf
            target = best[: found.size]
            np.minimum(target, found, out=target)


def _least_before(values: Floats, count: int) -> Floats:
    """For each place the least of its value and the `count` before it."""
    return _least_after(values[::-1], count)[::-1]


def _least_after(values: Floats, count: int) -> Floats:
    """For each place the least of its value and the `count` after it, by doubling."""
    width, least = 1, values.copy()
    while 2 * width <= count + 1:
        least[:-width] = np.minimum(least[:-width], least[width:])
        width *= 2
    rest = count + 1 - width
    if 0 < rest < least.size:
        least[:-rest] = np.minimum(least[:-rest], least[rest:])
    return least
