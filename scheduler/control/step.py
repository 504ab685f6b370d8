"""The controller: one site's whole policy, as a function from a state and an event to a step."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rules.domain import Observation
from rules.inputs import Inputs
from scheduler.control import emergency, jobs, owner, route, tick, writes
from scheduler.control.actions import Wake
from scheduler.control.draft import Draft
from scheduler.control.events import (
    BatteryRunRequested,
    CheckStarted,
    Connected,
    Event,
    FirmwareRead,
    Hold,
    InstallRequested,
    OccurredBefore,
    Release,
    Reloaded,
    ReloadFailed,
    Reported,
    Resume,
    RulesChecked,
    Seen,
    Stopped,
    Unrecorded,
    Woke,
    Written,
)
from scheduler.control.hold import in_force
from scheduler.control.state import Reply, State, Step
from scheduler.domain import RuleFilesRecord, RunStart


def step(state: State, event: Event | OccurredBefore) -> Step:
    """What an event makes of a state, what is to be recorded of it, and what is to be done."""
    if isinstance(event, OccurredBefore):
        draft = Draft(state, state.decisions.memory.since)
        draft.occurred = state.occurred | event.occurrences
        return draft.finished()
    draft = Draft(state, event.at)
    return draft.finished(_take(draft, event))


def next_wake(state: State, now: datetime) -> Wake:
    """When to wake the controller next, as of a tick at `now`."""
    poll = state.capabilities.paced(state.terms.poll).total_seconds()
    applying, soonest = state.writing.applying, state.job.next_step()
    if applying is not None:
        read_back = applying.next_read_back(now)
        soonest = read_back if soonest is None else min(soonest, read_back)
    last = state.decisions.last
    return Wake(poll, soonest, None if last is None else last.until)


def quiet(state: State, observation: Observation, inputs: Inputs, now: datetime) -> bool:
    """A tick at `now` on this observation would decide nothing new, write nothing and ask nothing.

    For simulations and backtests, which may skip such a tick; not where effects, or who changed a
    setting, are to be judged, since skipped readings do not count. The observation has every field.
    """
    before = state.observation
    return (
        at_rest(state)
        and before is not None
        and observation.mode is before.mode
        and observation.reserve == before.reserve
        and observation.grid is before.grid
        and observation.running is True
        and observation.grid_charging is before.grid_charging
        and observation.export is before.export
        and state.decisions.stands(observation, inputs, in_force(state.last_hold), now)
    )


def at_rest(state: State) -> bool:
    """Nothing is on its way, waited for or in doubt: what comes next comes of another reading."""
    writing = state.writing
    return (
        not writing.on_its_way
        and not writing.blockers
        and not writing.failures
        and state.ownership.override is None
        and state.ownership.suspect is None
        and not state.job.on_its_way
        and state.watchdog.stopped_since is None
        and state.silence is None
        and not state.pending_notes
        and state.capabilities.may_write is True
    )


def _take(draft: Draft, event: Event) -> Reply:
    """What each kind of event leads to."""
    match event:
        case Woke():
            draft.add_notes(draft.pending_notes)
            draft.pending_notes = ()
            tick.woke(draft, event)
        case Seen() if draft.unrecorded:
            emergency.seen(draft, event)
        case Seen():
            tick.seen(draft, event)
        case Written() if draft.unrecorded and draft.writing.sending is None:
            return emergency.written(draft, event)
        case Unrecorded():
            emergency.unrecorded(draft, event)
        case Connected():
            _begin_run(draft, event)
        case Reported():
            draft.add_notes(event.notes)
        case Stopped():
            owner.stop(draft, event.reason)
        case Hold() | Release() | Resume() | Reloaded() | ReloadFailed() | RulesChecked():
            return _request(draft, event)
        case _:
            _result_of_action(draft, event)
    return None


def _request(
    draft: Draft, event: Hold | Release | Resume | Reloaded | ReloadFailed | RulesChecked
) -> Reply:
    """A request, served between two ticks."""
    match event:
        case Hold():
            return owner.hold(draft, event)
        case Release():
            return owner.release(draft, event)
        case Resume():
            return owner.resume(draft, event)
        case Reloaded():
            return owner.reloaded(draft, event)
        case RulesChecked():
            owner.record_check(draft, event.check)
            return None
    return owner.reload_failed(draft, event)


def _result_of_action(
    draft: Draft,
    event: Written | BatteryRunRequested | CheckStarted | FirmwareRead | InstallRequested,
) -> None:
    """What came of an action."""
    match event:
        case BatteryRunRequested():
            return jobs.battery_asked(draft, event)
        case CheckStarted():
            return jobs.check_started(draft, event)
    tick.update_capabilities(draft, event.capabilities)
    match event:
        case Written():
            writes.written(draft, event)
        case FirmwareRead():
            jobs.firmware_read(draft, event)
        case InstallRequested():
            jobs.install_asked(draft, event)
    return tick.record_route(draft)


def _begin_run(draft: Draft, event: Connected) -> None:
    """The first contact was made, or missed: a run begins."""
    tick.update_capabilities(draft, event.capabilities)
    terms, rules = draft.terms, draft.decisions.plan.rules
    draft.run = 0
    draft.run = draft.record(
        RunStart(draft.at, terms.version, terms.process, terms.dry_run, rules.digest)
    )
    draft.add_notes(draft.pending_notes)
    draft.pending_notes = ()
    draft.record(RuleFilesRecord(draft.at, rules.digest, rules.sources.to_json()))
    contact = route.at_contact(draft.route, event.capabilities, draft.at)
    draft.route = contact.route
    if contact.assume is not None:
        draft.act(contact.assume)
        known = replace(draft.capabilities, may_write=contact.assume.may_write)
        draft.capabilities = known
    if draft.advising and draft.writing.would_writes:
        shadow = draft.writing.would_writes[-1].wanted
        draft.writing = replace(draft.writing, shadow=shadow)
    tick.record_route(draft)
    if event.failure is not None:
        tick.fall_silent(draft, event.failure)
