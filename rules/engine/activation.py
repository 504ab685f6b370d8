"""Whether one open rule is active, from what it was and what is there now.

    unknown     a rule keeps its verdict for `stale`, then lets go
    for         it must have held this long before it becomes active
    keep        it stays active this long after it no longer holds

All of it is remembered as instants, so a restart goes on where the last run was.
"""

from __future__ import annotations

from datetime import datetime

from rules.domain import Quantity, Setting
from rules.engine.conditions import Condition, Look, Verdict
from rules.engine.outcome import NOTHING_HELD, RuleMemory
from rules.engine.plan import Plan, StateRule
from rules.resolve import resolve


def tested(conditions: tuple[Condition, ...], look: Look) -> Verdict:
    """The conjunction of conditions. All are tested, so that every margin is remembered."""
    verdict: Verdict = True
    for condition in conditions:
        found = condition.test(look)
        if found is None:
            if verdict:
                verdict = None
        elif not found:
            verdict = False
    return verdict


def activation(
    plan: Plan, rule: StateRule, before: RuleMemory | None, look: Look
) -> tuple[RuleMemory, Setting]:
    """What becomes of an open rule now, and what it sets if it is active.

    The memory that comes back is the same object when nothing changed.
    """
    now = look.now
    held = before.held if before is not None else NOTHING_HELD
    look.turn_to(held)
    holds = tested(rule.conditions, look)
    if len(held) != len(look.holding) or not held.issuperset(look.holding):
        held = frozenset(look.holding)
    setting = plan.fixed[rule.name]
    if rule.settled and holds is not None:  # by far the commonest case
        if before is None:
            return RuleMemory(holds, now, holds, now, held), setting
        if (
            before.holds is holds
            and before.active is holds
            and before.held is held
            and before.unknown_since is None
        ):
            return before, setting
        return RuleMemory(holds, before.since, holds, before.holds_since, held), setting
    unknown_since = None
    if holds is None:
        unknown_since = (before.unknown_since if before else None) or now
        expiry = unknown_since + rule.stale
        holds = before is not None and before.holds and now < expiry
        if now < expiry:
            look.stands_until(expiry)
        else:
            held = held.difference(look.missing)
    goes_on = before is not None and (before.holds is holds or rule.settled)
    holds_since = before.holds_since if before and goes_on else now
    active = _active(rule, holds, holds_since, before, look)
    captured = before.captured if before and active else None
    if active and rule.want.looks_at_soe:
        soe = look.observation.soe
        resolved = resolve(rule.want, plan.levers, soe, captured)
        setting, captured = resolved.setting, resolved.captured
        if soe is None:
            look.stands_with(Quantity.SOE, None)
        else:
            look.stands_between(Quantity.SOE, float("-inf"), resolved.soe_below)
    if (
        before is not None
        and before.active is active
        and before.holds is holds
        and before.captured == captured
        and before.unknown_since == unknown_since
        and before.held == held
    ):
        return before, setting
    since = before.since if before else now
    memory = RuleMemory(active, since, holds, holds_since, held, unknown_since, captured)
    return memory, setting


def _active(
    rule: StateRule, holds: bool, holds_since: datetime, before: RuleMemory | None, look: Look
) -> bool:
    """The verdict after `for` and `keep`."""
    was_active = before is not None and before.active
    if holds:
        if was_active or not rule.hold_for:
            return True
        ready = holds_since + rule.hold_for
        if look.now < ready:
            look.stands_until(ready)
            return False
        return True
    if not was_active or not rule.keep:
        return False
    over = holds_since + rule.keep
    if look.now >= over:
        return False
    look.stands_until(over)
    return True
