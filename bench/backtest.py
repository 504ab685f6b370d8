"""How long a year's backtest takes, and how much memory: `python bench/backtest.py`.

A year at 5-minute steps of a household that never was: the engine, the controller with everything
it guards, the physics and the bill. Each figure is the least of several runs, in processor time:
other programs want this machine, too.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from rule_kinds import BASE, plan_of
from rule_kinds import realistic as every_kind
from year import plain

from rules.engine import RuleSet
from rules.inputs import DatedValue, PriceSeries, PriceSlot
from rules.language import load_rules, shipped
from rules.terms import load_bill_tariff
from scheduler.household import Household
from scheduler.money import MeteredEnergy
from scheduler.money.backtest import (
    Outside,
    Raised,
    Site,
    backtest,
    self_consumption,
    without_battery,
)
from scheduler.money.bill import BillCalculator, Export, Plan
from scheduler.money.intervals import synthetic_year

T = TypeVar("T")
ZONE = ZoneInfo("America/Los_Angeles")
STEP = timedelta(minutes=5)
EXAMPLES = Path(__file__).parents[1] / "examples"
RUNS = 5


def best(work: Callable[[], T]) -> tuple[float, T]:
    """The least seconds of several runs, and what came of it."""
    least = float("inf")
    for _ in range(RUNS):
        began = time.process_time()
        found = work()
        least = min(least, time.process_time() - began)
    return least, found


def outside(site: Site) -> Outside:
    """Half-hourly prices, a forecast every three hours, and a flag now and then."""
    start, end, half = site.data.start, site.data.end, timedelta(minutes=30)
    slots = [
        PriceSlot(start + n * half, start + (n + 1) * half, 0.1 + 0.4 * (n * 37 % 48) / 48, 0.1)
        for n in range((end - start) // half)
    ]
    three = timedelta(hours=3)
    values = [
        DatedValue(10.0 + n * 7 % 40, start + n * three) for n in range((end - start) // three)
    ]
    month = timedelta(days=30)
    storms = [Raised(start + n * month, start + n * month + 2 * half) for n in range(12)]
    return Outside.of({"storm": storms}, {"sun": values}, PriceSeries(slots))


def rules_of(text: str) -> RuleSet:
    """The rules in a text that has its base."""
    return plan_of(text.removeprefix(BASE)).rules


if __name__ == "__main__":
    data = synthetic_year(Household.in_zone(1, ZONE), 2026, STEP)
    bare = Site(data)
    told = Site(data, outside=outside(bare))
    plan = Plan(
        load_bill_tariff(shipped()["sce-tou-d-prime"]),
        Export.NEM2_BY_INTERVAL,
        prices_of=date(2025, 7, 1),
    )
    calculator = BillCalculator(plan, data.start, data.step, len(data))

    def billed(metered: MeteredEnergy) -> float:
        """The bill's total."""
        return calculator.bill(metered).total

    for name, rules, site, goal in (
        ("20 realistic rules", rules_of(plain()), bare, "(goal 0.7 s)"),
        ("20 realistic rules of every kind", rules_of(every_kind(20)), told, ""),
        ("tou_sce.toml", load_rules([EXAMPLES / "tou_sce.toml"]), bare, ""),
    ):
        seconds, found = best(partial(backtest, site, rules))
        price, total = best(partial(billed, found.flows.metered))
        print(
            f"a year, {name:33}{seconds + price:6.2f} s {goal} {price:.3f} s of it the bill of"
            f" {total:,.2f}; {found.ticks:,} ticks, {len(found.writes):,} writes"
        )
    for name, alone in (
        ("self-consumption", lambda: self_consumption(bare, 20)),
        ("no battery", lambda: without_battery(bare)),
    ):
        seconds, flows = best(alone)
        print(f"a year, {name:33}{seconds:6.2f} s; {billed(flows.metered):,.2f}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at most {memory:,.0f} MB (goal 300 MB)")
