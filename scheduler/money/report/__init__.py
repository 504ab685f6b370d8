"""The report of a backtest: one HTML page that works offline, and its charts as pictures.

`Report` is what it tells of, `page` makes it. `Schedule`, and what it saves, is also what the
command line shows. The charts of bills and weeks are drawings, which any viewer shows in its own
scheme and prints; the map of the year is plotly's, from the extra `report`.
"""

from scheduler.money.report.document import Attainable, Report, Sensitivity
from scheduler.money.report.page import chart_script, page
from scheduler.money.report.pictures import bill_picture, week_picture
from scheduler.money.report.schedules import (
    NO_BATTERY,
    SELF_CONSUMPTION,
    UNCERTAINTY,
    Gain,
    Saving,
    Schedule,
    gain_of,
    saving_of,
)

__all__ = [
    "NO_BATTERY",
    "SELF_CONSUMPTION",
    "UNCERTAINTY",
    "Attainable",
    "Gain",
    "Report",
    "Saving",
    "Schedule",
    "Sensitivity",
    "bill_picture",
    "chart_script",
    "gain_of",
    "page",
    "saving_of",
    "week_picture",
]
