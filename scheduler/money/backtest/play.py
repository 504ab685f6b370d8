"""The daemon's own controller through the time of a site.

The controller is woken where its daemon's loop would wake it: where the decision may end, where a
read-back is due, where the grid or an input changes; and at the beginning of an interval if `quiet`
does not say that nothing would come of it. Between two ticks the physics alone goes on, as far as
every quantity stays within what the decision says of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from rules.battery import ANY, Bounds
from rules.domain import Part, Quantity, Setting
from rules.engine import RuleSet
from scheduler import control
from scheduler.control import PromptSite, Terms
from scheduler.domain import Capabilities, Past
from scheduler.money.backtest.home import FIRMWARE, Home
from scheduler.money.backtest.result import Backtest, Holding
from scheduler.money.backtest.site import Site

_NEVER_JUDGED: Final = timedelta(days=365_000).total_seconds()
"""A route that takes so long to act shows nothing: here whatever is written takes effect, and
judging would want every reading."""

_PLACES: Final[Mapping[str, int]] = {
    Quantity.SOE.value: 0,
    Quantity.SITE_POWER.value: 1,
    Quantity.BATTERY_POWER.value: 2,
    Quantity.LOAD_POWER.value: 3,
    Quantity.SOLAR_POWER.value: 4,
}
"""Where `Bounds` has each quantity that a rule may compare."""

ANYTHING: Final = Bounds()

Progress = Callable[[datetime], None]
"""Is told now and then how far a backtest has come."""

EVERY: Final = 500
"""Ticks between two words to a `Progress`."""


def backtest(site: Site, rules: RuleSet, progress: Progress | None = None) -> Backtest:
    """Run the rules at a site, from the beginning of its data to the end."""
    home = Home(site, at_first(site, rules))
    route = Capabilities(
        "installer",
        FIRMWARE,
        "backtest",
        may_write=True,
        levers=site.levers,
        settling_time=_NEVER_JUDGED,
    )
    terms = Terms(site.safety, site.data.step, version="backtest", journaled=False)
    begun = control.begin(Past(), terms, rules, route, home.at)
    controller = PromptSite(home, begun.state, home.at)
    holdings: list[Holding] = []
    ticks = 0
    while home.at < home.end:
        now = home.at
        quiet = home.halted and controller.quiet(now)
        if not quiet:
            controller.tick(now)
            _follow(holdings, controller, now)
            ticks += 1
            if progress is not None and ticks % EVERY == 0:
                progress(now)
            quiet = controller.quiet(now)
        limit = _next_stop(controller, home)
        if quiet:
            home.live_until(limit, _bounds(controller))
        else:
            home.live_until(min(limit, home.next_interval), ANYTHING)
    return Backtest(
        rules,
        home.flows,
        tuple(holdings),
        tuple(controller.writes),
        tuple(controller.occurrences),
        ticks,
    )


def at_first(site: Site, rules: RuleSet) -> Setting:
    """What the gateway is set to at first: the default of the rules, as far as it is permitted."""
    default, safety = rules.default, site.safety
    reserve = None if default.reserve is None else max(default.reserve, safety.reserve_floor)
    return Setting(
        default.mode,
        reserve,
        False if not safety.grid_charging else default.grid_charging,
        default.export,
    )


def _next_stop(controller: PromptSite, home: Home) -> datetime:
    wake, now, stop = controller.next_wake(home.at), home.at, home.end
    for each in (wake.boundary, wake.soonest, home.next_change):
        if each is not None and now < each < stop:
            stop = each
    return stop


def _bounds(controller: PromptSite) -> Bounds:
    """Within what the decision stands, as the physics has it."""
    decision = controller.state.decisions.last
    if decision is None or not decision.validity.bounds:
        return ANYTHING
    found = [ANY] * len(_PLACES)
    for name, low, high in decision.validity.bounds:
        place = _PLACES.get(name)
        if place is not None:
            found[place] = (low, high)
    return Bounds(*found)


def _follow(holdings: list[Holding], controller: PromptSite, now: datetime) -> None:
    """Note who won, where that is otherwise than before."""
    decision = controller.state.decisions.last
    if decision is None:
        return
    if not holdings or holdings[-1].winners != decision.winners:
        winners: dict[Part, str] = dict(decision.winners)
        holdings.append(Holding(now, winners, decision.setting))
