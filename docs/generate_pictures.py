"""The README's pictures of a backtest: `python docs/generate_pictures.py` draws them anew.

A year of a home that never was under an example's rules, at a flat price for what it sells.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from rules.language import find_tariff, load_rules
from rules.terms import load_bill_tariff
from scheduler.household import Household
from scheduler.money.backtest import Site, backtest, reserve_of
from scheduler.money.bill import BillCalculator, Export, Plan
from scheduler.money.comparison import Comparison
from scheduler.money.intervals import synthetic_year
from scheduler.money.report import Report, bill_picture, week_picture

HERE = Path(__file__).parent
RULES = HERE.parent / "examples" / "tou_sce.toml"
YEAR, STEP = 2026, timedelta(minutes=15)
EXPORT_PRICE = 0.06
PRICES_OF = date(YEAR, 6, 1)
SEASON = "summer"


def example() -> Report:
    """The backtest that the pictures show."""
    rules = load_rules([RULES])
    data = synthetic_year(Household.in_zone(1, rules.almanac.zone), YEAR, STEP)
    site = Site(data)
    plan = Plan(
        load_bill_tariff(find_tariff("sce-tou-d-prime", HERE)),
        Export.FLAT,
        export_price=EXPORT_PRICE,
        prices_of=PRICES_OF,
    )
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    found = backtest(site, rules)
    compared = Comparison(site, calculator, reserve_of(rules))
    schedules = compared.beside([compared.schedule(RULES.stem, found.flows, found)])
    prices = calculator.prices()
    return Report(site, schedules, plan.tariff.tariff, prices, compared.kwh_worth)


if __name__ == "__main__":
    told = example()
    (HERE / "bill.svg").write_text(bill_picture(told), "utf-8")
    (HERE / "week.svg").write_text(week_picture(told, SEASON), "utf-8")
