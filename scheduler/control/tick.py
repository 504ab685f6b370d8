"""One look at the site: observe, decide, advance what is being applied, bring, watch, record.

Level-triggered: every tick reads and computes from scratch, so a missed, a doubled and a late
wake-up are the same case. What went wrong in one tick is looked at again in the next; nothing is
retried inside a tick, and no tick waits for an effect.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rules.domain import Observation
from rules.engine import Decision, Memory, Plan, memory_to_json, out_of_reach
from rules.inputs import Inputs
from scheduler.control import jobs, owner, polling, route, writes
from scheduler.control.actions import Observe
from scheduler.control.deciding import DecisionState
from scheduler.control.draft import Draft
from scheduler.control.events import Seen, Woke
from scheduler.control.hold import cause_of_hold, in_force
from scheduler.control.installing import grid_up_since
from scheduler.control.polling import BEFORE_WRITING, EVERYTHING
from scheduler.control.reconcile import cause_of
from scheduler.domain import (
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
    given_of,
    levers_to_json,
    limits_to_json,
)

CLOCK_STEP = timedelta(seconds=60)
"""The wall clock moved by this much more or less than the monotonic one: somebody set it."""


def woke(draft: Draft, event: Woke) -> None:
    """A tick begins: ask for what is due."""
    _watch_clock(draft, event)
    draft.act(Observe(_due(draft)))


def seen(draft: Draft, event: Seen) -> None:
    """The gateway has answered: decide, and do what is due."""
    observation = _take_in(draft, event)
    decision = _decide(draft, observation, event.inputs)
    view = writes.outlook(draft, decision, observation)
    unread = [endpoint for endpoint in BEFORE_WRITING if draft.asked.get(endpoint) != draft.at]
    if unread and view.write_may_be_due:
        draft.act(Observe(frozenset(unread)))
        return
    writing, ownership = draft.writing, draft.ownership
    writes.settle(draft, decision.setting, observation)
    writes.judge(draft, observation)
    if draft.writing is not writing or draft.ownership is not ownership:
        view = writes.outlook(draft, decision, observation)
    if writes.bring(draft, view, observation):
        _in_step(draft)
    draft.grid_up_since = grid_up_since(draft.grid_up_since, observation, draft.at)
    jobs.advance(draft)
    jobs.watch_battery(draft, observation)
    record_route(draft)
    _record_observation(draft, observation)


def record_route(draft: Draft) -> None:
    """Record what is new of what the route allows."""
    capabilities = draft.capabilities
    zone = draft.thread.plan.rules.almanac.zone
    looked = route.check(draft.route, capabilities, zone, draft.at)
    draft.route = looked.route
    for record in looked.records:
        draft.record(record)
    if looked.assume is not None:
        draft.act(looked.assume)
        draft.capabilities = replace(capabilities, may_write=looked.assume.may_write)


def give(draft: Draft, inputs: Inputs) -> None:
    """Record what the engine is about to be given beside an observation."""
    plan = draft.thread.plan
    if inputs is draft.inputs and plan is draft.given_plan:
        return
    now = {
        **given_of(inputs),
        LEVERS: levers_to_json(plan.route),
        LIMITS: limits_to_json(plan.limits),
    }
    before, draft.given = draft.given, now
    if plan is not draft.given_plan:
        _tell_out_of_reach(draft, plan)
    draft.inputs, draft.given_plan = inputs, plan
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) != now.get(name):
            draft.record(InputRecord(draft.at, name, now.get(name)))


def _tell_out_of_reach(draft: Draft, plan: Plan) -> None:
    """Tell what the rules set and this route, or the owner's limits, leave undone."""
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
    if draft.unreachable is not None or draft.job.installing:
        return EVERYTHING  # what comes back may be another firmware
    due = polling.due(draft.asked, draft.at)
    if draft.ownership.suspect is not None:
        return due | BEFORE_WRITING | {Endpoint.STATUS}
    watched = draft.effects.watched
    if draft.writing.on_its_way or (watched is not None and watched.doubtful):
        return due | BEFORE_WRITING
    return due


