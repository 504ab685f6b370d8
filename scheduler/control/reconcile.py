"""Desired against observed: what to write, or why it waits.

A blocker is a reason for which a write waits; all of them are reported. Writes are counted from the
journal, so a restart forgets none. The owner's own word (hold, resume, release) has a cap of an
hour of its own, and so has what the rules want; the cap of a day is for both together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.domain import QUANTITY_OF, Observation, Part, Quantity, Setting
from rules.engine import Decision, Plan, StateRule
from rules.resolve import Levers, Limits
from scheduler.control.target import (
    matches,
    parts_of,
    present,
    reports,
    safe_of,
    target_of,
)
from scheduler.domain import SHOWN_AT_HOME, Cause, PastWrite, Safety

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

OWNER_WRITES_AN_HOUR = 6
"""Writes of the owner's own word in any hour; the safe state may use what the rules have left."""

_WRITTEN_BACK = frozenset({Part.MODE, Part.RESERVE})
"""What a route writes back that takes each part by itself."""

PAUSING = "the last attempt failed; pausing before the next"

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
    oldest first; `shows` is what the route can read beside the setting; `again` is a last write of
    which nobody knows whether it took effect, or that showed none; `paused_until` is when the next
    attempt after a failed one is due; `overridden`
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
    shows: frozenset[Quantity] = SHOWN_AT_HOME
    again: Again | None = None
    paused_until: datetime | None = None
    overridden: str = ""
    updating: bool = False
    lost_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Blocker:
    """A reason for which a write waits, and when it ends by itself, where that is known."""

    text: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class InStep:
    """Nothing to do: the gateway has what is wanted, or nothing is wanted."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A write is wanted and must wait; every blocker. `target` is `None` where it is not known."""

    target: Setting | None
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True)
class WriteNow:
    """Write these parts together, absolutely. `previous` is what the gateway has of them."""

    target: Setting
    previous: Setting
    cause: Cause


Verdict = InStep | Blocked | WriteNow


def differs(
    desired: Setting, observation: Observation, levers: Levers, limits: Limits, again: Again | None
) -> bool:
    """On what is known, however old, a write would be wanted: worth a fresh reading."""
    target = target_of(desired, observation, levers, limits)
    if target is None:
        return True
    return not reports(observation, target) or _again(target, again) is not None


