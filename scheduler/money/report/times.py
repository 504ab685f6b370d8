"""The tables of times: typical weeks by day, the year by hour, rules and outages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from scheduler.money.backtest import Backtest, Endured
from scheduler.money.report.course import HOUR, Course
from scheduler.money.report.document import Report
from scheduler.money.report.table import Table
from scheduler.money.report.typical_week import DAYS, Week


def by_day(name: str, week: Week, course: Course) -> Table:
    """A typical week in seven rows, in kWh."""
    count = timedelta(days=1) // course.step
    first = (week.start - course.start) // course.step
    rows = []
    for number in range(DAYS):
        at = range(first + number * count, first + (number + 1) * count)
        row = [f"{course.local(at.start):%a %d %b %Y}"]
        for series in (
            course.load, course.solar, course.charged, course.discharged,
            course.imported, course.exported,
        ):  # fmt: skip
            flowed = sum(series[each] for each in at) * (course.step / HOUR)
            row.append(f"{flowed / 1000:.1f}")
        row.append(f"{course.soe[at.stop - 1]:.0f}")
        bought = [course.import_price[each] for each in at]
        row.append(f"{min(bought):.2f} to {max(bought):.2f}")
        rows.append(row)
    columns = [
        "day", "home", "sun", "into the battery", "out of it", "bought", "sold",
        "% at its end", "price of a kWh",
    ]  # fmt: skip
    return Table(f"{name}: {week.season}, a typical week by day, kWh", columns, rows)


def by_hour(name: str, course: Course) -> Table:
    """The whole time by the hour of the day: means, and which rules held most often."""
    soe: list[list[float]] = [[] for _ in range(24)]
    grid: list[list[float]] = [[] for _ in range(24)]
    held: list[Counter[int]] = [Counter() for _ in range(24)]
    from_grid = course.grid
    for index in range(len(course)):
        hour = course.local(index).hour
        soe[hour].append(course.soe[index])
        grid[hour].append(from_grid[index])
        if course.held:
            held[hour][course.held[index]] += 1
    rows = []
    for hour in range(24):
        if not soe[hour]:
            continue
        row = [
            f"{hour:02}:00",
            f"{sum(soe[hour]) / len(soe[hour]):.0f}",
            f"{sum(grid[hour]) / len(grid[hour]) / 1000:.2f}",
        ]
        if course.held:
            ((most, _),) = held[hour].most_common(1)
            row.append(course.labels[most])
        rows.append(row)
    columns = ["hour", "in the battery, %", "from the grid, kW"]
    columns += ["held most often"] if course.held else []
    return Table(f"{name}: means by hour of the day", columns, rows, worded=frozenset({3}))


def rules_won(name: str, found: Backtest) -> Table:
    """For how many hours each rule won; one that never did says so."""
    data = found.flows.site.data
    total, never = (data.end - data.start) / HOUR, set(found.never_won)
    rows = [
        [rule, "never won" if rule in never else f"{hours:,.1f}", f"{100 * hours / total:.1f}"]
        for rule, hours in found.hours_by_rule.items()
    ]
    return Table(f"{name}: rules", ["rule", "hours it won", "% of the time"], rows)


def outages(report: Report) -> Table:
    """How each schedule with a battery stood each outage."""
    zone = report.site.data.zone
    rows = [
        [
            f"{outage.start.astimezone(zone):%Y-%m-%d %H:%M}, {length_said(outage.length)}",
            each.name,
            *_stood(each.flows.endured[number]),
        ]
        for number, outage in enumerate(report.site.outages)
        for each in report.schedules[:-1]
    ]
    columns = ["outage", "schedule", "% at first", "the home stood for", "kWh not served"]
    return Table("Outages", columns, rows, worded=frozenset({1}))


def _stood(endured: Endured) -> Sequence[str]:
    stood = "all of it" if not endured.unserved_wh else length_said(endured.stood)
    return f"{endured.soe:.0f}", stood, f"{endured.unserved_wh / 1000:.2f}"


def length_said(length: timedelta) -> str:
    """A length in hours and minutes."""
    minutes = round(length / timedelta(minutes=1))
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
