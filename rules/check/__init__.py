"""Proofs about rule sets for the coming thirteen months, before they touch a house.

`situations` goes through the calendar, `space` and `states` say what can be seen, `search` looks
for a state in which something goes wrong, `history` leads there on the engine itself. Each kind of
finding has a module of its own; `report` puts them together.
"""

from rules.check.composed import Composed, LeftToDefault
from rules.check.difference import Comparison, Difference, compare
from rules.check.event_days import EventDays
from rules.check.findings import Code, Finding, Place, Repair, moment_in_words, since
from rules.check.history import History
from rules.check.looks import Look
from rules.check.outside import missing_outside
from rules.check.places import Located, Places
from rules.check.report import Report, check

__all__ = [
    "Code",
    "Comparison",
    "Composed",
    "Difference",
    "EventDays",
    "Finding",
    "History",
    "LeftToDefault",
    "Located",
    "Look",
    "Place",
    "Places",
    "Repair",
    "Report",
    "check",
    "compare",
    "missing_outside",
    "moment_in_words",
    "since",
]
