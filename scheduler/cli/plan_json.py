"""A plan of the coming hours as JSON values; instants are ISO texts in the zone of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rules.domain import Part, Setting
from rules.engine import written
from rules.timeline import Also, Case, Due, Entry, Outcome, Priced
from scheduler.cli.planned import Now, Planned

Values = dict[str, Any]


def plan_json(told: Planned) -> Values:
    """Everything that is shown, and the simulated home minute by minute."""
    begin = told.begin
    return {
        "from": _instant(begin.at, told),
        "until": _instant(told.end, told),
        "timezone": told.zone.key,
        "rules": list(told.files),
        "assumed": {
            "grid": begin.grid.value,
            "flags": {
                name: None if expiry is None else _instant(expiry, told)
                for name, expiry in sorted(begin.inputs.flags.items())
            },
            "inputs": {name: each.value for name, each in sorted(begin.inputs.values.items())},
        },
        "now": None if told.now is None else _now(told.now, told),
        "notes": [*told.begin.told, *told.notes],
        "prices": [_priced(each, told) for each in told.prices],
        "timeline": [_entry(each, told) for each in told.entries],
        "events": [_due(each, told) for each in told.events],
        "home": _home(told),
    }


def _now(now: Now, told: Planned) -> Values:
    low, high = now.soe_range or (None, None)
    return {
        "soe": now.soe,
        "setting": _parts(now.setting),
        "reason": now.reason,
        "until": _instant(now.until, told),
        "soe_from": low,
        "soe_below": _below(high),
    }


def _entry(entry: Entry, told: Planned) -> Values:
    return {
        "from": _instant(entry.start, told),
        "until": _instant(entry.end, told),
        "cases": [_case(each, told) for each in entry.cases],
        "also": [_also(each, told) for each in entry.also],
    }


def _case(case: Case, told: Planned) -> Values:
    first, *then = case.steps
    return {
        "soe_from": case.low,
        "soe_below": _below(case.high),
        **_outcome(first.outcome, told),
        "then": [
            {"after_s": step.after.total_seconds(), **_outcome(step.outcome, told)} for step in then
        ],
    }


def _outcome(outcome: Outcome, told: Planned) -> Values:
    """`reserve_at_soe`: the reserve is the state of energy at which the rule begins to hold."""
    names = dict.fromkeys(outcome.winners.values())
    return {
        "setting": _parts(outcome.setting),
        "written": _parts(written(told.plan, outcome.setting)),
        "reserve_at_soe": outcome.at_soe,
        "winners": _winners(outcome.winners),
        "wants": {
            name: str(rule.want) for name in names if (rule := told.plan.rule(name)) is not None
        },
        "why": {
            name: rule.why
            for name in names
            if (rule := told.plan.rule(name)) is not None and rule.why
        },
        "pending": list(outcome.pending),
    }


def _also(also: Also, told: Planned) -> Values:
    rule = told.plan.rule(also.rule)
    return {
        "rule": also.rule,
        "if": list(also.conditions),
        "wants": None if rule is None else str(rule.want),
    }


def _due(due: Due, told: Planned) -> Values:
    return {
        "event": due.event.name,
        "action": due.event.action.value,
        "at": None if due.at is None else _instant(due.at, told),
        "if": list(due.conditions),
        "for_s": due.event.hold_for.total_seconds(),
        "message": due.event.message,
    }


def _priced(priced: Priced, told: Planned) -> Values:
    return {
        "from": _instant(priced.start, told),
        "until": _instant(priced.end, told),
        "period": priced.period or None,
        "import": priced.imported,
        "export": priced.exported,
    }


def _home(told: Planned) -> Values | None:
    found = told.forecast
    if found is None:
        return None
    return {
        "wanted": [
            {
                "from": _instant(each.start, told),
                "until": _instant(each.end, told),
                "wanted": _parts(each.wanted),
                "setting": _parts(each.setting),
                "winners": _winners(each.winners),
                "reason": each.reason,
                "waits": each.waits or None,
            }
            for each in found.wanted
        ],
        "writes": [_instant(each, told) for each in found.writes],
        "events": [
            {"at": _instant(at, told), "event": name, "happened": happened.value}
            for at, name, happened in found.events
        ],
        "seen": [
            {
                "at": _instant(each.at, told),
                "soe": each.soe,
                "load_w": each.load_power,
                "solar_w": each.solar_power,
                "site_w": each.site_power,
                "battery_w": each.battery_power,
            }
            for each in found.seen
        ],
    }


def _winners(winners: Mapping[Part, str]) -> Values:
    return {part.value: winner for part, winner in winners.items()}


def _parts(setting: Setting) -> Values:
    return {part.value: getattr(setting, part) for part in Part}


def _below(high: float | None) -> float | None:
    """Where a range ends; one that ends with a full battery has no end."""
    return None if high is None or high > 100 else high


def _instant(at: datetime, told: Planned) -> str:
    return at.astimezone(told.zone).isoformat()
