"""The adapter against the simulated gateway, whose record says what truly happened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx
import pytest
from simulated import SimulatedTransport, SteadyHousehold, host_of, mode_and_reserve

from rules.domain import GridStatus, Mode, Setting
from scheduler.clock import SimulatedClock
from scheduler.domain import Endpoint, FirmwareState
from scheduler.errors import (
    GatewayProblem,
    LoginRefused,
    NotPermitted,
    Paused,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways.local import LocalGateway
from scheduler.simulator.certificate import self_signed
from scheduler.simulator.fault_plan import Fault, FaultKind, FaultPlan
from scheduler.simulator.gateway import SHIPPED, SimulatedGateway
from scheduler.simulator.home import Home, Outage
from scheduler.simulator.profiles import LOGIN, PROFILES
from scheduler.simulator.server import serve

START = datetime(2026, 7, 1, 19, tzinfo=UTC)
WISH = Setting(Mode.BACKUP, 30)
EVERYTHING = frozenset(Endpoint)
A_POLL = frozenset({Endpoint.SOE, Endpoint.METERS, Endpoint.GRID})
INSTALLER = ("installer", SHIPPED.installer_password)
ALL_BUT_FORCED = [name for name, profile in PROFILES.items() if not profile.login_needs_force]
"""Where nobody logs in without stopping the battery, which we never do."""
CUSTOMER = ("customer", SHIPPED.customer_password)


class SlowLogins(SimulatedTransport):
    """Two seconds pass in each login."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await super().handle_async_request(request)
        if request.url.path == LOGIN:
            alarm = self.gateway._clock.alarm_clock()
            await alarm.wait(2)
            await alarm.close()
        return answer


class Site:
    """One simulated home and the adapter that talks to its gateway."""

    def __init__(
        self,
        profile: str = "1.49",
        account: tuple[str, str] = INSTALLER,
        faults: list[Fault] | None = None,
        outages: list[Outage] | None = None,
        newer: str | None = None,
        transport: type[SimulatedTransport] = SimulatedTransport,
        hands_off: bool = False,
    ) -> None:
        self.clock = SimulatedClock(START)
        self.notes: list[str] = []
        self.simulated = SimulatedGateway(
            Home(SteadyHousehold(), START, soe=50, outages=outages or []),
            PROFILES[profile],
            self.clock,
            faults=FaultPlan.scripted(faults or []),
            newer=newer,
        )
        self.record = self.simulated.record
        self.gateway = LocalGateway(
            host_of(PROFILES[profile], "10.0.0.1"),
            *account,
            "",
            None,
            self.clock,
            hands_off=hands_off,
            transport=transport(self.simulated),
            on_note=lambda kind, _: self.notes.append(kind),
        )

    def connected(self) -> Site:
        asyncio.run(self.gateway.connect())
        return self

    def later(self, **passed: float) -> Site:
        async def wait() -> None:
            alarm = self.clock.alarm_clock()
            await alarm.wait(timedelta(**passed).total_seconds())
            await alarm.close()

        asyncio.run(wait())
        return self

    def outcome(self, ask: Callable[[], Awaitable[object]]) -> type[GatewayProblem] | None:
        async def run() -> type[GatewayProblem] | None:
            try:
                await ask()
            except GatewayProblem as problem:
                return type(problem)
            return None

        return asyncio.run(run())

    def apply(self, setting: Setting = WISH) -> type[GatewayProblem] | None:
        return self.outcome(lambda: self.gateway.apply(setting))

    @property
    def setting(self) -> Setting:
        return mode_and_reserve(self.record.settings[-1].setting)

    @property
    def asked(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.record.requests]


def unattended(profile: str) -> tuple[str, str]:
    """The best login that this firmware gives without anybody at the battery."""
    login = PROFILES[profile].unattended_login
    return login, SHIPPED.password(PROFILES[profile], login)


def fault(kind: FaultKind, after: float = 0, seconds: float = 600, path: str = "/") -> Fault:
    begin = START + timedelta(seconds=after)
    return Fault(kind, begin, begin + timedelta(seconds=seconds), path)


