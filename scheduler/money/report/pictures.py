"""Charts of a report as SVG files of their own, in light colours with a ground of their own."""

from __future__ import annotations

from scheduler.money.report.bill_chart import bill_chart
from scheduler.money.report.course import course_of
from scheduler.money.report.document import Report
from scheduler.money.report.own_files import own_text
from scheduler.money.report.typical_week import typical_weeks
from scheduler.money.report.week_chart import week_chart


def bill_picture(report: Report) -> str:
    """The bill by month."""
    return bill_chart(report, style=own_text("charts.css"))


def week_picture(report: Report, season: str) -> str:
    """A typical week of a season under the first schedule. Raises `ValueError` without one."""
    ours = report.schedules[0]
    for week in typical_weeks(report.site.data, report.tariff):
        if week.season == season:
            course = course_of(ours, report)
            style = own_text("charts.css")
            return week_chart(ours.name, week, course, ours.bill.currency, style=style)
    raise ValueError(f"the data have no whole week in {season}")
