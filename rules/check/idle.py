"""Rules that do what is done without them, or wait for what does not come."""

from __future__ import annotations

from collections.abc import Iterator

from rules.check.findings import Code, Finding, Place
from rules.check.months import Months
from rules.check.never import place_of
from rules.domain import Part, Quantity
from rules.engine import GridIs, QuantityThreshold, StateRule, leaves
from rules.resolve import Intent

WAITING = frozenset({None, Intent.HOLD, Intent.USE})
"""What a rule wants that is for a battery in use; who buys may well mean an empty one."""


def idle(months: Months) -> Iterator[Finding]:
    """Rules that are as good as not there."""
    least = _least_reserve(months)
    for number, rule in enumerate(months.rules):
        if _as_default(months, number):
            text = f'"{rule.name}" sets what is set without it, by [default]'
            yield Finding(Code.NO_EFFECT, text, (Place(rule.name, ("set",)),))
        if least is not None and rule.want.battery in WAITING:
            yield from _below(rule, least)


def _as_default(months: Months, number: int) -> bool:
    """All that a rule sets is what [default] sets, and it keeps no other rule from setting more."""
    plan, rule = months.plan, months.rules[number]
    claims = plan.claims[rule.name]
    if not claims or rule.want.looks_at_soe or rule.want.battery is Intent.LEAVE or rule.insists:
        return False
    if rule.want.reserve_at_least is not None:
        return False
    for part in claims:
        value = getattr(plan.fixed[rule.name], part)
        if part not in plan.default_claims or value != getattr(plan.default_setting, part):
            return False
    same = {
        below
        for below, other in enumerate(months.rules)
        if below > number and set(plan.claims[other.name]) & set(claims)
    }
    return not any(
        number in situation.open and not same.isdisjoint(situation.open)
        for situation, _ in months.seen()
    )


def _least_reserve(months: Months) -> int | None:
    """The lowest reserve that anything sets; `None` where somebody leaves it alone."""
    plan = months.plan
    least = plan.default_setting.reserve
    if least is None or any(rule.want.battery is Intent.LEAVE for rule in months.rules):
        return None
    for rule in months.rules:
        fixed = plan.fixed[rule.name].reserve
        if Part.RESERVE in plan.claims[rule.name] and fixed is not None:
            least = min(least, fixed)
    return least


def _below(rule: StateRule, least: int) -> Iterator[Finding]:
    """A state of energy that no use of the battery leads to."""
    if any(isinstance(each, GridIs) for each in leaves(rule.conditions)):
        return
    for each in rule.conditions:
        if not isinstance(each, QuantityThreshold) or each.quantity is not Quantity.SOE:
            continue
        if not each.above and each.limit < least:
            text = (
                f'"{rule.name}" waits for less than {each.limit:g} %, and no reserve is under '
                f"{least} %: only an outage takes the battery there"
            )
            yield Finding(Code.UNDER_RESERVE, text, (place_of(rule.name, each),))
