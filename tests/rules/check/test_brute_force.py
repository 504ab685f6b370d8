"""The check agrees with brute force over every minute and a fine grid of states, both ways.

A part of the sets is tried in the ordinary suite; `make test-ci-long` and `make test-long` go on.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest
from brute_force import MOST_LOOKS, BruteForce, TooMuch
from close_rules import RuleSet, rule_sets
from conflicting import in_conflict
from random_rules import plan_of

from rules.check import Code, Report, check, compare
from rules.check.months import DAYS
from rules.engine import Plan
from rules.errors import RuleProblems

ORDINARY, CI, ALL = range(1), range(1, 5), range(5, 10)
SETS = 50
COMPARED = 12
"""Sets of each seed that are compared with changed ones."""

FEWER_LOOKS = 25_000
"""In the ordinary suite the sets with the most states are left out."""

seeds = pytest.mark.parametrize(
    "seed",
    [
        *ORDINARY,
        *(pytest.param(each, marks=pytest.mark.long) for each in CI),
        *(pytest.param(each, marks=[pytest.mark.long, pytest.mark.longest]) for each in ALL),
    ],
)


class Both(NamedTuple):
    """What the check says of a rule set, and what brute force does."""

    rules: RuleSet
    plan: Plan
    report: Report
    brute: BruteForce

    def told(self, *codes: Code) -> set[str]:
        """The rules that findings of these kinds are about."""
        return {each.places[0].rule for each in self.report.findings if each.code in codes}


def both(seed: int) -> list[Both]:
    found = []
    for rules in rule_sets(seed, SETS):
        plan = rules.plan
        try:
            most = FEWER_LOOKS if seed in ORDINARY else MOST_LOOKS
            brute = BruteForce(plan, rules.first, DAYS, priced=rules.priced, most=most)
        except TooMuch:
            continue
        found.append(Both(rules, plan, check(plan, rules.first, priced=rules.priced), brute))
    assert len(found) > SETS * 4 // 5
    return found


@seeds
def test_the_check_agrees_with_brute_force(seed: int) -> None:
    for each in both(seed):
        text = each.rules.text
        told = pairs(each.report, Code.CONFLICT)
        found = each.brute.conflicts()
        assert found <= told | pairs(each.report, Code.UNDECIDED), text
        assert told <= found, text
        replayed(each)
        known = each.told(Code.NEVER_ACTIVE, Code.DATES_PASSED)
        idle = {rule.name for rule in each.plan.rules.state_rules} - each.brute.ever_active()
        assert idle == known, text
        shadowed(each)
        assert always_true(each.report) == {
            (rule, key) for rule, key in each.brute.always_true() if rule not in known
        }, text
        composed = {(pair.mode_from, pair.reserve_from): pair for pair in each.report.composed}
        assert {key: pair.a_year for key, pair in composed.items()} == each.brute.composed(), text
        default = each.report.default
        assert default is not None
        assert (default.always, default.at_times) == each.brute.left_to_default(), text


def pairs(report: Report, code: Code) -> set[frozenset[str]]:
    return {
        frozenset(place.rule for place in each.places)
        for each in report.findings
        if each.code is code
    }


def replayed(each: Both) -> None:
    """Every conflict is one on the engine, at the end of the history that is told."""
    for finding in each.report.findings:
        if finding.code is Code.CONFLICT:
            assert finding.history is not None
            looks = finding.history.looks
            assert all(one.at < other.at for one, other in pairwise(looks))
            pair = frozenset(place.rule for place in finding.places)
            assert pair in in_conflict(each.plan, finding.history.play(each.plan)), each.rules.text


def shadowed(each: Both) -> None:
    """A rule that never wins is told, unless it never wins for a conflict that is told."""
    plan, told = each.plan, each.told(Code.NEVER_WINS)
    can_win = {
        rule.name
        for rule in plan.rules.state_rules
        if plan.claims[rule.name] or rule.want.reserve_at_least is not None
    }
    idle = (each.brute.ever_active() - each.brute.ever_winning()) & can_win
    assert told <= idle, each.rules.text
    in_pairs = {name for pair in pairs(each.report, Code.CONFLICT) for name in pair}
    holds = any(rule.want.looks_at_soe for rule in plan.rules.state_rules)
    floors = {r.name for r in plan.rules.state_rules if r.want.reserve_at_least is not None}
    # What a hold has taken may be lower than what it would take now: nothing is told then.
    assert idle - told - in_pairs <= (floors if holds else set()), each.rules.text


def always_true(report: Report) -> set[tuple[str, str]]:
    return {
        (place.rule, key_of(place.keys))
        for each in report.findings
        if each.code is Code.ALWAYS_TRUE and "every slot" not in each.text
        for place in each.places
    }


def key_of(keys: tuple[str | int, ...]) -> str:
    """Keys as a condition has them: "while.any[0].soe_above"."""
    said = [f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys]
    return "".join(said).removeprefix(".")


CHANGES = (
    ("reserve = 50", "reserve = 49"),
    ("priority = 1", "priority = 2"),
    ("soe_above = 50", "soe_above = 51"),
    ("soe_below = 80", "soe_below = 78"),
    ("margin = 20", "margin = 5"),
    ('"06:00-16:00"', '"06:00-15:00"'),
    ("priority = -1", "priority = 0"),
    ("reserve_at_least = 50", "reserve_at_least = 45"),
    ("to = 50", "to = 51"),
    ("dates = { named", "dates = { another = [], named"),
    ("solar_above = 600", "solar_above = 601"),
    ("price_above = 0.3", "price_above = 0.4"),
)


@seeds
def test_a_comparison_agrees_with_brute_force(seed: int) -> None:
    compared = 0
    for number, rules in enumerate(rule_sets(seed, COMPARED)):
        for turn in range(len(CHANGES)):
            old, new = CHANGES[(number + turn) % len(CHANGES)]
            if old in rules.text:
                compared += agrees(rules, rules.text.replace(old, new, 1))
                break
    assert compared


def agrees(rules: RuleSet, changed: str) -> bool:
    try:
        before, after = rules.plan, plan_of(changed, rules.levers)
        brute = BruteForce(
            before, rules.first, DAYS, priced=rules.priced, beside=after, most=FEWER_LOOKS
        )
    except (RuleProblems, TooMuch):
        return False
    comparison = compare(before, after, rules.first, priced=rules.priced)
    differing = brute.differing()
    text = f"{rules.text}\n--- and\n{changed}"
    if comparison.difference is None:
        assert not differing or comparison.undecided, text
        return comparison.equal
    assert differing, text
    shown, looks = comparison.difference, comparison.difference.history.looks
    assert shown.history.play(before).written == shown.before.written, text
    assert shown.before.written != shown.after.written, text
    if len(looks) == 1:
        last = looks[0]
        assert min(each.first for each in differing) <= last.at
    return True