@pytest.mark.parametrize(
    ("profile", "account", "login",      "write"),
    [
        ("1.15",  INSTALLER,               None,         None),
        ("1.15",  ("anybody", INSTALLER[1]), None,       None),
        ("1.15",  CUSTOMER,                LoginRefused, None),
        ("1.49",  INSTALLER,               None,         None),
        ("1.49",  CUSTOMER,                None,         NotPermitted),
        ("1.49",  ("installer", "wrong"),  LoginRefused, None),
        ("21.44", CUSTOMER,                None,         NotPermitted),
        ("21.44", INSTALLER,               LoginRefused, None),
        ("21.44", ("customer", "wrong"),   LoginRefused, None),
    ],
)  # fmt: skip
def test_who_may_do_what(
    profile: str,
    account: tuple[str, str],
    login: type[GatewayProblem] | None,
    write: type[GatewayProblem] | None,
) -> None:
    site = Site(profile, account)
    assert site.outcome(site.gateway.connect) is login
    if login is not None:
        assert [entry.ok for entry in site.record.logins] == [False]
        return
    assert site.apply() is write
    assert site.gateway.capabilities.may_write is (write is None)
    assert (site.setting == WISH) is (write is None)
    assert site.record.running[-1].running


@pytest.mark.parametrize("profile", ALL_BUT_FORCED)
def test_what_is_seen(profile: str) -> None:
    seen = asyncio.run(Site(profile, unattended(profile)).connected().gateway.observe(EVERYTHING))
    assert seen.at == START
    assert seen.soe == pytest.approx(50, abs=0.1)
    assert (seen.site_power or 0) + (seen.battery_power or 0) == pytest.approx(1000, abs=20)
    assert seen.load_power == pytest.approx(1000, abs=20)
    assert seen.solar_power == pytest.approx(0, abs=20)
    assert seen.grid is GridStatus.CONNECTED
    assert seen.grid_services is (False if PROFILES[profile].shows_grid_services else None)
    assert seen.mode is Mode.SELF_CONSUMPTION
    assert seen.reserve is not None
    assert seen.running is True
    assert seen.firmware == PROFILES[profile].version.strip()


@pytest.mark.parametrize("profile", ["1.15", "1.49"])
@pytest.mark.parametrize("mode", [Mode.BACKUP, Mode.SELF_CONSUMPTION])
@pytest.mark.parametrize("reserve", [0, 21, 80, 81, 100])
def test_what_is_written_reads_back(profile: str, mode: Mode, reserve: int) -> None:
    site = Site(profile).connected()
    assert site.apply(Setting(mode, reserve)) is None
    seen = asyncio.run(site.gateway.observe(frozenset({Endpoint.OPERATION})))
    assert seen.mode is mode
    assert seen.reserve == pytest.approx(reserve, abs=0.05)
    assert site.setting == Setting(mode, reserve)


def test_a_mode_that_the_firmware_does_not_take() -> None:
    site = Site("1.49").connected()
    assert site.apply(Setting(Mode.AUTONOMOUS, 30)) is Refused
    assert site.record.writes == []


