"""Desired against observed: what to write, or why not. Pure.

The desired setting is brought into what the route can hold before it is compared: an owner's floor
under the reserve, the legal values, whole percents. A value that the gateway rounds would otherwise
never be equal and would be written for ever.

A guard holds a write back; all guards that object are told. They count writes from the journal, so
a restart forgets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.domain import Observation, Quantity, Setting
from rules.engine import Decision
from rules.plan import Plan, StateRule
from rules.resolve import Levers
from scheduler.domain import Cause, PastWrite, Safety

RESERVE_TOLERANCE = 0.6
"""Two reserves are the same if they differ by less, in app percent: the gateway keeps raw percents
and some firmware rounds them to whole ones (1 raw = 1.05 app)."""

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Again:
    """A setting to be written once more although the gateway reports it, and why."""

    setting: Setting
    cause: Cause


@dataclass(frozen=True, slots=True)
class Situation:
    """What reconcile looks at besides the desired setting.

    `freshest` is the oldest age at which a reading counts (2 polls); `writes` are those of the last
    day, oldest first; `again` is a last write of which nobody knows whether it took effect, or that
    showed none; `paused_until` is when the next attempt after a failed one is due; `overridden`
    tells of somebody else's change that is respected, `updating` of an update being installed.
    `lost_until` is the end of a time of which the journal has lost what was written.
    """

    now: datetime
    observation: Observation
    levers: Levers
    safety: Safety
    freshest: timedelta
    writes: Sequence[PastWrite]
    writes_a_day: int
    again: Again | None = None
    paused_until: datetime | None = None
    overridden: str = ""
    updating: bool = False
    lost_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class InStep:
    """Nothing to do: the gateway has what is wanted, or nothing is wanted."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A write is wanted and must wait; every reason."""

    wanted: Setting | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WriteNow:
    """Write this, absolutely: mode and reserve together."""

    wanted: Setting
    previous: Setting
    cause: Cause


Verdict = InStep | HeldBack | WriteNow


def differs(desired: Setting, situation: Situation) -> bool:
    """On what is known, however old, a write would be wanted: worth a fresh reading."""
    if desired.empty:
        return False
    target = _target(desired, situation)
    return (
        target is None
        or not reports(situation.observation, target)
        or _again(target, situation) is not None
    )


def reconcile(
    desired: Setting, relies_on: frozenset[Quantity], cause: Cause, situation: Situation
) -> Verdict:
    """What to do about a desired setting.

    `relies_on` are the quantities that the winning rules looked at; `cause` is what made the
    desired setting change.
    """
    if desired.empty:
        return InStep()
    target = _target(desired, situation)
    if target is None:
        return HeldBack(None, ("what the gateway is set to is not known",))
    observation = situation.observation
    if reports(observation, target):
        again = _again(target, situation)
        if again is None:
            return InStep()
        cause = again
    reasons = (
        *_stale(relies_on, situation),
        *_world(target, situation),
        *_caps(target, situation),
        *_dwell(target, cause, situation),
    )
    if reasons:
        return HeldBack(target, reasons)
    previous = Setting(observation.mode or target.mode, round(observation.reserve or 0.0))
    return WriteNow(target, previous, cause)


def probe(situation: Situation) -> WriteNow | None:
    """What to write back to learn whether this account may write, if nothing objects.

    Not while the home is off the grid or a change of somebody else's is respected.
    """
    observation = situation.observation
    if observation.mode is None or observation.reserve is None or situation.overridden:
        return None
    if observation.grid is None or not observation.grid.up:
        return None
    present = Setting(observation.mode, round(observation.reserve))
    reasons = (*_stale(frozenset(), situation), *_world(present, situation))
    if reasons or _caps(present, situation):
        return None
    return WriteNow(present, present, Cause.PROBE)


def cause_of(
    plan: Plan, before: tuple[Decision, datetime] | None, decision: Decision, now: datetime
) -> Cause:
    """What made the decision change since an earlier one (with its instant)."""
    if before is None or before[0].setting == decision.setting:
        return Cause.DRIFT
    earlier, at = before
    involved = {
        winner
        for part in {*earlier.winners, *decision.winners}
        for winner in (earlier.winners.get(part), decision.winners.get(part))
        if earlier.winners.get(part) != decision.winners.get(part)
    }
    moved = {rule.name for rule in plan.segment(at)[1]} ^ {
        rule.name for rule in plan.segment(now)[1]
    }
    if involved & moved:
        return Cause.TIME
    rules = [rule for name in involved if name and (rule := plan.rule(name))]
    return Cause.GRID if any(_looks_at_grid(rule) for rule in rules) else Cause.STATE


