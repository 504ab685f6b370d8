"""What a site's rows come to as its past, added row by row. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import Any

from rules.domain import Setting
from rules.engine import Action, Happened
from scheduler.domain import (
    CapabilityRecord,
    Content,
    DecisionRecord,
    Effect,
    EffectRecord,
    EventRecord,
    FailedWrites,
    FirmwareCheckRecord,
    HeldWrite,
    HoldRecord,
    InputRecord,
    IntentRecord,
    NoteKind,
    NoteRecord,
    ObservationRecord,
    OpenIntent,
    Outcome,
    OutcomeRecord,
    OverrideRecord,
    OverrideState,
    Past,
    PastClockStep,
    PastDecision,
    PastWrite,
    Row,
    RuleCheckRecord,
    RuleFilesRecord,
    SentRecord,
    UnfinishedCheck,
    step_of,
)

HELD = frozenset({Outcome.HELD, Outcome.UNVERIFIED, Outcome.RECOVERED_APPLIED})
"""Outcomes of a write that was read back, as far as the route can."""

FAILED = frozenset({Outcome.REFUSED, Outcome.MISMATCH, Outcome.UNREACHABLE})

MOST_FAILURES = 20
"""How many writes in a row are counted; the pauses grow no longer beyond it."""

WRITES_REMEMBERED = 100
"""How many intents of either kind a past names: more than any cap counts in a day."""


def overrides_of(newest: Sequence[OverrideRecord]) -> tuple[OverrideRecord, ...]:
    """The last override's rows among the newest two, oldest first."""
    match newest:
        case (OverrideRecord(state=OverrideState.BEGAN), OverrideRecord(state=OverrideState.ENDED)):
            return tuple(newest)
    return tuple(newest[-1:])


@dataclass(slots=True)
class _Write:
    """A write that was no dry run, and what has become of it so far."""

    number: int
    intent: IntentRecord
    sent_at: datetime | None = None
    outcome: OutcomeRecord | None = None
    capability: CapabilityRecord | None = None
    """What was known of the route when the outcome was."""
    effect: Effect | None = None


@dataclass(slots=True)
class Recollection:
    """What a site's rows come to so far; `add` them in the order of their numbers."""

    number: int = 0
    read_at: datetime | None = None
    decision: PastDecision | None = None
    hold: HoldRecord | None = None
    engine_inputs: dict[str, Content] = field(default_factory=dict)
    capability: CapabilityRecord | None = None
    when_installing: CapabilityRecord | None = None
    overrides: deque[OverrideRecord] = field(default_factory=lambda: deque(maxlen=2))
    open_write: _Write | None = None
    last_writes: deque[_Write] = field(default_factory=lambda: deque(maxlen=MOST_FAILURES))
    writes: deque[PastWrite] = field(default_factory=lambda: deque(maxlen=WRITES_REMEMBERED))
    would_writes: deque[PastWrite] = field(default_factory=lambda: deque(maxlen=WRITES_REMEMBERED))
    clock_step: PastClockStep | None = None
    checks: dict[int, UnfinishedCheck] = field(default_factory=dict)
    notes: dict[NoteKind, datetime] = field(default_factory=dict)
    rule_check: RuleCheckRecord | None = None
    accepted: set[str] = field(default_factory=set)

    def add(self, row: Row) -> None:
        """One more row."""
        self.number = row.number
        take = _ADDERS.get(type(row.record))
        if take is not None:
            take(self, row.number, row.record)

    def past(self) -> Past:
        """All of it."""
        held = self._held_write()
        return Past(
            next_number=self.number + 1,
            read_at=self.read_at,
            decision=self.decision,
            hold=self.hold,
            engine_inputs=dict(self.engine_inputs),
            capability=self.capability,
            capability_when_held=self.last_writes[-1].capability if held else None,
            capability_when_installing=self.when_installing,
            overrides=overrides_of(tuple(self.overrides)),
            open_intent=self._open_intent(),
            uncertain_write=self._uncertain_write(),
            held_write=held,
            failed_writes=self._failed_writes(),
            writes=tuple(self.writes),
            would_writes=tuple(self.would_writes),
            clock_step=self.clock_step,
            unfinished_check=next(reversed(self.checks.values()), None),
            last_notes=dict(self.notes),
            rule_check=self.rule_check,
            accepted=frozenset(self.accepted),
        )

    def _open_intent(self) -> OpenIntent | None:
        write = self.open_write
        if write is None:
            return None
        intent = write.intent
        return OpenIntent(
            write.number, intent.at, intent.previous, intent.wanted, intent.cause, write.sent_at
        )

    def _uncertain_write(self) -> Setting | None:
        last = self.last_writes[-1].outcome if self.last_writes else None
        uncertain = last is not None and last.outcome is Outcome.UNREACHABLE
        return self.last_writes[-1].intent.wanted if uncertain else None

    def _held_write(self) -> HeldWrite | None:
        newest = self.last_writes[-1] if self.last_writes else None
        if newest is None or newest.outcome is None or newest.outcome.outcome not in HELD:
            return None
        wanted = newest.intent.wanted
        again = takewhile(lambda write: write.intent.wanted == wanted, reversed(self.last_writes))
        found = (each.intent.previous for each in again if each.intent.previous != wanted)
        return HeldWrite(
            newest.number,
            wanted,
            next(found, newest.intent.previous),
            newest.intent.cause,
            newest.outcome.at,
            newest.outcome.outcome,
            newest.effect,
        )

    def _failed_writes(self) -> FailedWrites | None:
        failed = [
            write.outcome.at
            for write in takewhile(_has_failed, reversed(self.last_writes))
            if write.outcome is not None
        ]
        return FailedWrites(len(failed), failed[0]) if failed else None


