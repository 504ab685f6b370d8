from __future__ import annotations

import asyncio
import json
import logging
import traceback
from datetime import UTC, datetime

import httpx
import pytest
from scripted import Reply, ScriptedTransport, refusal, reply

from scheduler.clock import SimulatedClock
from scheduler.errors import (
    GatewayProblem,
    LoginRefused,
    NotPermitted,
    Paused,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways.session import Session
from scheduler.gateways.transport import (
    COMPLETED,
    LOGIN,
    OPERATION,
    RUN,
    SITEMASTER,
    SOE,
    Answer,
    GatewayTransport,
)

PASSWORD = "CANARY-pass"
TOKEN = "CANARYtoken=="
LOST = httpx.ReadTimeout("nothing came")
NOBODY = httpx.ConnectError("nobody there")
BUSY = refusal(429, "Api Limit reached for this endpoint", "API Limit Reached")
EXPIRED = refusal(401, "Token Expired")
NO_ACCESS = refusal(403, "Unable to GET to resource", "User does not have adequate access rights")


class Desk:
    """A session with a scripted gateway that lets it in and shows a state of energy."""

    def __init__(self, login: str = "customer") -> None:
        self.wire = ScriptedTransport()
        self.wire.on("POST", LOGIN, reply(200, {"token": TOKEN}))
        self.wire.on("GET", SITEMASTER, reply(200, {"running": True}))
        self.wire.on("GET", RUN, reply(202))
        self.wire.on("GET", SOE, reply(200, {"percentage": 50}))
        self.clock = SimulatedClock(datetime(2026, 7, 1, tzinfo=UTC))
        self.notes: list[tuple[str, str]] = []
        self.session = Session(
            GatewayTransport("10.0.0.1", None, transport=self.wire),
            self.clock,
            login=login,
            password=PASSWORD,
            email="",
            on_note=lambda kind, text: self.notes.append((kind, text)),
        )

    def on(self, method: str, target: str, *replies: Reply) -> None:
        self.wire.on(method, target, *replies)

    def soe(self) -> Answer | GatewayProblem:
        try:
            return asyncio.run(self.session.get(SOE))
        except GatewayProblem as problem:
            return problem

    def later(self, seconds: float) -> None:
        async def wait() -> None:
            alarm = self.clock.alarm_clock()
            await alarm.wait(seconds)
            await alarm.close()

        asyncio.run(wait())

    @property
    def logins(self) -> int:
        return self.wire.count("POST", LOGIN)


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
        assert isinstance(answer, Answer)
        assert answer.ok
        assert desk.logins == 2

    def test_never_a_second_time_for_one_request(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, reply(200), EXPIRED)
        desk.soe()
        desk.later(180)
        answer = desk.soe()
        assert isinstance(answer, Answer)
        assert answer.status == 401
        assert desk.logins == 2

    @pytest.mark.parametrize(
        ("gap", "outcome", "logins"),
        [(0, Paused, 1), (179, Paused, 1), (180, Answer, 2)],
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
        assert isinstance(answer, Answer)
        assert answer.ok
        assert desk.logins == 2

    def test_such_a_read_does_not_end_a_fresh_session(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, reply(200), NO_ACCESS)
        desk.soe()
        answer = desk.soe()
        assert isinstance(answer, Answer)
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

        async def both() -> tuple[Answer, Answer]:
            return await asyncio.gather(desk.session.get(SOE), desk.session.get(SOE))

        assert [answer.status for answer in asyncio.run(both())] == [200, 200]
        assert desk.logins == 2


class TestPacing:
    def test_a_refused_login_is_tried_ever_more_rarely(self) -> None:
        desk = Desk()
        desk.on("POST", LOGIN, refusal(401, "bad credentials"))
        tried = []
        for minute in range(300):
            if isinstance(desk.soe(), LoginRefused):
                tried.append(minute)
            desk.later(60)
        assert tried == [0, 3, 9, 21, 45, 93, 153, 213, 273]

    def test_meanwhile_the_reason_is_told(self) -> None:
        desk = Desk()
        desk.on("POST", LOGIN, refusal(401, "bad credentials"))
        desk.soe()
        problem = desk.soe()
        assert isinstance(problem, Paused)
        assert "bad credentials" in str(problem)
        assert "next login is in 180 s" in str(problem)

    def test_a_reason_that_is_no_longer_one_is_not_told(self) -> None:
        desk = Desk()
        desk.on("POST", LOGIN, refusal(401, "bad credentials"), reply(200, {"token": TOKEN}))
        desk.on("GET", SOE, reply(200), EXPIRED)
        desk.soe()
        desk.later(180)
        desk.soe()
        problem = desk.soe()
        assert isinstance(problem, Paused)
        assert "bad credentials" not in str(problem)

    def test_a_login_that_reached_nobody_does_not_count(self) -> None:
        desk = Desk()
        desk.on("POST", LOGIN, NOBODY, reply(200, {"token": TOKEN}))
        assert isinstance(desk.soe(), Unreachable)
        assert isinstance(desk.soe(), Answer)

    def test_a_login_whose_answer_was_lost_counts(self) -> None:
        desk = Desk()
        desk.on("POST", LOGIN, LOST, reply(200, {"token": TOKEN}))
        assert isinstance(desk.soe(), Unreachable)
        assert isinstance(desk.soe(), Paused)
        desk.later(180)
        assert isinstance(desk.soe(), Answer)

    @pytest.mark.parametrize("busy", [("GET", SOE), ("POST", LOGIN)])
    def test_after_too_many_requests_nothing_is_asked_for_longer_and_longer(
        self, busy: tuple[str, str]
    ) -> None:
        desk = Desk()
        desk.on(*busy, BUSY)
        pauses = []
        for _ in range(6):
            problem = desk.soe()
            assert isinstance(problem, Paused)
            pauses.append(problem.seconds)
            before = len(desk.wire.seen)
            desk.later(problem.seconds - 1)
            assert isinstance(desk.soe(), Paused)
            assert len(desk.wire.seen) == before
            desk.later(1)
        assert pauses == [300, 600, 1200, 2400, 3600, 3600]

    def test_it_begins_anew_once_a_request_went_well(self) -> None:
        desk = Desk()
        desk.on("GET", SOE, BUSY, reply(200), BUSY)
        first = desk.soe()
        desk.later(300)
        assert isinstance(desk.soe(), Answer)
        again = desk.soe()
        assert isinstance(first, Paused)
        assert isinstance(again, Paused)
        assert again.seconds == first.seconds == 300


class TestBattery:
    """Firmware 1.15 stops the battery for a login."""

    def test_it_is_run_after_a_login_that_stopped_it(self) -> None:
        desk = Desk()
        desk.on("GET", SITEMASTER, reply(200, {"running": False}))
        asyncio.run(desk.session.log_in())
        assert desk.wire.targets == [f"POST {LOGIN}", f"GET {SITEMASTER}", f"GET {RUN}"]
        assert [kind for kind, _ in desk.notes] == ["battery_run"]

    def test_one_that_runs_is_left_alone(self) -> None:
        desk = Desk()
        asyncio.run(desk.session.log_in())
        assert desk.wire.count("GET", RUN) == 0
        assert desk.notes == []

    def test_what_could_not_be_seen_after_a_login_is_seen_to_before_the_next_request(self) -> None:
        desk = Desk()
        desk.on("GET", SITEMASTER, LOST, reply(200, {"running": False}))
        assert isinstance(desk.soe(), Unreachable)
        assert isinstance(desk.soe(), Answer)
        assert desk.wire.targets[-3:] == [f"GET {SITEMASTER}", f"GET {RUN}", f"GET {SOE}"]
        desk.soe()
        assert desk.wire.count("GET", RUN) == 1

    def test_a_run_that_was_lost_is_asked_for_again(self) -> None:
        desk = Desk()
        desk.on("GET", SITEMASTER, reply(200, {"running": False}))
        desk.on("GET", RUN, LOST, reply(202))
        desk.soe()
        assert desk.notes == []
        desk.soe()
        assert len(desk.notes) == 1

    def test_a_login_whose_answer_was_lost_may_have_stopped_it(self) -> None:
        desk = Desk()
        desk.on("POST", LOGIN, LOST)
        desk.on("GET", SITEMASTER, reply(200, {"running": False}))
        assert isinstance(desk.soe(), Unreachable)
        assert isinstance(desk.soe(), Paused)
        assert [kind for kind, _ in desk.notes] == ["battery_run"]

    def test_where_strangers_may_not_ask_it_is_asked_after_the_next_login(self) -> None:
        desk = Desk()
        desk.on("POST", LOGIN, LOST, reply(200, {"token": TOKEN}))
        desk.on("GET", SITEMASTER, NO_ACCESS, NO_ACCESS, reply(200, {"running": False}))
        desk.soe()
        desk.soe()
        desk.later(180)
        assert isinstance(desk.soe(), Answer)
        assert len(desk.notes) == 1

    def test_one_that_does_not_start_is_left_to_the_loop(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        desk = Desk()
        desk.on("GET", SITEMASTER, reply(200, {"running": False}))
        desk.on("GET", RUN, refusal(500, "no"))
        for _ in range(3):
            assert isinstance(desk.soe(), Answer)
        assert desk.wire.count("GET", RUN) == 1
        assert desk.notes == []
        assert "does not start" in caplog.text

    @pytest.mark.parametrize(
        ("answer", "problem"),
        [
            (NO_ACCESS, NotPermitted),
            (refusal(500, "no"), Refused),
            (LOST, Unreachable),
        ],
    )
    def test_running_it_on_demand(self, answer: Reply, problem: type[GatewayProblem]) -> None:
        desk = Desk()
        desk.on("GET", RUN, answer)
        with pytest.raises(problem):
            asyncio.run(desk.session.run_battery())


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
        told += desk.session.said(Answer(500, json.dumps({"error": f"bad {TOKEN}"}).encode()))
        assert "CANARY" not in told

    def test_the_token_is_forgotten_on_demand(self) -> None:
        desk = Desk()
        desk.soe()
        desk.session.forget()
        assert TOKEN not in str(vars(desk.session))
