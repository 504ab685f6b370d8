"""The engine's memory as plain JSON values, so that a restart goes on where the last run was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rules.engine import Memory, RuleMemory
from rules.plan import RuleSet


def to_json(memory: Memory) -> dict[str, Any]:
    """The memory as JSON values; instants as ISO text."""
    return {
        "since": memory.since.isoformat(),
        "settled": {name: instant.isoformat() for name, instant in memory.settled.items()},
        "rules": {
            name: {
                "active": kept.active,
                "since": kept.since.isoformat(),
                "held": list(kept.held),
                "unknown_since": kept.unknown_since.isoformat() if kept.unknown_since else None,
                "captured": kept.captured,
            }
            for name, kept in memory.rules.items()
        },
    }


def from_json(stored: Mapping[str, Any]) -> Memory:
    """The memory that `to_json` wrote."""
    return Memory(
        datetime.fromisoformat(stored["since"]),
        {
            name: RuleMemory(
                active=kept["active"],
                since=datetime.fromisoformat(kept["since"]),
                held=tuple(kept["held"]),
                unknown_since=datetime.fromisoformat(kept["unknown_since"])
                if kept["unknown_since"]
                else None,
                captured=kept["captured"],
            )
            for name, kept in stored["rules"].items()
        },
        {name: datetime.fromisoformat(at) for name, at in stored["settled"].items()},
    )


def carried_over(memory: Memory, old: RuleSet | None, new: RuleSet) -> Memory:
    """What stays true when the rules change: settled events, and memories of unchanged rules.

    Without the old rules (a restart with other files) no rule counts as unchanged.
    """
    before = {rule.name: rule for rule in old.state_rules} if old else {}
    same = {rule.name for rule in new.state_rules if before.get(rule.name) == rule}
    known = {event.name for event in new.event_rules}
    return Memory(
        memory.since,
        {name: kept for name, kept in memory.rules.items() if name in same},
        {name: instant for name, instant in memory.settled.items() if name in known},
    )
