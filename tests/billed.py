"""Homes to be billed: flat ones, a measured one, and tariffs on calendars of their own."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from rules.calendar import HolidayRule
from rules.language import forms, shipped
from rules.terms import BillTariff, load_bill_tariff
from scheduler.money import MeteredEnergy
from scheduler.money.bill import BillMonth, Kind

SHARED = Path(__file__).parents[2] / "shared/data"
SCE_CREDITS = SHARED / "export/sce_nbt25_nbt26_eec_usd_per_kwh.csv"
PGE_CREDITS = SHARED / "export/pge_nbt25.json.gz"
B01 = SHARED / "homes/fontana_b01_6kw.csv"

HOUR = timedelta(hours=1)
CALIFORNIA = ZoneInfo("America/Los_Angeles")
FIXED = ZoneInfo("Etc/GMT+8")
JUNE_2025 = date(2025, 6, 1)


def tariff(name: str) -> BillTariff:
    return load_bill_tariff((shipped() | forms())[name])


def without_holidays(name: str) -> BillTariff:
    """A tariff on a calendar without holidays and without clock changes."""
    found = tariff(name)
    plain = replace(found.tariff, zone=FIXED, holidays=HolidayRule(), _days={})
    return BillTariff(plain, found.terms)


def own(folder: Path, text: str) -> BillTariff:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_bill_tariff(path)


def metered(
    first: date,
    last: date,
    imported: Callable[[datetime], float] = lambda _: 1000.0,
    exported: Callable[[datetime], float] = lambda _: 0.0,
    step: timedelta = HOUR,
    zone: ZoneInfo = CALIFORNIA,
) -> MeteredEnergy:
    """From the first local day to the last, both in, with powers in watts by local time."""
    start = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    after = last + timedelta(days=1)
    end = datetime(after.year, after.month, after.day, tzinfo=zone).astimezone(UTC)
    times = [(start + index * step).astimezone(zone) for index in range(int((end - start) / step))]
    share = step / HOUR
    return MeteredEnergy(
        start,
        step,
        [imported(at) * share for at in times],
        [exported(at) * share for at in times],
    )


def kwh_of(month: BillMonth) -> dict[str, float]:
    """The imported energy of each period."""
    found: dict[str, float] = {}
    for item in month.items:
        if item.kind is Kind.ENERGY:
            found[item.name] = found.get(item.name, 0.0) + item.quantity
    return found


def b01_in_2018(*, sun: bool) -> MeteredEnergy:
    """The measured home b01 in wall hours of 2018, a year that begins on a Monday.

    The hour that its spring has not is as the one after it; of the one that comes twice in its
    autumn, once.
    """
    rows: dict[tuple[int, int, int], tuple[float, float]] = {}
    with B01.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            at = datetime.fromisoformat(row["time"])
            flow = float(row["load_kW"]), float(row["solar_kW"])
            rows.setdefault((at.month, at.day, at.hour), flow)
    rows[3, 12, 2] = rows[3, 12, 3]
    start = datetime(2018, 1, 1, tzinfo=FIXED)
    times = [start + index * HOUR for index in range(8760)]
    flows = [rows[at.month, at.day, at.hour] for at in times]
    net = [(load - sun * solar) * 1000 for load, solar in flows]
    return MeteredEnergy(
        start, HOUR, [max(0.0, each) for each in net], [max(0.0, -each) for each in net]
    )
