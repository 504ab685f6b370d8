"""What energy costs in each interval, as arrays: all that an optimum knows of a bill.

Everything here is a convex function of what is bought and sold, so that a linear program can
minimise it. A bill that is not has its least part here: minimum and demand charges are left out,
and credit of an earlier month pays for a later one as if the year were one account. So what is
least here is not more than the least bill, and the bill of a schedule is for the bill to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from scheduler.errors import BillRefused
from scheduler.money.bill import BillCalculator, Export
from scheduler.money.lanes import Floats

WH_PER_KWH = 1000.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """The first `kwh` of a month cost `credit` less each: the Californian baseline.

    The month is the intervals from `first` up to, without, `end`. What counts is what is bought;
    with `net` what is bought less what is sold, if that is more than nothing.
    """

    first: int
    end: int
    kwh: float
    credit: float
    net: bool = False

    def used(self, imported: Floats, exported: Floats) -> float:
        """What counts of these kWh, negative where a month sells more than it buys."""
        month = slice(self.first, self.end)
        bought = float(imported[month].sum())
        return bought - float(exported[month].sum()) if self.net else bought


@dataclass(frozen=True)
class Costs:
    """Prices per kWh of each interval, for what is bought and for what is sold.

    `fixed` is due whatever is done. `due` is the part of the price of what is bought that no credit
    pays: where it is given, what credits leave unused is not paid out. Raises `ValueError` if
    series differ in length.
    """

    bought: Floats
    sold: Floats
    allowances: tuple[Allowance, ...] = ()
    fixed: float = 0.0
    due: Floats | None = field(default=None)

    def __post_init__(self) -> None:
        every = (self.bought, self.sold, *([] if self.due is None else [self.due]))
        if any(each.shape != self.bought.shape or each.ndim != 1 for each in every):
            raise ValueError("prices of what is bought and of what is sold must be of one length")

    def __len__(self) -> int:
        return len(self.bought)

    @classmethod
    def of(cls, calculator: BillCalculator) -> Self:
        """The costs of a plan. Raises `BillRefused` where an interval's price is not its own."""
        export = calculator.plan.export
        if export is Export.NEM2_BY_MONTH:
            raise BillRefused(
                "an optimum needs a price for every interval, and nem2-by-month nets them by month:"
                " say nem2-by-interval"
            )
        prices, months = calculator.prices(), calculator.months()
        due = None
        if export.is_net_metering or export is Export.NBT:
            due = np.zeros(len(prices.imported))
            for month in months:
                due[month.first : month.last] = month.non_bypassable
        return cls(
            np.array(prices.imported),
            np.array(prices.exported),
            tuple(
                Allowance(
                    each.first,
                    each.last,
                    each.baseline_kwh,
                    each.baseline_credit,
                    export.is_net_metering,
                )
                for each in months
                if each.baseline_kwh and each.baseline_credit
            ),
            sum(month.fixed for month in months),
            due,
        )

    def dollars(self, imported_wh: npt.ArrayLike, exported_wh: npt.ArrayLike) -> float:
        """What it costs to buy and sell this in each interval."""
        imported = np.asarray(imported_wh, dtype=np.float64) / WH_PER_KWH
        exported = np.asarray(exported_wh, dtype=np.float64) / WH_PER_KWH
        energy = float(self.bought @ imported - self.sold @ exported)
        for each in self.allowances:
            used = max(0.0, each.used(imported, exported))
            energy -= each.credit * min(each.kwh, used)
        if self.due is not None:
            energy = max(float(self.due @ imported), energy)
        return self.fixed + energy
