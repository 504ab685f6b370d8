"""What the adapter finds out about a gateway, and when it finds it out anew."""

from __future__ import annotations

import asyncio
import json

import pytest
from scripted import Reply, refusal, reply
from scripted_house import LOST, MAY_NOT, NOBODY, House, outcome

from rules.domain import Mode
from scheduler.domain import Caveat, Endpoint, FirmwareState
from scheduler.errors import (
    GatewayProblem,
    NotPermitted,
    Paused,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways.local.transport import (
    COMPLETED,
    INSTALL_UPDATE,
    LOGIN,
    OPERATION,
    SITE_INFO,
    STATUS,
    UPDATE_STATUS,
)

STATUS_PART = frozenset({Endpoint.STATUS})


def status(version: str = "21.44 223a56cd", started: object = "2026-06-30 08:00:00 +0800") -> Reply:
    return reply(200, {"version": version, "start_time": started})


def staged() -> Reply:
    return reply(200, {"state": "/update_staged", "info": {"status": []}})


class TestStart:
    @pytest.mark.parametrize("started", [None, "", 7, ["2026"], {}])
    def test_one_that_is_not_told_is_missing(self, started: object) -> None:
        house = House()
        house.on("GET", STATUS, status(started=started))
        assert house.connected().gateway.capabilities.started is None

    def test_it_is_told_as_the_gateway_says_it(self) -> None:
        house = House()
        house.on("GET", STATUS, status())
        assert house.connected().gateway.capabilities.started == "2026-06-30 08:00:00 +0800"

    def test_after_another_start_all_but_the_right_to_write_is_learned_anew(self) -> None:
        house = House()
        house.on("GET", STATUS, status())
        house.on("GET", UPDATE_STATUS, MAY_NOT)
        house.on("POST", INSTALL_UPDATE, MAY_NOT)
        house.connected().apply()
        outcome(house.gateway.firmware_status)
        outcome(house.gateway.install_firmware)
        before = house.gateway.capabilities
        assert (before.may_check_firmware, before.may_install_firmware) == (False, False)
        house.on("GET", STATUS, status(started="later"))
        house.observe(STATUS_PART)
        after = house.gateway.capabilities
        assert after.started == "later"
        assert (after.may_check_firmware, after.may_install_firmware) == (True, None)
        assert after.may_write is True
        assert after.login == "installer"

    @pytest.mark.parametrize(
        ("version", "caveats"), [("26.1.9", set()), ("26.2", {Caveat.TARIFF_MAY_WIN})]
    )
    def test_what_keeps_a_setting_from_showing_belongs_to_the_firmware(
        self, version: str, caveats: set[Caveat]
    ) -> None:
        house = House().connected()
        house.on("GET", STATUS, status(version))
        house.observe(STATUS_PART)
        assert house.gateway.capabilities.caveats == caveats

    def test_an_answer_without_it_tells_of_no_start(self) -> None:
        house = House()
        house.on("GET", STATUS, status())
        before = house.connected().gateway.capabilities
        house.on("GET", STATUS, reply(200, {"version": "21.44 223a56cd"}))
        house.observe(STATUS_PART)
        house.on("GET", STATUS, reply(200))
        house.observe(STATUS_PART)
        assert house.gateway.capabilities == before


class TestTimeZone:
    @pytest.mark.parametrize(
        ("answer", "zone"),
        [
            (reply(200, {"timezone": "Europe/Berlin"}), "Europe/Berlin"),
            (reply(200, {"timezone": "Mars/Olympus"}), None),
            (reply(200, {"timezone": "../../../etc/passwd"}), None),
            (reply(200, {"timezone": "/etc/localtime"}), None),
            (reply(200, {"timezone": ""}), None),
            (reply(200, {"timezone": 7}), None),
            (reply(200, {"timezone": "A" * 5000}), None),
            (reply(200, []), None),
            (reply(200), None),
            (reply(404), None),
            (MAY_NOT, None),
            (refusal(401, "no"), None),
            (refusal(429, "Api Limit"), None),
            (reply(502), None),
            (LOST, None),
            (NOBODY, None),
        ],
    )
    def test_missing_or_nonsense_is_none_and_no_trouble(
        self, answer: Reply, zone: str | None
    ) -> None:
        house = House()
        house.on("GET", SITE_INFO, answer)
        assert house.connected().gateway.capabilities.timezone == zone

    def test_it_is_asked_for_once_a_start(self) -> None:
        house = House()
        house.on("GET", STATUS, status())
        house.on("GET", SITE_INFO, reply(200, {"timezone": "Europe/Berlin"}))
        house.connected()
        for _ in range(3):
            house.observe()
        assert house.wire.count("GET", SITE_INFO) == 0
        house.on("GET", STATUS, status(started="later"))
        house.on("GET", SITE_INFO, reply(200, {"timezone": "Europe/Paris"}))
        for _ in range(3):
            house.observe()
        assert house.wire.count("GET", SITE_INFO) == 1
        assert house.gateway.capabilities.timezone == "Europe/Paris"

    def test_one_that_could_not_be_told_is_asked_for_again(self) -> None:
        house = House()
        house.on("GET", SITE_INFO, reply(502), reply(200, {"timezone": "Europe/Berlin"}))
        house.connected().observe()
        assert house.gateway.capabilities.timezone == "Europe/Berlin"

    def test_a_refusal_to_tell_it_costs_no_session(self) -> None:
        house = House()
        house.on("GET", SITE_INFO, refusal(401, "no"))
        house.connected()
        assert house.observe().soe is not None
        assert house.wire.count("POST", LOGIN) == 0


class TestWriteBack:
    @pytest.mark.parametrize("raw", [5.000019999999999, 24, 24.6, 33.123456789012345, 100])
    @pytest.mark.parametrize("key", ["mode", "real_mode"])
    def test_exactly_what_is_set_is_written(self, raw: float, key: str) -> None:
        house = House().connected()
        house.on("GET", OPERATION, reply(200, {key: "backup", "backup_reserve_percent": raw}))
        asyncio.run(house.gateway.write_back())
        assert house.wire.targets == [
            f"GET {OPERATION}",
            f"POST {OPERATION}",
            f"GET {COMPLETED}",
        ]
        written = json.loads(house.wire.seen[1].body)
        assert written == {"real_mode": "backup", "backup_reserve_percent": raw}
        assert house.gateway.capabilities.may_write is True

    @pytest.mark.parametrize(
        ("version", "answer"),
        [
            ("21.44", reply(200)),
            ("21.44", reply(200, {"real_mode": "backup"})),
            ("21.44", reply(200, {"backup_reserve_percent": 24})),
            ("21.44", reply(200, {"real_mode": "backup", "backup_reserve_percent": True})),
            ("21.44", reply(200, {"real_mode": "backup", "backup_reserve_percent": "24"})),
            ("21.44", reply(200, {"real_mode": "backup", "backup_reserve_percent": -3})),
            ("21.44", reply(200, {"real_mode": "backup", "backup_reserve_percent": 400})),
            ("21.44", reply(200, {"real_mode": "party", "backup_reserve_percent": 24})),
            ("21.44", reply(200, {"real_mode": "scheduler", "backup_reserve_percent": 24})),
            ("1.22", reply(200, {"real_mode": Mode.AUTONOMOUS, "backup_reserve_percent": 24})),
            ("25.18.4", reply(200, {"real_mode": "backup", "backup_reserve_percent": 90})),
            ("21.44", reply(500)),
            ("21.44", MAY_NOT),
        ],
    )
    def test_what_is_not_whole_or_not_ours_to_write_is_left_alone(
        self, version: str, answer: Reply
    ) -> None:
        house = House(version).connected()
        house.on("GET", OPERATION, answer)
        assert type(outcome(house.gateway.write_back)) is Refused
        assert house.wire.targets == [f"GET {OPERATION}"]
        assert house.gateway.capabilities.may_write is None

    @pytest.mark.parametrize(
        ("step", "answer", "problem", "may_write"),
        [
            ("POST", MAY_NOT,                     NotPermitted,   False),
            ("POST", LOST,                        WriteUncertain, None),
            ("POST", NOBODY,                      Unreachable,    None),
            ("POST", refusal(400, "no"),          Refused,        None),
            ("POST", refusal(429, "Api Limit"),   Paused,         None),
            ("GET",  MAY_NOT,                     NotPermitted,   False),
            ("GET",  LOST,                        WriteUncertain, None),
        ],
    )  # fmt: skip
    def test_what_can_go_wrong(
        self, step: str, answer: Reply, problem: type[GatewayProblem], may_write: bool | None
    ) -> None:
        house = House().connected()
        house.on(step, OPERATION if step == "POST" else COMPLETED, answer)
        assert type(outcome(house.gateway.write_back)) is problem
        assert house.gateway.capabilities.may_write is may_write

    def test_a_session_that_reads_and_does_not_write_is_an_account_that_may_not(self) -> None:
        house = House().connected()
        house.later(180)
        house.on("POST", OPERATION, refusal(401, "Token Expired"))
        assert isinstance(outcome(house.gateway.write_back), NotPermitted)
        assert house.gateway.capabilities.may_write is False


class TestInstalling:
    def test_it_is_one_post(self) -> None:
        house = House().connected()
        asyncio.run(house.gateway.install_firmware())
        assert house.wire.targets == ["POST /api/system/update"]
        assert house.gateway.capabilities.may_install_firmware is True

    @pytest.mark.parametrize(
        ("answer", "problem", "may_install"),
        [
            (MAY_NOT,            NotPermitted,   False),
            (refusal(404, "no"), Refused,        None),
            (reply(502),         WriteUncertain, None),
            (refusal(500, "no"), Unreachable,    None),
            (LOST,               WriteUncertain, None),
            (NOBODY,             Unreachable,    None),
        ],
    )  # fmt: skip
    def test_what_can_go_wrong(
        self, answer: Reply, problem: type[GatewayProblem], may_install: bool | None
    ) -> None:
        house = House().connected()
        house.on("POST", INSTALL_UPDATE, answer)
        assert type(outcome(house.gateway.install_firmware)) is problem
        assert house.gateway.capabilities.may_install_firmware is may_install
        assert house.gateway.capabilities.may_check_firmware is True

    def state(self, house: House) -> FirmwareState:
        return asyncio.run(house.gateway.firmware_status()).state

    def test_what_is_staged_is_being_installed_until_the_gateway_has_restarted(self) -> None:
        house = House()
        house.on("GET", STATUS, status())
        house.on("GET", UPDATE_STATUS, staged())
        house.connected()
        assert self.state(house) is FirmwareState.STAGED
        asyncio.run(house.gateway.install_firmware())
        assert self.state(house) is FirmwareState.INSTALLING
        house.on("GET", STATUS, status(started="later"))
        house.observe(STATUS_PART)
        assert self.state(house) is FirmwareState.STAGED

    @pytest.mark.parametrize(
        ("said", "state"),
        [
            ("/update_succeeded", FirmwareState.NOTHING_NEWER),
            ("/update_failed", FirmwareState.FAILED),
        ],
    )
    def test_the_gateway_may_say_that_it_is_over(self, said: str, state: FirmwareState) -> None:
        house = House().connected()
        asyncio.run(house.gateway.install_firmware())
        house.on("GET", UPDATE_STATUS, reply(200, {"state": said}), staged())
        assert self.state(house) is state
        assert self.state(house) is FirmwareState.STAGED

    def test_it_is_not_believed_for_ever(self) -> None:
        house = House().connected()
        house.on("GET", UPDATE_STATUS, staged())
        asyncio.run(house.gateway.install_firmware())
        house.later(1799)
        assert self.state(house) is FirmwareState.INSTALLING
        house.later(1)
        assert self.state(house) is FirmwareState.STAGED


@pytest.mark.parametrize(
    ("now", "moved", "state"),
    [
        (1_000_000, 940_000, FirmwareState.DOWNLOADING),
        (1_000_000, 939_999, FirmwareState.STALLED),
        (1_000_000, None, FirmwareState.DOWNLOADING),
        (None, 900_000, FirmwareState.DOWNLOADING),
        (1_000_000, 0, FirmwareState.DOWNLOADING),
        (1_000_000, "x", FirmwareState.DOWNLOADING),
        (1_000_000, True, FirmwareState.DOWNLOADING),
    ],
)
def test_a_download_that_does_not_move(now: object, moved: object, state: FirmwareState) -> None:
    house = House().connected()
    said = {"state": "/download", "current_time": now, "last_download_status_time": moved}
    house.on("GET", UPDATE_STATUS, reply(200, said))
    assert asyncio.run(house.gateway.firmware_status()).state is state
