"""Two rules of equal priority that want different things at one moment.

For each pair, part and situation: is there a state in which both are active, and no rule above them
takes the part? The first such state becomes a history, and counts only if the engine agrees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations, islice

from rules.check.findings import Code, Finding, Place
from rules.check.history import History, easiest, histories, opened, what_matters
from rules.check.months import NO_TIME, Months
from rules.check.search import IMPOSSIBLE, MET, Be, Goal, In, Search, TooManySteps
from rules.check.situations import Seen, Situation
from rules.check.space import Box, Key, Space
from rules.domain import Part, Quantity, in_words
from rules.engine import Explanation
from rules.resolve import resolve

MOST_TRIES = 8
"""States that are played on the engine before a pair counts as undecided in a situation."""


def conflicts(months: Months) -> Iterator[Finding]:
    """Every pair that can come into conflict, over the first part that shows it."""
    for (one, other), parts in _pairs(months).items():
        found = (Pair(months, one, other, part).finding() for part in parts)
        finding = next((each for each in found if each is not None), None)
        if finding is not None:
            yield finding


def _pairs(months: Months) -> dict[tuple[int, int], list[Part]]:
    """Pairs that are ever open at once, of equal priority, with the parts that both decide."""
    plan, rules = months.plan, months.rules
    found: dict[tuple[int, int], list[Part]] = {}
    for situation, _ in months.seen():
        for one, other in combinations(situation.open, 2):
            if (one, other) in found or rules[one].priority != rules[other].priority:
                continue
            if rules[one].want == rules[other].want:
                continue
            claimed = plan.claims[rules[one].name], plan.claims[rules[other].name]
            found[one, other] = [part for part in claimed[0] if part in claimed[1]]
    return found


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rules over one part, the one that stands first in the files as `one`."""

    months: Months
    one: int
    other: int
    part: Part

    def finding(self) -> Finding | None:
        """What is to be told of them, if they can come into conflict."""
        shown: History | None = None
        undecided: Seen | None = None
        a_year = NO_TIME
        known: dict[object, bool] = {}
        for situation, seen in self.months.seen():
            if self.one not in situation.open or self.other not in situation.open:
                continue
            try:
                space = self.months.space(situation)
                goals = self.goals(situation, space)
                key = (space, goals)
                if shown is None and known.get(key) is not False:
                    boxes = list(islice(Search().solutions(space.everything, goals), MOST_TRIES))
                    known[key] = bool(boxes)
                    shown = self._first(situation, seen, space, boxes)
                    if boxes and shown is None:
                        undecided = undecided or seen
                elif key not in known:
                    known[key] = any(True for _ in Search().solutions(space.everything, goals))
            except TooManySteps:
                undecided = undecided or seen
                continue
            a_year += seen.a_year if known[key] else NO_TIME
        if shown is not None:
            return self._conflict(shown, a_year)
        return self._undecided() if undecided is not None else None

    def goals(self, situation: Situation, space: Space) -> tuple[Goal, ...]:
        """What must be seen for both to be active and to want different things."""
        months, rules = self.months, self.months.rules
        waited = self.hold
        goals = [months.may_be_active(situation, each) for each in (self.one, self.other)]
        goals.append(self._different(space))
        for each in situation.open:
            if self._takes_it(each):
                goals.append(months.may_be_inactive(situation, each, waited))
        return (IMPOSSIBLE,) if IMPOSSIBLE in goals else tuple(goals)

    @property
    def hold(self) -> timedelta:
        """How long both must have held to be active."""
        rules = self.months.rules
        return max(rules[self.one].hold_for, rules[self.other].hold_for)

    def _takes_it(self, rule: int) -> bool:
        """While this rule is active it does not matter what the two want."""
        rules, plan = self.months.rules, self.months.plan
        if rules[rule].priority > rules[self.one].priority:
            return self.part in plan.claims[rules[rule].name]
        return False

    def _different(self, space: Space) -> Goal:
        """The states in which the two set the part to different values."""
        rules, plan = self.months.rules, self.months.plan
        wants = rules[self.one].want, rules[self.other].want
        if not any(want.looks_at_soe for want in wants):
            return MET if self._differ(50.0) else IMPOSSIBLE
        number = space.number(Key("quantity", Quantity.SOE))
        if number is None:
            return MET
        states = space.dimensions[number].states
        differing = sum(
            1 << bit
            for bit, state in enumerate(states)
            if isinstance(state.value, float) and self._differ(state.value)
        )
        return In(number, differing) if differing else IMPOSSIBLE

    def _differ(self, soe: float) -> bool:
        plan = self.months.plan
        found = [
            plan.levers.legal(
                resolve(self.months.rules[each].want, plan.levers, soe, None).setting,
                plan.limits.reserve_floor,
            )
            for each in (self.one, self.other)
        ]
        return bool(getattr(found[0], self.part) != getattr(found[1], self.part))

    def _first(
        self, situation: Situation, seen: Seen, space: Space, boxes: Sequence[Box]
    ) -> History | None:
        """The first history that the engine confirms."""
        openings = self.months.openings(situation, seen)
        almanac = self.months.plan.rules.almanac
        for box in boxes:
            states = easiest(space, box)
            said = what_matters(space, box, states)
            for history in histories(almanac, seen, openings, states, said, self.hold):
                if self.shown_by(history.play(self.months.plan)):
                    return history
        return None

    def shown_by(self, explanation: Explanation) -> bool:
        """Both are active, want different things, and nobody above them takes the part."""
        rules, plan = self.months.rules, self.months.plan
        traces = {trace.name: trace for trace in explanation.rules}
        pair = [traces[rules[each].name] for each in (self.one, self.other)]
        legal = [plan.levers.legal(each.setting, plan.limits.reserve_floor) for each in pair]
        above = [
            trace
            for number, trace in enumerate(explanation.rules)
            if trace.active and self._takes_it(number)
        ]
        return (
            all(trace.active for trace in pair)
            and getattr(legal[0], self.part) != getattr(legal[1], self.part)
            and not above
        )

    def _conflict(self, history: History, a_year: timedelta) -> Finding:
        explanation = history.play(self.months.plan)
        traces = {trace.name: trace for trace in explanation.rules}
        names = [self.months.rules[each].name for each in (self.one, self.other)]
        wants = [in_words(self.part, getattr(traces[name].setting, self.part)) for name in names]
        text = (
            f'"{names[0]}" wants {wants[0]}, and "{names[1]}" wants {wants[1]}, with equal priority '
            f"({self.months.rules[self.one].priority}); the first in the files would win"
        )
        places = tuple(Place(name, ("set",)) for name in names)
        return Finding(Code.CONFLICT, text, places, history, a_year, part=self.part)

    def _undecided(self) -> Finding:
        names = [self.months.rules[each].name for each in (self.one, self.other)]
        text = (
            f'it could not be decided whether "{names[0]}" and "{names[1]}", of equal priority, '
            "can want different things at one moment"
        )
        return Finding(Code.UNDECIDED, text, tuple(Place(name) for name in names))