class TestLoginThatStopsTheBattery:
    def test_it_runs_again_at_once(self) -> None:
        site = Site("1.15").connected()
        assert [(change.running, change.cause) for change in site.record.running] == [
            (True, "start"),
            (False, "login"),
            (True, "sitemaster/run"),
        ]
        assert site.notes == ["battery_run"]

    @pytest.mark.parametrize("kind", [FaultKind.NO_ANSWER, FaultKind.BAD_GATEWAY])
    def test_even_where_the_gateway_was_away_just_then(self, kind: FaultKind) -> None:
        away = [fault(kind, 1, 60, path="/api/sitemaster")]
        site = Site("1.15", faults=away, transport=SlowLogins)
        site.outcome(site.gateway.connect)
        assert not site.record.running[-1].running
        site.later(minutes=2)
        asyncio.run(site.gateway.observe(A_POLL))
        assert site.record.running[-1].running


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "path", "problem", "carried_out"),
        [
            (FaultKind.UNCERTAIN_WRITE, "/api/operation",        WriteUncertain, False),
            (FaultKind.UNCERTAIN_WRITE, "/api/config/completed", WriteUncertain, True),
            (FaultKind.LOST_WRITE,      "/api/operation",        WriteUncertain, False),
            (FaultKind.LOST_WRITE,      "/api/config/completed", WriteUncertain, False),
            (FaultKind.NO_ANSWER,       "/api/operation",        WriteUncertain, False),
            (FaultKind.BAD_GATEWAY,     "/api/operation",        WriteUncertain, False),
            (FaultKind.BAD_GATEWAY,     "/api/config/completed", WriteUncertain, False),
            (FaultKind.RATE_LIMITED,    "/api/operation",        Paused,         False),
            (FaultKind.UNAUTHORIZED,    "/api/operation",        Paused,         False),
            (FaultKind.LATE_ANSWER,     "/api/config/completed", WriteUncertain, True),
        ],
    )  # fmt: skip
    def test_during_a_write(
        self, kind: FaultKind, path: str, problem: type[GatewayProblem], carried_out: bool
    ) -> None:
        site = Site(faults=[fault(kind, path=path)]).connected()
        assert site.apply() is problem
        assert (site.setting == WISH) is carried_out
        # What was uncertain is made certain by doing it again.
        site.later(minutes=15)
        assert site.apply() is None
        assert site.setting == WISH

    def test_a_reboot(self) -> None:
        site = Site("21.44", CUSTOMER, [fault(FaultKind.REBOOT, after=600)]).connected()
        site.later(minutes=10)
        assert site.outcome(lambda: site.gateway.observe(A_POLL)) is Unreachable
        site.later(minutes=6)
        rebooted = asyncio.run(site.gateway.observe(A_POLL))
        assert rebooted.running is False
        assert len(site.record.logins) == 2
        assert site.notes == []  # it was not the login that stopped it
        site.later(minutes=6)
        assert asyncio.run(site.gateway.observe(A_POLL)).soe is not None

    def test_a_session_that_is_dropped_again_and_again(self) -> None:
        site = Site("21.44", CUSTOMER, [fault(FaultKind.UNAUTHORIZED, 1, 7200)]).connected()
        for _ in range(240):
            site.later(seconds=30)
            site.outcome(lambda: site.gateway.observe(A_POLL))
        moments = [login.at for login in site.record.logins]
        gaps = [later - earlier for earlier, later in pairwise(moments)]
        assert min(gaps) >= timedelta(minutes=3)
        site.later(minutes=10)
        assert asyncio.run(site.gateway.observe(A_POLL)).soe is not None

    def test_too_many_requests(self) -> None:
        site = Site(faults=[fault(FaultKind.RATE_LIMITED, 1, 3600)]).connected()
        before = len(site.record.requests)
        for _ in range(120):
            site.later(seconds=30)
            site.outcome(lambda: site.gateway.observe(A_POLL))
        assert len(site.record.requests) - before == 4  # after 0, 5, 15 and 35 minutes
        site.later(minutes=60)
        assert asyncio.run(site.gateway.observe(A_POLL)).soe is not None

    def test_an_outage(self) -> None:
        outage = Outage(START + timedelta(minutes=1), START + timedelta(minutes=10))
        site = Site(outages=[outage]).connected().later(minutes=5)
        seen = asyncio.run(site.gateway.observe(A_POLL))
        assert seen.grid is GridStatus.ISLANDED
        assert seen.site_power == pytest.approx(0, abs=20)


class TestFirmwareCheck:
    @pytest.mark.parametrize("profile", ALL_BUT_FORCED)
    @pytest.mark.parametrize(
        ("newer", "end"), [(None, FirmwareState.NOTHING_NEWER), ("99.1", FirmwareState.STAGED)]
    )
    def test_it_comes_to_its_end(self, profile: str, newer: str | None, end: FirmwareState) -> None:
        site = Site(profile, unattended(profile), newer=newer).connected()
        before = asyncio.run(site.gateway.firmware_status())
        assert before.state is FirmwareState.NOTHING_NEWER
        asyncio.run(site.gateway.start_firmware_check())
        states = []
        for _ in range(60):
            states.append(asyncio.run(site.gateway.firmware_status()).state)
            site.later(seconds=10)
        assert states[0] is FirmwareState.CHECKING
        assert (FirmwareState.DOWNLOADING in states) is (newer is not None)
        assert states[-1] is end
        assert len(site.record.update_checks) == 1


def test_nobody_ever_asks_it_to_stop() -> None:
    site = Site("1.15", faults=[fault(FaultKind.UNAUTHORIZED, 60)]).connected()
    for _ in range(40):
        site.apply()
        site.outcome(lambda: site.gateway.observe(EVERYTHING))
        site.later(minutes=1)
    assert not [asked for asked in site.asked if "stop" in asked]
    assert site.record.running[-1].running


def test_over_real_https() -> None:
    async def run() -> None:
        site = Site()
        certificate = self_signed(datetime(2026, 1, 1, tzinfo=UTC))
        async with serve(site.simulated, "127.0.0.1", 0, certificate) as address:
            gateway = LocalGateway(
                str(address), *INSTALLER, "", f"sha256:{certificate.fingerprint}", site.clock
            )
            try:
                await gateway.connect()
                await gateway.apply(WISH)
                seen = await gateway.observe(EVERYTHING)
            finally:
                await gateway.close()
        assert site.setting == WISH
        assert seen.mode is Mode.BACKUP
        assert seen.soe is not None

    asyncio.run(run())
