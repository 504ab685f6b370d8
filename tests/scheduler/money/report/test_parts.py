"""The parts of a report by hand: courses, typical weeks, gains, what is attainable."""

from __future__ import annotations

from array import array
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from backtesting import HOUR, MINUTE, data_of, rules_of
from pages import Page
from simulated import LOS_ANGELES

from rules.language import find_tariff
from rules.terms import load_bill_tariff
from scheduler.money import IntervalData, Repair
from scheduler.money.backtest import Site, backtest
from scheduler.money.bill import BillCalculator, Export, Plan
from scheduler.money.comparison import Comparison, Gain, gain_of, saving_of
from scheduler.money.report import (
    Attainable,
    Report,
    Sensitivity,
    bill_picture,
    page,
    week_picture,
)
from scheduler.money.report.course import course_of
from scheduler.money.report.drawing import ticks
from scheduler.money.report.typical_week import typical_weeks

MONDAY = datetime(2026, 7, 6, tzinfo=LOS_ANGELES)
DAY = [600.0] * 10 + [1_200.0] * 8 + [3_000.0] * 4 + [900.0] * 2
SUN = [0.0] * 8 + [3_500.0] * 8 + [0.0] * 8
HOLD = """
[[rule]]
name = "hold"
while = { time = "06:00-11:07" }
set = { battery = "hold" }
"""


def report_of(data: IntervalData, text: str = HOLD, **more: object) -> Report:
    site, rules = Site(data), rules_of(text)
    tariff = load_bill_tariff(find_tariff("sce-tou-d-prime", Path()))
    plan = Plan(tariff, Export.FLAT, export_price=0.05)
    calculator = BillCalculator(plan, data.start, data.step, len(data))
    found = backtest(site, rules)
    compared = Comparison(site, calculator, 20)
    schedules = compared.beside([compared.schedule("ours", found.flows, found)])
    worth = compared.kwh_worth
    return Report(site, schedules, tariff.tariff, calculator.prices(), worth, **more)  # type: ignore[arg-type]


def hourly(days: int, start: datetime = MONDAY, odd: int | None = None) -> IntervalData:
    load = [watts * (2 if day == odd else 1) for day in range(days) for watts in DAY]
    return data_of(start, load, SUN * days, HOUR)


def test_a_course_counts_every_watt_hour_and_says_who_held() -> None:
    load = [watts for watts in DAY for _ in range(12)]
    sun = [watts for watts in SUN for _ in range(12)]
    report = report_of(data_of(MONDAY, load, sun))
    ours = report.schedules[0]
    course, energies = course_of(ours, report), ours.flows.energies
    assert course.step == 15 * MINUTE
    assert len(course) == 96
    for series, flowed in (
        (course.load, energies.load), (course.imported, energies.imported),
        (course.charged, energies.charged), (course.exported, energies.exported),
    ):  # fmt: skip
        assert sum(series) / 4 == pytest.approx(sum(flowed))
    held = [course.labels[each] for each in course.held]
    assert held[24] == "hold"
    assert held[23] == "default"
    # 11:07 is within the quarter of an hour of 11:00, and later ones begin without the rule.
    assert held[44:46] == ["hold", "default"]
    assert course.local(44) == MONDAY.replace(hour=11)


@pytest.mark.parametrize(("step", "length"), [(1, 15), (4, 20), (6, 30), (12, 60), (60, 60)])
def test_a_course_is_made_of_whole_intervals(step: int, length: int) -> None:
    count = 24 * 60 // step
    report = report_of(data_of(MONDAY, [500.0] * count, step=step * MINUTE), "")
    assert course_of(report.schedules[0], report).step == length * MINUTE


def test_the_typical_week_is_the_one_most_like_its_season() -> None:
    tariff = load_bill_tariff(find_tariff("sce-tou-d-prime", Path())).tariff
    # Of three weeks the second has a day unlike the others; the last is cut off.
    (week,) = typical_weeks(hourly(27, odd=9), tariff)
    assert (week.season, week.start) == ("summer", MONDAY)
    (week,) = typical_weeks(hourly(27, MONDAY - timedelta(days=3), odd=5), tariff)
    assert week.start == MONDAY + timedelta(days=7)


def test_weeks_of_two_seasons_or_with_a_changed_clock_are_none() -> None:
    tariff = load_bill_tariff(find_tariff("sce-tou-d-prime", Path())).tariff
    assert typical_weeks(hourly(7, datetime(2026, 9, 28, tzinfo=LOS_ANGELES)), tariff) == []
    changed = hourly(7, datetime(2026, 3, 2, tzinfo=LOS_ANGELES))
    assert typical_weeks(changed, tariff) == []


