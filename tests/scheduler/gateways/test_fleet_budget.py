"""What the Fleet API may cost, and what comes of it: the pace of polls, and an end to them."""

from __future__ import annotations

import asyncio
import json
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fleeting import A_POLL, EVERYTHING, OTHER, SETTING, SITE, Fleet
from hypothesis import given
from hypothesis import strategies as st
from simulated_client import START, HandClock

from rules.domain import Mode, Setting
from scheduler.domain import BudgetState, Endpoint, NoteKind
from scheduler.errors import GatewayProblem, Paused
from scheduler.gateways.pypowerwall.fleet.adapter import FleetGateway
from scheduler.gateways.pypowerwall.fleet.budget import (
    DEFAULT,
    SHORTEST,
    SPREAD,
    Budget,
    Charge,
    cost,
    next_month,
    pace,
    seconds_left,
    spread,
)
from scheduler.gateways.pypowerwall.fleet.meter import Meter

JULY, MID_JULY = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 16, 12, tzinfo=UTC)
JULY_SECONDS = 31 * 86_400.0


class TestPrices:
    def test_two_requests_every_five_minutes(self) -> None:
        requests = 2 * 12 * 24 * 30.4
        assert cost(round(requests), 0) == pytest.approx(35, abs=0.1)

    def test_ten_dollars(self) -> None:
        assert cost(5_000, 0) == pytest.approx(10)
        assert cost(0, 10_000) == pytest.approx(10)


