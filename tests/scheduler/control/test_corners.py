"""Corners that random histories have come to, each on its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from always import Watch
from controlled import HOME, Driver, HandClock, Trouble, done
from random_rules import plan_of
from worlds import FOUR, LOCAL, AnyWorld, Weather

from rules.domain import AppPercent, Export, GridStatus, Mode, Observation, Setting
from rules.engine import RuleSet
from rules.resolve import Levers
from scheduler import control
from scheduler.control import State, Terms, events
from scheduler.control.effect import WatchedWrite, judge
from scheduler.domain import (
    Capabilities,
    Cause,
    HeldWrite,
    NoteKind,
    Outcome,
    OutcomeRecord,
    OverrideEnd,
    OverrideRecord,
    OverrideState,
    Past,
    Safety,
)

NOW = datetime(2026, 7, 15, 18, tzinfo=UTC)
OURS, THEIRS = Setting(Mode.SELF_CONSUMPTION, 20), Setting(Mode.SELF_CONSUMPTION, 60)
EVENING = Setting(Mode.SELF_CONSUMPTION, 45)
TERMS = Terms(Safety(10, OURS), timedelta(seconds=30))
BASE = 'language = 1\ntimezone = "America/Los_Angeles"\n'
RULE = '[[rule]]\nname = "empty"\nwhile = { soe_below = 1 }\nset = { reserve = 30 }\n'
PLAIN = BASE + 'default = { mode = "self_consumption", reserve = 20 }\n' + RULE
MORE = 'default = { mode = "self_consumption", reserve = 20, grid_charging = true }\n'
FULL = BASE + MORE + RULE
ROOM = timedelta(minutes=1)


def rules_of(text: str) -> RuleSet:
    return plan_of(text).rules


def site(text: str = PLAIN, levers: Levers = LOCAL, *, terms: Terms = TERMS) -> Driver:
    """A site whose gateway does what it is told, and says so."""
    clock, chance = HandClock(NOW), Random(1)
    found = Capabilities("installer", "1.49", levers=levers, may_write=True)
    world = AnyWorld(chance, clock, Weather(0.0, 0.0, 0.0, 0.0), found)
    driver = Driver(world, clock, Watch(), Trouble(chance))
    driver.begin(terms, rules_of(text))
    return driver


def begun(past: Past) -> State:
    found = Capabilities("installer", "1.49")
    return control.begin(past, TERMS, rules_of(PLAIN), found, NOW).state


def override(state: OverrideState, at: datetime, end: OverrideEnd | None = None) -> OverrideRecord:
    return OverrideRecord(at, state, OURS, THEIRS, at + timedelta(hours=12), end, "")


def held_at(at: datetime) -> HeldWrite:
    return HeldWrite(9, EVENING, OURS, Cause.TIME, at, Outcome.HELD, None)


def test_other_rules_may_use_levers_that_the_rules_before_left_alone() -> None:
    driver = site(PLAIN, FOUR)
    assert driver.state.decisions.plan.levers.grid_charging == frozenset()
    driver.ask(events.Reloaded(NOW, rules_of(FULL)))
    assert driver.state.decisions.plan.levers.grid_charging == {False, True}
    driver.tick()
    assert driver.watch.writes[-1].intent.wanted.grid_charging is True


def test_what_was_held_after_a_change_was_set_back_is_ours_after_a_restart() -> None:
    began, ended = NOW - timedelta(days=2), NOW - timedelta(days=1)
    past = Past(
        overrides=(
            override(OverrideState.BEGAN, began),
            override(OverrideState.ENDED, ended, OverrideEnd.SET_BACK),
        ),
        held_write=held_at(NOW - timedelta(hours=1)),
    )
    owned = begun(past).ownership.owned
    assert owned is not None
    assert owned.setting == EVENING


def test_a_setting_that_was_set_back_after_it_was_held_is_ours_after_a_restart() -> None:
    past = Past(
        overrides=(
            override(OverrideState.BEGAN, NOW - timedelta(hours=2)),
            override(OverrideState.ENDED, NOW - timedelta(hours=1), OverrideEnd.SET_BACK),
        ),
        held_write=held_at(NOW - timedelta(hours=3)),
    )
    owned = begun(past).ownership.owned
    assert owned is not None
    assert owned.setting == OURS


def test_a_clock_set_back_during_an_override_does_not_make_a_later_write_nobodys() -> None:
    past = Past(
        overrides=(
            override(OverrideState.BEGAN, NOW + timedelta(hours=5)),
            override(OverrideState.ENDED, NOW - timedelta(hours=2), OverrideEnd.RESUMED),
        ),
        held_write=held_at(NOW - timedelta(hours=1)),
    )
    assert begun(past).ownership.owned is not None


def test_a_clock_set_back_after_an_override_does_not_make_a_later_write_nobodys() -> None:
    past = Past(
        overrides=(
            override(OverrideState.BEGAN, NOW - timedelta(hours=2)),
            override(OverrideState.ENDED, NOW + timedelta(hours=5), OverrideEnd.RAN_OUT),
        ),
        held_write=held_at(NOW - timedelta(hours=1)),
    )
    assert begun(past).ownership.owned is not None


def test_an_override_in_force_leaves_nothing_ours_whatever_the_clock_says() -> None:
    began = override(OverrideState.BEGAN, NOW - timedelta(hours=5))
    ownership = begun(Past(overrides=(began,), held_write=held_at(NOW))).ownership
    assert ownership.owned is None
    assert ownership.override is not None


def test_what_is_journaled_of_a_time_to_come_is_of_now() -> None:
    later = NOW + timedelta(days=1)
    state = begun(Past(held_write=held_at(later)))
    assert state.ownership.owned is not None
    assert state.effects.watched is not None
    assert state.ownership.owned.since == state.effects.watched.since == NOW


def test_an_override_is_respected_no_longer_for_a_clock_that_was_set_back() -> None:
    later = NOW + timedelta(days=1)
    respected = begun(Past(overrides=(override(OverrideState.BEGAN, later),))).ownership.override
    assert respected is not None
    assert (respected.began, respected.until) == (NOW, NOW + timedelta(hours=12))


def write_on_its_way() -> Driver:
    """A hold was written, and before it is read back the owner asks for the safe state."""
    driver = site()
    driver.ask(events.Hold(NOW, "somebody", reserve=60))
    driver.tick()
    assert driver.state.writing.applying is not None
    driver.world.values["reserve"] = 50.0  # type: ignore[attr-defined]
    driver.clock.pass_by(30)
    driver.ask(events.Release(driver.clock.now(), "somebody"))
    return driver


def test_the_safe_state_written_without_a_row_leaves_the_open_intent_to_be_closed() -> None:
    driver = write_on_its_way()
    driver.trouble.commit_fails, driver.trouble.reaches = 1.0, 0.0
    driver.tick()
    assert driver.watch.seen["written without a row"] == 1
    driver.trouble.commit_fails = 0.0
    driver.clock.pass_by(30)
    driver.tick()
    assert not driver.uncertain
    rows = [row.record for row in driver.journal.rows(HOME)]
    outcomes = [row for row in rows if isinstance(row, OutcomeRecord)]
    assert [row.outcome for row in outcomes] == [Outcome.RECOVERED_NOT_APPLIED]
    assert driver.watch.open is None


def test_failures_before_an_open_write_count_after_a_failed_commit() -> None:
    driver = write_on_its_way()
    writing = replace(driver.state.writing, failures=3, paused_until=NOW + ROOM)
    past = done(driver.journal.past(HOME))
    after = control.restored(past, replace(driver.state, writing=writing), NOW)
    assert (after.writing.failures, after.writing.paused_until) == (3, NOW + ROOM)


@pytest.mark.parametrize("soe", [None, 50.0])
def test_an_effect_is_told_without_a_state_of_energy(soe: float | None) -> None:
    wanted = Setting(Mode.SELF_CONSUMPTION, 20, export=Export.NEVER)
    watched = WatchedWrite(1, wanted, Setting(export=Export.SOLAR), NOW, shown=False, run=2)
    seen = Observation(
        NOW + timedelta(hours=1),
        soe=None if soe is None else AppPercent(soe),
        site_power=-2_000.0,
        battery_power=0.0,
        load_power=300.0,
        solar_power=2_300.0,
        grid=GridStatus.CONNECTED,
        grid_services=False,
        mode=Mode.SELF_CONSUMPTION,
        reserve=AppPercent(20.0),
        export=Export.NEVER,
        running=True,
    )
    settled = judge(watched, seen, seen.at, timedelta(0), disturbed=False)[1]
    assert settled is not None
    assert ("unknown" in settled.detail) == (soe is None)


def test_the_safe_state_written_without_a_row_is_nobody_elses_change_after_a_restart() -> None:
    held, told = held_at(NOW - timedelta(hours=2)), NOW - timedelta(hours=1)
    state = begun(Past(held_write=held, last_notes={NoteKind.UNRECORDED_WRITE: told}))
    assert state.ownership.owned is None
    assert state.effects.watched is None


def test_what_was_held_after_a_write_without_a_row_is_ours_after_a_restart() -> None:
    held, told = held_at(NOW - timedelta(hours=1)), NOW - timedelta(hours=2)
    state = begun(Past(held_write=held, last_notes={NoteKind.UNRECORDED_WRITE: told}))
    assert state.ownership.owned is not None
