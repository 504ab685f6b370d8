"""How long the proof of thirteen months takes, and a comparison: `python bench/check.py`."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from rule_kinds import mixed, plan_of, realistic

from rules.check import Comparison, Report, check, compare
from rules.engine import Plan

FIRST = date(2026, 11, 21)
TIMES = 3

Found = TypeVar("Found", Report, Comparison)


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
    best, report = fastest(lambda: check(plan, FIRST))
    codes = Counter(str(each.code) for each in report.findings)
    print_line(name, best, goal, str(dict(sorted(codes.items()))))


def compared(name: str, text: str, right: str, other: str) -> None:
    """One line: rules against those with one change, which may take twice a check of them."""
    old, new = plan_of(text.replace(right, other, 1)), plan_of(text)
    checked, _ = fastest(lambda: check(new, FIRST))
    best, found = fastest(lambda: compare(old, new, FIRST))
    said = "different" if found.difference else found.undecided or "equal"
    print_line(name, best, 2 * checked, said)


def print_line(name: str, best: float, goal: float, said: str) -> None:
    """What was measured, beside the goal."""
    verdict = "" if best <= goal else "  MISSED"
    print(f"{name:<56}{best:7.3f} s  goal {goal:.3g}{verdict}  {said}", flush=True)


def fastest(run: Callable[[], Found]) -> tuple[float, Found]:
    """Seconds of CPU of the fastest of a few runs, and what came of it."""
    return min((timed(run) for _ in range(TIMES)), key=lambda each: each[0])


def timed(run: Callable[[], Found]) -> tuple[float, Found]:
    """Seconds of CPU, and what came of it."""
    start = time.process_time()
    found = run()
    return time.process_time() - start, found


if __name__ == "__main__":
    told("20 realistic rules", 0.05, plan_of(realistic(20)))
    told("200 realistic rules", 0.5, plan_of(realistic(200)))
    told("20 rules of every kind", 0.05, plan_of(mixed(20)))
    told("200 always open, thresholds distinct, as many priorities", 3, plan_of(distinct(200, 200)))
    told("200 always open, thresholds distinct, ten priorities", 3, plan_of(distinct(200, 10)))
    compared("20 realistic rules against others", realistic(20), "reserve = 33", "reserve = 34")
    compared("200 realistic rules against others", realistic(200), "reserve = 33", "reserve = 34")
    compared("20 rules of every kind against others", mixed(20), "06:00-", "06:30-")
