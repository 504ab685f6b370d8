"""From what a rule wants of the battery to what a route can set.

`Levers` are a route's settable parts and legal values; they come with the route's capabilities
and may differ by firmware. Since firmware 25.18.4 a backup reserve of 81 to 99 % is refused, so
the legal values are 0 to 80 and 100.

A Powerwall has no lever for power: only mode, reserve and, by some routes, whether it may charge
from the grid. So "hold" is backup without grid charging where that can be said; elsewhere a legal
reserve at or just under the state of energy, captured once when the rule takes hold and raised in
steps while the sun adds to it, never lowered. "Charge to N" is backup, which buys at up to 3.3 kW,
until N is reached, then hold. Where N is 100 it stays in backup, which holds as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from rules.domain import Export, Mode, Part, Setting

RAISE_STEP = 10
"""A held reserve follows the state of energy upwards in steps of this many percent: each step is
a write, and 10 % take a quarter of an hour at full power."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the owner permits, whatever the rules want.

    `grid_charging` and `export` are the terms of the interconnection: whether the battery may be
    charged from the grid, and what may be sold to it at most. `reserve_floor` is in app percent.
    """

    grid_charging: bool = True
    export: Export = Export.BATTERY
    reserve_floor: int = 0


NO_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Levers:
    """What a route can set: for each part the values it takes, none where it cannot set the part.

    Legal reserves are 0..`reserve_ceiling` and 100, whole app percents. The parts in `together` are
    only ever written together. Those in `unreadable` can be set but not read back.
    """

    modes: frozenset[Mode] = frozenset({Mode.SELF_CONSUMPTION, Mode.BACKUP})
    reserve_ceiling: int = 100
    grid_charging: frozenset[bool] = frozenset()
    export: frozenset[Export] = frozenset()
    together: frozenset[Part] = frozenset({Part.MODE, Part.RESERVE})
    unreadable: frozenset[Part] = frozenset()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that can be set at all."""
        settable = (True, True, bool(self.grid_charging), bool(self.export))
        return tuple(part for part, is_settable in zip(Part, settable, strict=True) if is_settable)

    @property
    def holds_by_backup(self) -> bool:
        """What is in the battery can be held in backup, by not charging it from the grid."""
        return Mode.BACKUP in self.modes and False in self.grid_charging

    def permitted(self, *, grid_charging: bool, export: Export) -> Levers:
        """These levers, narrowed to what the owner permits (the terms of the interconnection)."""
        allowed = {False, grid_charging}
        return replace(
            self,
            grid_charging=self.grid_charging & allowed,
            export=frozenset(each for each in self.export if each.rank <= export.rank),
        )

    def is_legal_reserve(self, reserve: int) -> bool:
        """The route accepts this backup reserve."""
        return 0 <= reserve <= self.reserve_ceiling or reserve == 100

    def reserve_at_most(self, percent: float) -> int:
        """The largest legal reserve that is not above `percent` (0..100)."""
        whole = max(0, min(100, int(percent)))
        return whole if self.is_legal_reserve(whole) else self.reserve_ceiling

    def reserve_at_least(self, percent: int) -> int:
        """The smallest legal reserve that is not below `percent` (0..100)."""
        return percent if self.is_legal_reserve(percent) else 100

    def legal(self, setting: Setting, reserve_floor: int = 0) -> Setting:
        """The nearest setting whose reserve the route accepts and the owner's floor allows."""
        if setting.reserve is None:
            return setting
        reserve = self.reserve_at_most(setting.reserve)
        if reserve < reserve_floor:
            reserve = self.reserve_at_least(reserve_floor)
        return setting if reserve == setting.reserve else replace(setting, reserve=reserve)

    def settable(self, setting: Setting) -> Setting:
        """The parts of a setting that this route can set, the others left alone.

        Where only less than what is wanted can be set (no charging from the grid, no selling), that
        is set; never more.
        """
        grid_charging = self._grid_charging_at_most(setting.grid_charging)
        export = self._export_at_most(setting.export)
        if grid_charging is setting.grid_charging and export is setting.export:
            return setting
        return Setting(setting.mode, setting.reserve, grid_charging, export)

    def out_of_reach(self, setting: Setting) -> tuple[Part, ...]:
        """The parts that this route cannot set as a rule wants them."""
        settable = self.settable(setting)
        short = [part for part in Part if getattr(setting, part) != getattr(settable, part)]
        if setting.mode is not None and setting.mode not in self.modes:
            short.insert(0, Part.MODE)
        return tuple(short)

    def _grid_charging_at_most(self, wanted: bool | None) -> bool | None:
        if wanted is None or wanted in self.grid_charging:
            return wanted
        return False if False in self.grid_charging else None

    def _export_at_most(self, wanted: Export | None) -> Export | None:
        if wanted is None or wanted in self.export:
            return wanted
        below = [each for each in self.export if each.rank < wanted.rank]
        return max(below, key=lambda each: each.rank, default=None)


