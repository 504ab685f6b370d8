"""What the engine remembers: instants of transitions and captured values, nothing else.

As plain JSON values it outlives a restart, which goes on where the last run was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from rules.engine.conditions import NOTHING_HELD
from rules.engine.rule_set import RuleSet


@dataclass(frozen=True, slots=True)
class RuleMemory:
    """What is remembered of one open rule.

    `since` is the first evaluation of this opening: its calendar part has been open ever since.
    `active` is what the rule does; `holds` since `holds_since` is what its conditions say, before
    `for` and `keep`. For a rule that is settled without them, `holds_since` stays at its first
    evaluation: nobody asks, and so its memory takes few values. `held` are the keys of the
    thresholds that held last (for their margins), `unknown_since` is when it became undecidable,
    `captured` the reserve that its hold has taken.
    """

    active: bool
    since: datetime
    holds: bool
    holds_since: datetime
    held: frozenset[str] = NOTHING_HELD
    unknown_since: datetime | None = None
    captured: int | None = None


@dataclass(frozen=True, slots=True)
class TurnMemory:
    """What is remembered of an event without a moment.

    `holds` since `since` is what its conditions say; `done` means that this turn was settled, or
    that it is none because nobody saw the conditions false before.
    """

    holds: bool
    since: datetime
    held: frozenset[str] = NOTHING_HELD
    done: bool = False


@dataclass(frozen=True, slots=True)
class EventMemory:
    """What is remembered of events.

    `settled` holds the instant of each rule's last settled occurrence, `fired` its firings that
    still count against `at_most`.
    """

    settled: Mapping[str, datetime] = field(default_factory=dict)
    turns: Mapping[str, TurnMemory] = field(default_factory=dict)
    fired: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Memory:
    """What the engine remembers from one evaluation to the next.

    `since` is where time begins for events: earlier occurrences are ignored. `cache` makes the next
    evaluation cheap; a memory without it leads to the same decisions.
    """

    since: datetime
    rules: Mapping[str, RuleMemory] = field(default_factory=dict)
    events: EventMemory = field(default_factory=EventMemory)
    cache: object = field(default=None, compare=False, repr=False)


def memory_to_json(memory: Memory) -> dict[str, Any]:
    """The memory as JSON values; instants as ISO text."""
    return {
        "since": memory.since.isoformat(),
        "rules": {
            name: {
                "active": kept.active,
                "since": kept.since.isoformat(),
                "holds": kept.holds,
                "holds_since": kept.holds_since.isoformat(),
                "held": sorted(kept.held),
                "unknown_since": kept.unknown_since.isoformat() if kept.unknown_since else None,
                "captured": kept.captured,
            }
            for name, kept in memory.rules.items()
        },
        "settled": {name: at.isoformat() for name, at in memory.events.settled.items()},
        "turns": {
            name: {
                "holds": turn.holds,
                "since": turn.since.isoformat(),
                "held": sorted(turn.held),
                "done": turn.done,
            }
            for name, turn in memory.events.turns.items()
        },
        "fired": {
            name: [at.isoformat() for at in instants]
            for name, instants in memory.events.fired.items()
        },
    }


def memory_from_json(stored: Mapping[str, Any]) -> Memory:
    """The memory that `memory_to_json` wrote."""
    instant = datetime.fromisoformat
    rules = {
        name: RuleMemory(
            active=kept["active"],
            since=instant(kept["since"]),
            holds=kept["holds"],
            holds_since=instant(kept["holds_since"]),
            held=frozenset(kept["held"]),
            unknown_since=instant(kept["unknown_since"]) if kept["unknown_since"] else None,
            captured=kept["captured"],
        )
        for name, kept in stored["rules"].items()
    }
    turns = {
        name: TurnMemory(
            turn["holds"], instant(turn["since"]), frozenset(turn["held"]), turn["done"]
        )
        for name, turn in stored["turns"].items()
    }
    events = EventMemory(
        {name: instant(at) for name, at in stored["settled"].items()},
        turns,
        {name: tuple(instant(at) for at in each) for name, each in stored["fired"].items()},
    )
    return Memory(instant(stored["since"]), rules, events)


def after_gap(memory: Memory, until: datetime) -> Memory:
    """A memory from before a time of which nothing is known, which ended `until` then.

    Events of that time may have fired: they are nobody's, and none is seen to turn over it.
    """
    events = replace(memory.events, turns={})
    return Memory(max(memory.since, until), memory.rules, events)


def carried_over(memory: Memory, old: RuleSet | None, new: RuleSet) -> Memory:
    """What stays true when the rules change: settled events, and memories of unchanged rules.

    Without the old rules (a restart with other files) no rule counts as unchanged.
    """
    state_rules = {rule.name: rule for rule in old.state_rules} if old else {}
    event_rules = {rule.name: rule for rule in old.event_rules} if old else {}
    same = {rule.name for rule in new.state_rules if state_rules.get(rule.name) == rule}
    same_events = {rule.name for rule in new.event_rules if event_rules.get(rule.name) == rule}
    known = {event.name for event in new.event_rules}
    events = memory.events
    return Memory(
        memory.since,
        {name: kept for name, kept in memory.rules.items() if name in same},
        EventMemory(
            {name: at for name, at in events.settled.items() if name in known},
            {name: turn for name, turn in events.turns.items() if name in same_events},
            {name: at for name, at in events.fired.items() if name in known},
        ),
    )
