"""Where a gateway may be, and that a connection goes there and nowhere else."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from typing import Any

import pytest
from scripted import IMPOSTOR, http, listening, saying
from talking import LONG, PIN, SHORT

from scheduler.errors import CertificateMismatch, Unreachable
from scheduler.gateways.addresses import is_private, public_literal, split_host
from scheduler.gateways.local import transport as wire
from scheduler.gateways.local.resolver import AddressResolver
from scheduler.gateways.local.transport import GatewayTransport

OURS = "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("10.0.0.1",               True),
        ("11.0.0.1",               False),
        ("172.15.255.255",         False),
        ("172.16.0.0",             True),
        ("172.31.255.255",         True),
        ("172.32.0.0",             False),
        ("192.167.255.255",        False),
        ("192.168.91.1",           True),
        ("192.169.0.0",            False),
        ("169.254.1.1",            True),
        ("127.0.0.1",              True),
        ("128.0.0.1",              False),
        ("100.64.0.1",             False),
        ("0.0.0.0",                False),  # noqa: S104 - nobody listens there
        ("224.0.0.251",            False),
        ("255.255.255.255",        False),
        ("8.8.8.8",                False),
        ("::1",                    True),
        ("::",                     False),
        ("fd12:3456:789a::1",      True),
        ("fc00::1",                True),
        ("fe80::1",                True),
        ("fe80::1%eth0",           True),
        ("fec0::1",                False),
        ("2001:db8::1",            False),
        ("2606:4700::1111",        False),
        ("::ffff:192.168.1.1",     True),
        ("::ffff:8.8.8.8",         False),
    ],
)  # fmt: skip
def test_what_is_a_private_network(address: str, private: bool) -> None:
    assert is_private(ipaddress.ip_address(address)) is private


@pytest.mark.parametrize(
    ("host", "name", "port"),
    [
        ("10.0.0.1", "10.0.0.1", 443),
        ("10.0.0.1:8443", "10.0.0.1", 8443),
        ("powerwall.lan", "powerwall.lan", 443),
        ("powerwall:1", "powerwall", 1),
        ("[fd00::1]", "fd00::1", 443),
        ("[fd00::1]:8443", "fd00::1", 8443),
        ("http://10.0.0.1", "10.0.0.1", 80),
        ("http://10.0.0.1:81", "10.0.0.1", 81),
        ("http://[fd00::1]", "fd00::1", 80),
    ],
)
def test_a_host(host: str, name: str, port: int) -> None:
    assert split_host(host) == (name, port)


@pytest.mark.parametrize(
    "host",
    [
        "", " ", ":443", "10.0.0.1:", "10.0.0.1:x", "10.0.0.1:99999", "fd00::1", "[fd00::1", "a b",
        "https://10.0.0.1", "10.0.0.1/api", "me@10.0.0.1", "10.0.0.1?x", "10.0.0.1#x", "a\nb",
        "http://", "http://10.0.0.1/api", "http://fd00::1", "http://http://10.0.0.1",
        "http://me@10.0.0.1", "HTTP://10.0.0.1", "ftp://10.0.0.1",
    ],
)  # fmt: skip
def test_what_is_no_host(host: str) -> None:
    with pytest.raises(ValueError, match="must"):
        public_literal(host)


class Names:
    """A name server: each look-up of a name gets the next answer; the last one stays."""

    def __init__(self, *answers: list[str] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, name: str, port: int, *_: Any, **__: Any) -> list[Any]:
        self.asked.append(name)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in answer]


def ask(
    names: Names, monkeypatch: pytest.MonkeyPatch, times: int = 1, **options: Any
) -> list[int | Exception]:
    """What comes of requests to "gateway.lan", with a gateway at 127.0.0.1."""
    monkeypatch.setattr(socket, "getaddrinfo", names)

    async def run() -> list[int | Exception]:
        found: list[int | Exception] = []
        async with listening(saying(http(b"{}"))) as server:
            transport = GatewayTransport(f"gateway.lan:{server.port}", PIN, **options)
            for _ in range(times):
                try:
                    found.append((await transport.request("GET", wire.STATUS)).status)
                except (Unreachable, CertificateMismatch) as problem:
                    found.append(problem)
            await transport.close()
            if 200 in found:
                sent = bytes(server.received).decode().lower()
                assert f"host: gateway.lan:{server.port}\r\n" in sent
            else:
                assert server.received == b""
        return found

    return asyncio.run(run())


class TestNames:
    def test_the_address_that_was_judged_is_the_one_that_is_used(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = Names([OURS], ["203.0.113.7"])
        assert ask(names, monkeypatch, times=3) == [200, 200, 200]
        assert names.asked == ["gateway.lan"]

    @pytest.mark.parametrize("found", [["203.0.113.7"], ["8.8.8.8", "2001:db8::1"], []])
    def test_a_name_that_leads_out_of_the_house(
        self, found: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (problem,) = ask(Names(found), monkeypatch)
        assert isinstance(problem, Unreachable)
        assert "in no private network, so nothing was sent" in str(problem)
        assert "allow_public = true" in str(problem)
        assert all(each in str(problem) for each in found)

    def test_only_the_private_ones_of_several_are_tried(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert ask(Names(["203.0.113.7", OURS]), monkeypatch) == [200]

    @pytest.mark.parametrize(
        "found",
        [
            ["203.0.113.7", "127.0.0.2"],
            ["127.0.0.2", "203.0.113.7"],
            ["203.0.113.7", "127.0.0.2", "2001:db8::1", "127.0.0.3", "8.8.8.8"],
        ],
    )
    def test_a_public_one_beside_a_private_one_is_never_the_one_that_is_used(
        self, found: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", Names(found))

        async def run() -> list[str]:
            resolver = AddressResolver("gateway.lan", allow_public=False, patience=LONG)
            used = [await resolver.authority()]
            while resolver.failed():
                used.append(await resolver.authority())
            return used

        private = [f"{each}:443" for each in found if each.startswith("127.")]
        assert asyncio.run(run()) == private

    @pytest.mark.parametrize("found", [["203.0.113.7", "127.0.0.2"], ["127.0.0.2", "203.0.113.7"]])
    def test_nor_is_it_when_nobody_listens_at_the_private_one(
        self, found: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tried: list[str] = []

        async def connect(_: object, __: object, address: tuple[str, int]) -> None:
            tried.append(address[0])
            raise ConnectionRefusedError

        monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connect)
        for problem in ask(Names(found), monkeypatch, times=3):
            assert isinstance(problem, Unreachable)
        assert tried == ["127.0.0.2"] * 3

    def test_its_owner_may_allow_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # 127.0.0.1 stands for an address out there: nothing of it is judged.
        monkeypatch.setattr("scheduler.gateways.addresses._PRIVATE", ())
        assert isinstance(ask(Names([OURS]), monkeypatch)[0], Unreachable)
        assert ask(Names([OURS]), monkeypatch, allow_public=True) == [200]

    def test_where_nobody_listens_at_the_first_the_next_is_tried(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = Names(["127.0.0.2", OURS])
        assert ask(names, monkeypatch, times=2) == [200, 200]
        assert names.asked == ["gateway.lan"]

    def test_after_the_last_of_them_the_name_is_resolved_anew(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        names = Names(["127.0.0.2", "127.0.0.3"], [OURS])
        first, second = ask(names, monkeypatch, times=2)
        assert isinstance(first, Unreachable)
        assert second == 200

    def test_so_it_is_when_somebody_else_answers(self, monkeypatch: pytest.MonkeyPatch) -> None:
        names = Names([OURS])
        monkeypatch.setattr(socket, "getaddrinfo", names)

        async def run() -> None:
            async with listening(saying(http(b"{}")), IMPOSTOR) as server:
                transport = GatewayTransport(f"gateway.lan:{server.port}", PIN)
                for _ in range(2):
                    with pytest.raises(CertificateMismatch):
                        await transport.request("GET", wire.STATUS)
                await transport.close()

        asyncio.run(run())
        assert names.asked == ["gateway.lan", "gateway.lan"]

    @pytest.mark.parametrize(
        "error",
        [
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            OSError(5, "Input/output error"),
            UnicodeError("label too long"),
        ],
    )
    def test_one_that_nobody_knows(self, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
        (problem,) = ask(Names(error), monkeypatch)
        assert type(problem) is Unreachable
        assert "cannot resolve the gateway's name" in str(problem)

    def test_a_name_server_that_is_silent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        end = threading.Event()

        def wait(*_: object, **__: object) -> list[Any]:
            end.wait()
            return []

        monkeypatch.setattr(socket, "getaddrinfo", wait)
        monkeypatch.setattr(wire, "CONNECTING", SHORT / LONG)

        async def run() -> None:
            transport = GatewayTransport("gateway.lan", PIN, deadline=LONG)
            try:
                with pytest.raises(Unreachable, match="no answer in time") as caught:
                    await transport.request("POST", wire.OPERATION, content=b"{}", changes=True)
                # Nothing was sent, so nothing is uncertain.
                assert type(caught.value) is Unreachable
            finally:
                end.set()
                await transport.close()

        asyncio.run(run())


@pytest.mark.parametrize("host", ["203.0.113.7", "203.0.113.7:8443", "[2001:db8::1]"])
def test_a_public_address_is_not_connected_to(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Unreachable, match="in no private network"):
        asyncio.run(GatewayTransport(host, PIN).request("GET", wire.STATUS))
