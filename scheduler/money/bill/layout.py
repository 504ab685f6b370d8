"""What a bill is made of before any energy is known: months, priced stretches, hours of credit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.calendar import PriceVersion
from rules.inputs import PriceSeries, PriceSlot
from rules.terms import Charges, NetBilling
from scheduler.errors import BillRefused
from scheduler.money.bill.export_credits import ExportCredits
from scheduler.money.bill.plan import Export, Plan
from scheduler.money.bill.terms_in_force import (
    acc_plus,
    allowance_on,
    charges_on,
    check,
    credits_on,
    version_on,
)
from scheduler.money.bill.time_axis import Axis, LocalDay, Runs


@dataclass(frozen=True, slots=True)
class Cell:
    """What is priced alike within a month: `price` is the sum, `sheet` that without adders.

    `non_bypassable` and `generation` are parts of it. A cell `of_series` is of one slot of a price
    file.
    """

    month: int
    name: str
    price: float
    sheet: float
    adders: Mapping[str, float]
    non_bypassable: Mapping[str, float]
    generation: float = 0.0
    of_series: bool = False


@dataclass(frozen=True, slots=True)
class CreditCell:
    """Exported energy of one month that earns the same; a price file knows one part only."""

    month: int
    delivery: float
    generation: float
    acc_plus: float


@dataclass(slots=True)
class MonthLayout:
    """A billing month as the days of the data make it: days by charge, sums that energy leaves."""

    start: date
    end: date
    days: float = 0.0
    complete: bool = False
    ends_period: bool = False
    fixed: dict[float, float] = field(default_factory=dict)
    minimum: float = 0.0
    allowance: float = 0.0
    allowance_worth: float = 0.0
    credits: list[tuple[str, float]] = field(default_factory=list)
    demand_per_kw: float | None = None
    demand_windows: list[tuple[int, int]] = field(default_factory=list)

    @property
    def baseline_credit(self) -> float:
        """Per kWh within the allowance; a change of it within the month counts by allowance."""
        return self.allowance_worth / self.allowance if self.allowance else 0.0


class Layout:
    """Everything that a plan says of a row of intervals. Raises `BillRefused`."""

    def __init__(self, plan: Plan, axis: Axis) -> None:
        check(plan)
        if not axis.count:
            raise BillRefused("there are no intervals to bill")
        self.plan, self.axis = plan, axis
        self.months: list[MonthLayout] = []
        self.cells: list[Cell] = []
        self.credit_cells: list[CreditCell] = []
        self.priced = Runs(axis.step_seconds, axis.count)
        self.credited = Runs(axis.step_seconds, axis.count)
        self._cell_numbers: dict[tuple[int, str, date, tuple[tuple[str, float], ...]], int] = {}
        self._credit_numbers: dict[CreditCell, int] = {}
        nbt, table = plan.tariff.terms.nbt, plan.credits
        for day in axis.days():
            charges = charges_on(plan, day.date)
            self._charge(day, charges)
            if plan.tariff.has_prices:
                self._price(day, charges)
            if plan.export is Export.NBT and nbt is not None and table is not None:
                self._credit(day, nbt, table)
        if plan.prices is not None and (not plan.tariff.has_prices or plan.export is Export.SERIES):
            self._price_series(plan.prices)
        self._close_months()

    def _charge(self, day: LocalDay, charges: Charges) -> None:
        month = self._month_of(day.date)
        month.days += day.share
        rate = charges.fixed_per_day
        month.fixed[rate] = month.fixed.get(rate, 0.0) + day.share
        month.minimum += charges.minimum_per_day * day.share
        if charges.baseline_credit:
            season = self.plan.tariff.tariff.season(day.date)
            kwh = allowance_on(self.plan, season) * day.share
            month.allowance += kwh
            month.allowance_worth += kwh * charges.baseline_credit
        month.credits += [
            (credit.name, credit.amount)
            for credit in charges.credits
            if day.date.day == 1 and day.date.month in credit.months and day.first >= 0
        ]
        self._demand(month, day, charges)

    def _demand(self, month: MonthLayout, day: LocalDay, charges: Charges) -> None:
        price = charges.demand.price_per_kw if charges.demand else 0.0
        if month.demand_per_kw not in {None, price}:
            raise BillRefused(
                f"the demand charge changes on {day.date}, inside of a billing month, and the "
                "tariff leaves open which holds for it"
            )
        month.demand_per_kw = price
        if not charges.demand:
            return
        if not charges.demand.periods:
            month.demand_windows.append((day.first, day.last))
        for part in self.plan.tariff.tariff.day(day.date):
            if part.name in charges.demand.periods:
                month.demand_windows += day.seconds((part.start, part.end))

    def _month_of(self, day: date) -> MonthLayout:
        if not self.months or day >= self.months[-1].end:
            start = _billing_month(day, self.plan.billing_day)
            self.months.append(MonthLayout(start, _next_month(start)))
        return self.months[-1]

    def _price(self, day: LocalDay, charges: Charges) -> None:
        tariff = self.plan.tariff.tariff
        season = tariff.season(day.date)
        version = version_on(self.plan, day.date, season)
        for part in tariff.day(day.date):
            number = self._cell(season, part.name, version, charges)
            for first, last in day.seconds((part.start, part.end)):
                self.priced.add(first, last, number)

    def _cell(self, season: str, period: str, version: PriceVersion, charges: Charges) -> int:
        parts = (charges.non_bypassable or {}) if self.plan.export.leaves_some_due else {}
        name = f"{season} {period}"
        key = (len(self.months) - 1, name, version.effective, tuple(parts.items()))
        number = self._cell_numbers.get(key)
        if number is None:
            price = version.prices[season][period]
            cell = Cell(
                month=key[0],
                name=name,
                price=price,
                sheet=price - sum(version.adders.values()),
                adders=version.adders,
                non_bypassable=parts,
                generation=version.generation.get(season, {}).get(period, 0.0),
            )
            number = self._cell_numbers[key] = len(self.cells)
            self.cells.append(cell)
        return number

    def _credit(self, day: LocalDay, rules: NetBilling, table: ExportCredits) -> None:
        hours = credits_on(self.plan, table, rules, day.date)
        adder = acc_plus(self.plan, rules, self.plan.credits_of or day.date.year)
        for hour, (delivery, generation) in enumerate(hours):
            cell = CreditCell(len(self.months) - 1, delivery, generation, adder)
            number = self._credit_numbers.setdefault(cell, len(self.credit_cells))
            if number == len(self.credit_cells):
                self.credit_cells.append(cell)
            for first, last in day.seconds((hour * 60, hour * 60 + 60)):
                self.credited.add(first, last, number)

    def _price_series(self, series: PriceSeries) -> None:
        """Cells from a price file: of import where the tariff has no prices, of export if asked."""
        axis, slots = self.axis, series.covering(self.axis.start, self.axis.end)
        if slots is None:
            raise BillRefused(
                f"the price file has a gap between {axis.start.isoformat()} and "
                f"{axis.end.isoformat()}; each instant of the data needs a price"
            )
        starts = [axis.second_of(month.start) for month in self.months]
        for slot in slots:
            first, last = axis.second(slot.start), axis.second(slot.end)
            month = bisect_right(starts, max(first, 0)) - 1
            if not self.plan.tariff.has_prices:
                price = _known(slot.imported, "import", slot)
                self.priced.add(first, last, len(self.cells))
                self.cells.append(Cell(month, "energy", price, price, {}, {}, of_series=True))
            if self.plan.export is Export.SERIES:
                price = _known(slot.exported, "export", slot)
                self.credited.add(first, last, len(self.credit_cells))
                self.credit_cells.append(CreditCell(month, price, 0.0, 0.0))

    def _close_months(self) -> None:
        """Which months are whole, and which end a relevant period."""
        anchor = self.plan.relevant_period or self.months[0].start
        first = _number(_billing_month(anchor, self.plan.billing_day))
        for month in self.months:
            month.complete = abs(month.days - (month.end - month.start).days) < 1e-9
            covered = month is not self.months[-1] or month.complete
            month.ends_period = covered and (_number(month.start) - first) % 12 == 11


def _known(price: float | None, of: str, slot: PriceSlot) -> float:
    if price is None:
        raise BillRefused(f"the price file has no {of} price at {slot.start.isoformat()}")
    return price


def _billing_month(day: date, begins: int) -> date:
    """The first day of the billing month with a day in it."""
    if day.day >= begins:
        return day.replace(day=begins)
    if day.month == 1:
        return date(day.year - 1, 12, begins)
    return date(day.year, day.month - 1, begins)


def _next_month(start: date) -> date:
    return date(start.year + start.month // 12, start.month % 12 + 1, start.day)


def _number(start: date) -> int:
    return start.year * 12 + start.month
