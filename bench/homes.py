"""What rules earn on measured homes: one table, in energy dollars a year.

    python bench/homes.py FOLDER [--forecast ERROR] [--processes 2]

FOLDER has `homes/*.csv` (time, load_kW, solar_kW, of a year) and `export/` with SCE's hourly
credits. For each home, plan and permission: no battery, self-consumption, the shipped examples that
are for homes on such plans, tuned rules on months that they were not tuned on, the lever optimum,
the optimum; and the share of the lever optimum's saving over self-consumption that tuned rules
reach. `in sample` is the finished file, tuned on all months and run by the engine, on a route that
can switch charging from the grid; `by reserve` the same on one that cannot, and holds by a reserve.
All in
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
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np

from rules.battery import Battery
from rules.engine import RuleSet
from rules.language import load_rules, shipped
from rules.resolve import Levers, Limits
from rules.terms import load_bill_tariff
from scheduler.domain import Safety
from scheduler.money import IntervalData, MeteredEnergy
from scheduler.money.backtest import ORDINARY, Site, backtest, self_consumption, without_battery
from scheduler.money.bill import BillCalculator, Export, Plan, read_export_credits
from scheduler.money.intervals import Instructions, read_history
from scheduler.money.optimum import Costs, lever_optimum, optimum
from scheduler.money.tuning import Tuned, rule_file, tune

ROOT = Path(__file__).parents[1]
ZONE = ZoneInfo("America/Los_Angeles")
JUNE = date(2025, 6, 1)
PLANS = (
    ("PRIME NEM2", "sce-tou-d-prime", Export.NEM2_BY_INTERVAL),
    ("PRIME NBT25", "sce-tou-d-prime", Export.NBT),
    ("4-9PM NEM2", "sce-tou-d-4-9pm", Export.NEM2_BY_INTERVAL),
)
EXAMPLES = ("tou_sce", "first_steps", "ev_night", "critical_peak")
SWITCHING = Levers(grid_charging=frozenset({False, True}), reserve_ceiling=80)
BY_RESERVE = Levers(reserve_ceiling=80)
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


def written(tuned: Tuned, tariff: str) -> RuleSet:
    """The rules as a file says them."""
    text = rule_file(
        tuned.policy,
        tuned.savings,
        source={"tariff": tariff},
        floor=FLOOR,
        currency="USD",
        dear_from=tuned.dear_from,
    )
    with TemporaryDirectory() as folder:
        path = Path(folder, "tuned.toml")
        path.write_text(text, encoding="utf-8")
        return load_rules([path])


def row(
    data: IntervalData,
    plan: Plan,
    name_of_tariff: str,
    *,
    may_buy: bool,
    error: float | None,
    processes: int,
) -> tuple[list[float], float, bool]:
    """The columns of a home, seconds of tuning, and whether tuned rules were recommended."""
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    costs = replace(Costs.of(calculator), due=None, fixed=0.0, allowances=())
    battery, limits = Battery(), Limits(grid_charging=may_buy, reserve_floor=FLOOR)
    safety = Safety(FLOOR, ORDINARY.safe, grid_charging=may_buy)
    site = Site(data, battery, float(FLOOR), safety, SWITCHING)

    def dollars(metered: MeteredEnergy) -> float:
        return costs.dollars(metered.imported_wh, metered.exported_wh)

    def played(rules: RuleSet, levers: Levers = SWITCHING) -> float:
        return dollars(backtest(replace(site, levers=levers), rules).flows.metered)

    began = time.perf_counter()
    expected = None if error is None else forecast_of(data, error)
    tuned = tune(data, costs, plan.tariff.tariff, battery, limits, expected, processes=processes)
    seconds = time.perf_counter() - began
    plain = dollars(self_consumption(site, FLOOR).metered)
    examples = [played(load_rules([ROOT / f"examples/{name}.toml"])) for name in EXAMPLES]
    finished = [float("nan")] * 2  # an input is not at hand here
    if error is None:
        rules = written(tuned, name_of_tariff)
        finished = [played(rules), played(rules, BY_RESERVE)]
    lever = lever_optimum(data, costs, battery, limits).dollars
    least = optimum(data, costs, battery, limits).dollars
    bare = dollars(without_battery(site).metered)
    figures = [bare, plain, *examples, plain - tuned.saving, *finished, lever, least]
    return figures, seconds, tuned.recommended


def main() -> None:
    """Print the table, row by row as it comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--forecast", type=float)
    parser.add_argument("--processes", type=int, default=2)
    said = parser.parse_args()
    columns = (
        *("home", "plan", "grid charge", "no battery", "self-cons."),
        *EXAMPLES,
        *("tuned", "in sample", "by reserve", "lever", "optimum", "share", "s"),
    )
    homes = {
        path.stem: read_history([path], Instructions(zone=ZONE)).interval_data()
        for path in sorted((said.folder / "homes").glob("*.csv"))
    }
    print(f"| {' | '.join(columns)} |\n|" + "---|" * len(columns))
    saved_of = dict.fromkeys((True, False), 0.0)
    possible_of = dict(saved_of)
    for name, tariff, export in PLANS:
        plan = plan_of(tariff, export, said.folder)
        for may_buy in (True, False):
            saved = possible = 0.0
            for home, data in homes.items():
                if data.step != timedelta(hours=1):
                    raise SystemExit(f"{home}: must be of hours")
                figures, seconds, recommended = row(
                    data,
                    plan,
                    tariff,
                    may_buy=may_buy,
                    error=said.forecast,
                    processes=said.processes,
                )
                plain, tuned, lever = figures[1], figures[-5], figures[-2]
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
                + " |" * (len(columns) - 5)
                + f" {100 * saved / possible:.1f} % | |",
                flush=True,
            )
            saved_of[may_buy] += saved
            possible_of[may_buy] += possible
    for may_buy, saved in saved_of.items():
        print(
            f"| all | all | {'yes' if may_buy else 'no'} |"
            + " |" * (len(columns) - 5)
            + f" {100 * saved / possible_of[may_buy]:.1f} % | |"
        )


if __name__ == "__main__":
    main()
