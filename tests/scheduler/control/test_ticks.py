"""What a tick asks for and records, when the next one comes, and when one may be skipped."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pretended import (
    AFTERNOON,
    AWAY,
    BASE,
    EVERY_LEVER,
    EVERYDAY,
    FULL,
    HOUR,
    MINUTE,
    NOW,
    POLL,
    QUIET,
    ROUTE,
    SAFETY,
    SELF,
    TERMS,
    Desk,
    local,
)

from rules.domain import AppPercent, Export, GridStatus, Observation, Setting
from rules.inputs import NO_INPUTS, Inputs
from scheduler import control
from scheduler.control import actions, events
from scheduler.control.applying import Applying
from scheduler.control.effect import Effects, WatchedWrite
from scheduler.control.firmware import FirmwareCheck, Installation, Job
from scheduler.control.override import Override, Ownership, Suspect
from scheduler.control.polling import BEFORE_WRITING, EVERY_POLL, Silence
from scheduler.control.reconcile import Blocker, WriteNow
from scheduler.control.watchdog import Watchdog
from scheduler.control.writing import Sending, Writing
from scheduler.domain import (
    Capabilities,
    CapabilityRecord,
    Cause,
    DecisionRecord,
    Endpoint,
    HoldKind,
    HoldRecord,
    InputRecord,
    NoteKind,
    ObservationRecord,
    OpenIntent,
    Past,
    PastWrite,
    RuleFilesRecord,
    RunEnd,
    RunStart,
)

APPLYING = Applying(7, FULL, EVERYDAY, Cause.TIME, NOW, 2 * MINUTE)
SENDING = Sending(7, WriteNow(FULL, EVERYDAY, Cause.TIME))
HOLD = HoldRecord(NOW, HoldKind.HOLD, Setting(reserve=80), None, "ann")
OPEN = OpenIntent(7, NOW, EVERYDAY, FULL, Cause.TIME, None)
SUSPECTING = Ownership(suspect=Suspect(FULL, NOW))
RESPECTING = Ownership(override=Override(EVERYDAY, FULL, NOW, NOW + HOUR))
CHECKING = Job(FirmwareCheck(7, "early", NOW + HOUR))
EVERYTHING = Capabilities("").endpoints
INSTALLING = Job(installation=Installation(7, "early", NOW, None, NOW + HOUR))
WATCHED = WatchedWrite(7, FULL, EVERYDAY, NOW)


def looked(rules: str = AFTERNOON, **more: Any) -> Desk:
    """A site that has looked a few times and has nothing to do."""
    return Desk(rules, past=Past(), **more).tick(3)


# --- what is asked for --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("different", "asks_for"),
    [
        ({}, EVERY_POLL),
        ({"requested_at": {}}, EVERYTHING),
        ({"silence": Silence("nobody there")}, EVERYTHING),
        ({"job": INSTALLING}, EVERYTHING),
        ({"job": CHECKING}, EVERY_POLL),
        ({"ownership": SUSPECTING}, EVERY_POLL | BEFORE_WRITING | {Endpoint.STATUS}),
        ({"ownership": RESPECTING}, EVERY_POLL),
        ({"writing": Writing(applying=APPLYING)}, EVERY_POLL | BEFORE_WRITING),
        ({"writing": Writing(left_open=OPEN)}, EVERY_POLL | BEFORE_WRITING),
        ({"effects": Effects(WATCHED)}, EVERY_POLL),
        ({"effects": Effects(replace(WATCHED, shown=True))}, EVERY_POLL),
        ({"effects": Effects(replace(WATCHED, shown=False))}, EVERY_POLL | BEFORE_WRITING),
    ],
)
def test_what_a_tick_asks_for(different: dict[str, Any], asks_for: frozenset[Endpoint]) -> None:
    desk = looked()
    state = replace(desk.state, **different)
    later = desk.now + timedelta(seconds=1)
    step = control.step(state, events.Woke(later, desk.monotonic + 1))
    assert step.actions == (actions.Observe(asks_for),)


# --- what is recorded ---------------------------------------------------------------------------


def test_a_run_begins_and_ends_with_a_row() -> None:
    desk = looked()
    desk.take(events.Stopped(desk.now, "done"))
    run = desk.records(RunStart)[0]
    assert (run.version, run.process, run.dry_run) == ("1.2.0", "boot:1", False)
    assert desk.rows[0].record == run
    assert {row.run for row in desk.rows} == {1}
    assert [row.number for row in desk.rows] == list(range(1, len(desk.rows) + 1))
    assert desk.records(RunEnd) == [RunEnd(desk.now, "done")]
    assert len(desk.records(RuleFilesRecord)) == 1
    assert len(desk.records(CapabilityRecord)) == 1
    first = desk.state.next_number
    desk.start()
    assert desk.rows[-1].run == first


def test_each_reading_is_recorded_once_and_each_decision() -> None:
    desk = looked()
    assert [record.at for record in desk.records(ObservationRecord)] == [
        NOW + POLL,
        NOW + 2 * POLL,
        NOW + 3 * POLL,
    ]
    assert len(desk.records(DecisionRecord)) == 1


def test_what_the_rules_are_given_is_recorded_when_it_changes() -> None:
    desk = looked()
    assert [record.name for record in desk.records(InputRecord)] == ["levers", "limits"]
    desk.inputs = Inputs({"away": None}, {}, None)
    desk.tick(2)
    desk.inputs = NO_INPUTS
    desk.tick(2)
    given = [(record.name, record.content) for record in desk.records(InputRecord)[2:]]
    assert given == [("flag away", {"until": None}), ("flag away", None)]


def test_a_gateway_that_is_away_is_told_once_and_once_that_it_answers() -> None:
    desk = looked()
    desk.fails[actions.Observe] += [AWAY] * 3
    desk.tick(5)
    assert desk.notes(NoteKind.UNREACHABLE) == [AWAY.text]
    (again,) = desk.notes(NoteKind.REACHABLE)
    assert again == "the gateway answers again; nothing was read since 2026-07-15 20:01 UTC"


@pytest.mark.parametrize("again", [True, False])
def test_a_silence_of_which_nothing_could_be_recorded_is_told_later(again: bool) -> None:
    desk = looked()
    desk.take(events.Unrecorded(desk.now, Observation(desk.now), AWAY))
    assert desk.state.silence == Silence(AWAY.text, noted=False)
    assert desk.notes(NoteKind.UNREACHABLE) == []
    if not again:
        desk.fails[actions.Observe] += [AWAY] * 2
    desk.tick(2)
    assert desk.notes(NoteKind.UNREACHABLE) == [AWAY.text]
    assert len(desk.notes(NoteKind.REACHABLE)) == again


def test_the_instant_of_the_last_reading_moves_with_a_clock_that_is_set() -> None:
    desk = looked()
    before = desk.state.read_at
    assert before is not None
    desk.now += timedelta(hours=3)
    desk.fails[actions.Observe] += [AWAY] * 2
    desk.tick()
    assert desk.state.read_at == before + timedelta(hours=3)


def test_a_certificate_is_taken_over_with_the_rules() -> None:
    desk = looked()
    desk.take(events.Reloaded(desk.now, desk.state.decisions.plan.rules, "sha256:new"))
    assert [done for _, done in desk.done if isinstance(done, actions.Trust)] == [
        actions.Trust("sha256:new")
    ]
    (told,) = desk.notes(NoteKind.RELOADED)
    assert told == "the rule files have not changed; the gateway's certificate is now sha256:new"


def test_a_first_contact_that_was_missed_is_told() -> None:
    desk = looked()
    desk.take(events.Connected(desk.now, desk.route, AWAY))
    assert desk.notes(NoteKind.UNREACHABLE) == [AWAY.text]
    assert desk.state.silence == Silence(AWAY.text)


def test_what_others_report_is_recorded() -> None:
    desk = looked()
    desk.take(events.Reported(desk.now, ((NoteKind.INPUT_UNUSABLE, "no such price"),)))
    assert desk.notes(NoteKind.INPUT_UNUSABLE) == ["no such price"]


# --- what the route allows ----------------------------------------------------------------------

FOUR = BASE + 'grid_charging = false\nexport = "pv_only"\n' + AFTERNOON.removeprefix(BASE)


@pytest.mark.parametrize(
    ("safety", "export"),
    [(SAFETY, Export.SOLAR), (replace(SAFETY, export=Export.NEVER), Export.NEVER)],
)
def test_levers_that_come_with_another_firmware_are_used_as_the_owner_permits(
    safety: Any, export: Export
) -> None:
    desk = looked(FOUR, terms=replace(TERMS, safety=safety))
    assert desk.settings == []
    desk.sets(Setting(grid_charging=True, export=Export.BATTERY))
    desk.route = replace(ROUTE, firmware="1.50.1", levers=EVERY_LEVER)
    desk.tick(3)
    assert desk.settings == [Setting(SELF, 20, grid_charging=False, export=export)]
    assert desk.notes(NoteKind.FIRMWARE_CHANGED) == ["firmware 1.49.0 became 1.50.1"]


# --- a clock that was set -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (60, []),
        (-60, []),
        (61, ["the clock was set by +61 s"]),
        (-3600, ["the clock was set by -3600 s"]),
    ],
)
def test_a_clock_that_was_set_moves_what_is_waited_for(step: int, told: list[str]) -> None:
    desk = looked()
    waits = {
        "writing": Writing(paused_until=NOW + HOUR),
        "ownership": RESPECTING,
        "effects": Effects(WATCHED),
        "job": CHECKING,
        "watchdog": Watchdog(NOW, NOW),
    }
    desk.state = replace(desk.state, **waits)
    by = timedelta(seconds=step)
    now, monotonic = desk.now + POLL + by, desk.monotonic + POLL.total_seconds()
    state = control.step(desk.state, events.Woke(now, monotonic)).state
    for name, value in waits.items():
        expected = value.shifted(by) if told else value  # type: ignore[attr-defined]
        if name == "writing":  # counted on over the smallest step
            expected = Writing(paused_until=NOW + HOUR + by)
        assert getattr(state, name) == expected
    desk.take(events.Woke(now, monotonic))
    assert desk.notes(NoteKind.CLOCK_STEPPED) == told


# --- when to wake again -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("different", "soonest"),
    [
        ({}, None),
        ({"writing": Writing(applying=APPLYING)}, NOW + timedelta(seconds=5)),
        ({"job": CHECKING}, NOW + HOUR),
        ({"job": CHECKING, "writing": Writing(applying=APPLYING)}, NOW + timedelta(seconds=5)),
    ],
)
def test_the_next_tick_comes_when_something_is_due(
    different: dict[str, Any], soonest: datetime | None
) -> None:
    state = replace(looked().state, **different)
    wake = control.next_wake(state, NOW)
    assert (wake.poll, wake.soonest, wake.boundary) == (30.0, soonest, local("14:00"))


def test_no_poll_is_shorter_than_the_route_s() -> None:
    desk = looked(route=replace(ROUTE, shortest_poll=120.0))
    assert control.next_wake(desk.state, NOW).poll == 120.0
    fresh = control.begin(Past(), TERMS, desk.rules, ROUTE, NOW).state
    assert control.next_wake(fresh, NOW).boundary is None


# --- when a tick may be skipped -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "different", "quiet"),
    [
        ({}, {}, True),
        ({"soe": AppPercent(12.0), "load_power": 3_000.0}, {}, True),
        ({"mode": FULL.mode}, {}, False),
        ({"reserve": AppPercent(21.0)}, {}, False),
        ({"grid": GridStatus.ISLANDED}, {}, False),
        ({"running": False}, {}, False),
        ({"running": None}, {}, False),
        ({"grid_charging": True}, {}, False),
        ({"export": Export.NEVER}, {}, False),
        ({}, {"observation": None}, False),
        ({}, {"writing": Writing(blockers=(Blocker("paused"),))}, False),
        ({}, {"writing": Writing(applying=APPLYING)}, False),
        ({}, {"writing": Writing(left_open=OPEN)}, False),
        ({}, {"writing": Writing(sending=SENDING)}, False),
        ({}, {"writing": Writing(failures=1)}, False),  # another attempt is due
        ({}, {"last_hold": HOLD}, False),  # a hold was requested since
        ({}, {"writing": Writing(writes=(PastWrite(NOW, FULL, FULL, Cause.TIME),))}, True),
        ({}, {"ownership": RESPECTING}, False),
        ({}, {"ownership": SUSPECTING}, False),
        ({}, {"job": CHECKING}, False),
        ({}, {"watchdog": Watchdog(NOW)}, False),
        ({}, {"silence": Silence("away")}, False),
        ({}, {"capabilities": replace(ROUTE, may_write=None)}, False),
        ({}, {"capabilities": replace(ROUTE, may_write=False)}, False),
    ],
)
def test_a_tick_that_would_do_nothing_may_be_skipped(
    seen: dict[str, Any], different: dict[str, Any], quiet: bool
) -> None:
    desk = looked()
    state = replace(desk.state, **different)
    reading: Observation = replace(QUIET, at=desk.now, **seen)
    assert control.quiet(state, reading, NO_INPUTS, desk.now) is quiet


def test_no_tick_is_skipped_at_a_boundary_or_before_the_first_decision() -> None:
    desk = looked()
    assert not control.quiet(desk.state, QUIET, NO_INPUTS, local("14:00"))
    assert not control.quiet(desk.state, QUIET, Inputs({"away": None}, {}, None), desk.now)
    for decisions in (
        replace(desk.state.decisions, afresh=True),
        replace(desk.state.decisions, last=None),
    ):
        assert not control.quiet(
            replace(desk.state, decisions=decisions), QUIET, NO_INPUTS, desk.now
        )
