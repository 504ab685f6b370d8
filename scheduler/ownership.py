"""Whose setting it is: ours, or somebody else's that is to be respected. Pure.

Writing proves nothing. A setting is *ours* from the moment it was read back; from then on a newer,
plausible reading that differs, seen twice, is somebody else's change: an *override*. A gateway that
has restarted, has other firmware, stands still or follows grid services is not the owner; what it
sets is nobody's then, and the rules write what they want.

An override is respected until the setting that the rules want changes at a time boundary, but no
longer than `hold_max`. One that returns after it ran out was meant: it is respected twice as long.
Storm Watch looks like a change to backup at 100 %: it is respected as long as it lasts, up to
`STORM_MAX`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rules.domain import Mode, Observation, Quantity, Setting
from scheduler.reconcile import reports

LONGEST = 8
"""Times `hold_max` that an override is respected at most, however often it returns."""

STORM_MAX = timedelta(hours=72)
"""Storm Watch prepares for a storm a day ahead and ends with it."""

STORM = Setting(Mode.BACKUP, 100)
"""What Storm Watch, which only the cloud knows by name, is taken to look like from here."""

RAN_OUT = "respected long enough"
SET_BACK = "set back by hand"
STORM_OVER = "the storm is over"


@dataclass(frozen=True, slots=True)
class Owned:
    """A setting of ours by read-back, and which start of which firmware held it."""

    setting: Setting
    since: datetime
    firmware: str | None
    started: str | None


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody else's setting in the place of ours, respected `until` then at the latest.

    `span` is how long it was to be respected in full.
    """

    ours: Setting
    found: Setting
    began: datetime
    until: datetime

    @property
    def span(self) -> timedelta:
        """How long it is respected at most."""
        return self.until - self.began

    @property
    def storm(self) -> bool:
        """It looks like Storm Watch."""
        return self.found == STORM


def foreign(owned: Owned, observation: Observation) -> Setting | None:
    """What the gateway has in the place of ours, if this reading shows such a thing."""
    if observation.mode is None or observation.reserve is None or not observation.running:
        return None
    read = observation.measured(Quantity.RESERVE)
    if read is None or read <= owned.since or reports(observation, owned.setting):
        return None
    return Setting(observation.mode, round(observation.reserve))


def nobodys(
    owned: Owned, observation: Observation, firmware: str | None, started: str | None
) -> bool:
    """What differs is nobody's doing: the gateway began anew or obeys its grid operator."""
    restarted = None not in (started, owned.started) and started != owned.started
    updated = None not in (firmware, owned.firmware) and firmware != owned.firmware
    return restarted or updated or observation.grid_services is True


def respected(
    ours: Setting,
    found: Setting,
    now: datetime,
    last: Override | None,
    hold_max: timedelta,
) -> Override:
    """A new override. `last` is the one before, if it ran out and was written over."""
    span = hold_max
    if found == STORM:
        span = STORM_MAX
    elif last is not None and now - last.until < last.span:
        span = min(2 * last.span, LONGEST * hold_max)
    return Override(ours, found, now, now + span)


def over(override: Override, observation: Observation, now: datetime) -> str | None:
    """Why an override is over without a word from the rules or the owner; `None` if it goes on."""
    if now >= override.until:
        return RAN_OUT
    if override.storm and observation.mode is not None and not reports(observation, STORM):
        return STORM_OVER
    if reports(observation, override.ours):
        return SET_BACK
    return None
