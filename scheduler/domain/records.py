"""What is journaled, and what is known of the past, as plain values.

`...Record` and `RunStart` go in; the others come out. Instants are aware; the journal keeps them
as UTC to the microsecond. Settings are in app percent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rules.domain import Setting
from scheduler.domain.words import Effect, EventState, OverrideState, Word


@dataclass(frozen=True, slots=True)
class RunStart:
    """One start of the daemon for one site. `process` tells runs apart, e.g. boot id and pid."""

    site: str
    at: datetime
    version: str
    process: str
    dry_run: bool
    rules_hash: str


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision with all that is needed to explain it and to go on from it after a restart.

    `winners` maps each part of the setting to the rule that won it; `memory` is the engine's
    memory after the decision and must be JSON-able. `cause` is what made the setting change, as
    long as that is not in effect; rows from before it was kept have none.
    """

    at: datetime
    setting: Setting
    winners: Mapping[str, str]
    rules_hash: str
    reason: str
    memory: Mapping[str, object]
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class IntentRecord:
    """A write about to be made, or in a dry run one that would be made (`would`).

    `previous` is what the gateway reported just before, `None` where it was not known.
    """

    at: datetime
    previous: Setting | None
    wanted: Setting
    cause: str
    reason: str
    would: bool


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One occurrence of an event rule; (site, rule, `scheduled_at`) is its identity."""

    at: datetime
    rule: str
    scheduled_at: datetime
    action: str
    state: EventState


@dataclass(frozen=True, slots=True)
class FirmwareCheckRecord:
    """How a firmware check ended. `state_raw` is the gateway's own words."""

    at: datetime
    event_id: int | None
    result: str
    state_raw: str
    version: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class EffectRecord:
    """What the power flows showed of a write some minutes after it was held."""

    at: datetime
    intent_id: int
    effect: Effect
    detail: str


@dataclass(frozen=True, slots=True)
class OverrideRecord:
    """Somebody else (app, Storm Watch, a power plant) changed a setting of ours, or it is over.

    `ours` was there by read-back, `found` is what came instead. It is respected `until` then at
    the latest; `None`: as long as it lasts.
    """

    at: datetime
    state: OverrideState
    ours: Setting
    found: Setting
    until: datetime | None
    detail: str


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """The owner's word above all rules. `until` is `None` where it holds until taken back."""

    at: datetime
    word: Word
    setting: Setting
    until: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class CapabilityRecord:
    """What the route was found to allow, each time that changed."""

    at: datetime
    firmware: str | None
    login: str
    may_write: bool | None
    may_check_firmware: bool
    may_install_firmware: bool | None
    levers: Mapping[str, object]
    started: str | None


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """Anything else worth telling later: a clock step, a reload, an alert."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """The write of a site whose outcome is not known yet; `sent_at` is its last sending."""

    id: int
    run_id: int
    decision_id: int | None
    at: datetime
    previous: Setting | None
    wanted: Setting
    cause: str
    reason: str
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldWrite:
    """The last write of a site, if it was read back (`at`), and what became of it since.

    `previous` is what the first of the writes in a row with this setting found.
    """

    intent_id: int
    wanted: Setting
    previous: Setting | None
    cause: str
    at: datetime
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class FailedWrites:
    """How many writes in a row have failed, and when the last of them did."""

    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PastWrite:
    """An intent, as the write caps and the dwell time count it."""

    at: datetime
    wanted: Setting
    previous: Setting | None


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision as it stands in the journal."""

    id: int
    run_id: int
    record: DecisionRecord


@dataclass(frozen=True, slots=True)
class PastGap:
    """The journal lost what happened after `since` (`None`: everything) until `until`."""

    since: datetime | None
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What the opening of a journal found lost, and what it did about it.

    Of the time before `at` there may be writes, events and overrides that nobody remembers.
    `set_aside` is the damaged file, if there was one, and `backup` the copy that took its place.
    Without a backup the journal is new, or, where nothing was set aside, it is an older one that
    was put there.
    """

    at: datetime
    reason: str
    set_aside: Path | None
    backup: Path | None
