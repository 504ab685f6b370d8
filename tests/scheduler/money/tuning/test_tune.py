"""A tuned rule set can be read and checked, and saves where it had to show it."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from rules.battery import Battery
from rules.language import find_tariff, load_rules, load_tariff
from rules.resolve import Levers, Limits
from scheduler.cli.home_year import rules_of
from scheduler.domain import Safety
from scheduler.errors import TuningRefused
from scheduler.money import IntervalData
from scheduler.money.backtest import ORDINARY, Site, backtest
from scheduler.money.optimum import Costs, lever_optimum
from scheduler.money.tuning import Tuned, TunedMonth, prepared, rule_file, tune
from scheduler.money.tuning.policy import (
    Condition,
    Kinds,
    Order,
    Side,
    Told,
    TunedRule,
    paint,
    trimmed,
)
from scheduler.money.tuning.rule_file import month_spans

PRIME = load_tariff(find_tariff("sce-tou-d-prime", Path()))
CALIFORNIA = ZoneInfo("America/Los_Angeles")
HOUR = timedelta(hours=1)
BATTERY = Battery()


def home(months: int = 4) -> IntervalData:
    """A home that uses most in the evening, under a sky that changes by the day."""
    start = datetime(2026, 1, 1, 8, tzinfo=UTC)
    count = months * 30 * 24
    hour = (np.arange(count)) % 24
    sky = np.random.default_rng(1).uniform(0.1, 1.0, months * 30).repeat(24)
    load = np.where((hour >= 16) & (hour < 21), 2500.0, 600.0)
    sun = np.sin((hour - 7) / 10 * np.pi).clip(0) * 5000.0 * sky
    return IntervalData(start, HOUR, CALIFORNIA, load.tolist(), (sun * (hour >= 7)).tolist())


def costs_of(data: IntervalData, share: float = 0.2) -> Costs:
    bought = np.array([PRIME.at(at).price for at in data.times()])
    return Costs(bought, share * bought)


@cache
def tuned(*, may_buy: bool = True) -> Tuned:
    data = home()
    limits = Limits(grid_charging=may_buy, reserve_floor=20)
    return tune(data, costs_of(data), PRIME, BATTERY, limits)


def text_of(found: Tuned) -> str:
    return rule_file(
        found.policy,
        found.savings,
        source={"tariff": "sce-tou-d-prime"},
        floor=20,
        currency="USD",
        dear_from=found.dear_from,
    )


def test_rules_save_in_months_that_they_were_not_tuned_on() -> None:
    data, found = home(), tuned()
    assert found.recommended
    plain = sum(each.self_consumption for each in found.months)
    least = lever_optimum(data, costs_of(data), BATTERY, Limits(reserve_floor=20)).dollars
    assert 0.7 < found.saving / (plain - least) <= 1.0
    assert all(saving > 0.0 for saving in found.savings)


@pytest.mark.parametrize("may_buy", [False, True])
def test_the_file_is_one_that_check_takes(may_buy: bool, tmp_path: Path) -> None:
    found = tuned(may_buy=may_buy)
    path = tmp_path / "tuned.toml"
    path.write_text(text_of(found))
    rules = load_rules([path])
    assert len(rules.state_rules) >= len(found.policy)
    wanted = {str(rule.want) for rule in rules.state_rules}
    assert may_buy == any("charge" in each for each in wanted)
    priorities = [rule.priority for rule in rules.state_rules]
    assert len(set(priorities)) == len(priorities)


def test_two_processes_find_what_one_finds() -> None:
    data = home()
    said: list[tuple[int, int]] = []
    two = tune(
        data,
        costs_of(data),
        PRIME,
        BATTERY,
        Limits(grid_charging=False, reserve_floor=20),
        processes=2,
        progress=lambda done, of: said.append((done, of)),
    )
    assert two == tuned(may_buy=False)
    assert said == [(1, 3), (2, 3), (3, 3)]


def test_what_cannot_save_is_not_recommended() -> None:
    """Prices are the same all day: whatever rules do only loses."""
    data = home()
    flat = Costs(np.full(len(data), 0.3), np.full(len(data), 0.05))
    found = tune(data, flat, PRIME, BATTERY, Limits(reserve_floor=20))
    assert not found.recommended
    assert found.policy == ()


def test_rules_that_lose_where_they_were_not_tuned_are_not_recommended() -> None:
    rule, day = TunedRule(Told(Order.HOLD), 21, 6), date(2026, 1, 1)
    lost = Tuned((rule,), (5.0,), (TunedMonth(day, 10.0, 12.0),), 16)
    assert (lost.saving, lost.recommended) == (-2.0, False)
    assert Tuned((rule,), (5.0,), (TunedMonth(day, 10.0, 8.0),), 16).recommended


def test_a_history_that_is_too_short_to_judge_is_refused() -> None:
    data = home(months=3)
    with pytest.raises(TuningRefused, match="4 months at least"):
        tune(data, costs_of(data), PRIME, BATTERY, Limits(reserve_floor=20))


def test_a_forecast_becomes_an_input_of_the_rules() -> None:
    data = home()
    days: dict[object, float] = {}
    for at, sun in zip(data.times(), data.solar_w, strict=True):
        day = at.astimezone(CALIFORNIA).date()
        days[day] = days.get(day, 0.0) + sun / 1000
    limits = Limits(grid_charging=False, reserve_floor=20)
    found = tune(data, costs_of(data), PRIME, BATTERY, limits, forecast=days)
    assert found.saving > tuned(may_buy=False).saving
    clauses = [rule["while"] for rule in tomllib.loads(text_of(found))["rule"]]
    assert any(clause.get("input") == "sun" for clause in clauses)


KINDS = Kinds((frozenset({1, 2}), frozenset(range(3, 13))), sun=(1000.0,))


def test_a_later_rule_covers_an_earlier_one() -> None:
    policy = (
        TunedRule(Told(Order.HOLD), 22, 6),
        TunedRule(Told(Order.BUY, 60), 4, 6, Condition(sun=Side(below=True, threshold=1000.0))),
    )
    painted = paint(policy, KINDS, BATTERY, 2700.0)
    keep, buy_to = painted.keep[0, 0, :, 0, 0], painted.buy_to[0, 0, :, 0, 0]
    assert np.isinf(keep[:, 23]).all()
    assert (keep[:, 12] == 2700.0).all()
    assert buy_to[:, 5].tolist() == [BATTERY.energy(60), 0.0]


def test_hours_that_are_covered_are_not_written() -> None:
    policy = (TunedRule(Told(Order.BUY, 60), 12, 14), TunedRule(Told(Order.BUY, 30), 12, 13))
    assert [(each.first, each.last) for each in trimmed(policy)] == [(13, 14), (12, 13)]
    for each in (policy, trimmed(policy)):
        painted = paint(each, KINDS, BATTERY, 2700.0)
        assert painted.buy_to[0, 0, 0, 0, 0, 12:14].tolist() == [
            BATTERY.energy(30),
            BATTERY.energy(60),
        ]
    only_workdays = TunedRule(Told(Order.HOLD), 12, 13, Condition(workdays=True))
    assert trimmed((policy[0], only_workdays)) == (policy[0], only_workdays)


@pytest.mark.parametrize(
    ("months", "spans"),
    [
        ({11, 12, 1, 2}, ["nov..feb"]),
        ({3, 4, 5, 10}, ["mar..may", "oct"]),
        ({1}, ["jan"]),
        (set(range(1, 13)), ["jan..dec"]),
    ],
)
def test_months_are_written_as_spans(months: set[int], spans: list[str]) -> None:
    assert month_spans(frozenset(months)) == spans


def test_a_reserve_is_kept_by_holding_below_it() -> None:
    keep = TunedRule(Told(Order.KEEP, 40), 21, 6)
    rules = tomllib.loads(
        rule_file((keep,), (3.0,), source={"timezone": "UTC"}, floor=20, currency="USD")
    )["rule"]
    assert rules == [
        {
            "name": "keep 40 %, from 21:00 to 06:00",
            "why": "saves USD 3 a year",
            "priority": 0,
            "while": {"time": "21:00-06:00", "soe_below": 40},
            "set": {"battery": "hold"},
        }
    ]


def test_where_the_battery_is_used_again_nothing_of_a_hold_beneath_is_left() -> None:
    """Who uses the battery says down to what: else the reserve of the rule beneath would stand."""
    policy = (
        TunedRule(Told(Order.HOLD), 21, 16),
        TunedRule(Told(Order.USE), 10, 8, Condition(after_full=True)),
    )
    text = rule_file(policy, (3.0, 2.0), source={"timezone": "UTC"}, floor=25, currency="USD")
    assert tomllib.loads(text)["rule"][1] == {
        "name": "use the battery, from 10:00 to 08:00, once it has been full",
        "why": "saves USD 2 a year",
        "priority": 10,
        "while": {"time": "10:00-08:00", "soe_above": 95},
        "keep": "22h",
        "set": {"battery": "use", "reserve": 25},
    }


def test_a_reserve_to_keep_leaves_what_asks_for_more() -> None:
    policy = (
        TunedRule(Told(Order.HOLD), 0, 6),
        TunedRule(Told(Order.BUY, 60), 6, 8),
        TunedRule(Told(Order.KEEP, 40), 0, 12),
    )
    painted = paint(policy, KINDS, BATTERY, 2700.0)
    keep, buy_to = painted.keep[0, 0, 0, 0, 0], painted.buy_to[0, 0, 0, 0, 0]
    assert np.isinf(keep[:8]).all()
    assert (keep[8:12] == BATTERY.energy(40)).all()
    assert (keep[12:] == 2700.0).all()
    assert (buy_to[6:8] == BATTERY.energy(60)).all()
    assert trimmed(policy) == policy


def test_the_written_rules_do_at_the_engine_what_the_search_paints() -> None:
    """Full once, used until eight: by the daemon's engine the same bill as by the lanes."""
    data = home()
    policy = (
        TunedRule(Told(Order.HOLD), 21, 16),
        TunedRule(Told(Order.USE), 10, 8, Condition(after_full=True)),
        TunedRule(Told(Order.KEEP, 40), 0, 6),
    )
    limits, battery = Limits(grid_charging=False, reserve_floor=20), Battery(taper_from=1.0)
    costs = costs_of(data, 0.0)
    task = prepared(data, costs, PRIME, battery, limits)
    held, painted = (
        float(task.by_month(each, list(task.year.months)).sum()) for each in (policy[:1], policy)
    )
    text = rule_file(
        policy, (1.0,) * 3, source={"tariff": "sce-tou-d-prime"}, floor=20, currency="USD"
    )
    safety = Safety(20, ORDINARY.safe, grid_charging=False)
    levers = Levers(grid_charging=frozenset({False, True}))
    metered = backtest(Site(data, battery, 20.0, safety, levers), rules_of(text)).flows.metered
    played = costs.dollars(metered.imported_wh, metered.exported_wh)
    assert abs(held - painted) > 0.5
    assert played == pytest.approx(painted, abs=0.05)


def test_a_name_that_would_be_too_long_leaves_the_rest_to_the_clause(tmp_path: Path) -> None:
    condition = Condition(
        months=frozenset({3, 4, 5, 10}), sun=Side(below=False, threshold=2000.0), workdays=True
    )
    rules = tuple(TunedRule(Told(Order.HOLD), first, 16, condition) for first in (12, 12, 13))
    path = tmp_path / "tuned.toml"
    path.write_text(
        rule_file(rules, (1.0,) * 3, source={"tariff": "sce-tou-d-prime"}, floor=20, currency="USD")
    )
    names = [rule.name for rule in load_rules([path]).state_rules]
    assert names[1] == "hold the battery, from 12:00 to 16:00, mar..may and oct, on workdays (2)"
    assert all("2 kW" in str(rule) for rule in path.read_text().split("[[rule]]")[1:])
