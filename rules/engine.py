"""What the rules want at one moment: `decide`, and `explain` for the same with its reasons.

Both are pure: plan, observation, memory and time go in, a decision and the new memory come out.
Nothing else is remembered, and the memory changes only at transitions. The decision says within
what it stands (`until` and `limits`), so a caller may skip every look that lies inside.

* Each part of the setting goes to the active rule of the highest priority; among equals, to the
  one that stands first in the files.
* A rule whose conditions are unknown keeps its verdict for `stale`, then lets go. What it
  remembers is dropped when its calendar part closes.
* An event is settled once: fired, not fired because a condition was false then, or missed because
  it stayed unknown, or nobody looked, for longer than `catch_up`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rules.conditions import Condition, Limit, Same, Verdict, conjunction
from rules.domain import Mode, Observation, Quantity, Setting
from rules.plan import Action, EventRule, Plan, StateRule
from rules.resolve import resolve

LOOK_BACK = timedelta(days=7)
"""How far back missed events are told: a scheduler that was off for a month lists one week."""

LOOK_AHEAD = timedelta(days=2)
"""How far ahead the next event is sought; a decision is looked at again by then anyway."""

DEFAULT = "default"
"""The name under which `[default]` wins a part."""


class Part(StrEnum):
    """The parts of a setting."""

    MODE = "mode"
    RESERVE = "reserve"


@dataclass(frozen=True, slots=True)
class RuleMemory:
    """What is remembered of one open rule.

    `since` is when it became active or inactive, `held` which of its conditions held at the last
    look (for their margins), `unknown_since` when it became undecidable, `captured` the reserve
    that its hold has taken.
    """

    active: bool
    since: datetime
    held: tuple[bool, ...]
    unknown_since: datetime | None = None
    captured: int | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What the engine remembers from one look to the next.

    `since` is where time begins for events that were never settled; `settled` holds for each event
    rule the scheduled instant of its last settled occurrence.
    """

    since: datetime
    rules: Mapping[str, RuleMemory] = field(default_factory=dict)
    settled: Mapping[str, datetime] = field(default_factory=dict)


