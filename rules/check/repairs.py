"""Changes that mend a finding, each proved: with it the finding is gone, and no other has come."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rules.check.conflicts import conflicts
from rules.check.findings import Code, Finding, Place, Repair
from rules.check.flapping import flapping, flaps
from rules.check.months import Months
from rules.check.states import TooManyStates
from rules.domain import Mode, Quantity
from rules.engine import Condition, Group, Plan, QuantityThreshold, RuleSet, StateRule, leaves
from rules.resolve import Intent, Want

MARGINS = (5.0, 10.0, 20.0)
"""Margins on the state of energy that are tried, the smallest first; 20 is the largest."""

FULL = 100

MOST_REPAIRS = 5
"""Findings for which a repair is sought; each takes about as long as the search for findings."""


def with_repairs(findings: Sequence[Finding], months: Months) -> list[Finding]:
    """The findings, the first of them that can be mended with a repair."""
    mendable = [each for each in findings if each.code in (Code.CONFLICT, Code.FLAPPING)]
    tried = mendable[:MOST_REPAIRS]
    try:
        mended = {id(each): _repaired(each, months, findings) for each in tried}
    except TooManyStates:
        return list(findings)
    return [mended.get(id(each), each) for each in findings]


def _repaired(finding: Finding, months: Months, others: Sequence[Finding]) -> Finding:
    """The finding with a repair where one was proved; `others` are all that were found."""
    for place, value, rules in _tries(finding, months):
        plan = Plan.of(rules, months.plan.route, months.plan.limits)
        if finding.code is Code.CONFLICT:
            situations = months.situations
            months.effort.spend(situations.effort)
            after = Months(
                plan,
                situations.first,
                priced=months.priced,
                days=situations.days,
                effort=months.effort,
            )
        elif finding.history is not None and flaps(plan, finding.history):
            continue
        else:
            after = months.opening_alike(plan)
        if _mends(finding, others, after):
            return replace(finding, repair=Repair(place, value))
    return finding


def _tries(finding: Finding, months: Months) -> Iterator[tuple[Place, str, RuleSet]]:
    """Changes to one key, with the rules as they are then."""
    names = [place.rule for place in finding.places]
    rules = months.plan.rules
    if finding.code is Code.CONFLICT:
        # The first in the files wins already: with this it goes on doing what it does.
        rule = _rule(rules, names[0])
        value = rule.priority + 1
        yield (
            Place(names[0], ("priority",)),
            str(value),
            _with(rules, replace(rule, priority=value)),
        )
    elif finding.code is Code.FLAPPING:
        for name in names:
            rule = _rule(rules, name)
            for margin in MARGINS:
                changed = replace(rule, conditions=_with_margin(rule.conditions, margin))
                if changed != rule:
                    yield Place(name, ("margin",)), f"{margin:g}", _with(rules, changed)
        for name in names:
            rule = _rule(rules, name)
            for to in _levels(rule):
                said = f'{{ battery = "charge", to = {to} }}'
                changed = replace(rule, want=Want(battery=Intent.CHARGE, to=to))
                yield Place(name, ("set",)), said, _with(rules, changed)


def _levels(rule: StateRule) -> Iterator[int]:
    """Where a rule that buys could hold instead: under the level at which it would let go."""
    buys = rule.want.mode is Mode.BACKUP or rule.want.battery is Intent.CHARGE
    for each in leaves(rule.conditions):
        if isinstance(each, QuantityThreshold) and each.quantity is Quantity.SOE:
            level = math.ceil(each.released_at) - 1
            if buys and not each.above and each.limit <= level <= FULL:
                yield level


def _mends(finding: Finding, others: Sequence[Finding], after: Months) -> bool:
    """The finding is gone, and nothing of its kind has come in its place."""
    had = {_identity(each) for each in others} - {_identity(finding)}
    if finding.code is Code.CONFLICT:
        # Another priority of one rule concerns its own pairs only.
        left = conflicts(after, finding.places[0].rule)
    else:
        left = flapping(after)
    return all(_identity(each) in had for each in left)


def _identity(finding: Finding) -> tuple[Code, tuple[str, ...]]:
    return finding.code, tuple(sorted(place.rule for place in finding.places))


def _rule(rules: RuleSet, name: str) -> StateRule:
    return next(rule for rule in rules.state_rules if rule.name == name)


def _with(rules: RuleSet, changed: StateRule) -> RuleSet:
    """The rules with one of them changed, in their order."""
    found = [changed if rule.name == changed.name else rule for rule in rules.state_rules]
    return replace(rules, state_rules=tuple(sorted(found, key=lambda rule: -rule.priority)))


def _with_margin(conditions: tuple[Condition, ...], margin: float) -> tuple[Condition, ...]:
    return tuple(_margin_of(each, margin) for each in conditions)


def _margin_of(condition: Condition, margin: float) -> Condition:
    if isinstance(condition, Group):
        alternatives = tuple(_with_margin(each, margin) for each in condition.alternatives)
        return replace(condition, alternatives=alternatives)
    if isinstance(condition, QuantityThreshold) and condition.quantity is Quantity.SOE:
        return replace(condition, margin=max(margin, condition.margin))
    return condition
