"""Engine inputs and manual holds along the past."""

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
    inputs_from_json,
    levers_from_json,
    limits_from_json,
)
from scheduler.journal import HoldChanged, InputChanged, PastEvent


def levers_in(engine_inputs: Mapping[str, Content]) -> Levers:
    """What the route could set; what every route can where that is not stored."""
    return levers_from_json(engine_inputs[LEVERS]) if LEVERS in engine_inputs else Levers()


def limits_in(engine_inputs: Mapping[str, Content]) -> Limits:
    """What the owner permitted."""
    return limits_from_json(engine_inputs[LIMITS]) if LIMITS in engine_inputs else NO_LIMITS


def plan_in(rules: RuleSet, engine_inputs: Mapping[str, Content]) -> Plan:
    """The rules on the route as it was then."""
    return Plan.of(rules, levers_in(engine_inputs), limits_in(engine_inputs))


class ReplayContext:
    """The last manual hold and the inputs at a place in the past; without `holds` nobody held."""

    def __init__(
        self,
        last_hold: HoldRecord | None = None,
        engine_inputs: Mapping[str, Content] | None = None,
        *,
        holds: bool = True,
    ) -> None:
        self.last_hold = last_hold
        self._holds = holds
        self.engine_inputs = dict(engine_inputs or {})
        self.inputs = inputs_from_json(self.engine_inputs) if self.engine_inputs else NO_INPUTS

    def follow(self, each: PastEvent) -> None:
        """Take over what an event of the past changed."""
        match each:
            case HoldChanged() if self._holds:
                self.last_hold = each.hold
            case InputChanged():
                if each.content is None:
                    self.engine_inputs.pop(each.name, None)
                else:
                    self.engine_inputs[each.name] = each.content
                if each.name not in {LEVERS, LIMITS}:
                    self.inputs = inputs_from_json(self.engine_inputs)
