"""A controller's state from what is known of the past: after a restart, and after a failed commit.

What is true is for the journal to say. What it cannot know (the readings at hand, since when the
battery was seen stopped) is taken from the state before, where this process has one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rules.engine import RuleSet
from scheduler.control.actions import LeaveBattery
from scheduler.control.applying import Applying, applying_of, pause_after
from scheduler.control.deciding import DecisionState
from scheduler.control.effect import Effects, WatchedWrite
from scheduler.control.firmware import (
    BEGIN_AGAIN,
    DEADLINE,
    LONGEST_INSTALL,
    FirmwareCheck,
    Installation,
    Job,
)
from scheduler.control.hold import in_force
from scheduler.control.override import Override, Owned, Ownership
from scheduler.control.polling import Silence
from scheduler.control.reconcile import HOUR, Again
from scheduler.control.state import State, Step, Terms
from scheduler.control.target import only
from scheduler.control.watchdog import Watchdog
from scheduler.control.writing import Sending, Writing
from scheduler.domain import (
    CLOCK_STEP,
    Capabilities,
    Cause,
    Effect,
    NoteKind,
    OpenIntent,
    OverrideEnd,
    OverrideRecord,
    OverrideState,
    Past,
    levers_from_json,
    step_in_words,
    whole_seconds,
)


def begin(
    past: Past, terms: Terms, rules: RuleSet, capabilities: Capabilities, at: datetime
) -> Step:
    """A run is about to begin: what an earlier one left in the journal is restored.

    `capabilities` are what is known of the route before the first contact. A battery that an
    installation of an earlier run has stopped is to be left alone.
    """
    decisions = DecisionState.begin(rules, capabilities.levers, terms.safety.limits, at)
    fresh = State(terms, capabilities, decisions, silence=_silence(past))
    state = _clock_set_back(_state(fresh, past, at), at)
    installing = state.job.installation is not None or _installing_since(past, at) is not None
    if terms.dry_run or not installing:
        return Step(state)
    return Step(state, (), (LeaveBattery(LONGEST_INSTALL.total_seconds()),))


def restored(past: Past, before: State, at: datetime) -> State:
    """The state after a commit of which nobody knows whether it reached the disk."""
    noted = past.clock_step
    if noted is not None and noted.number >= before.next_number:
        # The note is in the journal, but the wake-up that made it is not in the state.
        before = replace(before, unnoted_step=before.unnoted_step - noted.step)
    state = _state(before, past, at)
    opened = past.open_intent
    sending, applying = before.writing.sending, before.writing.applying
    if opened is not None and sending is not None and sending.intent_id == opened.number:
        sent = _as_sent(opened, sending, before)
        kept = replace(
            state.writing, left_open=None, applying=sent, sending=None if sent else sending
        )
        state = replace(state, writing=kept)
    elif opened is not None and applying is not None and applying.intent_id == opened.number:
        state = replace(state, writing=replace(state.writing, left_open=None, applying=applying))
    return state


def _clock_set_back(state: State, at: datetime) -> State:
    """Writes from the future: the clock was set back while nobody saw it.

    The newest counts as made now. A note says so, or every further start would let it begin anew.
    """
    writing = state.writing
    newest = max(
        (each[-1].at for each in (writing.writes, writing.would_writes) if each), default=at
    )
    step = whole_seconds(at - newest)
    if step >= -CLOCK_STEP:
        return state
    text = step_in_words(step, " at least, while no daemon ran")
    notes = (*state.pending_notes, (NoteKind.CLOCK_STEPPED, text))
    return replace(state, writing=writing.writes_shifted(step), pending_notes=notes)


def _state(before: State, past: Past, at: datetime) -> State:
    """What the journal says, and the rest as it was before."""
    unrecorded = _unrecorded(past, before)
    effects = Effects() if unrecorded else _effects(past, before.effects, at)
    ownership = _ownership(past, before.ownership, before.capabilities, at)
    if unrecorded:
        ownership = ownership.nobodys()
    known = past.capability
    route = replace(
        before.route, known=known, levers=None if known is None else levers_from_json(known.levers)
    )
    return replace(
        before,
        decisions=_decisions(past, before.decisions),
        next_number=past.next_number,
        read_at=before.read_at or (past.read_at and min(past.read_at, at)),
        last_hold=past.hold,
        recorded=False,
        engine_inputs=past.engine_inputs,
        engine_plan=None,
        writing=_writing(past, before, effects, at),
        ownership=ownership,
        effects=effects,
        job=_job(past, before, at),
        watchdog=Watchdog(before.watchdog.stopped_since, _battery_run_tried_at(past, before, at)),
        route=route,
    )


def _battery_run_tried_at(past: Past, before: State, at: datetime) -> datetime | None:
    """When the battery was last asked to run; now, if that is still to come by a clock set back."""
    journaled, known = past.last_notes.get(NoteKind.BATTERY_RUN), before.watchdog.tried_at
    if journaled is None:
        return None
    if journaled > at:
        return at if known is None else known
    return journaled if known is None else max(known, journaled)


def _silence(past: Past) -> Silence | None:
    """A silence of which the journal knows the beginning and no end."""
    notes = past.last_notes
    began, ended = notes.get(NoteKind.UNREACHABLE), notes.get(NoteKind.REACHABLE)
    if began is None or (ended is not None and ended >= began):
        return None
    return Silence("")


def _decisions(past: Past, before: DecisionState) -> DecisionState:
    fresh = replace(before, last=None, at=None, number=None, hold=in_force(past.hold))
    if past.decision is None:
        return fresh
    lost_until = None if past.gap is None else past.gap.until
    decisions = fresh.restored(past.decision.record, lost_until)
    return replace(decisions, number=past.decision.number)


def _writing(past: Past, before: State, effects: Effects, at: datetime) -> Writing:
    failed, gap, known, held = past.failed_writes, past.gap, past.capability, past.held_write
    watched = effects.watched
    again = None
    if past.uncertain_write is not None:
        again = Again(past.uncertain_write, Cause.REPEAT)
    elif watched is not None and watched.verdict is Effect.CONTRADICTED:
        again = watched.once_more()
    refused = before.writing.refused
    if known is not None and known.may_write is False:
        refused = known.firmware, known.login
    writing = Writing(
        left_open=past.open_intent,
        again=again,
        probed=before.writing.probed,
        refused=refused,
        shadow=before.writing.shadow,
        writes=past.writes,
        would_writes=past.would_writes,
        lost_until=None if gap is None else gap.until,
        read_first=gap is not None and abs(at - gap.until) < HOUR and not before.run,
        unrecorded_at=before.writing.unrecorded_at,
    ).writes_shifted(before.unnoted_step)
    if failed is not None:
        kept, paused_until = before.writing, min(failed.at, at) + pause_after(failed.count)
        failure = ""
        if kept.failures == failed.count:  # counted on, if the clock was set since
            failure, paused_until = kept.failure, kept.paused_until or paused_until
        writing = replace(
            writing, failures=failed.count, failure=failure, paused_until=paused_until
        )
    elif past.open_intent is not None:  # failures before it are not in the journal
        kept = before.writing
        writing = replace(
            writing,
            failures=kept.failures,
            failure=kept.failure,
            paused_until=kept.paused_until,
        )
    if held is not None:
        assumed = only(held.wanted, before.capabilities.levers.unreadable)
        writing = replace(writing, assumed=assumed)
    return writing


def _ownership(
    past: Past, before: Ownership, capabilities: Capabilities, at: datetime
) -> Ownership:
    owned, override, ran_out = None, None, None
    held, then = past.held_write, past.capability_when_held
    if held is not None:
        # Of the gateway that held it; one that has begun anew since is another.
        firmware, started = (then.firmware, then.started) if then else (None, None)
        owned = Owned(held.wanted, held.at, firmware, started)
    for record in past.overrides:
        if record.state is OverrideState.BEGAN:
            override = _began(record, at)
        else:
            ran_out = override if record.end is OverrideEnd.RAN_OUT else None
            override = None
    last = past.overrides[-1] if past.overrides else None
    # Nothing is held between its beginning and its end, whatever the clock said at either.
    since = min((record.at for record in past.overrides), default=at)
    if last is not None and (override or owned is None or owned.since <= since):
        # What was held before it is ours no longer, unless somebody has put it back.
        set_back = last.end is OverrideEnd.SET_BACK
        firmware, started = capabilities.firmware, capabilities.started
        owned = Owned(last.ours, last.at, firmware, started) if set_back else None
    doubtful = False
    if past.gap is not None:
        if owned is not None and owned.since <= past.gap.until:
            owned = None
        doubtful = override is not None and override.began <= past.gap.until
    if owned is not None:  # a clock that was set back puts nothing into the future
        owned = replace(owned, since=min(owned.since, at))
    suspect = before.suspect if owned is not None and owned == before.owned else None
    return Ownership(owned, suspect, override, ran_out, doubtful)


def _unrecorded(past: Past, before: State) -> bool:
    """The safe state was written without a row after what the journal knows as held."""
    told, written = past.last_notes.get(NoteKind.UNRECORDED_WRITE), before.writing.unrecorded_at
    newest = max((at for at in (told, written) if at is not None), default=None)
    return past.held_write is not None and newest is not None and past.held_write.at <= newest


def _began(record: OverrideRecord, at: datetime) -> Override:
    """An override from its row: as long as ever, where the clock was set back since."""
    began = min(record.at, at)
    return Override(record.ours, record.found, began, began + (record.until - record.at))


def _effects(past: Past, before: Effects, at: datetime) -> Effects:
    held = past.held_write
    if held is None:
        return Effects()
    last_try = held.cause is Cause.NO_EFFECT
    watched = WatchedWrite(
        held.number,
        held.wanted,
        held.previous,
        min(held.at, at),
        verdict=held.effect,
        last_try=last_try,
        alerted=last_try and held.effect is not None,
    )
    seen = before.watched
    if seen is not None and seen.intent_id == watched.intent_id:
        watched = replace(watched, shown=seen.shown, run=seen.run, read_at=seen.read_at)
    return Effects(watched, (held.wanted, held.previous))


def _job(past: Past, before: State, at: datetime) -> Job:
    unfinished = past.unfinished_check
    if before.terms.dry_run or unfinished is None:
        return Job()
    job = before.job
    known = job.installation or job.check
    if known is not None and known.event_id == unfinished.event_id:
        return job
    asked = _installing_since(past, at)
    within = BEGIN_AGAIN if asked is None else LONGEST_INSTALL + DEADLINE
    if at - unfinished.at > within:
        return Job()
    event_id, rule = unfinished.event_id, unfinished.rule
    if asked is None:
        return Job(FirmwareCheck(event_id, rule, at))
    then = past.capability_when_installing
    firmware = then.firmware if then else None
    return Job(installation=Installation(event_id, rule, asked, firmware, at))


def _installing_since(past: Past, at: datetime) -> datetime | None:
    """When an installation was requested that has not ended by the journal."""
    asked, unfinished = past.last_notes.get(NoteKind.FIRMWARE_INSTALL), past.unfinished_check
    if asked is None or unfinished is None or abs(at - asked) >= LONGEST_INSTALL:
        return None
    return asked if at - unfinished.at <= LONGEST_INSTALL + DEADLINE else None


def _as_sent(opened: OpenIntent, sending: Sending, before: State) -> Applying | None:
    """The write on the wire as one that was accepted, if the journal says that it was."""
    if opened.sent_at is None:
        return None
    return applying_of(opened.number, sending.write, opened.sent_at, before.capabilities)
