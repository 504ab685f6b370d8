"""How long a decision takes: `python bench/decide.py`.

Twenty rules that are all open: plain ones, with one of another kind among them, of all kinds, and
two hundred of them. The state of energy and the powers change at every look, or wander as they do
in a home. Each figure is the median of many looks, and of several runs.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rule_kinds import KINDS, mixed, noise, outside, plan_of, rule, sweep, walk

from rules.domain import Observation
from rules.engine import Memory, Plan, decide
from rules.inputs import Inputs

START = datetime(2026, 7, 15, 7, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LOOKS, RUNS = 5_000, 5
PLAIN = "".join(rule("soe", number) for number in range(19))
OTHERS = tuple(kind for kind in KINDS if kind not in ("plain", "soe"))
CLOSED = 'time = "01:00-02:00", '


def median_us(plan: Plan, seen: Iterable[Observation], inputs: Inputs) -> float:
    """The median of `decide`."""
    memory, times = Memory(START), []
    for observation in seen:
        began = time.perf_counter()
        _, memory = decide(plan, observation, memory, inputs, observation.at)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def nothing_broken_us(plan: Plan, inputs: Inputs) -> float:
    """The median where no rule has anything to say that it did not say before."""
    (observation,) = noise(START, SECOND, 1)
    again = (replace(observation, at=START + n * SECOND) for n in range(LOOKS))
    return median_us(plan, again, inputs)


def stands_us(plan: Plan, inputs: Inputs) -> float:
    """The median of finding out that the decision stands."""
    (observation,) = noise(START, SECOND, 1)
    decision, _ = decide(plan, observation, Memory(START), inputs, START)
    times = []
    for _ in range(LOOKS):
        began = time.perf_counter()
        stands = decision.stands(observation, inputs, START + SECOND)
        times.append(time.perf_counter() - began)
        if not stands:
            raise SystemExit("something has changed")
    return statistics.median(times) * 1e6


def cold_us(plan: Plan, inputs: Inputs) -> float:
    """The median of a first evaluation, of a memory without a cache."""
    times = []
    for observation in noise(START, SECOND, LOOKS // 10):
        began = time.perf_counter()
        decide(plan, observation, Memory(START), inputs, observation.at)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def told(name: str, goal: float, measured: Callable[[], float]) -> None:
    """The median of several runs: other programs want this machine, too."""
    found = statistics.median(measured() for _ in range(RUNS))
    print(f"{name:44} {found:7.2f} us  (goal {goal:g} us)")


if __name__ == "__main__":
    given = outside(START, 2)
    plain, all_kinds = plan_of(PLAIN + rule("soe", 19)), plan_of(mixed(20))

    def jumps(plan: Plan) -> Callable[[], float]:
        """Everything changes at every look."""
        return lambda: median_us(plan, sweep(START, SECOND, LOOKS), given)

    def wanders(plan: Plan) -> Callable[[], float]:
        """Everything wanders."""
        return lambda: median_us(plan, walk(START, SECOND, LOOKS), given)

    told("20 open rules", 8, jumps(plain))
    for kind in OTHERS:
        told(f"20 open rules, one with {kind}", 9, jumps(plan_of(PLAIN + rule(kind, 19))))
    told("20 open of all kinds, walk", 6, wanders(all_kinds))
    told("200 open", 18, jumps(plan_of("".join(rule("soe", n) for n in range(200)))))
    told("200 open of all kinds, walk", 18, wanders(plan_of(mixed(200))))
    closed = "".join(rule("floor", n % 1_000, CLOSED) for n in range(100, 1_000))
    among = plan_of(PLAIN + rule("soe", 19) + closed)
    told("920 rules of which 20 open", 25, jumps(among))
    told("nothing broken", 1, lambda: nothing_broken_us(plain, given))
    told("nothing broken, all kinds", 1, lambda: nothing_broken_us(all_kinds, given))
    told("a decision that stands", 0.5, lambda: stands_us(all_kinds, given))
    told("cold", 120, lambda: cold_us(plain, given))
    told("cold, all kinds", 120, lambda: cold_us(all_kinds, given))
