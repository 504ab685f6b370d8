"""How long the proof of thirteen months takes: `python bench/check.py`."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import date

from rule_kinds import mixed, plan_of, realistic

from rules.check import Report, check
from rules.engine import Plan

FIRST = date(2026, 11, 21)
TIMES = 3


def distinct(count: int, priorities: int) -> str:
    """Rules that are always open, every threshold another, in so many priorities."""
    chance = random.Random(7)  # noqa: S311 -- the same rules at every run
    rules = []
    for number in range(count):
        soe, load = chance.uniform(1, 99), chance.uniform(50, 9_000)
        key = chance.choice(("soe_above", "soe_below"))
        other = chance.choice(("load_above", "load_below", "solar_above", "import_above"))
        rules.append(
            f'[[rule]]\nname = "rule {number}"\npriority = {number % priorities}\n'
            f"while = {{ {key} = {soe:.3f}, {other} = {load:.1f} }}\n"
            f"set = {{ reserve = {chance.randrange(0, 80)} }}\n"
        )
    return "".join(rules)


def told(name: str, goal: float, plan: Plan) -> None:
    """One line: the fastest of a few runs, and what was found."""
    best, report = min(
        (timed(lambda: check(plan, FIRST)) for _ in range(TIMES)), key=lambda each: each[0]
    )
    verdict = "" if best <= goal else "  MISSED"
    codes = Counter(str(each.code) for each in report.findings)
    print(
        f"{name:<48}{best:7.3f} s  goal {goal:g}{verdict}  {dict(sorted(codes.items()))}",
        flush=True,
    )


def timed(run: Callable[[], Report]) -> tuple[float, Report]:
    """Seconds of CPU, and what came of it."""
    start = time.process_time()
    report = run()
    return time.process_time() - start, report


if __name__ == "__main__":
    told("20 realistic rules", 0.05, plan_of(realistic(20)))
    told("200 realistic rules", 0.5, plan_of(realistic(200)))
    told("20 rules of every kind", 0.05, plan_of(mixed(20)))
    told("200 always open, thresholds distinct, as many priorities", 3, plan_of(distinct(200, 200)))
    told("200 always open, thresholds distinct, ten priorities", 3, plan_of(distinct(200, 10)))
