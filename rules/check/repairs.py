"""Changes that mend a finding, each proved: with it the finding is gone, and no other has come."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rules.check.conflicts import conflicts
from rules.check.findings import Code, Finding, Place, Repair
from rules.check.flapping import flapping_runs, flaps
from rules.check.months import Months
from rules.check.simulation import Simulations
from rules.check.states import TooManyStates
from rules.domain import Mode, Quantity
from rules.engine import Condition, Group, Plan, QuantityThreshold, RuleSet, StateRule, leaves
from rules.resolve import Intent, Want

MARGINS = (5.0, 10.0, 20.0)
"""Margins on the state of energy that are tried, the smallest first; 20 is the largest."""

FULL = 100

MOST_REPAIRS = 5
"""Findings for which a repair is sought; each takes about as long as the search for findings."""


_Identity = tuple[Code, tuple[str, ...]]
"""What is found, and of which rules."""


def with_repairs(
    findings: Sequence[Finding], months: Months, simulations: Simulations
) -> list[Finding]:
    """The findings, the first of them that can be mended with a repair."""
    mendable = [each for each in findings if each.code in (Code.CONFLICT, Code.FLAPPING)]
    tried = mendable[:MOST_REPAIRS]
    mending = _Mending(months, simulations, findings)
    try:
        mended = {id(each): mending.repaired(each) for each in tried}
    except TooManyStates:
        return list(findings)
    return [mended.get(id(each), each) for each in findings]


@dataclass(frozen=True, slots=True)
class _Mending:
    """What a repair is tried on: the months, what rules do when they are let go, all findings."""

    months: Months
    simulations: Simulations
    others: Sequence[Finding]

    def repaired(self, finding: Finding) -> Finding:
        """The finding with a repair where one was proved."""
        had = {_identity(each) for each in self.others} - {_identity(finding)}
        for place, value, rule in _tries(finding, self.months.plan.rules):
            # Nothing of its kind may come in its place.
            if all(each in had for each in self._left(finding, rule)):
                return replace(finding, repair=Repair(place, value))
        return finding

    def _left(self, finding: Finding, changed: StateRule) -> Iterator[_Identity]:
        """What is found of the same kind with another rule for the one of its name."""
        if finding.code is Code.CONFLICT:
            yield from self._conflicts(changed)
            return
        simulations = self.simulations.with_another(changed)
        if finding.history is not None and flaps(simulations, finding.history):
            yield _identity(finding)
        after = self.months.opening_alike(simulations.plan)
        for _, outcome in flapping_runs(after, simulations):
            yield Code.FLAPPING, tuple(sorted(outcome.names))

    def _conflicts(self, changed: StateRule) -> Iterator[_Identity]:
        """The conflicts of a rule with another priority, which concerns its own pairs only."""
        plan, situations = self.months.plan, self.months.situations
        self.months.effort.spend(situations.effort)
        after = Months(
            Plan.of(_with(plan.rules, changed), plan.route, plan.limits),
            situations.first,
            priced=self.months.priced,
            days=situations.days,
            effort=self.months.effort,
        )
        return map(_identity, conflicts(after, changed.name))


def _tries(finding: Finding, rules: RuleSet) -> Iterator[tuple[Place, str, StateRule]]:
    """Changes to one key, with its rule as it is then."""
    names = [place.rule for place in finding.places]
    if finding.code is Code.CONFLICT:
        # The first in the files wins already: with this it goes on doing what it does.
        rule = _rule(rules, names[0])
        value = rule.priority + 1
        yield Place(names[0], ("priority",)), str(value), replace(rule, priority=value)
    elif finding.code is Code.FLAPPING:
        for name in names:
            rule = _rule(rules, name)
            for margin in MARGINS:
                changed = replace(rule, conditions=_with_margin(rule.conditions, margin))
                if changed != rule:
                    yield Place(name, ("margin",)), f"{margin:g}", changed
        for name in names:
            rule = _rule(rules, name)
            for to in _levels(rule):
                said = f'{{ battery = "charge", to = {to} }}'
                changed = replace(rule, want=Want(battery=Intent.CHARGE, to=to))
                yield Place(name, ("set",)), said, changed


def _levels(rule: StateRule) -> Iterator[int]:
    """Where a rule that buys could hold instead: under the level at which it would let go."""
    buys = rule.want.mode is Mode.BACKUP or rule.want.battery is Intent.CHARGE
    for each in leaves(rule.conditions):
        if isinstance(each, QuantityThreshold) and each.quantity is Quantity.SOE:
            level = math.ceil(each.released_at) - 1
            if buys and not each.above and each.limit <= level <= FULL:
                yield level


def _identity(finding: Finding) -> _Identity:
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
