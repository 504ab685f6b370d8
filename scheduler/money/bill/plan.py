"""How a home is billed: its tariff, what its export earns, and what the owner chose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from rules.inputs import PriceSeries
from rules.terms import BillTariff
from scheduler.money.bill.export_credits import ExportCredits, read_export_credits


class Export(StrEnum):
    """What exported energy earns.

    Net metering of the second kind has two readings. That which every credit lacks, the
    non-bypassable charges, is due on what is imported in each metered interval (CPUC D.16-01-044)
    or, as some calculators have it (NREL's Utilityrate5, option "net energy metering"), on what
    the month imports net in each period. They differ by some ten percent of a bill, so each is an
    arrangement of its own.
    """

    NONE = "none"
    FLAT = "flat"
    SERIES = "series"
    """The export prices of the price file."""
    NEM1 = "nem1"
    NEM2_BY_INTERVAL = "nem2-by-interval"
    NEM2_BY_MONTH = "nem2-by-month"
    NBT = "nbt"
    """Hourly credits by vintage: the net billing tariff of California."""

    @property
    def is_net_metering(self) -> bool:
        """Whether export is worth what import costs, and is settled after 12 months."""
        return self in (Export.NEM1, Export.NEM2_BY_INTERVAL, Export.NEM2_BY_MONTH)

    @property
    def is_nem2(self) -> bool:
        """Whether it is one of the readings of the second net metering."""
        return self in (Export.NEM2_BY_INTERVAL, Export.NEM2_BY_MONTH)

    @property
    def leaves_some_due(self) -> bool:
        """Whether a part of every imported kWh is due whatever was exported."""
        return self.is_nem2 or self is Export.NBT


NO_BASELINE = "none"
"""The baseline region of a home that has no baseline credit although its tariff knows one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A home's contract.

    `baseline_region` is one of the tariff's, or "none". `vintage` is the year of interconnection
    and `credits` the table of hourly credits: net billing needs both; `credits_of` takes the
    credits of that year for every date. `export_price` is that of a flat arrangement, if the
    tariff has none. `prices` fills a tariff whose prices come from a file. `prices_of` bills every
    date with the prices and charges in force on that day; without it, dates before the tariff's
    first version are refused. `fixed_per_day` and `non_bypassable` (per kWh) stand in for what the
    tariff does not know. A billing month begins on `billing_day` (1 to 28). A relevant period is
    12 billing months from the one with the day `relevant_period`, or from the first.
    """

    tariff: BillTariff
    export: Export = Export.NONE
    baseline_region: str | None = None
    vintage: int | None = None
    credits: ExportCredits | None = None
    credits_of: int | None = None
    export_price: float | None = None
    prices: PriceSeries | None = None
    prices_of: date | None = None
    fixed_per_day: float | None = None
    non_bypassable: float | None = None
    billing_day: int = 1
    relevant_period: date | None = None


def with_credits(plan: Plan) -> Plan:
    """The plan with the credits of the file that its tariff names, where it needs any.

    Raises `BillRefused` for a file that is none.
    """
    rules = plan.tariff.terms.nbt
    if plan.export is not Export.NBT or plan.credits is not None or rules is None:
        return plan
    return (
        plan if rules.credits is None else replace(plan, credits=read_export_credits(rules.credits))
    )
