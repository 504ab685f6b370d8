"""A scripted gateway with the local adapter on it, in virtual time and without sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

import httpx
from scripted import Reply, ScriptedTransport, refusal, reply

from rules.domain import Mode, Observation, Setting
from scheduler.clock import SimulatedClock
from scheduler.domain import Endpoint
from scheduler.errors import GatewayProblem
from scheduler.gateways.local import LocalGateway
from scheduler.gateways.local.transport import (
    AGGREGATES,
    CHECK_UPDATE,
    COMPLETED,
    GRID_STATUS,
    INSTALL_UPDATE,
    LOGIN,
    OPERATION,
    RUN,
    SITE_INFO,
    SITEMASTER,
    SOE,
    STATUS,
    UPDATE_STATUS,
)

NOON = datetime(2026, 7, 1, 19, tzinfo=UTC)
EVERYTHING = frozenset(Endpoint)
A_POLL = frozenset({Endpoint.SOE, Endpoint.METERS, Endpoint.GRID})
WISH = Setting(Mode.BACKUP, 30)
LOST = httpx.ReadTimeout("nothing came")
NOBODY = httpx.ConnectError("nobody there")
STANDING = reply(502)
MAY_NOT = refusal(403, "Unable to POST to resource", "User does not have adequate access rights")

T = TypeVar("T")


class House:
    """A scripted gateway on firmware 21.44 that does everything it is asked, and its adapter."""

    def __init__(self, version: str = "21.44 223a56cd") -> None:
        self.wire = ScriptedTransport()
        self.clock = SimulatedClock(NOON)
        self.notes: list[str] = []
        self.gateway = LocalGateway(
            "10.0.0.1",
            "installer",
            "CANARY-pass",
            "",
            None,
            self.clock,
            transport=self.wire,
            on_note=lambda kind, _: self.notes.append(kind),
        )
        operation = {"real_mode": "self_consumption", "backup_reserve_percent": 24}
        self.on("GET", STATUS, reply(200, {"version": version}))
        self.on("POST", LOGIN, reply(200, {"token": "CANARYtoken=="}))
        self.on("GET", SITEMASTER, reply(200, {"running": True}))
        self.on("GET", RUN, reply(202))
        self.on("GET", SOE, reply(200, {"percentage": 52.5}))
        self.on("GET", AGGREGATES, reply(200, {"site": {"instant_power": 537}}))
        self.on("GET", GRID_STATUS, reply(200, {"grid_status": "SystemGridConnected"}))
        self.on("GET", OPERATION, reply(200, operation))
        self.on("POST", OPERATION, reply(200, operation))
        self.on("GET", COMPLETED, reply(202))
        self.on("GET", CHECK_UPDATE, reply(202))
        self.on("POST", INSTALL_UPDATE, reply(202))
        self.on("GET", SITE_INFO, reply(200, {"timezone": "America/Los_Angeles"}))
        self.on("GET", UPDATE_STATUS, reply(200, {"state": "/download"}))

    def on(self, method: str, target: str, *replies: Reply) -> None:
        self.wire.on(method, target, *replies)

    def connected(self) -> House:
        asyncio.run(self.gateway.connect())
        self.wire.seen.clear()
        return self

    def observe(self, parts: frozenset[Endpoint] = EVERYTHING) -> Observation:
        return asyncio.run(self.gateway.observe(parts))

    def apply(self, setting: Setting = WISH) -> None:
        asyncio.run(self.gateway.apply(setting))

    def later(self, seconds: float) -> None:
        async def wait() -> None:
            alarm = self.clock.alarm_clock()
            await alarm.wait(seconds)
            await alarm.close()

        asyncio.run(wait())


def outcome(ask: Callable[[], Awaitable[T]]) -> T | GatewayProblem:
    async def run() -> T | GatewayProblem:
        try:
            return await ask()
        except GatewayProblem as problem:
            return problem

    return asyncio.run(run())
