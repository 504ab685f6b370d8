"""How long a year of looks takes: `python bench/year.py`.

A year at 5-minute steps, 105,120 looks, decided only where the last decision no longer stands.
Two rule sets of 20 rules: realistic ones (windows, seasons, thresholds), and 20 that are always
open and look at powers that never rest. Making the observations is not timed. Each figure is the
median of several runs, in processor time: other programs want this machine, too.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rules.domain import AppPercent, GridStatus, Observation
from rules.engine import Memory, Plan, decide
from rules.inputs import NO_INPUTS
from rules.language import load_rules
from rules.resolve import Levers

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
STEP = timedelta(minutes=5)
STEPS = 365 * 288
RUNS = 5

BASE = """
language = 1
tariff = "sce-tou-d-prime"
[default]
mode = "self_consumption"
reserve = 20
"""
REALISTIC = """
[[rule]]
name = "rule {n}"
priority = {n}
while = {{ time = "{start:02}:00-{end:02}:30", season = "{season}", days = "{days}", {clause} }}
set = {{ reserve = {reserve} }}
"""
NOISY = """
[[rule]]
name = "rule {n}"
priority = {n}
while = {{ {word}_above = {watts} }}
set = {{ reserve = {reserve} }}
"""


def realistic() -> str:
    """Twenty rules as owners write them."""
    clauses = ("soe_below = 30", "soe_above = 70", 'grid = "up"', "soe_below = 55")
    return BASE + "".join(
        REALISTIC.format(
            n=n,
            start=n % 20,
            end=n % 20 + 3,
            season=("summer", "winter")[n % 2],
            days=("workdays", "weekends", "mon..sun")[n % 3],
            clause=clauses[n % 4],
            reserve=20 + n,
        )
        for n in range(20)
    )


def noisy() -> str:
    """Twenty rules that are always open, each with a threshold in the noise of a power."""
    words = ("load", "solar", "import", "discharging")
    return BASE + "".join(
        NOISY.format(n=n, word=words[n % 4], watts=400 + 150 * n, reserve=20 + n) for n in range(20)
    )


def observations() -> list[Observation]:
    """A year of a home whose powers never rest."""
    chance = random.Random(1)  # noqa: S311 -- a benchmark, no secret
    soe, found = 50.0, []
    for number in range(STEPS):
        load, solar = chance.uniform(300, 4000), max(0.0, chance.gauss(1200, 1500))
        battery = max(-3000.0, min(3000.0, load - solar))
        soe = min(100.0, max(20.0, soe - battery / 13_500 * 100 / 12))
        found.append(
            Observation(
                START + number * STEP,
                soe=AppPercent(soe),
                site_power=load - solar - battery,
                battery_power=battery,
                load_power=load,
                solar_power=solar,
                grid=GridStatus.CONNECTED,
            )
        )
    return found


def year(text: str, seen: list[Observation]) -> tuple[float, int]:
    """Seconds for a year, and how many of its looks had to be decided."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.toml"
        path.write_text(text)
        plan = Plan.of(load_rules([path]), Levers())
    memory, decided = Memory(START), 0
    decision = None
    began = time.process_time()
    for observation in seen:
        if decision is None or not decision.stands(observation, NO_INPUTS, observation.at):
            decision, memory = decide(plan, observation, memory, NO_INPUTS, observation.at)
            decided += 1
    return time.process_time() - began, decided


if __name__ == "__main__":
    looks = observations()
    for name, rules, goal in (
        ("20 realistic rules", realistic(), 0.15),
        ("20 always open", noisy(), 0.5),
    ):
        runs = [year(rules, looks) for _ in range(RUNS)]
        seconds, decided = statistics.median(seconds for seconds, _ in runs), runs[0][1]
        print(
            f"a year, {name:20} {seconds:6.2f} s  (goal {goal:g} s), "
            f"{decided:,} of {STEPS:,} looks decided"
        )
