"""Who decides, told from the rules that are active: as docs/rules.md has it, in a few lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rules.domain import Part, Setting
from rules.engine import Plan
from rules.resolve import Intent


class Active(NamedTuple):
    """A rule that is active, and what it sets."""

    number: int
    name: str
    priority: int
    setting: Setting


def claims(plan: Plan, active: Sequence[Active]) -> dict[Part, str]:
    """Who decides each part: the first of the active rules, which are in their order."""
    found: dict[Part, str] = {}
    for each in active:
        for part in plan.claims[each.name]:
            found.setdefault(part, each.name)
    return found


def decided(
    plan: Plan, active: Sequence[Active], reserve: int | None = 20
) -> tuple[Setting, dict[Part, str]]:
    """The setting that is wanted, and the rule to which each part is owed.

    `reserve` is the one that is set.
    """
    winners = claims(plan, active)
    by_name = {each.name: each.setting for each in active}
    values = {
        part: getattr(by_name[winners[part]] if part in winners else plan.default_setting, part)
        for part in Part
        if part in winners or part in plan.default_claims
    }
    wants = {rule.name: rule.want for rule in plan.rules.state_rules}
    floors = []
    for each in active:
        want = wants[each.name]
        if want.battery is Intent.LEAVE:
            break
        if want.reserve_at_least is not None:
            floors.append((-want.reserve_at_least, len(floors), each.name))
    if floors:
        negative, _, name = min(floors)
        wanted = values.get(Part.RESERVE)
        wanted = reserve if wanted is None else wanted
        if wanted is not None and wanted < -negative:
            values[Part.RESERVE], winners[Part.RESERVE] = -negative, name
    return Setting(*(values.get(part) for part in Part)), winners  # type: ignore[arg-type]


def written(plan: Plan, active: Sequence[Active], reserve: int | None) -> Setting:
    """What would be sent."""
    setting, _ = decided(plan, active, reserve)
    if setting.mode is not None and setting.mode not in plan.route.modes:
        return Setting()
    return plan.levers.legal(setting, plan.limits.reserve_floor)
