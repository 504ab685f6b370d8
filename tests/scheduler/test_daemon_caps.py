"""What counts against the caps and what waits for the gateway, on whole daemons and journals."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from house import AFTERNOON, FULL, SAFETY, SELF, House, local, trouble
from scripted import refusal
from simulated import SimulatedTransport

from rules.domain import Setting
from scheduler.domain import Kind
from scheduler.simulator.fault_plan import FaultKind
from scheduler.simulator.profiles import OPERATION, STATUS

NOON, TWO, THREE, FOUR = (local(7, 15, time) for time in ("13:40", "14:00", "15:00", "16:00"))
POLL, MINUTE, HOUR = timedelta(seconds=30), timedelta(minutes=1), timedelta(hours=1)
NOTICED = 2 * MINUTE + 2 * POLL
MINE = Setting(SELF, 60)


class RefusesWrites(SimulatedTransport):
    """The gateway understands every write and says no."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path == OPERATION:
            self.refused.append(self.gateway.advance())
            return refusal(500, "busy")
        return await super().handle_async_request(request)

    refused: list[datetime]


@pytest.mark.parametrize("kills", [[], [TWO + 5 * MINUTE, TWO + 20 * MINUTE]])
def test_refused_writes_count_against_the_cap_of_an_hour(
    tmp_path: Path, kills: list[datetime]
) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.play(TWO - MINUTE)
    transport = RefusesWrites(house.gateway)
    transport.refused = []
    house.transport = transport  # type: ignore[assignment]
    for instant in kills:
        house.play(instant, kill=True)
    house.play(FOUR - MINUTE)
    # The probe before two was held, and counts as well.
    tried = [probe.at for probe in house.probes] + transport.refused
    assert len(transport.refused) > 5
    assert max(sum(at <= other < at + HOUR for other in tried) for at in tried) == 5


@pytest.mark.parametrize("kill", [False, True])
def test_a_probe_counts_over_a_restart(tmp_path: Path, kill: bool) -> None:
    safety = replace(SAFETY, writes_an_hour=2)
    house = House(tmp_path, AFTERNOON, NOON, safety=safety).play(TWO - MINUTE, kill=kill)
    (probe,) = house.probes
    house.play(FOUR - MINUTE)
    ((at, setting),) = house.writes
    assert setting == FULL
    assert at >= probe.at + HOUR


@pytest.mark.parametrize("kind", [FaultKind.BAD_GATEWAY, FaultKind.NOT_JSON])
def test_a_change_waits_five_minutes_for_a_gateway_that_does_not_say_when_it_started(
    tmp_path: Path, kind: FaultKind
) -> None:
    mute = trouble(kind, TWO + 30 * MINUTE, FOUR, STATUS)
    house = House(tmp_path, AFTERNOON, NOON, faults=[mute])
    house.at(THREE + timedelta(seconds=7), house.gateway.set_in_app, MINE)
    house.play(FOUR - POLL)
    (began,) = [each for each in house.entries(Kind.OVERRIDE) if each.fields["state"] == "began"]
    looks = [at for at in house.asked(OPERATION) if THREE + timedelta(seconds=7) < at < began.at]
    assert len(looks) > 5  # it was seen again and again meanwhile
    assert 5 * MINUTE <= began.at - looks[0] <= 5 * MINUTE + 2 * POLL
    assert [setting for _, setting in house.writes] == [FULL]


@pytest.mark.parametrize("silent", [3, 4])
def test_a_gateway_that_says_in_time_that_it_restarted_has_overridden_nothing(
    tmp_path: Path, silent: int
) -> None:
    restarted = THREE + timedelta(seconds=7)
    mute = trouble(FaultKind.BAD_GATEWAY, TWO + 30 * MINUTE, restarted + silent * MINUTE, STATUS)
    house = House(tmp_path, AFTERNOON, NOON, faults=[mute])

    def restart() -> None:
        life = house.gateway._life
        life.device = replace(life.device, booted=restarted)
        house.gateway.set_in_app(MINE)

    house.at(restarted, restart)
    house.play(FOUR - POLL)
    assert not house.entries(Kind.OVERRIDE)
    assert [setting for _, setting in house.writes] == [FULL, FULL]


@pytest.mark.parametrize("kill", [False, True])
def test_a_battery_that_does_not_run_is_asked_once_an_hour_by_all_processes(
    tmp_path: Path, kill: bool
) -> None:
    house = House(tmp_path, AFTERNOON, NOON)
    house.gateway._set_running(NOON, running=False, cause="somebody")
    house.transport = NeverRuns(house.gateway)  # type: ignore[assignment]
    house.transport.asked = asked = []  # type: ignore[attr-defined]
    for minute in range(20, 140, 20):
        house.play(NOON + minute * MINUTE + POLL / 2, kill=kill)
    assert len(asked) == 2
    assert all(later - sooner >= HOUR for sooner, later in pairwise(asked))


class NeverRuns(SimulatedTransport):
    """Asked to run, the battery stays as it is."""

    asked: list[datetime]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/sitemaster/run":
            self.asked.append(self.gateway.advance())
            return httpx.Response(202)
        return await super().handle_async_request(request)