def test_the_gain_is_uncertain_where_two_schedules_do_not_do_the_same() -> None:
    schedules = report_of(hourly(7)).schedules
    ours, alone = (saving_of(each, schedules) for each in schedules[:2])
    gain = gain_of(schedules[0], schedules)
    assert gain.sum == pytest.approx(ours.sum - alone.sum)
    # The same flows twice lose the same; what has nothing in common, each for itself.
    same = gain_of(replace(schedules[1]), schedules)
    assert (same.sum, same.low, same.high) == pytest.approx((0, 0, 0))
    flows = deepcopy(schedules[1].flows)
    for series in (flows.energies.charged, flows.energies.discharged):
        series[:] = array("d", [0.0 if each else 100.0 for each in series])
    apart = gain_of(replace(schedules[0], flows=flows), schedules)
    low = ours.sum * (1 - 0.035) - alone.sum * (1 - 0.015)
    high = ours.sum * (1 - 0.015) - alone.sum * (1 - 0.035)
    assert (apart.low, apart.high) == pytest.approx((low, high))
    assert low < gain.low < gain.high < high


def test_what_is_attainable_and_what_matters_have_their_place() -> None:
    bare = report_of(hourly(7))
    total = bare.schedules[1].bill.total
    bounds = (
        Attainable("optimum", total - 10, 30, 10, "with grid charging"),
        Attainable("lever optimum", total - 8, 28, 8, tolerance=0.5),
    )
    told = report_of(
        hourly(7),
        attainable=bounds,
        sensitivities=[
            Sensitivity("", "load +20 %", -2.25, Gain(-0.001, -1, 1)),
            Sensitivity("hold", "06:00-11:07 ends 15 minutes later", 1.5, Gain(3, 2, 4)),
        ],
    )
    text = page(told)
    read = Page(text)
    compared = read.table("Rule sets")
    assert compared.of("optimum (with grid charging)", "bill, USD") == f"{total - 10:,.2f}"
    assert compared.of("lever optimum", "less than self-consumption (may be)") == "8.00"
    assert "may be 0.50 lower" in text
    share = 100 * gain_of(told.schedules[0], told.schedules).sum / 8
    assert compared.of("ours", "share of the lever optimum") == f"{share:.0f} %"
    assert f"reaches {share * 0.8:.0f} % of what the optimum gains" in text
    assert read.table("ours where one thing is otherwise").rows == {
        "load +20 %": ["-2.25", "0.00 (-1.00 to 1.00)"],
        "hold: 06:00-11:07 ends 15 minutes later": ["+1.50", "3.00 (2.00 to 4.00)"],
    }
    assert "sensitivity" not in {each.get("id") for _, each in Page(page(bare)).elements}


def test_a_share_of_nothing_is_none() -> None:
    assert Attainable("lever optimum", 10, 20, 0.0).share(0.0) is None
    assert Attainable("lever optimum", 10, 20, 4.0).share(1.0) == 0.25


def test_each_chart_is_there_for_a_desktop_and_for_a_phone() -> None:
    read = Page(page(report_of(hourly(7))))
    widths = {
        each["class"]: each["viewbox"].split()[2]
        for each in read.attributes("svg")
        if "viewbox" in each
    }
    assert widths == {"chart broad": "960", "chart narrow": "370"}
    assert len(read.attributes("svg")) == 2 * len(read.attributes("figure")) > 2


def test_repairs_are_told_with_their_times() -> None:
    data = hourly(7)
    mended = IntervalData(
        data.start, data.step, data.zone, data.load_w, data.solar_w, "a <b>file</b>",
        (Repair(MONDAY, MONDAY + HOUR, "a gap was <filled>"),),
    )  # fmt: skip
    read = Page(page(report_of(mended)))
    assert read.table("What was repaired").repeated == [
        ["2026-07-06 00:00", "2026-07-06 01:00", "a gap was <filled>"]
    ]
    assert "Source: a <b>file</b>." in read.texts["li"]


def test_pictures_stand_alone() -> None:
    report = report_of(hourly(7))
    for picture in (bill_picture(report), week_picture(report, "summer")):
        read = Page(picture)
        assert read.mistakes == []
        assert "--paper: #fff" in read.texts["style"][0]
        assert read.texts["title"][0]
    with pytest.raises(ValueError, match="no whole week in winter"):
        week_picture(report, "winter")


@pytest.mark.parametrize(
    ("low", "high", "most", "found"),
    [
        (0, 95, 5, [0, 20, 40, 60, 80, 100]),
        (-3, 4, 4, [-4, -2, 0, 2, 4]),
        (0, 0.6, 3, [0, 0.2, 0.4, 0.6]),
    ],
)
def test_marks_are_round(low: float, high: float, most: int, found: list[float]) -> None:
    assert ticks(low, high, most) == pytest.approx(found)
