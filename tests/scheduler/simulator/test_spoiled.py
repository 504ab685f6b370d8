"""Answers that a fault has spoiled, over the wire and as the bodies that they are."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
from datetime import timedelta
from typing import Any

import httpx
import pytest
from simulated import SimulatedTransport
from simulated_client import START, Client, client, installer

from rules.domain import Mode, Setting
from scheduler.simulator import profiles
from scheduler.simulator.fault_kinds import KINDS, At, FaultKind
from scheduler.simulator.fault_plan import Fault

DAY = timedelta(days=1)
NEVER_LOOKED = {
    FaultKind.NO_ANSWER,
    FaultKind.BAD_GATEWAY,
    FaultKind.RATE_LIMITED,
    FaultKind.UNAUTHORIZED,
    FaultKind.REDIRECT,
    FaultKind.IMPOSTOR,
}
SPOILERS = [
    kind
    for kind, about in KINDS.items()
    if about.at is At.ANSWERS and about.requests is None and kind not in NEVER_LOOKED
]


def under(kind: FaultKind, path: str | None = None) -> Client:
    asker = installer("1.49", Fault(kind, START + timedelta(seconds=1), START + DAY, path, 7))
    asker.clock.pass_time(1)
    return asker


def test_every_kind_is_in_the_table_once() -> None:
    assert set(KINDS) == set(FaultKind)
    assert len({about.text for about in KINDS.values()}) == len(KINDS)


@pytest.mark.parametrize("kind", SPOILERS)
def test_what_is_spoiled_is_the_answer_and_not_the_write(kind: FaultKind) -> None:
    asker = under(kind)
    asker.write("backup", 62)
    asker.ask(profiles.COMPLETED)
    assert asker.obeyed == Setting(Mode.BACKUP, 60)
    assert asker.gateway.record.requests[-1].fault == kind


@pytest.mark.parametrize("kind", sorted(NEVER_LOOKED))
def test_what_is_not_looked_at_is_not_carried_out(kind: FaultKind) -> None:
    asker = under(kind)
    asker.write("backup", 62)
    asker.ask(profiles.COMPLETED)
    assert asker.obeyed == Setting(Mode.SELF_CONSUMPTION, 20)
    assert asker.gateway.record.requests[-1].done == ()


def body(kind: FaultKind) -> bytes:
    return under(kind).ask(profiles.SOE).body


def test_bodies() -> None:
    asker = installer("1.49")
    asker.clock.pass_time(1)
    true = asker.ask(profiles.SOE).body
    soe = json.loads(true)["percentage"]
    assert body(FaultKind.EMPTY_BODY) == b""
    assert body(FaultKind.NOT_JSON).startswith(b"<!doctype html>")
    assert gzip.decompress(body(FaultKind.COMPRESSED)) == true
    assert math.isnan(json.loads(body(FaultKind.NAN))["percentage"])
    assert json.loads(body(FaultKind.INFINITY))["percentage"] == math.inf
    assert json.loads(body(FaultKind.WRONG_JSON)) == {"percentage": f"about {soe}"}
    twice = f'{{"percentage":{soe},"percentage":"about {soe}"}}'
    assert body(FaultKind.DUPLICATE_KEYS).decode() == twice
    with pytest.raises(RecursionError):
        json.loads(body(FaultKind.NESTED))


def test_words_flags_and_emptiness_are_spoiled_with_sense() -> None:
    told = json.loads(under(FaultKind.WRONG_JSON).ask(profiles.SITEMASTER).body)
    assert told["running"] is True
    assert told["status"] == len("StatusUp")
    faults = under(FaultKind.DUPLICATE_KEYS).ask(profiles.GRID_FAULTS)
    assert faults.body == b"[]"
    assert under(FaultKind.NOT_JSON).ask(profiles.RUN).body == b""


def test_a_redirect_leads_away() -> None:
    answer = under(FaultKind.REDIRECT).ask(profiles.SOE)
    assert answer.status == 302
    assert dict(answer.headers)["location"] == "https://elsewhere.invalid/"


def test_a_busy_gateway_refuses_logins_alone() -> None:
    asker = under(FaultKind.BUSY)
    answer = asker.log_in("installer")
    assert (answer.status, json.loads(answer.body)["error"]) == (503, "current config mode is busy")
    assert asker.ask(profiles.OPERATION).status == 200
    assert len(asker.gateway.record.logins) == 1


@pytest.mark.parametrize(
    ("kind", "answered"),
    [
        (FaultKind.TRUNCATED, False),
        (FaultKind.RESET, False),
        (FaultKind.UNCERTAIN_WRITE, True),  # a read is not a step of a write
        (FaultKind.DRIPPING, True),
        (FaultKind.OVERSIZED, True),
    ],
)
def test_which_answers_get_through_whole(kind: FaultKind, answered: bool) -> None:
    asker = under(kind)
    asker.ask(profiles.SOE)
    assert asker.gateway.record.requests[-1].answered is answered


def ask(asker: Client, patience: float = 5.0) -> Any:
    async def talk() -> httpx.Response:
        transport = SimulatedTransport(asker.gateway)
        async with httpx.AsyncClient(
            transport=transport, base_url="https://powerwall", timeout=patience
        ) as http:
            return await http.get(profiles.SOE)

    return asyncio.run(talk())


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.DRIPPING, httpx.ReadTimeout),
        (FaultKind.TRUNCATED, httpx.RemoteProtocolError),
        (FaultKind.RESET, httpx.ReadError),
        (FaultKind.IMPOSTOR, httpx.ConnectError),
    ],
)
def test_what_httpx_makes_of_it(kind: FaultKind, error: type[Exception]) -> None:
    with pytest.raises(error):
        ask(under(kind))


def test_an_oversized_answer_is_made_only_as_it_is_read() -> None:
    asker = under(FaultKind.OVERSIZED)

    async def talk() -> int:
        transport = SimulatedTransport(asker.gateway)
        async with (
            httpx.AsyncClient(transport=transport, base_url="https://powerwall") as http,
            http.stream("GET", profiles.SOE) as answer,
        ):
            seen = 0
            async for piece in answer.aiter_bytes():
                seen += len(piece)
                if seen > 1_000_000:
                    break
            return seen

    assert 1_000_000 < asyncio.run(talk()) < 1_200_000
    assert asker.ask(profiles.SOE).wire.padding == 300_000_000


def test_a_short_session_is_forgotten_and_an_old_one_is_not() -> None:
    asker = under(FaultKind.SHORT_SESSIONS)
    old = dict(asker.headers)
    asker.log_in("installer")
    new = dict(asker.headers)
    asker.clock.pass_time(6)
    assert asker.ask(profiles.OPERATION).status == 200
    asker.clock.pass_time(1)
    assert asker.ask(profiles.OPERATION).status == 401
    asker.headers = old
    assert asker.ask(profiles.OPERATION).status == 200
    assert new != old


@pytest.mark.parametrize(
    ("first", "fifth"), [(FaultKind.LOCKOUT, 429), (FaultKind.BAD_GATEWAY, 502)]
)
def test_under_lockout_even_good_logins_are_too_many(first: FaultKind, fifth: int) -> None:
    asker = client("1.49", Fault(first, START, START + DAY))
    answers = [asker.log_in("installer").status for _ in range(5)]
    assert answers[4] == fifth
    assert (answers[:2] == [200, 200]) is (first is FaultKind.LOCKOUT)


def test_wrong_logins_lock_everybody_out_for_longer_each_time() -> None:
    asker = client("21.44")
    asker.log_in("customer")
    good = dict(asker.headers)
    locks = []
    for _ in range(6):
        while asker.log_in("customer", "wrong").status == 401:
            asker.clock.pass_time(1)
        minutes = 0
        while asker.log_in("customer").status == 429:
            asker.clock.pass_time(60)
            minutes += 1
        locks.append(minutes)
    assert locks == [5, 10, 20, 40, 60, 60]
    asker.headers = good
    assert asker.ask(profiles.SOE).status == 200


def test_a_long_calm_makes_the_lock_short_again() -> None:
    asker = client("21.44")
    for minutes in (5, 10):
        for _ in range(11):
            asker.log_in("customer", "wrong")
        asker.clock.pass_time(60 * minutes)
    asker.clock.pass_time(3_600)
    assert asker.log_in("customer").status == 200
    for _ in range(11):
        asker.log_in("customer", "wrong")
    asker.clock.pass_time(300)
    assert asker.log_in("customer").status == 200


def test_ten_wrong_logins_are_borne() -> None:
    asker = client("21.44")
    assert {asker.log_in("customer", "wrong").status for _ in range(10)} == {401}
    assert asker.log_in("customer").status == 200
