"""Two rules of equal priority over one part: when they come into conflict."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from rules.check.history import History
from rules.check.months import Months
from rules.check.search import IMPOSSIBLE, MET, Goal, In
from rules.check.situations import Situation
from rules.check.space import Key, Space
from rules.domain import Part, Quantity, Setting
from rules.resolve import resolve

ANY_SOE = 50.0
"""For wants that do not look at it."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rules over one part, the one that stands first in the files as `one`."""

    months: Months
    one: int
    other: int
    part: Part
    _differing: dict[object, Goal] = field(default_factory=dict, compare=False, repr=False)

    @property
    def names(self) -> tuple[str, str]:
        """What they are called."""
        rules = self.months.rules
        return rules[self.one].name, rules[self.other].name

    @property
    def hold(self) -> timedelta:
        """How long both must have held to be active."""
        rules = self.months.rules
        return max(rules[self.one].hold_for, rules[self.other].hold_for)

    def takes_it(self, rule: int) -> bool:
        """While this rule is active it does not matter what the two want."""
        rules, plan = self.months.rules, self.months.plan
        above = rules[rule].priority > rules[self.one].priority
        return above and self.part in plan.claims[rules[rule].name]

    def goals(self, situation: Situation, space: Space) -> tuple[Goal, ...]:
        """What must be seen for both to be active by their clauses and to want different things."""
        months = self.months
        goals = [months.may_be_active(situation, each) for each in (self.one, self.other)]
        goals.append(self._different(space))
        goals += self.quiet_above(situation)
        return (IMPOSSIBLE,) if IMPOSSIBLE in goals else tuple(goals)

    def quiet_above(self, situation: Situation) -> list[Goal]:
        """No rule above them takes the part."""
        above = (each for each in situation.open if self.takes_it(each))
        return [self.months.may_be_inactive(situation, each, self.hold) for each in above]

    def _different(self, space: Space) -> Goal:
        """The states in which the two set the part to different values."""
        levers = self.months.plan.levers
        wants = [self.months.rules[each].want for each in (self.one, self.other)]

        def differ(soe: float | None) -> bool:
            return self.values_differ([resolve(want, levers, soe, None).setting for want in wants])

        return self.where(space, None, differ)

    def where(self, space: Space, taken: Hashable, differ: Callable[[float | None], bool]) -> Goal:
        """The states of energy (`None`: missing) at which the two differ.

        `taken` are the reserves that they have taken before, on which it depends.
        """
        key = space, taken
        if key not in self._differing:
            self._differing[key] = self._where(space, differ)
        return self._differing[key]

    def _where(self, space: Space, differ: Callable[[float | None], bool]) -> Goal:
        number = space.number(Key("quantity", Quantity.SOE))
        wants = [self.months.rules[each].want for each in (self.one, self.other)]
        if number is None or not any(want.looks_at_soe for want in wants):
            return MET if differ(ANY_SOE) else IMPOSSIBLE
        states = space.dimensions[number].states
        values = [each.value if isinstance(each.value, float) else None for each in states]
        known = {value: differ(value) for value in set(values)}
        differing = sum(1 << bit for bit, value in enumerate(values) if known[value])
        return In(number, differing) if differing else IMPOSSIBLE

    def values_differ(self, settings: Sequence[Setting]) -> bool:
        """What the two set is not the same; what waits for a state of energy is nothing yet."""
        plan, values = self.months.plan, []
        for rule, setting in zip((self.one, self.other), settings, strict=True):
            legal = plan.levers.legal(setting, plan.limits.reserve_floor)
            value = getattr(legal, self.part)
            if value is None and self.months.rules[rule].want.looks_at_soe:
                return False
            values.append(value)
        return bool(values[0] != values[1])

    def shown_by(self, history: History) -> bool:
        """Both are active, want different things, and nobody above them takes the part."""
        decision, _ = history.decided(self.months.plan)
        active = frozenset(decision.active)
        if not active.issuperset(self.names):
            return False
        if any(
            rule.name in active and self.takes_it(number)
            for number, rule in enumerate(self.months.rules)
        ):
            return False
        return self.values_differ(self.settings(history))

    def settings(self, history: History) -> list[Setting]:
        """What the two set at the end of a history, while they are active."""
        plan, soe = self.months.plan, history.looks[-1].observation.soe
        _, memory = history.decided(plan)
        found = []
        for number in (self.one, self.other):
            rule = self.months.rules[number]
            before = memory.rules.get(rule.name)
            captured = None if before is None else before.captured
            found.append(resolve(rule.want, plan.levers, soe, captured).setting)
        return found
