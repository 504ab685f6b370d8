"""A plan and the months for which it is proved: situations, states and goals, worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from datetime import date, datetime, timedelta

from rules.calendar import midnight
from rules.check.effort import Effort
from rules.check.history import opened
from rules.check.search import IMPOSSIBLE, MET, Be, Goal, Goals, TooManySteps, possible
from rules.check.situations import Seen, Situation, Situations, Unit
from rules.check.space import Leaf, Space
from rules.check.timed import timed_conditions
from rules.engine import Condition, Plan, StateRule, Threshold, leaves
from rules.resolve import Intent

DAYS = 397
"""Thirteen months, so that every night on which clocks change and every holiday is in them."""

STATE, MASK = 2, 0.2
"""The effort of a state of one value for each group of rules, and for each clause."""

FULL = 100.0
"""In percent."""

NO_TIME = timedelta(0)


class Months:
    """What the proofs of one plan share. `priced`: prices are those of the tariff.

    Beside its rules there may be some `also`, numbered behind them, to be compared with.
    """

    def __init__(
        self,
        plan: Plan,
        first: date,
        *,
        priced: bool,
        days: int = DAYS,
        also: Sequence[StateRule] = (),
        effort: Effort | None = None,
    ) -> None:
        """`effort` is what may still be tried."""
        self.effort = effort or Effort()
        self.plan = plan
        self.rules = (*plan.rules.state_rules, *also)
        self.priced = priced
        units = [
            Unit(rule.calendar, rule.conditions, rule.hold_for, remembers(rule.conditions))
            for rule in self.rules
        ]
        self.situations = Situations(plan.rules.almanac, units, first, days, priced=priced)
        self.effort.begin_with(self.situations.effort)
        self._leaves = [
            Leaf(number, each)
            for number, rule in enumerate(self.rules)
            for each in state_conditions(rule.conditions, priced=priced)
        ]
        self._soe_edges = self._edges_of_wants()
        self._timed = [
            [
                self.situations.timed[each]
                for each in timed_conditions(rule.conditions, priced=priced)
            ]
            for rule in self.rules
        ]
        self._spaces: dict[object, Space] = {}
        self._goals: dict[object, Goal] = {}

    def _edges_of_wants(self) -> set[float]:
        """States of energy at which what rules want changes.

        What a hold takes may be what another rule sets, at one percent. A full battery is another
        state, so that there always are two to look at.
        """
        edges = {float(rule.want.to) for rule in self.rules if rule.want.battery is Intent.CHARGE}
        if any(rule.want.looks_at_soe for rule in self.rules):
            edges |= {0.0, FULL}
        return edges

    def opening_alike(self, plan: Plan) -> Months:
        """The months of another plan whose rules, in their order, open when these do.

        It is for what only needs the situations: its states are still those of this plan.
        """
        found = copy(self)
        found.plan, found.rules = plan, plan.rules.state_rules
        return found

    def seen(self) -> Iterator[tuple[Situation, Seen]]:
        """Every situation, the earliest first."""
        yield from self.situations.seen.items()

    def space(self, situation: Situation) -> Space:
        """The states in a situation; the same for all in which every rule opened at once."""
        order = situation.order if len(situation.order) > 1 else ()
        # With all thresholds beginning together those of closed rules are in nobody's way.
        key = (order, situation.open) if order else ()
        found = self._spaces.get(key)
        if found is None:
            groups = {unit: number for number, units in enumerate(order) for unit in units}
            leaves = (each for each in self._leaves if not order or each.unit in situation.open)
            found = self._spaces[key] = Space(leaves, groups, self._soe_edges)
            states = sum(len(each.states) for each in found.dimensions)
            self.effort.spend(states * (STATE * max(1, len(order)) + MASK * len(found.masks)))
        return found

    def goal(self, situation: Situation, unit: int, be: Be) -> Goal:
        """The clause of an open rule is to be this."""
        told = dict(situation.verdicts)
        mine = tuple(told[each] for each in self._timed[unit])
        key = (self.space(situation), unit, be, mine)
        found = self._goals.get(key)
        if found is None:
            conditions = self.rules[unit].conditions
            found = self._goals[key] = self.clause(situation, unit, conditions, be)
        return found

    def clause(
        self, situation: Situation, unit: int, conditions: tuple[Condition, ...], be: Be
    ) -> Goal:
        """Some conditions of an open rule are to be this together."""
        told, timed = dict(situation.verdicts), self.situations.timed
        goals = Goals(self.space(situation), lambda each: told[timed[each]])
        return goals.clause(unit, conditions, be)

    def may_be_active(self, situation: Situation, unit: int) -> Goal:
        """What must be seen for an open rule to be active by its clause."""
        if self.rules[unit].hold_for and unit not in situation.ripe:
            return IMPOSSIBLE
        return self.goal(situation, unit, Be.TRUE)

    def may_be_inactive(self, situation: Situation, unit: int, after: timedelta = NO_TIME) -> Goal:
        """What must be seen for an open rule not to be active, `after` others have held so long."""
        hold_for = self.rules[unit].hold_for
        if hold_for > after or (hold_for and unit not in situation.ripe):
            return MET
        return self.goal(situation, unit, Be.NOT_TRUE)

    def possible(self, situation: Situation, goals: Sequence[Goal]) -> bool:
        """Some state in a situation meets the goals, or nobody could refute it."""
        try:
            return possible(self.space(situation).everything, goals, self.effort)
        except TooManySteps:
            return True

    def openings(self, situation: Situation, seen: Seen) -> list[datetime]:
        """When the groups of rules in a situation opened, the first first."""
        almanac = self.plan.rules.almanac
        earliest = midnight(self.situations.first, almanac.zone)
        groups = situation.order or (situation.open[:1],)
        return [
            opened(self.rules[group[0]].calendar, seen.first, almanac, earliest)
            for group in groups
            if group
        ]


def remembers(conditions: Sequence[Condition]) -> bool:
    """A threshold with a margin is among the conditions."""
    return any(isinstance(each, Threshold) and each.margin for each in leaves(conditions))


def state_conditions(conditions: Sequence[Condition], *, priced: bool) -> list[Condition]:
    """The conditions that time does not decide."""
    timed = set(timed_conditions(conditions, priced=priced))
    return [each for each in dict.fromkeys(leaves(conditions)) if each not in timed]
