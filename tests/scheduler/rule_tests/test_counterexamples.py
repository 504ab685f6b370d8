"""What a check finds, written as a test and run: the controller does what the check says."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from rule_testing import BASE, results, told

from rules.check import Code, Finding, check
from rules.engine import Plan, RuleSet
from rules.language import load_rules
from rules.resolve import Levers
from rules.testing import load_rule_tests, rule_test_text, rule_tests_text
from scheduler.gateways import WIDEST_LEVERS

FIRST, DAYS = date(2026, 7, 1), 150

PAIRS = {
    "hours": ('while = { time = "12:00-16:00" }', 'while = { time = "15:00-17:00" }'),
    "grid": ('while = { grid = "down" }', "while = { soe_below = 30 }"),
    "services": ("while = { grid_services = true }", 'while = { load_above = "5 kW" }'),
    "flags": ('while = { flag = "storm" }', 'while = { none = [{ flag = "away" }] }'),
    "inputs": (
        'while = { input = "sun", above = 20, oldest = "2h" }',
        'while = { input = "sun", below = 22 }',
    ),
    "powers": (
        'while = { charging_above = "1 kW" }\nfor = "5m"',
        'while = { export_above = "2 kW" }\nkeep = "3h"',
    ),
    "margins": (
        "while = { soe_above = 50 }\nmargin = 5",
        "while = { soe_below = 48 }\nmargin = 1",
    ),
    "kept": (
        'while = { solar_above = "3 kW" }\nkeep = "1h"',
        'while = { solar_below = "1 kW" }\nfor = "10m"',
    ),
    "stale": (
        'while = { input = "sun", above = 20, oldest = "1h" }\nstale = "30m"',
        'while = { input = "sun", below = 10 }\nstale = "5m"\nkeep = "20m"',
    ),
    "prices": ("while = { price_below = 0.1 }", "while = { export_price_below = 0.05 }"),
    "ranks": (
        'while = { cheapest = 4, of = "22:00-06:00" }',
        'while = { time = "23:00-05:00", price_above = 0.1 }',
    ),
    "the doubled hour": (
        'while = { time = "01:15-01:45", dates = "11-01", flag = "storm" }\nfor = "20m"',
        'while = { time = "01:15-01:45", dates = "11-01", soe_below = 30 }\nfor = "20m"',
    ),
}


def plan_of(path: Path) -> Plan:
    rules: RuleSet = load_rules([path])
    return Plan.of(rules, WIDEST_LEVERS)


@pytest.mark.parametrize("name", PAIRS)
def test_a_conflict_that_is_found_is_a_test_that_passes(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        BASE
        + "".join(
            f'[[rule]]\nname = "{rule}"\n{said}\nset = {{ reserve = {reserve} }}\n'
            for rule, said, reserve in zip("ab", PAIRS[name], (30, 80), strict=True)
        )
    )
    plan = plan_of(path)
    conflicts = [each for each in check(plan, FIRST, days=DAYS).findings if _shown(each)]
    assert conflicts
    texts = [
        rule_test_text(f"{number}", each.history.looks, plan.rules.almanac.zone, active=["a", "b"])
        for number, each in enumerate(conflicts)
        if each.history is not None
    ]
    tests = tmp_path / "found.test.toml"
    tests.write_text(rule_tests_text([path.name], texts))
    for found in results(load_rule_tests(tests)):
        assert told(found) == []


def _shown(finding: Finding) -> bool:
    return finding.code is Code.CONFLICT and finding.history is not None


def test_the_route_of_a_test_is_the_widest_of_those_that_a_check_has(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(BASE + '[[rule]]\nname = "a"\nset = { reserve = 30 }\n')
    tests = tmp_path / "mine.test.toml"
    tests.write_text(
        '[[test]]\nname = "a"\nstart = "2026-07-06 00:00"\n[[test.expect]]\nwrites = 1\n'
    )
    levers: Levers = load_rule_tests(tests).levers
    assert levers == WIDEST_LEVERS