class Happened(StrEnum):
    """How an occurrence of an event rule was settled."""

    FIRED = "fired"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One settled moment of an event rule. Its identity is the rule and the scheduled instant."""

    rule: str
    action: Action
    scheduled_at: datetime
    happened: Happened


@dataclass(frozen=True, slots=True)
class Decision:
    """The setting wanted now, who won each part, and which events are due.

    A part that nobody claimed, or whose claimant leaves it alone, is missing from the setting.
    Within `until` and `limits` another look would decide the same; they say nothing about what is
    wanted, so decisions are equal without them.
    """

    setting: Setting
    winners: Mapping[Part, str]
    active: tuple[str, ...]
    occurrences: tuple[Occurrence, ...] = ()
    until: datetime = field(compare=False, kw_only=True)
    limits: tuple[Limit, ...] = field(compare=False, default=())

    def wants_as(self, other: Decision) -> bool:
        """The other decision wants the same for the same reasons; events aside."""
        return (
            self.setting == other.setting
            and self.winners == other.winners
            and self.active == other.active
        )

    def stands(self, observation: Observation, now: datetime) -> bool:
        """Deciding again on this observation would change nothing."""
        if now >= self.until or self.occurrences:
            return False
        for limit in self.limits:
            value = getattr(observation, limit.quantity)
            if isinstance(limit, Same):
                if value != limit.value:
                    return False
            elif value is None or not limit.low <= value < limit.high:
                return False
        return True


def decide(
    plan: Plan, observation: Observation, memory: Memory, now: datetime
) -> tuple[Decision, Memory]:
    """The decision at an instant (aware), and what is to be remembered of it.

    The memory that comes back is the same object when nothing changed.
    """
    until, rules = plan.segment(now)
    look = _Look(observation, now, until)
    mode: Mode | None = None
    reserve: int | None = None
    winners: dict[Part, str] = {}
    active: list[str] = []
    remembered: dict[str, RuleMemory] = {}
    for rule in rules:
        if rule.timeless:
            wanted = rule.want
            setting = resolve(wanted, plan.levers, None, None).setting
        else:
            before = memory.rules.get(rule.name)
            if before is not None and not plan.unbroken(rule, before.since, now):
                before = None
            kept = look.at(plan, rule, before)
            remembered[rule.name] = kept.memory
            if not kept.memory.active:
                continue
            wanted, setting = rule.want, kept.setting
        active.append(rule.name)
        if wanted.claims_mode and Part.MODE not in winners:
            winners[Part.MODE], mode = rule.name, setting.mode
        if wanted.claims_reserve and Part.RESERVE not in winners:
            winners[Part.RESERVE], reserve = rule.name, setting.reserve
    default = plan.rules.default
    if Part.MODE not in winners and default.claims_mode:
        winners[Part.MODE], mode = DEFAULT, default.mode
    if Part.RESERVE not in winners and default.claims_reserve:
        winners[Part.RESERVE], reserve = DEFAULT, default.reserve
    occurrences, settled = look.events(plan, memory)
    if remembered != memory.rules or settled != memory.settled:
        memory = Memory(memory.since, remembered, settled)
    decision = Decision(
        Setting(mode, reserve),
        winners,
        tuple(active),
        occurrences,
        until=look.until,
        limits=tuple(look.limits),
    )
    return decision, memory


@dataclass(frozen=True, slots=True)
class _Kept:
    memory: RuleMemory
    setting: Setting


class _Look:
    """One look at the open rules; gathers within what its answers stand."""

    def __init__(self, observation: Observation, now: datetime, until: datetime) -> None:
        self._observation = observation
        self._now = now
        self.until = until
        self.limits: list[Limit] = []

    def at(self, plan: Plan, rule: StateRule, before: RuleMemory | None) -> _Kept:
        """What becomes of an open rule now."""
        held = before.held if before else (False,) * len(rule.conditions)
        verdicts = self._test(rule.conditions, held)
        verdict = conjunction(verdicts)
        unknown_since = None
        if verdict is None:
            unknown_since = (before.unknown_since if before else None) or self._now
            active = before is not None and before.active
            expiry = unknown_since + rule.stale
            if self._now >= expiry:
                active, held = False, (False,) * len(held)
            else:
                self.until = min(self.until, expiry)
        else:
            active = verdict
        now_held = tuple(
            was if now is None else now for was, now in zip(held, verdicts, strict=True)
        )
        unchanged = before is not None and before.active == active
        since = before.since if before is not None and unchanged else self._now
        captured = before.captured if before is not None and active else None
        setting = Setting()
        if active:
            resolved = resolve(rule.want, plan.levers, self._observation.soe, captured)
            setting, captured = resolved.setting, resolved.captured
            if resolved.limit is not None:
                self.limits.append(resolved.limit)
        return _Kept(RuleMemory(active, since, now_held, unknown_since, captured), setting)

    def events(
        self, plan: Plan, memory: Memory
    ) -> tuple[tuple[Occurrence, ...], Mapping[str, datetime]]:
        """The events that are settled now, and the settled instants with them."""
        if not plan.rules.event_rules:
            return (), memory.settled
        settled = dict(memory.settled)
        found: list[Occurrence] = []
        for scheduled, event in plan.moments(self._now - LOOK_BACK, self._now + LOOK_AHEAD):
            if scheduled > self._now:
                self.until = min(self.until, scheduled)
                break
            last = settled.get(event.name)
            if scheduled < memory.since or (last is not None and scheduled <= last):
                continue
            happened = self._settle(event, scheduled)
            if happened is not None:
                settled[event.name] = scheduled
            if isinstance(happened, Happened):
                found.append(Occurrence(event.name, event.action, scheduled, happened))
        return tuple(found), settled

    def _settle(self, event: EventRule, scheduled: datetime) -> Happened | bool | None:
        """How a due moment ends: fired, missed, False for "not then", `None` for not yet."""
        if self._now >= scheduled + event.catch_up:
            return Happened.MISSED
        verdict = conjunction(self._test(event.conditions, (False,) * len(event.conditions)))
        if verdict is None:
            self.until = min(self.until, scheduled + event.catch_up)
            return None
        return Happened.FIRED if verdict else False

    def _test(self, conditions: tuple[Condition, ...], held: tuple[bool, ...]) -> list[Verdict]:
        verdicts: list[Verdict] = []
        for condition, was_held in zip(conditions, held, strict=True):
            verdict, limit = condition.test(self._observation, held=was_held)
            verdicts.append(verdict)
            self.limits.append(limit)
        return verdicts


def quantities(plan: Plan, decision: Decision) -> frozenset[Quantity]:
    """What the winning rules looked at: a write may rely on nothing older than these."""
    rules = (plan.rule(name) for name in set(decision.winners.values()))
    return frozenset(quantity for rule in rules if rule for quantity in rule.quantities())
