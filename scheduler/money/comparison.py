"""Schedules beside each other: what flowed under each, its bill, what is left of it, what it saves.

A year may end with another energy in the battery than it began with, and no bill knows of that.
So that a schedule does not look cheap because it has emptied the battery, what is left counts in
every comparison, at the mean price of what a home without battery buys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scheduler.money.backtest import Backtest, Flows, Site, self_consumption, without_battery
from scheduler.money.bill import Bill, BillCalculator

SELF_CONSUMPTION: Final = "self-consumption"
NO_BATTERY: Final = "no battery"

CENT: Final = 0.005
"""A sum that is smaller is none."""

UNCERTAINTY: Final = (0.015, 0.035)
"""By how much of a schedule's saving over no battery the model may say too much. NREL's battery
(PySAM 7.1.1), whose losses grow with the current, saves so much less on the same schedules."""

WH_PER_KWH = 1000.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """What flowed under a name, with its bill; `found` where rules made it.

    `left` is what the energy is worth that is in the battery at the end, and was not at first;
    negative where there is less.
    """

    name: str
    flows: Flows
    bill: Bill
    found: Backtest | None = None
    left: float = 0.0

    @property
    def cost(self) -> float:
        """The bill less what is left: what schedules are compared by."""
        return self.bill.total - self.left


@dataclass(frozen=True, slots=True)
class Saving:
    """What a schedule saves over no battery, and by how much that may be too much."""

    sum: float
    at_least: float
    at_most: float


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much less a schedule costs than self-consumption, and what may be so.

    What both do with the battery in the same interval loses the same in both; the losses of the
    rest are uncertain, each by itself. So the true sum is from `low` to `high`.
    """

    sum: float
    low: float
    high: float


class Comparison:
    """Schedules of one site under one plan, beside self-consumption and no battery.

    `reserve` is what self-consumption keeps, in app percent.
    """

    def __init__(self, site: Site, calculator: BillCalculator, reserve: int) -> None:
        self.site, self.calculator = site, calculator
        bare = without_battery(site)
        self.kwh_worth = _mean_price(calculator, bare)
        self._none = self.schedule(NO_BATTERY, bare)
        self._alone = self.schedule(SELF_CONSUMPTION, self_consumption(site, reserve))

    def schedule(self, name: str, flows: Flows, found: Backtest | None = None) -> Schedule:
        """A schedule with its bill and what is left."""
        battery = self.site.battery
        more = flows.energies.stored[-1] - battery.energy(self.site.soe)
        left = more * battery.efficiency / WH_PER_KWH * self.kwh_worth
        return Schedule(name, flows, self.calculator.bill(flows.metered), found, left)

    def beside(self, ours: Sequence[Schedule]) -> list[Schedule]:
        """Schedules, then the battery left to itself, then no battery at all."""
        return [*ours, self._alone, self._none]


def saving_of(schedule: Schedule, schedules: Sequence[Schedule]) -> Saving:
    """The saving over no battery, the last of the schedules."""
    found = schedules[-1].cost - schedule.cost
    less, more = UNCERTAINTY
    return Saving(found, abs(found) * less, abs(found) * more)


def gain_of(schedule: Schedule, schedules: Sequence[Schedule]) -> Gain:
    """The gain over self-consumption, the last but one of the schedules."""
    alone = schedules[-2]
    apart = _apart(schedule.flows, alone.flows)
    ours, theirs = (abs(saving_of(each, schedules).sum) for each in (schedule, alone))
    found, (less, more) = alone.cost - schedule.cost, UNCERTAINTY
    # What is too much: a share of ours, less one of theirs, and the same one of what both do.
    common, own, other = (1.0 - apart) * (ours - theirs), apart * ours, apart * theirs
    rising = common + own
    most = max(rising * less, rising * more) - other * less
    least = min(rising * less, rising * more) - other * more
    return Gain(found, found - most, found - least)


def _apart(ours: Flows, theirs: Flows) -> float:
    """Which share of what goes through the battery is not in the same interval in both, 0 to 1."""
    apart = both = 0.0
    for series in ("charged", "discharged"):
        for one, other in zip(
            getattr(ours.energies, series), getattr(theirs.energies, series), strict=True
        ):
            apart += abs(one - other)
            both += one + other
    return apart / both if both else 0.0


def _mean_price(calculator: BillCalculator, bare: Flows) -> float:
    """Of the kWh that a home without battery buys; of the time, where it buys none."""
    prices, bought = calculator.prices().imported, bare.energies.imported
    total = sum(bought)
    if not total:
        return sum(prices) / len(prices)
    return sum(price * wh for price, wh in zip(prices, bought, strict=True)) / total
