"""Thousands of answers that no gateway should give: only our own errors come of them."""

from __future__ import annotations

import asyncio
import json
import math
import random
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from scripted import Reply
from scripted_house import EVERYTHING, WISH, House

from rules.domain import Observation
from scheduler.errors import GatewayProblem
from scheduler.gateways.local.transport import (
    AGGREGATES,
    CHECK_UPDATE,
    COMPLETED,
    GRID_STATUS,
    INSTALL_UPDATE,
    LOGIN,
    OPERATION,
    RUN,
    SITE_INFO,
    SITEMASTER,
    SOE,
    STATUS,
    UPDATE_STATUS,
)
from scheduler.gateways.strict_json import strict_object

SAMPLES = Path(__file__).parents[4] / "shared" / "data" / "gateway-samples"
ORDINARY, ALL, CHUNK = 1_500, 20_000, 500

METER = {
    "last_communication_time": "2026-07-01T12:00:00.1-07:00",
    "instant_power": 537,
    "frequency": 60.02,
    "energy_exported": 1_000_000.5,
    "timeout": 1_500_000_000,
}
WRITTEN_DOWN: Final[dict[str, Any]] = {
    STATUS: {
        "din": "1232100-00-E--TG1",
        "start_time": "2026-06-10 16:38:39 +0800",
        "up_time_seconds": "55h46m11.02s",
        "version": "21.39.1 7759c368",
        "commission_count": 9,
        "followers": None,
    },
    LOGIN: {"email": "", "roles": ["Home_Owner"], "token": "abc==", "provider": "Basic"},
    OPERATION: {
        "real_mode": "self_consumption",
        "backup_reserve_percent": 5.000019999999999,
        "freq_shift_load_shed_soe": 75,
        "freq_shift_load_shed_delta_f": -0.32,
    },
    SITEMASTER: {"status": "StatusUp", "running": True, "connected_to_tesla": True},
    SOE: {"percentage": 42.415190953701725},
    GRID_STATUS: {"grid_status": "SystemGridConnected", "grid_services_active": False},
    AGGREGATES: dict.fromkeys(("site", "battery", "load", "solar"), METER),
    SITE_INFO: {"site_name": "Home", "timezone": "America/Los_Angeles", "grid_code": {"a": 1}},
    UPDATE_STATUS: {
        "state": "/download",
        "info": {"status": ["nonactionable"]},
        "current_time": 1_639_380_292_131,
        "last_download_status_time": 1_639_380_290_131,
        "version": "21.39.1 7759c368",
        "estimated_bytes_per_second": None,
    },
    COMPLETED: {"commission_count": 10, "version": "21.39.1 7759c368"},
    RUN: {},
    CHECK_UPDATE: {},
    INSTALL_UPDATE: {},
}
"""What each path answers on 21.39.1, transcribed, for where the recorded answers are not."""

POSTS = {LOGIN, INSTALL_UPDATE}
STATUSES = (200, 201, 202, 204, 301, 302, 304, 400, 401, 403, 404, 405, 409, 417, 429,
            500, 501, 502, 503, 504, 599)  # fmt: skip
READ = {
    "version", "start_time", "token", "real_mode", "backup_reserve_percent", "running",
    "percentage", "grid_status", "grid_services_active", "site", "battery", "load", "solar",
    "instant_power", "timezone", "state", "info", "status", "current_time",
    "last_download_status_time",
}  # fmt: skip
"""Keys that mean something to the adapter: most of the changes go there."""
VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, -3, 400, 1e9, -1e9, 10**19, 1e308, -0.0, 0.1, "", "0", "null",
    "NaN", "backup", "SystemGridConnected", "/update_staged", "x" * 5000, "\x00\x1b[2J\r\nSet: x",
    "ü\u202e", [], [[]], [None], {}, {"a": {}}, {"status": 7}, ["error"],
)  # fmt: skip
RAW_NUMBERS = (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"1" * 5000, b"1E-400", b"0x10", b"01")
NETWORK = (
    httpx.ReadTimeout("x"), httpx.ConnectError("x"), httpx.ReadError("x"), httpx.WriteError("x"),
    httpx.RemoteProtocolError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x"), OSError("x"),
)  # fmt: skip


def recorded(target: str) -> Any:
    """A recorded answer where there is one."""
    name = f"{target.removeprefix('/api/').partition('?')[0].replace('/', '.')}.json"
    sample = SAMPLES / "running" / name
    return json.loads(sample.read_bytes()) if sample.exists() else WRITTEN_DOWN[target]


BASES = {target: recorded(target) for target in WRITTEN_DOWN}


def altered(chance: random.Random, value: Any) -> Any:
    """The same document with something in it that should not be."""
    if isinstance(value, dict) and value and chance.random() < 0.9:
        document = dict(value)
        keys = sorted(document)
        if (read := [key for key in keys if key in READ]) and chance.random() < 0.7:
            keys = read
        for key in chance.sample(keys, k=min(len(keys), chance.choice((1, 1, 2)))):
            match chance.randrange(8):
                case 0:
                    del document[key]
                case 1:
                    document[key.upper()] = document.pop(key)
                case 2:
                    document[key] = [document[key]]
                case 3:
                    document[key] = document[chance.choice(sorted(document))]
                case _:
                    document[key] = altered(chance, document[key])
        return document
    return chance.choice(VALUES)


