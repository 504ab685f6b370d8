"""The bill against two calculators that others wrote, to the cent.

NREL's Utilityrate5 (PySAM 7.1.1) knows neither holidays nor clock changes and begins its year on a
Monday, so 2018 at a fixed offset; its prices are the sheets of June 2025. TariffKit 0.11.1 is of
PG&E in 2026. A figure with more digits is compared with all of them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from billed import (
    B01,
    FIXED,
    JUNE_2025,
    SCE_CREDITS,
    b01_in_2018,
    metered,
    tariff,
    without_holidays,
)

from rules.calendar import HolidayRule
from rules.terms import BillTariff
from scheduler.money.bill import Bill, Export, Kind, Plan, bill, read_export_credits

YEAR_2018 = (date(2018, 1, 1), date(2018, 12, 31))
PRIME, FOUR_NINE = "sce-tou-d-prime", "sce-tou-d-4-9pm"

with_homes = pytest.mark.skipif(not B01.exists(), reason="needs the measured homes")


def of_sheets(found: Bill, month: int | None = None) -> float:
    """The energy part without adders, as the other calculator has it."""
    months = found.months if month is None else [found.months[month - 1]]
    kinds = {Kind.ENERGY, Kind.BASELINE, Kind.EXPORT, Kind.NON_BYPASSABLE}
    return sum(item.dollars for each in months for item in each.items if item.kind in kinds)


@pytest.mark.parametrize(
    ("name", "region", "january", "july", "year"),
    [
        (PRIME, None, 224.259580, 231.535460, 2668.580260),
        (FOUR_NINE, "none", 299.448530, 299.126750, 3524.179090),
    ],
)
def test_a_flat_kilowatt(
    name: str, region: str | None, january: float, july: float, year: float
) -> None:
    plan = Plan(without_holidays(name), baseline_region=region, prices_of=JUNE_2025)
    found = bill(metered(*YEAR_2018, zone=FIXED), plan)
    assert of_sheets(found, 1) == pytest.approx(january, abs=5e-7)
    assert of_sheets(found, 7) == pytest.approx(july, abs=5e-7)
    assert of_sheets(found) == pytest.approx(year, abs=5e-7)


def test_a_flat_kilowatt_with_baseline() -> None:
    plan = Plan(without_holidays(FOUR_NINE), baseline_region="10", prices_of=JUNE_2025)
    found = bill(metered(*YEAR_2018, zone=FIXED), plan)
    assert of_sheets(found) == pytest.approx(3034.4008, abs=5e-5)


@with_homes
@pytest.mark.parametrize(
    ("export", "sun", "figure"),
    [
        (Export.NONE, False, "3479.2457"),
        # "Retail less 0.0393 on every hour's export."
        (Export.NEM2_BY_INTERVAL, True, "792.92"),
        # "On the month's net in each period"; a floor of 0 for each month would give 834.95.
        (Export.NEM2_BY_MONTH, True, "700.36"),
        (Export.NBT, True, "2044.5250"),
    ],
)
def test_a_measured_home(export: Export, figure: str, *, sun: bool) -> None:
    table = read_export_credits(SCE_CREDITS) if export is Export.NBT else None
    plan = Plan(
        _without_acc_plus() if export is Export.NBT else without_holidays(PRIME),
        export,
        vintage=2025,
        credits=table,
        credits_of=2026 if table else None,
        prices_of=JUNE_2025,
        # 3.93 cents exactly; the sheets' sum is 3.931.
        non_bypassable=0.0393,
    )
    found = bill(b01_in_2018(sun=sun), plan)
    digits = len(figure.partition(".")[2])
    assert of_sheets(found) == pytest.approx(float(figure), abs=0.5 * 10**-digits)


def _without_acc_plus() -> BillTariff:
    found = without_holidays(PRIME)
    assert found.terms.nbt is not None
    nbt = replace(found.terms.nbt, acc_plus={}, holidays=HolidayRule())
    return BillTariff(found.tariff, replace(found.terms, nbt=nbt))


def test_july_of_e_tou_c_line_by_line() -> None:
    plan = Plan(tariff("pge-e-tou-c"), baseline_region="X")
    (july,) = bill(metered(date(2026, 7, 1), date(2026, 7, 31)), plan).months
    lines = {item.name: (item.quantity, round(item.dollars, 4)) for item in july.items}
    assert lines == {
        "summer off-peak": (589, 235.2466),
        "summer on-peak": (155, 80.9720),
        "baseline": (pytest.approx(31 * 9.8), -24.7293),
        "state-surcharge": (744, 0.2232),
        "fixed charge": (31, 24.5963),
    }
    assert july.total == pytest.approx(316.3088, abs=5e-5)


def test_2026_of_e_tou_c() -> None:
    plan = Plan(tariff("pge-e-tou-c"), baseline_region="X")
    found = bill(metered(date(2026, 1, 1), date(2026, 12, 31)), plan)
    # Their figure is that of lines rounded to the cent, as a bill prints them.
    lines = sum(round(item.dollars, 2) for month in found.months for item in month.items)
    assert lines == pytest.approx(3467.56, abs=1e-6)
    assert found.total == pytest.approx(3467.572722, abs=5e-7)


def test_july_of_ev2_a() -> None:
    found = bill(metered(date(2026, 7, 1), date(2026, 7, 31)), Plan(tariff("pge-ev2-a")))
    assert found.total == pytest.approx(266.1406, abs=5e-5)
