"""Ways in which a TLS server may talk to the gateway's transport, and what comes of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

from scripted import CERTIFICATE, Listener, Talk, http, listening, saying

from scheduler.errors import Unreachable
from scheduler.gateways.local import transport as wire
from scheduler.gateways.local.transport import GatewayTransport, Response

PIN = f"sha256:{CERTIFICATE.fingerprint}"
LONG, SHORT = 60.0, 0.1
"""A deadline that never ends what comes to an end by itself, and one for what never does."""

Ask = Callable[[GatewayTransport, Listener], Awaitable[Response]]


def against(talk: Talk, ask: Ask) -> Response | Exception:
    """What comes of `ask` when a real TLS server talks like that."""

    async def run() -> Response | Exception:
        async with listening(talk) as server:
            transport = GatewayTransport(server.host, PIN, deadline=LONG)
            try:
                return await ask(transport, server)
            except Unreachable as problem:
                return problem
            finally:
                await transport.close()

    return asyncio.run(run())


def kept_waiting(talk: Talk, ask: Ask) -> Response | Exception:
    """What comes of `ask` when a server that has answered once then talks like that for ever.

    The connection is there and its limits are wide: however slow the machine is, nothing but the
    whole request's deadline can end it.
    """

    async def ask_again(transport: GatewayTransport, server: Listener) -> Response:
        assert await read(transport, server) == Response(200, b"{}")
        transport._deadline = SHORT
        return await ask(transport, server)

    return against(in_turn(saying(http(b"{}")), talk), ask_again)


def in_turn(*talks: Talk) -> Talk:
    """Talks to each request in another way."""
    left = iter(talks)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await next(left)(reader, writer)

    return talk


async def read(transport: GatewayTransport, _: Listener) -> Response:
    return await transport.request("GET", wire.STATUS)


async def write(transport: GatewayTransport, _: Listener) -> Response:
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


async def pour_a_head(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b" x" * 32768)
        await writer.drain()


async def pour_chunks(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"8000\r\n" + b" " * 32768 + b"\r\n")
        await writer.drain()


def closing(answer: bytes) -> Talk:
    """Sends this much and ends the connection."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    return talk


def half_closing(answer: bytes) -> Talk:
    """Sends this much, ends TCP's one direction under TLS, and goes on listening."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.get_extra_info("socket").shutdown(socket.SHUT_WR)
        await reader.read()

    return talk
