"""The writes of a tick: what became of the last, whether it shows, whether another is due.

A write that is read back is ours, and its effect is watched. Whether this account may write at all
is found out by writing back what is set, when the house is quiet and no write is due anyway.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from rules.domain import NOTHING, Observation, Quantity, Setting
from rules.engine import Decision, quantities
from scheduler.control import effect, override
from scheduler.control.actions import Apply, WriteBack
from scheduler.control.applying import (
    Concluded,
    accepted,
    advance,
    applying_of,
    recover,
)
from scheduler.control.draft import Draft
from scheduler.control.events import Failure, FailureKind, Written
from scheduler.control.reconcile import (
    Again,
    Blocked,
    Blocker,
    InStep,
    Situation,
    WriteNow,
    differs,
    probe,
    reconcile,
)
from scheduler.control.target import as_if, matches, target_of
from scheduler.control.writing import Sending
from scheduler.domain import (
    Cause,
    Effect,
    EffectRecord,
    IntentRecord,
    NoteKind,
    OpenIntent,
    Outcome,
    OutcomeRecord,
    OverrideEnd,
    PastWrite,
    SentRecord,
)

NOT_PERMITTED = (
    "this account may not write to the gateway, so nothing is written: the journal shows what would"
    " be written. Way out: the installer login on firmware before 1.50; on later firmware"
    ' route = "fleet" or "v1r" in pwsched.toml'
)

_WHOLE = (Quantity.MODE, Quantity.RESERVE, Quantity.RUNNING, Quantity.GRID)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a decision comes to against what is known of the gateway, which is what was `seen`."""

    decision: Decision
    seen: Observation
    differs: bool
    may_probe: bool

    @property
    def write_may_be_due(self) -> bool:
        """The setting has to be read in this tick."""
        return self.differs or self.may_probe


def seen_of(draft: Draft, observation: Observation) -> Observation:
    """What the gateway has, with the parts that cannot be read back as they were last accepted."""
    assumed = draft.writing.assumed
    return observation if assumed.empty else as_if(observation, assumed)


def outlook(draft: Draft, decision: Decision, observation: Observation) -> Outlook:
    """Whether something would have to be written, on what is known."""
    writing, plan = draft.writing, draft.decisions.plan
    seen = seen_of(draft, observation)
    if writing.shadow is not None and draft.advising:
        seen = as_if(seen, writing.shadow)
    written = differs(decision.setting, seen, plan.permitted, plan.limits, writing.again)
    return Outlook(decision, seen, written, _may_probe(draft, decision))


def situation_of(draft: Draft, view: Outlook) -> Situation:
    """What a write that may be due is held against."""
    terms, writing, advising = draft.terms, draft.writing, draft.advising
    unopposed = advising or view.decision.insists
    return Situation(
        now=draft.at,
        observation=view.seen,
        levers=draft.decisions.plan.permitted,
        safety=terms.safety,
        shows=draft.capabilities.shows,
        freshest=2 * draft.capabilities.paced(terms.poll),
        writes=writing.would_writes if advising else writing.writes,
        writes_a_day=draft.capabilities.writes_a_day,
        again=writing.again,
        paused_until=writing.paused_until,
        overridden="" if unopposed else draft.ownership.objection,
        updating=draft.job.installing,
        lost_until=writing.lost_until,
    )


def settle(draft: Draft, desired: Setting, observation: Observation) -> None:
    """Advance the write that is on its way, or close what an earlier run left open."""
    writing, now = draft.writing, draft.at
    if writing.left_open is not None:
        concluded = recover(writing.left_open, observation, draft.capabilities.levers.unreadable)
        if concluded is not None:
            _close_left_open(draft, writing.left_open, concluded)
    elif writing.applying is not None:
        applying = writing.applying
        concluded = advance(applying, observation, now)
        if concluded is None and _superseded(draft, desired, applying.wanted, observation):
            concluded = Concluded(Outcome.SUPERSEDED, f"now wanted: {desired}")
        if concluded is not None:
            _conclude(draft, applying.intent_id, applying.wanted, concluded)
            if concluded.in_effect:
                held = applying.intent_id, applying.wanted, applying.previous, applying.cause
                _is_held(draft, *held)


