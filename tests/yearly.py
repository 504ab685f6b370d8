"""Short histories and costs for optima, and schedules of chance to hold against them."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from billed import B01, SCE_CREDITS

from rules.battery import Battery, Operation, step
from rules.domain import Export, Mode
from scheduler.money import IntervalData
from scheduler.money.optimum import Costs

HOUR = timedelta(hours=1)
START = datetime(2026, 3, 1, tzinfo=UTC)
ZONE = ZoneInfo("America/Los_Angeles")


def history(load_w: list[float], solar_w: list[float], step: timedelta = HOUR) -> IntervalData:
    return IntervalData(START, step, ZONE, load_w, solar_w)


def by_chance(
    seed: int, hours: int = 72, *, dear_export: bool = False
) -> tuple[IntervalData, Costs]:
    """A home of chance, with prices of chance; with `dear_export` selling may earn more."""
    chance = np.random.default_rng(seed)
    day = np.sin(np.arange(hours) / 24 * 2 * np.pi - np.pi / 2).clip(0)
    load = chance.uniform(0, 3500, hours) * (chance.random(hours) > 0.1)
    sun = day * 6000 * chance.uniform(0.1, 1.0, hours)
    bought = chance.choice([0.15, 0.25, 0.55], hours)
    sold = bought * chance.uniform(0.1, 1.5 if dear_export else 1.0, hours)
    return history(load.tolist(), sun.tolist()), Costs(bought, sold)


def lived(
    data: IntervalData,
    costs: Costs,
    battery: Battery,
    operations: list[Operation],
    soe: float,
) -> tuple[float, float]:
    """The cost of a schedule by the physics, an operation an interval, and its last energy."""
    energy, imported, exported = battery.energy(soe), [], []
    for load, sun, operation in zip(data.load_w, data.solar_w, operations, strict=True):
        flow = step(battery, energy, operation, sun, load, data.step.total_seconds())
        energy = flow.energy_wh
        watt_hours = flow.site_w * (data.step / HOUR)
        imported.append(max(0.0, watt_hours))
        exported.append(max(0.0, -watt_hours))
    return costs.dollars(imported, exported), energy


def operation_by_chance(chance: np.random.Generator, *, may_buy: bool) -> Operation:
    """Anything that may be told: where nothing may be bought, no reserve above the floor."""
    export = Export.SOLAR if chance.random() < 0.9 else Export.NEVER
    match int(chance.integers(4)):
        case 0:
            return Operation(Mode.BACKUP, 100, grid_charging=may_buy, export=export)
        case 1:
            return Operation(Mode.BACKUP, 100, grid_charging=False, export=export)
        case 2 if may_buy:
            reserve = int(chance.choice([*range(20, 81), 100]))
            return Operation(Mode.SELF_CONSUMPTION, reserve, export=export)
        case _:
            return Operation(Mode.SELF_CONSUMPTION, 20, export=export)


@cache
def b01_by_label() -> tuple[IntervalData, np.ndarray, np.ndarray]:
    """The measured home b01 in the hours of 2018 (a year that begins on a Monday, without clock
    changes and holidays), PRIME's prices of June 2025 without adders, and the credits of 2026.
    """
    with B01.open(newline="") as file:
        rows = list(csv.DictReader(file))
    by_label: dict[tuple[int, int, int], dict[str, str]] = {}
    for row in rows:
        at = datetime.fromisoformat(row["time"])
        by_label.setdefault((at.month, at.day, at.hour), row)
    with SCE_CREDITS.open(newline="") as file:
        credited = {
            (int(row["month"]), row["day_type"] == "weekday", int(row["hour"])): float(row["total"])
            for row in csv.DictReader(file)
            if row["year"] == "2026"
        }
    load, sun, bought, sold = [], [], [], []
    for index in range(8760):
        at = datetime(2018, 1, 1) + index * HOUR  # noqa: DTZ001 -- labels of hours, no instants
        label = (at.month, at.day, at.hour)
        row = by_label.get(label) or by_label[at.month, at.day, at.hour - 1]
        load.append(1000 * float(row["load_kW"]))
        sun.append(1000 * float(row["solar_kW"]))
        workday, peak = at.weekday() < 5, 16 <= at.hour < 21
        if 6 <= at.month <= 9:
            bought.append((0.56010 if workday else 0.37770) if peak else 0.25964)
        else:
            bought.append(0.52982 if peak else 0.24132)
        sold.append(credited[at.month, workday, at.hour])
    data = IntervalData(datetime(2018, 1, 1, tzinfo=UTC), HOUR, ZoneInfo("UTC"), load, sun)
    return data, np.array(bought), np.array(sold)
