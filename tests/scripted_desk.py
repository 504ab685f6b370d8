"""A session with a scripted gateway, in virtual time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
from scripted import Reply, ScriptedTransport, refusal, reply

from scheduler.clock import SimulatedClock
from scheduler.errors import (
    GatewayProblem,
)
from scheduler.gateways.local.session import Session
from scheduler.gateways.local.transport import (
    LOGIN,
    RUN,
    SITEMASTER,
    SOE,
    GatewayTransport,
    Response,
)

PASSWORD = "CANARY-pass"
TOKEN = "CANARYtoken=="
LOST = httpx.ReadTimeout("nothing came")
NOBODY = httpx.ConnectError("nobody there")
BUSY = refusal(429, "Api Limit reached for this endpoint", "API Limit Reached")
EXPIRED = refusal(401, "Token Expired")
NO_ACCESS = refusal(403, "Unable to GET to resource", "User does not have adequate access rights")


class Desk:
    """A session with a scripted gateway that lets it in and shows a state of energy."""

    def __init__(
        self, login: str = "customer", *, firmware: str | None = "21.44", hands_off: bool = False
    ) -> None:
        self.wire = ScriptedTransport()
        self.wire.on("POST", LOGIN, reply(200, {"token": TOKEN}))
        self.wire.on("GET", SITEMASTER, reply(200, {"running": True}))
        self.wire.on("GET", RUN, reply(202))
        self.wire.on("GET", SOE, reply(200, {"percentage": 50}))
        self.clock = SimulatedClock(datetime(2026, 7, 1, tzinfo=UTC))
        self.notes: list[tuple[str, str]] = []
        self.session = Session(
            GatewayTransport("10.0.0.1", None, transport=self.wire),
            self.clock,
            login=login,
            password=PASSWORD,
            email="",
            on_note=lambda kind, text: self.notes.append((kind, text)),
            hands_off=hands_off,
        )
        self.session.firmware = firmware

    def on(self, method: str, target: str, *replies: Reply) -> None:
        self.wire.on(method, target, *replies)

    def soe(self) -> Response | GatewayProblem:
        try:
            return asyncio.run(self.session.get(SOE))
        except GatewayProblem as problem:
            return problem

    def later(self, seconds: float) -> None:
        async def wait() -> None:
            alarm = self.clock.alarm_clock()
            await alarm.wait(seconds)
            await alarm.close()

        asyncio.run(wait())

    @property
    def logins(self) -> int:
        return self.wire.count("POST", LOGIN)
