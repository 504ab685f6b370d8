"""A simulated gateway behind httpx, in this process: no sockets and no waiting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx

from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.wire import Request

LOS_ANGELES = ZoneInfo("America/Los_Angeles")


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

    A late answer is a `ReadTimeout` if it comes later than the request's read timeout.
    """

    def __init__(self, gateway: SimulatedGateway) -> None:
        self.gateway = gateway

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = self.gateway.handle(
            Request(
                method=request.method,
                path=request.url.path,
                query=dict(request.url.params),
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
        if wire.never or (patience is not None and wire.delay_s > patience):
            raise httpx.ReadTimeout("the answer did not come in time", request=request)
        return httpx.Response(answer.status, headers=list(answer.headers), content=answer.body)
