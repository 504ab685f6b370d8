"""How long a year of looks takes: `python bench/year.py`.

A year at 5-minute steps, 105,120 looks, decided only where the last decision no longer stands.
Making the observations is not timed. Each figure is the median of several runs, in processor time:
other programs want this machine, too.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rule_kinds import mixed, noise, outside, plan_of, realistic, rule, walk

from rules.domain import Observation
from rules.engine import Memory, decide
from rules.inputs import NO_INPUTS, DatedValue, Inputs

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
STEP = timedelta(minutes=5)
STEPS = 365 * 288
RUNS = 3
REFRESH = 36
"""A forecast comes every three hours."""

PLAIN = """
[[rule]]
name = "rule {n}"
priority = {n}
while = {{ time = "{start:02}:00-{end:02}:30", season = "{season}", days = "{days}", {clause} }}
set = {{ reserve = {reserve} }}
"""


def plain() -> str:
    """Twenty rules of windows, seasons and one threshold each."""
    clauses = ("soe_below = 30", "soe_above = 70", 'grid = "up"', "soe_below = 55")
    return "".join(
        PLAIN.format(
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


def year(text: str, seen: Sequence[Observation], inputs: Inputs) -> tuple[float, int]:
    """Seconds for a year, and how many of its looks had to be decided."""
    plan = plan_of(text)
    memory, decided = Memory(START), 0
    decision = None
    began = time.process_time()
    for number, observation in enumerate(seen):
        if number % REFRESH == 0 and inputs.values:
            inputs = replace(inputs, values={"sun": DatedValue(30.0, observation.at)})
        if decision is None or not decision.stands(observation, inputs, observation.at):
            decision, memory = decide(plan, observation, memory, inputs, observation.at)
            decided += 1
    return time.process_time() - began, decided


if __name__ == "__main__":
    wandering = tuple(walk(START, STEP, STEPS))
    jumping = tuple(noise(START, STEP, STEPS))
    given = outside(START, 366)
    always = "".join(rule("plain", n) for n in range(20))
    for name, text, seen, inputs, goal in (
        ("20 realistic, plain, walk", plain(), wandering, NO_INPUTS, 0.15),
        ("20 realistic of every kind, walk", realistic(20), wandering, given, 0.3),
        ("198 realistic of every kind, walk", realistic(198), wandering, given, 1.8),
        ("20 always open of every kind, walk", mixed(20), wandering, given, 0.4),
        ("20 always open of every kind, noise", mixed(20), jumping, given, 2.2),
        ("20 always open, plain, noise", always, jumping, NO_INPUTS, 2.2),
    ):
        runs = [year(text, seen, inputs) for _ in range(RUNS)]
        seconds, decided = statistics.median(seconds for seconds, _ in runs), runs[0][1]
        print(
            f"a year, {name:36} {seconds:6.2f} s  (goal {goal:g} s), "
            f"{decided:,} of {STEPS:,} looks decided"
        )
