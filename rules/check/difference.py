"""Whether two rule sets want the same at every moment, or the first moment at which they do not.

Both are taken through the same months and the same states. For each part, whoever may win it in the
one is held against whoever may win it in the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count, islice, product

from rules.calendar import ONE_DAY
from rules.check.history import History, easiest, histories, what_matters
from rules.check.months import DAYS, NO_TIME, Months
from rules.check.search import IMPOSSIBLE, MET, Goal, In, Search, TooManySteps
from rules.check.situations import Seen, Situation
from rules.check.space import Box, Key, Space
from rules.check.states import State, TooManyStates
from rules.domain import Part, Quantity, Setting
from rules.engine import Explanation, Plan, StateRule
from rules.resolve import Want, resolve

MOST_TRIES = 4
"""States that are played on both engines before a difference counts as undecided."""

ANY_SOE = 50.0

SOE = Key("quantity", Quantity.SOE)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first moment at which two rule sets want different settings, and for how long in a year.

    `before` is what the old rules make of it, `after` what the new ones do.
    """

    history: History
    before: Explanation
    after: Explanation
    a_year: timedelta


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was found out about two rule sets.

    Without a difference they are `equal` at every moment of the months, or it could not be proved,
    for the reason in `undecided`.
    """

    difference: Difference | None
    undecided: str = ""

    @property
    def equal(self) -> bool:
        """Proved equal."""
        return self.difference is None and not self.undecided


@dataclass(frozen=True, slots=True)
class _Outcome:
    """Who decides a part, and what must be seen for it. `want` is resolved by its own levers.

    A rule that both sets have is the same unit in both: it cannot be active in one of them only.
    """

    goals: tuple[Goal, ...]
    want: Want
    hold: timedelta
    active: frozenset[int]
    inactive: frozenset[int]
    at_least: int = 0

    def excludes(self, other: _Outcome) -> bool:
        """The two cannot come about together."""
        return bool(self.active & other.inactive or self.inactive & other.active)


class _Side:
    """One of the two rule sets; `units` are the numbers of its rules, in their order."""

    def __init__(self, plan: Plan, months: Months, units: Sequence[int]) -> None:
        self.plan = plan
        self._months = months
        self._rules = dict(zip(units, plan.rules.state_rules, strict=True))
        self._values: dict[object, tuple[object, ...]] = {}

    def outcomes(self, situation: Situation, part: Part) -> Iterator[_Outcome]:
        """Everyone who may decide a part in a situation."""
        opened = [unit for unit in self._rules if unit in situation.open]
        claiming = [each for each in opened if part in self.plan.claims[self._rules[each].name]]
        for number in range(len(claiming) + 1):
            winner = claiming[number] if number < len(claiming) else None
            base = self._won_by(situation, winner, claiming[:number])
            if IMPOSSIBLE not in base.goals:
                yield from self._raised(situation, opened, base) if part is Part.RESERVE else [base]

    def _won_by(self, situation: Situation, winner: int | None, above: Sequence[int]) -> _Outcome:
        """One rule, or [default], decides, and none of those above it does."""
        months = self._months
        hold = NO_TIME if winner is None else self._rules[winner].hold_for
        goals = [months.may_be_inactive(situation, each, hold) for each in above]
        active: frozenset[int] = frozenset()
        want = self.plan.rules.default
        if winner is not None:
            goals.append(months.may_be_active(situation, winner))
            active, want = frozenset({winner}), self._rules[winner].want
        return _Outcome(tuple(goals), want, hold, active, frozenset(above))

    def _raised(
        self, situation: Situation, opened: Sequence[int], base: _Outcome
    ) -> Iterator[_Outcome]:
        """The same with the highest `reserve_at_least` that may be active, each in turn."""
        months = self._months
        asking = [unit for unit in opened if self._floor(unit)]
        asking.sort(key=self._floor, reverse=True)
        quiet: list[Goal] = []
        for number, unit in enumerate(asking):
            active = months.may_be_active(situation, unit)
            if active != IMPOSSIBLE and unit not in base.inactive:
                yield replace(
                    base,
                    goals=(*base.goals, *quiet, active),
                    hold=max(base.hold, self._rules[unit].hold_for),
                    active=base.active | {unit},
                    inactive=base.inactive | set(asking[:number]),
                    at_least=self._floor(unit),
                )
            quiet.append(months.may_be_inactive(situation, unit))
        if not base.active & set(asking):
            goals, inactive = (*base.goals, *quiet), base.inactive | set(asking)
            yield replace(base, goals=goals, inactive=inactive)

    def _floor(self, unit: int) -> int:
        return self._rules[unit].want.reserve_at_least or 0

    def values(self, outcome: _Outcome, part: Part, space: Space) -> tuple[object, ...]:
        """What a part is set to in each state of energy of a space; once, where it has none."""
        key = space, part, outcome.want, outcome.at_least
        found = self._values.get(key)
        if found is None:
            number = space.number(SOE)
            states = (State(ANY_SOE),) if number is None else space.dimensions[number].states
            seen = list(map(_percent, states))
            known = {soe: self._value(outcome, part, soe) for soe in set(seen)}
            found = self._values[key] = tuple(known[soe] for soe in seen)
        return found

    def _value(self, outcome: _Outcome, part: Part, soe: float | None) -> object:
        setting = resolve(outcome.want, self.plan.levers, soe, None).setting
        if part is Part.RESERVE and setting.reserve is not None:
            setting = Setting(reserve=max(setting.reserve, outcome.at_least))
        return getattr(self.plan.levers.legal(setting, self.plan.limits.reserve_floor), part)


class _Comparing:
    """The search for a difference between two plans."""

    def __init__(self, old: Plan, new: Plan, months: Months) -> None:
        self._months = months
        units = range(len(new.rules.state_rules))
        self._new = _Side(new, months, units)
        self._old = _Side(old, months, units_of(old, new))
        self.shown: tuple[History, Explanation, Explanation] | None = None
        self.undecided = ""
        self.a_year = NO_TIME
        self._found: dict[object, list[Box] | None] = {}

    def search(self) -> None:
        """Go through all situations."""
        for situation, seen in self._months.seen():
            try:
                if self._differ_in(situation, seen):
                    self.a_year += seen.a_year
            except (TooManyStates, TooManySteps):
                self.undecided = "there are too many states to look at"

    def _differ_in(self, situation: Situation, seen: Seen) -> bool:
        space = self._months.space(situation)
        for part in Part:
            for new, old in product(
                tuple(self._new.outcomes(situation, part)),
                tuple(self._old.outcomes(situation, part)),
            ):
                if new.excludes(old):
                    continue
                different = self._different(space, part, new, old)
                if different is None:
                    continue
                boxes = self._boxes(space, (different, *new.goals, *old.goals))
                hold = max(new.hold, old.hold)
                if boxes and (self.shown or self._play(situation, seen, space, boxes, hold)):
                    return True
        return False

    def _boxes(self, space: Space, goals: tuple[Goal, ...]) -> Sequence[Box]:
        """States that meet the goals. Many situations ask for the same. Raises `TooManySteps`."""
        tries = 1 if self.shown else MOST_TRIES
        key = space, goals, tries
        if key not in self._found:
            solutions = Search().solutions(space.everything, goals)
            try:
                self._found[key] = list(islice(solutions, tries))
            except TooManySteps:
                self._found[key] = None
        found = self._found[key]
        if found is None:
            raise TooManySteps
        return found

    def _different(self, space: Space, part: Part, new: _Outcome, old: _Outcome) -> Goal | None:
        """The states of energy at which the two set a part to different values; `None`: nowhere."""
        after, before = (
            side.values(outcome, part, space)
            for side, outcome in ((self._new, new), (self._old, old))
        )
        if after == before:
            return None
        number = space.number(SOE)
        if number is None:
            return MET
        pairs = enumerate(zip(after, before, strict=True))
        return In(number, sum(1 << bit for bit, (one, other) in pairs if one != other))

    def _play(
        self,
        situation: Situation,
        seen: Seen,
        space: Space,
        boxes: Sequence[Box],
        hold: timedelta,
    ) -> bool:
        """Look for a history after which both engines say different things."""
        openings = self._months.openings(situation, seen)
        almanac = self._new.plan.rules.almanac
        for box in boxes:
            states = easiest(space, box)
            said = what_matters(space, box, states)
            for history in histories(almanac, seen, openings, states, said, hold):
                after, before = history.play(self._new.plan), history.play(self._old.plan)
                if after.written != before.written:
                    self.shown = history, before, after
                    return True
        self.undecided = "a difference was suspected, and no history shows it"
        return False


def _percent(state: State) -> float | None:
    return state.value if isinstance(state.value, float) else None


def compare(
    old: Plan, new: Plan, first: date, *, priced: bool | None = None, days: int = DAYS
) -> Comparison:
    """Compare two rule sets on the same route over the days from `first` on.

    `priced` as for a check.
    """
    priced = new.rules.almanac.tariff is not None if priced is None else priced
    if not _same_days(old, new, first, days):
        return Comparison(None, "zone, tariff or holidays are not the same")
    known = set(map(rule_key, new.rules.state_rules))
    also = [rule for rule in old.rules.state_rules if rule_key(rule) not in known]
    months = Months(new, first, priced=priced, days=days, also=also)
    comparing = _Comparing(old, new, months)
    comparing.search()
    if comparing.shown is not None:
        history, before, after = comparing.shown
        return Comparison(Difference(history, before, after, comparing.a_year))
    if comparing.undecided:
        return Comparison(None, comparing.undecided)
    return Comparison(None, _remember_otherwise(old, new))


def _same_days(old: Plan, new: Plan, first: date, days: int) -> bool:
    """Zone, prices and holidays are the same on every day."""
    before, after = old.rules.almanac, new.rules.almanac
    if before.zone.key != after.zone.key or (before.tariff is None) != (after.tariff is None):
        return False
    return all(
        before.holiday(day) == after.holiday(day)
        and (
            before.tariff is None
            or after.tariff is None
            or before.tariff.day(day) == after.tariff.day(day)
        )
        for day in (first + after_days * ONE_DAY for after_days in range(days))
    )


def _remember_otherwise(old: Plan, new: Plan) -> str:
    """What single looks cannot show: rules that take hold, or let go, at another time."""
    before = {rule_key(rule): rule for rule in old.rules.state_rules}
    after = {rule_key(rule): rule for rule in new.rules.state_rules}
    changed = [before[each] for each in before.keys() - after.keys()]
    changed += [after[each] for each in after.keys() - before.keys()]
    if all(rule.settled and (not rule.stale or not rule.conditions) for rule in changed):
        return ""
    return "no single look shows a difference, but rules that wait or remember are not the same"


def units_of(old: Plan, new: Plan) -> list[int]:
    """The numbers of the old rules: those of equal new ones, the others behind these."""
    known = {rule_key(rule): number for number, rule in enumerate(new.rules.state_rules)}
    following = count(len(new.rules.state_rules))
    return [
        known[key] if (key := rule_key(rule)) in known else next(following)
        for rule in old.rules.state_rules
    ]


def rule_key(rule: StateRule) -> StateRule:
    """What a rule does, whatever it is called and whomever it outranks."""
    return replace(rule, name="", why="", priority=0, said={})
