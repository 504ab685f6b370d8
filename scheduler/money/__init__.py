"""What a rule set is worth: a home's interval data, its bill, and what another schedule had cost.

Here are the values that the rooms below share: what a home used and its roof gave, and what went
through its meter. `intervals` reads them from files, `bill` prices them, `backtest` runs rules over
them, `optimum` says the best that was possible, `tuning` looks for better rules, `report` shows it.
The daemon needs nothing of it.
"""

from scheduler.money.energy import IntervalData, MeteredEnergy, Repair
from scheduler.money.words import DateOrder, DecimalMark, HistoryFormat, LocalClock, Unit

__all__ = [
    "DateOrder",
    "DecimalMark",
    "HistoryFormat",
    "IntervalData",
    "LocalClock",
    "MeteredEnergy",
    "Repair",
    "Unit",
]
