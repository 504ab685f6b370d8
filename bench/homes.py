"""What rules earn on measured homes: one table, in energy dollars a year.

    python bench/homes.py FOLDER [--forecast ERROR] [--processes 2]

FOLDER has `homes/*.csv` (time, load_kW, solar_kW, of a year) and `export/` with SCE's hourly
credits. For each home, plan and permission: no battery, self-consumption, a shipped example where
it fits the plan, tuned rules on months that they were not tuned on, the lever optimum, the optimum;
and the share of the lever optimum's saving over self-consumption that tuned rules reach. All in
hours, 20 % floor, SCE's prices of June 2025, credits of 2025; surplus of net metering paid out, no
baseline and no fixed charges, so that figures of homes add up. `--forecast 0.3` tunes with a
forecast whose daily error has that standard deviation, lognormal.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from rules.battery import Battery
from rules.language import load_rules, shipped
from rules.resolve import Limits
from rules.terms import load_bill_tariff
from scheduler.domain import Safety
from scheduler.money import IntervalData, MeteredEnergy
from scheduler.money.backtest import ORDINARY, Site, backtest, self_consumption, without_battery
from scheduler.money.bill import BillCalculator, Export, Plan, read_export_credits
from scheduler.money.intervals import Instructions, read_history
from scheduler.money.optimum import Costs, lever_optimum, optimum
from scheduler.money.tuning import tune

ROOT = Path(__file__).parents[1]
ZONE = ZoneInfo("America/Los_Angeles")
JUNE = date(2025, 6, 1)
PLANS = (
    ("PRIME NEM2", "sce-tou-d-prime", Export.NEM2_BY_INTERVAL),
    ("PRIME NBT25", "sce-tou-d-prime", Export.NBT),
    ("4-9PM NEM2", "sce-tou-d-4-9pm", Export.NEM2_BY_INTERVAL),
)
EXAMPLE = ROOT / "examples/tou_sce.toml"
FLOOR = 20


def plan_of(name: str, export: Export, folder: Path) -> Plan:
    """The plan by which a home is billed."""
    tariff = load_bill_tariff(shipped()[name])
    if export is not Export.NBT:
        return Plan(tariff, export, baseline_region="none", prices_of=JUNE)
    credits_file = folder / "export/sce_nbt25_nbt26_eec_usd_per_kwh.csv"
    return Plan(
        tariff,
        export,
        baseline_region="none",
        vintage=2025,
        credits=read_export_credits(credits_file),
        credits_of=2025,
        prices_of=JUNE,
    )


def forecast_of(data: IntervalData, error: float) -> dict[date, float]:
    """The sun of each day, wrongly known."""
    days: dict[date, float] = {}
    for at, watts in zip(data.times(), data.solar_w, strict=True):
        day = at.astimezone(data.zone).date()
        days[day] = days.get(day, 0.0) + watts / 1000
    chance = np.random.default_rng(1)
    return {day: kwh * float(np.exp(chance.normal(0.0, error))) for day, kwh in days.items()}


def row(
    data: IntervalData, plan: Plan, *, may_buy: bool, error: float | None, processes: int
) -> tuple[list[float], float, bool]:
    """The seven columns of a home, seconds of tuning, and whether tuned rules were recommended."""
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    costs = replace(Costs.of(calculator), due=None, fixed=0.0, allowances=())
    battery, limits = Battery(), Limits(grid_charging=may_buy, reserve_floor=FLOOR)
    safety = Safety(FLOOR, ORDINARY.safe, grid_charging=may_buy)
    site = Site(data, battery, float(FLOOR), safety)

    def dollars(metered: MeteredEnergy) -> float:
        return costs.dollars(metered.imported_wh, metered.exported_wh)

    began = time.perf_counter()
    expected = None if error is None else forecast_of(data, error)
    tuned = tune(data, costs, plan.tariff.tariff, battery, limits, expected, processes=processes)
    seconds = time.perf_counter() - began
    plain = dollars(self_consumption(site, FLOOR).metered)
    example = (
        dollars(backtest(site, load_rules([EXAMPLE])).flows.metered) if may_buy else float("nan")
    )
    lever = lever_optimum(data, costs, battery, limits).dollars
    least = optimum(data, costs, battery, limits).dollars
    bare = dollars(without_battery(site).metered)
    figures = [bare, plain, example, plain - tuned.saving, lever, least]
    return figures, seconds, tuned.recommended


def main() -> None:
    """Print the table, row by row as it comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--forecast", type=float)
    parser.add_argument("--processes", type=int, default=2)
    said = parser.parse_args()
    homes = {
        path.stem: read_history([path], Instructions(zone=ZONE)).interval_data()
        for path in sorted((said.folder / "homes").glob("*.csv"))
    }
    print(
        "| home | plan | grid charge | no battery | self-cons. | example | tuned | lever | optimum"
        " | share | s |\n|" + "---|" * 11
    )
    for name, tariff, export in PLANS:
        plan = plan_of(tariff, export, said.folder)
        for may_buy in (True, False):
            saved = possible = 0.0
            for home, data in homes.items():
                if data.step != timedelta(hours=1):
                    raise SystemExit(f"{home}: must be of hours")
                figures, seconds, recommended = row(
                    data, plan, may_buy=may_buy, error=said.forecast, processes=said.processes
                )
                _, plain, _, tuned, lever, _ = figures
                saved, possible = saved + plain - tuned, possible + plain - lever
                shown = " | ".join("-" if np.isnan(each) else f"{each:.0f}" for each in figures)
                mark = "" if recommended else " (not recommended)"
                print(
                    f"| {home} | {name} | {'yes' if may_buy else 'no'} | {shown} |"
                    f" {100 * (plain - tuned) / (plain - lever):.0f} %{mark} | {seconds:.1f} |",
                    flush=True,
                )
            print(
                f"| all | {name} | {'yes' if may_buy else 'no'} |"
                + " |" * 6
                + f" {100 * saved / possible:.1f} % | |",
                flush=True,
            )


if __name__ == "__main__":
    main()
