"""The parts of a report by hand: courses, typical weeks, gains, what is attainable."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from backtesting import HOUR, MINUTE, data_of, rules_of
from pages import Page
from simulated import LOS_ANGELES

from rules.language import find_tariff
from rules.terms import load_bill_tariff
from scheduler.money import IntervalData, Repair
from scheduler.money.backtest import Site, backtest, self_consumption, without_battery
from scheduler.money.bill import BillCalculator, Export, Plan
from scheduler.money.report import (
    NO_BATTERY,
    SELF_CONSUMPTION,
    Attainable,
    Report,
    Schedule,
    Sensitivity,
    bill_picture,
    gain_of,
    page,
    saving_of,
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
    alone, bare = self_consumption(site, 20), without_battery(site)
    schedules = [
        Schedule("ours", found.flows, calculator.bill(found.flows.metered), found),
        Schedule(SELF_CONSUMPTION, alone, calculator.bill(alone.metered)),
        Schedule(NO_BATTERY, bare, calculator.bill(bare.metered)),
    ]
    return Report(site, schedules, tariff.tariff, calculator.prices(), **more)  # type: ignore[arg-type]


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


def test_the_gain_is_uncertain_by_the_losses_of_both() -> None:
    schedules = report_of(hourly(7)).schedules
    ours, alone = (saving_of(each, schedules) for each in schedules[:2])
    gain = gain_of(schedules[0], schedules)
    assert gain.sum == pytest.approx(ours.sum - alone.sum)
    assert gain.low == pytest.approx(ours.sum * (1 - 0.035) - alone.sum * (1 - 0.015))
    assert gain.high == pytest.approx(ours.sum * (1 - 0.015) - alone.sum * (1 - 0.035))


def test_what_is_attainable_and_what_matters_have_their_place() -> None:
    bare = report_of(hourly(7))
    total = bare.schedules[1].bill.total
    bounds = (
        Attainable("optimum", total - 10, "with grid charging"),
        Attainable("lever optimum", total - 8, tolerance=0.5),
    )
    told = report_of(
        hourly(7), attainable=bounds, sensitivities=[Sensitivity("hold: 15 minutes later", 1.5)]
    )
    read = Page(page(told))
    compared = read.table("Rule sets")
    assert compared.of("optimum (with grid charging)", "bill, USD") == f"{total - 10:,.2f}"
    assert compared.of("lever optimum", "bill, USD") == f"{total - 8:,.2f} (or 0.50 less)"
    share = 100 * gain_of(told.schedules[0], told.schedules).sum / 8
    assert f"{share:.0f} % (lever optimum)" in compared.rows["ours"][-1]
    matters = read.table("ours: the bill where one thing is otherwise")
    assert matters.rows == {"hold: 15 minutes later": ["+1.50"]}
    assert "sensitivity" not in {each.get("id") for _, each in Page(page(bare)).elements}


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
