"""What is passed over, and what is taken from another plan, is as if it had been worked out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from random_rules import inline, plan_of

from rules.check.simulation import Run, Simulations
from rules.domain import Quantity
from rules.engine import Plan, QuantityThreshold, StateRule
from rules.resolve import Intent, Want

AT = datetime(2026, 6, 2, 17, 30, tzinfo=UTC)
HOMES = ((500.0, 0.0), (500.0, 4_000.0), (3_000.0, 0.0))
BASE = """\
language = 1
timezone = "America/Los_Angeles"
[default]
mode = "self_consumption"
reserve = 20
"""
CLAUSES = (
    *({"soe_below": limit} for limit in (22, 40, 50, 97)),
    *({"soe_above": limit} for limit in (30, 45, 60, 96)),
    *({key: watts} for key in ("charging_above", "import_above") for watts in (500, 2_000)),
    {"discharging_above": 400},
    {"time": "11:00-12:30"},
    {"export_below": 1_000},
)
WANTS = (
    {"mode": "backup"},
    {"battery": "hold"},
    {"battery": "charge", "to": 60},
    *({"reserve": reserve} for reserve in (10, 45, 99)),
)


def some_plan(chance: random.Random) -> Plan:
    rules = []
    for number in range(chance.choice((1, 2, 3))):
        said = {
            "name": f"rule {number}",
            "priority": number,
            "while": {**chance.choice(CLAUSES), **chance.choice(CLAUSES)},
            "set": chance.choice(WANTS),
        }
        for key, values in (("for", ("2m", "10m")), ("keep", ("2m", "30m"))):
            if chance.random() < 0.2 and said["while"].keys() != {"time"}:
                said[key] = chance.choice(values)
        rules.append("\n".join(f"{key} = {inline(value)}" for key, value in said.items()))
    return plan_of(BASE + "".join(f"[[rule]]\n{rule}\n" for rule in rules))


def some_runs(chance: random.Random) -> list[Run]:
    return [Run(AT, chance.choice((21, 40, 50, 60, 95)), *home) for home in HOMES]


def with_margin(rule: StateRule, margin: float) -> StateRule:
    conditions = tuple(
        replace(each, margin=margin)
        if isinstance(each, QuantityThreshold) and each.quantity is Quantity.SOE
        else each
        for each in rule.conditions
    )
    return replace(rule, conditions=conditions)


def test_what_is_passed_over_is_as_if_every_minute_were_stepped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = random.Random(1)
    cases = [(some_plan(chance), some_runs(chance)) for _ in range(15)]
    passed = [list(all_of(plan, runs)) for plan, runs in cases]
    monkeypatch.setattr("rules.check.simulation._House._alike", lambda *_: 0)
    assert passed == [list(all_of(plan, runs)) for plan, runs in cases]


def all_of(plan: Plan, runs: list[Run]) -> Iterator[object]:
    for run in runs:
        yield Simulations(plan).outcome(run), Simulations(plan).looks(run)


def test_what_is_kept_with_another_rule_is_as_if_worked_out_anew() -> None:
    chance = random.Random(1)
    for _ in range(15):
        plan, runs = some_plan(chance), some_runs(chance)
        before = Simulations(plan)
        for run in runs:
            before.outcome(run)
        for rule in plan.rules.state_rules:
            charging = Want(battery=Intent.CHARGE, to=70)
            for changed in (with_margin(rule, 20.0), replace(rule, want=charging)):
                kept, anew = before.with_another(changed), Simulations(plan.with_another(changed))
                assert [kept.outcome(run).cycle for run in runs] == [
                    anew.outcome(run).cycle for run in runs
                ]


def test_a_threshold_that_holds_is_enough_for_a_margin_to_matter() -> None:
    plan = plan_of(
        BASE
        + """
        [[rule]]
        name = "buy"
        while = { time = "11:00-12:30" }
        set = { mode = "backup" }
        [[rule]]
        name = "stop buying"
        priority = 1
        while = { soe_below = 50, import_above = 500 }
        set = { mode = "self_consumption" }
        """
    )
    before, run = Simulations(plan), Run(AT, 40.0, 500.0, 4_000.0)
    assert before.outcome(run).cycle == ()
    changed = with_margin(plan.rules.state_rules[0], 20.0)
    assert changed.name == "stop buying"
    assert before.with_another(changed).outcome(run).names == ("stop buying", "buy")
