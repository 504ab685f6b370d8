"""What would have flowed without any rules: no battery at all, or one left to itself."""

from __future__ import annotations

from rules.battery import Bounds
from rules.domain import Mode, Setting
from rules.engine import RuleSet
from scheduler.money.backtest.home import DELIVERED_RESERVE, Home
from scheduler.money.backtest.result import Flows
from scheduler.money.backtest.site import Site


def without_battery(site: Site) -> Flows:
    """The home and its sun alone."""
    return _lived(Home(site, Setting(), running=False))


def self_consumption(site: Site, reserve: int) -> Flows:
    """The battery takes what the roof has left and gives it to the home, down to this reserve."""
    floor = max(reserve, site.safety.reserve_floor)
    return _lived(Home(site, Setting(Mode.SELF_CONSUMPTION, floor)))


def reserve_of(rules: RuleSet) -> int:
    """What self-consumption keeps beside these rules: the reserve of their default.

    Where they name none, it is that which a gateway is delivered with. In app percent.
    """
    said = rules.default.reserve
    return DELIVERED_RESERVE if said is None else said


def _lived(home: Home) -> Flows:
    end, anything = home.end, Bounds()
    while home.at < end:
        home.live_until(min(end, home.next_change or end), anything)
    return home.flows
