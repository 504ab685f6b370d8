"""What each fault does to a request, on the wire and in the home."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from simulated import SimulatedTransport
from simulated_client import START, client, installer

from rules.domain import Mode, Setting
from scheduler.simulator import profiles
from scheduler.simulator.fault_plan import Fault, FaultKind
from scheduler.simulator.record import RunningChange
from scheduler.simulator.wire import DROPPED, NEVER, PROMPT, REFUSED, Wire

DAY = timedelta(days=1)
BEFORE = Setting(Mode.SELF_CONSUMPTION, 20)
AFTER = Setting(Mode.BACKUP, 60)


def lasting(kind: FaultKind, path: str | None = None) -> Fault:
    return Fault(kind, START + timedelta(seconds=1), START + DAY, path, delay_s=7)


@pytest.mark.parametrize(
    ("kind", "wire", "status"),
    [
        (FaultKind.NO_ANSWER, NEVER, 0),
        (FaultKind.LATE_ANSWER, Wire(delay_s=7), 200),
        (FaultKind.UNAUTHORIZED, PROMPT, 401),
        (FaultKind.RATE_LIMITED, PROMPT, 429),
        (FaultKind.BAD_GATEWAY, PROMPT, 502),
        (FaultKind.REBOOT, REFUSED, 0),
        (FaultKind.LOST_WRITE, PROMPT, 200),  # reads go through
        (FaultKind.UNCERTAIN_WRITE, PROMPT, 200),
        (FaultKind.IGNORED_WRITE, PROMPT, 200),
        (FaultKind.UNACTED_WRITE, PROMPT, 200),
    ],
)
def test_a_read_under_each_fault(kind: FaultKind, wire: Wire, status: int) -> None:
    asker = installer("1.49", lasting(kind))
    asker.clock.pass_time(1)
    answer = asker.ask(profiles.OPERATION)
    assert (answer.wire, answer.status) == (wire, status)
    seen = asker.gateway.record.requests[-1]
    assert (seen.status, seen.answered) == (status, wire.answered)


@pytest.mark.parametrize(
    ("kind", "path", "wire", "staged", "reads_back", "in_effect"),
    [
        (FaultKind.UNCERTAIN_WRITE, profiles.OPERATION, DROPPED, True, AFTER, AFTER),
        (FaultKind.UNCERTAIN_WRITE, profiles.COMPLETED, PROMPT, True, AFTER, AFTER),
        (FaultKind.LOST_WRITE, profiles.OPERATION, DROPPED, False, BEFORE, BEFORE),
        (FaultKind.LOST_WRITE, profiles.COMPLETED, PROMPT, True, BEFORE, BEFORE),
        (FaultKind.IGNORED_WRITE, None, PROMPT, True, BEFORE, BEFORE),
        (FaultKind.UNACTED_WRITE, None, PROMPT, True, AFTER, BEFORE),
        (FaultKind.NO_ANSWER, profiles.OPERATION, NEVER, False, BEFORE, BEFORE),
        (FaultKind.LATE_ANSWER, None, Wire(delay_s=7), True, AFTER, AFTER),
    ],
)
def test_a_write_under_each_fault(
    kind: FaultKind,
    path: str | None,
    wire: Wire,
    staged: bool,
    reads_back: Setting,
    in_effect: Setting,
) -> None:
    asker = installer("1.49", lasting(kind, path))
    asker.clock.pass_time(1)
    assert asker.write("backup", 62).wire == wire
    asker.ask(profiles.COMPLETED)
    gateway = asker.gateway
    assert bool(gateway.record.writes) is staged
    assert asker.obeyed == in_effect
    assert gateway.record.settings[-1].setting == gateway.home.setting
    asker.clock.pass_time(DAY.total_seconds())
    asker.log_in("installer")
    shown = asker.read(profiles.OPERATION)
    assert shown["real_mode"] == reads_back.mode
    assert shown["backup_reserve_percent"] == pytest.approx(0.95 * reads_back.reserve + 5)


def test_unauthorized_drops_the_session_and_lets_logins_through() -> None:
    fault = Fault(FaultKind.UNAUTHORIZED, START, START + timedelta(minutes=1))
    asker = client("1.49", fault)
    assert asker.log_in("installer").status == 200
    assert asker.ask(profiles.SOE).status == 200  # open to strangers on this firmware
    assert asker.ask(profiles.OPERATION).status == 401
    asker.clock.pass_time(60)
    assert asker.ask(profiles.OPERATION).status == 401  # the session is gone, fault or not
    asker.log_in("installer")
    assert asker.ask(profiles.OPERATION).status == 200


def test_a_reboot_is_dark_then_without_battery_then_over() -> None:
    start = START + timedelta(minutes=10)
    asker = installer("21.44", Fault(FaultKind.REBOOT, start, start + timedelta(minutes=4)))
    told = []
    for minute in (9, 10, 11, 12, 13, 14):
        asker.clock.pass_time(START.timestamp() + 60 * minute - asker.gateway.advance().timestamp())
        told.append((asker.ask(profiles.SOE).status, asker.ask(profiles.STATUS).status))
        if minute == 12:
            asker.log_in("customer")
            told.append((asker.ask(profiles.SOE).status, asker.ask(profiles.STATUS).status))
    assert told == [(200, 200), (0, 0), (0, 0), (401, 200), (502, 200), (502, 200), (200, 200)]
    assert asker.read(profiles.STATUS)["up_time_seconds"] == "0h2m0.000000s"
    assert asker.gateway.record.running[1:] == [
        RunningChange(start, running=False, cause="reboot"),
        RunningChange(start + timedelta(minutes=4), running=True, cause="boot"),
    ]


def test_a_reboot_that_nobody_saw_has_happened_all_the_same() -> None:
    fault = Fault(FaultKind.REBOOT, START + timedelta(minutes=1), START + timedelta(minutes=5))
    asker = installer("1.49", fault)
    asker.write("backup", 62)
    asker.clock.pass_time(3_600)
    assert asker.ask(profiles.OPERATION).status == 401
    asker.log_in("installer")
    asker.ask(profiles.COMPLETED)
    assert asker.obeyed == BEFORE  # what was only staged is lost
    assert asker.gateway.home.meters.site_imported == pytest.approx(4 / 60 * 1_000)


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.NO_ANSWER, httpx.ReadTimeout),
        (FaultKind.LATE_ANSWER, httpx.ReadTimeout),
        (FaultKind.UNCERTAIN_WRITE, httpx.ReadError),
        (FaultKind.LOST_WRITE, httpx.ReadError),
        (FaultKind.REBOOT, httpx.ConnectError),
    ],
)
def test_what_httpx_makes_of_the_wire(kind: FaultKind, error: type[httpx.TransportError]) -> None:
    asker = installer("1.49", lasting(kind))
    asker.clock.pass_time(1)

    async def write(patience: float) -> int:
        transport = SimulatedTransport(asker.gateway)
        async with httpx.AsyncClient(
            transport=transport, base_url="https://powerwall", timeout=patience
        ) as http:
            answer = await http.post(
                profiles.OPERATION, json={"real_mode": "backup"}, headers=asker.headers
            )
            return answer.status_code

    with pytest.raises(error):
        asyncio.run(write(5))
    if kind is FaultKind.LATE_ANSWER:
        assert asyncio.run(write(8)) == 200


def test_httpx_and_the_gateway_understand_each_other() -> None:
    asker = client("21.44")

    async def talk() -> list[int]:
        transport = SimulatedTransport(asker.gateway)
        async with httpx.AsyncClient(transport=transport, base_url="https://powerwall") as http:
            login = {"username": "customer", "password": "01234"}
            first = await http.post(profiles.LOGIN, json=login)
            second = await http.get(profiles.SOE)  # the cookie alone is enough
            third = await http.get(f"{profiles.UPDATE}?force=true")
            return [first.status_code, second.status_code, third.status_code]

    assert asyncio.run(talk()) == [200, 200, 202]
    assert asker.gateway.record.update_checks == [START]
