"""One tick: observe, decide, advance what is being applied, reconcile, watch, record.

Level-triggered: every tick reads and computes from scratch, so a missed, a doubled and a late
wake-up are the same case. What went wrong in one tick is evaluated again in the next; nothing
is retried inside a tick, and no tick waits for an effect.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rules.domain import NOTHING, Observation, Setting
from rules.engine import Decision, Memory, Plan, memory_to_json, out_of_reach
from rules.inputs import Inputs
from scheduler.control import jobs, owner, polling, route, writes
from scheduler.control.actions import Observe
from scheduler.control.deciding import DecisionState
from scheduler.control.draft import Draft
from scheduler.control.events import Failure, Seen, Woke
from scheduler.control.hold import cause_of_hold, in_force
from scheduler.control.installing import grid_up_since
from scheduler.control.polling import Silence, before_writing
from scheduler.control.reconcile import cause_of
from scheduler.control.target import too_much
from scheduler.domain import (
    CLOCK_STEP,
    LEVERS,
    LIMITS,
    Capabilities,
    Cause,
    DecisionRecord,
    Endpoint,
    InputRecord,
    NoteKind,
    ObservationRecord,
    OverrideEnd,
    inputs_to_json,
    levers_to_json,
    limits_to_json,
    step_in_words,
    whole_seconds,
)


def woke(draft: Draft, event: Woke) -> None:
    """A tick begins: ask for what is due."""
    _watch_clock(draft, event)
    draft.act(Observe(_due(draft)))


def seen(draft: Draft, event: Seen) -> None:
    """The gateway has answered: decide, and do what is due."""
    observation = _take_in(draft, event)
    decision = _decide(draft, observation, event.inputs)
    view = writes.outlook(draft, decision, observation)
    needed = _needed(draft, decision.setting)
    unread = [endpoint for endpoint in needed if draft.requested_at.get(endpoint) != draft.at]
    if unread and view.write_may_be_due:
        draft.act(Observe(frozenset(unread)))
        return
    writing, ownership = draft.writing, draft.ownership
    writes.settle(draft, decision.setting, observation)
    writes.judge(draft, observation)
    if draft.writing is not writing or draft.ownership is not ownership:
        view = writes.outlook(draft, decision, observation)
    if writes.write_if_due(draft, view, observation):
        _in_step(draft)
    draft.grid_up_since = grid_up_since(draft.grid_up_since, observation, draft.at)
    jobs.advance(draft)
    jobs.watch_battery(draft, observation)
    record_route(draft)
    _record_observation(draft, observation)


def record_route(draft: Draft) -> None:
    """Record what is new of what the route allows."""
    capabilities = draft.capabilities
    zone = draft.decisions.plan.rules.almanac.zone
    checked = route.check(draft.route, capabilities, zone, draft.at)
    draft.route = checked.route
    for record in checked.records:
        draft.record(record)
    if checked.assume is not None:
        draft.act(checked.assume)
        draft.capabilities = replace(capabilities, may_write=checked.assume.may_write)


def record_inputs(draft: Draft, inputs: Inputs) -> None:
    """Record the engine inputs beside an observation."""
    plan = draft.decisions.plan
    if inputs is draft.inputs and plan is draft.engine_plan:
        return
    now = {
        **inputs_to_json(inputs),
        LEVERS: levers_to_json(plan.route),
        LIMITS: limits_to_json(plan.limits),
    }
    before, draft.engine_inputs = draft.engine_inputs, now
    if plan is not draft.engine_plan:
        _report_out_of_reach(draft, plan)
    draft.inputs, draft.engine_plan = inputs, plan
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            draft.record(InputRecord(draft.at, name, now.get(name)))


def _report_out_of_reach(draft: Draft, plan: Plan) -> None:
    """Report what the rules set and this route, or the owner's limits, leave undone."""
    sentences = tuple(
        f"{rule}: {shortfall}"
        for rule, shortfalls in out_of_reach(plan).items()
        for shortfall in shortfalls
    )
    if sentences == draft.out_of_reach:
        return
    draft.out_of_reach = sentences
    for sentence in sentences:
        draft.note(NoteKind.OUT_OF_REACH, sentence)


def _due(draft: Draft) -> frozenset[Endpoint]:
    if draft.silence is not None or draft.job.installing:
        return draft.capabilities.endpoints  # what comes back may be another firmware
    due = polling.due(draft.requested_at, draft.capabilities, draft.at)
    last = draft.decisions.last
    needed = _needed(draft, NOTHING if last is None else last.setting)
    if draft.ownership.suspect is not None:
        return due | needed | {Endpoint.STATUS}
    watched = draft.effects.watched
    if draft.writing.on_its_way or (watched is not None and watched.doubtful):
        return due | needed
    return due


def _needed(draft: Draft, desired: Setting) -> frozenset[Endpoint]:
    """What must be read before anything of this is written, and to read it back."""
    concerned = desired.over(draft.writing.awaited)
    if draft.observation is not None:
        concerned = concerned.over(too_much(draft.observation, draft.decisions.plan.limits))
    return before_writing(draft.capabilities, concerned)


def _take_in(draft: Draft, event: Seen) -> Observation:
    """What is known now; what the gateway did not answer is missing."""
    if event.failure is None:
        _end_silence(draft)
    else:
        fall_silent(draft, event.failure)
    draft.requested_at = {**draft.requested_at, **dict.fromkeys(event.endpoints, draft.at)}
    observation = polling.carried(draft.observation, event.observation, event.endpoints)
    draft.observation, draft.recorded = observation, False
    update_capabilities(draft, event.capabilities)
    return observation