def reconcile(
    desired: Setting, relies_on: frozenset[Quantity], cause: Cause, situation: Situation
) -> Verdict:
    """What to do about a desired setting.

    `relies_on` are the quantities that the winning rules depend on; `cause` is what made the
    desired setting change.
    """
    observation = situation.observation
    limits = situation.safety.limits
    target = target_of(desired, observation, situation.levers, limits)
    if target is None or not _is_known(target, situation):
        said = _not_known(observation, Quantity.MODE, "what the gateway is set to")
        return Blocked(None, (Blocker(said),))
    if reports(observation, target):
        again = _again(target, situation.again)
        if again is None:
            return InStep()
        cause = again
    blockers = (
        *_stale(target, relies_on, situation),
        *_world(target, situation),
        *_caps(target, cause, situation),
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
    levers = situation.levers
    written_back = (levers.together or _WRITTEN_BACK).intersection(levers.parts)
    target = present(observation, written_back)
    blockers = (*_stale(target, frozenset(), situation), *_world(target, situation))
    if blockers or _caps(target, Cause.PROBE, situation):
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
    if not involved.isdisjoint(plan.opened_or_closed(at, now)):
        return Cause.TIME
    rules = [rule for rule in plan.rules.state_rules if rule.name in involved]
    return Cause.GRID if any(_looks_at_grid(rule) for rule in rules) else Cause.STATE


def _looks_at_grid(rule: StateRule) -> bool:
    return Quantity.GRID in rule.reads


def _again(target: Setting, again: Again | None) -> Cause | None:
    return again.cause if again is not None and again.setting == target else None


def _is_known(target: Setting, situation: Situation) -> bool:
    """The gateway has reported every part of it that it can report."""
    unreadable = situation.levers.unreadable
    return all(
        getattr(situation.observation, part) is not None
        for part in parts_of(target)
        if part not in unreadable
    )


def _stale(target: Setting, relies_on: frozenset[Quantity], situation: Situation) -> list[Blocker]:
    observation, unreadable = situation.observation, situation.levers.unreadable
    readable = (QUANTITY_OF[part] for part in parts_of(target) if part not in unreadable)
    shown = {Quantity.RUNNING, Quantity.GRID} & situation.shows
    oldest = situation.now - situation.freshest
    stale = {
        quantity: measured
        for quantity in {*shown, *readable, *relies_on}
        if (measured := observation.measured(quantity)) is None or measured < oldest
    }
    return [
        Blocker(
            _not_known(observation, quantity, quantity.value)
            if measured is None
            else f"{quantity.value} was last read at {measured:%H:%M:%S} UTC"
        )
        for quantity, measured in sorted(stale.items())
    ]


def _not_known(observation: Observation, quantity: Quantity, said: str) -> str:
    word = observation.unknown_word(quantity)
    if word is None:
        return f"{said} is not known"
    return f"the {quantity.value} is {word}, a word that pwsched does not know"


def _world(target: Setting, situation: Situation) -> list[Blocker]:
    observation, paused_until = situation.observation, situation.paused_until
    blockers = []
    if observation.running is False:
        blockers.append(Blocker("the battery is stopped"))
    if observation.grid_services:
        blockers.append(Blocker("grid services are active"))
    if observation.storm_watch:
        blockers.append(Blocker("Storm Watch is active"))
    if situation.overridden:
        blockers.append(Blocker(situation.overridden))
    if situation.updating:
        blockers.append(Blocker("an update is being installed"))
    if target.mode is not None and target.mode not in situation.levers.modes:
        blockers.append(Blocker(f"{target.mode.value} cannot be set by this route"))
    if paused_until is not None and situation.now < paused_until:
        blockers.append(Blocker(PAUSING, paused_until))
    return blockers


def _caps(target: Setting, cause: Cause, situation: Situation) -> list[Blocker]:
    safety = situation.safety
    a_day = min(safety.writes_a_day, situation.writes_a_day)
    a_day_ago = situation.now - DAY
    writes = [each for each in situation.writes if each.at > a_day_ago]
    a_day_free = _free(writes, DAY, a_day, situation.now)
    blockers = _caps_of_an_hour(target, cause, situation, writes)
    if a_day_free is not None:
        blockers.append(Blocker(f"{a_day} of {a_day} writes in the last day", a_day_free))
    lost_until = situation.lost_until
    if lost_until is not None and abs(situation.now - lost_until) < HOUR:
        text = "the journal was restored; what was written before is not known"
        blockers.append(Blocker(text, lost_until + HOUR))
    return blockers


def _caps_of_an_hour(
    target: Setting, cause: Cause, situation: Situation, writes: Sequence[PastWrite]
) -> list[Blocker]:
    """The owner's word and the rules are counted apart; the safe state may use what both leave.

    `writes` are those of the last day.
    """
    now, safety = situation.now, situation.safety
    is_safe = _is_safe(target, situation)
    by_owner = cause is Cause.OWNER
    own = [each for each in writes if (each.cause is Cause.OWNER) is by_owner]
    cap = OWNER_WRITES_AN_HOUR if by_owner else safety.writes_an_hour
    most = cap if is_safe or by_owner else cap - 1
    both = OWNER_WRITES_AN_HOUR + safety.writes_an_hour
    free = None if by_owner and is_safe else _free(own, HOUR, most, now)
    blockers = []
    if free is not None:
        whose = " that the owner requested" if by_owner else ""
        blockers.append(Blocker(f"{most} of {cap} writes{whose} in the last hour", free))
    if (free := _free(writes, HOUR, both, now)) is not None:
        blockers.append(Blocker(f"{both} of {both} writes of all kinds in the last hour", free))
    return blockers


def _is_safe(target: Setting, situation: Situation) -> bool:
    safe = safe_of(situation.safety, situation.levers)
    return matches(target, safe) and not target.present.keys().isdisjoint(safe.present)


def _free(
    writes: Sequence[PastWrite], span: timedelta, most: int, now: datetime
) -> datetime | None:
    """When one more write may be made, if there are as many in this span as may be."""
    if len(writes) < most:
        return None
    since = now - span
    within = [each.at for each in writes if each.at > since]
    if len(within) < most:
        return None
    # With a cap of none there is nothing whose age could free a place.
    return sorted(within)[-most] + span if most > 0 else now + span


def _dwell(target: Setting, cause: Cause, situation: Situation) -> list[Blocker]:
    if cause in SETTLED_BY_ITSELF:
        return []
    now, dwell = situation.now, situation.safety.dwell
    for write in reversed(situation.writes):
        if now - write.at >= dwell:
            continue
        if matches(write.previous, target) and not matches(write.wanted, target):
            minutes = f"{dwell.total_seconds() / 60:g}"
            day = "" if write.at.date() == now.date() else f"{write.at:%Y-%m-%d} "
            text = (
                f"{target} was left at {day}{write.at:%H:%M} UTC, less than {minutes} minutes ago"
            )
            return [Blocker(text, write.at + dwell)]
    return []
