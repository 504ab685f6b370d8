"""What Tesla's own control really cost, beside what rules would have cost on the same days.

Its time-based control follows a forecast that is not public, so nothing here imitates it: what
counts is what a journal recorded on whole days in the mode `autonomous`. `stretches` finds them,
with what went through the meter; `compared` bills them, and the days under rules, in plain
self-consumption and without a battery, all from the same state of energy.
"""

from scheduler.money.measured.compared import MEASURED, Compared, Control, SiteOf, Sums, compared
from scheduler.money.measured.days import Day, LeftOut, days
from scheduler.money.measured.stretches import Stretch, stretches

__all__ = [
    "MEASURED",
    "Compared",
    "Control",
    "Day",
    "LeftOut",
    "SiteOf",
    "Stretch",
    "Sums",
    "compared",
    "days",
    "stretches",
]
