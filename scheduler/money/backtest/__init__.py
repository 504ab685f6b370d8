"""A year under a rule set: the daemon's own engine and controller on measured load and sun.

`backtest` runs them with the physics of `rules.battery`, caps, dwell and firmware checks included;
`without_battery` and `self_consumption` say what would have flowed without any rules. What flows is
`Flows`, whose `metered` is what a bill is made of.
"""

from scheduler.money.backtest.outside import Outside, Raised, kept_fresh
from scheduler.money.backtest.plain import reserve_of, self_consumption, without_battery
from scheduler.money.backtest.play import Progress, backtest
from scheduler.money.backtest.result import Backtest, Endured, Flows, Holding
from scheduler.money.backtest.site import ORDINARY, Outage, Site

__all__ = [
    "ORDINARY",
    "Backtest",
    "Endured",
    "Flows",
    "Holding",
    "Outage",
    "Outside",
    "Progress",
    "Raised",
    "Site",
    "backtest",
    "kept_fresh",
    "reserve_of",
    "self_consumption",
    "without_battery",
]
