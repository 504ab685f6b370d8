"""In mid-run: what a state goes on from after a commit of which nobody knows whether it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from pretended import (
    AFTERNOON,
    EVERY_LEVER,
    EVERYDAY,
    FULL,
    MINUTE,
    POLL,
    UNREADABLE,
    Desk,
    local,
)

from rules.domain import Part
from rules.resolve import Levers
from scheduler import control
from scheduler.control import State, actions, events
from scheduler.control.applying import Applying
from scheduler.control.firmware import FirmwareCheck, Installation, Job
from scheduler.control.watchdog import Watchdog
from scheduler.domain import (
    Cause,
    Effect,
    OpenIntent,
    Outcome,
    OutcomeRecord,
    Past,
    PastGap,
    UnfinishedCheck,
)

TWO = local("14:00")
SECOND = timedelta(seconds=1)


def writing(levers: Levers | None = None) -> Desk:
    """A site whose write is on the wire."""
    desk = Desk(AFTERNOON, local("13:59"), past=Past())
    if levers is not None:
        desk.route = replace(desk.route, levers=levers)
    desk.unanswered.add(actions.Apply)
    desk.until(TWO + SECOND)
    assert desk.state.writing.sending is not None
    return desk


def restored(desk: Desk, past: Past | None = None) -> State:
    return control.restored(past or desk.past(), desk.state, desk.now)


def opened(desk: Desk) -> OpenIntent:
    found = desk.past().open_intent
    assert found is not None
    return found


def test_a_write_on_the_wire_goes_on() -> None:
    desk = writing()
    state = restored(desk)
    assert state.writing.sending == desk.state.writing.sending
    assert (state.writing.left_open, state.writing.applying) == (None, None)
    # What came of it is still to be told.
    desk.state = state
    desk.sets(FULL).take(events.Written(desk.now, desk.now, desk.route))
    desk.tick()
    assert [record.outcome for record in desk.records(OutcomeRecord)] == [Outcome.HELD]


@pytest.mark.parametrize(
    ("levers", "unreadable"),
    [(None, frozenset()), (UNREADABLE, frozenset({Part.GRID_CHARGING, Part.EXPORT}))],
)
def test_one_that_the_journal_knows_to_be_accepted_is_read_back(
    levers: Levers | None, unreadable: frozenset[Part]
) -> None:
    desk = writing(levers)
    intent = replace(opened(desk), sent_at=desk.now)
    state = restored(desk, replace(desk.past(), open_intent=intent))
    assert (state.writing.sending, state.writing.left_open) == (None, None)
    assert state.writing.applying == Applying(
        intent.number, FULL, EVERYDAY, Cause.TIME, desk.now, 2 * MINUTE, unreadable
    )


def test_one_that_is_being_read_back_goes_on() -> None:
    desk = writing()
    desk.take(events.Written(desk.now, desk.now, desk.route))
    applying = desk.state.writing.applying
    assert applying is not None
    state = restored(desk)
    assert (state.writing.applying, state.writing.left_open) == (applying, None)
    assert state.writing.sending is None


@pytest.mark.parametrize("accepted", [True, False])
def test_one_whose_outcome_is_journaled_is_over(accepted: bool) -> None:
    desk = writing()
    if accepted:
        desk.take(events.Written(desk.now, desk.now, desk.route))
    writes = restored(desk, replace(desk.past(), open_intent=None)).writing
    assert not writes.on_its_way


@pytest.mark.parametrize("accepted", [True, False])
def test_another_that_the_journal_knows_is_left_open(accepted: bool) -> None:
    desk = writing()
    if accepted:
        desk.take(events.Written(desk.now, desk.now, desk.route))
    other = replace(opened(desk), number=99)
    writes = restored(desk, replace(desk.past(), open_intent=other)).writing
    assert (writes.left_open, writes.sending, writes.applying) == (other, None, None)


def test_an_intent_of_which_this_state_knows_nothing_is_left_open() -> None:
    desk = writing()
    before = Desk(AFTERNOON, local("13:59"), past=Past()).until(local("13:59") + POLL)
    writes = control.restored(desk.past(), before.state, desk.now).writing
    assert writes.left_open == opened(desk)
    assert (writes.sending, writes.applying) == (None, None)


# --- what only this process knows -----------------------------------------------------------------


def test_readings_and_the_clock_are_kept_and_the_decision_is_looked_at_again() -> None:
    desk = Desk(AFTERNOON, local("13:30"), past=Past()).tick(3)
    state = restored(desk)
    for kept in ("observation", "requested_at", "clock", "run", "grid_up_since", "capabilities"):
        assert getattr(state, kept) == getattr(desk.state, kept)
    assert not state.recorded
    assert state.next_number == desk.state.next_number
    assert state.decisions.number == desk.state.decisions.number
    assert state.decisions.afresh


def test_a_stopped_battery_has_been_seen_since_then() -> None:
    desk = Desk(past=Past()).tick().sets(EVERYDAY, running=False).until(local("13:10"))
    seen = desk.state.watchdog
    assert seen.stopped_since is not None
    assert seen.tried_at is not None
    assert restored(desk).watchdog == seen
    assert restored(desk, Past()).watchdog == Watchdog(seen.stopped_since, None)


def test_the_readings_of_an_effect_go_on() -> None:
    desk = Desk(AFTERNOON, local("13:59"), past=Past()).until(local("14:01"))
    watched = desk.state.effects.watched
    assert watched is not None
    seen = replace(watched, shown=False, run=2, read_at=desk.now)
    desk.state = replace(desk.state, effects=replace(desk.state.effects, watched=seen))
    assert restored(desk).effects.watched == seen
    # What is journaled of it is for the journal to say, and another write is another matter.
    held = desk.past().held_write
    assert held is not None
    judged = replace(desk.past(), held_write=replace(held, effect=Effect.CONFIRMED))
    assert restored(desk, judged).effects.watched == replace(seen, verdict=Effect.CONFIRMED)
    other = replace(desk.past(), held_write=replace(held, number=99))
    assert restored(desk, other).effects.watched == replace(watched, intent_id=99)
    assert restored(desk, Past()).effects.watched is None


def test_somebody_s_change_is_respected_as_the_journal_says() -> None:
    desk = Desk(AFTERNOON, local("13:59"), past=Past()).until(local("14:10"))
    desk.sets(EVERYDAY).until(local("14:13"))
    override = desk.state.ownership.override
    assert override is not None
    assert restored(desk).ownership.override == override


def test_a_difference_that_was_seen_once_is_remembered() -> None:
    desk = Desk(AFTERNOON, local("13:59"), past=Past()).until(local("14:10"))
    desk.sets(EVERYDAY)
    while desk.state.ownership.suspect is None:
        desk.tick()
    assert restored(desk).ownership == desk.state.ownership
    held = desk.past().held_write
    assert held is not None
    another = replace(desk.past(), held_write=replace(held, wanted=EVERYDAY))
    assert restored(desk, another).ownership.suspect is None


@pytest.mark.parametrize(("event_id", "goes_on"), [(7, True), (8, False)])
def test_a_firmware_check_goes_on_where_it_was(event_id: int, goes_on: bool) -> None:
    desk = Desk(past=Past()).tick()
    job = Job(FirmwareCheck(7, "early", desk.now, started=True, next_read=desk.now + MINUTE))
    desk.state = replace(desk.state, job=job)
    unfinished = UnfinishedCheck(event_id, "early", desk.now)
    state = restored(desk, replace(desk.past(), unfinished_check=unfinished))
    assert state.job == (job if goes_on else Job(FirmwareCheck(8, "early", desk.now)))
    assert restored(desk).job == Job()  # by the journal it has ended


def test_an_installation_goes_on_where_it_was() -> None:
    desk = Desk(past=Past()).tick()
    job = Job(installation=Installation(7, "early", desk.now, "1.48.0", desk.now + MINUTE))
    desk.state = replace(desk.state, job=job)
    unfinished = UnfinishedCheck(7, "early", desk.now)
    assert restored(desk, replace(desk.past(), unfinished_check=unfinished)).job == job


def test_a_decision_that_did_not_reach_the_journal_is_made_again() -> None:
    desk = Desk(past=Past()).tick()
    decisions = restored(desk, Past()).decisions
    assert (decisions.last, decisions.at, decisions.number) == (None, None, None)
    assert restored(desk, Past()).read_at == desk.now


@pytest.mark.parametrize(("opens", "failures"), [(True, 1), (False, 0)])
def test_failures_before_an_open_write_are_not_forgotten(opens: bool, failures: int) -> None:
    desk = writing()
    past = desk.past() if opens else Past()
    failing = replace(desk.state.writing, failures=1, paused_until=desk.now + MINUTE)
    desk.state = replace(desk.state, writing=failing)
    writes = restored(desk, past).writing
    assert writes.failures == failures
    assert (writes.paused_until is not None) is opens


def test_what_was_tried_and_told_is_not_done_again() -> None:
    desk = Desk(past=Past()).tick()
    known = replace(
        desk.state.writing,
        probed=("1.49.0", None),
        refused=("1.49.0", "installer"),
        shadow=FULL,
        unrecorded_at=desk.now,
    )
    desk.state = replace(desk.state, writing=known)
    assert restored(desk).writing == known


def test_a_run_that_goes_on_does_not_look_first() -> None:
    desk = Desk(past=Past()).tick()
    lost = replace(desk.past(), gap=PastGap(None, desk.now, "lost"))
    assert not restored(desk, lost).writing.read_first
    assert restored(desk, lost).writing.lost_until == desk.now


def test_levers_that_were_learned_at_the_gateway_are_kept() -> None:
    desk = Desk(past=Past())
    desk.route = replace(desk.route, levers=EVERY_LEVER)
    desk.tick()
    assert restored(desk).decisions.plan.route == EVERY_LEVER
