"""The search: paint one rule at a time, the one that saves most, from coarse rules to fine ones.

First rules for all days of the year, then such as look at the sun, then those of a season, then of
a kind of day: a finer rule has to earn its place on top of what coarser ones do already. Every
sweep tries all hours and all orders at once, and each rule that is taken saves at least `MIN_GAIN`.
In the end rules that save less than that are taken away again, those that were covered first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rules.battery import Battery
from scheduler.money.lanes import Floats
from scheduler.money.tuning.months import Months
from scheduler.money.tuning.policy import (
    FULL_FROM,
    HOURS,
    Condition,
    Kinds,
    Order,
    Painted,
    Policy,
    Side,
    Situations,
    Told,
    TunedRule,
    paint,
    painted_over,
    trimmed,
)

MIN_GAIN = 0.60
"""Dollars a year that a rule saves at least."""
KEPT = 96
"""Rules of a sweep that are tried again on top of the one that was taken."""
SWEEPS = 2
"""Full sweeps of a level at most; between them only the best of the last are tried."""
KEEP = (40, 60)
BUY = (30, 40, 50, 60, 70, 80, 100)
DAYLIGHT = (6, 19)
LONGEST = 16
"""Hours of a rule at most."""


@dataclass(frozen=True)
class Field:
    """Where a search may look: months, what can be told apart, hours at which rules begin or end.

    `shifted` are the same months with shifted loads too: what seems good in `months` is tried there
    before it is taken. `coarse` are the hours for rules with conditions of the calendar.
    """

    months: Months
    shifted: Months
    kinds: Kinds
    battery: Battery
    floor_wh: float
    may_buy: bool
    edges: tuple[int, ...]
    coarse: tuple[int, ...]
    year_share: float
    """The part of a year that the months are."""


Progress = Callable[[int], None]
"""Told how many policies have been tried so far."""


class Search:
    """Looks for the policy of least cost over some months."""

    def __init__(self, field: Field, progress: Progress | None = None) -> None:
        self._field, self._progress = field, progress
        self.tried = 0
        orders = [Told(Order.USE), Told(Order.HOLD)]
        if field.may_buy:
            orders += [Told(Order.BUY, percent) for percent in BUY]
        self._orders = orders

    def best(self, starts: Sequence[Policy]) -> Policy:
        """The best policy that is found from any of these."""
        found = [self._refined(start) for start in starts]
        return min(found, key=self.cost)

    def cost(self, policy: Policy) -> float:
        """Dollars of the months under a policy."""
        field = self._field
        table = paint(policy, field.kinds, field.battery, field.floor_wh)
        return float(self._costs([table], field.shifted)[0])

    def _refined(self, policy: Policy) -> Policy:
        for conditions in levels_of(self._field.kinds):
            policy = self._level(policy, list(self._rules(conditions)))
        return trimmed(self._pruned(policy))

    def _level(self, policy: Policy, rules: list[TunedRule]) -> Policy:
        met = [self._field.kinds.met(rule) for rule in rules]
        cost = self.cost(policy)
        months, shifted = self._field.months, self._field.shifted
        for _ in range(SWEEPS):
            pool = [(rule, each) for rule, each in zip(rules, met, strict=True)]
            least, *seen = self._painted_over(policy, pool, months)
            pool = [pool[each] for each in np.argsort(seen)[:KEPT] if seen[each] < least]
            taken = False
            while pool:
                costs = self._painted_over(policy, pool, shifted)[1:]
                best = int(np.argmin(costs))
                if cost - costs[best] < self._least_gain:
                    break
                policy = (*policy, pool[best][0])
                pool = [
                    each
                    for place, each in enumerate(pool)
                    if place != best and cost - costs[place] > self._least_gain
                ]
                cost, taken = float(costs[best]), True
            if not taken:
                break
        return policy

    @property
    def _least_gain(self) -> float:
        return MIN_GAIN * self._field.year_share

    def _painted_over(
        self, policy: Policy, added: Sequence[tuple[TunedRule, Situations]], months: Months
    ) -> Floats:
        """The costs of a policy, and of it with each of these rules painted over it."""
        field = self._field
        base = paint(policy, field.kinds, field.battery, field.floor_wh)
        tables = [base]
        for rule, met in added:
            tables.append(painted_over(base, met, rule.told, field.battery, field.floor_wh))
        return self._costs(tables, months)

    def _costs(self, tables: Sequence[Painted], months: Months) -> Floats:
        self.tried += len(tables)
        keep = np.array([each.keep.ravel() for each in tables])
        buy_to = np.array([each.buy_to.ravel() for each in tables])
        costs = months.dollars(keep, buy_to)
        if self._progress is not None:
            self._progress(self.tried)
        return costs

    def _pruned(self, policy: Policy) -> Policy:
        """Without the rules that save too little, the least first."""
        cost = self.cost(policy)
        while policy:
            field = self._field
            without = [policy[:each] + policy[each + 1 :] for each in range(len(policy))]
            tables = [paint(each, field.kinds, field.battery, field.floor_wh) for each in without]
            costs = self._costs(tables, field.shifted)
            least = int(np.argmin(costs))
            if costs[least] - cost >= self._least_gain:
                break
            policy, cost = without[least], float(costs[least])
        return policy

    def _rules(self, conditions: Sequence[Condition]) -> Iterator[TunedRule]:
        for condition in conditions:
            by_calendar = condition.months is not None or condition.workdays is not None
            edges = self._field.coarse if by_calendar else self._field.edges
            pairs = list(combinations(edges, 2))
            every = [*pairs, *((last, first) for first, last in pairs)]
            if condition.after_full:
                every = [(FULL_FROM, last) for last in edges if last != FULL_FROM]
            for first, last in every:
                if (last - first) % HOURS > LONGEST and not condition.after_full:
                    continue
                if condition.sun and not DAYLIGHT[0] <= first < last <= DAYLIGHT[1]:
                    continue
                for told in self._orders:
                    yield TunedRule(told, first, last, condition)
                if condition == Condition():
                    for percent in KEEP:
                        yield TunedRule(Told(Order.KEEP, percent), first, last)


def levels_of(kinds: Kinds) -> Iterator[list[Condition]]:
    """What rules may look at, from coarse to fine."""
    sides = [Side(below, each) for each in kinds.sun for below in (True, False)]
    forecasts = [Side(below, each) for each in kinds.forecast for below in (True, False)]
    yield [Condition()]
    yield [Condition(after_full=True)]
    if forecasts:
        yield [Condition(forecast=each) for each in forecasts]
    if sides:
        yield [Condition(sun=each) for each in sides]
    if len(kinds.seasons) > 1:
        every = frozenset[int]().union(*kinds.seasons)
        others = [every - each for each in kinds.seasons] if len(kinds.seasons) > 2 else []
        months = [*kinds.seasons, *others]
        yield [Condition(months=each) for each in months]
        yield [Condition(months=each, after_full=True) for each in months]
        yield [Condition(months=each, sun=side) for each in kinds.seasons for side in sides]
    yield [Condition(workdays=each) for each in (True, False)]