def fall_silent(draft: Draft, failure: Failure) -> None:
    """Nothing can be read: a note tells when that begins, or a run in it, the state always why."""
    if draft.silence is None or not draft.silence.why:
        draft.note(NoteKind.UNREACHABLE, failure.text)
    else:
        _catch_up(draft, draft.silence)
    draft.silence = Silence(failure.text)


def _end_silence(draft: Draft) -> None:
    """Something was read; a note tells it if nothing was before."""
    silence, since, draft.read_at = draft.silence, draft.read_at, draft.at
    if silence is None:
        return
    _catch_up(draft, silence)
    draft.silence = None
    length = "" if since is None else f"; nothing was read since {since:%Y-%m-%d %H:%M} UTC"
    draft.note(NoteKind.REACHABLE, f"the gateway answers again{length}")


def _catch_up(draft: Draft, silence: Silence) -> None:
    """Tell of a silence that began while the journal took no row."""
    if not silence.noted:
        draft.note(NoteKind.UNREACHABLE, silence.why)


def update_capabilities(draft: Draft, capabilities: Capabilities) -> None:
    """Take over what the route allows now; levers change with the firmware."""
    before, draft.capabilities = draft.capabilities, capabilities
    if capabilities.levers != before.levers:
        draft.decisions = draft.decisions.with_levers(capabilities.levers)


def _decide(draft: Draft, observation: Observation, inputs: Inputs) -> Decision:
    """Decide; a change is recorded with its reason in the step in which it is acted on."""
    owner.end_hold(draft)
    record_inputs(draft, inputs)
    decisions, hold = draft.decisions, in_force(draft.last_hold)
    if decisions.last is not None and decisions.stands(observation, inputs, hold, draft.at):
        return decisions.last
    evaluation = decisions.evaluate(
        observation, inputs, hold, draft.at, says_why=draft.terms.says_why
    )
    decision = evaluation.decision
    jobs.act_on(draft, decision.occurrences)
    draft.decisions = decisions.after(evaluation)
    if evaluation.reason is not None:
        if decisions.last is None or decisions.last.setting != decision.setting:
            _find_cause(draft, decisions, decision)
        _record_observation(draft, observation)
        _record_decision(draft, evaluation.memory)
    return decision


def _find_cause(draft: Draft, before: DecisionState, decision: Decision) -> None:
    """What made the desired setting change; at a time boundary no override is respected longer."""
    last = None if before.last is None or before.at is None else (before.last, before.at)
    by_owner = cause_of_hold(draft.last_hold, before.hold, before.last, decision)
    cause = by_owner or cause_of(before.plan, last, decision, draft.at)
    draft.decisions = replace(draft.decisions, cause=cause)
    if cause is not Cause.TIME:
        return
    # A change that was not noticed yet is over with it too: what is there now is nobody's.
    draft.ownership = draft.ownership.nobodys()
    respected = draft.ownership.override
    if respected is not None and not respected.storm:
        writes.end_override(draft, OverrideEnd.BOUNDARY)


def _record_decision(draft: Draft, memory: Memory) -> None:
    decisions = draft.decisions
    if decisions.last is None:
        raise ValueError("nothing was decided")
    record = DecisionRecord(
        draft.at,
        decisions.last.setting,
        decisions.last.winners,
        decisions.plan.rules.digest,
        decisions.reason,
        memory_to_json(memory),
        decisions.cause,
    )
    draft.decisions = replace(decisions, number=draft.record(record))


def _record_observation(draft: Draft, observation: Observation) -> None:
    if not draft.recorded:
        draft.record(ObservationRecord(draft.at, observation))
        draft.recorded = True


def _in_step(draft: Draft) -> None:
    """The gateway has what is wanted: what differs from now on is another cause."""
    if draft.decisions.cause is not Cause.DRIFT:
        draft.decisions = replace(draft.decisions, cause=Cause.DRIFT)


def _watch_clock(draft: Draft, event: Woke) -> None:
    """Notice that the wall clock was set; what is waited for takes as long as before.

    What the caps count is counted on over the smallest step, too.
    """
    before, draft.clock = draft.clock, (event.at, event.monotonic)
    if before is None:
        draft.writing = draft.writing.clamped(event.at)
        return
    step = (event.at - before[0]) - timedelta(seconds=event.monotonic - before[1])
    if not step:
        return
    draft.writing = draft.writing.counted_on(step)
    unnoted, at_once = draft.unnoted_step + step, abs(step) > CLOCK_STEP
    if abs(unnoted) > CLOCK_STEP:
        told = step if at_once else unnoted
        draft.note(
            NoteKind.CLOCK_STEPPED, step_in_words(told, "" if at_once else " in small steps")
        )
        unnoted -= whole_seconds(told)
    draft.unnoted_step = unnoted
    if not at_once:
        return
    draft.read_at = draft.read_at and draft.read_at + step
    draft.writing = draft.writing.shifted(step)
    draft.ownership = draft.ownership.shifted(step)
    draft.effects = draft.effects.shifted(step)
    draft.job = draft.job.shifted(step)
    draft.watchdog = draft.watchdog.shifted(step)
    draft.route = draft.route.shifted(step)
