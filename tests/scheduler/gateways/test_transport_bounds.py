"""What the network and whoever answers may do, and how little of it arrives."""

from __future__ import annotations

import asyncio
import gzip
import socket

import httpx
import pytest
from scripted import (
    Listener,
    ScriptedTransport,
    Talk,
    http,
    saying,
)
from talking import (
    LONG,
    PIN,
    SHORT,
    against,
    closing,
    dripping,
    half_closing,
    hang_up,
    in_turn,
    kept_waiting,
    pour,
    pour_a_head,
    pour_chunks,
    read,
    silence,
    write,
)

from scheduler.errors import Unreachable, WriteUncertain
from scheduler.gateways.local import transport as wire
from scheduler.gateways.local.transport import (
    BODY_LIMIT,
    GatewayTransport,
    Response,
)

CANARY = "CANARY-0f7d3a"


class TestBounds:
    """Each of these servers would keep a plain client waiting, or fill its memory."""

    @pytest.mark.parametrize(
        "talk",
        [
            pytest.param(silence, id="silent"),
            pytest.param(dripping(b"HTTP/1.1 200 OK\r\nX: "), id="slow head"),
            pytest.param(
                dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
                id="slow body",
            ),
        ],
    )
    def test_an_answer_that_never_ends_is_not_waited_for(self, talk: Talk) -> None:
        lost_read, lost_write = kept_waiting(talk, read), kept_waiting(talk, write)
        assert isinstance(lost_read, Unreachable)
        assert not isinstance(lost_read, WriteUncertain)
        assert isinstance(lost_write, WriteUncertain)
        for lost in (lost_read, lost_write):
            assert "127.0.0.1" in str(lost)
            assert str(lost).endswith(f" within {SHORT:g} s")

    @pytest.mark.parametrize(
        ("talk", "text"),
        [
            pytest.param(pour, f"more than {BODY_LIMIT} bytes", id="300 MB"),
            pytest.param(
                saying(http(gzip.compress(b"{}"), "Content-Encoding: gzip")),
                "compressed",
                id="gzip",
            ),
            pytest.param(pour_a_head, "not HTTP", id="300 MB of head"),
            pytest.param(pour_chunks, f"more than {BODY_LIMIT} bytes", id="endless chunks"),
            pytest.param(
                saying(http(gzip.compress(b" " * 20_000_000), "Content-Encoding: gzip")),
                "compressed",
                id="gzip bomb",
            ),
            pytest.param(hang_up, "gave no whole answer", id="reset"),
            pytest.param(
                closing(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
                "gave no whole answer",
                id="closed in the body",
            ),
            pytest.param(closing(b"HTTP/1.1 20"), "gave no whole answer", id="closed in the head"),
            pytest.param(closing(b""), "gave no whole answer", id="closed before"),
            pytest.param(
                half_closing(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
                "gave no whole answer",
                id="half closed",
            ),
            pytest.param(
                saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 1\r\n\r\n"),
                "not HTTP",
                id="two lengths",
            ),
            pytest.param(saying(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "not HTTP", id="not HTTP"),
        ],
    )
    def test_no_answer(self, talk: Talk, text: str) -> None:
        lost_read = against(talk, read)
        assert isinstance(lost_read, Unreachable)
        assert not isinstance(lost_read, WriteUncertain)
        assert "127.0.0.1" in str(lost_read)
        with pytest.raises(Unreachable, match=text):
            raise lost_read

    @pytest.mark.parametrize(
        "talk",
        [
            pytest.param(hang_up, id="reset"),
            pytest.param(pour, id="300 MB"),
            pytest.param(saying(b"nonsense\r\n\r\n"), id="not HTTP"),
        ],
    )
    def test_a_write_without_an_answer_may_have_happened(self, talk: Talk) -> None:
        assert isinstance(against(talk, write), WriteUncertain)

    def test_a_write_that_found_nobody_has_not_happened(self) -> None:
        transport = GatewayTransport("127.0.0.1:1", PIN)
        with pytest.raises(Unreachable, match="cannot be reached: connection refused") as caught:
            asyncio.run(transport.request("POST", wire.OPERATION, content=b"{}", changes=True))
        assert not isinstance(caught.value, WriteUncertain)

    def test_a_write_that_ends_in_the_handshake_has_not_happened(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wire, "CONNECTING", SHORT / LONG)

        async def run() -> None:
            with socket.create_server(("127.0.0.1", 0)) as mute:
                host = f"127.0.0.1:{mute.getsockname()[1]}"
                transport = GatewayTransport(host, PIN, deadline=LONG)
                await transport.request("POST", wire.OPERATION, content=b"{}", changes=True)

        with pytest.raises(Unreachable, match="no answer in time") as caught:
            asyncio.run(run())
        assert not isinstance(caught.value, WriteUncertain)

    def test_a_server_without_tls(self) -> None:
        async def run() -> None:
            async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                writer.close()

            async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
                port = server.sockets[0].getsockname()[1]
                await GatewayTransport(f"127.0.0.1:{port}", PIN).request("GET", wire.STATUS)

        with pytest.raises(Unreachable, match="cannot be reached"):
            asyncio.run(run())

    def test_a_redirect_is_an_answer_and_not_a_way(self) -> None:
        elsewhere = http(b"", "Location: https://127.0.0.1:1/", status="302 Found")
        assert against(saying(elsewhere), read) == Response(302, b"")

    def test_the_next_request_works_after_one_was_cut_off(self) -> None:
        good = saying(http(b"{}"))

        async def ask(transport: GatewayTransport, server: Listener) -> Response:
            await read(transport, server)
            transport._deadline = SHORT
            with pytest.raises(Unreachable):
                await read(transport, server)
            transport._deadline = LONG
            return await read(transport, server)

        assert against(in_turn(good, silence, good), ask) == Response(200, b"{}")

    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            (httpx.ConnectError("x"), Unreachable),
            (httpx.ConnectTimeout("x"), Unreachable),
            (httpx.ReadTimeout("x"), WriteUncertain),
            (httpx.ReadError(""), WriteUncertain),
            (httpx.WriteError("x"), WriteUncertain),
            (httpx.RemoteProtocolError("x"), WriteUncertain),
            (OSError("x"), WriteUncertain),
        ],
    )
    def test_every_error_of_the_network_is_one_of_ours(
        self, error: Exception, kind: type[Unreachable]
    ) -> None:
        network = ScriptedTransport()
        network.on("POST", wire.OPERATION, error)
        transport = GatewayTransport("10.0.0.1", None, transport=network)
        with pytest.raises(Unreachable) as caught:
            asyncio.run(transport.request("POST", wire.OPERATION, content=b"{}", changes=True))
        assert type(caught.value) is kind


class TestDocument:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b"7",
            b"<html>",
            b'{"a":1',
            b'{"a":NaN}',
            b'{"a":Infinity}',
            b'{"a":-Infinity}',
            b'{"a":1e999}',
            b'{"a":-1e999}',
            b'{"a":[{"b":1e400}]}',
            '{"a":1}'.encode("utf-16"),
            '{"a":1}'.encode("utf-32-le"),
            b'\xef\xbb\xbf{"a":1}',
            b'{"a":1,"a":2}',
            b'{"b":{"a":1,"a":2}}',
            b'{"a":' + b"1" * 21 + b"}",
            b'{"a":' + b"1" * 5000 + b"}",
            b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            b'{"a":"\xff\xfe"}',
        ],
        ids=lambda body: repr(body[:20]),
    )
    def test_what_is_not_strict_json_says_nothing(self, body: bytes) -> None:
        assert Response(200, body).document() == {}

    def test_an_object(self) -> None:
        assert Response(200, b'{"a": {"b": [1, 2.5, true, null]}}').document() == {
            "a": {"b": [1, 2.5, True, None]}
        }
