"""What a conflict is, told from an explanation alone: the oracle of the check."""

from __future__ import annotations

from itertools import combinations

from rules.engine import Explanation, Plan


def in_conflict(plan: Plan, explanation: Explanation) -> set[frozenset[str]]:
    """The pairs of equal priority that want different things, undecided by a rule above them."""
    found = set()
    active = [trace for trace in explanation.rules if trace.active]
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
