"""The one write without a row: the safe state, while the journal takes none.

It is made only if the rules want the safe state now and nothing blocks it, after a reading and an
evaluation of its own, once an hour at most and never where nothing may be written. A write on its
way gives way to it: its intent is closed by what is true once there is room.
"""

from __future__ import annotations

from dataclasses import replace

from rules.engine import quantities
from scheduler.control import polling, writes
from scheduler.control.actions import Apply, Observe
from scheduler.control.draft import Draft
from scheduler.control.events import Seen, Unrecorded, Written
from scheduler.control.hold import in_force
from scheduler.control.reconcile import HOUR, WriteNow, reconcile
from scheduler.control.target import reports, safe_of
from scheduler.domain import Cause, NoteKind


def unrecorded(draft: Draft, event: Unrecorded) -> None:
    """A step could not be committed: see whether the safe state is worth a reading of its own."""
    if event.failure is not None and draft.silence is None:
        draft.silence = polling.Silence(event.failure.text, noted=False)
    last = draft.writing.unrecorded_at
    if draft.advising or (last is not None and abs(draft.at - last) < HOUR):
        return
    safe = safe_of(draft.terms.safety, draft.decisions.plan.permitted)
    known = event.reading or draft.observation
    if known is None or draft.writing.on_its_way or not reports(known, safe):
        draft.unrecorded = True
        draft.act(Observe(draft.capabilities.endpoints))


def seen(draft: Draft, event: Seen) -> None:
    """Write the safe state, if it is wanted and nothing blocks it."""
    draft.unrecorded = False
    if event.failure is not None:
        return
    observation, decisions = event.observation, draft.decisions
    evaluation = decisions.evaluate(observation, event.inputs, in_force(draft.last_hold), draft.at)
    decision = evaluation.decision
    situation = writes.outlook(draft, decision, observation).situation
    relies_on = quantities(decisions.plan, decision)
    verdict = reconcile(decision.setting, relies_on, Cause.TIME, situation)
    safe = safe_of(draft.terms.safety, decisions.plan.permitted)
    if not isinstance(verdict, WriteNow) or verdict.target != safe:
        return
    draft.writing = replace(draft.writing.let_go(draft.at), unrecorded_at=draft.at)
    draft.ownership = draft.ownership.nobodys()
    draft.effects = draft.effects.forgotten()
    draft.unrecorded = True
    draft.act(Apply(verdict.target))


def written(draft: Draft, event: Written) -> str:
    """What came of it, to be recorded once there is room."""
    draft.unrecorded = False
    safe = safe_of(draft.terms.safety, draft.decisions.plan.permitted)
    if event.failure is not None:
        return event.failure.text
    text = f"wrote {safe} at {draft.at:%H:%M} UTC without a row: it is the safe state"
    draft.pending_notes = (*draft.pending_notes, (NoteKind.UNRECORDED_WRITE, text))
    return text