def judge(draft: Draft, observation: Observation) -> None:
    """See whose setting it is that the gateway reports, and whether it shows."""
    if draft.advising or draft.writing.on_its_way:
        return
    seen, now = seen_of(draft, observation), draft.at
    hold_max = draft.terms.safety.hold_max
    draft.ownership, record = override.judge(
        draft.ownership, seen, draft.capabilities, now, hold_max
    )
    if record is not None:
        draft.record(record)
    if draft.ownership.override is not None:
        draft.effects = draft.effects.forgotten()
    watched = draft.effects.watched
    if watched is not None:
        _judge_effect(draft, watched, seen)


def write_if_due(draft: Draft, view: Outlook, observation: Observation) -> bool:
    """Write if it is due and nothing blocks it. True when the gateway is in step."""
    writing = draft.writing
    if writing.on_its_way:
        return False
    if writing.read_first:
        read_first = any(observation.measured(quantity) is None for quantity in _WHOLE)
        draft.writing = replace(writing, read_first=read_first)
        return False
    if not view.write_may_be_due:
        _set_blockers(draft, ())
        return True
    decision, situation = view.decision, situation_of(draft, view)
    relies_on = quantities(draft.decisions.plan, decision)
    verdict = reconcile(decision.setting, relies_on, draft.decisions.cause, situation)
    if isinstance(verdict, Blocked):
        _report_blockers(draft, verdict)
        return False
    _set_blockers(draft, ())
    if isinstance(verdict, InStep):
        tried = probe(situation) if view.may_probe else None
        if tried is not None:
            _write(draft, tried)
        return True
    _write(draft, verdict)
    return False


def written(draft: Draft, event: Written) -> None:
    """A write has come back from the wire."""
    sending = draft.writing.sending
    if sending is None:
        return
    write, capabilities = sending.write, draft.capabilities
    if event.failure is not None:
        _failed(draft, sending, event.failure)
        return
    applying = applying_of(sending.intent_id, write, event.sent_at, capabilities)
    unreadable = capabilities.levers.unreadable
    assumed = accepted(draft.writing.assumed, write.target, unreadable)
    draft.writing = replace(draft.writing, sending=None, applying=applying, assumed=assumed)
    draft.record(SentRecord(event.sent_at, sending.intent_id))


def end_override(draft: Draft, end: OverrideEnd, detail: str = "") -> None:
    """End an override, if there is one."""
    respected = draft.ownership.override
    if respected is not None:
        draft.record(respected.ended(draft.at, end, detail))
        draft.ownership = draft.ownership.ended(end)


def _close_left_open(draft: Draft, opened: OpenIntent, concluded: Concluded) -> None:
    if opened.sent_at is None:
        # Nobody knows how far it got: what is reported may not be in effect.
        again = Again(opened.wanted, Cause.REPEAT)
        draft.writing = replace(draft.writing, again=again)
    _conclude(draft, opened.number, opened.wanted, concluded)
    if concluded.outcome is Outcome.RECOVERED_APPLIED and opened.sent_at is not None:
        _is_held(draft, opened.number, opened.wanted, opened.previous, opened.cause)


def _judge_effect(draft: Draft, watched: effect.WatchedWrite, observation: Observation) -> None:
    settling = timedelta(seconds=draft.capabilities.settling_time)
    now = draft.at
    disturbed = draft.job.on_its_way or not draft.capabilities.runs(observation)
    after, seen = effect.judge(watched, observation, now, settling, disturbed=disturbed)
    if seen is not None:
        contradicted = seen.effect is Effect.CONTRADICTED
        if contradicted and after.last_try and not after.alerted:
            advice = effect.advice(after.wanted, observation, draft.capabilities.caveats)
            text = (
                f"{after.wanted} was accepted and read back twice, but has no effect:"
                f" {seen.detail}. Nothing more is sent until the rules want something else;"
                f" {advice}"
            )
            draft.note(NoteKind.NO_EFFECT, text)
            after = replace(after, alerted=True)
        draft.record(EffectRecord(now, after.intent_id, after.wanted, seen.effect, seen.detail))
        if contradicted and (again := after.once_more()) is not None:
            draft.writing = replace(draft.writing, again=again)
    if after is not watched:
        draft.effects = replace(draft.effects, watched=after)


def _may_probe(draft: Draft, decision: Decision) -> bool:
    """Whether this account may write is to be found out, and now is a time at which it may be."""
    capabilities = draft.capabilities
    if capabilities.may_write is not None or draft.terms.dry_run or decision.setting.empty:
        return False
    if draft.writing.probed == (capabilities.firmware, capabilities.started):
        return False
    tariff = draft.decisions.plan.rules.almanac.tariff
    in_peak = tariff is not None and tariff.in_peak(draft.at)
    return not in_peak and not draft.job.on_its_way