def mangled(chance: random.Random, value: Any) -> bytes:
    """The bytes of an answer that is wrong in one way or another."""
    body = json.dumps(altered(chance, value) if chance.random() < 0.8 else value).encode()
    match chance.randrange(12):
        case 0:
            return body[: chance.randrange(len(body) + 1)]
        case 1:
            return body.decode().encode(chance.choice(("utf-16", "utf-32", "utf-7", "utf-8-sig")))
        case 2:
            return chance.randbytes(chance.randrange(200))
        case 3:
            at = chance.randrange(len(body) + 1)
            return body[:at] + chance.randbytes(chance.randrange(1, 5)) + body[at + 1 :]
        case 4:
            depth = chance.choice((10, 1_000, 100_000))
            return b'{"running":' + b"[" * depth + b"]" * depth + b"}"
        case 5 if b":" in body:
            at = chance.choice([at for at, byte in enumerate(body) if byte == ord(":")])
            return body[: at + 1] + chance.choice(RAW_NUMBERS) + b"," + body[at + 1 :]
        case 6:
            return body[:-1] + b"," + body[1:]
        case 7:
            return chance.choice((b"", b"null", b"<html></html>", b"[]", b'"x"', b" " * 2_000_000))
        case _:
            return body


def answer(chance: random.Random, target: str) -> Reply:
    if chance.random() < 0.05:
        return chance.choice(NETWORK)
    status = 200 if chance.random() < 0.6 else chance.choice(STATUSES)
    headers = {"content-encoding": "gzip"} if chance.random() < 0.02 else {}
    response = httpx.Response(status, content=mangled(chance, BASES[target]))
    response.headers.update(headers)
    return response


def plausible(seen: Observation) -> bool:
    percents = [value for value in (seen.soe, seen.reserve) if value is not None]
    powers = [
        value
        for value in (seen.site_power, seen.battery_power, seen.load_power, seen.solar_power)
        if value is not None
    ]
    return (
        all(0 <= value <= 100 for value in percents)
        and all(math.isfinite(value) and abs(value) <= 1e6 for value in powers)
        and (seen.firmware is None or (len(seen.firmware) <= 80 and seen.firmware.isprintable()))
        and seen.running in (None, True, False)
        and seen.grid_services in (None, True, False)
    )


async def result_of(ask: Callable[[], Awaitable[object]]) -> object:
    try:
        return await ask()
    except GatewayProblem as problem:
        return problem


async def one_case(number: int) -> None:
    """A gateway with some wrong answers, and everything that the loop may ask of it."""
    chance = random.Random(number)
    house = House()
    for target, base in BASES.items():
        house.on("POST" if target in POSTS else "GET", target, httpx.Response(200, json=base))
    wrong = chance.sample(sorted(BASES), k=chance.choice((1, 1, 2, 5)))
    for target in wrong:
        methods = ["GET", "POST"] if target == OPERATION else ["POST" if target in POSTS else "GET"]
        for method in methods:
            house.on(method, target, answer(chance, target), answer(chance, target))

    gateway = house.gateway
    asks: list[Callable[[], Awaitable[object]]] = [
        lambda: gateway.observe(EVERYTHING),
        gateway.firmware_status,
        lambda: gateway.apply(WISH),
        gateway.write_back,
        chance.choice(
            (gateway.start_firmware_check, gateway.install_firmware, gateway.run_battery)
        ),
    ]
    chance.shuffle(asks)
    for ask in [gateway.connect, *asks]:
        begun = len(house.wire.seen)
        result = await result_of(ask)
        if isinstance(result, GatewayProblem):
            assert str(result).isprintable()
        elif isinstance(result, Observation):
            assert plausible(result), (number, result)
        elif ask == gateway.write_back:
            asked = house.wire.seen[begun:]
            written = [json.loads(seen.body) for seen in asked if seen[:2] == ("POST", OPERATION)]
            assert written
            assert all(type(each["backup_reserve_percent"]) in (int, float) for each in written)
            assert all(0 <= each["backup_reserve_percent"] <= 100 for each in written)
    known = gateway.capabilities
    assert known.firmware is None or known.firmware.isprintable()
    assert known.started is None or known.started.isprintable()
    await gateway.close()


def play(first: int) -> None:
    async def run() -> None:
        for number in range(first, first + CHUNK):
            await one_case(number)

    asyncio.run(run())


@pytest.mark.parametrize("first", range(0, ORDINARY, CHUNK))
def test_only_our_own_errors_come_of_them(first: int) -> None:
    play(first)


@pytest.mark.long
@pytest.mark.parametrize("first", range(ORDINARY, ALL, CHUNK))
def test_nor_of_many_more(first: int) -> None:
    play(first)


def test_the_cases_reach_what_they_are_for() -> None:
    """Most of them are refused somewhere, and some of each kind get through."""
    kinds: dict[str, int] = {}
    for number in range(200):
        chance = random.Random(number)
        target = chance.choice(sorted(BASES))
        made = answer(chance, target)
        if isinstance(made, Exception):
            kind = "network"
        elif made.status_code >= 300:
            kind = "status"
        else:
            kind = "object" if strict_object(made.content) else "nothing"
        kinds[kind] = kinds.get(kind, 0) + 1
    assert min(kinds.get(kind, 0) for kind in ("network", "status", "object", "nothing")) >= 5
