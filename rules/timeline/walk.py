"""From one instant at which something may change to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from rules.domain import Setting
from rules.engine import OWNER, Context, Memory, Plan, StateRule, Verdict, leaves
from rules.inputs import DatedValue, Inputs
from rules.timeline.also import Also, also_at
from rules.timeline.cases import Case, House, Outcome, Step, cases_at, merged


@dataclass(frozen=True, slots=True)
class Hold:
    """What the owner holds above all rules; `until`: `None` until it is resumed."""

    setting: Setting
    until: datetime | None = None

    def covers(self, now: datetime) -> bool:
        """It is in force at an instant."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Entry:
    """A half-open time in which the same is wanted, case by case; `also` is what else could win."""

    start: datetime
    end: datetime
    cases: tuple[Case, ...]
    also: tuple[Also, ...]

    def case(self, soe: float) -> Case:
        """The case of a state of energy (app percent)."""
        return next(each for each in self.cases if soe in each)


def timeline(
    plan: Plan,
    start: datetime,
    end: datetime,
    *,
    house: House,
    inputs: Inputs,
    memory: Memory | None = None,
    hold: Hold | None = None,
) -> tuple[Entry, ...]:
    """The entries from `start` to before `end`, without a gap.

    `memory` is what the engine remembers at the start: its timers, and the reserves that it holds.
    Values among the inputs are taken to stay as they are, and as fresh; flags end when they expire.
    """
    quiet = Plan.of(replace(plan.rules, event_rules=()), plan.route, plan.limits)
    walk = _Walk(quiet, house, memory or Memory(start), inputs, hold)
    found: list[Entry] = []
    now = start
    while now < end:
        entry = walk.entry(now, end)
        last = found[-1] if found else None
        if last is not None and (last.cases, last.also) == (entry.cases, entry.also):
            found[-1] = replace(last, end=entry.end)
        else:
            found.append(entry)
        now = entry.end
    return tuple(found)


class _Walk:
    """Makes entries; what was found of a situation is found at once when it comes again."""

    def __init__(
        self, plan: Plan, house: House, memory: Memory, inputs: Inputs, hold: Hold | None
    ) -> None:
        self._plan, self._house, self._memory = plan, house, memory
        self._inputs, self._hold = inputs, hold
        self._known: dict[object, tuple[tuple[Case, ...], tuple[Also, ...]]] = {}

    def entry(self, now: datetime, end: datetime) -> Entry:
        """What is wanted from an instant on, until something else than the house may change it."""
        inputs = _fresh(self._inputs, now)
        until, verdicts = self._boundary(now, end, inputs)
        hold = self._hold if self._hold is not None and self._hold.covers(now) else None
        # What is remembered ends at instants of its own.
        since = now if self._memory.rules else None
        key = (self._plan.timetable.segment(now).open, verdicts, hold, since)
        found = self._known.get(key)
        if found is None:
            cases = cases_at(self._plan, self._house, self._memory, inputs, now)
            held = () if hold is None else tuple(hold.setting.present)
            also = also_at(self._plan, _winners(cases), held, inputs, now)
            if hold is not None:
                cases = merged(_under(hold, each) for each in cases)
            found = self._known[key] = cases, also
        return Entry(now, until, *found)

    def _boundary(
        self, now: datetime, end: datetime, inputs: Inputs
    ) -> tuple[datetime, tuple[Verdict, ...]]:
        """Until when time changes nothing, and what it says to the clauses of open rules."""
        context = Context(self._house.seen(now, 0.0), inputs, self._plan.rules.almanac, now)
        context.begin(frozenset())
        rules = self._plan.open_rules(now)
        verdicts = tuple(leaf.test(context) for rule in rules for leaf in leaves(rule.conditions))
        ends = [self._plan.timetable.segment(now).end, context.until, end]
        if self._hold is not None and self._hold.until is not None:
            ends.append(self._hold.until)
        for rule in rules:
            ends += self._timers(rule)
        return min(each for each in ends if each > now), verdicts

    def _timers(self, rule: StateRule) -> Iterator[datetime]:
        """When what is remembered of a rule runs out."""
        kept = self._memory.rules.get(rule.name)
        if kept is not None:
            yield kept.holds_since + rule.hold_for
            yield kept.holds_since + rule.keep
            if kept.unknown_since is not None:
                yield kept.unknown_since + rule.stale


def _fresh(inputs: Inputs, now: datetime) -> Inputs:
    """The inputs with values that are of now."""
    if not inputs.values:
        return inputs
    values = {name: DatedValue(each.value, now) for name, each in inputs.values.items()}
    return Inputs(inputs.flags, values, inputs.prices)


def _winners(cases: Iterable[Case]) -> set[str]:
    outcomes = (step.outcome for case in cases for step in case.steps)
    return {name for outcome in outcomes for name in outcome.winners.values()}


def _under(hold: Hold, case: Case) -> Case:
    """A case with what the owner holds laid over it."""
    steps: list[Step] = []
    for each in case.steps:
        step = replace(each, outcome=_held(hold, each.outcome))
        if not steps or steps[-1].outcome != step.outcome:
            steps.append(step)
    return replace(case, steps=tuple(steps))


def _held(hold: Hold, outcome: Outcome) -> Outcome:
    return replace(
        outcome,
        setting=hold.setting.over(outcome.setting),
        winners={**outcome.winners, **dict.fromkeys(hold.setting.present, OWNER)},
        at_soe=outcome.at_soe and hold.setting.reserve is None,
    )
