"""Whose setting it is: ours, or somebody else's that is to be respected.

Writing proves nothing. A setting is *ours* from the moment it was read back; from then on a newer,
plausible reading that differs, seen twice, is somebody else's change: an *override*. A gateway that
has restarted, has other firmware, stands still or follows grid services is not the owner; what it
sets is nobody's then, and the rules write what they want.

An override is respected until the setting that the rules want changes at a time boundary, but no
longer than `hold_max`. One that returns after it ran out was meant: it is respected twice as long.
Storm Watch looks like a change to backup at 100 %: it is respected as long as it lasts, up to
`STORM_MAX`.

Nobody's change is noticed while a write of ours is on its way, nor where nothing of ours is
written at all. A difference is read a second time, together with the gateway's own start,
before it counts; nothing is written meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules.domain import Mode, Observation, Quantity, Setting
from scheduler.control.target import parts_of, present, reports
from scheduler.domain import Capabilities, OverrideEnd, OverrideRecord, OverrideState

LONGEST = 8
"""Times `hold_max` that an override is respected at most, however often it returns."""

STORM_MAX = timedelta(hours=72)
"""Storm Watch prepares for a storm a day ahead and ends with it."""

STORM = Setting(Mode.BACKUP, 100)
"""What Storm Watch, which only the cloud knows by name, is taken to look like from here."""

STATUS_PATIENCE = timedelta(minutes=5)
"""How long a change waits for the gateway to say whether it has restarted."""

_SENTENCES = {
    OverrideEnd.RAN_OUT: "the hold time ended",
    OverrideEnd.SET_BACK: "set back by hand",
    OverrideEnd.STORM_OVER: "the storm is over",
    OverrideEnd.BOUNDARY: "the rules want something else from now on",
    OverrideEnd.WRITTEN_OVER: "overruled by a rule or a manual hold",
    OverrideEnd.FORGOTTEN: "the journal lost what came after it",
}


@dataclass(frozen=True, slots=True)
class Owned:
    """A setting of ours by read-back, and which start of which firmware held it."""

    setting: Setting
    since: datetime
    firmware: str | None
    started: str | None


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody else's setting in the place of ours, respected `until` then at the latest."""

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
        return (self.found.mode, self.found.reserve) == (STORM.mode, STORM.reserve)

    def ended(self, now: datetime, end: OverrideEnd, detail: str = "") -> OverrideRecord:
        """The row of its end."""
        text = detail or _SENTENCES[end]
        state = OverrideState.ENDED
        return OverrideRecord(now, state, self.ours, self.found, self.until, end, text)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A difference that was seen once, at an instant."""

    found: Setting
    since: datetime


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose setting it is at one site.

    One of `owned` and `override` at most. `ran_out` is the last override, if it ran out and was
    written over. A `doubtful` override is one from before a gap in the journal.
    """

    owned: Owned | None = None
    suspect: Suspect | None = None
    override: Override | None = None
    ran_out: Override | None = None
    doubtful: bool = False

    @property
    def objection(self) -> str:
        """Why nothing is to be written, or nothing."""
        if self.override is not None:
            until = f"{self.override.until:%Y-%m-%d %H:%M} UTC"
            return f"somebody else set {self.override.found}, respected until {until}"
        if self.suspect is not None:
            return f"{self.suspect.found} is not what was written; reading it again"
        return ""

    def ours(self, setting: Setting, now: datetime, capabilities: Capabilities) -> Ownership:
        """A setting of ours was read back."""
        owned = Owned(setting, now, capabilities.firmware, capabilities.started)
        return Ownership(owned, self.suspect, self.override, self.ran_out, self.doubtful)

    def nobodys(self) -> Ownership:
        """A write begins: until it is read back the setting is nobody's."""
        if self.owned is None and self.suspect is None:
            return self
        return Ownership(None, None, self.override, self.ran_out, self.doubtful)

    def ended(self, end: OverrideEnd) -> Ownership:
        """The override is over."""
        ran_out = self.override if end is OverrideEnd.RAN_OUT else None
        return replace(self, override=None, suspect=None, ran_out=ran_out)

    def shifted(self, by: timedelta) -> Ownership:
        """The same, on a wall clock that was set."""
        owned, suspect, override = self.owned, self.suspect, self.override
        return replace(
            self,
            owned=owned and replace(owned, since=owned.since + by),
            suspect=suspect and replace(suspect, since=suspect.since + by),
            override=override
            and replace(override, began=override.began + by, until=override.until + by),
        )


Judged = tuple[Ownership, OverrideRecord | None]
"""What a reading made of whose setting it is, with the row that is due for it."""


