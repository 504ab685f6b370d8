"""The bill by month as bars, a schedule beside the other."""

from __future__ import annotations

from scheduler.money.bill import BillMonth
from scheduler.money.report.document import Report
from scheduler.money.report.drawing import BROAD, COLOURS, Drawing, Frame, scale, ticks

HEIGHT = 240
MONTH = 30
"""Pixels that the name of a month needs."""
SHARE = 0.84
"""Of a month's width that its bars take."""


def bill_chart(report: Report, frame: Frame = BROAD, style: str = "") -> str:
    """The chart as SVG; with a style it stands alone."""
    schedules = report.schedules
    currency, months = schedules[0].bill.currency, schedules[0].bill.months
    drawing, left = Drawing(f"The bill by month in {currency}", frame), frame.left
    drawing.text(left, 22, f"Bill by month, {currency}", "bold")
    kinds = list(zip(schedule_styles(report), schedules, strict=True))
    top = drawing.legend(44, [(f"fill {kind}", each.name) for kind, each in kinds]) + 20
    sums = [month.total for each in schedules for month in each.bill.months]
    marks = ticks(min(0.0, *sums), max(1.0, *sums), 6)
    y = scale(marks[0], marks[-1], top, HEIGHT)
    drawing.marks(marks, y, lambda value: f"{value:,g}")
    width = frame.inner / len(months)
    bar = min(40.0, width * SHARE / len(schedules))
    named = -int(-MONTH // width) if frame is not BROAD else 1
    for number, month in enumerate(months):
        middle = left + width * (number + 0.5)
        for place, (kind, each) in enumerate(kinds):
            total = each.bill.months[number].total
            high, low = sorted((y(total), y(0.0)))
            title = f"{each.name}, {month_said(month)}: {total:,.2f} {currency}"
            begin = middle - bar * (len(schedules) / 2 - place)
            drawing.rectangle(begin, high, bar - min(1, bar / 5), low - high, f"fill {kind}", title)
        if number % named == 0:
            drawing.text(middle, top + HEIGHT + 18, f"{month.start:%b}", "quiet middle")
        if number == 0 or month.start.month == 1:
            drawing.text(middle, top + HEIGHT + 34, f"{month.start:%Y}", "quiet middle")
    drawing.add(f'<path class="zero" d="M{left} {y(0.0):.1f}H{frame.edge}"/>')
    return drawing.svg(top + HEIGHT + 44, style)


def schedule_styles(report: Report) -> list[str]:
    """The colour of each schedule: those of rules in turn, then the two without rules."""
    return [
        *(f"s{number % COLOURS}" for number in range(len(report.schedules) - 2)),
        "alone",
        "bare",
    ]


def month_said(month: BillMonth) -> str:
    """A billing month's name."""
    return f"{month.start:%b %Y}" + ("" if month.complete else " (part)")
