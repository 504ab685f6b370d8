"""Bill, physics and optimum agree: a schedule costs what it costs, whoever counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from backtesting import rules_of
from billed import CALIFORNIA, tariff
from four_levers import FOUR_LEVERS
from yearly import HOUR, START

from rules.battery import Battery
from rules.domain import Mode, Setting
from rules.resolve import Limits
from scheduler.domain import Safety
from scheduler.money import IntervalData
from scheduler.money.backtest import Site, backtest, self_consumption
from scheduler.money.bill import BillCalculator, Export, ExportCredits, Plan
from scheduler.money.optimum import Costs, lever_optimum, optimum, optimum_selling_sun

LIMITS = Limits(reserve_floor=20)
BATTERY = Battery()
JUNE = date(2025, 6, 1)
DAY = tuple((0.02, 0.5 if hour == 18 else 0.05) for hour in range(24))
CREDITS = ExportCredits("made up", {2026: ((DAY, DAY),) * 12})
"""Delivery and generation of each hour; for one of the evening selling earns more than buying."""

PLANS = {
    "flat": Plan(tariff("sce-tou-d-prime"), Export.FLAT, export_price=0.05),
    "flat, baseline": Plan(
        tariff("pge-e-tou-c"), Export.FLAT, baseline_region="X", export_price=0.05
    ),
    "NEM2": Plan(tariff("sce-tou-d-prime"), Export.NEM2_BY_INTERVAL, prices_of=JUNE),
    "NEM2, baseline": Plan(
        tariff("sce-tou-d-4-9pm"), Export.NEM2_BY_INTERVAL, baseline_region="10", prices_of=JUNE
    ),
    "NEM2 by month": Plan(tariff("sce-tou-d-prime"), Export.NEM2_BY_MONTH, prices_of=JUNE),
    "NEM2 by month, baseline": Plan(
        tariff("sce-tou-d-4-9pm"), Export.NEM2_BY_MONTH, baseline_region="10", prices_of=JUNE
    ),
    "NBT": Plan(
        tariff("sce-tou-d-prime"), Export.NBT, vintage=2026, credits=CREDITS, prices_of=JUNE
    ),
}
every_plan = pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())


def data_of(sun_w: float, days: int = 45) -> IntervalData:
    """A home whose sun shines from 07:00 to 17:00 of winter time."""
    chance = np.random.default_rng(4)
    hour = np.arange(days * 24) % 24
    load = chance.uniform(200, 2500, days * 24)
    sun = np.sin((hour - 14) / 10 * np.pi).clip(0) * (hour > 14) * sun_w
    zone = ZoneInfo("America/Los_Angeles")
    return IntervalData(START, HOUR, zone, load.tolist(), sun.tolist())


@pytest.mark.parametrize("sun_w", [2000.0, 9000.0])
@every_plan
def test_a_schedule_costs_what_its_bill_is(plan: Plan, sun_w: float) -> None:
    data = data_of(sun_w)
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    given = (data, Costs.of(calculator), BATTERY, LIMITS)
    levers, least, looser = lever_optimum(*given), optimum(*given), optimum_selling_sun(*given)
    for found in (levers, least, looser):
        billed = calculator.bill(found.metered).total
        if plan.export is Export.NBT and sun_w == 9000.0:
            # Credit of April is left over, and on a bill it does not pay for March.
            assert found.dollars < billed - 1.0
        else:
            assert billed == pytest.approx(found.dollars, abs=0.01)
    assert least.dollars <= levers.dollars + 0.005
    assert looser.dollars <= least.dollars + 0.005


HOLD_FOR_THE_PEAK = """
[[rule]]
name = "keep the sun for the evening"
while = { time = "00:00-16:00" }
set = { battery = "hold" }
"""


@every_plan
def test_rules_that_do_what_the_optimum_does_cost_what_it_costs(plan: Plan) -> None:
    """In February the sun fills the battery by 16:00, and the peak takes more than there is.

    So the least bill is to keep the sun of the day for the evening. Hours without sun take nothing
    but what a cheaper hour could not have given: the battery is empty when the peak ends.
    """
    start = datetime(2026, 2, 1, tzinfo=CALIFORNIA)
    hour = np.arange(28 * 24) % 24
    load = np.where((hour >= 16) & (hour < 21), 4000.0, 600.0)
    sun = np.where((hour >= 9) & (hour < 15), 3600.0, 0.0)
    data = IntervalData(start, HOUR, CALIFORNIA, load.tolist(), sun.tolist())
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    permitted = Limits(grid_charging=False, reserve_floor=20)
    least = optimum(data, Costs.of(calculator), BATTERY, permitted)

    safety = Safety(20, Setting(Mode.SELF_CONSUMPTION, 20), grid_charging=False)
    site = Site(data, BATTERY, 20.0, safety, FOUR_LEVERS)
    found = backtest(site, rules_of(HOLD_FOR_THE_PEAK))
    billed = calculator.bill(found.flows.metered).total
    assert billed == pytest.approx(least.dollars, abs=0.005)
    assert billed == pytest.approx(calculator.bill(least.metered).total, abs=0.005)
    assert billed < calculator.bill(self_consumption(site, 20).metered).total


def test_an_account_comes_to_its_minimum_at_least() -> None:
    """A home whose sun pays for everything: then the bill is the minimum, whatever is done."""
    data = replace(data_of(9000.0), load_w=[300.0] * (45 * 24))
    calculator = BillCalculator(PLANS["NEM2 by month, baseline"], data.start, data.step, len(data))
    costs = Costs.of(calculator)
    least = optimum(data, costs, BATTERY, LIMITS)
    assert least.dollars == pytest.approx(costs.fixed + costs.minimum)
    assert calculator.bill(least.metered).total == pytest.approx(least.dollars, abs=0.005)
