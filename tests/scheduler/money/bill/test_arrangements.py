"""What export earns, where credit goes from month to month, charges that are no price per kWh."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from billed import CALIFORNIA, own

from rules.inputs import PriceSeries, PriceSlot
from rules.terms import BillTariff
from scheduler.errors import BillRefused
from scheduler.money import MeteredEnergy
from scheduler.money.bill import (
    Bill,
    BillMonth,
    Export,
    ExportCredits,
    Kind,
    Plan,
    bill,
    with_credits,
)

HOUR = timedelta(hours=1)

FLAT = """
title = "Mine"
source = "the sheet on my desk, 2026-01-01"
timezone = "America/Los_Angeles"
currency = "USD"
[seasons]
year = "01-01..12-31"
[[periods.year]]
period = "day"
time = "08:00-20:00"
[[periods.year]]
period = "night"
time = "20:00-08:00"
[[prices]]
effective = "2026-01-01"
adders = { tax = 0.01 }
year = { day = 0.40, night = 0.20 }
"""
NIGHT, NOON = 2, 12
CREDITS = ExportCredits("here", {2026: ((((0.02, 0.06),) * 24,) * 2,) * 12})


def terms(folder: Path, said: str = "") -> BillTariff:
    return own(folder, FLAT + said)


def months_of(
    bought: list[dict[int, float]], sold: list[dict[int, float]] | None = None, year: int = 2026
) -> MeteredEnergy:
    """Months from January on: so many kWh in certain hours of the 10th of each."""
    start = datetime(year, 1, 1, tzinfo=CALIFORNIA).astimezone(UTC)
    last = year + len(bought) // 12, len(bought) % 12 + 1
    end = datetime(*last, 1, tzinfo=CALIFORNIA).astimezone(UTC)
    count = int((end - start) / HOUR)
    series = ([0.0] * count, [0.0] * count)
    for flows, months in zip(series, (bought, sold or [{}] * len(bought)), strict=True):
        for number, hours in enumerate(months):
            for hour, kwh in hours.items():
                at = datetime(year + number // 12, number % 12 + 1, 10, hour, tzinfo=CALIFORNIA)
                flows[int((at - start) / HOUR)] = kwh * 1000
    return MeteredEnergy(start, HOUR, *series)


def lines(month: BillMonth, *kinds: Kind) -> dict[str, float]:
    return {item.name: round(item.dollars, 9) for item in month.items if item.kind in kinds}


def totals(found: Bill) -> list[float]:
    return [round(month.total, 9) for month in found.months]


def test_without_an_arrangement_export_earns_nothing(tmp_path: Path) -> None:
    found = bill(months_of([{NIGHT: 10}], [{NOON: 50}]), Plan(terms(tmp_path)))
    assert totals(found) == [10 * 0.21]
    assert lines(found.months[0], Kind.ADDER) == {"tax": 0.1}


def test_a_flat_price(tmp_path: Path) -> None:
    flows = months_of([{NIGHT: 10}], [{NOON: 50}])
    in_plan = Plan(terms(tmp_path), Export.FLAT, export_price=0.05)
    in_file = Plan(terms(tmp_path, '[export.flat]\nsource = "2026"\nprice = 0.05\n'), Export.FLAT)
    for plan in (in_plan, in_file):
        assert totals(bill(flows, plan)) == [round(10 * 0.21 - 50 * 0.05, 9)]


NEM = """
[[charges]]
effective = "2026-01-01"
fixed_per_day = 1.0
[charges.non_bypassable]
programs = 0.03
fund = 0.01
[export.nem1]
source = "2026"
[export.nem2]
source = "2026"
"""
BOUGHT, SOLD = [{NIGHT: 100, NOON: 20}], [{NOON: 50}]


def test_under_the_first_net_metering_meters_run_backwards(tmp_path: Path) -> None:
    found = bill(months_of(BOUGHT, SOLD), Plan(terms(tmp_path, NEM), Export.NEM1))
    assert totals(found) == [round(100 * 0.21 - 30 * 0.41 + 31, 9)]


def test_net_metering_by_interval_charges_on_all_that_was_imported(tmp_path: Path) -> None:
    found = bill(months_of(BOUGHT, SOLD), Plan(terms(tmp_path, NEM), Export.NEM2_BY_INTERVAL))
    energy = 100 * 0.20 + (20 - 50) * 0.40 + 120 * 0.01 + 50 * 0.04
    assert totals(found) == [round(energy + 31, 9)]
    assert lines(found.months[0], Kind.NON_BYPASSABLE) == {"programs": 1.5, "fund": 0.5}


def test_net_metering_by_month_charges_on_the_net_of_each_period(tmp_path: Path) -> None:
    found = bill(months_of(BOUGHT, SOLD), Plan(terms(tmp_path, NEM), Export.NEM2_BY_MONTH))
    energy = 100 * 0.21 - 30 * (0.40 - 0.04)
    assert totals(found) == [round(energy + 31, 9)]


@pytest.mark.parametrize("reading", [Export.NEM2_BY_INTERVAL, Export.NEM2_BY_MONTH])
def test_credit_of_one_month_pays_for_another_until_the_true_up(
    tmp_path: Path, reading: Export
) -> None:
    """Twelve months are one account: 60 of winter's 120 kWh are paid for by summer."""
    bought = [{NOON: 60}] + [{}] * 11
    sold = [{}] * 6 + [{NOON: 50}] + [{}] * 5
    found = bill(months_of(bought, sold), Plan(terms(tmp_path, NEM), reading))
    assert found.energy == pytest.approx(60 * 0.41 - 50 * 0.36)
    assert found.credit_left == 0
    assert Kind.TRUE_UP not in found.by_kind


