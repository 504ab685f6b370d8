"""Caps and dwell on a wall clock that anybody may set: they go by the time that really passes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pretended import AWAY, BASE, EVERYDAY, HOUR, MINUTE, NOW, POLL, ROUTE, Desk

from rules.domain import AppPercent, Setting
from scheduler import control
from scheduler.control import actions, events
from scheduler.domain import NoteKind

DAY, DWELL = 24 * HOUR, 15 * MINUTE
RESTLESS = BASE + "".join(
    f"""
[[rule]]
name   = "from {low} %"
while  = {{ soe_above = {low}, soe_below = {low + 10} }}
margin = 0.1
set    = {{ reserve = {low} }}
"""
    for low in range(30, 100, 10)
)
"""Another setting for every tenth of the battery, so that a wild battery wants a write a tick."""

SMALL, LARGE = (1, 30, 59, 60), (61, 900, 3_600, 86_400, 9_000_000)


class Wild:
    """A desk whose battery jumps about, and what was written when in true time."""

    def __init__(self) -> None:
        self.desk = Desk(RESTLESS)
        self.written: list[tuple[float, Setting, Setting]] = []

    def tick(self, seconds: float, step: int, soe: float) -> None:
        desk = self.desk
        desk.wait(timedelta(seconds=seconds))
        desk.now += timedelta(seconds=step)
        desk.world = replace(desk.world, soe=AppPercent(soe))
        before = len(desk.writes)
        found = Setting(desk.world.mode, round(desk.world.reserve or 0))
        desk.take(events.Woke(desk.now, desk.monotonic))
        for _, setting in desk.writes[before:]:
            self.written.append((desk.monotonic, setting, found))

    def expect_caps(self) -> None:
        """Never more writes in an hour, or in a day, than there may be."""
        for at, _, _ in self.written:
            assert len(self.lately(at, HOUR)) <= 6
            assert len(self.lately(at, DAY)) <= 24

    def expect_reasons(self) -> None:
        """What is said to be in the way is so by the time that really passed."""
        now = self.desk.monotonic
        for blocker in self.desk.state.writing.blockers:
            if "in the last hour" in blocker.text:
                assert len(self.lately(now, HOUR)) >= 5
            elif "in the last day" in blocker.text:
                assert len(self.lately(now, DAY)) >= 24
            elif "was left at" in blocker.text:
                left = [f"{found}" for _, _, found in self.lately(now, DWELL)]
                assert any(blocker.text.startswith(each) for each in left)
            assert blocker.until is None or blocker.until > self.desk.now

    def lately(self, now: float, span: timedelta) -> list[tuple[float, Setting, Setting]]:
        return [each for each in self.written if now - span.total_seconds() < each[0] <= now]


def course(*steps: int) -> st.SearchStrategy[list[tuple[float, int, float]]]:
    """Ticks: seconds until then, the step of the clock meanwhile, the state of energy."""
    either = [sign * step for step in steps for sign in (1, -1)]
    return st.lists(
        st.tuples(
            st.sampled_from((5.0, 30.0, 30.0, 300.0, 1_200.0)),
            st.sampled_from([0] * len(either) + either),
            st.sampled_from((20.0, 35.0, 55.0, 75.0, 95.0)),
        ),
        min_size=30,
        max_size=60,
    )


@settings(max_examples=40, deadline=None)
@given(course(*SMALL, *LARGE))
def test_however_the_clock_is_set_true_time_counts(ticks: list[tuple[float, int, float]]) -> None:
    wild = Wild()
    for tick in ticks:
        wild.tick(*tick)
        wild.expect_reasons()
    wild.expect_caps()


@settings(max_examples=40, deadline=None)
@given(course(*LARGE), st.sets(st.integers(0, 60)))
def test_and_so_it_does_over_restarts(
    ticks: list[tuple[float, int, float]], restarts: set[int]
) -> None:
    wild = Wild()
    for number, tick in enumerate(ticks):
        wild.tick(*tick)
        wild.expect_reasons()
        if number in restarts:
            wild.desk.start()
            wild.tick(30.0, 0, tick[2])
    wild.expect_caps()


@settings(max_examples=20, deadline=None)
@given(course(*SMALL, *LARGE), st.integers(0, 60))
def test_a_restart_costs_a_minute_of_small_steps_at_most(
    ticks: list[tuple[float, int, float]], restart: int
) -> None:
    wild = Wild()
    for number, tick in enumerate(ticks):
        wild.tick(*tick)
        if number == restart:
            wild.desk.start()
            wild.tick(30.0, 0, tick[2])
    for at, _, _ in wild.written:
        assert len(wild.lately(at, HOUR - MINUTE)) <= 6


@pytest.mark.parametrize("small", [-59, 59])
def test_small_steps_are_told_once_they_come_to_a_minute(small: int) -> None:
    desk = Desk(RESTLESS).tick()
    for _ in range(3):
        desk.wait(POLL)
        desk.now += timedelta(seconds=small)
        desk.take(events.Woke(desk.now, desk.monotonic))
    assert desk.notes(NoteKind.CLOCK_STEPPED) == [
        f"the clock was set by {2 * small:+d} s in small steps"
    ]


# --- a clock that ran ahead ---------------------------------------------------------------------


def left(ahead: timedelta, *, writes: int = 1) -> Desk:
    """The default was left for other settings, so many times, by a clock that ran ahead."""
    desk = Desk(RESTLESS, NOW + ahead)
    for number in range(writes):
        desk.world = replace(desk.world, soe=AppPercent(35.0 + 10 * number))
        desk.tick(2)
    assert len(desk.writes) == writes
    desk.world = replace(desk.world, soe=AppPercent(20.0))
    return desk


def waited(desk: Desk, *, restarts: int = 0) -> timedelta:
    """How long it takes in true time until the default is written, over so many restarts."""
    began, before = desk.monotonic, len(desk.writes)
    while len(desk.writes) == before and desk.monotonic - began < DAY.total_seconds():
        desk.tick(4)
        if restarts:
            restarts -= 1
            desk.start()
    assert desk.settings[before:] == [EVERYDAY]
    return timedelta(seconds=desk.monotonic - began)


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("restarts", [0, 1, 6])
@pytest.mark.parametrize("ahead", [DAY, 400 * DAY, MINUTE / 2])
def test_a_clock_that_ran_ahead_costs_the_dwell(
    ahead: timedelta, restarts: int, *, down: bool
) -> None:
    desk = left(ahead)
    desk.now -= ahead
    if down:
        desk.start()
    assert DWELL - MINUTE <= waited(desk, restarts=restarts) <= DWELL + 2 * MINUTE
    told = len(desk.notes(NoteKind.CLOCK_STEPPED))
    assert told == (ahead > MINUTE)


def test_it_may_be_set_back_between_the_start_and_the_first_look() -> None:
    desk = left(DAY).start()
    desk.now -= DAY
    assert DWELL <= waited(desk) <= DWELL + 2 * MINUTE


def test_what_is_told_of_it() -> None:
    desk = left(DAY)
    desk.now -= DAY
    desk.start()
    (note,) = desk.notes(NoteKind.CLOCK_STEPPED)
    assert note == "the clock was set by -86370 s at least, while no daemon ran"


@pytest.mark.parametrize("down", [False, True])
def test_five_writes_of_tomorrow_cost_an_hour(*, down: bool) -> None:
    desk = left(DAY, writes=5)
    desk.world = replace(desk.world, soe=AppPercent(95.0))
    desk.now -= DAY
    if down:
        desk.start()
    # What is written next is not the safe state, so the first of the five has to be an hour old.
    desk.tick(2 * 60 - 12)
    assert len(desk.writes) == 5
    desk.tick(6)
    assert len(desk.writes) == 6


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (datetime(2026, 7, 15, 20, tzinfo=UTC), "was left at 20:00 UTC"),
        (datetime(2026, 7, 14, 23, 58, tzinfo=UTC), "was left at 2026-07-14 23:58 UTC"),
    ],
)
def test_the_day_is_told_where_it_is_not_today_s(at: datetime, told: str) -> None:
    desk = Desk(RESTLESS, at)
    desk.world = replace(desk.world, soe=AppPercent(80.0))
    desk.take(events.Woke(desk.now, desk.monotonic))
    desk.world = replace(desk.world, soe=AppPercent(20.0))
    desk.tick(10)
    (blocker,) = desk.state.writing.blockers
    assert f"{EVERYDAY} {told}" in blocker.text
    assert blocker.until == at + DWELL


# --- over a commit of which nobody knows --------------------------------------------------------


def test_a_step_whose_note_may_be_on_the_disk_counts_once() -> None:
    desk = left(timedelta(0))
    desk.wait(POLL)
    desk.now -= DAY
    before, woke = desk.state, events.Woke(desk.now, desk.monotonic)
    lost = control.step(before, woke)  # on the disk, but nobody was told so
    desk.rows += lost.rows
    desk.state = control.restored(desk.past(), before, desk.now)
    desk.take(woke)
    assert desk.notes(NoteKind.CLOCK_STEPPED) == ["the clock was set by -86400 s"]
    assert desk.state.writing.writes == lost.state.writing.writes
    assert DWELL - 2 * MINUTE <= waited(desk, restarts=1) <= DWELL + MINUTE


def test_a_pause_is_as_long_after_a_failed_commit() -> None:
    desk = Desk(RESTLESS).tick()
    desk.fails[actions.Apply].append(AWAY)
    desk.world = replace(desk.world, soe=AppPercent(80.0))
    desk.tick()
    paused_until = desk.state.writing.paused_until
    assert paused_until is not None
    desk.now += DAY
    desk.tick(after=timedelta(seconds=1))
    desk.state = control.restored(desk.past(), desk.state, desk.now)
    assert desk.state.writing.paused_until == paused_until + DAY
    assert desk.state.writing.failure == AWAY.text


# --- other waits --------------------------------------------------------------------------------


@pytest.mark.parametrize("started", [False, True])
def test_the_battery_is_asked_once_an_hour_whatever_the_clock_says(*, started: bool) -> None:
    desk = Desk(RESTLESS)
    desk.world = replace(desk.world, running=False)
    desk.tick(8)
    (asked,) = desk.did(actions.RunBattery)
    for step in (DAY, -DAY, -DAY, DAY, DAY):
        desk.now += step
        desk.tick(2)
        if started:
            desk.start()
        else:
            desk.state = control.restored(desk.past(), desk.state, desk.now)
    desk.tick(60)
    assert desk.did(actions.RunBattery) == [asked]
    desk.tick(70)
    assert len(desk.did(actions.RunBattery)) == 2


def test_a_battery_that_was_asked_tomorrow_is_not_asked_again_at_once() -> None:
    desk = Desk(RESTLESS, NOW + DAY)
    desk.world = replace(desk.world, running=False)
    desk.tick(8)
    desk.now -= DAY
    desk.start().tick(2 * 60 - 2)
    assert len(desk.did(actions.RunBattery)) == 1
    desk.tick(4)
    assert len(desk.did(actions.RunBattery)) == 2


@pytest.mark.parametrize("step", [DAY, -DAY])
def test_a_refusal_stands_for_a_day_whatever_the_clock_says(step: timedelta) -> None:
    desk = Desk(RESTLESS, route=replace(ROUTE, may_write=False)).tick()
    desk.now += step
    desk.tick()
    assert desk.did(actions.Assume) == []
    desk.tick(after=DAY - 2 * MINUTE)
    assert desk.did(actions.Assume) == []
    desk.tick(after=2 * MINUTE)
    assert len(desk.did(actions.Assume)) == 1
