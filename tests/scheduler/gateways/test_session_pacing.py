"""How seldom a session asks, and that it leaves the battery running."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from scripted import Reply, refusal, reply
from scripted_desk import BUSY, EXPIRED, LOST, NO_ACCESS, NOBODY, TOKEN, Desk

from scheduler.errors import (
    GatewayProblem,
    LoginRefused,
    NotPermitted,
    Paused,
    Refused,
    Unreachable,
)
from scheduler.gateways.local.transport import (
    LOGIN,
    RUN,
    SITEMASTER,
    SOE,
    Response,
)


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
        assert isinstance(desk.soe(), Response)

    def test_a_login_whose_answer_was_lost_counts(self) -> None:
        desk = Desk()
        desk.on("POST", LOGIN, LOST, reply(200, {"token": TOKEN}))
        assert isinstance(desk.soe(), Unreachable)
        assert isinstance(desk.soe(), Paused)
        desk.later(180)
        assert isinstance(desk.soe(), Response)

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
        assert isinstance(desk.soe(), Response)
        again = desk.soe()
        assert isinstance(first, Paused)
        assert isinstance(again, Paused)
        assert again.seconds == first.seconds == 300


STANDS, RUNS = reply(200, {"running": False}), reply(200, {"running": True})


def old() -> Desk:
    """On firmware that may stop the battery for a login, and does so for the first."""
    desk = Desk(firmware="1.15.0")
    desk.on("GET", SITEMASTER, RUNS, STANDS)
    return desk


class TestBattery:
    """Old firmware stops the battery for a login."""

    def test_it_is_run_after_a_login_that_stopped_it(self) -> None:
        desk = old()
        asyncio.run(desk.session.log_in())
        assert desk.wire.targets == [
            f"GET {SITEMASTER}",
            f"POST {LOGIN}",
            f"GET {SITEMASTER}",
            f"GET {RUN}",
        ]
        assert [kind for kind, _ in desk.notes] == ["battery_run"]

    def test_one_that_runs_is_left_alone(self) -> None:
        desk = old()
        desk.on("GET", SITEMASTER, RUNS)
        asyncio.run(desk.session.log_in())
        assert desk.wire.count("GET", RUN) == 0
        assert desk.notes == []

    def test_one_that_stood_before_is_left_to_whoever_stopped_it(self) -> None:
        desk = old()
        desk.on("GET", SITEMASTER, STANDS)
        desk.soe()
        for _ in range(3):
            desk.later(3600)
            desk.soe()
        assert desk.wire.count("GET", RUN) == 0
        assert desk.notes == []

    @pytest.mark.parametrize(("gap", "runs"), [(300, 1), (301, 0)])
    def test_where_strangers_are_not_told_the_last_reading_counts(
        self, gap: float, runs: int
    ) -> None:
        desk = Desk()
        asyncio.run(desk.session.get(SITEMASTER))
        desk.later(gap)
        desk.on("GET", SOE, EXPIRED, reply(200))
        desk.on("GET", SITEMASTER, STANDS)
        desk.soe()
        assert desk.logins == 2
        assert desk.wire.count("GET", RUN) == runs

    @pytest.mark.parametrize(("unknown", "logins"), [(refusal(500, "no"), 0), (NO_ACCESS, 1)])
    def test_while_it_is_not_known_to_run_there_is_no_login(
        self, unknown: httpx.Response, logins: int
    ) -> None:
        desk = old()
        desk.on("GET", SITEMASTER, unknown, RUNS)
        assert isinstance(desk.soe(), Response if logins else Unreachable)
        assert desk.logins == logins
        assert isinstance(desk.soe(), Response)

    def test_what_could_not_be_seen_after_a_login_is_seen_to_before_the_next_request(self) -> None:
        desk = old()
        desk.on("GET", SITEMASTER, RUNS, LOST, STANDS)
        assert isinstance(desk.soe(), Unreachable)
        assert isinstance(desk.soe(), Response)
        assert desk.wire.targets[-3:] == [f"GET {SITEMASTER}", f"GET {RUN}", f"GET {SOE}"]
        desk.soe()
        assert desk.wire.count("GET", RUN) == 1

    @pytest.mark.parametrize(("gap", "runs"), [(3599, 1), (3600, 0)])
    def test_what_is_seen_much_later_may_be_somebody_else_s_doing(
        self, gap: float, runs: int
    ) -> None:
        desk = old()
        desk.on("GET", SITEMASTER, RUNS, LOST, STANDS)
        desk.soe()
        desk.later(gap)
        desk.soe()
        assert desk.wire.count("GET", RUN) == runs

    def test_a_run_that_was_lost_is_asked_for_again(self) -> None:
        desk = old()
        desk.on("GET", RUN, LOST, reply(202))
        desk.soe()
        assert desk.notes == []
        desk.soe()
        assert len(desk.notes) == 1

    def test_a_login_whose_answer_was_lost_may_have_stopped_it(self) -> None:
        desk = old()
        desk.on("POST", LOGIN, LOST)
        assert isinstance(desk.soe(), Unreachable)
        assert isinstance(desk.soe(), Paused)
        assert [kind for kind, _ in desk.notes] == ["battery_run"]

    @pytest.mark.parametrize("answer", [refusal(401, "bad credentials"), NOBODY])
    def test_a_login_that_did_not_take_place_has_stopped_nothing(self, answer: Reply) -> None:
        desk = old()
        desk.on("POST", LOGIN, answer)
        desk.soe()
        desk.later(200)
        desk.soe()
        assert desk.wire.count("GET", RUN) == 0

    def test_where_strangers_may_not_ask_it_is_asked_after_the_next_login(self) -> None:
        desk = old()
        desk.on("POST", LOGIN, LOST, reply(200, {"token": TOKEN}))
        desk.on("GET", SITEMASTER, RUNS, NO_ACCESS, NO_ACCESS, NO_ACCESS, STANDS)
        desk.soe()
        desk.soe()
        desk.later(180)
        assert isinstance(desk.soe(), Response)
        assert len(desk.notes) == 1

    def test_where_strangers_may_not_run_it_it_is_run_after_the_next_login(self) -> None:
        desk = old()
        desk.on("POST", LOGIN, LOST, reply(200, {"token": TOKEN}))
        desk.on("GET", RUN, NO_ACCESS, NO_ACCESS, reply(202))
        desk.soe()
        desk.soe()
        desk.later(180)
        assert isinstance(desk.soe(), Response)
        assert len(desk.notes) == 1

    def test_one_that_does_not_start_is_left_to_the_loop(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        desk = old()
        desk.on("GET", RUN, refusal(500, "no"))
        for _ in range(3):
            assert isinstance(desk.soe(), Response)
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