def test_what_is_left_at_the_true_up_is_worth_nothing(tmp_path: Path) -> None:
    """Sold more than bought: what no credit may pay is due nevertheless."""
    bought, sold = [{NOON: 10}] + [{}] * 11, [{}] + [{NOON: 100}] + [{}] * 10
    plan = Plan(terms(tmp_path, NEM), Export.NEM2_BY_INTERVAL)
    found = bill(months_of(bought, sold), plan)
    assert found.energy == pytest.approx(10 * (0.04 + 0.01))
    assert found.by_kind[Kind.TRUE_UP] == pytest.approx(90 * 0.36)
    plain = bill(months_of(bought, sold), Plan(terms(tmp_path, NEM), Export.NEM1))
    assert plain.energy == pytest.approx(0.0)


@pytest.mark.parametrize("sold", [0, 9, 10, 11, 100])
def test_what_is_due_in_any_case_counts_towards_the_minimum(tmp_path: Path, sold: float) -> None:
    said = NEM.replace("fixed_per_day", "minimum_per_day")
    plan = Plan(terms(tmp_path, said), Export.NEM2_BY_INTERVAL)
    found = bill(months_of([{NOON: 10}], [{NOON: sold}]), plan)
    assert totals(found) == [31.0]


def test_a_relevant_period_ends_where_the_plan_says(tmp_path: Path) -> None:
    """Credit of January ends with the period in March, so it does not pay in April."""
    bought, sold = [{}] * 3 + [{NOON: 20}] + [{}] * 8, [{NOON: 20}] + [{}] * 11
    plan = Plan(terms(tmp_path, NEM), Export.NEM1)
    assert bill(months_of(bought, sold), plan).energy == pytest.approx(0.0)
    april = replace(plan, relevant_period=date(2020, 4, 15))
    assert bill(months_of(bought, sold), april).energy == pytest.approx(20 * 0.41)


