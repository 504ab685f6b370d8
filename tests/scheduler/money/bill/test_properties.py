"""What must hold of every bill, whatever flows and whichever plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import fsum
from typing import NamedTuple

import pytest
from billed import CALIFORNIA, JUNE_2025, tariff
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.money import MeteredEnergy
from scheduler.money.bill import BillCalculator, Export, ExportCredits, Kind, Plan, bill

HOUR = timedelta(hours=1)
CREDITS = ExportCredits(
    "made up",
    {
        year: tuple(
            (
                tuple((0.001 * month, 0.01 + 0.002 * hour) for hour in range(24)),
                tuple((0.002, 0.03 + 0.001 * month) for hour in range(24)),
            )
            for month in range(12)
        )
        for year in (2025, 2026, 2027)
    },
)
PRIME, FOUR_NINE = tariff("sce-tou-d-prime"), tariff("sce-tou-d-4-9pm")
PLANS = {
    "none": Plan(FOUR_NINE, baseline_region="10", prices_of=JUNE_2025),
    "flat": Plan(PRIME, Export.FLAT, export_price=0.07, prices_of=JUNE_2025),
    "nem1": Plan(FOUR_NINE, Export.NEM1, "10", prices_of=JUNE_2025),
    "nem2-by-interval": Plan(FOUR_NINE, Export.NEM2_BY_INTERVAL, "10", prices_of=JUNE_2025),
    "nem2-by-month": Plan(PRIME, Export.NEM2_BY_MONTH, prices_of=JUNE_2025),
    "nbt": Plan(PRIME, Export.NBT, vintage=2025, credits=CREDITS, prices_of=JUNE_2025),
    "nbt apart": Plan(tariff("pge-e-elec"), Export.NBT, vintage=2025, credits=CREDITS),
}
names = st.sampled_from(sorted(PLANS))
STARTS = (datetime(2026, 2, 27, tzinfo=UTC), datetime(2026, 10, 31, 7, tzinfo=UTC))
steps = st.sampled_from([timedelta(minutes=minutes) for minutes in (20, 60)])
powers = st.one_of(st.just(0.0), st.floats(0.0, 9000.0))


class Flows(NamedTuple):
    """Some days, over a clock change or into another month; the hours repeat."""

    start: datetime
    step: timedelta
    days: int
    hours: list[tuple[float, float]]

    def meter(self) -> MeteredEnergy:
        share = self.step / HOUR
        rows = [
            self.hours[index * self.step // HOUR % len(self.hours)]
            for index in range(self.days * 24 * (HOUR // self.step))
        ]
        return MeteredEnergy(
            self.start,
            self.step,
            [imported * share for imported, _ in rows],
            [exported * share for _, exported in rows],
        )


flows = st.builds(
    Flows,
    st.sampled_from(STARTS),
    steps,
    st.integers(1, 12),
    st.lists(st.tuples(powers, powers), min_size=1, max_size=30),
)


@given(names, flows)
def test_items_come_to_the_total_and_energy_is_conserved(name: str, flow: Flows) -> None:
    plan, meter = PLANS[name], flow.meter()
    found = bill(meter, plan)
    items = [item.dollars for month in found.months for item in month.items]
    assert found.total == pytest.approx(fsum(items), abs=1e-9)
    assert found.total == pytest.approx(sum(found.by_kind.values()), abs=1e-9)
    for kwh, series in (
        (fsum(month.imported_kwh for month in found.months), meter.imported_wh),
        (fsum(month.exported_kwh for month in found.months), meter.exported_wh),
    ):
        assert kwh == pytest.approx(fsum(series) / 1000, abs=1e-6)
    bought = [
        item.quantity for month in found.months for item in month.items if item.kind is Kind.ENERGY
    ]
    assert fsum(bought) == pytest.approx(fsum(meter.imported_wh) / 1000, abs=1e-6)


@given(names, flows)
def test_the_items_are_those_of_the_days(name: str, flow: Flows) -> None:
    """What is linear: the bill of all days is the sum of the bills of its days."""
    plan, meter = PLANS[name], flow.meter()
    if plan.export is Export.NEM2_BY_MONTH:
        plan = replace(plan, export=Export.NEM2_BY_INTERVAL)
    linear = {Kind.ENERGY, Kind.ADDER, Kind.EXPORT, Kind.NON_BYPASSABLE, Kind.FIXED}
    half = len(meter) // 2
    halves = [
        MeteredEnergy(
            meter.start + at * meter.step,
            meter.step,
            meter.imported_wh[at:until],
            meter.exported_wh[at:until],
        )
        for at, until in ((0, half), (half, len(meter)))
    ]
    whole, parts = bill(meter, plan).by_kind, [bill(each, plan).by_kind for each in halves]
    for kind in linear & whole.keys():
        expected = sum(each.get(kind, 0.0) for each in parts)
        assert whole[kind] == pytest.approx(expected, abs=1e-6), kind


@given(names, flows, st.integers(0, 10**6), st.floats(1.0, 5000.0))
def test_more_import_never_costs_less(name: str, flow: Flows, where: int, more: float) -> None:
    plan, meter = PLANS[name], flow.meter()
    imported = list(meter.imported_wh)
    imported[where % len(imported)] += more
    dearer = replace(meter, imported_wh=imported)
    before, after = bill(meter, plan), bill(dearer, plan)
    assert after.total - after.credit_left >= before.total - before.credit_left - 1e-9


@given(names, flows, st.integers(0, 10**6), st.floats(1.0, 5000.0))
def test_more_export_never_costs_more(name: str, flow: Flows, where: int, more: float) -> None:
    plan, meter = PLANS[name], flow.meter()
    exported = list(meter.exported_wh)
    exported[where % len(exported)] += more
    assert bill(replace(meter, exported_wh=exported), plan).total <= bill(meter, plan).total + 1e-9


@given(names, flows)
@settings(max_examples=40)
def test_prices_are_the_linear_part_of_the_bill(name: str, flow: Flows) -> None:
    """Every kWh at its price, and what `months` tells, make the bill where no limit binds."""
    plan, meter = PLANS[name], flow.meter()
    if plan.export is Export.NEM2_BY_MONTH:
        plan = replace(plan, export=Export.NEM2_BY_INTERVAL)
    calculator = BillCalculator(plan, meter.start, meter.step, len(meter))
    found, prices = calculator.bill(meter), calculator.prices()
    at_price = fsum(
        wh * price / 1000 for wh, price in zip(meter.imported_wh, prices.imported, strict=True)
    ) - fsum(
        wh * price / 1000 for wh, price in zip(meter.exported_wh, prices.exported, strict=True)
    )
    linear = {Kind.ENERGY, Kind.ADDER, Kind.EXPORT, Kind.NON_BYPASSABLE}
    assert at_price == pytest.approx(
        fsum(dollars for kind, dollars in found.by_kind.items() if kind in linear), abs=1e-6
    )
    months = calculator.months()
    assert [month.first for month in months[1:]] == [month.last for month in months[:-1]]
    assert (months[0].first, months[-1].last) == (0, len(meter))
    fixed = found.by_kind.get(Kind.FIXED, 0.0) + found.by_kind.get(Kind.CREDIT, 0.0)
    assert fsum(month.fixed for month in months) == pytest.approx(fixed)


def test_the_bill_does_not_depend_on_what_holds_the_energy() -> None:
    numpy = pytest.importorskip("numpy")
    start = datetime(2026, 7, 1, tzinfo=CALIFORNIA)
    series = [float(index % 700) for index in range(31 * 96)]
    listed = MeteredEnergy(start, HOUR / 4, series, series[::-1])
    arrays = MeteredEnergy(start, HOUR / 4, numpy.array(series), numpy.array(series[::-1]))
    for plan in PLANS.values():
        assert bill(arrays, plan) == bill(listed, plan)
