"""What energy costs in each interval, as arrays: all that an optimum knows of a bill.

Everything here is a convex function of what is bought and sold, so that a linear program can
minimise it. A bill that is not has its least part here: demand charges are left out, minimum
charges too unless they are those of a net metering account, and credit of any month pays for any
other as if all were one account. So what is least here is not more than the least bill, and the
bill of a schedule is for the bill to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt

from scheduler.money.bill import BillCalculator, Export, MonthTerms
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


@dataclass(frozen=True, slots=True, eq=False)
class Netted:
    """What a month buys net in one period costs `per_kwh` more, and no credit pays that.

    `intervals` are those of the month and the period, by number.
    """

    intervals: npt.NDArray[np.int64]
    per_kwh: float

    def net(self, imported: Floats, exported: Floats) -> float:
        """What these kWh come to, negative where more is sold than bought."""
        return float((imported - exported)[self.intervals].sum())


@dataclass(frozen=True)
class Costs:
    """Prices per kWh of each interval, for what is bought and for what is sold.

    `fixed` is due whatever is done. `due` is the part of the price of what is bought that no credit
    pays, but for `bonus`, the part of what is sold that pays anything. Where `due` is given, what
    credits leave unused is not paid out, and all of the energy comes to `minimum` at least. Raises
    `ValueError` if series differ in length.
    """

    bought: Floats
    sold: Floats
    allowances: tuple[Allowance, ...] = ()
    fixed: float = 0.0
    due: Floats | None = field(default=None)
    bonus: Floats | None = field(default=None)
    netted: tuple[Netted, ...] = ()
    minimum: float = 0.0

    def __post_init__(self) -> None:
        parts = [each for each in (self.due, self.bonus) if each is not None]
        every = (self.bought, self.sold, *parts)
        if any(each.shape != self.bought.shape or each.ndim != 1 for each in every):
            raise ValueError("prices of what is bought and of what is sold must be of one length")

    def __len__(self) -> int:
        return len(self.bought)

    @classmethod
    def of(cls, calculator: BillCalculator) -> Self:
        """The costs of a plan."""
        export, months = calculator.plan.export, calculator.months()
        prices = calculator.prices()
        bought, sold = np.array(prices.imported), np.array(prices.exported)
        due, bonus, minimum = None, None, 0.0
        netted: tuple[Netted, ...] = ()
        if export is Export.NEM2_BY_MONTH:
            # What is sold takes from what was bought in its period, and is worth as much.
            netted = tuple(_netted(bought - sold, np.array(prices.group)))
            bought, due = sold.copy(), np.zeros(sold.size)
        elif export.is_net_metering or export is Export.NBT:
            due = _by_interval(months, sold.size, [each.non_bypassable for each in months])
        always = sum(each.fixed + each.taken_off for each in months)
        if export.is_net_metering:
            minimum = max(0.0, sum(each.minimum for each in months) - always)
        elif export is Export.NBT:
            bonus = _by_interval(months, sold.size, [each.acc_plus for each in months])
            minimum = -always
        return cls(
            bought,
            sold,
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
            sum(each.fixed for each in months),
            due,
            bonus,
            netted,
            minimum,
        )

    def dollars(self, imported_wh: npt.ArrayLike, exported_wh: npt.ArrayLike) -> float:
        """What it costs to buy and sell this in each interval."""
        imported = np.asarray(imported_wh, dtype=np.float64) / WH_PER_KWH
        exported = np.asarray(exported_wh, dtype=np.float64) / WH_PER_KWH
        return self.fixed + self.after_credits(
            self.energy(imported, exported), self.unpaid(imported, exported)
        )

    def energy(self, imported: Floats, exported: Floats) -> float:
        """What these kWh cost, before it is asked whether a credit is left over."""
        dollars = float(self.bought @ imported - self.sold @ exported)
        dollars += self._of_groups(imported, exported)
        for each in self.allowances:
            used = max(0.0, each.used(imported, exported))
            dollars -= each.credit * min(each.kwh, used)
        return dollars

    def unpaid(self, imported: Floats, exported: Floats) -> float:
        """What no credit pays of these kWh."""
        due = 0.0 if self.due is None else float(self.due @ imported)
        paid = 0.0 if self.bonus is None else float(self.bonus @ exported)
        return due - paid + self._of_groups(imported, exported)

    def after_credits(self, energy: float, unpaid: float) -> float:
        """What energy comes to, if it costs so much of which no credit pays some."""
        return energy if self.due is None else max(energy, unpaid, self.minimum)

    def _of_groups(self, imported: Floats, exported: Floats) -> float:
        return sum(each.per_kwh * max(0.0, each.net(imported, exported)) for each in self.netted)


def _by_interval(months: Sequence[MonthTerms], count: int, values: Sequence[float]) -> Floats:
    """A value of each month for its intervals."""
    found = np.zeros(count)
    for month, value in zip(months, values, strict=True):
        found[month.first : month.last] = value
    return found


def _netted(surcharge: Floats, group: npt.NDArray[np.int64]) -> Iterator[Netted]:
    for number in np.unique(group):
        (intervals,) = np.nonzero(group == number)
        # An interval that a boundary divides has means of both sides: no more than is due.
        yield Netted(intervals, float(surcharge[intervals].min()))
