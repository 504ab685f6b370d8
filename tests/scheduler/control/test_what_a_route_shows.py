"""What a route cannot show is not waited for, what it can must be read, at the route's pace."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pretended import (
    AFTERNOON,
    EVERY_LEVER,
    FULL,
    MINUTE,
    QUIET,
    ROUTE,
    SELF,
    UNCERTAIN,
    Desk,
    local,
)

from rules.domain import NOTHING, Export, Quantity, Setting
from scheduler import control
from scheduler.control import actions
from scheduler.control.effect import READINGS
from scheduler.domain import (
    AT_INTERVALS,
    SHOWN_AT_HOME,
    Effect,
    EffectRecord,
    Endpoint,
    NoteKind,
    Outcome,
    OutcomeRecord,
    Past,
)

TWO = local("14:00")
CLOUD = replace(
    ROUTE,
    shows=(SHOWN_AT_HOME | {Quantity.STORM_WATCH}) - {Quantity.RUNNING},
    levers=replace(EVERY_LEVER, together=frozenset()),
    read_backs=(30.0, 90.0, 600.0),
    settling_time=900.0,
)
UNTOLD = replace(QUIET, running=None, grid_charging=True, export=Export.BATTERY, storm_watch=False)
NEVER_SELL = AFTERNOON.replace("reserve = 100", 'reserve = 100, export = "never"').replace(
    "reserve = 20\n", 'reserve = 20\nexport = "battery_ok"\n'
)


def before_two(rules: str = AFTERNOON, **more: Any) -> Desk:
    return Desk(rules, local("13:58"), past=Past(), **{"route": CLOUD, "world": UNTOLD, **more})


def asked(desk: Desk) -> list[frozenset[Endpoint]]:
    return [action.endpoints for _, action in desk.done if isinstance(action, actions.Observe)]


def outcomes(desk: Desk) -> list[Outcome]:
    return [record.outcome for record in desk.records(OutcomeRecord)]


def test_a_route_that_cannot_tell_whether_the_battery_runs_is_written_and_believed() -> None:
    desk = before_two().until(local("14:02"))
    assert outcomes(desk) == [Outcome.HELD]
    desk.world = replace(UNTOLD, mode=FULL.mode, reserve=100.0, battery_power=1000.0)
    desk.until(TWO + timedelta(minutes=17) + READINGS * MINUTE)
    assert [each.effect for each in desk.records(EffectRecord)] == [Effect.CONTRADICTED]


@pytest.mark.parametrize("running", [None, False])
def test_one_that_can_tell_has_to(running: bool | None) -> None:
    desk = before_two(route=ROUTE, world=replace(QUIET, running=running)).until(local("14:02"))
    assert desk.writes == []


def test_an_override_is_noticed_where_the_battery_is_not_shown() -> None:
    desk = before_two().until(local("14:05"))
    desk.sets(Setting(SELF, 60)).until(local("14:15"))
    assert desk.state.ownership.override is not None


def test_what_the_route_does_not_show_is_never_requested() -> None:
    desk = before_two().until(local("14:30"))
    assert not any(Endpoint.SITEMASTER in each for each in asked(desk))
    desk = before_two(route=ROUTE, world=QUIET).until(local("14:30"))
    beyond = {Endpoint.PERMISSIONS, Endpoint.STORM_WATCH}
    assert not any(beyond & each for each in asked(desk))


@pytest.mark.parametrize(("rules", "read"), [(AFTERNOON, False), (NEVER_SELL, True)])
def test_what_is_permitted_is_read_with_a_write_that_sets_it(rules: str, *, read: bool) -> None:
    rarely = {**AT_INTERVALS, Endpoint.PERMISSIONS: 36_000.0}
    desk = before_two(rules, route=replace(CLOUD, at_intervals=rarely)).until(local("13:59"))
    desk.done.clear()
    desk.until(local("14:02"))
    assert outcomes(desk) == [Outcome.HELD]
    assert any(Endpoint.PERMISSIONS in each for each in asked(desk)) is read


def test_the_route_says_how_often_the_rest_is_read() -> None:
    rarely = {**AT_INTERVALS, Endpoint.STORM_WATCH: 3600.0, Endpoint.PERMISSIONS: 7200.0}
    route = replace(CLOUD, at_intervals=rarely)
    desk = before_two(route=route).until(local("13:59"))
    desk.done.clear()
    desk.at(local("13:59"), lambda: None)
    desk.until(local("13:59") + timedelta(hours=12))
    often = {each: sum(each in some for some in asked(desk)) for each in rarely}
    assert often[Endpoint.STORM_WATCH] == 12
    assert often[Endpoint.PERMISSIONS] == 6


def test_a_slow_route_is_polled_slowly_and_its_readings_count_for_longer() -> None:
    slow = replace(CLOUD, shortest_poll=600.0)
    desk = before_two(route=slow)
    assert control.next_wake(desk.state, desk.now).poll == 600.0
    desk.until(local("15:00"))
    assert outcomes(desk) == [Outcome.HELD]
    assert len(asked(desk)) < 20


def test_read_backs_come_when_the_route_says() -> None:
    desk = before_two(route=replace(CLOUD, shortest_poll=600.0))
    desk.unanswered.clear()
    desk.until(TWO)
    desk.done.clear()
    stubborn = desk.world
    desk.at(TWO + timedelta(seconds=1), desk.sets, Setting(stubborn.mode, 20))
    desk.until(TWO + timedelta(minutes=14))
    looks = {at for at, what in desk.done if isinstance(what, actions.Observe)}
    assert {TWO + timedelta(seconds=each) for each in CLOUD.read_backs[:-1]} <= looks
    assert outcomes(desk) == []


def test_nothing_is_written_while_storm_watch_is_active() -> None:
    desk = before_two(world=replace(UNTOLD, storm_watch=True)).until(local("14:05"))
    assert desk.writes == []
    assert any("Storm Watch is active" in each for each in desk.notes(NoteKind.HELD_BACK))
    desk.world = replace(desk.world, storm_watch=False)
    desk.until(local("14:10"))
    assert desk.settings == [FULL]


def test_a_write_says_what_the_gateway_has_already_unless_it_is_made_again() -> None:
    desk = before_two()
    desk.fails[actions.Apply].append(UNCERTAIN)
    desk.at(TWO + timedelta(seconds=2), desk.sets, FULL)
    desk.until(local("14:05"))
    found = [what.found for _, what in desk.done if isinstance(what, actions.Apply)]
    assert found == [Setting(SELF, 20), NOTHING]
