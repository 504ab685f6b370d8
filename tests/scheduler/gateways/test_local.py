from __future__ import annotations

import asyncio
import logging
import traceback
from pathlib import Path

import httpx
import pytest
from scripted import Reply, refusal, reply
from scripted_house import (
    A_POLL,
    EVERYTHING,
    LOST,
    MAY_NOT,
    NOBODY,
    NOON,
    STANDING,
    WISH,
    House,
    outcome,
)

from rules.domain import GridStatus, Mode, Observation, Quantity
from scheduler.domain import Endpoint
from scheduler.errors import (
    CertificateMismatch,
    GatewayProblem,
    LoginRefused,
    Paused,
    Unreachable,
)
from scheduler.gateways.local.transport import (
    AGGREGATES,
    GRID_STATUS,
    LOGIN,
    OPERATION,
    SITE_INFO,
    SITEMASTER,
    SOE,
    STATUS,
)
from scheduler.gateways.protocol import Gateway

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "gateway-samples"


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
        for part in house.gateway.capabilities.endpoints:
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
        problem = outcome(lambda: house.gateway.observe(A_POLL))
        assert isinstance(problem, Unreachable)
        assert str(problem).endswith("gives no reading (HTTP 502)")

    def test_one_that_answers_to_nothing_we_understand_gives_no_reading(self) -> None:
        house = House().connected()
        for target in (SOE, AGGREGATES, GRID_STATUS):
            house.on("GET", target, reply(200, {"percentage": None}))
        problem = outcome(lambda: house.gateway.observe(A_POLL))
        assert isinstance(problem, Unreachable)
        assert "gives no reading (its answers are of no use)" in str(problem)

    def test_its_firmware_alone_is_no_reading(self) -> None:
        house = House().connected()
        for target in (SOE, AGGREGATES, GRID_STATUS):
            house.on("GET", target, refusal(503, "starting"))
        problem = outcome(lambda: house.gateway.observe(A_POLL | {Endpoint.STATUS}))
        assert "gives no reading (HTTP 503: starting)" in str(problem)

    def test_a_word_that_nobody_knows_is_a_reading(self) -> None:
        house = House().connected()
        for target in (SOE, AGGREGATES):
            house.on("GET", target, refusal(503, "starting"))
        house.on("GET", GRID_STATUS, reply(200, {"grid_status": "SystemUnheardOf"}))
        seen = house.observe(A_POLL)
        assert seen == Observation(at=NOON, unknown_words={Quantity.GRID: "SystemUnheardOf"})

    def test_what_is_read_besides_a_poll_may_be_missing(self) -> None:
        house = House().connected()
        house.on("GET", OPERATION, refusal(503, "busy"))
        assert house.observe(frozenset({Endpoint.OPERATION})) == Observation(at=NOON)

    def test_a_token_of_before_is_not_sent_to_another_certificate(self) -> None:
        house = House().connected()
        house.later(180)
        logins = house.wire.count("POST", LOGIN)
        assert outcome(lambda: house.gateway.trust(f"sha256:{'1' * 64}")) is None
        house.observe(A_POLL)
        assert house.wire.count("POST", LOGIN) == logins + 1

    def test_a_percent_beyond_the_scale_is_told_once_until_it_is_back(self) -> None:
        house = House().connected()
        told = []
        for percent in (104.2, 300, 100.4, -7, -7):
            house.on("GET", SOE, reply(200, {"percentage": percent}))
            house.observe(A_POLL)
            told.append(house.notes.count("reading_unusable"))
        assert told == [1, 1, 1, 2, 2]

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
        house.observe(frozenset({Endpoint.STATUS}))
        now = house.gateway.capabilities
        assert now.firmware == "25.18.4 abc"
        assert now.may_write is None
        assert now.levers.reserve_ceiling == 80

    def test_the_same_firmware_is_the_same_gateway(self) -> None:
        house = House().connected()
        house.apply()
        house.observe()
        assert house.gateway.capabilities.may_write is True


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
