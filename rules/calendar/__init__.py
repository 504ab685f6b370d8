"""Local time and its days: clock-change nights, windows, holidays, priced periods.

`local_time` turns wall minutes of a date into instants, `days` says which days, `schedule` when a
rule is open, `tariff` what a kilowatt hour costs. The shipped tariffs are in `tariffs/`, each with
its source.
"""

from rules.calendar.days import Dates, Days, HolidayRule, Season, Window
from rules.calendar.local_time import (
    DAY,
    ONE_DAY,
    Minutes,
    Span,
    midnight,
    moment,
    spans,
    stretches,
)
from rules.calendar.moment_table import MomentTable
from rules.calendar.public_holidays import public_holidays
from rules.calendar.schedule import Almanac, Calendar, DayTest, Moments
from rules.calendar.tariff import (
    CHEAPEST,
    PEAK,
    PeriodWindow,
    PricedPeriod,
    PriceVersion,
    Tariff,
    unpriced,
)
from rules.calendar.timetable import Cuts, Segment, Timetable
from rules.calendar.zones import parse_zone

__all__ = [
    "CHEAPEST",
    "DAY",
    "ONE_DAY",
    "PEAK",
    "Almanac",
    "Calendar",
    "Cuts",
    "Dates",
    "DayTest",
    "Days",
    "HolidayRule",
    "Minutes",
    "MomentTable",
    "Moments",
    "PeriodWindow",
    "PriceVersion",
    "PricedPeriod",
    "Season",
    "Segment",
    "Span",
    "Tariff",
    "Timetable",
    "Window",
    "midnight",
    "moment",
    "parse_zone",
    "public_holidays",
    "spans",
    "stretches",
    "unpriced",
]