def _take_in(draft: Draft, event: Seen) -> Observation:
    """What is known now; what the gateway did not answer is missing."""
    failure = event.failure
    if failure is not None and draft.unreachable is None:
        draft.unreachable = failure.text
        draft.note(NoteKind.UNREACHABLE, failure.text)
    elif failure is None and draft.unreachable is not None:
        draft.unreachable = None
        draft.note(NoteKind.REACHABLE, "the gateway answers again")
    draft.asked = {**draft.asked, **dict.fromkeys(event.endpoints, draft.at)}
    observation = polling.carried(draft.observation, event.observation, event.endpoints)
    draft.observation, draft.recorded, draft.reached = observation, False, True
    follow(draft, event.capabilities)
    return observation


def follow(draft: Draft, capabilities: Capabilities) -> None:
    """Take over what the route allows now; levers change with the firmware."""
    before, draft.capabilities = draft.capabilities, capabilities
    if capabilities.levers != before.levers:
        draft.thread = draft.thread.with_levers(capabilities.levers)


def _decide(draft: Draft, observation: Observation, inputs: Inputs) -> Decision:
    """Decide; a change is recorded with its reason in the step in which it is acted on."""
    owner.end_hold(draft)
    give(draft, inputs)
    thread, hold = draft.thread, in_force(draft.said)
    if thread.last is not None and thread.stands(observation, inputs, hold, draft.at):
        return thread.last
    evaluation = thread.evaluate(observation, inputs, hold, draft.at)
    decision = evaluation.decision
    jobs.act_on(draft, decision.occurrences)
    draft.thread = thread.after(evaluation)
    if evaluation.reason is not None:
        if thread.last is None or thread.last.setting != decision.setting:
            _find_cause(draft, thread, decision)
        _record_observation(draft, observation)
        _record_decision(draft, evaluation.memory)
    return decision


def _find_cause(draft: Draft, before: DecisionState, decision: Decision) -> None:
    """What made the desired setting change; at a time boundary no override is respected longer."""
    last = None if before.last is None or before.at is None else (before.last, before.at)
    by_owner = cause_of_hold(draft.said, before.hold, before.last, decision)
    cause = by_owner or cause_of(before.plan, last, decision, draft.at)
    draft.thread = replace(draft.thread, cause=cause)
    if cause is not Cause.TIME:
        return
    # A change that was not noticed yet is over with it too: what is there now is nobody's.
    draft.ownership = draft.ownership.nobodys()
    respected = draft.ownership.override
    if respected is not None and not respected.storm:
        writes.end_override(draft, OverrideEnd.BOUNDARY)


def _record_decision(draft: Draft, memory: Memory) -> None:
    thread = draft.thread
    if thread.last is None:
        raise ValueError("nothing was decided")
    record = DecisionRecord(
        draft.at,
        thread.last.setting,
        thread.last.winners,
        thread.plan.rules.digest,
        thread.reason,
        memory_to_json(memory),
        thread.cause,
    )
    draft.thread = replace(thread, number=draft.record(record))


def _record_observation(draft: Draft, observation: Observation) -> None:
    if not draft.recorded:
        draft.record(ObservationRecord(draft.at, observation))
        draft.recorded = True


def _in_step(draft: Draft) -> None:
    """The gateway has what is wanted: what differs from now on is another cause."""
    if draft.thread.cause is not Cause.DRIFT:
        draft.thread = replace(draft.thread, cause=Cause.DRIFT)


def _watch_clock(draft: Draft, event: Woke) -> None:
    """Notice that the wall clock was set; what is waited for takes as long as before."""
    before, draft.clock = draft.clock, (event.at, event.monotonic)
    if before is None:
        return
    step = (event.at - before[0]) - timedelta(seconds=event.monotonic - before[1])
    if abs(step) <= CLOCK_STEP:
        return
    text = f"the clock was set by {step.total_seconds():+.0f} s"
    draft.note(NoteKind.CLOCK_STEPPED, text)
    draft.writing = draft.writing.shifted(step)
    draft.ownership = draft.ownership.shifted(step)
    draft.effects = draft.effects.shifted(step)
    draft.job = draft.job.shifted(step)
    draft.watchdog = draft.watchdog.shifted(step)
