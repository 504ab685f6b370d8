"""Whose doing it is that the battery stands: what we stop we start, what others stop we ask about.

A dry run does neither. What is asserted of the battery is the simulated gateway's own record.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from house import AFTERNOON, EVERYDAY, FULL, House, local
from scripted import refusal
from simulated import SimulatedTransport

from scheduler.cli.status import _lines
from scheduler.domain import Kind
from scheduler.errors import Unreachable
from scheduler.gateways import Generation
from scheduler.gateways.local import SessionFile
from scheduler.listeners.heartbeat import beat
from scheduler.loop import Ticked
from scheduler.simulator.profiles import OPERATION, PROFILES, RUN, SITEMASTER, Profile

NOON, TWO, FOUR, SIX = (local(7, 15, time) for time in ("12:00", "14:00", "16:00", "18:00"))
POLL, MINUTE, HOUR = timedelta(seconds=30), timedelta(minutes=1), timedelta(hours=1)
NO_STOPS = ["1.49", "21.44"]
"""Firmware that stops no battery for a login, though the first of them may."""


def home(folder: Path, profile: str, *, keeps_token: bool = True) -> House:
    house = House(folder, AFTERNOON, NOON, profile=profile)
    if keeps_token:
        house.session_file = SessionFile.beside(house.path, "home")
    return house


def stop(house: House) -> None:
    house.gateway._set_running(house.unstepped(), running=False, cause="somebody")


def stops_and_runs(house: House) -> list[tuple[bool, str]]:
    return [(change.running, change.cause) for change in house.record.running]


# --- found stopped ----------------------------------------------------------------------------


@pytest.mark.parametrize("keeps_token", [True, False])
@pytest.mark.parametrize("profile", ["1.15", *NO_STOPS])
def test_one_found_stopped_at_a_start_is_told_at_once_and_asked_after_three_minutes(
    tmp_path: Path, profile: str, keeps_token: bool
) -> None:
    house = home(tmp_path, profile, keeps_token=keeps_token).play(NOON + 30 * MINUTE)
    stop(house)
    before = len(house.asked(RUN))
    house.wait(NOON + HOUR + 5 * MINUTE)
    house.play(TWO - POLL)
    asked = house.asked(RUN)[before:]
    ((told, _),) = house.notes("battery_stopped")
    assert told == NOON + HOUR + 5 * MINUTE
    assert len(asked) == 1
    assert timedelta(minutes=3) <= asked[0] - told <= timedelta(minutes=3) + POLL
    assert house.home.running


def test_status_tells_of_it_as_long_as_it_stands(tmp_path: Path) -> None:
    house = home(tmp_path, "1.49")
    house.at(NOON + 10 * MINUTE + POLL / 2, stop, house)
    house.play(NOON + 20 * MINUTE)
    told = [status_of(each) for each in house.heard if isinstance(each, Ticked)]
    stopped = [each.get("battery") for each in told]
    assert stopped[0] is stopped[-1] is None
    assert {each for each in stopped if each} == {"stopped, seen so since 12:10"}


def status_of(tick: Ticked) -> dict[str, str]:
    rest = {"timezone": "America/Los_Angeles", "last_write": None}
    return dict(_lines(json.loads(json.dumps(beat(tick, 30.0))) | rest, tick.at))


@pytest.mark.parametrize("kill", [False, True])
def test_it_is_asked_once_an_hour_over_restarts(tmp_path: Path, kill: bool) -> None:
    house = home(tmp_path, "1.49")
    stop(house)
    for minute in range(150):
        house.at(NOON + minute * MINUTE + timedelta(seconds=7), stop, house)
    for ten in range(1, 16):
        house.play(NOON + 10 * ten * MINUTE, kill=kill)
    asked = house.asked(RUN)
    assert asked[0] - NOON >= timedelta(minutes=3)
    assert len(asked) in {2, 3}
    assert all(later - sooner >= HOUR for sooner, later in pairwise(asked))


# --- stopped by us ----------------------------------------------------------------------------


def test_one_that_our_login_stopped_runs_at_once_after_every_start(tmp_path: Path) -> None:
    house = home(tmp_path, "1.15", keeps_token=False)
    for hour in range(3):
        house.play(NOON + hour * HOUR + 10 * MINUTE)
        house.wait(NOON + (hour + 1) * HOUR)
    assert stops_and_runs(house) == [(True, "start")] + 3 * [
        (False, "login"),
        (True, "sitemaster/run"),
    ]
    gaps = [
        later.at - sooner.at
        for sooner, later in pairwise(house.record.running[1:])
        if later.running
    ]
    assert set(gaps) == {timedelta(0)}
    assert not house.notes("battery_stopped")


class StandsAfterWrites(SimulatedTransport):
    """The battery stands after each configuration that is completed."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if request.url.path == "/api/config/completed":
            gateway = self.gateway
            gateway._set_running(gateway.advance(), running=False, cause="write")
        return answer


