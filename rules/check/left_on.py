"""What stays set if the daemon dies: a Powerwall keeps the last setting it was given."""

from __future__ import annotations

from collections.abc import Iterator

from rules.check.findings import Code, Finding, Place
from rules.check.months import Months
from rules.domain import Mode
from rules.engine import StateRule
from rules.resolve import Intent


def left_on(months: Months) -> Iterator[Finding]:
    """The rules whose setting costs something if it stays: buying, or a reserve below the usual."""
    for rule in months.rules:
        risk = _risk(months, rule)
        if risk:
            text = f'if the daemon stops while "{rule.name}" wins, {risk} until somebody changes it'
            yield Finding(Code.LEFT_ON, text, (Place(rule.name, ("set",)),))


def _risk(months: Months, rule: StateRule) -> str:
    fixed = months.plan.fixed[rule.name]
    usual = months.plan.default_setting.reserve
    if rule.want.battery is Intent.CHARGE or fixed.mode is Mode.BACKUP:
        return "the battery stays in backup, and is not used"
    if fixed.reserve is not None and usual is not None and fixed.reserve < usual:
        return f"the reserve stays at {fixed.reserve} %, below the {usual} % of [default]"
    return ""
