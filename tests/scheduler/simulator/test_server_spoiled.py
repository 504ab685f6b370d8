"""Spoiled answers on a real wire."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from typing import Any

import httpx
import pytest
from scripted import CERTIFICATE
from simulated_client import START, client

from scheduler.simulator import profiles, server
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.server import serve

PATIENCE_S = 20.0
"""A bound for a broken run; nothing waits so long."""


def gateway(kind: FaultKind) -> SimulatedGateway:
    return client("21.44", Fault(kind, START, START + timedelta(days=1))).gateway


def trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=CERTIFICATE.certificate.decode())
    return context


def bytes_under(kind: FaultKind, most: int = -1) -> tuple[bytes, bool]:
    """What a client reads of an answer, and whether its connection was reset."""

    async def talk(port: int) -> tuple[bytes, bool]:
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trusting(), server_hostname="powerwall"
        )
        read = b""
        try:
            writer.write(b"GET /api/status HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            while (piece := await reader.read(65_536)) and not 0 <= most < len(read):
                read += piece
        except ConnectionResetError:
            return read, True
        finally:
            writer.transport.abort()
        return read, False

    return served(kind, talk)


def served(kind: FaultKind, talk: Any, here: SimulatedGateway | None = None) -> Any:
    async def scene() -> Any:
        async with (
            asyncio.timeout(PATIENCE_S),
            serve(here or gateway(kind), "127.0.0.1", 0, CERTIFICATE) as address,
        ):
            return await talk(address.port)

    return asyncio.run(scene())


def test_half_an_answer_comes_and_then_an_end() -> None:
    read, reset = bytes_under(FaultKind.TRUNCATED)
    head, _, body = read.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split()[0])
    assert 0 < len(body) == length // 2
    assert reset is False


def test_half_an_answer_comes_and_then_a_reset() -> None:
    read, reset = bytes_under(FaultKind.RESET)
    assert reset is True
    assert not read.endswith(b"}")


def test_an_answer_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(server.asyncio, "sleep", noted)
    read, _ = bytes_under(FaultKind.DRIPPING)
    assert read.startswith(b"HTTP/1.1 200")
    assert read.endswith(b"}")
    assert pauses.count(1.0) == len(read)


def test_an_oversized_answer_goes_on_and_on() -> None:
    read, _ = bytes_under(FaultKind.OVERSIZED, most=2_000_000)
    assert b"content-length: 3000" in read.lower()
    assert read.endswith(b"   ")


def test_an_impostor_shows_another_certificate_and_learns_nothing() -> None:
    here = gateway(FaultKind.IMPOSTOR)
    login = {"username": "customer", "password": "01234"}

    async def talk(port: int) -> None:
        base = f"https://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=base, verify=trusting(), trust_env=False) as http:
            with pytest.raises(httpx.ConnectError):
                await http.post(profiles.LOGIN, json=login)
        assert not here.record.requests
        careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        careless.check_hostname = False
        careless.verify_mode = ssl.CERT_NONE
        async with httpx.AsyncClient(base_url=base, verify=careless, trust_env=False) as http:
            with pytest.raises(httpx.TransportError):
                await http.post(profiles.LOGIN, json=login)

    served(FaultKind.IMPOSTOR, talk, here)
    (seen,) = here.record.requests
    assert (seen.path, seen.fault, seen.answered) == (profiles.LOGIN, "impostor", False)
    assert not here.record.logins
