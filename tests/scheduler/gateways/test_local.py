from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from scripted import Reply, ScriptedTransport, refusal, reply

from rules.domain import GridStatus, Mode, Observation
from scheduler.clock import SimulatedClock
from scheduler.errors import (
    CertificateMismatch,
    GatewayProblem,
    LoginRefused,
    NotPermitted,
    Paused,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways.local import LocalGateway
from scheduler.gateways.protocol import FirmwareState, FullSetting, Gateway, Part
from scheduler.gateways.transport import (
    AGGREGATES,
    CHECK_UPDATE,
    COMPLETED,
    GRID_STATUS,
    LOGIN,
    OPERATION,
    RUN,
    SITE_INFO,
    SITEMASTER,
    SOE,
    STATUS,
    UPDATE_STATUS,
)

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "gateway-samples"
NOON = datetime(2026, 7, 1, 19, tzinfo=UTC)
EVERYTHING = frozenset(Part)
A_POLL = frozenset({Part.SOE, Part.METERS, Part.GRID})
WISH = FullSetting(Mode.BACKUP, 30)
LOST = httpx.ReadTimeout("nothing came")
NOBODY = httpx.ConnectError("nobody there")
STANDING = reply(502)
MAY_NOT = refusal(403, "Unable to POST to resource", "User does not have adequate access rights")

T = TypeVar("T")


class House:
    """A scripted gateway on firmware 21.44 that does everything it is asked, and its adapter."""

    def __init__(self, version: str = "21.44 223a56cd") -> None:
        self.wire = ScriptedTransport()
        self.clock = SimulatedClock(NOON)
        self.notes: list[str] = []
        self.gateway = LocalGateway(
            "10.0.0.1",
            "installer",
            "CANARY-pass",
            "",
            None,
            self.clock,
            transport=self.wire,
            on_note=lambda kind, _: self.notes.append(kind),
        )
        operation = {"real_mode": "self_consumption", "backup_reserve_percent": 24}
        self.on("GET", STATUS, reply(200, {"version": version}))
        self.on("POST", LOGIN, reply(200, {"token": "CANARYtoken=="}))
        self.on("GET", SITEMASTER, reply(200, {"running": True}))
        self.on("GET", RUN, reply(202))
        self.on("GET", SOE, reply(200, {"percentage": 52.5}))
        self.on("GET", AGGREGATES, reply(200, {"site": {"instant_power": 537}}))
        self.on("GET", GRID_STATUS, reply(200, {"grid_status": "SystemGridConnected"}))
        self.on("GET", OPERATION, reply(200, operation))
        self.on("POST", OPERATION, reply(200, operation))
        self.on("GET", COMPLETED, reply(202))
        self.on("GET", CHECK_UPDATE, reply(202))
        self.on("GET", UPDATE_STATUS, reply(200, {"state": "/download"}))

    def on(self, method: str, target: str, *replies: Reply) -> None:
        self.wire.on(method, target, *replies)

    def connected(self) -> House:
        asyncio.run(self.gateway.connect())
        self.wire.seen.clear()
        return self

    def observe(self, parts: frozenset[Part] = EVERYTHING) -> Observation:
        return asyncio.run(self.gateway.observe(parts))

    def apply(self, setting: FullSetting = WISH) -> None:
        asyncio.run(self.gateway.apply(setting))

    def later(self, seconds: float) -> None:
        async def wait() -> None:
            alarm = self.clock.alarm_clock()
            await alarm.wait(seconds)
            await alarm.close()

        asyncio.run(wait())


def outcome(ask: Callable[[], Awaitable[T]]) -> T | GatewayProblem:
    async def run() -> T | GatewayProblem:
        try:
            return await ask()
        except GatewayProblem as problem:
            return problem

    return asyncio.run(run())


def test_it_is_a_gateway() -> None:
    gateway: Gateway = House().gateway
    assert gateway.capabilities.may_write is None


class TestConnect:
    def test_the_password_is_sent_after_what_needs_none(self) -> None:
        house = House()
        asyncio.run(house.gateway.connect())
        assert house.wire.targets == [
            f"GET {STATUS}",
            f"POST {LOGIN}",
            f"GET {SITEMASTER}",
            f"GET {SITE_INFO}",
        ]
        assert house.gateway.capabilities.login == "installer"
        assert house.gateway.capabilities.firmware == "21.44 223a56cd"

    def test_a_firmware_that_shows_its_version_to_nobody_is_asked_again(self) -> None:
        house = House()
        house.on("GET", STATUS, refusal(401, "no"), reply(200, {"version": "26.1.0"}))
        asyncio.run(house.gateway.connect())
        assert house.gateway.capabilities.firmware == "26.1.0"

    @pytest.mark.parametrize("version", [{}, {"version": 7}, {"version": ""}])
    def test_an_unknown_version_allows_least(self, version: object) -> None:
        house = House()
        house.on("GET", STATUS, reply(200, version))
        asyncio.run(house.gateway.connect())
        assert house.gateway.capabilities.firmware is None
        assert house.gateway.capabilities.levers.reserve_ceiling == 80

    @pytest.mark.parametrize(
        ("target", "answer", "problem"),
        [
            (("GET", STATUS), NOBODY, Unreachable),
            (("GET", STATUS), CertificateMismatch("another", "sha256:0"), CertificateMismatch),
            (("GET", STATUS), refusal(429, "Api Limit"), Paused),
            (("POST", LOGIN), refusal(401, "bad credentials"), LoginRefused),
            (("POST", LOGIN), LOST, Unreachable),
        ],
    )
    def test_what_can_go_wrong(
        self, target: tuple[str, str], answer: Reply, problem: type[GatewayProblem]
    ) -> None:
        house = House()
        house.on(*target, answer)
        assert type(outcome(house.gateway.connect)) is problem
        assert house.gateway.capabilities.firmware is None


class TestObserve:
    def test_each_part_costs_one_request(self) -> None:
        house = House().connected()
        for part in Part:
            house.wire.seen.clear()
            house.observe(frozenset({part}))
            assert len(house.wire.seen) == 1

    def test_everything(self) -> None:
        seen = House().connected().observe()
        assert seen == Observation(
            at=NOON,
            soe=seen.soe,
            site_power=537.0,
            grid=GridStatus.CONNECTED,
            mode=Mode.SELF_CONSUMPTION,
            reserve=seen.reserve,
            running=True,
            firmware="21.44 223a56cd",
        )
        assert seen.soe == pytest.approx(50)
        assert seen.reserve == pytest.approx(20)

    def test_nothing(self) -> None:
        house = House().connected()
        assert house.observe(frozenset()) == Observation(at=NOON)
        assert house.wire.seen == []

    @pytest.mark.parametrize(
        "answer", [reply(200), reply(200, []), reply(500), reply(404), reply(301)]
    )
    def test_a_useless_answer_is_a_missing_value(self, answer: httpx.Response) -> None:
        house = House().connected()
        house.on("GET", SOE, answer)
        seen = house.observe(A_POLL)
        assert seen.soe is None
        assert seen.site_power == 537.0
        assert seen.running is None

    def test_a_gateway_that_answers_nothing_is_unreachable(self) -> None:
        house = House().connected()
        house.on("GET", SOE, NOBODY)
        assert isinstance(outcome(lambda: house.gateway.observe(A_POLL)), Unreachable)
        assert house.wire.targets == [f"GET {SOE}"]

    def test_after_the_first_silence_nothing_more_is_asked(self) -> None:
        house = House().connected()
        house.on("GET", AGGREGATES, LOST)
        seen = house.observe()
        assert house.wire.targets == [f"GET {SOE}", f"GET {AGGREGATES}"]
        assert seen == Observation(at=NOON, soe=seen.soe)
        assert seen.soe is not None

    def test_a_standing_battery_is_seen_as_such(self) -> None:
        house = House().connected()
        for target in (SOE, AGGREGATES, GRID_STATUS):
            house.on("GET", target, STANDING)
        house.on("GET", SITEMASTER, reply(200, {"running": False}))
        assert house.observe(A_POLL) == Observation(at=NOON, running=False)
        assert house.wire.count("GET", SITEMASTER) == 1

    def test_it_is_asked_once_even_where_it_was_wanted_anyway(self) -> None:
        house = House().connected()
        house.on("GET", SOE, STANDING)
        house.observe()
        assert house.wire.count("GET", SITEMASTER) == 1

    def test_a_gateway_with_nothing_behind_it(self) -> None:
        house = House().connected()
        for target in (SOE, AGGREGATES, GRID_STATUS, SITEMASTER):
            house.on("GET", target, STANDING)
        assert house.observe(A_POLL) == Observation(at=NOON)

    def test_a_session_that_is_worth_nothing(self) -> None:
        house = House().connected()
        house.later(180)
        house.on("GET", SOE, refusal(401, "Token Expired"))
        assert isinstance(outcome(lambda: house.gateway.observe(A_POLL)), LoginRefused)

    def test_a_new_firmware_is_a_new_gateway(self) -> None:
        house = House().connected()
        house.apply()
        assert house.gateway.capabilities.may_write
        house.on("GET", STATUS, reply(200, {"version": "25.18.4 abc"}))
        house.observe(frozenset({Part.STATUS}))
        now = house.gateway.capabilities
        assert now.firmware == "25.18.4 abc"
        assert now.may_write is None
        assert now.levers.reserve_ceiling == 80

    def test_the_same_firmware_is_the_same_gateway(self) -> None:
        house = House().connected()
        house.apply()
        house.observe()
        assert house.gateway.capabilities.may_write is True


class TestApply:
    @pytest.mark.parametrize(
        ("version", "setting", "body"),
        [
            ("1.15.0\n", FullSetting(Mode.BACKUP, 20), {"mode": "backup"}),
            ("1.49.0", FullSetting(Mode.BACKUP, 20), {"real_mode": "backup"}),
            ("23.4.2-1", FullSetting(Mode.AUTONOMOUS, 20), {"real_mode": "autonomous"}),
        ],
    )
    def test_mode_and_reserve_go_together(
        self, version: str, setting: FullSetting, body: dict[str, object]
    ) -> None:
        house = House(version).connected()
        house.apply(setting)
        assert json.loads(house.wire.seen[0].body) == body | {"backup_reserve_percent": 24.0}

    @pytest.mark.parametrize(
        ("reserve", "raw"),
        [(0, 5), (7, 11.65), (21, 24.95), (29, 32.55), (30, 33.5), (80, 81), (100, 100)],
    )
    def test_the_reserve_is_sent_on_the_raw_scale(self, reserve: int, raw: float) -> None:
        house = House().connected()
        house.apply(FullSetting(Mode.BACKUP, reserve))
        assert json.loads(house.wire.seen[0].body)["backup_reserve_percent"] == raw

    def test_the_steps(self) -> None:
        house = House().connected()
        house.apply()
        assert house.wire.targets == [
            f"POST {OPERATION}",
            f"GET {COMPLETED}",
            f"GET {SITEMASTER}",
        ]
        assert house.gateway.capabilities.may_write is True
        assert house.notes == []

    def test_a_battery_left_standing_is_run(self) -> None:
        house = House().connected()
        house.on("GET", SITEMASTER, reply(200, {"running": False}))
        house.apply()
        assert house.wire.targets[-1] == f"GET {RUN}"
        assert house.notes == ["battery_run"]

    def test_a_battery_that_cannot_be_seen_then_is_seen_to_later(self) -> None:
        house = House().connected()
        house.on("GET", SITEMASTER, LOST, reply(200, {"running": False}))
        house.apply()
        assert house.gateway.capabilities.may_write is True
        house.observe(A_POLL)
        assert house.notes == ["battery_run"]

    @pytest.mark.parametrize(
        ("step", "answer", "problem", "may_write"),
        [
            ("POST", LOST,                              WriteUncertain, None),
            ("POST", httpx.ReadError("gone"),           WriteUncertain, None),
            ("POST", NOBODY,                            Unreachable,    None),
            ("POST", reply(502),                        WriteUncertain, None),
            ("POST", reply(503),                        WriteUncertain, None),
            ("POST", refusal(503, "mode is busy"),      Refused,        None),
            ("POST", refusal(500, "RealMode must be"),  Refused,        None),
            ("POST", refusal(400, "no such reserve"),   Refused,        None),
            ("POST", reply(404),                        Refused,        None),
            ("POST", reply(405),                        Refused,        None),
            ("POST", reply(301),                        Refused,        None),
            ("POST", refusal(429, "Api Limit"),         Paused,         None),
            ("POST", refusal(401, "Token Expired"),     Paused,         None),
            ("POST", MAY_NOT,                           NotPermitted,   False),
            ("GET",  LOST,                              WriteUncertain, None),
            ("GET",  NOBODY,                            WriteUncertain, None),
            ("GET",  refusal(429, "Api Limit"),         WriteUncertain, None),
            ("GET",  refusal(401, "Token Expired"),     WriteUncertain, None),
            ("GET",  reply(502),                        WriteUncertain, None),
            ("GET",  refusal(500, "no"),                Refused,        None),
            ("GET",  MAY_NOT,                           NotPermitted,   False),
            ("GET",  CertificateMismatch("another", "sha256:0"), CertificateMismatch, None),
        ],
    )  # fmt: skip
    def test_what_can_go_wrong(
        self, step: str, answer: Reply, problem: type[GatewayProblem], may_write: bool | None
    ) -> None:
        house = House().connected()
        house.on(step, OPERATION if step == "POST" else COMPLETED, answer)
        assert type(outcome(lambda: house.gateway.apply(WISH))) is problem
        assert house.gateway.capabilities.may_write is may_write
        assert house.wire.count("POST", OPERATION) == 1

    def test_after_a_refused_write_nothing_is_completed(self) -> None:
        house = House().connected()
        house.on("POST", OPERATION, refusal(500, "RealMode must be either"))
        problem = outcome(lambda: house.gateway.apply(WISH))
        assert "RealMode must be either" in str(problem)
        assert house.wire.targets == [f"POST {OPERATION}"]

    def test_a_forgotten_session_is_renewed_and_the_write_made(self) -> None:
        house = House().connected()
        house.later(180)
        house.on("POST", OPERATION, refusal(401, "Token Expired"), reply(200))
        house.apply()
        assert house.wire.targets == [
            f"POST {OPERATION}",
            f"POST {LOGIN}",
            f"GET {SITEMASTER}",
            f"POST {OPERATION}",
            f"GET {COMPLETED}",
            f"GET {SITEMASTER}",
        ]

    def test_a_write_that_no_session_is_good_enough_for(self) -> None:
        house = House().connected()
        house.later(180)
        house.on("POST", OPERATION, refusal(401, "Token Expired"))
        assert isinstance(outcome(lambda: house.gateway.apply(WISH)), LoginRefused)
        assert house.wire.count("POST", LOGIN) == 1

    def test_a_write_for_which_the_login_fails_has_not_been_made(self) -> None:
        house = House().connected()
        house.later(180)
        house.on("POST", OPERATION, refusal(401, "Token Expired"))
        house.on("POST", LOGIN, LOST)
        assert type(outcome(lambda: house.gateway.apply(WISH))) is Unreachable


class TestFirmware:
    def test_a_check_is_asked_for_and_nothing_installed(self) -> None:
        house = House().connected()
        asyncio.run(house.gateway.start_firmware_check())
        assert house.wire.targets == ["GET /api/system/update?force=true"]

    def test_its_progress(self) -> None:
        house = House().connected()
        status = asyncio.run(house.gateway.firmware_status())
        assert status.state is FirmwareState.DOWNLOADING

    def test_an_empty_answer_says_nothing(self) -> None:
        house = House().connected()
        house.on("GET", UPDATE_STATUS, reply(200))
        status = asyncio.run(house.gateway.firmware_status())
        assert status.state is FirmwareState.UNKNOWN

    @pytest.mark.parametrize(
        ("answer", "problem", "may_check"),
        [
            (refusal(403, "no"), NotPermitted, False),
            (refusal(404, "no"), Refused, True),
            (reply(502), Unreachable, True),
            (LOST, Unreachable, True),
        ],
    )
    def test_what_can_go_wrong(
        self, answer: Reply, problem: type[GatewayProblem], may_check: bool
    ) -> None:
        house = House().connected()
        house.on("GET", CHECK_UPDATE, answer)
        house.on("GET", UPDATE_STATUS, answer)
        for ask in (house.gateway.start_firmware_check, house.gateway.firmware_status):
            assert type(outcome(ask)) is problem
        assert house.gateway.capabilities.may_check_firmware is may_check

    def test_401_in_spite_of_a_new_session_is_no_permission(self) -> None:
        house = House().connected()
        house.later(180)
        house.on("GET", CHECK_UPDATE, refusal(401, "no"))
        assert isinstance(outcome(house.gateway.start_firmware_check), NotPermitted)
        assert house.gateway.capabilities.may_check_firmware is False


class TestEnd:
    def test_the_token_is_forgotten(self) -> None:
        house = House().connected()
        asyncio.run(house.gateway.close())
        assert isinstance(outcome(lambda: house.gateway.observe(A_POLL)), Paused)
        assert house.wire.seen == []


class TestSecrets:
    def test_are_in_no_log_error_or_representation(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        told = ""
        for answer in (LOST, NOBODY, MAY_NOT, refusal(400, "no CANARYtoken== CANARY-pass")):
            house = House().connected()
            for method, target in list(house.wire.replies):
                if target not in (LOGIN, STATUS):
                    house.on(method, target, answer)
            for ask in (
                lambda house=house: house.gateway.observe(EVERYTHING),
                lambda house=house: house.gateway.apply(WISH),
                house.gateway.run_battery,
                house.gateway.start_firmware_check,
                house.gateway.firmware_status,
            ):
                result = outcome(ask)
                if isinstance(result, GatewayProblem):
                    told += "".join(traceback.format_exception(result))
                told += repr(result)
            told += repr(house.gateway) + repr(house.gateway.capabilities)
        assert "refused the setting" in told
        assert "CANARY" not in told + caplog.text


@pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded answers are not here")
class TestRecordedAnswers:
    """Samples of vloschiavo/powerwall2, taken on 21.39.1 while running and while stopped."""

    PATHS = (SOE, AGGREGATES, GRID_STATUS, OPERATION, SITEMASTER, STATUS)

    def replay(self, folder: str) -> Observation:
        house = House()
        for target in self.PATHS:
            sample = SAMPLES / folder / f"{target.removeprefix('/api/').replace('/', '.')}.json"
            answer = httpx.Response(200, content=sample.read_bytes()) if sample.exists() else None
            house.on("GET", target, answer or STANDING)
        return house.connected().observe()

    def test_running(self) -> None:
        seen = self.replay("running")
        assert seen.soe == pytest.approx(25.27, abs=0.005)
        assert seen.reserve == pytest.approx(26.3, abs=0.02)
        assert seen.mode is Mode.SELF_CONSUMPTION
        assert seen.grid is GridStatus.CONNECTED
        assert seen.running is True

    def test_stopped(self) -> None:
        seen = self.replay("stopped")
        assert seen.running is False
        assert seen.mode is not None
        assert (seen.soe, seen.site_power, seen.battery_power, seen.grid) == (None,) * 4
