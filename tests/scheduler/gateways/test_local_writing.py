from __future__ import annotations

import asyncio
import json

import httpx
import pytest
from scripted import Reply, refusal, reply
from scripted_house import (
    A_POLL,
    LOST,
    MAY_NOT,
    NOBODY,
    WISH,
    House,
    outcome,
)

from rules.domain import Export, Mode, Setting
from scheduler.domain import Endpoint, FirmwareState
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
from scheduler.gateways.local.transport import (
    CHECK_UPDATE,
    COMPLETED,
    LOGIN,
    OPERATION,
    RUN,
    SITEMASTER,
    UPDATE_STATUS,
)

BATTERY = frozenset({Endpoint.SITEMASTER})


def seen_running() -> House:
    """A house whose battery was seen to run, as before every write."""
    house = House().connected()
    house.observe(BATTERY)
    house.wire.seen.clear()
    return house


class TestApply:
    @pytest.mark.parametrize(
        ("version", "setting", "body"),
        [
            ("1.15.0\n", Setting(Mode.BACKUP, 20), {"mode": "backup"}),
            ("1.49.0", Setting(Mode.BACKUP, 20), {"real_mode": "backup"}),
            ("23.4.2-1", Setting(Mode.AUTONOMOUS, 20), {"real_mode": "autonomous"}),
        ],
    )
    def test_mode_and_reserve_go_together(
        self, version: str, setting: Setting, body: dict[str, object]
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
        house.apply(Setting(Mode.BACKUP, reserve))
        assert json.loads(house.wire.seen[0].body)["backup_reserve_percent"] == raw

    @pytest.mark.parametrize(
        "setting",
        [
            Setting(),
            Setting(Mode.BACKUP),
            Setting(reserve=30),
            Setting(Mode.BACKUP, 30, grid_charging=False),
            Setting(Mode.BACKUP, 30, export=Export.SOLAR),
            Setting(grid_charging=True),
        ],
    )
    def test_it_takes_both_and_nothing_else(self, setting: Setting) -> None:
        house = House().connected()
        with pytest.raises(ValueError, match="mode and reserve together"):
            house.apply(setting)
        assert house.wire.seen == []

    def test_the_steps(self) -> None:
        house = seen_running()
        house.apply()
        assert house.wire.targets == [
            f"POST {OPERATION}",
            f"GET {COMPLETED}",
            f"GET {SITEMASTER}",
        ]
        assert house.gateway.capabilities.may_write is True
        assert house.notes == []

    def test_a_battery_left_standing_is_run(self) -> None:
        house = seen_running()
        house.on("GET", SITEMASTER, reply(200, {"running": False}))
        house.apply()
        assert house.wire.targets[-1] == f"GET {RUN}"
        assert house.notes == ["battery_run"]

    def test_one_that_stood_before_is_left_to_whoever_stopped_it(self) -> None:
        house = seen_running()
        house.on("GET", SITEMASTER, reply(200, {"running": False}))
        house.observe(BATTERY)
        house.apply()
        house.observe(BATTERY)
        assert house.wire.count("GET", RUN) == 0
        assert house.notes == []

    @pytest.mark.parametrize("step", [("POST", OPERATION), ("GET", COMPLETED)])
    def test_a_write_whose_answer_was_lost_may_have_stopped_it(self, step: tuple[str, str]) -> None:
        house = seen_running()
        house.on(*step, LOST)
        house.on("GET", SITEMASTER, reply(200, {"running": False}))
        assert isinstance(outcome(lambda: house.gateway.apply(WISH)), WriteUncertain)
        house.observe(A_POLL)
        assert house.notes == ["battery_run"]

    def test_a_battery_that_cannot_be_seen_then_is_seen_to_later(self) -> None:
        house = seen_running()
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
        house.observe(BATTERY)
        house.wire.seen.clear()
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
        house.on("GET", OPERATION, refusal(401, "Token Expired"))
        assert isinstance(outcome(lambda: house.gateway.apply(WISH)), LoginRefused)
        assert house.wire.count("POST", LOGIN) == 1
        assert house.gateway.capabilities.may_write is None

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