def test_credit_that_has_not_ended_is_told_and_not_counted(tmp_path: Path) -> None:
    plan = Plan(terms(tmp_path, NEM), Export.NEM1)
    found = bill(months_of([{}, {}], [{NOON: 10}, {}]), plan)
    assert found.energy == pytest.approx(0.0)
    assert found.credit_left == pytest.approx(4.1)
    assert found.notes == ("a credit of 4.10 is left and not in the total",)


def test_a_period_that_the_data_do_not_reach_the_end_of_is_not_settled(tmp_path: Path) -> None:
    plan = replace(Plan(terms(tmp_path, NEM), Export.NEM1), relevant_period=date(2025, 3, 1))
    january = months_of([{}, {}], [{NOON: 10}, {}])
    cut = len(january) - 24
    shorter = MeteredEnergy(
        january.start, HOUR, january.imported_wh[:cut], january.exported_wh[:cut]
    )
    assert bill(january, plan).credit_left == 0
    assert bill(shorter, plan).credit_left == pytest.approx(4.1)


NBT = """
[[charges]]
effective = "2026-01-01"
fixed_per_day = 1.0
[charges.non_bypassable]
programs = 0.04
[export.nbt]
source = "2026"
unused = "{unused}"
buckets = "{buckets}"
acc_plus = {{ 2025 = 0.02 }}
{more}
"""


def net_billing(
    folder: Path,
    unused: str = "ends",
    buckets: str = "together",
    more: str = "",
    vintage: int = 2026,
) -> Plan:
    said = NBT.format(unused=unused, buckets=buckets, more=more)
    if buckets == "apart":
        said = "generation.year = { day = 0.15, night = 0.05 }\n" + said
    return Plan(terms(folder, said), Export.NBT, vintage=vintage, credits=CREDITS)


def test_credits_pay_for_energy_but_not_for_what_is_due_in_any_case(tmp_path: Path) -> None:
    """30 kWh at 0.40 come to 12; 1.20 of it, the tax and the fixed charge are due."""
    found = bill(months_of([{NOON: 30}], [{NOON: 1000}]), net_billing(tmp_path))
    assert totals(found) == [round(30 * 0.04 + 30 * 0.01 + 31, 9)]
    assert found.credit_left == pytest.approx(80 - 30 * 0.36)


def test_credits_go_on_within_the_period(tmp_path: Path) -> None:
    found = bill(
        months_of([{}, {NOON: 30}, {NOON: 30}], [{NOON: 200}, {}, {}]), net_billing(tmp_path)
    )
    february, march = found.months[1:]
    pool = "delivery and generation"
    assert lines(february, Kind.CARRY_OVER) == {
        f"{pool} brought forward": -16.0,
        f"{pool} carried forward": round(16 - 30 * 0.36, 9),
    }
    left = 60 * 0.36 - 16
    assert march.total == pytest.approx(left + 30 * 0.04 + 30 * 0.01 + 31)


@pytest.mark.parametrize(("unused", "pays"), [("ends", 0.0), ("carries over", 8.0)])
def test_what_is_left_after_12_months_ends_or_goes_on(
    tmp_path: Path, unused: str, pays: float
) -> None:
    table = ExportCredits("here", dict.fromkeys((2026, 2027), CREDITS.years[2026]))
    plan = replace(net_billing(tmp_path, unused), credits=table)
    bought, sold = [{}] * 12 + [{NOON: 60}], [{}] * 11 + [{NOON: 100}, {}]
    found = bill(months_of(bought, sold), plan)
    january = found.months[12]
    assert january.total == pytest.approx(60 * 0.41 - pays + 31)
    assert found.by_kind.get(Kind.TRUE_UP, 0.0) == pytest.approx(8.0 - pays)


def test_buckets_apart_pay_each_for_its_own(tmp_path: Path) -> None:
    """Generation earned 6 and pays 1.5 of 10 kWh; delivery earned 2 and pays 2 of 2.1."""
    flows = months_of([{NOON: 10}], [{NOON: 100}])
    apart = bill(flows, net_billing(tmp_path, buckets="apart"))
    assert apart.energy == pytest.approx(10 * 0.41 - 1.5 - 2.0)
    assert apart.credit_left == pytest.approx(4.5)
    together = bill(flows, net_billing(tmp_path))
    assert together.energy == pytest.approx(10 * 0.05)


