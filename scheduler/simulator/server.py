"""A simulated server on a socket: HTTP/1.1 with h11 over asyncio's streams, in TLS.

It is the gateway's, or the Fleet API's. Firmware that speaks plain http does so here, and then
without TLS; an impostor has no certificate to be known by then, so it takes connections and says
nothing.

There is no web framework because faults need the wire itself: an answer that never comes, one that
comes late or byte by byte, a connection that ends in place of an answer or in the middle of it, a
certificate that is somebody else's. Delays are real seconds. A client may go away at any point
without a trace; the end of `serve` leaves no task behind.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cached_property
from typing import Final, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

import h11

from scheduler.clock import SystemClock
from scheduler.errors import ConfigProblem
from scheduler.simulator.certificate import Certificate, self_signed
from scheduler.simulator.wire import WireRequest, WireResponse, error

BODY_LIMIT: Final = 64 * 1024

_HEADER_LIMIT: Final = 16 * 1024
_IDLE_S: Final = 120.0
_HANDSHAKE_S: Final = 5.0
_GOODBYE_S: Final = 1.0
_DRIP_S: Final = 1.0
_PIECE: Final = 64 * 1024


class Served(Protocol):
    """What is served here: answers to requests, and how connections fare at present."""

    @property
    def offline(self) -> bool:
        """Nobody gets a connection."""

    @property
    def impostor(self) -> bool:
        """Somebody else answers connections."""

    @property
    def plain_http(self) -> bool:
        """It speaks plain http, and nothing else."""

    def handle(self, request: WireRequest) -> WireResponse:
        """Answer one request at the present moment."""


class Address(NamedTuple):
    """Where the server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@asynccontextmanager
async def serve(
    served: Served, host: str, port: int, certificate: Certificate
) -> AsyncIterator[Address]:
    """Serve `served` while the body runs; port 0 lets the system choose.

    Raises `ConfigProblem` if nothing can be served at this address.
    """
    connections: set[asyncio.Task[None]] = set()

    contexts = _Contexts(certificate)

    # Not a coroutine, and TLS only afterwards, so that each handshake is part of a task of ours
    # that can be cancelled. Reading rests until then, or the handshake would miss its first bytes.
    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined] # typeshed knows no reading
        task = asyncio.create_task(_Connection(served, reader, writer).talk(contexts))
        connections.add(task)
        task.add_done_callback(connections.discard)

    try:
        server = await asyncio.start_server(accept, host, port)
    except OSError as problem:
        raise ConfigProblem(_cannot_listen(host, port, problem)) from None
    try:
        bound = server.sockets[0].getsockname()
        yield Address(bound[0], bound[1])
    finally:
        server.close()
        open_connections = list(connections)
        for task in open_connections:
            task.cancel()
        await asyncio.gather(*open_connections, return_exceptions=True)
        await server.wait_closed()


class _Contexts:
    """The gateway's own certificate, and one of the same names by somebody else."""

    def __init__(self, certificate: Certificate) -> None:
        self.own = certificate.server_context()

    @cached_property
    def impostors(self) -> ssl.SSLContext:
        return self_signed(SystemClock().now()).server_context()


class _Connection:
    """One client, from its handshake to its end."""

    def __init__(
        self,
        served: Served,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._served = served
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=_HEADER_LIMIT)

    async def talk(self, contexts: _Contexts) -> None:
        """Answer request after request until either side has had enough."""
        try:
            if self._served.offline:
                return
            with suppress(OSError):  # the client went away, or was silent for too long
                if not self._served.plain_http:
                    context = contexts.impostors if self._served.impostor else contexts.own
                    await self._writer.start_tls(context, ssl_handshake_timeout=_HANDSHAKE_S)
                else:
                    self._writer.transport.resume_reading()  # type: ignore[attr-defined] # as in `serve`
                await self._converse()
                self._writer.close()
                async with asyncio.timeout(_GOODBYE_S):
                    await self._writer.wait_closed()
        finally:
            self._writer.transport.abort()

    async def _converse(self) -> None:
        try:
            while (request := await self._receive()) is not None:
                answer = self._served.handle(request)
                if not await self._act_out(answer, request.method):
                    return
                if self._http.our_state is not h11.DONE:
                    return
                self._http.start_next_cycle()
        except _TooLarge:
            await self._send(error(413, "request body too large", "Bad Request"), "POST")
        except (h11.RemoteProtocolError, ValueError):
            if self._http.our_state in {h11.IDLE, h11.SEND_RESPONSE}:
                await self._send(error(400, "not a usable request", "Bad Request"), "GET")

    async def _receive(self) -> WireRequest | None:
        """The next whole request; `None` when the client has ended the connection."""
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > BODY_LIMIT:
                raise _TooLarge
        target = urlsplit(head.target.decode("ascii"))
        return WireRequest(
            method=head.method.decode("ascii"),
            path=target.path,
            query=dict(parse_qsl(target.query)),
            headers={name.decode("ascii"): value.decode("latin-1") for name, value in head.headers},
            body=bytes(body),
        )

    async def _event(self) -> object:
        while True:
            event = self._http.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._http.they_are_waiting_for_100_continue:
                proceed = h11.InformationalResponse(status_code=100, headers=[])
                await self._write(proceed)
            async with asyncio.timeout(_IDLE_S):
                self._http.receive_data(await self._reader.read(BODY_LIMIT))

    async def _act_out(self, answer: WireResponse, method: str) -> bool:
        """Do to the answer what its wire says. True if the conversation may go on."""
        wire = answer.wire
        if wire.refused or wire.dropped:
            return False
        if wire.never:
            while await self._reader.read(BODY_LIMIT):
                pass
            return False
        await asyncio.sleep(wire.delay_s)
        if wire.cut or wire.reset:
            await self._send_half(answer)
            if wire.reset:
                self._reset()
            return False
        await self._send(answer, method)
        return True

    async def _send(self, answer: WireResponse, method: str) -> None:
        head, wire = _head(answer), answer.wire
        if method == "HEAD" or not (answer.body or wire.padding):
            await self._write(head, h11.EndOfMessage(), dripping=wire.dripping)
            return
        await self._write(head, h11.Data(data=answer.body), dripping=wire.dripping)
        for start in range(0, wire.padding, _PIECE):
            await self._write(h11.Data(data=b" " * min(_PIECE, wire.padding - start)))
        await self._write(h11.EndOfMessage())

    async def _send_half(self, answer: WireResponse) -> None:
        half = answer.body[: len(answer.body) // 2]
        await self._write(_head(answer), h11.Data(data=half))

    def _reset(self) -> None:
        """End the connection by RST in place of a goodbye."""
        sock: socket.socket = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def _write(self, *events: h11.Event, dripping: bool = False) -> None:
        content = b"".join(self._http.send(event) or b"" for event in events)
        if not dripping:
            self._writer.write(content)
            await self._writer.drain()
            return
        for byte in content:
            self._writer.write(bytes((byte,)))
            await self._writer.drain()
            await asyncio.sleep(_DRIP_S)


def _head(answer: WireResponse) -> h11.Response:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers]
    if answer.status != 204:
        length = len(answer.body) + answer.wire.padding
        headers.append((b"content-length", str(length).encode()))
    return h11.Response(status_code=answer.status, headers=headers)


class _TooLarge(Exception):
    """A body over the limit."""


def _cannot_listen(host: str, port: int, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use: stop what listens there, or choose another port"
    return f"cannot listen on {host}:{port}: {problem.strerror or problem}; choose another address"
