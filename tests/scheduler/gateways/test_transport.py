from __future__ import annotations

import asyncio
import gzip
import json
import logging
import socket
import ssl
import traceback
from collections.abc import Awaitable, Callable

import httpx
import pytest
from scripted import (
    CERTIFICATE,
    IMPOSTOR,
    Listener,
    ScriptedTransport,
    Talk,
    http,
    listening,
    saying,
)

from scheduler.errors import CertificateMismatch, Unreachable, WriteUncertain
from scheduler.gateways import transport as wire
from scheduler.gateways.transport import (
    ALLOWED,
    BODY_LIMIT,
    Answer,
    GatewayTransport,
    fetch_fingerprint,
    quiet_http_logs,
)

PIN = f"sha256:{CERTIFICATE.fingerprint}"
SHORT = 0.2
CANARY = "CANARY-0f7d3a"


def against(
    talk: Talk, ask: Callable[[GatewayTransport, Listener], Awaitable[Answer]]
) -> Answer | Exception:
    """What comes of `ask` when a real TLS server talks like that."""

    async def run() -> Answer | Exception:
        async with listening(talk) as server:
            transport = GatewayTransport(server.host, PIN, deadline=SHORT)
            try:
                return await ask(transport, server)
            except Unreachable as problem:
                return problem
            finally:
                await transport.close()

    return asyncio.run(run())


async def read(transport: GatewayTransport, _: Listener) -> Answer:
    return await transport.request("GET", wire.STATUS)


async def write(transport: GatewayTransport, _: Listener) -> Answer:
    return await transport.request("POST", wire.OPERATION, content=b"{}", changes=True)


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


def dripping(start: bytes) -> Talk:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    return talk


async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 314572800\r\n\r\n")
    while True:
        writer.write(b" " * 65536)
        await writer.drain()


class TestAllowedRequests:
    @pytest.mark.parametrize(
        ("method", "target"),
        [
            ("GET", "/api/sitemaster/stop"),
            ("POST", "/api/sitemaster/stop"),
            ("GET", "/api/system/update"),
            ("POST", "/api/system/update?force=true"),
            ("POST", "/api/powerwalls/update"),
            ("GET", "/api/sitemaster/run/../stop"),
            ("GET", "/api/status?x=1"),
            ("get", "/api/status"),
            ("POST", "/api/status"),
            ("POST", "/api/config/completed"),
            ("GET", "https://elsewhere.example/api/status"),
        ],
    )
    def test_all_others_end_before_the_network(self, method: str, target: str) -> None:
        network = ScriptedTransport()
        transport = GatewayTransport("10.0.0.1", None, transport=network)
        with pytest.raises(ValueError, match="not a request this program makes"):
            asyncio.run(transport.request(method, target))
        assert network.seen == []

    def test_none_can_stop_the_battery(self) -> None:
        assert not [target for _, target in ALLOWED if "stop" in target]


