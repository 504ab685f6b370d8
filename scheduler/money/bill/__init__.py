"""The bill: metered energy, a tariff and a plan in; months of items out, and what a kWh is worth.

`plan` says how a home is billed, `terms_in_force` which prices and charges hold on a date, `layout`
puts both over a row of intervals, `itemise` and `settlement` make the bill, `calculator` is where
to begin. Nothing here needs numpy.
"""

from scheduler.money.bill.calculator import BillCalculator, MonthTerms, Prices, bill
from scheduler.money.bill.export_credits import ExportCredits, Hourly, read_export_credits
from scheduler.money.bill.plan import NO_BASELINE, Export, Plan, with_credits
from scheduler.money.bill.statement import Bill, BillMonth, Item, Kind

__all__ = [
    "NO_BASELINE",
    "Bill",
    "BillCalculator",
    "BillMonth",
    "Export",
    "ExportCredits",
    "Hourly",
    "Item",
    "Kind",
    "MonthTerms",
    "Plan",
    "Prices",
    "bill",
    "read_export_credits",
    "with_credits",
]
