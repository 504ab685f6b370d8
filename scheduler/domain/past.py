"""What is known of a site's past: everything that a restart goes on from, read in one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from rules.domain import Setting
from scheduler.domain.records import (
    CapabilityRecord,
    DecisionRecord,
    HoldRecord,
    OverrideRecord,
    RuleCheckRecord,
)
from scheduler.words import Cause, Effect, NoteKind, Outcome


@dataclass(frozen=True, slots=True)
class PastDecision:
    """A decision with its row's number."""

    number: int
    record: DecisionRecord


@dataclass(frozen=True, slots=True)
class PastGap:
    """The journal lost what happened after `since` (`None`: everything) until `until`."""

    since: datetime | None
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class PastClockStep:
    """By how much the clock was set, with the number of the note that tells of it."""

    number: int
    step: timedelta


@dataclass(frozen=True, slots=True)
class PastWrite:
    """An intent, as the write caps and the dwell time count it.

    `at` is by the clock as it is set now: see `scheduler.domain.clock_steps`.
    """

    at: datetime
    wanted: Setting
    previous: Setting
    cause: Cause

    def shifted(self, by: timedelta) -> PastWrite:
        """The same, on a wall clock that was set."""
        return replace(self, at=self.at + by)


@dataclass(frozen=True, slots=True)
class OpenIntent:
    """The write of a site whose outcome is not known yet; `sent_at` is its last sending."""

    number: int
    at: datetime
    previous: Setting
    wanted: Setting
    cause: Cause
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldWrite:
    """The last write of a site, if it was read back (`at`), and what became of it since.

    `outcome` is one of those that say so. `previous` is what the first of the writes in a row with
    this setting found.
    """

    number: int
    wanted: Setting
    previous: Setting
    cause: Cause
    at: datetime
    outcome: Outcome
    effect: Effect | None


@dataclass(frozen=True, slots=True)
class FailedWrites:
    """How many writes in a row have failed, and when the last of them did."""

    count: int
    at: datetime


@dataclass(frozen=True, slots=True)
class UnfinishedCheck:
    """A firmware check that was begun and has no record of its end: its event, and the rule's name.

    `at` is when the event fired.
    """

    event_id: int
    rule: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Past:
    """What a site's journal says of its past. An empty journal has the defaults.

    `next_number` is the number of the next row. `hold` is the last hold, release or resume, in
    force or not. `overrides` are the last override's beginning and, if it is over, its end.
    `writes` and `would_writes` are the newest intents (real ones, and those of dry runs), oldest
    first, at least as many as any cap counts in a day; `clock_step` is the last one that was noted.
    `last_notes` is when a note of each kind was last made, `BATTERY_RUN` by the clock as it is set
    now. `read_at` is when anything was read last. `capability_when_held` and
    `capability_when_installing` are what was known of the route when `held_write` was read back,
    and when an update was last requested. What came before the newest gap counts for
    `uncertain_write`, `held_write` and `failed_writes` as if it had not been: other writes may have
    followed that nobody remembers. `rule_check` is the last one since that gap; `accepted` are the
    digests of all rules that were ever checked and accepted, and of those that were in force before
    any were checked.
    """

    next_number: int = 1
    read_at: datetime | None = None
    decision: PastDecision | None = None
    hold: HoldRecord | None = None
    gap: PastGap | None = None
    engine_inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    capability: CapabilityRecord | None = None
    capability_when_held: CapabilityRecord | None = None
    capability_when_installing: CapabilityRecord | None = None
    overrides: tuple[OverrideRecord, ...] = ()
    open_intent: OpenIntent | None = None
    uncertain_write: Setting | None = None
    held_write: HeldWrite | None = None
    failed_writes: FailedWrites | None = None
    writes: tuple[PastWrite, ...] = ()
    would_writes: tuple[PastWrite, ...] = ()
    clock_step: PastClockStep | None = None
    unfinished_check: UnfinishedCheck | None = None
    last_notes: Mapping[NoteKind, datetime] = field(default_factory=dict)
    rule_check: RuleCheckRecord | None = None
    accepted: frozenset[str] = frozenset()
