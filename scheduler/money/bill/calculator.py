"""From metered energy to a bill, and what every interval's kilowatt hour is worth on it.

A calculator is made once for a plan and a row of intervals; billing another schedule of the same
home then costs a few milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.errors import BillRefused
from scheduler.money import MeteredEnergy
from scheduler.money.bill.itemise import Draft, Flow, credit_items, energy_items, monthly_items
from scheduler.money.bill.layout import Cell, CreditCell, Layout, MonthLayout
from scheduler.money.bill.plan import Export, Plan
from scheduler.money.bill.settlement import (
    NetBillingAccount,
    settle_net_metering,
    settle_without,
)
from scheduler.money.bill.statement import Bill, BillMonth
from scheduler.money.bill.terms_in_force import flat_price
from scheduler.money.bill.time_axis import Axis, Series

QUARTER = 900


@dataclass(frozen=True)
class Prices:
    """What one more kWh costs, or earns, in each interval, as the bill's linear part has it.

    Not in it: the baseline credit, minimum and demand charges, and limits to the use of credits;
    `MonthTerms` has those. Under the reading of net metering by month, `exported` is what a kWh
    earns that the month does not import in its period; one that it does is worth `imported`.
    `group` numbers the month and period of each interval; an interval that a boundary divides has
    that in which it begins.
    """

    imported: tuple[float, ...]
    exported: tuple[float, ...]
    group: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MonthTerms:
    """The parts of a month's bill that are not a price per kWh.

    Intervals `first` until `last` begin in it. `fixed` is due whatever is used, less the sums that
    are `taken_off`. `minimum` is what fixed charges and energy come to at least, before that. The
    first `baseline_kwh` cost `baseline_credit` less each. `non_bypassable` is the part of each
    imported kWh that credits of net billing or net metering cannot pay, but for `acc_plus`, the
    part of what an exported kWh earns that pays anything. With `ends_period`, credit is settled
    after it.
    """

    start: date
    end: date
    complete: bool
    first: int
    last: int
    fixed: float
    taken_off: float
    minimum: float
    baseline_kwh: float
    baseline_credit: float
    demand_per_kw: float
    non_bypassable: float
    acc_plus: float
    ends_period: bool


class BillCalculator:
    """Bills of one plan over `count` intervals of `step` from `start`. Raises `BillRefused`."""

    def __init__(self, plan: Plan, start: datetime, step: timedelta, count: int) -> None:
        self.plan = plan
        self._axis = Axis(start, step, count, plan.tariff.tariff.zone)
        self._layout = Layout(plan, self._axis)

    def bill(self, metered: MeteredEnergy) -> Bill:
        """The bill of what went through the meter. Raises `BillRefused`, `ValueError`."""
        axis = self._axis
        if (metered.start, metered.step, len(metered)) != (axis.start, axis.step, axis.count):
            raise ValueError("metered energy has other intervals than the calculator")
        imported = Series(metered.imported_wh, axis.step_seconds)
        exported = Series(metered.exported_wh, axis.step_seconds)
        drafts = self._drafts(imported, exported)
        for draft in drafts:
            monthly_items(draft, self._demand(draft.layout, imported))
        left = self._settle(drafts)
        return Bill(
            self.plan.tariff.tariff.currency,
            tuple(
                BillMonth(
                    start=draft.layout.start,
                    end=draft.layout.end,
                    days=draft.layout.days,
                    complete=draft.layout.complete,
                    imported_kwh=sum(flow.imported for flow in draft.flows),
                    exported_kwh=sum(flow.exported for flow in draft.flows),
                    items=tuple(draft.items),
                )
                for draft in drafts
            ),
            left,
            tuple(self._notes(left)),
        )

    def prices(self) -> Prices:
        """What a kWh is worth in each interval."""
        layout = self._layout
        imported = layout.priced.means([cell.price for cell in layout.cells])
        if self.plan.export in (Export.NBT, Export.SERIES):
            earns = [
                each.delivery + each.generation + each.acc_plus for each in layout.credit_cells
            ]
            exported = layout.credited.means(earns)
        else:
            exported = layout.priced.means([self._earned(cell) for cell in layout.cells])
        return Prices(tuple(imported), tuple(exported), tuple(layout.priced.labels()))

    def months(self) -> tuple[MonthTerms, ...]:
        """What of the bill is not a price per kWh."""
        edges = [self._index(month.start) for month in self._layout.months]
        return tuple(
            MonthTerms(
                start=month.start,
                end=month.end,
                complete=month.complete,
                first=first,
                last=last,
                fixed=sum(rate * days for rate, days in month.fixed.items())
                - sum(amount for _, amount in month.credits),
                taken_off=sum(amount for _, amount in month.credits),
                minimum=month.minimum,
                baseline_kwh=month.allowance,
                baseline_credit=month.baseline_credit,
                demand_per_kw=month.demand_per_kw or 0.0,
                non_bypassable=self._non_bypassable(number),
                acc_plus=max(
                    (each.acc_plus for each in self._layout.credit_cells if each.month == number),
                    default=0.0,
                ),
                ends_period=month.ends_period,
            )
            for number, (month, first, last) in enumerate(
                zip(self._layout.months, edges, [*edges[1:], self._axis.count], strict=True)
            )
        )

    def _drafts(self, imported: Series, exported: Series) -> list[Draft]:
        layout, labels = self._layout, len(self._layout.cells)
        bought = layout.priced.sums(imported, labels)
        sold = layout.priced.sums(exported, labels)
        flows: list[list[Flow]] = [[] for _ in layout.months]
        for cell, wh_in, wh_out in zip(layout.cells, bought, sold, strict=True):
            flows[cell.month].append(Flow(cell, wh_in / 1000, wh_out / 1000))
        drafts = [Draft(month, each) for month, each in zip(layout.months, flows, strict=True)]
        flat = flat_price(self.plan) or 0.0
        for draft in drafts:
            energy_items(draft, self.plan.export, flat)
        earning = layout.credited.sums(exported, len(layout.credit_cells))
        earned: list[list[tuple[CreditCell, float]]] = [[] for _ in layout.months]
        for credited, watt_hours in zip(layout.credit_cells, earning, strict=True):
            earned[credited.month].append((credited, watt_hours / 1000))
        named = self.plan.export is Export.NBT
        for draft, each in zip(drafts, earned, strict=True):
            credit_items(draft, each, named=named)
        return drafts

    def _settle(self, drafts: list[Draft]) -> float:
        rules = self.plan.tariff.terms.nbt
        if self.plan.export is Export.NBT and rules is not None:
            return NetBillingAccount(rules, self.plan.tariff.tariff.name).settle(drafts)
        if self.plan.export.is_net_metering:
            return settle_net_metering(drafts)
        settle_without(drafts)
        return 0.0

    def _demand(self, month: MonthLayout, imported: Series) -> float | None:
        """The highest mean power of a quarter of an hour, in kW."""
        if not month.demand_per_kw:
            return None
        length = self._axis.count * self._axis.step_seconds
        return max(
            (
                (imported.until(second + QUARTER) - imported.until(second)) * 4 / 1000
                for first, last in month.demand_windows
                for second in range(max(first, 0), min(last, length) - QUARTER + 1, QUARTER)
            ),
            default=0.0,
        )

    def _earned(self, cell: Cell) -> float:
        """What one exported kWh earns without a table of credits."""
        if self.plan.export is Export.NEM1:
            return cell.price
        if self.plan.export.is_nem2:
            return cell.sheet - sum(cell.non_bypassable.values())
        return flat_price(self.plan) or 0.0 if self.plan.export is Export.FLAT else 0.0

    def _non_bypassable(self, month: int) -> float:
        """Of each imported kWh of a month; the mean, where it changes within."""
        parts = [
            sum(cell.non_bypassable.values()) + sum(cell.adders.values())
            for cell in self._layout.cells
            if cell.month == month and not cell.of_series
        ]
        return sum(parts) / len(parts) if parts else 0.0

    def _index(self, day: date) -> int:
        """The first interval that begins on a local day or later."""
        second = self._axis.second_of(day)
        return max(0, -(-second // self._axis.step_seconds))

    def _notes(self, left: float) -> list[str]:
        months, notes = self._layout.months, []
        partly = [f"{month.start:%B %Y}" for month in months if not month.complete]
        if partly:
            notes.append(f"the data cover {' and '.join(partly)} in part only")
        if self.plan.prices_of is not None:
            notes.append(f"every date is billed with the prices of {self.plan.prices_of}")
        if self.plan.credits_of is not None and self.plan.export is Export.NBT:
            notes.append(f"export earns the credits of {self.plan.credits_of} on every date")
        if not self.plan.tariff.terms.charges and self.plan.fixed_per_day is None:
            notes.append("the tariff knows no charges beside the prices")
        if any(month.demand_per_kw for month in months) and self._axis.step_seconds > QUARTER:
            minutes = self._axis.step_seconds // 60
            notes.append(
                f"the data are of {minutes} minutes, so the highest quarter of an hour is theirs "
                "held constant; the real one is higher"
            )
        if left:
            notes.append(f"a credit of {left:.2f} is left and not in the total")
        return notes


def bill(metered: MeteredEnergy, plan: Plan) -> Bill:
    """The bill of a plan for what went through the meter. Raises `BillRefused`."""
    if not len(metered):
        raise BillRefused("there are no intervals to bill")
    return BillCalculator(plan, metered.start, metered.step, len(metered)).bill(metered)