class Intent(StrEnum):
    """What a rule may want of the battery, in an owner's words."""

    USE = "use"
    HOLD = "hold"
    CHARGE = "charge"
    LEAVE = "leave"


@dataclass(frozen=True)
class Want:
    """What a rule sets: by intent (`to` is the percent to charge to), or part by part.

    `reserve_at_least` goes with the reserve that wins, by maximum over all active rules.
    """

    mode: Mode | None = None
    reserve: int | None = None
    battery: Intent | None = None
    to: int = 100
    grid_charging: bool | None = None
    export: Export | None = None
    reserve_at_least: int | None = None

    @cached_property
    def claims(self) -> tuple[Part, ...]:
        """The parts this decides, if only by leaving them alone."""
        whole = self.battery in {Intent.HOLD, Intent.CHARGE, Intent.LEAVE}
        claimed = {
            Part.MODE: self.mode is not None or self.battery is not None,
            Part.RESERVE: self.reserve is not None or whole,
            Part.GRID_CHARGING: self.grid_charging is not None or whole,
            Part.EXPORT: self.export is not None or self.battery is Intent.LEAVE,
        }
        return tuple(part for part, is_claimed in claimed.items() if is_claimed)

    @cached_property
    def looks_at_soe(self) -> bool:
        """What this becomes depends on the state of energy."""
        return self.battery is Intent.HOLD or (self.battery is Intent.CHARGE and self.to < 100)

    def __str__(self) -> str:
        said = []
        beside = Setting(grid_charging=self.grid_charging, export=self.export)
        match self.battery:
            case None:
                beside = replace(beside, mode=self.mode, reserve=self.reserve)
            case Intent.CHARGE:
                said.append(f"charge to {self.to} %")
            case Intent.USE if self.reserve is not None:
                said.append(f"use the battery down to {self.reserve} %")
            case Intent.USE:
                said.append("use the battery")
            case Intent.LEAVE:
                said.append("leave the battery alone")
            case Intent.HOLD:
                said.append("hold the battery")
        if not beside.empty:
            said.append(str(beside))
        if self.reserve_at_least is not None:
            said.append(f"reserve at least {self.reserve_at_least} %")
        return ", ".join(said)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a want became: a setting, and the reserve that is being held.

    It stands while the state of energy, in app percent, stays below `soe_below`. A part that is
    claimed but missing from the setting is left as it is: the state of energy was needed and is
    not known.
    """

    setting: Setting
    captured: int | None = None
    soe_below: float = math.inf


def resolve(want: Want, levers: Levers, soe: float | None, captured: int | None) -> Resolved:
    """What a want means on this route at this state of energy (app percent).

    `captured` is the reserve that this activation of the rule already holds, if it does.
    """
    export = want.export
    match want.battery:
        case None:
            said = Setting(want.mode, want.reserve, want.grid_charging, export)
            return Resolved(levers.settable(said))
        case Intent.USE:
            said = Setting(Mode.SELF_CONSUMPTION, want.reserve, want.grid_charging, export)
            return Resolved(levers.settable(said))
        case Intent.LEAVE:
            return Resolved(Setting())
        case Intent.CHARGE if want.to == 100:
            full = Setting(Mode.BACKUP, 100, grid_charging=True, export=export)
            return Resolved(levers.settable(full))
        case Intent.CHARGE if captured is None and soe is not None and soe < want.to:
            reserve = levers.reserve_at_most(want.to)
            buying = Setting(Mode.BACKUP, reserve, grid_charging=True, export=export)
            return Resolved(levers.settable(buying), None, want.to)
    return _hold(levers, soe, captured, export)


def _hold(
    levers: Levers, soe: float | None, captured: int | None, export: Export | None
) -> Resolved:
    if soe is None and captured is None:
        return Resolved(levers.settable(Setting(export=export)))
    if captured is None or (soe is not None and soe >= _next_step(levers, captured)):
        captured = levers.reserve_at_most(soe or 0.0)
    if levers.holds_by_backup:
        held = Setting(Mode.BACKUP, captured, grid_charging=False, export=export)
    else:
        held = Setting(Mode.SELF_CONSUMPTION, captured, export=export)
    return Resolved(levers.settable(held), captured, _next_step(levers, captured))


def _next_step(levers: Levers, captured: int) -> float:
    """The state of energy from which a higher reserve is worth a write."""
    if levers.holds_by_backup:
        return math.inf  # backup holds whatever is in it
    following = captured + RAISE_STEP
    if following <= levers.reserve_ceiling:
        return following
    return 100.0 if captured < 100 else math.inf
