"""A state as JSON values and back: what it needs besides is the terms and the rules.

What follows from the rules (the compiled plan, the validity of the last decision, the inputs as
objects) is left out and worked out again; no later step comes to anything else for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from rules.domain import Part, Setting
from rules.engine import Decision, Plan, RuleSet, Validity, memory_from_json, memory_to_json
from scheduler.control.deciding import DecisionState
from scheduler.control.state import State, Terms
from scheduler.domain import Cause, HoldRecord, inputs_from_json

_FOLLOWS = frozenset({"terms", "decisions", "inputs", "engine_plan"})


def to_json(state: State) -> dict[str, Any]:
    """Everything that later steps depend on, as JSON values."""
    said = {name: _jsonable(getattr(state, name)) for name in _adapters()}
    return {**said, "decisions": _decisions_to_json(state.decisions)}


def from_json(said: Mapping[str, Any], terms: Terms, rules: RuleSet) -> State:
    """The state that `to_json` wrote, of the same terms and rules.

    Raises `ValueError` for what is no such state.
    """
    values = {name: adapter.validate_python(said[name]) for name, adapter in _adapters().items()}
    plan = Plan.of(rules, values["capabilities"].levers, terms.safety.limits)
    decisions = _decisions_from_json(said["decisions"], plan)
    return State(
        terms=terms, decisions=decisions, inputs=inputs_from_json(values["engine_inputs"]), **values
    )


@cache
def _adapters() -> Mapping[str, TypeAdapter[Any]]:
    hints = get_type_hints(State)
    names = [field.name for field in fields(State) if field.name not in _FOLLOWS]
    return {name: TypeAdapter(hints[name]) for name in names}


def _jsonable(value: object) -> Any:  # noqa: ANN401 -- any JSON value
    """A value as JSON values, equal for equal ones; the adapters read it back."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(_jsonable(key)): _jsonable(each) for key, each in value.items()}
        case frozenset():
            return sorted(map(_jsonable, value))
        case tuple():
            return [_jsonable(each) for each in value]
        case _ if is_dataclass(value):
            return {field.name: _jsonable(getattr(value, field.name)) for field in fields(value)}
    return value


_SETTING = TypeAdapter(Setting)
_HOLD = TypeAdapter(HoldRecord | None)
_WINNERS = TypeAdapter(Mapping[Part, str])


def _decisions_to_json(decisions: DecisionState) -> dict[str, Any]:
    last = decisions.last
    return {
        "memory": memory_to_json(decisions.memory),
        "last": None
        if last is None
        else {
            "setting": _jsonable(last.setting),
            "winners": _jsonable(last.winners),
            "active": _jsonable(last.active),
            "insists": last.insists,
            "until": _jsonable(last.until),
        },
        "at": _jsonable(decisions.at),
        "hold": _jsonable(decisions.hold),
        "reason": decisions.reason,
        "cause": decisions.cause.value,
        "number": decisions.number,
    }


def _decisions_from_json(said: Mapping[str, Any], plan: Plan) -> DecisionState:
    instant, last = datetime.fromisoformat, said["last"]
    return DecisionState(
        plan,
        memory_from_json(said["memory"]),
        None
        if last is None
        else Decision(
            _SETTING.validate_python(last["setting"]),
            _WINNERS.validate_python(last["winners"]),
            tuple(last["active"]),
            insists=last["insists"],
            validity=Validity(instant(last["until"])),
        ),
        None if said["at"] is None else instant(said["at"]),
        _HOLD.validate_python(said["hold"]),
        said["reason"],
        Cause(said["cause"]),
        said["number"],
        afresh=True,
    )
