"""Each figure of a rule file is changed alone, and each thing of the home; bills judge."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from backtesting import data_of, rules_of
from simulated import LOS_ANGELES
from yearly import history

from rules.inputs import PriceSeries, PriceSlot
from rules.language import find_tariff
from rules.terms import load_bill_tariff
from scheduler.money.backtest import Outside, Site, backtest, self_consumption
from scheduler.money.bill import BillCalculator, Export, ExportCredits, Plan
from scheduler.money.comparison import Comparison
from scheduler.money.sensitivity import Case, effects, scaled_load, scenarios, variants

HEAD = """\
language = 1
tariff = "sce-tou-d-prime"

[default]
mode = "self_consumption"
reserve = 20
"""
RULES = (
    HEAD
    + """
[[rule]]
name = "full"
while = { time = ["23:50-02:00", "12:00-14:00"], solar_below = "2 kW", days = "workdays" }
set = { battery = "charge", to = 98 }

[[rule]]
name = "dear"
priority = 10
while = { price_above = 0.5, any = [{ soe_below = 40 }, { input = "sun", below = 8 }] }
set = { battery = "use" }

[[rule]]
name = "told"
when = { at = "15:30", soe_below = 50 }
do = "notify"
"""
)
MONDAY = datetime(2026, 7, 6, tzinfo=LOS_ANGELES)
DAY = [600.0] * 10 + [1_200.0] * 8 + [3_000.0] * 4 + [900.0] * 2
SUN = [0.0] * 8 + [3_500.0] * 8 + [0.0] * 8
HOUR = timedelta(hours=1)
WINDOWED = """
[[rule]]
name = "hold"
while = { time = "06:00-11:00" }
set = { battery = "hold" }
[[rule]]
name = "cheap"
priority = 1
while = { price_below = 0.29, time = "00:00-04:00" }
set = { battery = "charge", to = 40 }
"""


def case_of(text: str = WINDOWED, export: Export = Export.FLAT, **more: object) -> Case:
    data = data_of(MONDAY, DAY * 3, SUN * 3, HOUR)
    tariff = load_bill_tariff(find_tariff("sce-tou-d-prime", Path()))
    plan = Plan(tariff, export, export_price=0.05, **more)  # type: ignore[arg-type]
    return Case(Site(data), plan, rules_of(text, HEAD))


def gain_of(case: Case) -> tuple[float, float]:
    """The cost of a case's rules and their gain, counted anew."""
    site, data = case.site, case.site.data
    calculator = BillCalculator(case.plan, data.start, data.step, len(data))
    comparison = Comparison(site, calculator, 20)
    ours, alone = (
        comparison.schedule("", flows)
        for flows in (backtest(site, case.rules).flows, self_consumption(site, 20))
    )
    return ours.cost, alone.cost - ours.cost


def test_one_figure_is_changed_at_a_time() -> None:
    as_is = tomllib.loads(RULES)
    changes = {}
    for each in variants(RULES):
        different = list(_different(as_is, tomllib.loads(each.text)))
        (changes[each.rule, each.change],) = different
    assert changes == {
        ("default", "reserve 15 % instead of 20 %"): 15,
        ("default", "reserve 25 % instead of 20 %"): 25,
        ("full", "23:50-02:00 starts 15 minutes earlier"): "23:35-02:00",
        ("full", "23:50-02:00 ends 15 minutes earlier"): "23:50-01:45",
        ("full", "23:50-02:00 ends 15 minutes later"): "23:50-02:15",
        ("full", "12:00-14:00 starts 15 minutes earlier"): "11:45-14:00",
        ("full", "12:00-14:00 starts 15 minutes later"): "12:15-14:00",
        ("full", "12:00-14:00 ends 15 minutes earlier"): "12:00-13:45",
        ("full", "12:00-14:00 ends 15 minutes later"): "12:00-14:15",
        ("full", "solar_below 1600 W instead of 2000 W"): 1600,
        ("full", "solar_below 2400 W instead of 2000 W"): 2400,
        ("full", "to 93 % instead of 98 %"): 93,
        ("full", "to 100 % instead of 98 %"): 100,
        ("dear", "price_above 0.45 instead of 0.5"): 0.45,
        ("dear", "price_above 0.55 instead of 0.5"): 0.55,
        ("dear", "soe_below 35 % instead of 40 %"): 35,
        ("dear", "soe_below 45 % instead of 40 %"): 45,
        ("dear", "below 7.2 instead of 8"): 7.2,
        ("dear", "below 8.8 instead of 8"): 8.8,
    }


def _different(one: object, other: object) -> list[object]:
    """The values at which two TOML values differ, as the other has them."""
    if isinstance(one, dict) and isinstance(other, dict):
        assert one.keys() == other.keys()
        return [found for key in one for found in _different(one[key], other[key])]
    if isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other)
        pairs = zip(one, other, strict=True)
        return [found for pair in pairs for found in _different(*pair)]
    return [] if one == other else [other]


