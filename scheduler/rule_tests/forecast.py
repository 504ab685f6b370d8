"""The coming hours of a simulated home under the daemon's own controller.

Load and sun are made up by a seed; what the controller makes of them is not. It goes on from a
site's past where there is one: its timers, captured reserves, holds, overrides and write caps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from rules.domain import GridStatus, Observation, Part, Quantity, Setting
from rules.engine import Happened, RuleSet
from rules.inputs import Inputs
from rules.resolve import Levers
from rules.testing import (
    BY_ITSELF,
    House,
    Point,
    Series,
    SimulatedHome,
    oldest_values,
    refreshed,
    set_at_first,
)
from scheduler import control
from scheduler.control import Terms
from scheduler.control.waiting import blockers_of
from scheduler.domain import Past
from scheduler.rule_tests.play import ControlledHouse, Tick, route_of
from scheduler.rule_tests.world import LoadAndSun, World

STEP: Final = timedelta(minutes=1)
"""Between two looks of the controller, as in a rule test."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is so when the forecast begins: of the house, of the world outside, and of the past.

    `setting` are the parts that are known of what the gateway is set to.
    """

    at: datetime
    terms: Terms
    levers: Levers
    grid: GridStatus = GridStatus.CONNECTED
    grid_services: bool = False
    setting: Setting = field(default_factory=Setting)
    inputs: Inputs = field(default_factory=Inputs)
    past: Past = field(default_factory=Past)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A half-open time in which the same is wanted for the same reason, and set.

    `setting` is what the gateway has; where that is something else, `waits` says why.
    """

    start: datetime
    end: datetime
    wanted: Setting
    setting: Setting
    winners: Mapping[Part, str]
    reason: str
    waits: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """How the hours would go: what is `seen` every minute, what is wanted, written, and fires."""

    seen: tuple[Observation, ...]
    wanted: tuple[Wanted, ...]
    writes: tuple[datetime, ...]
    events: tuple[tuple[datetime, str, Happened], ...]


def forecast(
    rules: RuleSet, begin: Beginning, home: SimulatedHome, household: LoadAndSun, end: datetime
) -> Forecast:
    """Run the controller from the beginning to `end`, on a home with this load and sun."""
    route = route_of(begin.levers)
    house = _house(rules, begin, home, end)
    world = World(house, begin.levers, household)
    begun = control.begin(_settled(begin.past), begin.terms, rules, route, begin.at)
    seen: list[Observation] = []
    site = ControlledHouse(begun.state, world, begin.at, watch=seen.append)
    site.live_on(end, STEP)
    played = site.played()
    return Forecast(tuple(seen), tuple(_wanted(played.ticks, end)), played.writes, played.events)


def _settled(past: Past) -> Past:
    """The past without what is still under way, and without what the route refuses.

    What is shown is what the rules would do; the reasons against it end sooner or later.
    """
    return replace(
        past,
        capability=None,
        open_intent=None,
        uncertain_write=None,
        failed_writes=None,
        unfinished_check=None,
    )


def _house(rules: RuleSet, begin: Beginning, home: SimulatedHome, end: datetime) -> House:
    start, inputs = begin.at, begin.inputs
    oldest = oldest_values(rules)
    flags = {
        name: Series([Point(start, True if expiry is None else expiry)])
        for name, expiry in inputs.flags.items()
    }
    values = {
        name: Series(list(refreshed([Point(start, each.value)], oldest.get(name), end)))
        for name, each in inputs.values.items()
    }
    return House(
        {
            Quantity.GRID: Series([Point(start, begin.grid)]),
            Quantity.GRID_SERVICES: Series([Point(start, begin.grid_services)]),
            Quantity.LOAD_POWER: Series([Point(start, BY_ITSELF)]),
            Quantity.SOLAR_POWER: Series([Point(start, BY_ITSELF)]),
        },
        flags,
        values,
        Series([] if inputs.prices is None else [Point(start, inputs.prices)]),
        ((start, begin.setting.over(set_at_first(rules))),),
        home,
    )


def _wanted(ticks: tuple[Tick, ...], end: datetime) -> Iterator[Wanted]:
    """Ticks in which the same is wanted and set, as one."""
    changes: list[Wanted] = []
    for tick in ticks:
        decision = tick.decision
        waits = "; ".join(each.text for each in blockers_of(tick.state))
        found = Wanted(
            tick.at,
            end,
            decision.setting,
            tick.setting,
            decision.winners,
            tick.state.decisions.reason,
            waits if decision.setting.over(tick.setting) != tick.setting else "",
        )
        if not changes or not _alike(found, changes[-1]):
            changes.append(found)
    for here, following in pairwise(changes):
        if here.start < following.start:
            yield replace(here, end=following.start)
    yield from changes[-1:]


def _alike(one: Wanted, other: Wanted) -> bool:
    """The same is wanted, by the same rules, and set; their reasons may tell of other readings."""
    return (one.wanted, one.setting, one.winners, one.waits) == (
        other.wanted,
        other.setting,
        other.winners,
        other.waits,
    )
