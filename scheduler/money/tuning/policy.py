"""A tuned rule set as values: what the battery is told, when, and which rule has the last word.

A rule is an order (use, hold, keep a reserve, buy to a level), hours of the day, and conditions
that a person can check: season, kind of day, how much sun there is, what a forecast says. Rules are
painted one over the other: a later one covers an earlier one, as a higher priority does in a rule
file.

A situation is what conditions can tell apart, times the hour of the day. A policy paints every
situation, so a search needs only this table.

All of it is known of an hour beforehand but one thing: whether the battery has been full since
`FULL_FROM` o'clock, which hangs on what it was told. How full it got tells of the sun and of the
home's need at once, in every season, and tomorrow is likely to be such a day too.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rules.battery import Battery
from scheduler.money.lanes import Floats

HOURS = 24
FULL_FROM = 10
"""From this hour on a day is remembered as one on which the battery got full."""
FULL_PERCENT = 95
"""App percent from which on it counts as full: the last of it goes in slowly."""
Situations = npt.NDArray[np.bool_]


class Order(StrEnum):
    """What a battery can be told."""

    USE = "use"
    HOLD = "hold"
    KEEP = "keep"
    BUY = "buy"


class Told(NamedTuple):
    """An order; `percent` is the level of one to keep or to buy to, in app percent."""

    order: Order
    percent: int = 0


class Side(NamedTuple):
    """A value below a threshold, or at least as much: watts of sun, kWh of a forecast."""

    below: bool
    threshold: float

    def includes(self, lowest: float) -> bool:
        """A level that begins at `lowest` and has no threshold within is on this side."""
        return lowest < self.threshold if self.below else lowest >= self.threshold


@dataclass(frozen=True, slots=True)
class Condition:
    """When a rule counts, beside its hours; what is absent does not matter. Months are 1 to 12."""

    months: frozenset[int] | None = None
    workdays: bool | None = None
    sun: Side | None = None
    forecast: Side | None = None
    after_full: bool = False
    """Only once the battery has been full since `FULL_FROM` o'clock, where the rule begins."""


@dataclass(frozen=True, slots=True)
class TunedRule:
    """From `first` until `last` o'clock, over midnight where that is less; local time."""

    told: Told
    first: int
    last: int
    condition: Condition = Condition()

    @property
    def length(self) -> int:
        """How many hours of the day it counts."""
        return (self.last - self.first) % HOURS or HOURS

    @property
    def hours(self) -> npt.NDArray[np.int64]:
        """The hours of the day in which it counts."""
        return (self.first + np.arange(self.length)) % HOURS


Policy = tuple[TunedRule, ...]
"""Rules in the order in which they are painted."""


@dataclass(frozen=True)
class Kinds:
    """What conditions can tell apart: seasons, workdays from others, levels of sun and forecast.

    A season is a set of months, and every month is in one. `sun` and `forecast` are thresholds in
    ascending order.
    """

    seasons: tuple[frozenset[int], ...]
    sun: tuple[float, ...] = ()
    forecast: tuple[float, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int, int, int, int]:
        """Seasons, kinds of day, levels of sun and of forecast, not full or full, hours."""
        return (len(self.seasons), 2, len(self.sun) + 1, len(self.forecast) + 1, 2, HOURS)

    def met(self, rule: TunedRule) -> Situations:
        """The situations in which a rule counts, as a table of this shape."""
        condition, table = rule.condition, np.ones(self.shape, dtype=np.bool_)
        if condition.months is not None:
            table &= self._axis([each <= condition.months for each in self.seasons], 0)
        if condition.workdays is not None:
            table &= self._axis([not condition.workdays, condition.workdays], 1)
        for axis, side, thresholds in (
            (2, condition.sun, self.sun),
            (3, condition.forecast, self.forecast),
        ):
            if side is not None:
                lowest = (-np.inf, *thresholds)
                table &= self._axis([side.includes(each) for each in lowest], axis)
        if condition.after_full:
            table &= self._axis([False, True], 4)
        hours = np.zeros(HOURS, dtype=np.bool_)
        hours[rule.hours] = True
        return table & hours

    def _axis(self, counts: list[bool], axis: int) -> Situations:
        along = [1] * len(self.shape)
        along[axis] = len(counts)
        return np.array(counts).reshape(along)


def trimmed(policy: Policy) -> Policy:
    """The same without hours at a rule's beginning or end that later rules of its kind cover."""
    found = []
    for place, rule in enumerate(policy):
        hours = list(rule.hours)
        covered = {
            int(hour)
            for later in policy[place + 1 :]
            if later.condition in (Condition(), rule.condition)
            and later.told.order is not Order.KEEP
            for hour in later.hours
        }
        while hours and hours[0] in covered:
            del hours[0]
        while hours and hours[-1] in covered:
            del hours[-1]
        if hours:
            first, last = int(hours[0]), (int(hours[-1]) + 1) % HOURS
            found.append(TunedRule(rule.told, first, last, rule.condition))
    return tuple(found)


class Painted(NamedTuple):
    """What the battery is told in each situation: down to which energy it is used, to which bought.

    `keep` is in watt hours, infinite where all is kept; `buy_to` is 0 where nothing is bought.
    """

    keep: Floats
    buy_to: Floats


def painted_over(
    base: Painted, met: Situations, told: Told, battery: Battery, floor_wh: float
) -> Painted:
    """The table with an order in these situations. A reserve to keep leaves what asks for more."""
    level = battery.energy(told.percent)
    match told.order:
        case Order.KEEP:
            return Painted(np.where(met, np.maximum(base.keep, level), base.keep), base.buy_to)
        case Order.USE:
            keep, buy_to = floor_wh, 0.0
        case Order.HOLD:
            keep, buy_to = np.inf, 0.0
        case Order.BUY:
            keep, buy_to = np.inf, level
    return Painted(np.where(met, keep, base.keep), np.where(met, buy_to, base.buy_to))


def paint(policy: Policy, kinds: Kinds, battery: Battery, floor_wh: float) -> Painted:
    """The table of a policy; where no rule counts, the battery is used."""
    painted = Painted(np.full(kinds.shape, floor_wh), np.zeros(kinds.shape))
    for rule in policy:
        painted = painted_over(painted, kinds.met(rule), rule.told, battery, floor_wh)
    return painted
