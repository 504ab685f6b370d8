"""A simulated gateway behind httpx, in this process: no sockets and no waiting."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx

from rules.domain import Setting
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.profiles import Profile
from scheduler.simulator.wire import WireRequest

PIECE = 64 * 1024
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def host_of(profile: Profile, place: str) -> str:
    """The gateway's address as its owner writes it."""
    return f"http://{place}" if profile.plain_http else place


def mode_and_reserve(setting: Setting) -> Setting:
    """The parts that the local API knows; it leaves the others as they are."""
    return Setting(setting.mode, setting.reserve)


@dataclass(frozen=True, slots=True)
class SteadyHousehold:
    """A home whose load and sun never change."""

    load: float = 1_000.0
    solar: float = 0.0
    timezone: ZoneInfo = LOS_ANGELES

    def load_w(self, at: datetime) -> float:
        assert at.tzinfo is not None
        return self.load

    def solar_w(self, at: datetime) -> float:
        assert at.tzinfo is not None
        return self.solar


class SimulatedTransport(httpx.AsyncBaseTransport):
    """Hands httpx requests to `gateway`. What happens on the wire happens at once.

    A late answer is a `ReadTimeout` if it comes later than the request's read timeout, and so is
    one that would come byte by byte over a longer time.
    """

    def __init__(self, gateway: SimulatedGateway) -> None:
        self.gateway = gateway

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.gateway.profile.plain_http != (request.url.scheme == "http"):
            raise httpx.ConnectError("nobody speaks so here", request=request)
        answer = self.gateway.handle(
            WireRequest(
                method=request.method,
                path=request.url.path,
                query=dict(request.url.params) if request.url.query else {},
                headers={name.lower(): value for name, value in request.headers.items()},
                body=await request.aread(),
            )
        )
        wire = answer.wire
        if wire.refused:
            raise httpx.ConnectError("the simulated gateway is away", request=request)
        if wire.dropped:
            raise httpx.ReadError("the connection ended in place of an answer", request=request)
        patience = request.extensions.get("timeout", {}).get("read")
        needed_s = len(answer.body) if wire.dripping else wire.delay_s
        if wire.never or (patience is not None and needed_s > patience):
            raise httpx.ReadTimeout("the answer did not come in time", request=request)
        if wire.reset:
            raise httpx.ReadError("the connection was reset", request=request)
        if wire.cut:
            raise httpx.RemoteProtocolError("the answer ended too early", request=request)
        return httpx.Response(
            answer.status, headers=list(answer.headers), stream=_Body(answer.body, wire.padding)
        )


class _Body(httpx.AsyncByteStream):
    """The body, and blanks after it that are made only as they are read."""

    def __init__(self, content: bytes, padding: int) -> None:
        self._content = content
        self._padding = padding

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content
        for start in range(0, self._padding, PIECE):
            yield b" " * min(PIECE, self._padding - start)