def test_acc_plus_comes_last_and_pays_anything(tmp_path: Path) -> None:
    flows = months_of([{NOON: 30}], [{NOON: 1000}])
    found = bill(flows, net_billing(tmp_path, vintage=2025))
    assert totals(found) == [round(30 * 0.05 + 31 - 20, 9)]
    assert lines(found.months[0], Kind.EXPORT) == {
        "delivery": -20, "generation": -60, "ACC Plus": -20
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "ends", "left"),
    [('acc_plus_unused = "ends"', 169.0, 0.0), ('acc_plus_unused = "carries over"', 0.0, 169.0)],
)
def test_what_is_left_of_acc_plus_is_as_the_tariff_says(
    tmp_path: Path, more: str, ends: float, left: float
) -> None:
    """Of 200 dollars 31 pay for the fixed charge of December."""
    plan = net_billing(tmp_path, more=more, vintage=2025)
    flows = months_of([{}] * 12, [{}] * 11 + [{NOON: 10000}])
    found = bill(flows, plan)
    assert found.by_kind.get(Kind.TRUE_UP, 0.0) == pytest.approx(ends + 800)
    assert found.credit_left == pytest.approx(left)


def test_what_the_tariff_leaves_open_of_acc_plus_is_refused(tmp_path: Path) -> None:
    plan = net_billing(tmp_path, vintage=2025)
    with pytest.raises(BillRefused, match=r"169\.00 is left after 12 months, and mine leaves open"):
        bill(months_of([{}] * 12, [{}] * 11 + [{NOON: 10000}]), plan)


# --- charges -------------------------------------------------------------------------------------

CHARGES = """
[[charges]]
effective = "2026-01-01"
fixed_per_day = 0.5
minimum_per_day = 2.0
baseline_credit = 0.1
credits = [{ name = "climate credit", months = [2], amount = 40.0 }]
[baseline]
coast = { year = 10.0 }
"""


@pytest.mark.parametrize(
    ("kwh", "expected"),
    [
        # Within the allowance of 310 kWh, whichever period it is in; above it.
        (300, 300 * (0.41 - 0.1) + 15.5),
        (400, 400 * 0.41 - 31 + 15.5),
        # 100 kWh come to less than 2 a day.
        (100, 62.0),
    ],
)
def test_baseline_and_minimum(tmp_path: Path, kwh: float, expected: float) -> None:
    plan = Plan(terms(tmp_path, CHARGES), baseline_region="coast")
    found = bill(months_of([{NOON: kwh}]), plan)
    assert totals(found) == [pytest.approx(expected)]


def test_the_climate_credit_is_given_in_its_month(tmp_path: Path) -> None:
    plan = Plan(terms(tmp_path, CHARGES), baseline_region="none")
    found = bill(months_of([{NOON: 300}] * 3), plan)
    assert [lines(month, Kind.CREDIT) for month in found.months] == [
        {}, {"climate credit": -40}, {}
    ]  # fmt: skip


def test_a_day_that_is_cut_gives_its_credit_once(tmp_path: Path) -> None:
    """The climate credit of 1 February is on the bill that has the beginning of the day."""
    plan = Plan(terms(tmp_path, CHARGES), baseline_region="none")
    start = datetime(2026, 2, 1, tzinfo=CALIFORNIA)
    halves = [
        MeteredEnergy(start + number * 12 * HOUR, HOUR, [0.0] * 12, [0.0] * 12)
        for number in range(2)
    ]
    found = [bill(each, plan).by_kind.get(Kind.CREDIT, 0.0) for each in halves]
    assert found == [-40.0, 0.0]


