"""What a conflict is, told from an explanation alone: the oracle of the check."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Protocol

from rules.domain import Setting
from rules.engine import Explanation, Plan


class Acting(Protocol):
    """A rule that is active, and what it sets: a trace, or what a test found by itself."""

    @property
    def name(self) -> str: ...
    @property
    def priority(self) -> int: ...
    @property
    def setting(self) -> Setting: ...


def in_conflict(plan: Plan, explanation: Explanation) -> set[frozenset[str]]:
    """The pairs of equal priority that want different things, undecided by a rule above them."""
    return pairs_among(plan, [trace for trace in explanation.rules if trace.active])


def pairs_among(plan: Plan, active: Sequence[Acting]) -> set[frozenset[str]]:
    """The same of the rules that are active."""
    found = set()
    wants = {rule.name: rule.want for rule in plan.rules.state_rules}
    floor = plan.limits.reserve_floor
    for one, other in combinations(active, 2):
        if one.priority != other.priority or wants[one.name] == wants[other.name]:
            continue
        for part in plan.claims[one.name]:
            if part not in plan.claims[other.name] or any(
                trace.priority > one.priority and part in plan.claims[trace.name]
                for trace in active
            ):
                continue
            values = [
                getattr(plan.levers.legal(trace.setting, floor), part) for trace in (one, other)
            ]
            # A hold that waits for a state of energy wants nothing yet.
            waits = [
                value is None and wants[trace.name].looks_at_soe
                for value, trace in zip(values, (one, other), strict=True)
            ]
            if values[0] != values[1] and not any(waits):
                found.add(frozenset((one.name, other.name)))
    return found
