"""What the adapter of signed control reads and writes, through the real library over TLS."""

from __future__ import annotations

import asyncio

import pytest
from signing import A_POLL, EVERYTHING, PW3, SETTING, Signed, lasting, new_key

from rules.domain import Export, GridStatus, Mode, Quantity, Setting
from scheduler.domain import Capabilities, Endpoint
from scheduler.errors import (
    LoginRefused,
    NotPermitted,
    Paused,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways.pypowerwall import SignedGateway
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.signed_fault_kinds import SignedFaultKind

WHOLE = Setting(Mode.BACKUP, 90, grid_charging=False, export=Export.NEVER)
CONNECTED = ["POST Basic", "GET din", "POST v1r", "GET status"]
"""What it takes to connect."""


async def told(gateway: SignedGateway) -> Capabilities:
    return gateway.capabilities


class TestReading:
    def test_all_there_is(self) -> None:
        site = Signed(setting=Setting(Mode.AUTONOMOUS, 35))
        seen = site.seen()
        assert site.asked[: len(CONNECTED)] == CONNECTED
        assert site.asked[len(CONNECTED) :] == [
            "GET soe",
            "GET aggregates",
            "GET grid_status",
            "GET sitemaster",
            "GET status",
            "POST v1r",
        ]
        assert seen.soe == pytest.approx(50)
        assert (seen.load_power, seen.battery_power) == (1_000, 1_000)
        assert (seen.grid, seen.grid_services) == (GridStatus.CONNECTED, False)
        assert (seen.mode, seen.reserve) == (Mode.AUTONOMOUS, pytest.approx(35))
        assert (seen.grid_charging, seen.export) == (True, Export.SOLAR)
        assert (seen.running, seen.firmware) == (True, "26.18.3")

    @pytest.mark.parametrize(
        ("endpoints", "asked"),
        [
            (A_POLL, ["GET soe", "GET aggregates", "GET grid_status"]),
            (SETTING, ["POST v1r"]),
            (frozenset({Endpoint.OPERATION}), ["POST v1r"]),
            (frozenset({Endpoint.PERMISSIONS}), ["POST v1r"]),
            (frozenset({Endpoint.STORM_WATCH}), []),
            (frozenset[Endpoint](), []),
        ],
    )
    def test_only_what_is_wanted_is_requested(
        self, endpoints: frozenset[Endpoint], asked: list[str]
    ) -> None:
        site = Signed()
        site.seen(endpoints)
        assert site.asked[len(CONNECTED) :] == asked

    def test_only_what_is_wanted_is_shown(self) -> None:
        site = Signed()
        seen = site.seen(frozenset({Endpoint.OPERATION}))
        assert (seen.mode, seen.export) == (Mode.SELF_CONSUMPTION, None)
        seen = site.seen(frozenset({Endpoint.PERMISSIONS}))
        assert (seen.mode, seen.export) == (None, Export.SOLAR)

    def test_charging_that_was_never_forbidden_is_permitted(self) -> None:
        site = Signed()
        assert "disallow_charge_from_grid_with_solar_installed" not in str(site.control.config)
        assert site.seen().grid_charging is True
        assert Signed(setting=Setting(grid_charging=False)).seen().grid_charging is False

    def test_capabilities(self) -> None:
        found = Signed().play(told)
        assert (found.login, found.firmware) == ("customer", "26.18.3")
        assert found.timezone == "America/Los_Angeles"
        assert found.may_write is None
        assert not found.may_check_firmware
        assert found.may_install_firmware is False
        assert found.levers.is_legal_reserve(90)
        assert found.levers.modes == {Mode.SELF_CONSUMPTION, Mode.BACKUP}
        assert not found.levers.together
        assert Endpoint.STORM_WATCH not in found.endpoints

    def test_what_a_powerwall_3_does_not_have_is_not_asked_for_again(self) -> None:
        site = Signed(hardware=PW3)

        async def twice(gateway: SignedGateway) -> Capabilities:
            first = await gateway.observe(EVERYTHING)
            assert (first.soe, first.running, first.firmware) == (pytest.approx(50), None, None)
            assert first.mode is Mode.SELF_CONSUMPTION
            before = len(site.requests)
            await gateway.observe(EVERYTHING)
            assert site.asked[before:] == [
                "GET soe",
                "GET aggregates",
                "GET grid_status",
                "POST v1r",
            ]
            return gateway.capabilities

        found = site.play(twice)
        assert {Quantity.RUNNING, Quantity.FIRMWARE}.isdisjoint(found.shows)
        assert Endpoint.SITEMASTER not in found.endpoints

    def test_a_battery_that_stands_is_noticed(self) -> None:
        site = Signed()
        site.simulated.home.running = False
        seen = site.seen(A_POLL)
        assert (seen.soe, seen.running) == (None, False)

    def test_it_can_be_asked_to_run(self) -> None:
        site = Signed()
        site.simulated.home.running = False
        site.play(SignedGateway.run_battery)
        assert site.simulated.home.running
        with pytest.raises(NotPermitted, match="Tesla app"):
            Signed(hardware=PW3).play(SignedGateway.run_battery)

    def test_an_unknown_word_is_kept_and_a_value_beyond_the_scale_told(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        site = Signed()
        shown = site.control.config
        strange = {
            **shown,
            "default_real_mode": "siphon",
            "site_info": {**shown["site_info"], "backup_reserve_percent": 137},
        }
        monkeypatch.setattr(type(site.control), "config", strange)
        seen = site.seen(SETTING)
        assert (seen.mode, seen.reserve, seen.export) == (None, None, Export.SOLAR)
        assert seen.unknown_words == {Quantity.MODE: "siphon"}
        assert "137" in site.notes[0][1]


class TestWriting:
    def test_all_parts_go_in_one_write(self) -> None:
        site = Signed()

        async def write(gateway: SignedGateway) -> bool | None:
            await gateway.apply(WHOLE)
            assert (await gateway.observe(SETTING)).reserve == pytest.approx(90)
            return gateway.capabilities.may_write

        assert site.play(write) is True
        assert site.asked[len(CONNECTED) :] == ["POST v1r"] * 3
        assert site.writes == [WHOLE]
        assert site.obeyed == WHOLE
        assert [each.role for each in site.simulated.record.writes] == ["signed"]

    @pytest.mark.parametrize(
        "setting",
        [
            Setting(Mode.AUTONOMOUS),
            Setting(reserve=0),
            Setting(reserve=100),
            Setting(grid_charging=False),
            Setting(export=Export.BATTERY),
        ],
    )
    def test_a_part_that_is_absent_is_left_alone(self, setting: Setting) -> None:
        before = Setting(Mode.BACKUP, 33, grid_charging=True, export=Export.SOLAR)
        site = Signed(setting=before)
        site.play(lambda gateway: gateway.apply(setting))
        assert site.writes == [setting.over(before)]

    def test_the_rest_of_the_configuration_is_left_alone(self) -> None:
        site = Signed()
        before = site.control.config
        site.play(lambda gateway: gateway.apply(WHOLE))
        after = site.control.config
        assert after["customer"] == before["customer"]
        assert after["site_info"]["site_name"] == before["site_info"]["site_name"]
        assert after["site_info"]["backup_reserve_percent"] == pytest.approx(0.95 * 90 + 5)

    def test_two_writes_at_once_come_one_after_the_other(self) -> None:
        site = Signed()

        async def write(gateway: SignedGateway) -> None:
            await asyncio.gather(
                gateway.apply(Setting(Mode.BACKUP)), gateway.apply(Setting(reserve=60))
            )

        site.play(write)
        assert site.obeyed == Setting(Mode.BACKUP, 60).over(Signed().obeyed)

    def test_what_it_has_no_lever_for_is_a_mistake(self) -> None:
        site = Signed()
        with pytest.raises(ValueError, match="nothing"):
            site.play(lambda gateway: gateway.apply(Setting()))

    def test_what_is_set_is_written_back_unrounded(self) -> None:
        site = Signed(setting=Setting(Mode.AUTONOMOUS, 35))
        exact = 35.123456
        shown = site.simulated._configuration.shown
        site.simulated._configuration.shown = shown._replace(reserve=exact)

        async def back(gateway: SignedGateway) -> bool | None:
            await gateway.write_back()
            return gateway.capabilities.may_write

        assert site.play(back) is True
        assert site.simulated._configuration.shown.reserve == pytest.approx(exact, abs=1e-8)
        assert len(site.writes) == 1

    def test_what_is_not_shown_whole_is_neither_written_back_nor_changed(self) -> None:
        site = Signed(lasting(SignedFaultKind.CONFIG_MEAGRE))
        with pytest.raises(Refused, match="whole"):
            site.play(SignedGateway.write_back)
        with pytest.raises(Refused, match="nothing was written"):
            site.play(lambda gateway: gateway.apply(WHOLE))
        assert site.writes == []
        assert "customer" in site.control.config

    @pytest.mark.parametrize("firmware", ["26.10.3", "26.10.4"])
    def test_some_firmware_stores_and_does_not_act_until_the_app_is_opened(
        self, firmware: str
    ) -> None:
        site = Signed(firmware=firmware)
        before = site.obeyed

        async def write(gateway: SignedGateway) -> None:
            await gateway.apply(WHOLE)
            seen = await gateway.observe(SETTING)
            assert (seen.mode, seen.grid_charging) == (Mode.BACKUP, False)
            assert seen.export is Export.NEVER

        site.play(write)
        site.clock.pass_time(3_600)
        assert site.obeyed == before
        site.simulated.open_app()
        assert site.obeyed == WHOLE

    def test_what_this_route_cannot_do_is_said(self) -> None:
        site = Signed()

        async def ask(gateway: SignedGateway) -> None:
            for request in (
                gateway.start_firmware_check,
                gateway.install_firmware,
                gateway.firmware_status,
            ):
                with pytest.raises(NotPermitted, match="firmware"):
                    await request()
            gateway.leave_battery(1.0)
            gateway.assume(may_write=True)
            assert gateway.capabilities.may_write

        site.play(ask)
        assert site.asked == CONNECTED


BUSY, TIMEOUT, PRIVILEGES, INTERNAL, EXPIRED, TOO_LONG = 1, 2, 7, 11, 17, 20


class TestTroubleWithAWrite:
    @pytest.mark.parametrize(
        ("kind", "error", "said"),
        [
            (SignedFaultKind.CONFIG_LOST, WriteUncertain, "may or may not"),
            (SignedFaultKind.CONFIG_ANSWER_LOST, WriteUncertain, "may or may not"),
            (SignedFaultKind.CONFIG_CHANGED, Refused, "somebody else"),
        ],
    )
    def test_what_may_become_of_it(
        self, kind: SignedFaultKind, error: type[Exception], said: str
    ) -> None:
        site = Signed(lasting(kind))
        with pytest.raises(error, match=said):
            site.play(lambda gateway: gateway.apply(WHOLE))
        stored = kind is SignedFaultKind.CONFIG_ANSWER_LOST
        assert site.writes == ([WHOLE] if stored else [])
        assert site.asked[len(CONNECTED) :] == ["POST v1r"] * 2

    @pytest.mark.parametrize(
        ("status", "error", "said"),
        [
            (BUSY, Unreachable, "BUSY"),
            (PRIVILEGES, LoginRefused, "INSUFFICIENT_PRIVILEGES"),
            (EXPIRED, LoginRefused, "clock"),
            (TOO_LONG, LoginRefused, "clock"),
            (99, LoginRefused, "99"),
        ],
    )
    def test_what_is_not_read_is_not_written(
        self, status: int, error: type[Exception], said: str
    ) -> None:
        site = Signed(lasting(SignedFaultKind.SIGNED_FAULT, 1, status=status))

        async def write(gateway: SignedGateway) -> None:
            site.clock.pass_time(2)
            with pytest.raises(error, match=said) as raised:
                await gateway.apply(WHOLE)
            assert not isinstance(raised.value, WriteUncertain)

        site.play(write)
        assert site.asked[len(CONNECTED) :] == ["POST v1r"]
        assert site.writes == []

    def test_a_write_that_is_only_answered_well_is_read_back(self) -> None:
        site = Signed(lasting(SignedFaultKind.CONFIG_IGNORED))

        async def write(gateway: SignedGateway) -> None:
            await gateway.apply(WHOLE)
            assert (await gateway.observe(SETTING)).mode is Mode.SELF_CONSUMPTION

        site.play(write)
        assert site.writes == []

    def test_an_answer_that_comes_too_late_leaves_nothing_more_to_be_sent(self) -> None:
        site = Signed(lasting(FaultKind.NO_ANSWER, 1), deadline=0.4)

        async def write(gateway: SignedGateway) -> None:
            site.clock.pass_time(2)
            with pytest.raises(Unreachable) as raised:
                await gateway.apply(WHOLE)
            assert not isinstance(raised.value, WriteUncertain)

        site.play(write)
        assert site.asked[len(CONNECTED) :] == ["POST v1r"]

    def test_a_gateway_that_is_away_was_not_written_to(self) -> None:
        site = Signed(lasting(FaultKind.REBOOT, 1, 600))

        async def write(gateway: SignedGateway) -> None:
            site.clock.pass_time(2)
            with pytest.raises(Unreachable) as raised:
                await gateway.apply(WHOLE)
            assert not isinstance(raised.value, WriteUncertain)

        site.play(write)


class TestTroubleWithAReading:
    @pytest.mark.parametrize(
        ("kind", "error", "said"),
        [
            (FaultKind.BAD_GATEWAY, Unreachable, "HTTP 502"),
            (FaultKind.RATE_LIMITED, Paused, "429"),
            (FaultKind.REDIRECT, Unreachable, "HTTP 302"),
            (FaultKind.NOT_JSON, Unreachable, "of no use"),
            (FaultKind.COMPRESSED, Unreachable, "compressed"),
            (FaultKind.TRUNCATED, Unreachable, "no whole answer"),
            (FaultKind.OVERSIZED, Unreachable, "more than"),
        ],
    )
    def test_a_poll_that_fails(self, kind: FaultKind, error: type[Exception], said: str) -> None:
        site = Signed(lasting(kind, 1))

        async def poll(gateway: SignedGateway) -> None:
            site.clock.pass_time(2)
            with pytest.raises(error, match=said):
                await gateway.observe(A_POLL)

        site.play(poll)

    def test_what_comes_after_a_first_answer_is_missing(self) -> None:
        site = Signed(lasting(FaultKind.RESET, 1, path="/api/meters"))

        async def poll(gateway: SignedGateway) -> None:
            site.clock.pass_time(2)
            seen = await gateway.observe(A_POLL | SETTING)
            assert (seen.soe, seen.load_power, seen.mode) == (
                pytest.approx(50, abs=0.1),
                None,
                None,
            )

        site.play(poll)

    @pytest.mark.parametrize(
        ("kind", "more", "said"),
        [
            (SignedFaultKind.NOT_VERIFIED, {}, "switch the Powerwall off"),
            (SignedFaultKind.SIGNED_FAULT, {"status": 3}, "UNKNOWN_KEY_ID.*register"),
            (SignedFaultKind.SIGNED_FAULT, {"status": 4}, "INACTIVE_KEY.*register"),
            (SignedFaultKind.SIGNED_FAULT, {"status": 5}, "INVALID_SIGNATURE"),
        ],
    )
    def test_a_key_that_is_not_accepted(
        self, kind: SignedFaultKind, more: dict[str, int], said: str
    ) -> None:
        site = Signed(lasting(kind, **more))
        with pytest.raises(LoginRefused, match=said):
            site.play(told)
        assert site.asked == CONNECTED[:-1]
        with pytest.raises(LoginRefused, match=said):
            site.play(lambda gateway: gateway.observe(SETTING), connect=False)

    def test_a_breaker_that_was_never_toggled_and_then_is(self) -> None:
        site = Signed(verified=False)

        async def later(gateway: SignedGateway) -> None:
            with pytest.raises(LoginRefused, match="nobody has confirmed it"):
                await gateway.connect()
            site.simulated.toggle_switch()
            await gateway.connect()
            await gateway.apply(WHOLE)

        site.play(later, connect=False)
        assert site.writes == [WHOLE]

    def test_another_key_than_the_one_that_was_registered(self) -> None:
        site = Signed(registered=new_key(1))
        with pytest.raises(LoginRefused, match="UNKNOWN_KEY_ID"):
            site.play(told)

    def test_a_gateway_without_signed_control(self) -> None:
        site = Signed()
        site.simulated._routes = {
            path: each for path, each in site.simulated._routes.items() if "tedapi" not in path
        }
        with pytest.raises(LoginRefused, match="has no signed control"):
            site.play(told)