@pytest.mark.parametrize(
    ("clause", "moved"),
    [
        # Every day: a start before midnight is of the night before, which is a day, too.
        ('time = "00:00-06:00"', {"23:45-06:00", "00:15-06:00", "00:00-05:45", "00:00-06:15"}),
        # Of certain days it would be another day.
        ('time = "00:00-06:00", days = "sat"', {"00:15-06:00", "00:00-05:45", "00:00-06:15"}),
        # A window of a quarter of an hour cannot be shorter, one of a day not longer.
        ('time = "12:00-12:15"', {"11:45-12:15", "12:00-12:30"}),
        ('time = "00:00-24:00"', {"00:15-24:00", "00:00-23:45"}),
        ('time = "16:00-24:00"', {"15:45-24:00", "16:15-24:00", "16:00-23:45", "16:00-00:15"}),
        (
            'time = "fri 17:00 - sun 23:50"',
            {
                "fri 16:45 - sun 23:50",
                "fri 17:15 - sun 23:50",
                "fri 17:00 - sun 23:35",
            },
        ),
    ],
)
def test_an_end_is_moved_where_the_window_stays_one_of_its_kind(
    clause: str, moved: set[str]
) -> None:
    rule = f'[[rule]]\nname = "r"\nwhile = {{ {clause} }}\nset = {{ reserve = 100 }}\n'
    found = {tomllib.loads(each.text)["rule"][0]["while"]["time"] for each in variants(rule)}
    assert moved == found - {tomllib.loads(rule)["rule"][0]["while"]["time"]}


def test_every_effect_is_that_of_the_bill() -> None:
    case = case_of()
    found = {(each.rule, each.change): each for each in effects(case, 20)}
    as_is, _ = gain_of(case)
    more = replace(case.site, data=scaled_load(case.site.data, 1.2))
    for key, changed in {
        ("cheap", "00:00-04:00 ends 15 minutes earlier"): case_of(
            WINDOWED.replace("00:00-04:00", "00:00-03:45")
        ),
        ("cheap", "to 45 % instead of 40 %"): case_of(WINDOWED.replace("to = 40", "to = 45")),
        ("", "load +20 %"): replace(case, site=more),
    }.items():
        cost, gain = gain_of(changed)
        assert found[key].dollars == pytest.approx(cost - as_is)
        assert found[key].gain.sum == pytest.approx(gain)
        assert abs(found[key].dollars) > 0.01
        assert found[key].gain.low < found[key].gain.high


def test_the_home_comes_first_then_what_matters_most() -> None:
    found = effects(case_of(), 20)
    of_home = [each.change for each in found if not each.rule]
    assert of_home == [
        "load -20 %", "load +20 %", "price of what is bought -10 %",
        "price of what is bought +10 %", "price of what is sold -10 %",
        "price of what is sold +10 %",
    ]  # fmt: skip
    weights = [abs(each.dollars) for each in found[len(of_home) :]]
    assert weights == sorted(weights, reverse=True)
    assert all(each.rule for each in found[len(of_home) :])


def test_a_figure_that_no_rule_may_have_is_left_out() -> None:
    text = """
[[rule]]
name = "little"
while = { time = "01:00-02:00" }
set = { battery = "charge", to = 3 }
"""
    changes = {each.change for each in effects(case_of(text), 20)}
    assert "to 8 % instead of 3 %" in changes
    assert "to 0 % instead of 3 %" not in changes


def test_two_processes_find_what_one_does() -> None:
    case, told = case_of(""), list[tuple[int, int]]()
    one = effects(case, 20)
    two = effects(case, 20, 2, lambda done, of: told.append((done, of)))
    assert two == one
    assert told[-1] == (len(one) + 1, len(one) + 1)


def test_dearer_energy_is_dearer_for_rules_too() -> None:
    """The rule that buys below 0.29 finds nothing at that price any more."""
    case = case_of()
    dearer = next(
        each for each in scenarios(case) if each.change == "price of what is bought +10 %"
    )
    hours = [backtest(each.site, each.rules).hours_by_rule["cheap"] for each in (case, dearer.case)]
    assert hours == [pytest.approx(12), 0]
    as_is, other = (
        BillCalculator(each.plan, MONDAY, HOUR, 24).prices() for each in (case, dearer.case)
    )
    assert other.imported == pytest.approx([1.1 * each for each in as_is.imported])
    assert other.exported == as_is.exported


@pytest.mark.parametrize(
    ("export", "rows"), [(Export.NONE, 0), (Export.NEM1, 0), (Export.FLAT, 2)], ids=str
)
def test_export_without_a_price_of_its_own_has_no_other(export: Export, rows: int) -> None:
    case = case_of(export=export)
    found = [each for each in scenarios(case) if "sold" in each.change]
    assert len(found) == rows


def test_hourly_credits_and_price_series_are_scaled_whole() -> None:
    table = ExportCredits("mine", {2026: tuple(((((0.1, 0.2),) * 24,) * 2,) * 12)[0:12]})
    nbt = case_of(export=Export.NBT, credits=table, vintage=2026)
    _, more = [each for each in scenarios(nbt) if "sold" in each.change]
    assert more.change == "price of what is sold +10 %"
    assert more.case.plan.credits is not None
    assert more.case.plan.credits.years[2026][11][1][23] == pytest.approx((0.11, 0.22))
    start = MONDAY.astimezone(UTC)
    series = PriceSeries([PriceSlot(start, start + 90 * HOUR, 0.3, 0.1)])
    case = case_of(export=Export.SERIES, prices=series)
    site = replace(case.site, outside=Outside.of(prices=series))
    found = {each.change: each.case for each in scenarios(replace(case, site=site))}
    sold = found["price of what is sold -10 %"]
    assert sold.plan.prices is not None
    for prices in (sold.plan.prices, sold.site.outside.at(start).prices):
        assert prices is not None
        (slot,) = prices.slots
        assert (slot.imported, slot.exported) == pytest.approx((0.3, 0.09))
    bought = found["price of what is bought +10 %"].site.outside.at(start).prices
    assert bought is not None
    assert bought.slots[0].imported == pytest.approx(0.33)


def test_load_is_scaled_and_nothing_else() -> None:
    data = history([100.0, 200.0], [50.0, 0.0])
    more = scaled_load(data, 1.2)
    assert list(more.load_w) == [120.0, 240.0]
    assert list(more.solar_w) == [50.0, 0.0]
