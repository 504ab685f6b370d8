"""How long a decision takes: `python bench/decide.py`.

Twenty rules that are all open, the same among 2,000, the same with a timer in one of them (then
every look is evaluated, and none is found again), and a look at which nothing has changed. Each
figure is the median of many looks with a state of energy that wanders, and of several runs.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rules.domain import AppPercent, GridStatus, Observation
from rules.engine import Memory, Plan, decide
from rules.inputs import NO_INPUTS
from rules.language import load_rules
from rules.resolve import Levers

START = datetime(2026, 7, 15, 19, tzinfo=UTC)
LOOKS = 10_000
RUNS = 7

BASE = """
language = 1
tariff = "sce-tou-d-prime"
[default]
mode = "self_consumption"
reserve = 20
"""
OPEN = """
[[rule]]
name = "open {n}"
priority = {n}
while = {{ time = "08:00-20:00", soe_below = {soe} }}
set = {{ mode = "self_consumption", reserve = {reserve} }}
"""
TIMED = """
[[rule]]
name = "timed"
priority = -1
while = { time = "08:00-20:00", soe_below = 50 }
for = "1s"
set = { reserve = 30 }
"""
CLOSED = """
[[rule]]
name = "closed {n}"
priority = {priority}
while = {{ time = "01:00-02:00", soe_below = 50 }}
set = {{ reserve = 50 }}
"""


def plan(open_rules: int, closed_rules: int = 0, more: str = "") -> Plan:
    """Rules with a state of energy each; the closed ones have their window in the night."""
    opened = [OPEN.format(n=n, soe=20 + 3 * n, reserve=20 + n) for n in range(open_rules)]
    files = [BASE + "".join(opened) + more]
    closed = [CLOSED.format(n=n, priority=100 + n % 800) for n in range(closed_rules)]
    files += ["".join(closed[first : first + 200]) for first in range(0, closed_rules, 200)]
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.toml" for number in range(len(files))]
        for path, text in zip(paths, files, strict=True):
            path.write_text(text)
        return Plan.of(load_rules(paths), Levers())


def median_us(tested: Plan) -> float:
    """The median of `decide` over a wandering state of energy."""
    memory = Memory(START)
    times = []
    for number in range(LOOKS):
        now = START + timedelta(seconds=number)
        soe = 50 + 45 * ((number * 7919) % 1000 - 500) / 500
        seen = Observation(now, soe=AppPercent(soe), grid=GridStatus.CONNECTED)
        began = time.perf_counter()
        _, memory = decide(tested, seen, memory, NO_INPUTS, now)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def median_unchanged_us(tested: Plan) -> float:
    """The median of finding out that nothing has changed."""
    seen = Observation(START, soe=AppPercent(55.0), grid=GridStatus.CONNECTED)
    decision, _ = decide(tested, seen, Memory(START), NO_INPUTS, START)
    now = START + timedelta(seconds=30)
    times = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        stands = decision.stands(seen, NO_INPUTS, now)
        times.append(time.perf_counter() - began)
        if not stands:
            raise SystemExit("something has changed")
    return statistics.median(times) * 1e6


def several(measured: Callable[[Plan], float], tested: Plan) -> float:
    """The median of several runs: other programs want this machine, too."""
    return statistics.median(measured(tested) for _ in range(RUNS))


if __name__ == "__main__":
    for name, measured, tested, goal in (
        ("decide, 20 open rules", median_us, plan(20), 20.0),
        ("decide, 2,000 rules of which 20 open", median_us, plan(20, 1980), 25.0),
        ("decide, 20 open rules, one with a timer", median_us, plan(19, more=TIMED), 20.0),
        ("nothing changed, 20 open rules", median_unchanged_us, plan(20), 0.5),
    ):
        print(f"{name:40} {several(measured, tested):7.2f} us  (goal {goal:g} us)")
