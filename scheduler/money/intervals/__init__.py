"""A home's history: from files of many kinds to interval data, or to every reason against it.

`read_history` says what files hold, with what is wrong in them; `History.interval_data` gives what
the bill and the backtest count with, once nothing is. No value is changed unless its owner asked,
and what was changed is in `repairs`.
"""

from scheduler.money.intervals.channels import MEANINGS, Channel
from scheduler.money.intervals.findings import Finding, Mistake
from scheduler.money.intervals.gaps import Gap
from scheduler.money.intervals.history import History
from scheduler.money.intervals.instructions import Instructions
from scheduler.money.intervals.own_csv import csv_lines
from scheduler.money.intervals.reading import read_history
from scheduler.money.intervals.resampling import resampled
from scheduler.money.intervals.synthetic import synthetic, synthetic_year

__all__ = [
    "MEANINGS",
    "Channel",
    "Finding",
    "Gap",
    "History",
    "Instructions",
    "Mistake",
    "csv_lines",
    "read_history",
    "resampled",
    "synthetic",
    "synthetic_year",
]
