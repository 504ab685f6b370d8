"""No conflict is missed against short histories of rules that wait, remember and linger.

The rules are few and alike on purpose, so that they meet far more often than random rules do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from conflicting import in_conflict
from random_rules import inline, plan_of

from rules.check import Code, check
from rules.domain import AppPercent, GridStatus, Observation
from rules.engine import Memory, Plan, decide, explain
from rules.inputs import DatedValue, Inputs

FIRST = date(2026, 6, 1)
NOON = datetime(2026, 6, 2, 19, tzinfo=UTC)
SETS, HISTORIES = 20, 60
BASE = """\
language = 1
timezone = "America/Los_Angeles"
[default]
mode = "self_consumption"
reserve = 20
"""
CLAUSES = (
    *({f"soe_{side}": limit} for side in ("above", "below") for limit in (20, 50, 80)),
    *({f"solar_{side}": limit} for side in ("above", "below") for limit in (500, 1000)),
    *({"input": "sun", side: limit} for side in ("above", "below") for limit in (10, 20)),
    {"grid": "up"},
    {"grid": "down"},
    {"flag": "storm"},
    {"grid_services": True},
)
WANTS = (
    *({"reserve": reserve} for reserve in (10, 30, 60)),
    {"mode": "backup"},
    {"battery": "hold"},
    {"battery": "use"},
    {"battery": "charge", "to": 60},
)
WINDOWS = ("12:00-16:00", "12:30-18:00", "00:00-24:00", "14:00-15:00")
SOE = (None, 0, 15, 18, 19, 20, 21, 25, 45, 48, 49, 50, 51, 60, 75, 78, 79, 80, 81, 85, 90, 100)
SOLAR = (None, 0, 300, 450, 500, 700, 950, 1000, 1100, 1300)
GRID = (GridStatus.CONNECTED, GridStatus.ISLANDED, None, GridStatus.TRANSITION_TO_GRID)
GAPS = (1, 30, 60, 299, 300, 301, 600, 601, 1800, 1801)


def clause(chance: random.Random) -> dict[str, Any]:
    return {**chance.choice(CLAUSES), **chance.choice((*CLAUSES, {}))}


def some_rule(chance: random.Random, number: int) -> str:
    tests = clause(chance)
    if chance.random() < 0.4:
        tests[chance.choice(("any", "none"))] = [clause(chance)]
    if chance.random() < 0.4:
        tests["time"] = chance.choice(WINDOWS)
    said = {"name": f"rule {number}", "while": tests, "set": chance.choice(WANTS)}
    said["stale"] = chance.choice(("0s", "5m", "10m"))
    for key, values in (("priority", (1,)), ("for", ("5m", "30m")), ("keep", ("5m", "30m"))):
        if chance.random() < 0.3:
            said[key] = chance.choice(values)
    if "soe_" in str(tests) and chance.random() < 0.5:
        said["margin"] = chance.choice((1, 5, 20))
    lines = (f"{key} = {inline(value)}" for key, value in said.items())
    return "\n".join(("[[rule]]", *lines, ""))


def history(chance: random.Random) -> Iterator[tuple[Observation, Inputs]]:
    at = NOON + timedelta(minutes=chance.choice((0, 10, 60, 110, 120)))
    seen: dict[str, Any] = {}
    for _ in range(chance.choice((1, 2, 3, 6))):
        for key, values in (
            ("soe", SOE),
            ("solar", SOLAR),
            ("grid", GRID),
            ("services", (False, True, None)),
            ("storm", (False, True)),
            ("sun", (None, 5, 15, 25)),
        ):
            if key not in seen or chance.random() < 0.5:
                seen[key] = chance.choice(values)
        soe = None if seen["soe"] is None else AppPercent(seen["soe"])
        observation = Observation(
            at,
            soe,
            load_power=500.0,
            solar_power=seen["solar"],
            grid=seen["grid"],
            grid_services=seen["services"],
        )
        values = {} if seen["sun"] is None else {"sun": DatedValue(seen["sun"], at)}
        yield observation, Inputs({"storm": None} if seen["storm"] else {}, values)
        at += timedelta(seconds=chance.choice(GAPS))


def conflicts_along(plan: Plan, chance: random.Random) -> set[frozenset[str]]:
    found: set[frozenset[str]] = set()
    memory: Memory | None = None
    for observation, inputs in history(chance):
        memory = memory or Memory(observation.at)
        found |= in_conflict(plan, explain(plan, observation, memory, inputs, observation.at))
        _, memory = decide(plan, observation, memory, inputs, observation.at)
    return found


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_every_conflict_of_a_history_is_told(seed: int) -> None:
    chance = random.Random(seed)
    told_of = 0
    for _ in range(SETS):
        rules = "".join(some_rule(chance, number) for number in range(chance.choice((2, 3, 4))))
        plan = plan_of(BASE + rules)
        report = check(plan, FIRST, days=5)
        told = {
            frozenset(place.rule for place in each.places)
            for each in report.findings
            if each.code in (Code.CONFLICT, Code.UNDECIDED)
        }
        told_of += len(told)
        for _ in range(HISTORIES):
            assert conflicts_along(plan, chance) <= told, rules
    assert told_of
