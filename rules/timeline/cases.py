"""What rules want at an instant, for every state of energy.

The range from empty to full is cut wherever the engine may answer otherwise: at the thresholds of
the rules that are open, at what they charge to, at the reserves that they ask for at least, and
where an answer itself ends. In each piece the engine is asked once; neighbours that want the same
for the same reasons become one case.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.domain import AppPercent, GridStatus, Observation, Part, Quantity, Setting
from rules.engine import Decision, Memory, Plan, decide
from rules.inputs import Inputs
from rules.resolve import Intent, Levers

FULL = math.nextafter(100.0, math.inf)
"""Where the range of the state of energy ends, half open as every range here is."""

MOST_STEPS = 20
"""So many timers may run out one after the other in a case; no rule file by hand comes near."""

NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class House:
    """What is taken for granted of the house, beside its state of energy. `None`: not known.

    Powers are watts as in an observation. `reserve` is the one that is set, in app percent.
    """

    grid: GridStatus | None = GridStatus.CONNECTED
    grid_services: bool | None = False
    solar_power: float | None = None
    load_power: float | None = None
    site_power: float | None = None
    battery_power: float | None = None
    reserve: float | None = None

    def seen(self, at: datetime, soe: float) -> Observation:
        """What a poll would find at an instant, with so much in the battery (app percent)."""
        return Observation(
            at,
            soe=AppPercent(soe),
            site_power=self.site_power,
            battery_power=self.battery_power,
            load_power=self.load_power,
            solar_power=self.solar_power,
            grid=self.grid,
            grid_services=self.grid_services,
            reserve=None if self.reserve is None else AppPercent(self.reserve),
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is wanted, and by which rules.

    With `at_soe` the reserve is the state of energy itself as far as the route takes it, and is
    missing from the setting. `pending` are rules whose clause holds, and whose `for` runs.
    """

    setting: Setting
    winners: Mapping[Part, str]
    at_soe: bool = False
    pending: tuple[str, ...] = ()

    def setting_at(self, soe: float, levers: Levers) -> Setting:
        """The setting at a state of energy (app percent) of this case."""
        if not self.at_soe:
            return self.setting
        return replace(self.setting, reserve=levers.reserve_at_most(soe))


@dataclass(frozen=True, slots=True)
class Step:
    """What is wanted once the state of the house has been the same for this long."""

    after: timedelta
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Case:
    """What is wanted while the state of energy is from `low` to below `high` (app percent).

    There is one step for each time at which a timer may run out, the first without delay.
    """

    low: float
    high: float
    steps: tuple[Step, ...]

    def __contains__(self, soe: float) -> bool:
        return self.low <= soe < self.high


def cases_at(
    plan: Plan, house: House, memory: Memory, inputs: Inputs, now: datetime
) -> tuple[Case, ...]:
    """The cases at an instant, which together cover every state of energy."""
    edges = _edges(plan, now)
    found: list[Case] = []
    low = 0.0
    while low < FULL:
        high = next((edge for edge in edges if edge > low), FULL)
        steps, until = _steps(plan, house.seen(now, low), memory, inputs, now)
        if low < until < high:
            high = until
        found.append(Case(low, high, steps))
        low = high
    return merged(found)


def merged(cases: Iterable[Case]) -> tuple[Case, ...]:
    """The same with as few cases: neighbours in which the same is wanted are one."""
    found: list[Case] = []
    for case in cases:
        if found and found[-1].steps == case.steps:
            found[-1] = replace(found[-1], high=case.high)
        else:
            found.append(case)
    return tuple(found)


