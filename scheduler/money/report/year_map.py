"""The year as a map: a column a day, a row for each time of day; what `page.js` draws of it.

This one chart is plotly's: 35,000 cells want to be zoomed into and asked, and a drawing cannot do
that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from rules.calendar import DAY
from scheduler.money.report.course import Course
from scheduler.money.report.drawing import said
from scheduler.money.report.week_chart import rule_style

Cells = list[list[float | int | None]]


def map_data(mapped: Sequence[tuple[str, Course]]) -> str:
    """What the script draws, as JSON.

    Names are escaped: the page must not take one for the end of the data, and plotly takes some
    elements in its labels for its own.
    """
    days, minutes = _axes(mapped[0][1])
    shown: dict[str, Any] = {
        "days": [day.isoformat() for day in days],
        "times": [f"2000-01-01 {minute // 60:02}:{minute % 60:02}" for minute in minutes],
        "schedules": [_schedule(name, each, days) for name, each in mapped],
    }
    return json.dumps(shown, separators=(",", ":"))


def _schedule(name: str, course: Course, days: Sequence[date]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "name": said(name),
        "soe": _cells(course, days, [round(each) for each in course.soe]),
        "grid": _cells(course, days, [round(each / 1000, 1) for each in course.grid]),
    }
    if course.held:
        shown["held"] = _cells(course, days, course.held)
        shown["labels"] = [said(each) for each in course.labels]
        shown["colours"] = [rule_style(number) for number in range(len(course.labels))]
    return shown


def _axes(course: Course) -> tuple[list[date], range]:
    days = sorted({course.local(index).date() for index in range(len(course))})
    return days, range(0, DAY, course.step.seconds // 60)


def _cells(course: Course, days: Sequence[date], values: Sequence[float]) -> Cells:
    """Rows by time of day; of a doubled hour the later is seen, a missing one is empty."""
    minutes = course.step.seconds // 60
    columns = {day: number for number, day in enumerate(days)}
    cells: Cells = [[None] * len(days) for _ in range(DAY // minutes)]
    for index, value in enumerate(values):
        at = course.local(index)
        cells[(at.hour * 60 + at.minute) // minutes][columns[at.date()]] = value
    return cells
