"""What rules ask for that their route cannot set, or their owner does not permit.

Nothing that a rule says is dropped in silence: here is each part that is not set as it was wanted,
with the reason and what is set in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from rules.domain import Export, Mode, Part, Setting, in_words
from rules.engine.decision import DEFAULT
from rules.engine.plan import Plan
from rules.resolve import Intent, Want, resolve


class Reason(StrEnum):
    """Why a part is not set as it is wanted."""

    ROUTE = "this route cannot set it"
    PERMISSION = "not permitted by [site.safety]"
    FLOOR = "under the reserve_floor of [site.safety]"
    DEFAULT = "[default] does not set it, so nothing would restore it"
    OUT_OF_HAND = "not permitted by [site.safety]; this route cannot forbid it"


Value = Mode | int | bool | Export
"""The value of a part."""


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A part that is not set as it is wanted.

    `key` is where the wish stands in the table of the rule file. `instead` is what is set in its
    place; `None`: nothing, the part is left to other rules or alone.
    """

    part: Part
    key: str
    wanted: Value
    reason: Reason
    instead: Value | None = None

    def __str__(self) -> str:
        said = f"{in_words(self.part, self.wanted)}: {self.reason.value}"
        return said if self.instead is None else f"{said}; {self._instead} is set instead"

    @property
    def _instead(self) -> str:
        if self.part is Part.GRID_CHARGING:
            return "on" if self.instead else "off"
        return f"{self.instead} %" if self.part is Part.RESERVE else str(self.instead)


def out_of_reach(plan: Plan) -> Mapping[str, tuple[Shortfall, ...]]:
    """What each state rule, and `[default]`, asks for in vain; those that do not are left out.

    What a reserve becomes because of the state of energy is not told of.
    """
    wants = {rule.name: rule.want for rule in plan.rules.state_rules}
    found = {
        name: tuple(_of_want(plan, want))
        for name, want in {**wants, DEFAULT: plan.rules.default}.items()
    }
    return {name: shortfalls for name, shortfalls in found.items() if shortfalls}


def of_setting(plan: Plan, setting: Setting) -> tuple[Shortfall, ...]:
    """What cannot be set here of a setting that is wanted beside the rules."""
    want = Want(
        setting.mode,
        setting.reserve,
        grid_charging=setting.grid_charging,
        export=setting.export,
    )
    return tuple(_of_want(plan, want))


def _of_want(plan: Plan, want: Want) -> Iterator[Shortfall]:
    mode = resolve(want, plan.levers, 0.0, None).setting.mode
    if mode is not None and mode not in plan.route.modes:
        yield Shortfall(Part.MODE, "battery" if want.battery else "mode", mode, Reason.ROUTE)
    if want.reserve is not None:
        yield from _reserve(plan, want.reserve)
    if want.grid_charging is not None:
        yield from _grid_charging(plan, want.grid_charging)
    elif want.battery is Intent.CHARGE:
        yield from _bought(plan)
    if want.export is not None:
        yield from _export(plan, want.export)


def _reserve(plan: Plan, wanted: int) -> Iterator[Shortfall]:
    floor = plan.limits.reserve_floor
    instead = plan.route.legal(Setting(reserve=wanted), floor).reserve
    if instead != wanted:
        reason = Reason.FLOOR if wanted < floor else Reason.ROUTE
        yield Shortfall(Part.RESERVE, "reserve", wanted, reason, instead)


def _grid_charging(plan: Plan, wanted: bool) -> Iterator[Shortfall]:
    instead = plan.levers.settable(Setting(grid_charging=wanted)).grid_charging
    if instead is wanted:
        return
    reason = Reason.DEFAULT
    if wanted not in plan.route.grid_charging:
        reason = Reason.ROUTE
    elif wanted and not plan.limits.grid_charging:
        reason = Reason.PERMISSION
    yield Shortfall(Part.GRID_CHARGING, "grid_charging", wanted, reason, instead)


def _bought(plan: Plan) -> Iterator[Shortfall]:
    """What keeps an intent to buy from buying; that a route cannot say so does not."""
    if plan.levers.grid_charging:
        for shortfall in _grid_charging(plan, wanted=True):
            yield replace(shortfall, key="battery")
    elif not plan.limits.grid_charging:
        yield Shortfall(Part.GRID_CHARGING, "battery", wanted=True, reason=Reason.OUT_OF_HAND)


def _export(plan: Plan, wanted: Export) -> Iterator[Shortfall]:
    instead = plan.levers.settable(Setting(export=wanted)).export
    if instead is wanted:
        return
    reason = Reason.DEFAULT
    if wanted not in plan.route.export:
        reason = Reason.ROUTE
    elif wanted.rank > plan.limits.export.rank:
        reason = Reason.PERMISSION
    yield Shortfall(Part.EXPORT, "export", wanted, reason, instead)
