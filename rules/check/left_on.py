"""What stays set, because a Powerwall keeps the last setting that it was given.

If the daemon dies nobody changes it; and where [default] leaves a part alone, only rules do.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.check.findings import Code, Finding, Place
from rules.check.months import Months
from rules.domain import Mode, Part, in_words
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


def not_restored(months: Months) -> Iterator[Finding]:
    """Parts that rules set to one value only, where [default] leaves them as they are."""
    plan = months.plan
    if any(rule.want.looks_at_soe for rule in months.rules):
        return  # what a hold takes is another value each time
    for part in Part:
        if part in plan.default_claims:
            continue
        setting = [
            rule
            for rule in months.rules
            if part in plan.claims[rule.name] and rule.want.battery is not Intent.LEAVE
        ]
        values = {getattr(plan.fixed[rule.name], part) for rule in setting}
        if len(values) == 1 and not any(rule.calendar.always and rule.timeless for rule in setting):
            said = in_words(part, values.pop())
            names = " and ".join(f'"{rule.name}"' for rule in setting)
            text = (
                f"{said} stays when {names} ends: [default] leaves it alone, and so does every rule"
            )
            yield Finding(
                Code.NOT_RESTORED, text, tuple(Place(rule.name, ("set",)) for rule in setting)
            )
