"""The safe state without a row: when the journal takes none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pretended import (
    AFTERNOON,
    AWAY,
    BASE,
    EVERYDAY,
    FULL,
    HOUR,
    MINUTE,
    POLL,
    ROUTE,
    SELF,
    TERMS,
    Desk,
    local,
)

from rules.domain import AppPercent, Setting
from scheduler.control import Terms, actions, events
from scheduler.domain import (
    Capabilities,
    Cause,
    NoteKind,
    OutcomeRecord,
    Past,
    PastWrite,
    SentRecord,
)

ONE = local("13:00")
ELSEWHERE = Setting(SELF, 60)
ALWAYS = BASE + "\n[[rule]]\nname='x'\nwhile={grid='down'}\nset={reserve=50}\n"
"""As long as the grid is up the safe state is wanted."""

LOOK = actions.Observe(Capabilities("").endpoints)
SAFE = actions.Apply(EVERYDAY)


def failing(
    rules: str = ALWAYS,
    *,
    terms: Terms = TERMS,
    route: Capabilities = ROUTE,
    past: Past | None = None,
) -> Desk:
    """A site that has looked once; its gateway is not in the safe state, by the last reading."""
    desk = Desk(rules, ONE, terms=terms, route=route, past=past or Past()).tick()
    return elsewhere(desk)


def elsewhere(desk: Desk) -> Desk:
    desk.sets(ELSEWHERE)
    known = replace(desk.state.observation or desk.world, reserve=AppPercent(60.0))
    desk.state = replace(desk.state, observation=known)
    return desk


def unrecorded(desk: Desk) -> list[actions.Action]:
    """What is wanted because a step could not be committed; nothing of it is recorded."""
    rows, before = len(desk.rows), len(desk.done)
    desk.take(events.Unrecorded(desk.now))
    assert len(desk.rows) == rows
    return [action for _, action in desk.done[before:]]


def test_the_safe_state_is_looked_for_and_written() -> None:
    desk = failing()
    assert unrecorded(desk) == [LOOK, SAFE]
    assert desk.state.writing.unrecorded_at == desk.now


@pytest.mark.parametrize(
    ("terms", "route"),
    [
        (replace(TERMS, dry_run=True), ROUTE),
        (TERMS, replace(ROUTE, may_write=False)),
    ],
)
def test_where_nothing_may_be_written_nothing_is(terms: Terms, route: Capabilities) -> None:
    assert unrecorded(failing(terms=terms, route=route)) == []


def test_what_was_last_seen_to_be_safe_is_left_alone() -> None:
    assert unrecorded(Desk(ALWAYS, ONE, past=Past()).tick()) == []


def test_it_is_looked_for_where_nothing_was_read_yet() -> None:
    desk = failing()
    desk.state = replace(desk.state, observation=None)
    assert unrecorded(desk) == [LOOK, SAFE]


@pytest.mark.parametrize(
    ("rules", "world"),
    [
        (AFTERNOON.replace("14:00", "12:00"), {}),  # the rules want something else
        (ALWAYS, {"reserve": AppPercent(20.0)}),  # it is there after all
        # what blocks any write
        (ALWAYS, {"running": False}),
        (ALWAYS, {"grid_services": True}),
        (ALWAYS, {"grid": None}),
        (ALWAYS, {"mode": None}),
    ],
)
def test_it_is_written_only_where_it_is_wanted_and_nothing_blocks_it(
    rules: str, world: dict[str, Any]
) -> None:
    desk = failing(rules)
    desk.world = replace(desk.world, **world)
    assert unrecorded(desk) == [LOOK]
    assert desk.state.writing.unrecorded_at is None


def test_the_caps_hold_for_it_too() -> None:
    made = tuple(PastWrite(ONE - MINUTE, FULL, EVERYDAY, Cause.TIME) for _ in range(6))
    assert unrecorded(failing(past=Past(writes=made))) == [LOOK]


def test_a_gateway_that_does_not_answer_is_not_written_to() -> None:
    desk = failing()
    desk.fails[actions.Observe].append(AWAY)
    assert unrecorded(desk) == [LOOK]


def test_it_is_written_at_most_once_an_hour() -> None:
    desk = failing()
    assert unrecorded(desk) == [LOOK, SAFE]
    for _ in range(59):
        desk.wait(MINUTE)
        assert unrecorded(elsewhere(desk)) == []
    desk.wait(MINUTE)
    assert unrecorded(elsewhere(desk)) == [LOOK, SAFE]


def test_a_clock_that_was_set_back_is_no_reason_to_write_again() -> None:
    desk = failing()
    unrecorded(desk)
    desk.now -= HOUR / 2
    assert unrecorded(elsewhere(desk)) == []
    desk.now -= HOUR
    assert unrecorded(elsewhere(desk)) == [LOOK, SAFE]


def test_it_is_nobody_s_setting_until_it_is_read_back() -> None:
    desk = Desk(AFTERNOON, local("13:59"), past=Past()).until(local("14:10"))
    found = desk.state.effects.found
    assert desk.state.ownership.owned is not None
    assert desk.state.effects.watched is not None
    desk.now = local("16:01")
    assert unrecorded(desk) == [LOOK, SAFE]
    assert desk.state.ownership.owned is None
    assert (desk.state.effects.watched, desk.state.effects.found) == (None, found)


def test_it_is_told_once_there_is_room() -> None:
    desk = failing()
    unrecorded(desk)
    text = f"wrote {EVERYDAY} at {desk.now:%H:%M} UTC without a row: it is the safe state"
    assert desk.state.pending_notes == ((NoteKind.UNRECORDED_WRITE, text),)
    desk.tick(3)
    assert desk.notes(NoteKind.UNRECORDED_WRITE) == [text]
    assert desk.state.pending_notes == ()


def test_one_that_failed_is_not_told_as_done() -> None:
    desk = failing()
    desk.fails[actions.Apply].append(AWAY)
    assert desk.take(events.Unrecorded(desk.now)) == AWAY.text
    assert desk.state.pending_notes == ()


# --- a write that is on the wire meanwhile --------------------------------------------------------


def on_the_wire() -> tuple[Desk, events.Written]:
    """A write was accepted, and that could not be recorded; its result is still to be taken."""
    desk = Desk(AFTERNOON, local("13:59"), past=Past())
    desk.unanswered.add(actions.Apply)
    desk.until(local("14:00") + POLL)
    assert desk.settings == [FULL]
    assert desk.state.writing.sending is not None
    written = events.Written(desk.now, desk.now, desk.route)
    desk.sets(FULL).tick()
    desk.unanswered.clear()
    return desk, written


def test_a_write_that_was_accepted_meanwhile_is_recorded_when_there_is_room() -> None:
    desk, written = on_the_wire()
    unrecorded(desk)
    assert desk.settings == [FULL]
    desk.take(written)
    assert len(desk.records(SentRecord)) == 1
    assert desk.state.pending_notes == ()
    desk.tick(3)
    assert [record.outcome for record in desk.records(OutcomeRecord)] == ["held"]


def test_a_write_gives_way_to_the_safe_state() -> None:
    desk, written = on_the_wire()
    desk.now = local("16:01")
    assert unrecorded(desk) == [LOOK, SAFE]
    assert (desk.state.writing.sending, desk.state.writing.applying) == (None, None)
    desk.take(written)
    assert desk.records(SentRecord) == []
    assert len(desk.state.pending_notes) == 1
    # Its intent is closed by what is true.
    desk.start().tick(2)
    assert [record.outcome for record in desk.records(OutcomeRecord)] == ["recovered_not_applied"]


def test_one_that_is_being_read_back_gives_way_too() -> None:
    desk, written = on_the_wire()
    desk.take(written)
    assert desk.state.writing.applying is not None
    desk.now = local("16:01")
    assert unrecorded(desk) == [LOOK, SAFE]
    assert desk.state.writing.applying is None
    assert desk.state.writing.left_open is not None
    desk.tick(2)
    assert [record.outcome for record in desk.records(OutcomeRecord)] == ["recovered_not_applied"]


def test_each_of_them_is_told() -> None:
    desk = failing()
    unrecorded(desk)
    desk.wait(HOUR)
    unrecorded(elsewhere(desk))
    assert len(desk.state.pending_notes) == 2


def test_what_was_read_since_the_last_commit_counts() -> None:
    desk = Desk(ALWAYS, ONE, past=Past()).tick().sets(ELSEWHERE)
    assert unrecorded(desk) == []
    reading = replace(desk.world, at=desk.now)
    desk.take(events.Unrecorded(desk.now, reading))
    assert desk.settings == [EVERYDAY]


def test_a_write_on_its_way_is_a_reason_to_look_whatever_was_read_before() -> None:
    desk = Desk(AFTERNOON, local("13:59"), past=Past())
    desk.unanswered.add(actions.Apply)
    desk.until(local("14:00") + POLL / 2)
    desk.unanswered.clear()
    assert desk.state.observation is not None
    assert desk.state.observation.mode is SELF
    desk.now = local("16:01")
    assert unrecorded(desk.sets(FULL)) == [LOOK, SAFE]
