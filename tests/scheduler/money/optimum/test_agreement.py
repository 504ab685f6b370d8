"""Bill, physics and optimum agree: a schedule costs what it costs, whoever counts."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from billed import tariff
from yearly import HOUR, START

from rules.battery import Battery
from rules.resolve import Limits
from scheduler.errors import BillRefused
from scheduler.money import IntervalData
from scheduler.money.bill import BillCalculator, Export, Plan
from scheduler.money.optimum import Costs, lever_optimum, optimum

LIMITS = Limits(reserve_floor=20)
BATTERY = Battery()


def data_of(sun_w: float, days: int = 45) -> IntervalData:
    chance = np.random.default_rng(4)
    hour = np.arange(days * 24) % 24
    load = chance.uniform(200, 2500, days * 24)
    sun = np.sin((hour - 14) / 10 * np.pi).clip(0) * (hour > 14) * sun_w
    zone = ZoneInfo("America/Los_Angeles")
    return IntervalData(START, HOUR, zone, load.tolist(), sun.tolist())


@pytest.mark.parametrize("sun_w", [2000.0, 9000.0])
@pytest.mark.parametrize(
    "plan",
    [
        Plan(tariff("sce-tou-d-prime"), Export.FLAT, export_price=0.05),
        Plan(tariff("sce-tou-d-prime"), Export.NEM2_BY_INTERVAL, prices_of=date(2025, 6, 1)),
        Plan(
            tariff("sce-tou-d-4-9pm"),
            Export.NEM2_BY_INTERVAL,
            baseline_region="10",
            prices_of=date(2025, 6, 1),
        ),
    ],
    ids=["flat", "NEM2", "NEM2 with a baseline"],
)
def test_a_schedule_costs_what_its_bill_is(plan: Plan, sun_w: float) -> None:
    data = data_of(sun_w)
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    costs = Costs.of(calculator)
    levers = lever_optimum(data, costs, BATTERY, LIMITS)
    assert calculator.bill(levers.metered).total == pytest.approx(levers.dollars, abs=0.01)
    least = optimum(data, costs, BATTERY, LIMITS)
    assert calculator.bill(least.metered).total == pytest.approx(least.dollars, abs=0.01)
    assert least.dollars <= levers.dollars + 0.005


def test_a_plan_without_a_price_for_every_interval_is_refused() -> None:
    data = data_of(2000.0, days=3)
    plan = Plan(tariff("sce-tou-d-prime"), Export.NEM2_BY_MONTH, prices_of=date(2025, 6, 1))
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    with pytest.raises(BillRefused, match="say nem2-by-interval"):
        Costs.of(calculator)