def judge(
    ownership: Ownership,
    observation: Observation,
    capabilities: Capabilities,
    now: datetime,
    hold_max: timedelta,
) -> Judged:
    """Notice what one more reading says of whose setting it is."""
    if ownership.override is not None:
        return _judge_override(
            ownership, ownership.override, observation, capabilities, now, hold_max
        )
    if ownership.owned is not None:
        return _judge_ours(ownership, ownership.owned, observation, capabilities, now, hold_max)
    return ownership, None


def foreign(owned: Owned, observation: Observation, capabilities: Capabilities) -> Setting | None:
    """What the gateway has in the place of ours, if this reading shows such a thing."""
    if reports(observation, owned.setting) or not capabilities.runs(observation):
        return None
    read = observation.measured(Quantity.RESERVE)
    parts = parts_of(owned.setting)
    found = present(observation, parts)
    if read is None or read <= owned.since or parts_of(found) != parts:
        return None
    return found


def nobodys(owned: Owned, observation: Observation, capabilities: Capabilities) -> bool:
    """What differs is nobody's doing: the gateway began anew or obeys its grid operator."""
    firmware, started = capabilities.firmware, capabilities.started
    restarted = None not in (started, owned.started) and started != owned.started
    updated = None not in (firmware, owned.firmware) and firmware != owned.firmware
    return restarted or updated or observation.grid_services is True


def respected(
    ours: Setting, found: Setting, now: datetime, last: Override | None, hold_max: timedelta
) -> Override:
    """A new override. `last` is the one before, if it ran out and was written over."""
    span = hold_max
    override = Override(ours, found, now, now + span)
    if override.storm:
        span = STORM_MAX
    elif last is not None and now - last.until < last.span:
        span = min(2 * last.span, LONGEST * hold_max)
    return replace(override, until=now + span)


def over(override: Override, observation: Observation, now: datetime) -> OverrideEnd | None:
    """Why an override is over without the rules or the owner; `None` if it goes on."""
    if now >= override.until:
        return OverrideEnd.RAN_OUT
    if override.storm and observation.mode is not None and not reports(observation, STORM):
        return OverrideEnd.STORM_OVER
    if reports(observation, override.ours):
        return OverrideEnd.SET_BACK
    return None


def _judge_override(
    ownership: Ownership,
    override: Override,
    observation: Observation,
    capabilities: Capabilities,
    now: datetime,
    hold_max: timedelta,
) -> Judged:
    end = over(override, observation, now)
    if end is not None:
        after = ownership.ended(end)
        if reports(observation, override.ours):
            after = after.ours(override.ours, now, capabilities)
        return after, override.ended(now, end)
    shown = Owned(override.found, override.began, None, None)
    found = foreign(shown, observation, capabilities)
    if found is None or found in (override.found, override.ours):
        return ownership, None
    if ownership.doubtful:  # the other setting may be one of ours that nobody remembers
        end = OverrideEnd.FORGOTTEN
        return ownership.ended(end), override.ended(now, end)
    return _begin(ownership, override.ours, found, now, hold_max)


def _judge_ours(
    ownership: Ownership,
    owned: Owned,
    observation: Observation,
    capabilities: Capabilities,
    now: datetime,
    hold_max: timedelta,
) -> Judged:
    fresh = observation.measured(Quantity.RESERVE) == observation.at
    if nobodys(owned, observation, capabilities):
        if not fresh:
            return ownership, None  # whether it has kept our setting is still to be read
        if reports(observation, owned.setting):
            return ownership.ours(owned.setting, now, capabilities), None
        return ownership.nobodys(), None
    found = foreign(owned, observation, capabilities)
    suspect = ownership.suspect
    if found is None:
        return replace(ownership, suspect=None) if fresh and suspect else ownership, None
    if suspect is None or suspect.found != found:
        return replace(ownership, suspect=Suspect(found, now)), None
    if _seen_again(suspect.since, observation, now):
        return _begin(ownership, owned.setting, found, now, hold_max)
    return ownership, None


def _seen_again(first: datetime, observation: Observation, now: datetime) -> bool:
    read = observation.measured(Quantity.RESERVE)
    status = observation.measured(Quantity.FIRMWARE)
    asked = status is not None and status > first
    return read is not None and read > first and (asked or now - first >= STATUS_PATIENCE)


def _begin(
    ownership: Ownership, ours: Setting, found: Setting, now: datetime, hold_max: timedelta
) -> Judged:
    override = respected(ours, found, now, ownership.ran_out, hold_max)
    what = "as Storm Watch does, " if override.storm else ""
    detail = (
        f"somebody else set {found} instead of {ours}, {what}"
        f"respected until {override.until:%Y-%m-%d %H:%M} UTC"
    )
    state = OverrideState.BEGAN
    record = OverrideRecord(now, state, ours, found, override.until, None, detail)
    return Ownership(override=override, ran_out=ownership.ran_out), record