class TestWhatIsSent:
    def test_no_compression_is_asked_for(self) -> None:
        async def run() -> bytes:
            async with listening(saying(http(b"{}"))) as server:
                transport = GatewayTransport(server.host, PIN)
                await transport.request("GET", wire.STATUS, headers=[("X-Ours", "1")])
                await transport.close()
                return bytes(server.received)

        sent = asyncio.run(run()).decode().lower()
        assert sent.startswith("get /api/status http/1.1\r\nhost: 127.0.0.1:")
        assert "accept-encoding: identity" in sent
        assert "x-ours: 1" in sent

    def test_a_gateway_is_called_by_its_own_name_in_the_handshake(self) -> None:
        async def run() -> Answer:
            async with listening(saying(http(b"{}"))) as server:
                # This server, as the device, ends a handshake that calls it "localhost".
                transport = GatewayTransport(f"localhost:{server.port}", PIN)
                try:
                    return await transport.request("GET", wire.STATUS)
                finally:
                    await transport.close()

        assert asyncio.run(run()).ok

    def test_one_connection_serves_many_requests(self) -> None:
        connections = 0

        async def run() -> None:
            nonlocal connections

            async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                ports.add(writer.get_extra_info("peername")[1])
                writer.write(http(b"{}"))

            ports: set[int] = set()
            async with listening(talk) as server:
                transport = GatewayTransport(server.host, PIN)
                await asyncio.gather(
                    *(transport.request("GET", wire.STATUS) for _ in range(5)),
                )
                await transport.close()
            connections = len(ports)

        asyncio.run(run())
        assert connections == 1

    def test_a_proxy_of_the_environment_is_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert against(saying(http(b"{}")), read) == Answer(200, b"{}")

    def test_the_session_keys_of_tls_are_not_written_anywhere(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        keys = tmp_path_factory.mktemp("keys") / "log"
        monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
        assert against(saying(http(b"{}")), read) == Answer(200, b"{}")
        assert not keys.exists()

    def test_cookies_of_the_gateway_are_not_sent_back(self) -> None:
        async def ask_twice(transport: GatewayTransport, server: Listener) -> Answer:
            await transport.request("GET", wire.STATUS)
            answer = await transport.request("GET", wire.STATUS)
            assert b"cookie" not in bytes(server.received).lower()
            return answer

        cookie = "Set-Cookie: AuthCookie=abc; Path=/"
        assert against(saying(http(b"{}", cookie)), ask_twice) == Answer(200, b"{}")


class TestCertificate:
    def test_the_confirmed_one_is_served(self) -> None:
        assert against(saying(http(b'{"a":1}')), read) == Answer(200, b'{"a":1}')

    def test_a_pin_in_capitals_is_the_same_pin(self) -> None:
        async def run() -> Answer:
            async with listening(saying(http(b"{}"))) as server:
                transport = GatewayTransport(server.host, PIN.upper())
                try:
                    return await transport.request("GET", wire.STATUS)
                finally:
                    await transport.close()

        assert asyncio.run(run()).ok

    @pytest.mark.parametrize(
        "pin", [PIN, None, "", "sha256:"], ids=["another", "none", "empty", "cut short"]
    )
    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_an_impostor_never_gets_a_byte(
        self, pin: str | None, version: ssl.TLSVersion, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        context = IMPOSTOR.server_context()
        context.maximum_version = context.minimum_version = version
        monkeypatch.setattr(type(IMPOSTOR), "server_context", lambda _: context)

        async def run() -> bytes:
            async with listening(saying(http(b"{}")), IMPOSTOR) as server:
                transport = GatewayTransport(server.host, pin)
                with pytest.raises(CertificateMismatch) as caught:
                    await transport.request(
                        "POST", wire.LOGIN, content=CANARY.encode(), changes=True
                    )
                await transport.close()
                await asyncio.sleep(0)
                assert caught.value.found == f"sha256:{IMPOSTOR.fingerprint}"
                assert caught.value.found in str(caught.value)
                assert "pwsched.toml" in str(caught.value)
                return bytes(server.received)

        assert asyncio.run(run()) == b""

    def test_a_plain_socket_compares_as_well(self) -> None:
        context = wire._pinned_context("a gateway", PIN)

        def connect(port: int) -> None:
            with socket.create_connection(("127.0.0.1", port)) as plain:
                context.wrap_socket(plain, server_hostname="powerwall")

        async def run() -> None:
            async with listening(silence, IMPOSTOR) as server:
                await asyncio.to_thread(connect, server.port)

        with pytest.raises(CertificateMismatch):
            asyncio.run(run())

    def test_it_can_be_fetched_for_the_owner_to_confirm(self) -> None:
        async def run() -> tuple[str, bytes]:
            async with listening(silence) as server:
                found = await fetch_fingerprint("127.0.0.1", server.port)
                await asyncio.sleep(0)
                return found, bytes(server.received)

        assert asyncio.run(run()) == (PIN, b"")

    def test_fetching_it_from_nowhere(self) -> None:
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1 cannot be reached: connection ref"):
            asyncio.run(fetch_fingerprint("127.0.0.1", 1))

    def test_fetching_it_from_a_silent_port_is_bounded(self) -> None:
        async def run() -> None:
            with socket.create_server(("127.0.0.1", 0)) as mute:
                await fetch_fingerprint("127.0.0.1", mute.getsockname()[1], deadline=0.05)

        with pytest.raises(Unreachable, match="no answer in time"):
            asyncio.run(run())


class TestBounds:
    """Each of these servers would keep a plain client waiting, or fill its memory."""

    @pytest.mark.parametrize(
        ("talk", "text"),
        [
            pytest.param(silence, r"within 0\.2 s", id="silent"),
            pytest.param(dripping(b"HTTP/1.1 200 OK\r\nX: "), r"within 0\.2 s", id="slow head"),
            pytest.param(
                dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"),
                r"within 0\.2 s",
                id="slow body",
            ),
            pytest.param(pour, f"more than {BODY_LIMIT} bytes", id="300 MB"),
            pytest.param(
                saying(http(gzip.compress(b"{}"), "Content-Encoding: gzip")),
                "compressed",
                id="gzip",
            ),
            pytest.param(hang_up, "gave no whole answer", id="reset"),
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
            pytest.param(silence, id="silent"),
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

    def test_a_write_that_ends_in_the_handshake_has_not_happened(self) -> None:
        async def run() -> None:
            with socket.create_server(("127.0.0.1", 0)) as mute:
                host = f"127.0.0.1:{mute.getsockname()[1]}"
                transport = GatewayTransport(host, PIN, deadline=SHORT)
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
        assert against(saying(elsewhere), read) == Answer(302, b"")

    def test_the_next_request_works_after_one_was_cut_off(self) -> None:
        calls = 0

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal calls
            calls += 1
            await (silence if calls == 1 else saying(http(b"{}")))(reader, writer)

        async def ask(transport: GatewayTransport, server: Listener) -> Answer:
            with pytest.raises(Unreachable):
                await read(transport, server)
            return await read(transport, server)

        assert against(talk, ask) == Answer(200, b"{}")

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
        assert Answer(200, body).document() == {}

    def test_an_object(self) -> None:
        assert Answer(200, b'{"a": {"b": [1, 2.5, true, null]}}').document() == {
            "a": {"b": [1, 2.5, True, None]}
        }


class TestLogs:
    """With the log at DEBUG the HTTP libraries would write the session's cookie into it."""

    @pytest.fixture(autouse=True)
    def _levels_as_before(self) -> object:
        loggers = [logging.getLogger(name) for name in ("httpx", "httpcore")]
        before = [logger.level for logger in loggers]
        yield
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)

    @pytest.mark.parametrize("quiet", [True, False])
    def test_the_cookie_is_in_no_log(self, quiet: bool, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        if quiet:
            quiet_http_logs()
        cookie = f"Set-Cookie: AuthCookie={CANARY}; Path=/"
        assert against(saying(http(b"{}", cookie)), read) == Answer(200, b"{}")
        assert (CANARY in caplog.text) is not quiet

    def test_what_was_sent_is_in_no_error(self) -> None:
        async def ask(transport: GatewayTransport, _: Listener) -> Answer:
            return await transport.request(
                "POST",
                wire.LOGIN,
                headers=[("Cookie", f"AuthCookie={CANARY}")],
                content=json.dumps({"password": CANARY}).encode(),
                changes=True,
            )

        for talk in (silence, hang_up, saying(b"nonsense " + CANARY.encode() + b"\r\n\r\n")):
            problem = against(talk, ask)
            assert isinstance(problem, WriteUncertain)
            assert CANARY not in str(problem) + repr(problem)


def test_a_traceback_shows_no_secret() -> None:
    network = ScriptedTransport()
    network.on("POST", wire.LOGIN, httpx.ReadError("the line broke"))
    transport = GatewayTransport("10.0.0.1", None, transport=network)
    with pytest.raises(WriteUncertain) as caught:
        asyncio.run(transport.request("POST", wire.LOGIN, content=CANARY.encode(), changes=True))
    assert CANARY not in "".join(traceback.format_exception(caught.value))
