"""How long a year's bill takes: `python bench/bill.py`.

Processor time for 105,120 intervals of five minutes under each arrangement, the best of several:
once for a plan and its intervals (the calculator), and then for each schedule that is billed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

from rules.language import shipped
from rules.terms import load_bill_tariff
from scheduler.money import MeteredEnergy
from scheduler.money.bill import BillCalculator, Export, ExportCredits, Plan

RUNS = 5
STEP = timedelta(minutes=5)
COUNT = 365 * 288
GOAL_MS = 100


def best_ms(call: Callable[[], object]) -> float:
    """The shortest of several runs."""
    taken = []
    for _ in range(RUNS):
        start = process_time()
        call()
        taken.append((process_time() - start) * 1000)
    return min(taken)


def main() -> None:
    """Print a line for each arrangement."""
    chance = random.Random(1)  # noqa: S311 -- no secret
    start = datetime(2026, 1, 1, tzinfo=ZoneInfo("America/Los_Angeles")).astimezone(UTC)
    net = [chance.uniform(-300.0, 300.0) for _ in range(COUNT)]
    metered = MeteredEnergy(
        start, STEP, [max(0.0, each) for each in net], [max(0.0, -each) for each in net]
    )
    hours = tuple((0.02 + hour / 1000, 0.05 + hour / 500) for hour in range(24))
    table = ExportCredits("made up", {2026: ((hours, hours),) * 12, 2027: ((hours, hours),) * 12})
    tariff = load_bill_tariff(shipped()["sce-tou-d-prime"])
    print(f"a year of 5 minutes, goal {GOAL_MS} ms together")
    for export in (Export.NONE, Export.NEM2_BY_INTERVAL, Export.NEM2_BY_MONTH, Export.NBT):
        plan = Plan(tariff, export, vintage=2025, credits=table, prices_of=date(2025, 6, 1))
        calculator = BillCalculator(plan, start, STEP, COUNT)

        def made(plan: Plan = plan) -> BillCalculator:
            return BillCalculator(plan, start, STEP, COUNT)

        once = best_ms(made)
        each = best_ms(lambda calculator=calculator: calculator.bill(metered))
        prices = best_ms(calculator.prices)
        print(f"{export:17} calculator {once:5.1f}  bill {each:5.1f}  prices {prices:5.1f}")


if __name__ == "__main__":
    main()
