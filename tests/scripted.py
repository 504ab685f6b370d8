"""A gateway that says what a test tells it to: behind httpx, and on a real TLS socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple

import httpx

from scheduler.simulator.certificate import Certificate, self_signed

CERTIFICATE = self_signed(datetime(2026, 1, 1, tzinfo=UTC))
IMPOSTOR = self_signed(datetime(2026, 1, 1, tzinfo=UTC))

Reply = httpx.Response | Exception


class Seen(NamedTuple):
    """A request that was made."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def reply(status: int, content: object = None) -> httpx.Response:
    """An answer with this JSON, or with an empty body."""
    body = b"" if content is None else json.dumps(content).encode()
    return httpx.Response(status, content=body)


def refusal(status: int, error: str, message: str = "") -> httpx.Response:
    """An error in the gateway's own form."""
    return reply(status, {"code": status, "error": error, "message": message})


class ScriptedTransport(httpx.AsyncBaseTransport):
    """Answers each request with the next reply of its target's list; the last one stays.

    What has no list is answered with 404. `seen` holds every request.
    """

    def __init__(self) -> None:
        self.replies: dict[tuple[str, str], list[Reply]] = {}
        self.seen: list[Seen] = []

    def on(self, method: str, target: str, *replies: Reply) -> None:
        self.replies[method, target] = list(replies)

    def count(self, method: str, target: str) -> int:
        return sum((method, target) == (seen.method, seen.target) for seen in self.seen)

    @property
    def targets(self) -> list[str]:
        return [f"{seen.method} {seen.target}" for seen in self.seen]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode()
        body = await request.aread()
        await asyncio.sleep(0)  # as on a network, other tasks get their turn
        self.seen.append(Seen(request.method, target, dict(request.headers), body))
        replies = self.replies.get((request.method, target), [httpx.Response(404)])
        answer = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Listener(NamedTuple):
    """A TLS server; `received` is every byte of plain text that reached it."""

    port: int
    received: bytearray

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"


@asynccontextmanager
async def listening(talk: Talk, certificate: Certificate = CERTIFICATE) -> AsyncIterator[Listener]:
    """A TLS server on loopback that reads one request's head and then lets `talk` go on."""
    received = bytearray()
    open_tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_tasks.add(task)
        try:
            while chunk := await reader.read(65536):
                received.extend(chunk)
                if b"\r\n\r\n" in chunk:
                    await talk(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            open_tasks.discard(task)
            writer.transport.abort()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=certificate.server_context())
    try:
        yield Listener(server.sockets[0].getsockname()[1], received)
    finally:
        server.close()
        for task in list(open_tasks):
            task.cancel()
        await asyncio.gather(*open_tasks, return_exceptions=True)
        await server.wait_closed()


def saying(answer: bytes) -> Talk:
    """Sends these bytes."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return talk


def http(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """An HTTP answer with this body."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body
