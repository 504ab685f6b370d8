"""The engine's memory as plain JSON values, so that a restart goes on where the last run was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from rules.engine.decide import Memory
from rules.engine.events import EventMemory, TurnMemory
from rules.engine.outcome import RuleMemory
from rules.engine.plan import RuleSet


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
