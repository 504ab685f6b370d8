"""The terms of a tariff: what a bill needs of it beside hours and prices.

They stand in the tariff's file. Rules and the daemon do not look at them, and do not import this.
"""

from rules.terms.file import TermsFile, bill_tariff_of, load_bill_tariff
from rules.terms.model import (
    BillTariff,
    Charges,
    DemandCharge,
    MonthlyCredit,
    NetBilling,
    Series,
    Terms,
)

__all__ = [
    "BillTariff",
    "Charges",
    "DemandCharge",
    "MonthlyCredit",
    "NetBilling",
    "Series",
    "Terms",
    "TermsFile",
    "bill_tariff_of",
    "load_bill_tariff",
]
