"""A rule set compiled for evaluation on one route.

A plan is made of values only, so it can be swapped for another between two ticks. What follows
from its rules alone is worked out with it: when which rules are open, and which read what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self

from rules.calendar import MomentTable, Timetable
from rules.domain import Part, Setting
from rules.engine.index import Index
from rules.engine.rule_set import EventRule, RuleSet, StateRule
from rules.resolve import NO_LIMITS, Levers, Limits, Want, resolve


@dataclass(frozen=True, slots=True)
class Plan:
    """A rule set on a route with certain levers.

    `route` are the levers of the route, `permitted` those within the owner's `limits`, `levers` the
    ones that are used: only where `[default]` can put them back. `fixed` holds what each rule sets
    as far as that does not depend on the state of energy, `claims` the parts that each rule decides
    here.
    """

    rules: RuleSet
    route: Levers
    limits: Limits
    permitted: Levers
    levers: Levers
    fixed: Mapping[str, Setting]
    claims: Mapping[str, tuple[Part, ...]]
    default_setting: Setting
    default_claims: tuple[Part, ...]
    timetable: Timetable[int] = field(repr=False, compare=False)
    moments: MomentTable[EventRule] = field(repr=False, compare=False)
    index: Index = field(repr=False, compare=False)

    @classmethod
    def of(cls, rules: RuleSet, route: Levers, limits: Limits = NO_LIMITS) -> Self:
        """Compile a rule set for a route, within what the owner permits.

        Where `[default]` does not say whether the battery may charge from the grid, that lever is
        not used at all: nothing would put it back.
        """
        permitted = route.permitted(grid_charging=limits.grid_charging, export=limits.export)
        levers = _used(permitted, rules.default, limits)
        fixed = {
            rule.name: resolve(rule.want, levers, None, None).setting for rule in rules.state_rules
        }
        claims = {rule.name: _claims(rule.want, levers) for rule in rules.state_rules}
        default = resolve(rules.default, levers, None, None).setting
        default_claims = _claims(rules.default, levers)
        calendars = [(number, rule.calendar) for number, rule in enumerate(rules.state_rules)]
        events = sorted(rules.event_rules, key=lambda event: event.name)
        moments = [(event, event.moments) for event in events if event.moments]
        return cls(
            rules,
            route,
            limits,
            permitted,
            levers,
            fixed,
            claims,
            default,
            default_claims,
            Timetable(rules.almanac, calendars),
            MomentTable(rules.almanac, moments),
            Index.of(rules, claims),
        )

    def with_another(self, rule: StateRule) -> Self:
        """The plan with this rule for the one of its name, whose calendar and priority it has."""
        found = (rule if each.name == rule.name else each for each in self.rules.state_rules)
        rules = replace(self.rules, state_rules=tuple(found))
        setting = resolve(rule.want, self.levers, None, None).setting
        claims = {**self.claims, rule.name: _claims(rule.want, self.levers)}
        fixed = {**self.fixed, rule.name: setting}
        index = Index.of(rules, claims)
        return replace(self, rules=rules, fixed=fixed, claims=claims, index=index)

    def open_rules(self, now: datetime) -> tuple[StateRule, ...]:
        """The rules whose calendar part is open at an instant, winners first."""
        return tuple(self.rules.state_rules[each] for each in self.timetable.segment(now).open)

    def opened_or_closed(self, one: datetime, other: datetime) -> frozenset[str]:
        """The rules whose calendar part is open at just one of two instants, by name."""
        were_open, are_open = (self.timetable.segment(each).open for each in (one, other))
        return frozenset(self.index.names[each] for each in {*were_open} ^ {*are_open})

    def event(self, name: str) -> EventRule | None:
        """An event rule by name."""
        return next((event for event in self.rules.event_rules if event.name == name), None)

    def rule(self, name: str) -> StateRule | None:
        """A state rule by name."""
        return next((rule for rule in self.rules.state_rules if rule.name == name), None)


def _used(levers: Levers, default: Want, limits: Limits) -> Levers:
    """The levers that the owner permits, without those that could not be put back."""
    restored = levers.settable(Setting(grid_charging=default.grid_charging, export=default.export))
    # Where it must be off, off is what it is put back to.
    if restored.grid_charging is None and limits.grid_charging:
        levers = replace(levers, grid_charging=frozenset())
    if restored.export is None and default.export is not None:
        levers = replace(levers, export=frozenset())
    return levers


def _claims(want: Want, levers: Levers) -> tuple[Part, ...]:
    """The parts that a want decides, if only by leaving them alone.

    One that is said and cannot be set at all is for others to decide.
    """
    said = Setting(grid_charging=want.grid_charging, export=want.export)
    settable, parts = levers.settable(said), levers.parts
    beyond = () if settable is said else said.present.keys() - settable.present.keys()
    return tuple(part for part in want.claims if part in parts and part not in beyond)
