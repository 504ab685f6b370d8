"""From what a rule wants of the battery to what a route can set.

`Levers` are a route's settable parts and legal values; they come with the route's capabilities
and may differ by firmware. Since firmware 25.18.4 a backup reserve of 81 to 99 % is refused, so
the legal values are 0 to 80 and 100.

A Powerwall has no lever for power: only mode and reserve. So "hold" is a legal reserve at or just
under the state of energy, captured once when the rule takes hold and raised in steps while the sun
adds to it, never lowered. "Charge to N" is backup, which buys at up to 3.3 kW, until N is reached,
then hold. Where N is 100 it stays in backup, which holds as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from rules.conditions import Bound, Limit, Same
from rules.domain import Mode, Quantity, Setting

RAISE_STEP = 10
"""A held reserve follows the state of energy upwards in steps of this many percent: each step is
a write, and 10 % take a quarter of an hour at full power."""


@dataclass(frozen=True, slots=True)
class Levers:
    """What a route can set. Legal reserves are 0..`reserve_ceiling` and 100, whole app percents."""

    modes: frozenset[Mode] = frozenset({Mode.SELF_CONSUMPTION, Mode.BACKUP})
    reserve_ceiling: int = 100

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


class Intent(StrEnum):
    """What a rule may want of the battery, in an owner's words."""

    USE = "use"
    HOLD = "hold"
    CHARGE = "charge"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True)
class Want:
    """What a rule sets: by intent (`to` is the percent to charge to), or by mode and reserve."""

    mode: Mode | None = None
    reserve: int | None = None
    battery: Intent | None = None
    to: int = 100

    @property
    def claims_mode(self) -> bool:
        """This decides the mode, if only by leaving it alone."""
        return self.mode is not None or self.battery is not None

    @property
    def claims_reserve(self) -> bool:
        """This decides the reserve, if only by leaving it alone."""
        return self.reserve is not None or self.battery not in {None, Intent.USE}

    @property
    def looks_at_soe(self) -> bool:
        """What this becomes depends on the state of energy."""
        return self.battery is Intent.HOLD or (self.battery is Intent.CHARGE and self.to < 100)

    def __str__(self) -> str:
        if self.battery is None:
            return str(Setting(self.mode, self.reserve))
        if self.battery is Intent.CHARGE:
            return f"charge to {self.to} %"
        if self.battery is Intent.LEAVE:
            return "leave the battery alone"
        words = f"{self.battery} the battery"
        return words if self.reserve is None else f"{words} down to {self.reserve} %"


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a want became: a setting, the reserve that is being held, and within what it stands.

    A part that is claimed but missing from the setting is left as it is: the state of energy was
    needed and is not known.
    """

    setting: Setting
    captured: int | None = None
    limit: Limit | None = None


def resolve(want: Want, levers: Levers, soe: float | None, captured: int | None) -> Resolved:
    """What a want means on this route at this state of energy (app percent).

    `captured` is the reserve that this activation of the rule already holds, if it does.
    """
    match want.battery:
        case None:
            return Resolved(Setting(want.mode, want.reserve))
        case Intent.USE:
            return Resolved(Setting(Mode.SELF_CONSUMPTION, want.reserve))
        case Intent.LEAVE:
            return Resolved(Setting())
        case Intent.CHARGE if want.to == 100:
            return Resolved(Setting(Mode.BACKUP, 100))
        case Intent.CHARGE if captured is None and soe is not None and soe < want.to:
            buying = Setting(Mode.BACKUP, levers.reserve_at_most(want.to))
            return Resolved(buying, None, Bound(Quantity.SOE, -math.inf, want.to))
    return _hold(levers, soe, captured)


def _hold(levers: Levers, soe: float | None, captured: int | None) -> Resolved:
    if soe is None:
        held = Setting() if captured is None else Setting(Mode.SELF_CONSUMPTION, captured)
        return Resolved(held, captured, Same(Quantity.SOE, None))
    if captured is None or soe >= _next_step(levers, captured):
        captured = levers.reserve_at_most(soe)
    limit = Bound(Quantity.SOE, -math.inf, _next_step(levers, captured))
    return Resolved(Setting(Mode.SELF_CONSUMPTION, captured), captured, limit)


def _next_step(levers: Levers, captured: int) -> float:
    """The state of energy from which a higher reserve is worth a write."""
    following = captured + RAISE_STEP
    if following <= levers.reserve_ceiling:
        return following
    return 100.0 if captured < 100 else math.inf