def test_one_that_our_write_stopped_runs_at_once(tmp_path: Path) -> None:
    house = home(tmp_path, "1.49")
    house.transport = StandsAfterWrites(house.gateway)  # type: ignore[assignment]
    house.play(SIX)
    assert [setting for _, setting in house.writes] == [FULL, EVERYDAY]
    assert stops_and_runs(house)[1:] == 3 * [(False, "write"), (True, "sitemaster/run")]
    assert not house.notes("battery_stopped")
    assert set(house.outcomes()) == {"held"}


# --- a dry run --------------------------------------------------------------------------------


def dry(house: House, until: datetime, *, allow_login: bool = False) -> House:
    return house.play(until, dry_run=True, allow_login=allow_login)


@pytest.mark.parametrize("profile", ["1.15", "1.49"])
def test_a_dry_run_makes_no_login_that_may_stop_the_battery(tmp_path: Path, profile: str) -> None:
    house = dry(home(tmp_path, profile), SIX)
    assert house.record.logins == []
    assert stops_and_runs(house) == [(True, "start")]
    assert not house.record.writes
    version = house.gateway.profile.version.split()[0]
    ((told, text),) = house.notes("not_permitted")
    assert told == NOON
    assert f"has firmware {version}" in text
    assert "may stop the battery for a login, so a dry run makes none" in text
    assert "--allow-login" in text
    # What needs no login is read all the same; only what is set is not shown.
    last = house.entries(Kind.OBSERVATION)[-1].fields
    assert last["soe"] is not None
    assert (last["mode"], last["reserve"]) == (None, None)
    assert not house.actions
    assert not house.notes("unreachable")


def test_with_a_token_of_an_earlier_run_it_reads_everything(tmp_path: Path) -> None:
    house = home(tmp_path, "1.15").play(NOON + 30 * MINUTE)
    logins, changes = len(house.record.logins), stops_and_runs(house)
    dry(house, SIX)
    assert len(house.record.logins) == logins
    assert stops_and_runs(house) == changes
    assert [action.wanted for action in house.actions if action.would] == [FULL, EVERYDAY]


def test_where_that_token_is_forgotten_it_goes_on_with_what_needs_none(tmp_path: Path) -> None:
    house = home(tmp_path, "1.15").play(NOON + 30 * MINUTE)
    logins = len(house.record.logins)
    house.gateway._sessions.drop_all()
    dry(house, TWO)
    assert len(house.record.logins) == logins
    assert len(house.notes("not_permitted")) == 1
    assert house.asked(SITEMASTER)[-1] >= TWO - 3 * MINUTE
    house.play(SIX)  # a real run logs in
    assert [setting for _, setting in house.writes] == [FULL, EVERYDAY]


class Unheard(Profile):
    """Firmware 21.44 with a version in words that nobody knows."""

    @property
    def generation(self) -> Generation:
        return PROFILES["21.44"].generation