def reports(observation: Observation, setting: Setting) -> bool:
    """The gateway has this setting, as far as it can tell reserves apart."""
    return (
        observation.mode is setting.mode
        and observation.reserve is not None
        and abs(observation.reserve - setting.reserve) < RESERVE_TOLERANCE
    )


def _looks_at_grid(rule: StateRule) -> bool:
    return Quantity.GRID in rule.quantities()


def legal(setting: Setting, levers: Levers, floor: int) -> Setting:
    """The nearest setting that the route accepts and the owner's floor allows."""
    reserve = levers.reserve_at_most(setting.reserve)
    if reserve < floor:
        reserve = levers.reserve_at_least(floor)
    return Setting(setting.mode, reserve)


def _again(target: Setting, situation: Situation) -> Cause | None:
    again = situation.again
    return again.cause if again is not None and again.setting == target else None


def _target(desired: Setting, situation: Situation) -> Setting | None:
    """The full setting to have; a part that is left alone is taken from the gateway."""
    observation = situation.observation
    mode = desired.mode if desired.mode is not None else observation.mode
    reserve = desired.reserve if desired.reserve is not None else observation.reserve
    if mode is None or reserve is None or observation.mode is None or observation.reserve is None:
        return None
    full = Setting(mode, round(reserve))
    return legal(full, situation.levers, situation.safety.reserve_floor)


def _stale(relies_on: frozenset[Quantity], situation: Situation) -> list[str]:
    needed = {Quantity.MODE, Quantity.RESERVE, Quantity.RUNNING, Quantity.GRID} | relies_on
    reasons = []
    for quantity in sorted(needed):
        measured = situation.observation.measured(quantity)
        if measured is None:
            reasons.append(f"{quantity.value} is not known")
        elif situation.now - measured > situation.freshest:
            reasons.append(f"{quantity.value} was last read at {measured:%H:%M:%S} UTC")
    return reasons


def _world(target: Setting, situation: Situation) -> list[str]:
    observation = situation.observation
    reasons = []
    if observation.running is False:
        reasons.append("the battery is stopped")
    if observation.grid_services:
        reasons.append("grid services are active")
    if situation.overridden:
        reasons.append(situation.overridden)
    if situation.updating:
        reasons.append("an update is being installed")
    if target.mode not in situation.levers.modes:
        reasons.append(f"{target.mode.value} cannot be set by this route")
    if situation.paused_until is not None and situation.now < situation.paused_until:
        reasons.append("the last attempt failed; pausing before the next")
    return reasons


def _caps(target: Setting, situation: Situation) -> list[str]:
    # A write from the future (the clock was set back) counts as one of now.
    ages = [situation.now - write.at for write in situation.writes]
    safety = situation.safety
    safe = legal(safety.safe, situation.levers, safety.reserve_floor)
    an_hour = safety.writes_an_hour - (0 if target == safe else 1)
    a_day = min(safety.writes_a_day, situation.writes_a_day)
    reasons = []
    if sum(age < HOUR for age in ages) >= an_hour:
        reasons.append(f"{an_hour} writes in the last hour")
    if sum(age < DAY for age in ages) >= a_day:
        reasons.append(f"{a_day} writes in the last day")
    if situation.lost_until is not None and abs(situation.now - situation.lost_until) < HOUR:
        reasons.append("the journal was restored; what was written before is not known")
    return reasons


def _dwell(target: Setting, cause: Cause, situation: Situation) -> list[str]:
    if cause in {Cause.TIME, Cause.GRID, Cause.OWNER, Cause.REPEAT, Cause.NO_EFFECT}:
        return []
    for write in reversed(situation.writes):
        left = write.previous == target != write.wanted
        if left and situation.now - write.at < situation.safety.dwell:
            return [f"{target} was left only at {write.at:%H:%M} UTC"]
    return []
