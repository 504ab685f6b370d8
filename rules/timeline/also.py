"""Which rules could win something if the house were otherwise than is taken for granted.

A rule that waits for an outage, a flag or a power wins in no case of the coming hours, and still
matters: it is told with what it waits for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from rules.domain import Observation, Part, Quantity
from rules.engine import (
    Condition,
    Context,
    Group,
    OpenNow,
    Plan,
    PriceRank,
    PriceThreshold,
    QuantityThreshold,
    StateRule,
    Verdict,
    leaves,
)
from rules.inputs import Inputs
from rules.timeline.words import condition_in_words

NOTHING_SEEN = Observation(datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Also:
    """A rule that would win something; `conditions` are what it waits for, in words."""

    rule: str
    conditions: tuple[str, ...]


def also_at(
    plan: Plan, winning: Collection[str], held: Collection[Part], inputs: Inputs, now: datetime
) -> tuple[Also, ...]:
    """The open rules that could win, without those that are `winning` in some case.

    Nobody wins the parts that are `held` by the owner, or that belong to a stronger rule as long as
    it is open.
    """
    context = Context(NOTHING_SEEN, inputs, plan.rules.almanac, now)
    found: list[Also] = []
    taken = set(held)
    for rule in plan.open_rules(now):
        free = set(plan.claims[rule.name]) - taken
        if rule.want.reserve_at_least is not None and Part.RESERVE not in held:
            free.add(Part.RESERVE)
        if free and rule.name not in winning and _waits(rule, context):
            found.append(Also(rule.name, waited_for(rule.conditions, context)))
        if not rule.conditions and not rule.hold_for:
            taken |= set(plan.claims[rule.name])
    return tuple(found)


def waited_for(conditions: Iterable[Condition], context: Context) -> tuple[str, ...]:
    """What has to come true beside the time, in words."""
    return tuple(
        condition_in_words(each, context)
        for each in conditions
        if verdict_by_time(each, context) is not True
    )


def verdict_by_time(condition: Condition, context: Context) -> Verdict:
    """What the time alone says to a condition; unknown where the house has the last word."""
    match condition:
        case Group():
            verdicts = [_all_by_time(each, context) for each in condition.alternatives]
            found: Verdict = True if True in verdicts else None if None in verdicts else False
            return found if found is None else found is not condition.negated
        case OpenNow() | PriceRank() | PriceThreshold():
            context.begin(frozenset())
            return condition.test(context)
    return None


def _all_by_time(conditions: Iterable[Condition], context: Context) -> Verdict:
    verdicts = [verdict_by_time(each, context) for each in conditions]
    return False if False in verdicts else None if None in verdicts else True


def _waits(rule: StateRule, context: Context) -> bool:
    """Something that is no matter of time or of the state of energy keeps the rule from acting."""
    if _all_by_time(rule.conditions, context) is False:
        return False
    return any(
        verdict_by_time(each, context) is None and not _is_on_soe(each)
        for each in leaves(rule.conditions)
    )


def _is_on_soe(condition: Condition) -> bool:
    return isinstance(condition, QuantityThreshold) and condition.quantity is Quantity.SOE
