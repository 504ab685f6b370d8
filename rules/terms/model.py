"""What a bill needs of a tariff beside its hours and prices: charges, baseline, what export earns.

Money is in the tariff's currency, energy in kWh. Nothing here decides anything about the battery:
rules compare prices of a kilowatt hour and know nothing of the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from rules.calendar import HolidayRule, Tariff


@dataclass(frozen=True, slots=True)
class MonthlyCredit:
    """A sum taken off the bill in certain months of every year, such as a climate credit."""

    name: str
    months: frozenset[int]
    amount: float


@dataclass(frozen=True, slots=True)
class DemandCharge:
    """A price for each kW of the highest quarter of an hour of a month, in these periods or all."""

    price_per_kw: float
    periods: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Charges:
    """What is charged from a date on beside the prices; each replaces the one before as a whole.

    `non_bypassable` is that part of every price, by name, which credits for export cannot pay;
    `None` where it is not known.
    """

    effective: date
    fixed_per_day: float = 0.0
    minimum_per_day: float = 0.0
    baseline_credit: float = 0.0
    non_bypassable: Mapping[str, float] | None = None
    credits: tuple[MonthlyCredit, ...] = ()
    demand: DemandCharge | None = None


@dataclass(frozen=True, slots=True)
class NetBilling:
    """Hourly credits for export, by the year of interconnection.

    With `keeps` an unused credit goes on into the next relevant period of 12 months, else it ends
    with its own. With `apart` a credit for delivery pays delivery only, and one for generation
    generation. `acc_plus` is an adder for each exported kWh by year of interconnection, which may
    pay anything; `acc_plus_keeps` is `None` where the tariff does not tell what becomes of its
    rest. `holidays` are those of the table of credits; `credits` is the file of the table, if the
    tariff names one.
    """

    source: str
    keeps: bool
    apart: bool = False
    acc_plus: Mapping[int, float] = field(default_factory=dict)
    acc_plus_keeps: bool | None = None
    holidays: HolidayRule = field(default_factory=HolidayRule)
    credits: Path | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """Prices that come from a price file: how long one holds, and where they are published."""

    step: timedelta
    prices_from: str


@dataclass(frozen=True, slots=True)
class Terms:
    """All of it. `baseline` is region -> season -> kWh a day.

    `nem1` and `nem2` are the sources of the two kinds of net metering, where the tariff has them;
    `flat` is one price for every exported kWh. With a `series` the tariff has no hours and prices
    of its own.
    """

    charges: tuple[Charges, ...] = ()
    baseline: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    nem1: str | None = None
    nem2: str | None = None
    nbt: NetBilling | None = None
    flat: float | None = None
    series: Series | None = None


@dataclass(frozen=True, slots=True)
class BillTariff:
    """A tariff with all that a bill needs of it; its prices may come from a price file."""

    tariff: Tariff
    terms: Terms

    @property
    def has_prices(self) -> bool:
        """Whether the tariff has prices of its own."""
        return self.terms.series is None
