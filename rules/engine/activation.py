"""Whether one open rule is active, from what it was and what is there now.

    unknown     a rule stays as it was for `stale`, then ends
    for         it must have held this long before it becomes active
    keep        it stays active this long after it no longer holds

All of it is remembered as instants, so a restart goes on where the last run was.
"""

from __future__ import annotations

import math
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from rules.domain import Setting
from rules.engine.conditions import NOTHING_HELD, Context, conjunction
from rules.engine.memory import RuleMemory
from rules.engine.plan import Plan
from rules.engine.rule_set import StateRule
from rules.resolve import resolve


class RuleState(StrEnum):
    """What an open rule is doing. A closed one is inactive."""

    INACTIVE = "inactive"
    PENDING = "pending"
    ACTIVE = "active"
    KEPT = "kept"
    STALE = "stale"


class Answer(NamedTuple):
    """What became of an open rule, and what it sets if it is active.

    Before `until` nothing of it changes by time alone, and what it sets stands while the state of
    energy, in app percent, stays below `soe_below`.
    """

    memory: RuleMemory
    setting: Setting
    until: datetime
    soe_below: float = math.inf

    @property
    def state(self) -> RuleState:
        """What the rule is doing."""
        memory = self.memory
        if memory.unknown_since is not None:
            return RuleState.STALE
        if memory.active:
            return RuleState.ACTIVE if memory.holds else RuleState.KEPT
        return RuleState.PENDING if memory.holds else RuleState.INACTIVE


def activation(plan: Plan, rule: StateRule, before: RuleMemory | None, context: Context) -> Answer:
    """What becomes of an open rule now.

    The memory in the answer is the same object when nothing changed.
    """
    now = context.now
    held = before.held if before is not None else NOTHING_HELD
    context.begin(held)
    holds = conjunction(rule.conditions, context)
    if len(held) != len(context.holding) or not held.issuperset(context.holding):
        held = frozenset(context.holding)
    setting = plan.fixed[rule.name]
    unknown_since = None
    if holds is None:
        unknown_since = (before.unknown_since if before else None) or now
        expiry = unknown_since + rule.stale
        holds = before is not None and before.holds and now < expiry
        if now < expiry:
            context.stands_until(expiry)
        else:
            held = held.difference(context.missing)
    goes_on = before is not None and (before.holds is holds or rule.settled)
    holds_since = before.holds_since if before and goes_on else now
    active = holds if rule.settled else _active(rule, holds, holds_since, before, context)
    captured, soe_below = before.captured if before and active else None, math.inf
    if active and rule.want.looks_at_soe:
        resolved = resolve(rule.want, plan.levers, context.observation.soe, captured)
        setting, captured, soe_below = resolved.setting, resolved.captured, resolved.soe_below
    if (
        before is not None
        and before.active is active
        and before.holds is holds
        and before.captured == captured
        and before.unknown_since == unknown_since
        and before.held == held
    ):
        return Answer(before, setting, context.until, soe_below)
    since = before.since if before else now
    memory = RuleMemory(active, since, holds, holds_since, held, unknown_since, captured)
    return Answer(memory, setting, context.until, soe_below)


def _active(
    rule: StateRule, holds: bool, holds_since: datetime, before: RuleMemory | None, context: Context
) -> bool:
    """The verdict after `for` and `keep`."""
    was_active = before is not None and before.active
    if holds:
        if was_active or not rule.hold_for:
            return True
        ready = holds_since + rule.hold_for
        if context.now < ready:
            context.stands_until(ready)
            return False
        return True
    if not was_active or not rule.keep:
        return False
    over = holds_since + rule.keep
    if context.now >= over:
        return False
    context.stands_until(over)
    return True
