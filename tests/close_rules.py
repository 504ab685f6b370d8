"""Random rules that are close to each other: few values, few edges, so that they meet often.

They have every kind of clause, but no timers: what they come to can be counted out.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from four_levers import FOUR_LEVERS
from random_rules import EVERY_MODE, inline, plan_of

from rules.engine import Plan
from rules.errors import RuleProblems
from rules.resolve import Levers

TIMES = ("00:00-24:00", "06:00-16:00", "16:00-21:00", "15:30-18:00", "21:00-06:00", "01:30-03:00")
LONG_TIMES = (*TIMES, "fri 16:00 - sun 21:00", "sat 21:00 - sun 06:00")
FIRSTS = (date(2026, 2, 1), date(2026, 7, 1), date(2026, 11, 21))
CALENDAR: dict[str, Sequence[Any]] = {
    "time": (*LONG_TIMES, ["06:00-16:00", "21:00-24:00"]),
    "days": ("weekdays", "weekends", "workdays", "holidays", "fri..mon", ["sat", "holidays"]),
    "months": ("jul", "oct..apr"),
    "dates": ("10-04..11-01", "12-25", "2026-10-30..2026-11-25", "named", "2025-01-01"),
    "eve_of": ("holidays", "sun", "named"),
}
OF_A_TARIFF: dict[str, Sequence[Any]] = {
    "season": ("summer", "winter"),
    "period": ("peak", "cheapest", "on-peak", "off-peak", "super-off-peak"),
}
PRICED: tuple[dict[str, Any], ...] = (
    {"price_above": 0.3},
    {"price_below": 0.3},
    {"price_above": 0.45},
    {"cheapest": 3, "of": "12:00-18:00"},
    {"cheapest": 6, "of": "12:00-18:00"},
    {"cheapest": 12, "of": "12:00-18:00"},
)
EXPORTED: tuple[dict[str, Any], ...] = ({"export_price_above": 0.1}, {"export_price_below": 0.1})
VALUES: dict[str, tuple[dict[str, Any], ...]] = {
    "soe": tuple({f"soe_{side}": n} for side in ("above", "below") for n in (0, 20, 21, 50, 80)),
    "solar": tuple({f"solar_{side}": n} for side in ("above", "below") for n in (500, 600)),
    "site": (
        *({f"import_{side}": n} for side in ("above", "below") for n in (0, 500)),
        *({f"export_{side}": n} for side in ("above", "below") for n in (0, 500)),
    ),
    "battery": tuple(
        {f"{word}_above": n} for word in ("charging", "discharging") for n in (0, 500)
    ),
    "load": tuple({f"load_{side}": 500} for side in ("above", "below")),
    "grid": tuple({"grid": each} for each in ("up", "down", "SystemTransitionToIsland")),
    "services": ({"grid_services": True}, {"grid_services": False}),
    "flag": ({"flag": "storm"}, {"flag": "away"}),
    "input": (
        *({"input": "sun", side: n} for side in ("above", "below") for n in (10, 12)),
        {"input": "sun", "above": 10, "margin": 3},
        {"input": "sun", "below": 10, "oldest": "10m"},
    ),
}
WANTS: tuple[dict[str, Any], ...] = (
    *({"reserve": n} for n in (10, 20, 50, 85)),
    {"mode": "backup"},
    {"mode": "backup", "reserve": 50},
    {"mode": "self_consumption", "reserve": 20},
    {"battery": "hold"},
    {"battery": "use"},
    {"battery": "use", "reserve": 10},
    {"battery": "leave"},
    {"battery": "charge", "to": 50},
    {"battery": "charge", "to": 100},
    {"reserve_at_least": 50},
    {"mode": "backup", "reserve_at_least": 40},
    {"grid_charging": False},
    {"export": "never"},
)
DEFAULTS = (
    'mode = "self_consumption"\nreserve = 20\ngrid_charging = true\nexport = "pv_only"',
    'mode = "self_consumption"\nreserve = 20\ngrid_charging = true\nexport = "pv_only"',
    "leave = true",
)
LEVERS = (Levers(EVERY_MODE), Levers(EVERY_MODE, reserve_ceiling=80), FOUR_LEVERS)


@dataclass(frozen=True)
class RuleSet:
    """A rule set that loads: its text, on which levers, and whether the tariff's prices hold."""

    text: str
    levers: Levers
    priced: bool
    first: date

    @cached_property
    def plan(self) -> Plan:
        return plan_of(self.text, self.levers)


