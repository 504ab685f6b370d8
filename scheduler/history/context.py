"""What the controller was given beside readings, followed along the past."""

from __future__ import annotations

from collections.abc import Mapping

from rules.engine import Plan, RuleSet
from rules.inputs import NO_INPUTS
from rules.resolve import NO_LIMITS, Levers, Limits
from scheduler.domain import (
    LEVERS,
    LIMITS,
    Content,
    HoldRecord,
    inputs_of,
    levers_from_json,
    limits_from_json,
)
from scheduler.journal import HoldChanged, InputChanged, PastEvent


def levers_in(given: Mapping[str, Content]) -> Levers:
    """What the route could set; what every route can where nobody kept it."""
    return levers_from_json(given[LEVERS]) if LEVERS in given else Levers()


def limits_in(given: Mapping[str, Content]) -> Limits:
    """What the owner permitted."""
    return limits_from_json(given[LIMITS]) if LIMITS in given else NO_LIMITS


def plan_in(rules: RuleSet, given: Mapping[str, Content]) -> Plan:
    """The rules on the route as it was then."""
    return Plan.of(rules, levers_in(given), limits_in(given))


class ReplayContext:
    """The owner's last word and the inputs at a place in the past."""

    def __init__(
        self, said: HoldRecord | None = None, given: Mapping[str, Content] | None = None
    ) -> None:
        self.said = said
        self.given = dict(given or {})
        self.inputs = inputs_of(self.given) if self.given else NO_INPUTS

    def follow(self, each: PastEvent) -> None:
        """Something was said or given."""
        match each:
            case HoldChanged():
                self.said = each.word
            case InputChanged():
                if each.content is None:
                    self.given.pop(each.name, None)
                else:
                    self.given[each.name] = each.content
                if each.name not in {LEVERS, LIMITS}:
                    self.inputs = inputs_of(self.given)
