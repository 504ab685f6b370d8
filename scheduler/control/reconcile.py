"""Desired against observed: what to write, or why it waits.

A blocker is a reason for which a write waits; all of them are reported. Writes are counted from the
journal, so a restart forgets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.domain import Observation, Quantity, Setting
from rules.engine import Decision, Plan, StateRule
from rules.resolve import Levers
from scheduler.control.target import (
    matches,
    parts_of,
    present,
    reports,
    safe_of,
    target_of,
)
from scheduler.domain import Cause, PastWrite, Safety

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

SETTLED_BY_ITSELF = frozenset({Cause.TIME, Cause.GRID, Cause.OWNER, Cause.REPEAT, Cause.NO_EFFECT})
"""Causes that cannot flap, so that a setting may be returned to at once."""


@dataclass(frozen=True, slots=True)
class Again:
    """A setting to be written once more although the gateway reports it, and why."""

    setting: Setting
    cause: Cause


@dataclass(frozen=True, slots=True)
class Situation:
    """What reconcile compares besides the desired setting.

    `freshest` is the oldest age at which a reading counts (2 polls); `writes` are the last ones,
    oldest first; `again` is a last write of which nobody knows whether it took effect, or that
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
class Blocked:
    """A write is wanted and must wait; every blocker. `target` is `None` where it is not known."""

    target: Setting | None
    blockers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WriteNow:
    """Write these parts together, absolutely. `previous` is what the gateway has of them."""

    target: Setting
    previous: Setting
    cause: Cause


Verdict = InStep | Blocked | WriteNow


def differs(desired: Setting, situation: Situation) -> bool:
    """On what is known, however old, a write would be wanted: worth a fresh reading."""
    target = _target(desired, situation)
    if target is None:
        return True
    return not reports(situation.observation, target) or _again(target, situation) is not None


def reconcile(
    desired: Setting, relies_on: frozenset[Quantity], cause: Cause, situation: Situation
) -> Verdict:
    """What to do about a desired setting.

    `relies_on` are the quantities that the winning rules depend on; `cause` is what made the
    desired setting change.
    """
    observation = situation.observation
    target = _target(desired, situation)
    if target is None or not _is_known(target, situation):
        return Blocked(
            None, (_not_known(observation, Quantity.MODE, "what the gateway is set to"),)
        )
    if reports(observation, target):
        again = _again(target, situation)
        if again is None:
            return InStep()
        cause = again
    blockers = (
        *_stale(target, relies_on, situation),
        *_world(target, situation),
        *_caps(target, situation),
        *_dwell(target, cause, situation),
    )
    if blockers:
        return Blocked(target, blockers)
    return WriteNow(target, present(observation, parts_of(target)), cause)


def probe(situation: Situation) -> WriteNow | None:
    """What to write back to learn whether this account may write, if nothing objects.

    Not while the home is off the grid or a change of somebody else's is respected.
    """
    observation = situation.observation
    if observation.mode is None or observation.reserve is None or situation.overridden:
        return None
    if observation.grid is None or not observation.grid.up:
        return None
    written_back = [part for part in situation.levers.parts if part in situation.levers.together]
    target = present(observation, written_back)
    blockers = (*_stale(target, frozenset(), situation), *_world(target, situation))
    if blockers or _caps(target, situation):
        return None
    return WriteNow(target, target, Cause.PROBE)


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
    moved = {rule.name for rule in plan.open_rules(at)} ^ {
        rule.name for rule in plan.open_rules(now)
    }
    if involved & moved:
        return Cause.TIME
    rules = [rule for name in involved if name and (rule := plan.rule(name))]
    return Cause.GRID if any(_looks_at_grid(rule) for rule in rules) else Cause.STATE


def _looks_at_grid(rule: StateRule) -> bool:
    return Quantity.GRID in rule.quantities()


def _again(target: Setting, situation: Situation) -> Cause | None:
    again = situation.again
    return again.cause if again is not None and again.setting == target else None


def _target(desired: Setting, situation: Situation) -> Setting | None:
    limits = situation.safety.limits
    return target_of(desired, situation.observation, situation.levers, limits)


def _is_known(target: Setting, situation: Situation) -> bool:
    """The gateway has reported every part of it that it can report."""
    readable = set(parts_of(target)) - situation.levers.unreadable
    return all(getattr(situation.observation, part.value) is not None for part in readable)


def _stale(target: Setting, relies_on: frozenset[Quantity], situation: Situation) -> list[str]:
    readable = set(parts_of(target)) - situation.levers.unreadable
    needed = {Quantity.RUNNING, Quantity.GRID, *(Quantity(part.value) for part in readable)}
    blockers = []
    for quantity in sorted(needed | relies_on):
        measured = situation.observation.measured(quantity)
        if measured is None:
            blockers.append(_not_known(situation.observation, quantity, quantity.value))
        elif situation.now - measured > situation.freshest:
            blockers.append(f"{quantity.value} was last read at {measured:%H:%M:%S} UTC")
    return blockers


def _not_known(observation: Observation, quantity: Quantity, said: str) -> str:
    word = observation.unknown_word(quantity)
    if word is None:
        return f"{said} is not known"
    return f"the {quantity.value} is {word}, a word that pwsched does not know"


def _world(target: Setting, situation: Situation) -> list[str]:
    observation = situation.observation
    blockers = []
    if observation.running is False:
        blockers.append("the battery is stopped")
    if observation.grid_services:
        blockers.append("grid services are active")
    if situation.overridden:
        blockers.append(situation.overridden)
    if situation.updating:
        blockers.append("an update is being installed")
    if target.mode is not None and target.mode not in situation.levers.modes:
        blockers.append(f"{target.mode.value} cannot be set by this route")
    if situation.paused_until is not None and situation.now < situation.paused_until:
        blockers.append("the last attempt failed; pausing before the next")
    return blockers


def _caps(target: Setting, situation: Situation) -> list[str]:
    # A write from the future (the clock was set back) counts as one of now.
    ages = [situation.now - write.at for write in situation.writes]
    safety = situation.safety
    safe = safe_of(safety, situation.levers)
    is_safe = matches(target, safe) and not target.present.keys().isdisjoint(safe.present)
    an_hour = safety.writes_an_hour - (0 if is_safe else 1)
    a_day = min(safety.writes_a_day, situation.writes_a_day)
    blockers = []
    if sum(age < HOUR for age in ages) >= an_hour:
        blockers.append(f"{an_hour} writes in the last hour")
    if sum(age < DAY for age in ages) >= a_day:
        blockers.append(f"{a_day} writes in the last day")
    if situation.lost_until is not None and abs(situation.now - situation.lost_until) < HOUR:
        blockers.append("the journal was restored; what was written before is not known")
    return blockers


def _dwell(target: Setting, cause: Cause, situation: Situation) -> list[str]:
    if cause in SETTLED_BY_ITSELF:
        return []
    for write in reversed(situation.writes):
        if situation.now - write.at >= situation.safety.dwell:
            continue
        if matches(write.previous, target) and not matches(write.wanted, target):
            minutes = f"{situation.safety.dwell.total_seconds() / 60:g}"
            return [f"{target} was left at {write.at:%H:%M} UTC, less than {minutes} minutes ago"]
    return []