class TestPace:
    @pytest.mark.parametrize(
        ("budget", "dollars", "now", "sites", "seconds", "state"),
        [
            (DEFAULT, 0.0, JULY, 1, 900, BudgetState.WITHIN),
            (DEFAULT, 0.0, JULY, 4, 3580, BudgetState.WITHIN),
            (DEFAULT, 3.75, MID_JULY, 1, 900, BudgetState.WITHIN),
            (DEFAULT, 6.0, MID_JULY, 1, 2240, BudgetState.NEAR),
            (DEFAULT, 7.5, MID_JULY, 1, 15.5 * 86_400, BudgetState.SPENT),
            (DEFAULT, 12.0, MID_JULY, 1, 15.5 * 86_400, BudgetState.SPENT),
            (Budget(0.0), 0.0, JULY, 1, JULY_SECONDS, BudgetState.SPENT),
            (Budget(30.0), 0.0, JULY, 1, 300, BudgetState.WITHIN),
            (Budget(500.0), 0.0, JULY, 1, 300, BudgetState.WITHIN),
            (Budget(500.0), 370.0, JULY, 1, 1340, BudgetState.NEAR),
        ],
    )
    def test_table(
        self,
        budget: Budget,
        dollars: float,
        now: datetime,
        sites: int,
        seconds: float,
        state: BudgetState,
    ) -> None:
        found = pace(budget, dollars, now, sites)
        assert found.seconds == pytest.approx(seconds, rel=0.01)
        assert found.state is state

    @given(
        allowance=st.floats(0, 100),
        share=st.floats(0, 1),
        used=st.floats(0, 150),
        hours=st.integers(0, 31 * 24 - 1),
        sites=st.integers(1, 20),
    )
    def test_what_it_plans_is_affordable(
        self, allowance: float, share: float, used: float, hours: int, sites: int
    ) -> None:
        budget, now = Budget(allowance, share), JULY + timedelta(hours=hours)
        found = pace(budget, used, now, sites)
        assert found.seconds >= SHORTEST or found.seconds == seconds_left(now)
        if found.state is not BudgetState.SPENT and found.seconds < seconds_left(now):
            polls = seconds_left(now) / found.seconds * sites
            assert used + polls * 1.25 * Charge.REQUEST.value <= budget.for_polls + 1e-6

    def test_sites_differ_and_none_is_too_quick(self) -> None:
        found = [spread(900, str(site)) for site in range(200)]
        assert len(set(found)) == 200
        assert min(found) >= 900
        assert max(found) <= 900 * (1 + SPREAD)
        assert spread(900, "7") == spread(900, "7")

    def test_december_ends_with_the_year(self) -> None:
        assert next_month(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == datetime(
            2027, 1, 1, tzinfo=UTC
        )


class TestMonth:
    @given(
        allowance=st.sampled_from([0.0, 0.01, 0.05, 0.1]),
        share=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
        what=st.lists(
            st.tuples(
                st.sampled_from(["poll", "read", "write", "lost", "restart", "back", "damage"]),
                st.integers(0, 20 * 3600),
            ),
            max_size=60,
        ),
    )
    def test_whatever_happens_it_costs_no_more_than_allowed(
        self,
        tmp_path_factory: pytest.TempPathFactory,
        allowance: float,
        share: float,
        what: list[tuple[str, int]],
    ) -> None:
        journal = tmp_path_factory.mktemp("month") / "journal.sqlite"
        clock, budget = HandClock(JULY), Budget(allowance, share)
        meter = Meter.beside(journal, "mine", clock, budget)
        billed = 0.0
        for kind, seconds in what:
            month = clock.now().month
            match kind:
                case "restart":
                    meter.close()
                    meter = Meter.beside(journal, "mine", clock, budget)
                case "back":
                    clock.step_wall(-timedelta(seconds=seconds))
                    if clock.now().month != month:
                        clock.step_wall(timedelta(seconds=seconds))
                case "write" if meter.take(Charge.COMMAND):
                    billed += Charge.COMMAND.value
                case "lost" if meter.take(Charge.REQUEST):
                    meter.give_back(Charge.REQUEST)
                case "poll" | "read" if meter.take(Charge.REQUEST):
                    billed += Charge.REQUEST.value
            clock.pass_time(seconds)
            if clock.now().month != month:
                billed = 0.0
            assert billed <= allowance + 1e-9
            assert meter.counts.dollars >= billed - 1e-9

    def test_polls_end_and_writes_do_not(self, tmp_path: Path) -> None:
        budget = Budget(0.1, 0.5)
        fleet = Fleet(tmp_path, budget=budget)

        async def month(gateway: FleetGateway) -> int:
            polls = 0
            while gateway.capabilities.usage.state is not BudgetState.SPENT:
                await gateway.observe(A_POLL)
                fleet.clock.pass_time(10)
                polls += 1
            assert gateway.capabilities.shortest_poll >= seconds_left(fleet.clock.now())
            before = fleet.cloud.bill().dollars
            # What is to be written is read first, and read back.
            await gateway.observe(EVERYTHING)
            await gateway.apply(Setting(Mode.BACKUP, 60))
            await gateway.observe(SETTING)
            assert before <= budget.for_polls
            return polls

        assert fleet.play(month) > 20
        assert fleet.obeyed().mode is Mode.BACKUP

    def test_nothing_is_sent_beyond_it(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, budget=Budget(0.02))

        async def month(gateway: FleetGateway) -> None:
            for _ in range(9):
                await gateway.observe(A_POLL)
                fleet.clock.pass_time(10)
            with pytest.raises(Paused, match=r"Raise it in pwsched\.toml") as raised:
                await gateway.observe(A_POLL)
            assert raised.value.seconds == seconds_left(fleet.clock.now())
            with pytest.raises(Paused, match="2026-08-01"):
                await gateway.apply(Setting(Mode.BACKUP))

        fleet.play(month)
        assert [each.asked for each in fleet.cloud.record.commands] == []
        assert len([each for each in fleet.requests if each.billed]) == 10

    def test_it_is_told_once_and_once_more_when_spent(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, budget=Budget(0.2))

        async def month(gateway: FleetGateway) -> None:
            for _ in range(80):
                await gateway.observe(A_POLL)
                fleet.clock.pass_time(10)

        fleet.play(month)
        fleet.play(lambda gateway: gateway.observe(A_POLL))
        assert [kind for kind, _ in fleet.notes] == [NoteKind.BUDGET, NoteKind.BUDGET]
        assert "nearly used up" in fleet.notes[0][1]
        assert "until 2026-08-01 it is only read for what is to be written" in fleet.notes[1][1]

    def test_sites_share_it(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path, sites=(SITE, OTHER))

        async def run() -> list[float]:
            async with fleet.served():
                account = fleet.account()
                one = fleet.gateway(account)
                alone = one.capabilities.shortest_poll
                other = fleet.gateway(account, OTHER)
                both = one.capabilities.shortest_poll
                await one.observe(A_POLL)
                await other.observe(A_POLL)
                assert one.capabilities.usage.requests_this_month == 2
                await other.close()
                again = one.capabilities.shortest_poll
                await one.close()
                return [alone, both, again]

        alone, both, again = asyncio.run(run())
        assert both == pytest.approx(2 * alone, rel=0.02)
        assert again == pytest.approx(alone, rel=0.02)

    def test_the_setting_is_read_in_every_fourth_poll(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)

        async def of(gateway: FleetGateway) -> tuple[float, float, float]:
            found = gateway.capabilities
            return (
                found.shortest_poll,
                found.at_intervals[Endpoint.OPERATION],
                found.at_intervals[Endpoint.STORM_WATCH],
            )

        poll, setting, storm = fleet.play(of)
        assert 3 * poll < setting < 4 * poll
        assert storm < poll


class TestMeter:
    def test_the_next_process_goes_on_counting(self, tmp_path: Path) -> None:
        fleet = Fleet(tmp_path)

        async def work(gateway: FleetGateway) -> None:
            await gateway.observe(A_POLL)
            await gateway.apply(Setting(Mode.BACKUP, 60))

        fleet.play(work)
        fleet.clock.pass_time(86_400)

        async def usage(gateway: FleetGateway) -> object:
            return gateway.capabilities.usage

        found = fleet.play(usage)
        assert (found.requests_this_month, found.commands_this_month) == (3, 2)
        assert (found.requests_today, found.commands_today) == (1, 0)
        assert found.dollars == fleet.cloud.bill().dollars

    def test_what_the_cloud_bills_is_what_is_counted(self, tmp_path: Path) -> None:
        from fleeting import lasting

        from scheduler.simulator.cloud_fault_kinds import CloudFaultKind

        faults = [
            lasting(CloudFaultKind.SERVER_ERROR, 100, 100),
            lasting(CloudFaultKind.GONE, 300, 100),
            lasting(CloudFaultKind.TOKENS_EXPIRE, 500),
        ]
        fleet = Fleet(tmp_path, *faults)

        async def work(gateway: FleetGateway) -> None:
            for _ in range(8):
                fleet.clock.pass_time(100)
                for what in (gateway.observe(EVERYTHING), gateway.apply(Setting(Mode.BACKUP))):
                    with suppress(GatewayProblem):
                        await what
            usage = gateway.capabilities.usage
            bill = fleet.cloud.bill()
            assert usage.requests_this_month == bill.requests
            assert usage.commands_this_month == bill.commands

        fleet.play(work)

    def test_it_is_written_at_a_command_at_the_end_and_else_seldom(self, tmp_path: Path) -> None:
        clock = HandClock(START)
        path = tmp_path / "usage.json"
        meter = Meter(path, clock, DEFAULT)

        def written() -> tuple[int, int]:
            kept = json.loads(path.read_bytes())
            return kept["requests_this_month"], kept["commands_this_month"]

        meter.take(Charge.REQUEST)
        assert written() == (1, 0)
        meter.take(Charge.REQUEST)
        assert written() == (1, 0)
        clock.pass_time(61)
        meter.take(Charge.REQUEST)
        assert written() == (3, 0)
        meter.take(Charge.REQUEST)
        meter.take(Charge.COMMAND)
        assert written() == (4, 1)
        meter.take(Charge.REQUEST)
        meter.close()
        assert written() == (5, 1)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    @pytest.mark.parametrize(
        "content",
        [b"", b"{", b"[]", b'{"version": 1}', b'{"version": 2, "day": "2026-07-16"}', b"\xff"],
    )
    def test_a_damaged_file_is_no_new_budget(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "usage.json"
        path.write_bytes(content)
        path.chmod(0o600)
        meter = Meter(path, HandClock(MID_JULY), DEFAULT)
        assert meter.counts.dollars == pytest.approx(3.75, abs=0.1)

    def test_a_clock_that_is_set_back_begins_no_new_month(self, tmp_path: Path) -> None:
        clock = HandClock(JULY + timedelta(hours=1))
        meter = Meter(tmp_path / "usage.json", clock, DEFAULT)
        meter.take(Charge.REQUEST)
        clock.step_wall(-timedelta(hours=2))
        meter.take(Charge.REQUEST)
        assert meter.counts.requests_this_month == 2
        assert meter.counts.requests_today == 2

    def test_the_next_month_begins_at_nothing(self, tmp_path: Path) -> None:
        clock = HandClock(MID_JULY)
        meter = Meter(tmp_path / "usage.json", clock, Budget(0.004))
        assert [meter.take(Charge.REQUEST) for _ in range(3)] == [True, True, False]
        meter.keep(told=BudgetState.SPENT)
        clock.pass_time(seconds_left(clock.now()) - 1)
        assert not meter.take(Charge.REQUEST)
        assert meter.told is BudgetState.SPENT
        clock.pass_time(1)
        assert meter.told is BudgetState.WITHIN
        assert meter.take(Charge.REQUEST)

    def test_a_full_disk_stops_nothing(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        meter = Meter(tmp_path / "nowhere" / "usage.json", HandClock(START), DEFAULT)
        assert meter.take(Charge.COMMAND)
        assert meter.take(Charge.COMMAND)
        assert meter.counts.commands_today == 2
        assert [each.levelname for each in caplog.records] == ["WARNING"]
