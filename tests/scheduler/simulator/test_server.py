"""The simulated gateway over real HTTPS on loopback."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import httpx
import pytest
from simulated_client import START, client

from scheduler.errors import ConfigProblem
from scheduler.simulator import profiles, server
from scheduler.simulator.certificate import Certificate, self_signed
from scheduler.simulator.fault_plan import Fault, FaultKind
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.server import BODY_LIMIT, Address, serve

PATIENCE_S = 20.0
"""A bound for a broken run; nothing waits so long."""


@cache
def certificate() -> Certificate:
    return self_signed(datetime.now(UTC))


def trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=certificate().certificate.decode())
    return context


def browser(address: Address) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"https://{address}", verify=trusting(), trust_env=False, timeout=PATIENCE_S
    )


def gateway(kind: FaultKind | None = None, delay_s: float = 0.02) -> SimulatedGateway:
    faults = () if kind is None else (Fault(kind, START, START + timedelta(days=1), None, delay_s),)
    return client("21.44", *faults).gateway


def served(
    talk: Callable[[Address], Awaitable[Any]], served_gateway: SimulatedGateway | None = None
) -> Any:
    """Run `talk` against a server; afterwards nothing may be running and nothing have been lost."""

    async def scene() -> Any:
        lost: list[dict[str, Any]] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: lost.append(context))
        async with (
            asyncio.timeout(PATIENCE_S),
            serve(served_gateway or gateway(), "127.0.0.1", 0, certificate()) as address,
        ):
            result = await talk(address)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert lost == []
        return result

    return asyncio.run(scene())


async def raw(address: Address, *pieces: bytes) -> bytes:
    """Send these bytes and return all that comes until the server ends the connection."""
    reader, writer = await asyncio.open_connection(
        address.host, address.port, ssl=trusting(), server_hostname="powerwall"
    )
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.transport.abort()


def test_a_client_logs_in_and_reads_over_one_connection() -> None:
    async def talk(address: Address) -> list[int]:
        async with browser(address) as http:
            login = {"username": "customer", "password": "01234"}
            answers = [
                await http.post(profiles.LOGIN, json=login),
                await http.get(profiles.SOE),
                await http.get(profiles.UPDATE, params={"force": "true"}),
                await http.get(profiles.LOGOUT),
                await http.get("/api/nowhere"),
                await http.head(profiles.STATUS),
                await http.post(profiles.OPERATION, json={}),
            ]
        assert {answer.extensions["http_version"] for answer in answers} == {b"HTTP/1.1"}
        assert answers[1].json()["percentage"] == pytest.approx(52.5)
        return [answer.status_code for answer in answers]

    here = gateway()
    assert served(talk, here) == [200, 200, 202, 204, 404, 405, 401]
    assert here.record.update_checks == [START]


@pytest.mark.parametrize(
    ("name", "welcome"),
    [("teg", True), ("powerwall", True), ("powerpack", True), ("localhost", False), (None, True)],
)
def test_the_handshake_knows_only_the_gateways_own_names(name: str | None, welcome: bool) -> None:
    async def talk(address: Address) -> bool:
        host = name or "127.0.0.1"
        try:
            _, writer = await asyncio.open_connection(
                address.host, address.port, ssl=trusting(), server_hostname=host
            )
        except (ssl.SSLError, ConnectionError):
            return False
        writer.transport.abort()
        return True

    assert served(talk) is welcome


def test_a_client_sees_the_certificate_of_the_fingerprint() -> None:
    async def talk(address: Address) -> str:
        _, writer = await asyncio.open_connection(
            address.host, address.port, ssl=trusting(), server_hostname="powerwall"
        )
        der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.transport.abort()
        return ssl.DER_cert_to_PEM_cert(der)

    assert served(talk) == certificate().certificate.decode()


def test_a_late_answer_comes() -> None:
    async def talk(address: Address) -> int:
        async with browser(address) as http:
            return (await http.get(profiles.STATUS)).status_code

    assert served(talk, gateway(FaultKind.LATE_ANSWER)) == 200


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.REBOOT, httpx.ConnectError),
        (FaultKind.LOST_WRITE, (httpx.ReadError, httpx.RemoteProtocolError)),
    ],
)
def test_a_connection_ends_in_place_of_an_answer(
    kind: FaultKind, error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    async def talk(address: Address) -> None:
        async with browser(address) as http:
            with pytest.raises(error):
                await http.post(profiles.OPERATION, json={})

    served(talk, gateway(kind))


def test_an_uncertain_write_is_carried_out_before_the_connection_ends() -> None:
    async def talk(address: Address) -> None:
        async with browser(address) as http:
            with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
                await http.get(profiles.COMPLETED)

    asker = client("1.25", Fault(FaultKind.UNCERTAIN_WRITE, START, START + timedelta(days=1)))
    served(talk, asker.gateway)
    seen = asker.gateway.record.requests[-1]
    assert (seen.status, seen.answered) == (202, False)


@pytest.mark.parametrize("profile", profiles.PROFILES)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_only_firmware_that_speaks_plain_http_is_served_so(profile: str, scheme: str) -> None:
    async def talk(address: Address) -> int | None:
        async with httpx.AsyncClient(verify=trusting(), trust_env=False) as http:
            try:
                return (await http.get(f"{scheme}://{address}{profiles.STATUS}")).status_code
            except httpx.TransportError:
                return None

    answered = served(talk, client(profile).gateway) == 200
    assert answered is (scheme == ("http" if profile == "1.15" else "https"))


def test_an_impostor_over_plain_http_says_nothing() -> None:
    async def talk(address: Address) -> bytes:
        reader, writer = await asyncio.open_connection(address.host, address.port)
        try:
            writer.write(b"GET /api/status HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()

    plan = Fault(FaultKind.IMPOSTOR, START, START + timedelta(days=1))
    assert served(talk, client("1.15", plan).gateway) == b""
    assert served(talk, client("1.15").gateway).startswith(b"HTTP/1.1 200")


def test_an_answer_that_never_comes_ends_with_the_server_or_the_client() -> None:
    here = gateway(FaultKind.NO_ANSWER)

    async def talk(address: Address) -> None:
        patient = asyncio.create_task(raw(address, b"GET /api/status HTTP/1.1\r\nhost: x\r\n\r\n"))
        gone = asyncio.create_task(raw(address, b"GET /api/status HTTP/1.1\r\nhost: x\r\n\r\n"))
        while len(here.record.requests) < 2:  # noqa: ASYNC110 - the record is a list, not an event
            await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
        assert not patient.done()
        waiting.append(patient)

    waiting: list[asyncio.Task[bytes]] = []

    async def scene() -> bytes:
        async with (
            asyncio.timeout(PATIENCE_S),
            serve(here, "127.0.0.1", 0, certificate()) as address,
        ):
            await talk(address)
        return await waiting[0]

    assert asyncio.run(scene()) == b""


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        ((b"nonsense\r\n\r\n",), b"400"),
        ((b"GET /api/[ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",), b"404"),
        ((b"GET //[ HTTP/1.1\r\nhost: x\r\n\r\n",), b"400"),
        ((b"GET / HTTP/1.1\r\nhost: x\r\n", b"a: " + b"b" * 100_000), b"400"),
        ((b"POST /api/login/Basic HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999\r\n\r\n",
          b"x" * (BODY_LIMIT + 1)), b"413"),
        ((b"GET /api/status HTTP/1.0\r\n\r\n",), b"200"),
    ],
)  # fmt: skip
def test_odd_clients_are_answered_and_survived(pieces: tuple[bytes, ...], status: bytes) -> None:
    async def talk(address: Address) -> bytes:
        return await raw(address, *pieces)

    assert served(talk).startswith(b"HTTP/1.1 " + status)


def test_a_client_may_ask_before_it_sends_its_body() -> None:
    async def talk(address: Address) -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection(
            address.host, address.port, ssl=trusting(), server_hostname="powerwall"
        )
        writer.write(
            b"POST /api/login/Basic HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
            b"expect: 100-continue\r\ncontent-length: 2\r\n\r\n"
        )
        proceed = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"{}")
        answer = await reader.readline()
        writer.transport.abort()
        return proceed, answer

    assert served(talk) == (b"HTTP/1.1 100 \r\n\r\n", b"HTTP/1.1 401 \r\n")


def test_clients_may_go_away_at_any_point() -> None:
    async def talk(address: Address) -> int:
        whole = b"POST /api/login/Basic HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
        for end in range(0, len(whole) + 1, 7):
            _, writer = await asyncio.open_connection(
                address.host, address.port, ssl=trusting(), server_hostname="powerwall"
            )
            writer.write(whole[:end])
            writer.transport.abort()
        _, plain = await asyncio.open_connection(address.host, address.port)
        plain.write(b"GET / HTTP/1.1\r\n\r\n")
        plain.transport.abort()
        async with browser(address) as http:
            return (await http.get(profiles.STATUS)).status_code

    assert served(talk) == 200


@pytest.mark.parametrize("limit", ["_HANDSHAKE_S", "_IDLE_S"])
def test_silent_clients_are_let_go(monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    monkeypatch.setattr(server, limit, 0.01)

    async def talk(address: Address) -> bytes:
        if limit == "_IDLE_S":
            return await raw(address)
        reader, writer = await asyncio.open_connection(address.host, address.port)
        try:
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.transport.abort()

    assert served(talk) == b""


def test_a_port_in_use_is_one_sentence() -> None:
    async def talk(address: Address) -> str:
        with pytest.raises(ConfigProblem) as caught:
            async with serve(gateway(), address.host, address.port, certificate()):
                pass
        return str(caught.value).replace(str(address.port), "PORT")

    assert served(talk) == (
        "port PORT on 127.0.0.1 is in use: stop what listens there, or choose another port"
    )


def test_an_address_that_is_not_ours_is_one_sentence() -> None:
    async def scene() -> None:
        async with serve(gateway(), "203.0.113.1", 0, certificate()):
            pass

    with pytest.raises(ConfigProblem, match=r"cannot listen on 203\.0\.113\.1:0: .*another addr"):
        asyncio.run(scene())
