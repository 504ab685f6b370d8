from __future__ import annotations

import asyncio
import json
import logging
import traceback

import httpx
import pytest
from scripted import Reply, refusal, reply
from scripted_desk import BUSY, EXPIRED, LOST, NO_ACCESS, NOBODY, PASSWORD, TOKEN, Desk

from scheduler.errors import (
    GatewayProblem,
    LoginRefused,
    Paused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways.local.transport import (
    COMPLETED,
    LOGIN,
    OPERATION,
    SOE,
    Response,
)


class TestLogin:
    def test_what_is_sent(self) -> None:
        desk = Desk()
        desk.soe()
        login, *_, last = desk.wire.seen
        assert json.loads(login.body) == {
            "username": "customer",
            "password": PASSWORD,
            "email": "",
            "force_sm_off": False,
        }
        assert "cookie" not in login.headers
        assert last.headers["authorization"] == f"Bearer {TOKEN}"
        assert last.headers["cookie"] == f"AuthCookie={TOKEN}"

    def test_one_serves_until_the_gateway_forgets_it(self) -> None:
        desk = Desk()
        for _ in range(5):
            desk.soe()
            desk.later(3600)
        assert desk.logins == 1

    @pytest.mark.parametrize(
        ("login", "answer", "way_out"),
        [
            ("customer", refusal(401, "bad credentials", "Login Error"), "last 5 characters"),
            ("installer", refusal(401, "Invalid Credentials", "Login Error"), "S and the gateway"),
            (
                "installer",
                refusal(401, "roles [Provider_Engineer] require physical access", "Login Error"),
                "since firmware 1.50",
            ),
            ("customer", refusal(500, "force_sm_off needed"), "stop the battery"),
            ("customer", refusal(400, "force_sm_off needed"), "stop the battery"),
            ("customer", NO_ACCESS, "last 5 characters"),
            ("customer", reply(404), "Powerwall 3"),
        ],
    )
    def test_refused_with_a_way_out(self, login: str, answer: httpx.Response, way_out: str) -> None:
        desk = Desk(login)
        desk.on("POST", LOGIN, answer)
        with pytest.raises(LoginRefused, match=way_out):
            asyncio.run(desk.session.log_in())
        assert desk.wire.targets == [f"POST {LOGIN}"]

    @pytest.mark.parametrize(
        "answer",
        [
            reply(200),
            reply(200, {}),
            reply(200, {"token": None}),
            reply(200, {"token": ""}),
            reply(200, {"token": "a\r\nX: 1"}),
            reply(200, {"token": "a; b"}),
            reply(200, {"token": "ü"}),
            reply(200, {"token": "x" * 5000}),
            reply(301),
            refusal(503, "current config mode is busy"),
            NOBODY,
            LOST,
        ],
    )
    def test_without_a_usable_answer(self, answer: Reply) -> None:
        desk = Desk()
        desk.on("POST", LOGIN, answer)
        problem = desk.soe()
        assert type(problem) is Unreachable
        assert desk.wire.count("GET", SOE) == 0


class TestRenewal:
    def test_a_forgotten_token_is_renewed_once_and_the_request_repeated(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, reply(200), EXPIRED, reply(200, {"percentage": 50}))
        desk.soe()
        desk.later(180)
        answer = desk.soe()
        assert isinstance(answer, Response)
        assert answer.ok
        assert desk.logins == 2

    def test_never_a_second_time_for_one_request(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, reply(200), EXPIRED)
        desk.soe()
        desk.later(180)
        answer = desk.soe()
        assert isinstance(answer, Response)
        assert answer.status == 401
        assert desk.logins == 2

    @pytest.mark.parametrize(
        ("gap", "outcome", "logins"),
        [(0, Paused, 1), (179, Paused, 1), (180, Response, 2)],
    )
    def test_not_within_three_minutes(self, gap: float, outcome: type, logins: int) -> None:
        desk = Desk()
        desk.on("GET", SOE, reply(200), EXPIRED, reply(200))
        desk.soe()
        if gap:
            desk.later(gap)
        assert isinstance(desk.soe(), outcome)
        assert desk.logins == logins

    def test_while_it_must_wait_nothing_is_sent(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, EXPIRED)
        desk.soe()
        before = len(desk.wire.seen)
        problem = desk.soe()
        assert isinstance(problem, Paused)
        assert problem.seconds == 180
        assert len(desk.wire.seen) == before

    def test_a_read_that_is_forbidden_now_but_worked_before(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, reply(200), NO_ACCESS, reply(200))
        desk.soe()
        desk.later(180)
        answer = desk.soe()
        assert isinstance(answer, Response)
        assert answer.ok
        assert desk.logins == 2

    def test_such_a_read_does_not_end_a_fresh_session(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, reply(200), NO_ACCESS)
        desk.soe()
        answer = desk.soe()
        assert isinstance(answer, Response)
        assert answer.status == 403
        assert desk.logins == 1

    def test_a_read_that_stays_forbidden_is_left_at_that(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, reply(200), NO_ACCESS)
        for _ in range(5):
            desk.soe()
            desk.later(180)
        assert desk.logins == 2

    def test_a_read_that_was_always_forbidden(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, NO_ACCESS)
        for _ in range(3):
            desk.soe()
            desk.later(180)
        assert desk.logins == 1

    def test_a_forbidden_write_is_no_reason_for_a_login(self) -> None:
        desk = Desk()
        desk.on("GET", OPERATION, reply(200))
        desk.on("POST", OPERATION, NO_ACCESS)
        asyncio.run(desk.session.get(OPERATION))
        desk.later(180)
        assert asyncio.run(desk.session.post(OPERATION, {})).status == 403
        assert desk.logins == 1

    def test_tasks_that_lose_the_token_together_log_in_once(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, reply(200), EXPIRED, EXPIRED, reply(200))
        desk.soe()
        desk.later(180)

        async def both() -> tuple[Response, Response]:
            return await asyncio.gather(desk.session.get(SOE), desk.session.get(SOE))

        assert [answer.status for answer in asyncio.run(both())] == [200, 200]
        assert desk.logins == 2


class TestSecrets:
    @pytest.mark.parametrize(
        "answer",
        [
            refusal(401, f"no user with {PASSWORD}", PASSWORD),
            refusal(503, f"{PASSWORD * 30}"),
            reply(200, {"token": f"{TOKEN}\n"}),
            reply(200, {"token": f"{TOKEN} ü"}),
            LOST,
            BUSY,
        ],
    )
    def test_are_in_no_error_of_a_login(
        self, answer: Reply, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        desk = Desk()
        desk.on("POST", LOGIN, answer)
        for _ in range(2):
            problem = desk.soe()
            assert isinstance(problem, GatewayProblem)
            told = "".join(traceback.format_exception(problem)) + repr(problem) + caplog.text
            assert "CANARY" not in told

    def test_are_in_no_later_error_or_representation(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        desk = Desk()
        desk.soe()
        desk.on("GET", COMPLETED, LOST)
        with pytest.raises(WriteUncertain) as caught:
            asyncio.run(desk.session.get(COMPLETED, changes=True))
        told = "".join(traceback.format_exception(caught.value))
        told += repr(desk.session) + str(desk.notes) + caplog.text
        told += desk.session.said(Response(500, json.dumps({"error": f"bad {TOKEN}"}).encode()))
        assert "CANARY" not in told

    def test_the_token_is_forgotten_on_demand(self) -> None:
        desk = Desk()
        desk.soe()
        desk.session.forget()
        assert TOKEN not in str(vars(desk.session))