@pytest.mark.parametrize("words", ["", "unheard of"])
def test_where_nothing_is_shown_without_one_it_waits_and_says_why(
    tmp_path: Path, words: str
) -> None:
    house = home(tmp_path, "21.44")
    known = house.gateway.profile
    kept = {each.name: getattr(known, each.name) for each in fields(Profile)}
    unknown = Unheard(**{**kept, "version": words})
    house.gateway._life.profile = house.gateway._sessions.profile = unknown

    def updated() -> None:
        house.gateway._life.profile = house.gateway._sessions.profile = known

    house.at(FOUR + timedelta(seconds=7), updated)
    dry(house, SIX)
    ((told, text),) = house.notes("unreachable")
    assert told == NOON
    assert "may stop the battery for a login, so a dry run makes none" in text
    ((again, _),) = house.notes("reachable")
    assert FOUR <= again <= FOUR + 2 * POLL
    assert len(house.record.logins) == 1


def test_it_logs_in_where_no_login_stops_the_battery(tmp_path: Path) -> None:
    house = dry(home(tmp_path, "21.44"), SIX)
    assert len(house.record.logins) == 1
    assert [action.wanted for action in house.actions] == [FULL, EVERYDAY]


def test_with_permission_it_logs_in_and_undoes_its_own_stop(tmp_path: Path) -> None:
    house = dry(home(tmp_path, "1.15"), SIX, allow_login=True)
    assert stops_and_runs(house) == [
        (True, "start"),
        (False, "login"),
        (True, "sitemaster/run"),
    ]
    assert [action.wanted for action in house.actions] == [FULL, EVERYDAY]
    assert not house.record.writes


@pytest.mark.parametrize("allow_login", [True, False])
@pytest.mark.parametrize("earlier", [True, False])
@pytest.mark.parametrize("profile", ["1.15", *NO_STOPS])
def test_it_starts_no_battery_that_it_finds_stopped(
    tmp_path: Path, profile: str, earlier: bool, allow_login: bool
) -> None:
    house = home(tmp_path, profile)
    if earlier:
        house.play(NOON + 30 * MINUTE)
    stop(house)
    asked = house.asked(RUN)
    dry(house, SIX, allow_login=allow_login)
    assert house.asked(RUN) == asked
    assert not house.home.running
    assert len(house.notes("battery_stopped")) == 1


def test_nor_one_that_an_earlier_run_may_have_left_so(tmp_path: Path) -> None:
    house = home(tmp_path, "1.15")
    house.transport = LoginsAreLost(house.gateway)  # type: ignore[assignment]
    with suppress(Unreachable):
        house.play(NOON + POLL / 2, kill=True)
    assert stops_and_runs(house) == [(True, "start"), (False, "login")]
    house.transport = SimulatedTransport(house.gateway)  # type: ignore[assignment]
    dry(house, NOON + 30 * MINUTE)
    assert not house.home.running
    house.play(NOON + 31 * MINUTE)  # a real run makes it good at once
    assert stops_and_runs(house)[2:] == [(True, "sitemaster/run")]


class LoginsAreLost(SimulatedTransport):
    """The gateway takes a login, and falls silent."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self.gateway.record.logins:
            answer = await super().handle_async_request(request)
            if not self.gateway.record.logins:
                return answer
        raise httpx.ReadTimeout("nothing came", request=request)


# --- a login that may not write, as some firmware says it ----------------------------------------


class NoWrites(SimulatedTransport):
    """A write is refused with 401, as if the token were not a good one."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path == OPERATION:
            await super().handle_async_request(request)
            return refusal(401, "Token Expired", "Login Error")
        return await super().handle_async_request(request)


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("profile", NO_STOPS)
def test_401_on_writes_is_learned_while_reading_goes_on(
    tmp_path: Path, profile: str, again: bool
) -> None:
    house = home(tmp_path, profile)
    house.gateway._life.profile = house.gateway._sessions.profile = replace(
        house.gateway.profile, may_write=frozenset()
    )
    house.transport = NoWrites(house.gateway)  # type: ignore[assignment]
    if again:
        house.play(TWO + HOUR)
    house.play(SIX)
    assert len(house.record.logins) == 2
    polls = house.asked("/api/system_status/soe")
    assert max(later - sooner for sooner, later in pairwise(polls)) <= POLL
    assert not house.notes("unreachable")
    assert len(house.notes("not_permitted")) == 1
    assert [entry.fields["may_write"] for entry in house.entries(Kind.CAPABILITY)][-1] is False
    assert [action.wanted for action in house.actions if action.would] == [FULL, EVERYDAY]