def test_a_billing_month_may_begin_on_another_day(tmp_path: Path) -> None:
    plan = Plan(terms(tmp_path, CHARGES), baseline_region="none", billing_day=20)
    found = bill(months_of([{NOON: 300}] * 2), plan)
    assert [(month.start, month.days, month.complete) for month in found.months] == [
        (date(2025, 12, 20), 19, False),
        (date(2026, 1, 20), 31, True),
        (date(2026, 2, 20), 9, False),
    ]
    assert lines(found.months[1], Kind.CREDIT) == {"climate credit": -40}
    assert found.notes == ("the data cover December 2025 and February 2026 in part only",)


DEMAND = """
[[charges]]
effective = "2026-01-01"
demand = {{ price_per_kw = 10.0{periods} }}
"""


def test_demand_is_charged_on_the_highest_quarter_of_an_hour(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=CALIFORNIA)
    watt_hours = [0.0] * (31 * 288)
    # Five minutes of 12 kW in a quarter of an hour with nothing else; 6 kW across a boundary.
    watt_hours[9 * 12 + 1] = 1000.0
    watt_hours[21 * 12 + 2 : 21 * 12 + 4] = [500.0, 500.0]
    flows = MeteredEnergy(start, timedelta(minutes=5), watt_hours, [0.0] * len(watt_hours))
    everywhere = Plan(terms(tmp_path, DEMAND.format(periods="")))
    assert bill(flows, everywhere).by_kind[Kind.DEMAND] == pytest.approx(10 * 4)
    by_night = Plan(terms(tmp_path, DEMAND.format(periods=', periods = ["night"]')))
    assert bill(flows, by_night).by_kind[Kind.DEMAND] == pytest.approx(10 * 2)


def test_coarser_data_are_held_constant_for_demand_and_it_is_said(tmp_path: Path) -> None:
    found = bill(months_of([{NOON: 3}]), Plan(terms(tmp_path, DEMAND.format(periods=""))))
    assert found.by_kind[Kind.DEMAND] == pytest.approx(30)
    assert "60 minutes" in found.notes[0]


FORM = """
title = "Mine"
source = "by the half hour, 2026"
timezone = "America/Los_Angeles"
currency = "USD"
[series]
step = "30m"
prices_from = "the supplier"
"""