def _has_failed(write: _Write) -> bool:
    return write.outcome is not None and write.outcome.outcome in FAILED


# --- what each kind of record adds ------------------------------------------------------------


def _observed(known: Recollection, _number: int, record: ObservationRecord) -> None:
    if record.is_reading:
        known.read_at = record.at


def _input_changed(known: Recollection, _number: int, record: InputRecord) -> None:
    if record.content is None:
        known.engine_inputs.pop(record.name, None)
    else:
        known.engine_inputs[record.name] = record.content


def _decided(known: Recollection, number: int, record: DecisionRecord) -> None:
    known.decision = PastDecision(number, record)


def _intended(known: Recollection, number: int, record: IntentRecord) -> None:
    write = PastWrite(record.at, record.wanted, record.previous, record.cause)
    if record.would:
        known.would_writes.append(write)
        return
    known.writes.append(write)
    known.open_write = _Write(number, record)
    known.last_writes.append(known.open_write)


def _was_sent(known: Recollection, _number: int, record: SentRecord) -> None:
    if known.open_write is not None and known.open_write.number == record.intent_id:
        known.open_write.sent_at = record.at


def _ended(known: Recollection, _number: int, record: OutcomeRecord) -> None:
    if known.open_write is not None and known.open_write.number == record.intent_id:
        known.open_write.outcome = record
        known.open_write.capability = known.capability
        known.open_write = None


def _showed(known: Recollection, _number: int, record: EffectRecord) -> None:
    if known.last_writes and known.last_writes[-1].number == record.intent_id:
        known.last_writes[-1].effect = record.effect


def _overridden(known: Recollection, _number: int, record: OverrideRecord) -> None:
    known.overrides.append(record)


def _hold_requested(known: Recollection, _number: int, record: HoldRecord) -> None:
    known.hold = record


def _occurred(known: Recollection, number: int, record: EventRecord) -> None:
    if record.action is Action.FIRMWARE_CHECK and record.state is Happened.FIRED:
        known.checks[number] = UnfinishedCheck(number, record.rule, record.at)


def _checked(known: Recollection, _number: int, record: FirmwareCheckRecord) -> None:
    if record.event_id is not None:
        known.checks.pop(record.event_id, None)


def _stored_rules(known: Recollection, _number: int, record: RuleFilesRecord) -> None:
    if known.rule_check is None:
        known.accepted.add(record.rules_hash)


def _checked_rules(known: Recollection, _number: int, record: RuleCheckRecord) -> None:
    known.rule_check = record
    known.accepted.add(record.rules_hash)


def _capability_changed(known: Recollection, _number: int, record: CapabilityRecord) -> None:
    known.capability = record


def _noted(known: Recollection, number: int, record: NoteRecord) -> None:
    known.notes[record.kind] = record.at
    match record.kind:
        case NoteKind.FIRMWARE_INSTALL:
            known.when_installing = known.capability
        case NoteKind.CLOCK_STEPPED:
            step = step_of(record.text)
            known.clock_step = PastClockStep(number, step)
            if NoteKind.BATTERY_RUN in known.notes:
                known.notes[NoteKind.BATTERY_RUN] += step
            for writes in (known.writes, known.would_writes):
                writes.extend([writes.popleft().shifted(step) for _ in range(len(writes))])


_ADDERS: dict[type, Callable[[Recollection, int, Any], None]] = {
    ObservationRecord: _observed,
    InputRecord: _input_changed,
    DecisionRecord: _decided,
    IntentRecord: _intended,
    SentRecord: _was_sent,
    OutcomeRecord: _ended,
    EffectRecord: _showed,
    OverrideRecord: _overridden,
    HoldRecord: _hold_requested,
    EventRecord: _occurred,
    FirmwareCheckRecord: _checked,
    CapabilityRecord: _capability_changed,
    NoteRecord: _noted,
    RuleCheckRecord: _checked_rules,
    RuleFilesRecord: _stored_rules,
}
