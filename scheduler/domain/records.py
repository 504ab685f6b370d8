"""What is journaled: one frozen record for each kind of row.

The controller makes records and numbers them; the journal stores them as they are. Instants are
aware and stored as UTC to the microsecond. Settings are in app percent, and a part that is `None`
is one that was left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rules.domain import Observation, Part, Quantity, Setting
from rules.engine import Action, Happened
from scheduler.words import (
    Cause,
    Effect,
    HoldKind,
    NoteKind,
    Outcome,
    OverrideEnd,
    OverrideState,
)


@dataclass(frozen=True, slots=True)
class RunStart:
    """One start of the daemon for one site. `process` tells runs apart, e.g. boot id and pid."""

    at: datetime
    version: str
    process: str
    dry_run: bool
    rules_hash: str


@dataclass(frozen=True, slots=True)
class RunEnd:
    """An orderly end of a run. A run without one was killed."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class RuleFilesRecord:
    """The rule files of this digest, whole; stored once for each digest."""

    at: datetime
    rules_hash: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReloadRecord:
    """Other rules came into force during a run."""

    at: datetime
    rules_hash: str


@dataclass(frozen=True, slots=True)
class RuleCheckRecord:
    """The rules of this digest were checked and accepted, for the time before `until`.

    `errors` and `warnings` count what was found; each has a note of its own. Rules that were
    accepted once stay so: an error that is found later is told like a warning. `until` is `None`
    where the check came to no end.
    """

    at: datetime
    rules_hash: str
    until: datetime | None
    errors: int
    warnings: int

    @property
    def said(self) -> str:
        """What became of it, in a sentence."""
        rules = f"the rules {self.rules_hash[:12]}"
        if self.until is None:
            return f"{rules} could not be checked"
        counts = ((self.errors, "error"), (self.warnings, "warning"))
        found = " and ".join(
            f"{count} {word}{'s' * (count != 1)}" for count, word in counts if count
        )
        return f"{rules} are checked up to {self.until:%Y-%m-%d}: {found or 'nothing was found'}"


POLLED = (
    Quantity.SOE,
    Quantity.SITE_POWER,
    Quantity.BATTERY_POWER,
    Quantity.LOAD_POWER,
    Quantity.SOLAR_POWER,
    Quantity.GRID,
)
"""What every poll requests."""


@dataclass(frozen=True, slots=True)
class ObservationRecord:
    """One poll, and the instant `at` that was decided for on it."""

    at: datetime
    observation: Observation

    @property
    def is_reading(self) -> bool:
        """Whether anything was read; what not every poll requests may be of an earlier one."""
        return any(getattr(self.observation, quantity) is not None for quantity in POLLED)


@dataclass(frozen=True, slots=True)
class InputRecord:
    """An engine input beside observations, from now on; `None`: no longer."""

    at: datetime
    name: str
    content: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision with all that is needed to explain it and to go on from it after a restart.

    `winners` maps each part of the setting to the rule that won it; `memory` is the engine's
    memory after the decision, as JSON values. `cause` is what made the setting change, as long as
    that is not in effect.
    """

    at: datetime
    setting: Setting
    winners: Mapping[Part, str]
    rules_hash: str
    reason: str
    memory: Mapping[str, Any]
    cause: Cause


@dataclass(frozen=True, slots=True)
class IntentRecord:
    """A write about to be made, or in a dry run one that would be made (`would`).

    `previous` is what the gateway reported just before. `decision_id` is the number of the decision
    that it is made for, if there was one.
    """

    at: datetime
    decision_id: int | None
    previous: Setting
    wanted: Setting
    cause: Cause
    reason: str
    would: bool


@dataclass(frozen=True, slots=True)
class SentRecord:
    """An intent's write has been accepted by the gateway."""

    at: datetime
    intent_id: int


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """What became of an intent, once for each. `wanted` is the intent's, for those who listen."""

    at: datetime
    intent_id: int
    wanted: Setting
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class EffectRecord:
    """What the power flows showed of a write some minutes after it was held."""

    at: datetime
    intent_id: int
    wanted: Setting
    effect: Effect
    detail: str


@dataclass(frozen=True, slots=True)
class OverrideRecord:
    """Somebody else (app, Storm Watch, a power plant) changed a setting of ours, or it is over.

    `ours` was there by read-back, `found` is what came instead. It is respected `until` then at
    the latest. `end` says why it is over; it has none when it begins.
    """

    at: datetime
    state: OverrideState
    ours: Setting
    found: Setting
    until: datetime
    end: OverrideEnd | None
    detail: str


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """A request of the owner above all rules. `until` is `None` where it holds until `resume`."""

    at: datetime
    word: HoldKind
    setting: Setting
    until: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One occurrence of an event rule; (site, rule, `scheduled_at`) is its identity."""

    at: datetime
    rule: str
    scheduled_at: datetime
    action: Action
    state: Happened


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
class CapabilityRecord:
    """What the route was found to allow, each time that changed. `levers` is as JSON values."""

    at: datetime
    firmware: str | None
    login: str
    may_write: bool | None
    may_check_firmware: bool
    may_install_firmware: bool | None
    levers: Mapping[str, Any]
    started: str | None


@dataclass(frozen=True, slots=True)
class NoteRecord:
    """Anything else worth telling later: a clock step, a failed reload, an alert."""

    at: datetime
    kind: NoteKind
    text: str


Record = (
    RunStart
    | RunEnd
    | RuleFilesRecord
    | ReloadRecord
    | RuleCheckRecord
    | ObservationRecord
    | InputRecord
    | DecisionRecord
    | IntentRecord
    | SentRecord
    | OutcomeRecord
    | EffectRecord
    | OverrideRecord
    | HoldRecord
    | EventRecord
    | FirmwareCheckRecord
    | CapabilityRecord
    | NoteRecord
)

STREAM = (ObservationRecord, InputRecord)
"""Records that may wait for the next commit, and be lost in a crash; all others are the audit."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record with its number among the rows of its site, and the number of its run's first row.

    The controller numbers rows without a hole, in the order in which it made them.
    """

    number: int
    run: int
    record: Record
