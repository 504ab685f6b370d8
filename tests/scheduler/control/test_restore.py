"""What each thing that a journal says of the past makes of a site, as truth tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pretended import (
    EVERY_LEVER,
    EVERYDAY,
    FULL,
    HOUR,
    MINUTE,
    NOW,
    ROUTE,
    SAFETY,
    SELF,
    TERMS,
    UNREADABLE,
    rules_of,
)

from rules.domain import Export, Part, Setting
from rules.engine import Memory, memory_to_json
from rules.resolve import Levers
from scheduler import control
from scheduler.control import State, actions
from scheduler.control.applying import pause_after
from scheduler.control.effect import Effects, WatchedWrite
from scheduler.control.firmware import (
    BEGIN_AGAIN,
    DEADLINE,
    LONGEST_INSTALL,
    FirmwareCheck,
    Installation,
    Job,
)
from scheduler.control.override import Override, Owned, Ownership
from scheduler.control.reconcile import Again
from scheduler.control.watchdog import Watchdog
from scheduler.control.writing import Writing
from scheduler.domain import (
    Capabilities,
    CapabilityRecord,
    Cause,
    DecisionRecord,
    Effect,
    FailedWrites,
    HeldWrite,
    HoldKind,
    HoldRecord,
    NoteKind,
    OpenIntent,
    Outcome,
    OverrideEnd,
    OverrideRecord,
    OverrideState,
    Past,
    PastDecision,
    PastGap,
    PastWrite,
    UnfinishedCheck,
)
from scheduler.domain.engine_inputs import levers_to_json

RULES = rules_of()
AGO = NOW - HOUR
SECOND = timedelta(seconds=1)
MAY = True
HELD = HeldWrite(7, FULL, EVERYDAY, Cause.TIME, AGO, Outcome.HELD, None)
THEIRS = Setting(SELF, 60)


def begun(past: Past, *, route: Capabilities = ROUTE, **terms: Any) -> State:
    return control.begin(past, replace(TERMS, **terms), RULES, route, NOW).state


def capable(at: datetime = AGO, **different: Any) -> CapabilityRecord:
    record = CapabilityRecord(
        at, "1.49.0", "installer", None, MAY, None, levers_to_json(Levers()), ROUTE.started
    )
    return replace(record, **different)


def gap(until: datetime) -> PastGap:
    return PastGap(None, until, "lost")


# --- an empty journal ---------------------------------------------------------------------------


def test_an_empty_journal_knows_nothing() -> None:
    step = control.begin(Past(), TERMS, RULES, ROUTE, NOW)
    assert (step.rows, step.actions) == ((), ())
    state = step.state
    assert (state.next_number, state.read_at) == (1, None)
    assert (state.last_hold, state.decisions.last) == (None, None)
    assert state.writing == Writing()
    assert (state.ownership, state.effects, state.job) == (Ownership(), Effects(), Job())
    assert state.watchdog == Watchdog()
    assert state.decisions.memory == Memory(NOW)


def test_the_owner_s_permissions_narrow_the_route_s_levers() -> None:
    safety = replace(SAFETY, grid_charging=False, export=Export.SOLAR)
    state = begun(Past(), route=replace(ROUTE, levers=EVERY_LEVER), safety=safety)
    assert state.decisions.plan.permitted == EVERY_LEVER.permitted(
        grid_charging=False, export=Export.SOLAR
    )


# --- what was known, decided and said -----------------------------------------------------------

HOLD = HoldRecord(AGO, HoldKind.HOLD, Setting(reserve=80), None, "ann")
DECIDED = DecisionRecord(
    AGO, FULL, {Part.MODE: "a"}, RULES.digest, "because", memory_to_json(Memory(AGO)), Cause.STATE
)


@pytest.mark.parametrize(
    ("past", "field", "value"),
    [
        (Past(next_number=8), "next_number", 8),
        (Past(read_at=AGO), "read_at", AGO),
        (Past(read_at=NOW + HOUR), "read_at", NOW),  # a clock that was set back
        (Past(hold=HOLD), "last_hold", HOLD),
        (
            Past(engine_inputs={"flag away": {"until": None}}),
            "engine_inputs",
            {"flag away": {"until": None}},
        ),
        (Past(last_notes={NoteKind.BATTERY_RUN: AGO}), "watchdog", Watchdog(None, AGO)),
    ],
)
def test_what_is_taken_over_as_it_is(past: Past, field: str, value: object) -> None:
    assert getattr(begun(past), field) == value


def test_the_thread_goes_on_from_the_last_decision() -> None:
    decisions = begun(Past(decision=PastDecision(5, DECIDED))).decisions
    assert decisions.last is not None
    assert (decisions.last.setting, decisions.number, decisions.cause) == (FULL, 5, Cause.STATE)
    assert decisions.memory == Memory(AGO)
    lost = begun(Past(decision=PastDecision(5, DECIDED), gap=gap(NOW - MINUTE))).decisions
    assert lost.memory == Memory(NOW - MINUTE)


@pytest.mark.parametrize(
    ("hold", "followed"),
    [(None, None), (HOLD, HOLD), (replace(HOLD, word=HoldKind.RESUME), None)],
)
def test_the_last_decision_was_made_under_the_owner_s_word(
    hold: HoldRecord | None, followed: HoldRecord | None
) -> None:
    assert begun(Past(hold=hold, decision=PastDecision(5, DECIDED))).decisions.hold == followed


def test_what_is_known_of_the_route_is_not_journaled_again() -> None:
    levers = levers_to_json(EVERY_LEVER)
    route = begun(Past(capability=capable(levers=levers))).route
    assert route.known == capable(levers=levers)
    assert route.levers == EVERY_LEVER


# --- writes -------------------------------------------------------------------------------------

OPEN = OpenIntent(7, AGO, EVERYDAY, FULL, Cause.TIME, None)
WRITES = (PastWrite(AGO, FULL, EVERYDAY, Cause.TIME),)


@pytest.mark.parametrize(
    ("past", "writing"),
    [
        (Past(open_intent=OPEN), Writing(left_open=OPEN)),
        (Past(writes=WRITES), Writing(writes=WRITES)),
        (Past(would_writes=WRITES), Writing(would_writes=WRITES)),
        (Past(uncertain_write=FULL), Writing(again=Again(FULL, Cause.REPEAT))),
        (
            Past(failed_writes=FailedWrites(3, AGO)),
            Writing(failures=3, paused_until=AGO + pause_after(3)),
        ),
        (  # a failure from the future: the clock was set back
            Past(failed_writes=FailedWrites(3, NOW + HOUR)),
            Writing(failures=3, paused_until=NOW + pause_after(3)),
        ),
        (
            Past(capability=capable(may_write=False)),
            Writing(refused=("1.49.0", "installer")),
        ),
        (Past(capability=capable(may_write=True)), Writing()),
        (Past(capability=capable()), Writing()),
        # a setting that did not show is sent once more, the second time it is of no use
        (
            Past(held_write=replace(HELD, effect=Effect.CONTRADICTED)),
            Writing(again=Again(FULL, Cause.NO_EFFECT)),
        ),
        (
            Past(held_write=replace(HELD, effect=Effect.CONTRADICTED, cause=Cause.NO_EFFECT)),
            Writing(),
        ),
        (Past(held_write=replace(HELD, effect=Effect.CONFIRMED)), Writing()),
        (Past(held_write=HELD), Writing()),
    ],
)
def test_what_the_writes_have_come_to(past: Past, writing: Writing) -> None:
    assert begun(past).writing == writing


@pytest.mark.parametrize(
    ("until", "read_first"),
    [
        (NOW, True),
        (NOW - HOUR + SECOND, True),
        (NOW - HOUR, False),
        (NOW + HOUR - SECOND, True),
        (NOW + HOUR, False),
    ],
)
def test_after_a_gap_a_whole_reading_comes_first(until: datetime, read_first: bool) -> None:
    assert begun(Past(gap=gap(until))).writing == Writing(lost_until=until, read_first=read_first)


@pytest.mark.parametrize(
    ("levers", "assumed"),
    [
        (Levers(), Setting()),
        (EVERY_LEVER, Setting()),
        (UNREADABLE, Setting(grid_charging=True, export=Export.NEVER)),
    ],
)
def test_parts_that_cannot_be_read_are_taken_to_be_as_they_were_written(
    levers: Levers, assumed: Setting
) -> None:
    wanted = replace(FULL, grid_charging=True, export=Export.NEVER)
    past = Past(held_write=replace(HELD, wanted=wanted, outcome=Outcome.UNVERIFIED))
    assert begun(past, route=replace(ROUTE, levers=levers)).writing.assumed == assumed


# --- whose setting it is, and what shows of it --------------------------------------------------

OURS = Owned(FULL, AGO, "1.48.0", "then")
OF_THEN = capable(firmware="1.48.0", started="then")
BEGAN = OverrideRecord(
    NOW - MINUTE, OverrideState.BEGAN, FULL, THEIRS, NOW + HOUR, None, "somebody"
)
OVERRIDE = Override(FULL, THEIRS, NOW - MINUTE, NOW + HOUR)


def over(end: OverrideEnd) -> OverrideRecord:
    return replace(BEGAN, at=NOW - SECOND, state=OverrideState.ENDED, end=end)


SET_BACK = Owned(FULL, NOW - SECOND, ROUTE.firmware, ROUTE.started)


@pytest.mark.parametrize(
    ("past", "ownership"),
    [
        (Past(), Ownership()),
        (Past(held_write=HELD), Ownership(Owned(FULL, AGO, None, None))),
        (Past(held_write=HELD, capability_when_held=OF_THEN), Ownership(OURS)),
        # somebody's change, after it was held or before
        (Past(held_write=HELD, overrides=(BEGAN,)), Ownership(override=OVERRIDE)),
        (
            Past(
                held_write=replace(HELD, at=NOW),
                capability_when_held=OF_THEN,
                overrides=(BEGAN, over(OverrideEnd.WRITTEN_OVER)),
            ),
            Ownership(replace(OURS, since=NOW)),
        ),
        (
            Past(held_write=replace(HELD, at=NOW - SECOND), overrides=(over(OverrideEnd.RESUMED),)),
            Ownership(),
        ),
        # the ends of it
        *(
            (Past(held_write=HELD, overrides=(BEGAN, over(end))), Ownership())
            for end in OverrideEnd
            if end not in {OverrideEnd.SET_BACK, OverrideEnd.RAN_OUT}
        ),
        (
            Past(held_write=HELD, overrides=(BEGAN, over(OverrideEnd.RAN_OUT))),
            Ownership(ran_out=OVERRIDE),
        ),
        (
            Past(held_write=HELD, overrides=(BEGAN, over(OverrideEnd.SET_BACK))),
            Ownership(SET_BACK),
        ),
        # a gap after it
        (Past(held_write=HELD, gap=gap(AGO - SECOND)), Ownership(Owned(FULL, AGO, None, None))),
        (Past(held_write=HELD, gap=gap(AGO)), Ownership()),
        (
            Past(overrides=(BEGAN,), gap=gap(NOW - MINUTE)),
            Ownership(override=OVERRIDE, doubtful=True),
        ),
        (
            Past(overrides=(BEGAN,), gap=gap(NOW - MINUTE - SECOND)),
            Ownership(override=OVERRIDE),
        ),
        (Past(gap=gap(NOW)), Ownership()),
    ],
)
def test_whose_setting_it_is(past: Past, ownership: Ownership) -> None:
    assert begun(past).ownership == ownership


WATCHED = WatchedWrite(7, FULL, EVERYDAY, AGO)


@pytest.mark.parametrize(
    ("different", "watched"),
    [
        ({}, WATCHED),
        ({"effect": Effect.CONFIRMED}, replace(WATCHED, verdict=Effect.CONFIRMED)),
        ({"effect": Effect.CONTRADICTED}, replace(WATCHED, verdict=Effect.CONTRADICTED)),
        ({"cause": Cause.NO_EFFECT}, replace(WATCHED, last_try=True)),
        (
            {"cause": Cause.NO_EFFECT, "effect": Effect.CONTRADICTED},
            replace(WATCHED, last_try=True, alerted=True, verdict=Effect.CONTRADICTED),
        ),
    ],
)
def test_what_is_held_goes_on_being_watched(
    different: dict[str, Any], watched: WatchedWrite
) -> None:
    past = Past(held_write=replace(HELD, **different))
    assert begun(past).effects == Effects(watched, (FULL, EVERYDAY))


# --- firmware -----------------------------------------------------------------------------------


def unfinished(age: timedelta) -> UnfinishedCheck:
    return UnfinishedCheck(7, "early", NOW - age)


ANEW = Job(FirmwareCheck(7, "early", NOW))


def asked(age: timedelta) -> dict[NoteKind, datetime]:
    return {NoteKind.FIRMWARE_INSTALL: NOW - age}


def waiting(age: timedelta, before: str | None) -> Job:
    return Job(installation=Installation(7, "early", NOW - age, before, NOW))


LONG = LONGEST_INSTALL + DEADLINE


@pytest.mark.parametrize(
    ("past", "job"),
    [
        (Past(), Job()),
        (Past(unfinished_check=unfinished(MINUTE)), ANEW),
        (Past(unfinished_check=unfinished(BEGIN_AGAIN)), ANEW),
        (Past(unfinished_check=unfinished(BEGIN_AGAIN + SECOND)), Job()),
        # an installation is waited out, not asked for again
        (Past(last_notes=asked(MINUTE)), Job()),
        (
            Past(unfinished_check=unfinished(20 * MINUTE), last_notes=asked(MINUTE)),
            waiting(MINUTE, None),
        ),
        (
            Past(
                unfinished_check=unfinished(20 * MINUTE),
                last_notes=asked(MINUTE),
                capability_when_installing=capable(firmware="1.48.0"),
            ),
            waiting(MINUTE, "1.48.0"),
        ),
        (
            Past(unfinished_check=unfinished(LONG), last_notes=asked(LONGEST_INSTALL - SECOND)),
            waiting(LONGEST_INSTALL - SECOND, None),
        ),
        (
            Past(
                unfinished_check=unfinished(LONG + SECOND),
                last_notes=asked(LONGEST_INSTALL - SECOND),
            ),
            Job(),
        ),
        # one that was asked for long ago has ended, whatever came of it
        (
            Past(unfinished_check=unfinished(LONGEST_INSTALL), last_notes=asked(LONGEST_INSTALL)),
            Job(),
        ),
        (Past(unfinished_check=unfinished(MINUTE), last_notes=asked(LONGEST_INSTALL)), ANEW),
        (Past(unfinished_check=unfinished(MINUTE), last_notes=asked(-LONGEST_INSTALL)), ANEW),
    ],
)
def test_a_firmware_job_that_was_interrupted(past: Past, job: Job) -> None:
    step = control.begin(past, TERMS, RULES, ROUTE, NOW)
    assert step.state.job == job
    left = (actions.LeaveBattery(LONGEST_INSTALL.total_seconds()),)
    assert step.actions == (left if job.installing else ())
    dry = control.begin(past, replace(TERMS, dry_run=True), RULES, ROUTE, NOW)
    assert (dry.state.job, dry.actions) == (Job(), ())
