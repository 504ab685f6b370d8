"""What energy costs in each interval, as arrays: all that an optimum knows of a tariff.

Everything here is a convex function of what is bought and sold, so that a linear program can
minimise it: prices of each interval, a month's allowance at a credit, and a floor under the whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scheduler.money.lanes import Floats

WH_PER_KWH = 1000.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """A month's first `kwh` cost `credit` less each: the Californian baseline.

    The month is the intervals from `first` up to, without, `end`. What counts is what is bought; with
    `net` what is bought less what is sold, and then a month that sells more than it buys owes
    the credit for the difference.
    """

    first: int
    end: int
    kwh: float
    credit: float
    net: bool = False


@dataclass(frozen=True)
class Prices:
    """Prices per kWh of each interval, for what is bought and for what is sold.

    `fixed` is added whatever is done. `floor` is the least that the rest can come to, credits
    included, as where a year's surplus of credits is not paid out; none where it is.
    Raises `ValueError` if the two series differ in length.
    """

    bought: Floats
    sold: Floats
    allowances: tuple[Allowance, ...] = ()
    fixed: float = 0.0
    floor: float | None = None

    def __post_init__(self) -> None:
        if self.bought.shape != self.sold.shape or self.bought.ndim != 1:
            raise ValueError("prices for what is bought and what is sold must be of one length")

    def __len__(self) -> int:
        return len(self.bought)

    def cost(self, imported_wh: npt.ArrayLike, exported_wh: npt.ArrayLike) -> float:
        """The bill of what a meter counted in each interval."""
        imported = np.asarray(imported_wh, dtype=np.float64) / WH_PER_KWH
        exported = np.asarray(exported_wh, dtype=np.float64) / WH_PER_KWH
        energy = float(self.bought @ imported - self.sold @ exported)
        for each in self.allowances:
            month = slice(each.first, each.end)
            used = float(imported[month].sum())
            if each.net:
                used -= float(exported[month].sum())
            energy -= each.credit * min(each.kwh, used)
        if self.floor is not None:
            energy = max(self.floor, energy)
        return self.fixed + energy
