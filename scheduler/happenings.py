"""What the loop tells its listeners.

They hear of a thing after it is in the journal, but for the one that cannot be there: that the
journal fails. The demo's view, systemd, log lines: whatever wants to know hangs here and nowhere
else. A listener must not block and must not fail; the loop does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rules.domain import Observation, Setting
from rules.engine import Decision
from rules.occurrences import Occurrence
from rules.plan import Plan
from scheduler.domain import (
    EffectRecord,
    FirmwareCheckRecord,
    HoldRecord,
    NoteRecord,
    Outcome,
    OverrideRecord,
)
from scheduler.ownership import Override


@dataclass(frozen=True, slots=True)
class Started:
    """A site's loop begins its run."""

    site: str
    at: datetime
    plan: Plan
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Ticked:
    """A tick is finished. `setting` is the shadow setting where nothing is written.

    `reason` says why the decision is what it is, `word` is the owner's word it follows, `override`
    the change of somebody else's that is respected.
    """

    site: str
    at: datetime
    observation: Observation
    decision: Decision
    setting: Setting | None
    advising: bool
    reason: str
    word: HoldRecord | None
    override: Override | None


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A tick was broken off because the journal failed; the loop goes on."""

    site: str
    at: datetime
    problem: str


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision changed; `reason` says why in a sentence."""

    site: str
    at: datetime
    decision: Decision
    reason: str


@dataclass(frozen=True, slots=True)
class Intended:
    """A write is about to be made, or with `would` would have been made."""

    site: str
    at: datetime
    previous: Setting | None
    wanted: Setting
    cause: str
    would: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a write."""

    site: str
    at: datetime
    wanted: Setting
    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class EffectSeen:
    """The power flows showed a write, or showed that it did nothing."""

    site: str
    wanted: Setting
    record: EffectRecord


@dataclass(frozen=True, slots=True)
class Overridden:
    """Somebody else's change is respected, or no longer."""

    site: str
    record: OverrideRecord


@dataclass(frozen=True, slots=True)
class Fired:
    """An event rule was settled: fired or missed."""

    site: str
    at: datetime
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class FirmwareChecked:
    """A firmware check ended."""

    site: str
    record: FirmwareCheckRecord


@dataclass(frozen=True, slots=True)
class Said:
    """The owner has spoken, or a hold has come to its end."""

    site: str
    word: HoldRecord


@dataclass(frozen=True, slots=True)
class Noted:
    """Anything else worth telling."""

    site: str
    record: NoteRecord


@dataclass(frozen=True, slots=True)
class Reloading:
    """The rule files are being read again."""

    site: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    """A site's loop has ended in order."""

    site: str
    at: datetime
    reason: str


Happening = (
    Started
    | Ticked
    | Unrecorded
    | Decided
    | Intended
    | Settled
    | EffectSeen
    | Overridden
    | Fired
    | FirmwareChecked
    | Said
    | Noted
    | Reloading
    | Stopped
)
Listener = Callable[[Happening], None]
