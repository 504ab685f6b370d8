"""What the rules want at one moment: `decide`.

Pure: plan, observation, memory, inputs and time go in, a decision and the new memory come out.
Nothing else is remembered, and the memory changes only at transitions. The decision says within
what it stands, so a caller may skip every look that lies inside.

Each part of the setting goes to the active rule of the highest priority; among equals, to the one
that stands first in the files. `reserve_at_least` of any active rule raises the reserve that wins.
What a rule remembers is dropped when its calendar part closes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rules.domain import Observation, Part, Quantity, Setting
from rules.engine.activation import activation
from rules.engine.conditions import Bounds, Look, Sames
from rules.engine.events import EventMemory, Occurrence, due
from rules.engine.outcome import Outcome, RuleMemory
from rules.engine.plan import Plan, StateRule
from rules.inputs import NO_INPUTS, Inputs

DEFAULT = "default"
"""The name under which `[default]` wins a part."""

PARTS = tuple(Part)
"""In the order in which a setting takes them."""

OWNER = "owner"
"""The name under which the owner's word, which is above all rules, wins a part."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What the engine remembers from one look to the next: transitions and captured values.

    `since` is where time begins for events; occurrences before it are nobody's.
    """

    since: datetime
    rules: Mapping[str, RuleMemory] = field(default_factory=dict)
    events: EventMemory = field(default_factory=EventMemory)


@dataclass(frozen=True, slots=True)
class Decision:
    """The setting wanted now, who won each part, and which events are due.

    A part that nobody claimed, or whose claimant leaves it alone, is missing from the setting.
    `insists`: a winning rule wants it even against a change by hand.

    Before `until`, with the same inputs, within `bounds` and with the `sames`, another look would
    decide the same; they say nothing about what is wanted, so decisions are equal without them.
    """

    setting: Setting
    winners: Mapping[Part, str]
    active: tuple[str, ...]
    occurrences: tuple[Occurrence, ...] = ()
    insists: bool = False
    until: datetime = field(compare=False, kw_only=True)
    inputs: Inputs = field(compare=False, default=NO_INPUTS)
    bounds: Bounds = field(compare=False, default=())
    sames: Sames = field(compare=False, default=())

    def wants_as(self, other: Decision) -> bool:
        """The other decision wants the same for the same reasons; events aside."""
        return (
            self.setting == other.setting
            and self.winners == other.winners
            and self.active == other.active
        )

    def stands(self, observation: Observation, inputs: Inputs, now: datetime) -> bool:
        """Deciding again on this would change nothing."""
        if now >= self.until or self.occurrences or inputs is not self.inputs:
            return False
        for quantity, low, high in self.bounds:
            value = getattr(observation, quantity)
            if value is None or not low <= value < high:
                return False
        for quantity, same in self.sames:  # noqa: SIM110 -- a generator would double the time
            if getattr(observation, quantity) != same:
                return False
        return True


def decide(
    plan: Plan, observation: Observation, memory: Memory, inputs: Inputs, now: datetime
) -> tuple[Decision, Memory]:
    """The decision at an instant (aware), and what is to be remembered of it.

    The memory that comes back is the same object when nothing changed.
    """
    known = plan.transitions.after(memory.rules, observation, now)
    until, outcome = known or evaluated(plan, observation, memory.rules, inputs, now)
    bounds, sames = outcome.bounds, outcome.sames
    occurrences: tuple[Occurrence, ...] = ()
    events = memory.events
    if plan.rules.event_rules:
        look = Look(observation, inputs, plan.rules.almanac, now, until)
        look.stands_within(bounds, sames)
        occurrences, events = due(plan, events, memory.since, look)
        until, bounds, sames = look.until, look.bounds(), look.sames()
    if outcome.remembered is not memory.rules or events is not memory.events:
        memory = Memory(memory.since, outcome.remembered, events)
    decision = Decision(
        outcome.setting,
        outcome.winners,
        outcome.active,
        occurrences,
        outcome.insists,
        until=until,
        inputs=inputs,
        bounds=bounds,
        sames=sames,
    )
    return decision, memory


def evaluated(
    plan: Plan,
    observation: Observation,
    before: Mapping[str, RuleMemory],
    inputs: Inputs,
    now: datetime,
) -> tuple[datetime, Outcome]:
    """What the open rules come to at this look, winners first, and until when it stands.

    The memories that come back are the same object when nothing changed.
    """
    end, rules = plan.segment(now)
    look = Look(observation, inputs, plan.rules.almanac, now, end)
    remembered: dict[str, RuleMemory] = {}
    contest = Contest(plan)
    for rule in rules:
        if rule.timeless:
            contest.enter(rule, plan.fixed[rule.name])
            continue
        known = before.get(rule.name)
        if known is not None and not plan.unbroken(rule, known.since, now):
            known = None
        known, setting = activation(plan, rule, known, look)
        remembered[rule.name] = known
        if known.active:
            contest.enter(rule, setting)
    outcome = Outcome(
        before if remembered == before else remembered,
        contest.end(),
        contest.winners,
        tuple(contest.active),
        contest.insists,
        look.bounds(),
        look.sames(),
    )
    plan.transitions.learn(rules, outcome, observation, now, end)
    return look.until, outcome


class Contest:
    """The active rules of one look, winners first, and what each of them wins."""

    __slots__ = ("_floor", "_floor_from", "_plan", "_values", "active", "insists", "winners")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.active: list[str] = []
        self.winners: dict[Part, str] = {}
        self.insists = False
        self._values: dict[Part, object] = {}
        self._floor = -1
        self._floor_from = ""

    def enter(self, rule: StateRule, setting: Setting) -> None:
        """An active rule takes the parts that nobody before it has claimed."""
        want = rule.want
        self.active.append(rule.name)
        for part in self._plan.claims[rule.name]:
            if part not in self.winners:
                self.winners[part] = rule.name
                self._values[part] = getattr(setting, part)
                self.insists = self.insists or rule.insists
        if want.reserve_at_least is not None and want.reserve_at_least > self._floor:
            self._floor, self._floor_from = want.reserve_at_least, rule.name

    def end(self) -> Setting:
        """What `[default]` adds to what was won, and the setting that comes of it all."""
        values, winners = self._values, self.winners
        for part in self._plan.default_claims:
            if part not in winners:
                winners[part] = DEFAULT
                values[part] = getattr(self._plan.default_setting, part)
        reserve = values.get(Part.RESERVE)
        if self._floor >= 0 and (not isinstance(reserve, int) or reserve < self._floor):
            values[Part.RESERVE], winners[Part.RESERVE] = self._floor, self._floor_from
        return Setting(*map(values.get, PARTS))  # type: ignore[arg-type]  # each part has its type


def quantities(plan: Plan, decision: Decision) -> frozenset[Quantity]:
    """What the winning rules looked at: a write may rely on nothing older than these."""
    rules = (plan.rule(name) for name in set(decision.winners.values()))
    return frozenset(quantity for rule in rules if rule for quantity in rule.quantities())
