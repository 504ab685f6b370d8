"""Each figure of a rule file is changed alone, and what cannot be is said."""

from __future__ import annotations

import tomllib
from pathlib import Path

from yearly import history

from rules.errors import RuleProblems
from rules.language import load_rules
from scheduler.money.sensitivity import effects, scaled_load, variants

RULES = """\
language = 1
tariff = "sce-tou-d-prime"

[default]
mode = "self_consumption"
reserve = 20

[[rule]]
name = "full"
while = { time = ["23:50-02:00", "12:00-14:00"], solar_below = "2 kW", days = "workdays" }
set = { battery = "charge", to = 98 }

[[rule]]
name = "dear"
priority = 10
while = { price_above = 0.5, soe_below = 40 }
set = { battery = "use" }
"""


def test_one_figure_is_changed_at_a_time() -> None:
    as_is = tomllib.loads(RULES)["rule"]
    changes = {}
    for each in variants(RULES):
        rules = tomllib.loads(each.text)["rule"]
        different = [
            (place, table, key)
            for place, rule in enumerate(rules)
            for table in ("while", "set")
            for key, value in rule[table].items()
            if value != as_is[place][table][key]
        ]
        ((place, table, key),) = different
        changes[each.rule, each.change] = rules[place][table][key]
    assert changes == {
        ("full", "time -15 minutes"): ["23:35-01:45", "11:45-13:45"],
        ("full", "time +15 minutes"): ["00:05-02:15", "12:15-14:15"],
        ("full", "solar_below -20%"): 1600,
        ("full", "solar_below +20%"): 2400,
        ("full", "to -5 %"): 93,
        ("full", "to +5 %"): 103,
        ("dear", "price_above -10%"): 0.45,
        ("dear", "price_above +10%"): 0.55,
        ("dear", "soe_below -5 %"): 35,
        ("dear", "soe_below +5 %"): 45,
    }


def test_what_matters_most_comes_first_and_what_cannot_be_last(tmp_path: Path) -> None:
    def judge(text: str) -> float:
        path = tmp_path / "rules.toml"
        path.write_text(text)
        load_rules([path])
        return 100.0 + (7.0 if "45" in text else 0.0) - (9.0 if "35" in text else 0.0)

    found = effects(RULES, judge)
    assert [each.change for each in found if each.dollars is None] == ["to +5 %"]
    assert found[-1].dollars is None
    weights = [abs(each.dollars) for each in found if each.dollars is not None]
    assert weights == sorted(weights, reverse=True)


def test_a_file_that_cannot_be_judged_at_all_is_told() -> None:
    def judge(_: str) -> float:
        raise RuleProblems([])

    try:
        effects(RULES, judge)
    except RuleProblems:
        return
    raise AssertionError


def test_load_is_scaled_and_nothing_else() -> None:
    data = history([100.0, 200.0], [50.0, 0.0])
    more = scaled_load(data, 1.2)
    assert list(more.load_w) == [120.0, 240.0]
    assert list(more.solar_w) == [50.0, 0.0]
