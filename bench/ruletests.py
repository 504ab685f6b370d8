"""What a day of a rule test costs, in processor time: `python bench/ruletests.py`.

The first figure is the goal: a whole day with a simulated home, everything that `pwsched test` does
for it but reading the file. Below it the same with given values, which stand still between points,
and all tests of the examples.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from rule_kinds import BASE
from year import plain as realistic

from rules.testing import RuleTestFile, SimulatedHome, load_rule_tests
from scheduler.household import Household
from scheduler.rule_tests import LoadAndSun, run

EXAMPLES = Path(__file__).parents[1] / "examples"
RUNS = 9
HOME = "home = { soe = 40, seed = 7 }"
GIVEN = 'given = { soe = 60 }\nthen = [{ at = "20:00", soe = 25, ramp = true }]'


def household(home: SimulatedHome, zone: ZoneInfo) -> LoadAndSun:
    """The load and the sun of a seed."""
    return replace(Household.in_zone(home.seed, zone), panels_w=home.panels_w)


def loaded(rules: str, house: str, day: str) -> RuleTestFile:
    """One test of a day."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.test.toml"
        path.with_name("rules.toml").write_text(rules, encoding="utf-8")
        path.write_text(
            f'[[test]]\nname = "a day"\nstart = "{day} 00:00"\nstep = "1m"\n{house}\n'
            "[[test.expect]]\nwrites = { at_most = 24 }\n",
            encoding="utf-8",
        )
        return load_rule_tests(path)


def a_day(rules: str, house: str) -> tuple[float, float, int]:
    """The median and the best of some days in milliseconds, each another one, and the ticks."""
    spent, ticks = [], 0
    for number in range(RUNS):
        file = loaded(rules, house, f"2026-07-{6 + number:02}")
        began = time.process_time()
        ticks = run(file.tests[0], file, household).ticks
        spent.append((time.process_time() - began) * 1e3)
    return statistics.median(spent), min(spent), ticks


if __name__ == "__main__":
    tou = (EXAMPLES / "tou_sce.toml").read_text("utf-8")
    for name, rules in (("tou_sce.toml", tou), ("20 realistic rules", BASE + realistic())):
        for kind, house in (("a simulated home", HOME), ("given values", GIVEN)):
            middle, best, ticks = a_day(rules, house)
            print(
                f"a day of {name:18} {kind:16} {middle:6.1f} ms, best {best:.1f} (goal 30 ms),"
                f" {ticks} ticks"
            )
    files = [load_rule_tests(path) for path in sorted(EXAMPLES.rglob("*.test.toml"))]
    began = time.process_time()
    days = 0.0
    for file in files:
        for test in file.tests:
            run(test, file, household)
            days += (test.end - test.start).total_seconds() / 86_400
    print(f"the examples: {time.process_time() - began:.2f} s for {days:.0f} days")
