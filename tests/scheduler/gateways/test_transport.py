from __future__ import annotations

import asyncio
import json
import logging
import re
import socket
import ssl
import sys
import traceback
from pathlib import Path

import httpx
import pytest
from scripted import (
    CERTIFICATE,
    IMPOSTOR,
    Listener,
    ScriptedTransport,
    http,
    listening,
    saying,
)
from talking import PIN, against, hang_up, kept_waiting, read, silence

from scheduler.errors import CertificateMismatch, WriteUncertain
from scheduler.gateways.local import transport as wire
from scheduler.gateways.local.connection import pinned_context
from scheduler.gateways.local.transport import (
    ALLOWED,
    GatewayTransport,
    Response,
    quiet_http_logs,
)

CANARY = "CANARY-0f7d3a"


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

    def test_what_would_stop_it_is_nowhere_in_the_program(self) -> None:
        root = Path(wire.__file__).parents[1]
        sources = [path for path in root.rglob("*.py") if "simulator" not in path.parts]
        code = {path.name: path.read_text("utf-8") for path in sources}
        assert not [name for name, text in code.items() if "/stop" in text]
        said = [line for text in code.values() for line in re.findall('"force_sm_off": .*', text)]
        assert said == ['"force_sm_off": False,']


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

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
    def test_a_gateway_is_called_by_its_own_name_in_the_handshake(
        self, host: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        called: list[str | None] = []
        context = CERTIFICATE.server_context()
        context.sni_callback = lambda _socket, name, _context: called.append(name)
        monkeypatch.setattr(type(CERTIFICATE), "server_context", lambda _: context)

        async def run() -> Response:
            async with listening(saying(http(b"{}"))) as server:
                transport = GatewayTransport(f"{host}:{server.port}", PIN)
                try:
                    return await transport.request("GET", wire.STATUS)
                finally:
                    await transport.close()

        assert asyncio.run(run()).ok
        assert called == ["powerwall"]

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

    def test_a_request_looks_for_no_module(self, monkeypatch: pytest.MonkeyPatch) -> None:
        looked_for: list[str] = []

        class Listens:
            def find_spec(self, name: str, *_: object) -> None:
                looked_for.append(name)

        async def run() -> None:
            async with listening(saying(http(b"{}"))) as server:
                transport = GatewayTransport(server.host, PIN)
                await transport.request("GET", wire.STATUS)
                monkeypatch.setattr(sys, "meta_path", [Listens(), *sys.meta_path])
                await transport.request("GET", wire.STATUS)
                await transport.close()

        asyncio.run(run())
        assert looked_for == []

    def test_a_proxy_of_the_environment_is_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert against(saying(http(b"{}")), read) == Response(200, b"{}")

    def test_the_session_keys_of_tls_are_not_written_anywhere(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        keys = tmp_path_factory.mktemp("keys") / "log"
        monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
        assert against(saying(http(b"{}")), read) == Response(200, b"{}")
        assert not keys.exists()

    def test_cookies_of_the_gateway_are_not_sent_back(self) -> None:
        async def ask_twice(transport: GatewayTransport, server: Listener) -> Response:
            await transport.request("GET", wire.STATUS)
            answer = await transport.request("GET", wire.STATUS)
            assert b"cookie" not in bytes(server.received).lower()
            return answer

        cookie = "Set-Cookie: AuthCookie=abc; Path=/"
        assert against(saying(http(b"{}", cookie)), ask_twice) == Response(200, b"{}")


class TestCertificate:
    def test_the_confirmed_one_is_served(self) -> None:
        assert against(saying(http(b'{"a":1}')), read) == Response(200, b'{"a":1}')

    def test_a_pin_in_capitals_is_the_same_pin(self) -> None:
        async def run() -> Response:
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

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    @pytest.mark.parametrize("shown", ["gig", "ggiig", "igi"])
    def test_it_is_compared_at_every_handshake(
        self, shown: str, version: ssl.TLSVersion, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        contexts = {"g": CERTIFICATE.server_context(), "i": IMPOSTOR.server_context()}
        for context in contexts.values():
            context.maximum_version = context.minimum_version = version
        left = iter(shown)

        def choose(tls: ssl.SSLObject, _name: str | None, _context: object) -> None:
            tls.context = contexts[next(left)]

        greeter = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        greeter.sni_callback = choose  # type: ignore[assignment]
        monkeypatch.setattr(type(CERTIFICATE), "server_context", lambda _: greeter)

        async def run() -> tuple[str, bytes]:
            found = ""
            async with listening(saying(http(b"{}", "Connection: close"))) as server:
                transport = GatewayTransport(server.host, PIN)
                for turn, _ in enumerate(shown):
                    mark = [("X-Turn", f"{CANARY}{turn}")]
                    try:
                        await transport.request("GET", wire.STATUS, headers=mark)
                        found += "g"
                    except CertificateMismatch as problem:
                        found += "i" if problem.found.endswith(IMPOSTOR.fingerprint) else "?"
                await transport.close()
                await asyncio.sleep(0)
                return found, bytes(server.received)

        found, received = asyncio.run(run())
        assert found == shown
        sent = [int(turn) for turn in re.findall(f"{CANARY}(.)", received.decode())]
        assert sent == [turn for turn, certificate in enumerate(shown) if certificate == "g"]

    def test_a_context_compares_again_whatever_it_has_seen(self) -> None:
        context = pinned_context("a gateway", PIN)

        def connect(port: int) -> None:
            with socket.create_connection(("127.0.0.1", port)) as plain:
                context.wrap_socket(plain, server_hostname="powerwall").close()

        async def run() -> None:
            async with listening(silence) as ours, listening(silence, IMPOSTOR) as theirs:
                for _ in range(2):
                    await asyncio.to_thread(connect, ours.port)
                    with pytest.raises(CertificateMismatch):
                        await asyncio.to_thread(connect, theirs.port)

        asyncio.run(run())

    def test_a_plain_socket_compares_as_well(self) -> None:
        context = pinned_context("a gateway", PIN)

        def connect(port: int) -> None:
            with socket.create_connection(("127.0.0.1", port)) as plain:
                context.wrap_socket(plain, server_hostname="powerwall")

        async def run() -> None:
            async with listening(silence, IMPOSTOR) as server:
                await asyncio.to_thread(connect, server.port)

        with pytest.raises(CertificateMismatch):
            asyncio.run(run())


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
        # Whoever ran a command in this process before may have made these quiet.
        for logger in (None, "httpx", "httpcore"):
            caplog.set_level(logging.DEBUG, logger)
        if quiet:
            quiet_http_logs()
        cookie = f"Set-Cookie: AuthCookie={CANARY}; Path=/"
        assert against(saying(http(b"{}", cookie)), read) == Response(200, b"{}")
        assert (CANARY in caplog.text) is not quiet

    def test_what_was_sent_is_in_no_error(self) -> None:
        async def ask(transport: GatewayTransport, _: Listener) -> Response:
            return await transport.request(
                "POST",
                wire.LOGIN,
                headers=[("Cookie", f"AuthCookie={CANARY}")],
                content=json.dumps({"password": CANARY}).encode(),
                changes=True,
            )

        nonsense = saying(b"nonsense " + CANARY.encode() + b"\r\n\r\n")
        for problem in (kept_waiting(silence, ask), against(hang_up, ask), against(nonsense, ask)):
            assert isinstance(problem, WriteUncertain)
            assert CANARY not in str(problem) + repr(problem)


def test_a_traceback_shows_no_secret() -> None:
    network = ScriptedTransport()
    network.on("POST", wire.LOGIN, httpx.ReadError("the line broke"))
    transport = GatewayTransport("10.0.0.1", None, transport=network)
    with pytest.raises(WriteUncertain) as caught:
        asyncio.run(transport.request("POST", wire.LOGIN, content=CANARY.encode(), changes=True))
    assert CANARY not in "".join(traceback.format_exception(caught.value))