def _write(draft: Draft, write: WriteNow) -> None:
    now, advising, decisions = draft.at, draft.advising, draft.decisions
    intent_id = draft.record(
        IntentRecord(
            now,
            decisions.number,
            write.previous,
            write.target,
            write.cause,
            decisions.reason,
            would=advising,
        )
    )
    past = PastWrite(now, write.target, write.previous, write.cause)
    if advising:
        draft.writing = draft.writing.would_write(past)
        why = "dry run" if draft.terms.dry_run else "no permission to write"
        _conclude(draft, intent_id, write.target, Concluded(Outcome.WOULD, why))
        return
    end_override(draft, OverrideEnd.WRITTEN_OVER)
    draft.ownership = draft.ownership.nobodys()
    draft.effects = draft.effects.forgotten()
    draft.writing = draft.writing.intended(past, Sending(intent_id, write))
    if write.cause is Cause.PROBE:
        probed = draft.capabilities.firmware, draft.capabilities.started
        draft.writing = replace(draft.writing, probed=probed)
        draft.act(WriteBack())
    else:
        draft.act(Apply(write.target, _left_out(write)))


def _left_out(write: WriteNow) -> Setting:
    """What the gateway has, so need not be sent; a write that is made again is sent whole."""
    made_again = write.cause in (Cause.REPEAT, Cause.NO_EFFECT)
    return NOTHING if made_again else write.previous


def _failed(draft: Draft, sending: Sending, failure: Failure) -> None:
    wanted = sending.write.target
    match failure.kind:
        case FailureKind.NOT_PERMITTED | FailureKind.REFUSED:
            outcome = Outcome.REFUSED
        case FailureKind.UNCERTAIN | FailureKind.UNREACHABLE:
            outcome = Outcome.UNREACHABLE
    if failure.kind is FailureKind.UNCERTAIN:
        draft.writing = replace(draft.writing, again=Again(wanted, Cause.REPEAT))
    _conclude(draft, sending.intent_id, wanted, Concluded(outcome, failure.text))
    if failure.kind is FailureKind.NOT_PERMITTED:
        # It has answered; whether it does again is for the route to say.
        draft.writing = replace(draft.writing, probed=None)
        _report_refused(draft)


def _is_held(
    draft: Draft, intent_id: int, wanted: Setting, previous: Setting, cause: Cause
) -> None:
    if draft.writing.shadow is not None:
        draft.writing = replace(draft.writing, shadow=None)
    draft.ownership = draft.ownership.ours(wanted, draft.at, draft.capabilities)
    draft.effects = draft.effects.held(intent_id, wanted, previous, cause, draft.at)


def _superseded(draft: Draft, desired: Setting, wanted: Setting, observation: Observation) -> bool:
    """A newer decision wants something else than the write on its way."""
    plan = draft.decisions.plan
    now_wanted = target_of(desired, as_if(observation, wanted), plan.permitted, plan.limits)
    return now_wanted is not None and not matches(now_wanted, wanted)


def _conclude(draft: Draft, intent_id: int, wanted: Setting, concluded: Concluded) -> None:
    outcome = concluded.outcome
    draft.record(OutcomeRecord(draft.at, intent_id, wanted, outcome, concluded.detail))
    draft.writing = draft.writing.concluded(outcome, draft.at, concluded.detail)


def _report_refused(draft: Draft) -> None:
    """Notify the owner once of what this account may not; a later try may say the same."""
    account = draft.capabilities.firmware, draft.capabilities.login
    if account != draft.writing.refused:
        draft.note(NoteKind.NOT_PERMITTED, NOT_PERMITTED)
        draft.writing = replace(draft.writing, refused=account)


def _report_blockers(draft: Draft, blocked: Blocked) -> None:
    """Journal why a write waits, once for each set of blockers that hold it."""
    reported = [each.text for each in draft.writing.blockers]
    _set_blockers(draft, blocked.blockers)
    texts = [each.text for each in blocked.blockers]
    if texts != reported:
        what = f"{blocked.target} is wanted" if blocked.target else "a write is wanted"
        draft.note(NoteKind.HELD_BACK, f"{what}, but {'; '.join(texts)}")


def _set_blockers(draft: Draft, blockers: tuple[Blocker, ...]) -> None:
    if blockers != draft.writing.blockers:
        draft.writing = replace(draft.writing, blockers=blockers)
