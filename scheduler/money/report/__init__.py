"""The report of a backtest: one HTML page that works offline, and its charts as pictures.

`Report` is what it tells of, `page` makes it. The charts of bills and weeks are drawings, which any
viewer shows in its own scheme and prints; the map of the year is plotly's, from the extra `report`.
"""

from scheduler.money.report.document import Attainable, Report, Sensitivity
from scheduler.money.report.page import chart_script, page
from scheduler.money.report.pictures import bill_picture, week_picture

__all__ = [
    "Attainable",
    "Report",
    "Sensitivity",
    "bill_picture",
    "chart_script",
    "page",
    "week_picture",
]
