"""From a policy to a rule file that a person can read and would have written.

A later rule of a policy covers an earlier one, so priorities rise in steps of ten and leave room
for the owner's own. To keep a reserve is to hold below it: a reserve above what is in the battery
would make the gateway buy. That the battery has been full is remembered by a rule that `keep`s on
until its hours end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import tomli_w

from scheduler.money.tuning.policy import (
    FULL_PERCENT,
    HOURS,
    Condition,
    Order,
    Side,
    TunedRule,
)

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
STEP = 10
FORECAST = "sun"
"""The name of the input with the kWh of sun that are expected of the next daylight."""
OLDEST = "20h"
LEAD_MINUTES = 5
"""A charge before a dear hour ends so much earlier: clocks differ, and a write takes its time."""

LONGEST_NAME = 74
"""Characters: a rule's name has 80 at most, and may get a number. Its clause says the rest."""

Table = dict[str, Any]
"""A table of a TOML file."""


def rule_file(
    policy: Sequence[TunedRule],
    savings: Sequence[float],
    *,
    source: Mapping[str, str],
    floor: int,
    currency: str,
    said: Sequence[str] = (),
    dear_from: int | None = None,
) -> str:
    """The file's text; `said` are lines of comment at its top.

    At `dear_from` o'clock the dear hours begin: what is bought is bought a little before that.

    `savings` are dollars a year that each rule saves beside the others. `source` names the tariff
    or the zone, as the file's own keys; `floor` is the reserve that holds by default.
    """
    rules, names = list[Table](), dict[str, int]()
    for place, (rule, saving) in enumerate(zip(policy, savings, strict=True)):
        name, why = _numbered(name_of(rule), names), f"saves {currency} {saving:.0f} a year"
        rules.append(_table(rule, dear_from, floor, place * STEP, name, why))
    top = {
        "language": 1,
        **source,
        "default": {"mode": "self_consumption", "reserve": floor},
    }
    comment = "".join(f"# {line}".rstrip() + "\n" for line in said)
    body = "\n".join(_written(rule) for rule in rules)
    return f"{comment}{tomli_w.dumps(top)}" + (f"\n{body}" if body else "")


def _settings(rule: TunedRule, floor: int) -> dict[str, Any]:
    match rule.told.order:
        case Order.USE:
            return {"battery": "use", "reserve": floor}
        case Order.HOLD | Order.KEEP:
            return {"battery": "hold"}
        case Order.BUY:
            return {"battery": "charge", "to": rule.told.percent}


def _table(
    rule: TunedRule, dear_from: int | None, floor: int, priority: int, name: str, why: str
) -> Table:
    remembered = {"keep": f"{rule.length}h"} if rule.condition.after_full else {}
    return {
        "name": name,
        "why": why,
        "priority": priority,
        "while": clause_of(rule, dear_from),
        **remembered,
        "set": _settings(rule, floor),
    }


def clause_of(rule: TunedRule, dear_from: int | None = None) -> dict[str, Any]:
    """The clause that says when a rule counts."""
    clause: dict[str, Any] = {}
    if rule.length < HOURS:
        clause["time"] = f"{rule.first:02}:00-{_end(rule, dear_from)}"
    condition = rule.condition
    if condition.months is not None:
        clause["months"] = month_spans(condition.months)
    if condition.workdays is not None:
        clause["days"] = "workdays" if condition.workdays else ["weekends", "holidays"]
    if condition.sun is not None:
        key = "solar_below" if condition.sun.below else "solar_above"
        clause[key] = f"{condition.sun.threshold / 1000:g} kW"
    if condition.forecast is not None:
        key = "below" if condition.forecast.below else "above"
        expected = round(condition.forecast.threshold, 1)
        clause |= {"input": FORECAST, key: expected, "oldest": OLDEST}
    if condition.after_full:
        clause["soe_above"] = FULL_PERCENT
    if rule.told.order is Order.KEEP:
        clause["soe_below"] = rule.told.percent
    return clause


def _end(rule: TunedRule, dear_from: int | None) -> str:
    if rule.told.order is Order.BUY and rule.last % HOURS == dear_from:
        return f"{(rule.last - 1) % HOURS:02}:{60 - LEAD_MINUTES}"
    return f"{rule.last % HOURS:02}:00"


def month_spans(months: frozenset[int]) -> list[str]:
    """Months as spans, over the new year where that joins them: {11, 12, 1} is "nov..jan"."""
    first = next(
        (each for each in range(1, 13) if each in months and _before(each) not in months), 1
    )
    spans: list[list[int]] = []
    for offset in range(12):
        month = (first + offset - 1) % 12 + 1
        if month not in months:
            continue
        if spans and spans[-1][-1] == _before(month):
            spans[-1].append(month)
        else:
            spans.append([month])
    return [
        MONTHS[each[0] - 1] if len(each) == 1 else f"{MONTHS[each[0] - 1]}..{MONTHS[each[-1] - 1]}"
        for each in spans
    ]


def _before(month: int) -> int:
    return (month - 2) % 12 + 1


def name_of(rule: TunedRule) -> str:
    """A name that says what the rule does, and when in words."""
    percent = rule.told.percent
    match rule.told.order:
        case Order.USE:
            text = "use the battery"
        case Order.HOLD:
            text = "hold the battery"
        case Order.KEEP:
            text = f"keep {percent} %"
        case Order.BUY:
            text = "full" if percent == 100 else f"{percent} %"
            text += f" by {rule.last % HOURS:02}:00"
    condition = rule.condition
    parts = [text, *_said(condition)]
    if rule.told.order is not Order.BUY and rule.length < HOURS:
        parts.insert(1, f"from {rule.first:02}:00 to {rule.last % HOURS:02}:00")
    while len(", ".join(parts)) > LONGEST_NAME:
        parts.pop()
    return ", ".join(parts)


def _said(condition: Condition) -> list[str]:
    said = []
    if condition.months is not None:
        said.append(" and ".join(month_spans(condition.months)))
    if condition.workdays is not None:
        said.append("on workdays" if condition.workdays else "on weekends and holidays")
    if condition.sun is not None:
        said.append(f"with {_side(condition.sun, condition.sun.threshold / 1000)} kW of sun")
    if condition.forecast is not None:
        side = _side(condition.forecast, round(condition.forecast.threshold, 1))
        said.append(f"{side} kWh of sun expected")
    if condition.after_full:
        said.append("once it has been full")
    return said


def _side(side: Side, value: float) -> str:
    return f"less than {value:g}" if side.below else f"{value:g} or more"


def _numbered(name: str, names: dict[str, int]) -> str:
    """Names are unique: a second one of the same is numbered."""
    names[name] = names.get(name, 0) + 1
    return name if names[name] == 1 else f"{name} ({names[name]})"


def _written(rule: dict[str, Any]) -> str:
    """One rule, with its clause and its setting as one line each."""
    lines = ["[[rule]]"]
    for key, value in rule.items():
        if isinstance(value, dict):
            inline = ", ".join(f"{name} = {_value(each)}" for name, each in value.items())
            lines.append(f"{key} = {{ {inline} }}")
        else:
            lines.append(f"{key} = {_value(value)}")
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").strip()