def _edges(plan: Plan, now: datetime) -> Sequence[float]:
    """Where an answer of the open rules may end, lowest first."""
    units = set(plan.timetable.segment(now).open)
    edges: set[float] = set()
    for scale in plan.index.scales:
        if scale.attribute == Quantity.SOE:
            marks = (mark for mark in scale.marks.values() if mark.unit in units)
            edges |= {edge for mark in marks for edge in (mark.threshold.low, mark.threshold.high)}
    for rule in plan.open_rules(now):
        if rule.want.battery is Intent.CHARGE:
            edges.add(float(rule.want.to))
        if rule.want.reserve_at_least is not None:
            # From here on a captured reserve, which is whole and legal, is as high.
            edges.add(float(plan.levers.reserve_at_least(rule.want.reserve_at_least)))
    return sorted(edge for edge in edges if 0 < edge < FULL)


def _steps(
    plan: Plan, seen: Observation, before: Memory, inputs: Inputs, now: datetime
) -> tuple[tuple[Step, ...], float]:
    """What is wanted of one look, and after each timer; up to which SOE the first answer stands."""
    decision, memory = decide(plan, seen, before, inputs, now)
    until = _soe_until(decision)
    unknown = {name for name in before.rules if _turns_unknown(name, before, memory)}
    if unknown:
        kept = {name: each for name, each in before.rules.items() if name not in unknown}
        before = Memory(before.since, kept)
        decision, memory = decide(plan, seen, before, inputs, now)
        until = min(until, _soe_until(decision))
    steps = [Step(NO_TIME, _outcome(plan, decision, before, memory))]
    waited = NO_TIME
    for _ in range(MOST_STEPS):
        left = _until_a_timer(plan, memory, now)
        if left is None:
            break
        waited += left
        aged = _aged(plan, memory, left)
        decision, memory = decide(plan, seen, aged, inputs, now)
        outcome = _outcome(plan, decision, before, memory)
        if outcome != steps[-1].outcome:
            steps.append(Step(waited, outcome))
    return tuple(steps), until


def _turns_unknown(name: str, before: Memory, after: Memory) -> bool:
    """A value of this rule is missing from now on: it is as if it had been for longer.

    For the `stale` of the rule, ten minutes as a rule, the engine would keep the verdict of before.
    """
    known = after.rules.get(name)
    missing = known is not None and known.unknown_since is not None
    return missing and before.rules[name].unknown_since is None


def _outcome(plan: Plan, decision: Decision, before: Memory, after: Memory) -> Outcome:
    setting, winner = decision.setting, decision.winners.get(Part.RESERVE)
    rule = plan.rule(winner) if winner is not None else None
    at_soe = False
    if rule is not None and rule.want.looks_at_soe and rule.name in after.rules:
        captured = after.rules[rule.name].captured
        known = before.rules.get(rule.name)
        held_already = known is not None and known.captured == captured
        # A floor of its own may have raised it.
        at_soe = captured is not None and captured == setting.reserve and not held_already
    if at_soe:
        setting = replace(setting, reserve=None)
    pending = tuple(name for name in after.rules if _pending(plan, after, name))
    return Outcome(setting, dict(decision.winners), at_soe, pending)


def _pending(plan: Plan, memory: Memory, name: str) -> bool:
    kept, rule = memory.rules[name], plan.rule(name)
    return bool(rule and rule.hold_for and kept.holds and not kept.active)


def _until_a_timer(plan: Plan, memory: Memory, now: datetime) -> timedelta | None:
    """How long until a `for` has run; `None` where none does."""
    ready = [
        memory.rules[name].holds_since + rule.hold_for
        for name in memory.rules
        if _pending(plan, memory, name) and (rule := plan.rule(name)) is not None
    ]
    return min(ready) - now if ready else None


def _aged(plan: Plan, memory: Memory, by: timedelta) -> Memory:
    """The memory of a house in which the clauses that hold have held for so much longer.

    The calendar stays where it is: what a case says is so whenever its timers began.
    """
    rules = {
        name: replace(kept, holds_since=kept.holds_since - by)
        if _pending(plan, memory, name)
        else kept
        for name, kept in memory.rules.items()
    }
    return Memory(memory.since, rules, memory.events)


def _soe_until(decision: Decision) -> float:
    bounds = {quantity: high for quantity, _, high in decision.validity.bounds}
    return bounds.get(Quantity.SOE.value, math.inf)