def test_a_price_file_fills_a_form(tmp_path: Path) -> None:
    """A price may be negative; an hour that two slots share counts half and half."""
    start = datetime(2026, 1, 1, tzinfo=CALIFORNIA).astimezone(UTC)
    prices = PriceSeries(
        [
            PriceSlot(start + n * HOUR / 2, start + (n + 1) * HOUR / 2, [0.3, -0.1][n % 2], 0.1)
            for n in range(31 * 48)
        ]
    )
    form = own(tmp_path, FORM)
    plan = Plan(form, Export.SERIES, prices=prices, fixed_per_day=0.5)
    found = bill(months_of([{NIGHT: 10}], [{NOON: 4}]), plan)
    assert totals(found) == [pytest.approx(10 * 0.1 - 4 * 0.1 + 15.5)]
    with pytest.raises(BillRefused, match="standing charge: say it"):
        bill(months_of([{}]), replace(plan, fixed_per_day=None))
    with pytest.raises(BillRefused, match="name a price file"):
        bill(months_of([{}]), replace(plan, prices=None))
    with pytest.raises(BillRefused, match="has a gap"):
        bill(months_of([{}, {}]), plan)
    blank = PriceSeries([PriceSlot(start, start + timedelta(days=31), None)])
    with pytest.raises(BillRefused, match="no import price at 2026-01-01T08:00"):
        bill(months_of([{}]), replace(plan, prices=blank))


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "change", "sentence"),
    [
        ("", {"export": Export.NEM1}, r"does not say what nem1 pays: it has no \[export.nem1\]"),
        ("", {"export": Export.NEM2_BY_MONTH}, r"no \[export.nem2\] table"),
        ("", {"export": Export.NBT}, r"no \[export.nbt\] table"),
        ("", {"export": Export.FLAT}, "knows no flat price for export: say one"),
        ("", {"export": Export.SERIES}, "name the file"),
        ("", {"baseline_region": "coast"}, 'no baseline region "coast"; it has none'),
        ("", {"billing_day": 29}, "day 1 to 28, got 29"),
        ("", {"prices_of": date(2025, 12, 31)}, "no year prices before 2026-01-01"),
        (CHARGES, {}, r'say the region \(coast\), or "none"'),
        (CHARGES, {"baseline_region": "hills"}, "it has coast"),
        (
            '[export.nem2]\nsource = "2026"\n',
            {"export": Export.NEM2_BY_INTERVAL},
            "does not know the non-bypassable charges of 2026-01-01",
        ),
        (
            '[[charges]]\neffective = "2026-01-02"\n',
            {},
            "no charges before 2026-01-02, and 2026-01-01 is to be billed",
        ),
        (
            DEMAND.format(periods="") + '[[charges]]\neffective = "2026-01-15"\n',
            {},
            "demand charge changes on 2026-01-15, inside of a billing month",
        ),
    ],
)
def test_what_is_not_known_is_refused_with_the_way_out(
    tmp_path: Path, said: str, change: dict[str, object], sentence: str
) -> None:
    plan = replace(Plan(terms(tmp_path, said)), **change)
    with pytest.raises(BillRefused, match=sentence):
        bill(months_of([{}]), plan)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"vintage": None}, r"year of interconnection: say it \(--vintage\)"),
        ({"credits": None}, "name the file of your utility's export credits for vintage 2026"),
        ({"vintage": 2024}, "net billing began in 2025"),
        (
            {"credits": replace(CREDITS, vintage=2025)},
            "is of vintage 2025, and the home is of 2026",
        ),
        ({"credits_of": 2027}, "no credits of 2027, only of 2026 to 2026"),
    ],
)
def test_what_net_billing_needs(tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    plan = replace(net_billing(tmp_path), **change)
    with pytest.raises(BillRefused, match=sentence):
        bill(months_of([{}]), plan)


def test_a_tariff_may_name_the_file_of_its_credits(tmp_path: Path) -> None:
    rows = [
        f"2026,{month},{kind},{hour},0.02,0.06"
        for month in range(1, 13)
        for kind in ("weekday", "weekend_holiday")
        for hour in range(24)
    ]
    (tmp_path / "credits.csv").write_text(
        "\n".join(["year,month,day_type,hour,delivery,generation", *rows])
    )
    plan = net_billing(tmp_path, more='credits = "credits.csv"')
    flows = months_of([{NOON: 30}], [{NOON: 1000}])
    named = with_credits(replace(plan, credits=None))
    assert bill(flows, named) == bill(flows, plan)
    assert with_credits(plan) is plan
    other = Plan(plan.tariff, Export.NONE)
    assert with_credits(other) is other


def test_acc_plus_after_nine_years_is_left_open(tmp_path: Path) -> None:
    table = ExportCredits("here", {2034: CREDITS.years[2026]})
    plan = replace(net_billing(tmp_path, vintage=2025), credits=table, credits_of=2034)
    with pytest.raises(BillRefused, match="vintage 2025 ends in 2034"):
        bill(months_of([{}]), plan)


def test_a_date_before_the_first_prices_is_billed_only_when_asked(tmp_path: Path) -> None:
    flows = months_of([{NOON: 10}], year=2020)
    plan = Plan(terms(tmp_path))
    with pytest.raises(BillRefused, match="no year prices before 2026-01-01, and 2020-01-01"):
        bill(flows, plan)
    found = bill(flows, replace(plan, prices_of=date(2026, 1, 1)))
    assert totals(found) == [pytest.approx(4.1)]
    assert "prices of 2026-01-01" in found.notes[0]
