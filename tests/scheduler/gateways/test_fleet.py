"""What the Fleet API's adapter reads and writes, through the real library against the cloud."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fleeting import A_POLL, EVERYTHING, OTHER, SETTING, SITE, Fleet, lasting
from simulated_client import START

from rules.domain import Export, GridStatus, Mode, Quantity, Setting
from scheduler.domain import BudgetState, Capabilities, Caveat, Endpoint, NoteKind
from scheduler.errors import (
    LoginRefused,
    NotPermitted,
    Paused,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways.pypowerwall.fleet.adapter import FleetGateway
from scheduler.simulator.cloud import Application
from scheduler.simulator.cloud.profile import READ_SCOPE, WRITE_SCOPE
from scheduler.simulator.cloud_fault_kinds import CloudFaultKind
from scheduler.simulator.fault_kinds import FaultKind

WHOLE = Setting(Mode.BACKUP, 60, grid_charging=False, export=Export.SOLAR)
LIVE_PATH = f"/api/1/energy_sites/{SITE}/live_status"


class TestReading:
    def test_two_requests_show_all_there_is(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)
        seen = fleet.seen()
        assert fleet.asked == ["GET site_info", "GET live_status", "GET site_info"]
        assert seen.soe == pytest.approx(fleet.homes[SITE].home.soe, abs=0.1)
        assert seen.load_power == 1_000
        assert (seen.grid, seen.grid_services) == (GridStatus.CONNECTED, False)
        assert seen.storm_watch is False
        assert seen.mode is Mode.SELF_CONSUMPTION
        assert (seen.grid_charging, seen.export) == (True, Export.SOLAR)
        assert (seen.firmware or "").startswith("26.18")
        assert seen.running is None
        assert seen.earlier == {}

    @pytest.mark.parametrize(
        ("endpoints", "asked"),
        [
            (A_POLL, ["GET live_status"]),
            (frozenset({Endpoint.STORM_WATCH}), ["GET live_status"]),
            (SETTING, ["GET site_info"]),
            (frozenset[Endpoint](), []),
        ],
    )
    def test_only_what_is_wanted_is_requested(
        self, tmp_path: Path, endpoints: frozenset[Endpoint], asked: list[str]
    ) -> None:
        fleet = Fleet(tmp_path)
        fleet.play(lambda gateway: gateway.observe(endpoints))
        assert fleet.asked[1:] == asked

    def test_what_was_measured_long_ago_says_so(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, lasting(CloudFaultKind.STALE_STATUS))

        async def later(gateway: FleetGateway) -> object:
            fleet.clock.pass_time(600)
            return await gateway.observe(EVERYTHING)

        seen = fleet.play(later)
        assert seen.at == fleet.clock.now()
        assert seen.measured(Quantity.SOE) == START
        assert seen.measured(Quantity.STORM_WATCH) == START
        assert seen.measured(Quantity.MODE) == seen.at

    @pytest.mark.parametrize(
        ("firmware", "takes_90", "caveats"),
        [
            ("24.44.1", True, set()),
            ("25.18.4", False, set()),
            ("26.18.3", False, {Caveat.TARIFF_MAY_WIN}),
        ],
    )
    def test_what_belongs_to_the_firmware(
        self, tmp_path: Path, firmware: str, takes_90: bool, caveats: set[Caveat]
    ) -> None:
        fleet = Fleet(tmp_path, firmware=firmware)

        async def of(gateway: FleetGateway) -> Capabilities:
            return gateway.capabilities

        found = fleet.play(of)
        assert found.levers.is_legal_reserve(90) is takes_90
        assert found.caveats == caveats
        before = fleet.play(of, connect=False)
        assert not before.levers.is_legal_reserve(90)
        assert not before.caveats

    def test_capabilities(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)

        async def of(gateway: FleetGateway) -> object:
            return gateway.capabilities

        found = fleet.play(of)
        assert found.login == "fleet"
        assert found.timezone == "America/Los_Angeles"
        assert Quantity.RUNNING not in found.shows
        assert Endpoint.SITEMASTER not in found.endpoints
        assert Endpoint.STORM_WATCH in found.endpoints
        assert not found.may_check_firmware
        assert found.may_install_firmware is False
        assert found.levers.is_legal_reserve(80)
        assert not found.levers.is_legal_reserve(90)
        assert not found.levers.together
        assert found.settling_time == 900.0
        assert found.usage is not None
        assert found.usage.state is BudgetState.WITHIN
        assert found.usage.requests_this_month == found.usage.requests_today == 1

    def test_a_site_that_is_not_named_is_the_only_one(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)

        async def run() -> None:
            async with fleet.served(site_id=""):
                gateway = FleetGateway(fleet.account(), None, fleet.clock)
                await gateway.connect()
                await gateway.apply(Setting(Mode.BACKUP))
                await gateway.close()

        asyncio.run(run())
        assert fleet.asked == ["GET products", "GET site_info", "POST operation"]
        assert fleet.obeyed().mode is Mode.BACKUP

    def test_of_two_sites_one_has_to_be_named(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, sites=(SITE, OTHER))

        async def run() -> None:
            async with fleet.served(site_id=""):
                gateway = FleetGateway(fleet.account(), None, fleet.clock)
                with pytest.raises(LoginRefused, match=f"{SITE}, {OTHER}.*site_id"):
                    await gateway.connect()
                await gateway.close()

        asyncio.run(run())


class TestWriting:
    def test_every_part_by_a_command_of_its_own(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)

        async def write(gateway: FleetGateway) -> bool | None:
            await gateway.apply(WHOLE)
            return gateway.capabilities.may_write

        assert fleet.play(write) is True
        assert fleet.asked[1:] == [
            "POST operation",
            "POST backup",
            "POST grid_import_export",
            "POST grid_import_export",
        ]
        assert fleet.obeyed() == WHOLE

    def test_only_what_differs_from_what_was_found(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)
        found = Setting(Mode.BACKUP, 20, grid_charging=False, export=Export.SOLAR)
        fleet.play(lambda gateway: gateway.apply(WHOLE, found))
        assert fleet.asked[1:] == ["POST backup"]

    def test_nothing_is_sent_where_nothing_differs(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)
        fleet.play(lambda gateway: gateway.apply(WHOLE, WHOLE))
        assert fleet.asked[1:] == []

    def test_what_it_has_no_lever_for_is_a_mistake(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)
        with pytest.raises(ValueError, match="nothing"):
            fleet.play(lambda gateway: gateway.apply(Setting()))

    def test_what_is_set_is_written_back(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, setting=Setting(Mode.AUTONOMOUS, 35))
        fleet.play(FleetGateway.write_back)
        commands = fleet.cloud.record.commands
        assert [each.asked for each in commands] == [Setting(Mode.AUTONOMOUS), Setting(reserve=35)]

    def test_what_would_not_be_taken_back_is_not_written(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, setting=Setting(Mode.BACKUP, 90))
        with pytest.raises(Refused, match="90"):
            fleet.play(FleetGateway.write_back)
        assert fleet.cloud.record.commands == []

    def test_a_later_command_that_fails_leaves_it_uncertain(self, tmp_path: Path) -> None:
        fault = lasting(CloudFaultKind.SERVER_ERROR, path=f"/api/1/energy_sites/{SITE}/backup")
        fleet = Fleet(tmp_path, fault)
        with pytest.raises(WriteUncertain):
            fleet.play(lambda gateway: gateway.apply(Setting(Mode.BACKUP, 60)))
        assert [each.asked for each in fleet.cloud.record.commands] == [Setting(Mode.BACKUP)]

    def test_a_later_command_that_is_refused_tells_what_went(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, firmware="25.18.4")
        with pytest.raises(WriteUncertain, match="took mode of the setting, and not reserve"):
            fleet.play(lambda gateway: gateway.apply(Setting(Mode.BACKUP, 90)))

    @pytest.mark.parametrize(
        ("kind", "error", "said"),
        [
            (CloudFaultKind.COMMAND_LOST, WriteUncertain, "may or may not"),
            (CloudFaultKind.COMMAND_ANSWER_LOST, WriteUncertain, "may or may not"),
            (CloudFaultKind.SERVER_ERROR, WriteUncertain, "may or may not"),
            (CloudFaultKind.GONE, Refused, "Utility Rate Plan"),
            (CloudFaultKind.NO_RATE_PLAN, Refused, "Utility Rate Plan"),
            (CloudFaultKind.OVER_LIMIT, Paused, "limits requests"),
            (CloudFaultKind.DISABLED, Paused, "developer.tesla.com"),
        ],
    )
    def test_what_may_become_of_a_command(
        self, tmp_path: Path, kind: CloudFaultKind, error: type[Exception], said: str
    ) -> None:
        fleet = Fleet(tmp_path, lasting(kind, 1))

        async def write(gateway: FleetGateway) -> None:
            fleet.clock.pass_time(2)
            await gateway.apply(Setting(Mode.AUTONOMOUS))

        with pytest.raises(error, match=said):
            fleet.play(write)
        assert fleet.asked[1:] == ["POST operation"]

    def test_a_cloud_that_is_down_was_not_written_to(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, lasting(CloudFaultKind.DOWN))

        async def write(gateway: FleetGateway) -> None:
            with pytest.raises(Unreachable) as raised:
                await gateway.apply(Setting(Mode.BACKUP))
            assert not isinstance(raised.value, WriteUncertain)

        fleet.play(write, connect=False)

    def test_a_login_that_may_not_write(self, tmp_path: Path) -> None:
        application = Application(scopes=frozenset({READ_SCOPE}))
        fleet = Fleet(tmp_path, application=application)

        async def write(gateway: FleetGateway) -> bool | None:
            assert gateway.capabilities.may_write is False
            gateway.assume(may_write=None)
            with pytest.raises(NotPermitted, match=WRITE_SCOPE):
                await gateway.apply(Setting(Mode.BACKUP))
            return gateway.capabilities.may_write

        assert fleet.play(write) is False
        assert [kind for kind, _ in fleet.notes] == [NoteKind.NOT_PERMITTED]

    def test_what_this_route_cannot_do_is_said(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)

        async def ask(gateway: FleetGateway) -> None:
            for request in (
                gateway.run_battery,
                gateway.start_firmware_check,
                gateway.install_firmware,
                gateway.firmware_status,
            ):
                with pytest.raises(NotPermitted):
                    await request()
            gateway.leave_battery(1.0)
            await gateway.trust("sha256:00")

        fleet.play(ask)
        assert fleet.asked == ["GET site_info"]


class TestTrouble:
    @pytest.mark.parametrize(
        ("kind", "error", "said"),
        [
            (CloudFaultKind.DOWN, Unreachable, "gives no reading"),
            (CloudFaultKind.SERVER_ERROR, Unreachable, "HTTP 503"),
            (CloudFaultKind.OVER_LIMIT, Paused, "429"),
            (CloudFaultKind.DISABLED, Paused, "disabled: its limit for this month"),
            (FaultKind.IMPOSTOR, Unreachable, "certificate is not trusted"),
        ],
    )
    def test_a_reading_that_fails(
        self, tmp_path: Path, kind: CloudFaultKind, error: type[Exception], said: str
    ) -> None:
        fleet = Fleet(tmp_path, lasting(kind))
        with pytest.raises(error, match=said):
            fleet.play(lambda gateway: gateway.observe(A_POLL), connect=False)

    def test_what_comes_after_a_first_answer_is_missing(self, tmp_path: Path) -> None:
        path = f"/api/1/energy_sites/{SITE}/site_info"
        fleet = Fleet(tmp_path, lasting(CloudFaultKind.SERVER_ERROR, path=path))
        seen = fleet.play(lambda gateway: gateway.observe(EVERYTHING), connect=False)
        assert seen.soe is not None
        assert seen.mode is None

    def test_a_login_that_may_not_read(self, tmp_path: Path) -> None:
        application = Application(scopes=frozenset({WRITE_SCOPE}))
        fleet = Fleet(tmp_path, application=application)
        with pytest.raises(LoginRefused, match=READ_SCOPE):
            fleet.play(lambda gateway: gateway.observe(A_POLL), connect=False)

    def test_a_site_that_is_not_the_owners(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)

        async def run() -> None:
            async with fleet.served():
                gateway = fleet.gateway(site="404")
                with pytest.raises(LoginRefused, match="site_id"):
                    await gateway.connect()
                await gateway.close()

        asyncio.run(run())

    def test_a_pause_holds_for_every_site_and_the_next_process(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, lasting(CloudFaultKind.OVER_LIMIT, 0, 600), sites=(SITE, OTHER))

        async def run() -> None:
            async with fleet.served():
                account = fleet.account()
                one, other = fleet.gateway(account), fleet.gateway(account, OTHER)
                with pytest.raises(Paused) as raised:
                    await one.observe(A_POLL)
                assert raised.value.seconds == 600
                with pytest.raises(Paused):
                    await other.observe(A_POLL)
                await one.close()
                await other.close()
                fleet.clock.pass_time(300)
                again = fleet.gateway()
                with pytest.raises(Paused) as raised:
                    await again.observe(A_POLL)
                assert raised.value.seconds == pytest.approx(300)
                fleet.clock.pass_time(301)
                assert (await again.observe(A_POLL)).soe is not None
                await again.close()

        asyncio.run(run())
        assert fleet.asked == ["GET live_status"] * 2

    def test_a_disabled_application_is_tried_again_after_hours(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, lasting(CloudFaultKind.DISABLED, 0, 3600))

        async def poll(gateway: FleetGateway) -> None:
            for _ in range(60):
                fleet.clock.pass_time(300)
                with pytest.raises(Paused, match="2026-08-01"):
                    await gateway.observe(A_POLL)
            fleet.clock.pass_time(4 * 3600)
            assert (await gateway.observe(A_POLL)).soe is not None

        fleet.play(poll, connect=False)
        assert fleet.asked.count("GET live_status") == 2

    def test_an_answer_that_comes_too_late_leaves_nothing_more_to_be_sent(
        self, tmp_path: Path
    ) -> None:
        fault = lasting(FaultKind.NO_ANSWER, 1)
        fleet = Fleet(tmp_path, fault, deadline=0.2)

        async def write(gateway: FleetGateway) -> None:
            fleet.clock.pass_time(2)
            with pytest.raises(WriteUncertain):
                await gateway.apply(Setting(Mode.BACKUP, 60))

        fleet.play(write)
        assert fleet.asked[1:] == ["POST operation"]
