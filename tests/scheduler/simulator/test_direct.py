"""The simulated home behind the gateway protocol, with no API between."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from four_levers import FOUR_LEVERS, four_levers
from simulated import SteadyHousehold
from simulated_client import START, HandClock

from rules.domain import Export, GridStatus, Mode, Observation, Part, Setting
from rules.resolve import Levers
from scheduler.domain import Endpoint, FirmwareState
from scheduler.errors import GatewayProblem, NotPermitted, Refused, Unreachable, WriteUncertain
from scheduler.gateways import levers_of, parse_version
from scheduler.gateways.protocol import Gateway
from scheduler.simulator.direct import DirectGateway, WriteFate
from scheduler.simulator.home import Home, Outage

EVERYTHING = frozenset(Endpoint)
BEFORE = Setting(Mode.SELF_CONSUMPTION, 20, grid_charging=True, export=Export.SOLAR)
WISH = Setting(Mode.BACKUP, 30, grid_charging=False, export=Export.NEVER)
LOCAL = levers_of(parse_version("23.44.3"))

T = TypeVar("T")


class Site:
    """A steady home at 50 % with 1 kW of load, and its gateway."""

    def __init__(
        self, *unreadable: Part, levers: Levers | None = None, outages: tuple[Outage, ...] = ()
    ) -> None:
        self.clock = HandClock(START)
        self.home = Home(SteadyHousehold(), START, outages=outages)
        self.direct = (
            DirectGateway(self.home, self.clock, levers=levers)
            if levers
            else four_levers(self.home, self.clock, *unreadable)
        )
        self.gateway: Gateway = self.direct

    def observe(self, *endpoints: Endpoint) -> Observation:
        return wait(self.gateway.observe(frozenset(endpoints) or EVERYTHING))

    def apply(self, setting: Setting = WISH) -> None:
        wait(self.gateway.apply(setting))


def wait(asked: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asked)


def test_what_is_written_is_in_effect_and_reads_back() -> None:
    site = Site()
    site.clock.pass_time(60)
    site.apply()
    seen = site.observe()
    assert site.home.setting == WISH
    assert (seen.mode, seen.reserve, seen.grid_charging, seen.export) == (
        Mode.BACKUP,
        30,
        False,
        Export.NEVER,
    )
    assert seen.battery_power == 0
    minute = START + timedelta(minutes=1)
    assert [(each.at, each.setting) for each in site.direct.record.writes] == [(minute, WISH)]
    assert [each.at for each in site.direct.record.settings] == [START, minute]
    assert site.direct.attempts == [(minute, WISH, WriteFate.CARRIED_OUT)]
    assert list(site.direct.reads) == [(minute, EVERYTHING)]
    assert site.gateway.capabilities.may_write is True


def test_only_what_is_written_changes() -> None:
    site = Site()
    site.apply(Setting(grid_charging=False))
    assert site.home.setting == Setting(grid_charging=False).over(BEFORE)


def test_an_observation_has_what_was_asked_for() -> None:
    site = Site()
    site.clock.pass_time(3_600)
    seen = site.observe()
    assert seen.at == START + timedelta(hours=1)
    assert seen.soe == pytest.approx(50 - 1_000 / 0.9**0.5 / 135)
    assert (seen.site_power, seen.battery_power, seen.load_power, seen.solar_power) == (
        0,
        1_000,
        1_000,
        0,
    )
    assert (seen.grid, seen.grid_services) == (GridStatus.CONNECTED, False)
    assert (seen.running, seen.firmware) == (True, "simulated")
    assert site.observe(Endpoint.SOE) == Observation(seen.at, seen.soe)
    assert site.observe(Endpoint.SITEMASTER) == Observation(seen.at, running=True)
    assert site.observe(Endpoint.STATUS) == Observation(seen.at, firmware="simulated")
    assert site.observe(Endpoint.GRID) == Observation(
        seen.at, grid=GridStatus.CONNECTED, grid_services=False
    )
    assert site.observe(Endpoint.OPERATION).load_power is None


def test_the_grid_goes_at_its_instant_and_is_recorded() -> None:
    outage = Outage(START + timedelta(seconds=10), START + timedelta(hours=1))
    site = Site(outages=(outage,))
    site.clock.pass_time(60)
    assert site.observe().grid is GridStatus.ISLANDED
    assert [each.at for each in site.direct.record.grid] == [START, outage.start]


@pytest.mark.parametrize("part", Part)
def test_an_unreadable_part_can_be_set_and_is_not_shown(part: Part) -> None:
    site = Site(part)
    site.apply()
    seen = site.observe()
    assert site.home.setting == WISH
    assert getattr(seen, part.value) is None
    assert all(getattr(seen, other.value) is not None for other in Part if other is not part)


def test_with_the_levers_of_the_local_route_it_shows_what_that_shows() -> None:
    site = Site(levers=LOCAL)
    seen = site.observe()
    assert (seen.mode, seen.reserve) == (Mode.SELF_CONSUMPTION, 20)
    assert (seen.grid_charging, seen.export) == (None, None)
    with pytest.raises(ValueError, match="cannot set grid_charging"):
        site.apply()
    assert site.direct.attempts == []


@pytest.mark.parametrize(
    ("fate", "problem", "shown", "in_effect", "may_write"),
    [
        (WriteFate.CARRIED_OUT, None, WISH, WISH, True),
        (WriteFate.REFUSED, Refused, BEFORE, BEFORE, None),
        (WriteFate.NOT_PERMITTED, NotPermitted, BEFORE, BEFORE, False),
        (WriteFate.LOST, WriteUncertain, BEFORE, BEFORE, None),
        (WriteFate.UNANSWERED, WriteUncertain, WISH, WISH, None),
        (WriteFate.IGNORED, None, BEFORE, BEFORE, True),
        (WriteFate.UNACTED, None, WISH, BEFORE, True),
    ],
)
def test_what_becomes_of_a_write(
    fate: WriteFate,
    problem: type[GatewayProblem] | None,
    shown: Setting,
    in_effect: Setting,
    may_write: bool | None,
) -> None:
    site = Site()
    site.direct.fate = fate
    met: type[GatewayProblem] | None = None
    try:
        site.apply()
    except GatewayProblem as caught:
        met = type(caught)
    assert met is problem
    seen = site.observe()
    assert [getattr(seen, part) for part in Part] == list(shown.present.values())
    assert site.home.setting == in_effect
    assert site.gateway.capabilities.may_write is may_write
    assert [each.fate for each in site.direct.attempts] == [fate]


@pytest.mark.parametrize(
    ("levers", "setting"),
    [
        (LOCAL, Setting(Mode.BACKUP, 101)),
        (levers_of(parse_version("25.18.4")), Setting(Mode.BACKUP, 90)),
        (levers_of(parse_version("1.15")), Setting(Mode.AUTONOMOUS, 20)),
        (FOUR_LEVERS.permitted(grid_charging=False, export=Export.BATTERY), BEFORE),
        (FOUR_LEVERS.permitted(grid_charging=True, export=Export.NEVER), BEFORE),
    ],
)
def test_values_that_the_route_does_not_take_are_refused(levers: Levers, setting: Setting) -> None:
    site = Site(levers=levers)
    with pytest.raises(Refused):
        site.apply(setting)
    assert site.home.setting == BEFORE
    assert [each.fate for each in site.direct.attempts] == [WriteFate.REFUSED]


@pytest.mark.parametrize(
    "ask",
    [
        lambda gateway: gateway.connect(),
        lambda gateway: gateway.observe(EVERYTHING),
        lambda gateway: gateway.apply(WISH),
        lambda gateway: gateway.write_back(),
        lambda gateway: gateway.run_battery(),
        lambda gateway: gateway.start_firmware_check(),
        lambda gateway: gateway.firmware_status(),
    ],
)
def test_while_it_is_silent_nothing_is_answered_or_done(ask: Any) -> None:
    site = Site()
    site.home.running = False
    site.direct.silent = True
    with pytest.raises(Unreachable):
        wait(ask(site.gateway))
    assert (site.home.setting, site.home.running) == (BEFORE, False)
    assert site.direct.attempts == site.direct.record.update_checks == []


def test_writing_back_changes_nothing_and_tells_whether_it_may() -> None:
    site = Site(Part.EXPORT)
    site.direct.set_in_app(Setting(Mode.BACKUP, 43))
    wait(site.gateway.write_back())
    assert site.gateway.capabilities.may_write is True
    assert site.direct.attempts[-1].setting == Setting(Mode.BACKUP, 43, grid_charging=True)
    assert site.home.setting == Setting(Mode.BACKUP, 43).over(BEFORE)
    site.gateway.assume(may_write=None)
    assert site.gateway.capabilities.may_write is None


def test_what_it_would_not_take_is_not_written_back() -> None:
    site = Site(levers=levers_of(parse_version("1.15")))
    site.direct.set_in_app(Setting(Mode.AUTONOMOUS))
    with pytest.raises(Refused):
        wait(site.gateway.write_back())


def test_the_owner_sets_something_in_the_app() -> None:
    site = Site()
    site.clock.pass_time(30)
    site.direct.set_in_app(Setting(reserve=40))
    seen = site.observe()
    assert (seen.mode, seen.reserve) == (Mode.SELF_CONSUMPTION, 40)
    change = site.direct.record.settings[-1]
    assert (change.at, change.cause) == (START + timedelta(seconds=30), "app")
    assert site.direct.attempts == []


def test_a_stopped_battery_runs_when_it_is_asked_to_and_not_before() -> None:
    site = Site()
    site.home.running = False
    assert site.observe().running is False
    for _ in range(2):
        wait(site.gateway.run_battery())
    assert site.observe().running is True
    assert [each.cause for each in site.direct.record.running] == ["start", "asked to run"]


def test_there_is_never_newer_firmware() -> None:
    site = Site()
    assert wait(site.gateway.firmware_status()).state is FirmwareState.IDLE
    wait(site.gateway.start_firmware_check())
    assert wait(site.gateway.firmware_status()).state is FirmwareState.NOTHING_NEWER
    assert site.direct.record.update_checks == [START]
    with pytest.raises(Refused):
        wait(site.gateway.install_firmware())


def test_a_step_of_the_wall_clock_is_not_the_homes() -> None:
    site = Site()
    site.clock.step_wall(timedelta(hours=5))
    seen = site.observe(Endpoint.SOE)
    assert seen.at == START + timedelta(hours=5)
    assert site.home.at == START


def test_the_list_of_reads_may_be_bounded() -> None:
    clock = HandClock(START)
    gateway = DirectGateway(Home(SteadyHousehold(), START), clock, levers=LOCAL, reads_kept=2)
    for _ in range(3):
        clock.pass_time(30)
        wait(gateway.observe(EVERYTHING))
    assert [each.at for each in gateway.reads] == [
        START + timedelta(seconds=60),
        START + timedelta(seconds=90),
    ]