def rule_sets(seed: int, count: int) -> list[RuleSet]:
    """So many of them."""
    chance = random.Random(seed)
    found: list[RuleSet] = []
    while len(found) < count:
        each = _one(chance)
        try:
            assert each.plan
        except RuleProblems:
            continue
        found.append(each)
    return found


def _one(chance: random.Random) -> RuleSet:
    tariff = chance.random() < 0.6
    priced = tariff and chance.random() < 0.8
    pool = chance.sample([*VALUES], chance.choice((1, 2, 2)))
    clauses = [each for key in pool for each in VALUES[key]]
    if chance.random() < 0.3:
        clauses += PRICED if chance.random() < 0.7 else EXPORTED
    lines = ["language = 1", 'dates = { named = ["07-03", "2026-11-01"] }']
    if tariff:
        lines.append(f'tariff = "{chance.choice(("sce-tou-d-4-9pm", "sce-tou-d-a"))}"')
    else:
        zone = chance.choice((("Europe/London", "GB"), ("Australia/Lord_Howe", "AU")))
        lines += [f'timezone = "{zone[0]}"', f'country = "{zone[1]}"']
    lines += ["[default]", chance.choice(DEFAULTS)]
    calendar = CALENDAR | (OF_A_TARIFF if tariff else {})
    for number in range(chance.choice((2, 3, 4, 5))):
        lines += ["[[rule]]", f'name = "rule {number}"']
        said = _rule(chance, clauses, calendar)
        lines += [f"{key} = {inline(value)}" for key, value in said.items()]
    return RuleSet("\n".join(lines), chance.choice(LEVERS), priced, chance.choice(FIRSTS))


def _rule(
    chance: random.Random, clauses: Sequence[dict[str, Any]], calendar: dict[str, Sequence[Any]]
) -> dict[str, Any]:
    tests: dict[str, Any] = {}
    if chance.random() < 0.5:
        tests |= _some(chance, calendar)
    if chance.random() < 0.8:
        tests |= chance.choice(clauses)
    if chance.random() < 0.3:
        tests |= {**chance.choice(clauses), **tests}
    for key, odds in (("any", 0.25), ("none", 0.2), ("all", 0.1)):
        if chance.random() < odds:
            tests[key] = [_member(chance, clauses, calendar) for _ in range(chance.choice((1, 2)))]
    said: dict[str, Any] = {"while": tests} if tests else {}
    said["set"] = chance.choice(WANTS)
    if chance.random() < 0.4:
        said["priority"] = chance.choice((1, 1, -1))
    if tests:
        said["stale"] = "0s"
        text = str(tests)
        if "soe_" in text and chance.random() < 0.4:
            said["margin"] = chance.choice((0.5, 5, 20))
        if "time" in tests and chance.random() < 0.1:
            said["inset"] = "5m"
    return said


def _member(
    chance: random.Random, clauses: Sequence[dict[str, Any]], calendar: dict[str, Sequence[Any]]
) -> dict[str, Any]:
    found = dict(chance.choice(clauses))
    if chance.random() < 0.3:
        found = _some(chance, calendar) | (found if chance.random() < 0.5 else {})
    return found


def _some(chance: random.Random, calendar: dict[str, Sequence[Any]]) -> dict[str, Any]:
    keys = chance.sample([*calendar], chance.choice((1, 1, 2)))
    return {key: chance.choice(calendar[key]) for key in keys}
