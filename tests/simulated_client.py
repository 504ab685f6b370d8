"""A plain client of the simulated gateway, without HTTP in between."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from simulated import SteadyHousehold, mode_and_reserve

from rules.domain import Setting
from scheduler.clock import SimulatedClock
from scheduler.simulator.fault_plan import Fault, FaultPlan
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.home import Home, Outage
from scheduler.simulator.profiles import PROFILES
from scheduler.simulator.wire import WireRequest, WireResponse

START = datetime(2026, 7, 1, 19, tzinfo=UTC)


class HandClock(SimulatedClock):
    """A clock that a test moves by hand."""

    def pass_time(self, seconds: float) -> None:
        self._elapsed += timedelta(seconds=seconds)


@dataclass
class Client:
    """Asks `gateway` and carries the token of the last login."""

    gateway: SimulatedGateway
    clock: HandClock
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def obeyed(self) -> Setting:
        """Mode and reserve in effect."""
        return mode_and_reserve(self.gateway.home.setting)

    def ask(
        self, path: str, method: str = "GET", body: object = None, **query: str
    ) -> WireResponse:
        raw = (
            b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        )
        return self.gateway.handle(WireRequest(method, path, query, self.headers, raw))

    def read(self, path: str) -> Any:
        answer = self.ask(path)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def post(self, path: str, body: object) -> WireResponse:
        return self.ask(path, "POST", body)

    def log_in(self, username: str, password: str | None = None, **more: object) -> WireResponse:
        if password is None:
            password = self.gateway.credentials.password(self.gateway.profile, username)
        answer = self.post("/api/login/Basic", {"username": username, "password": password, **more})
        if answer.status == 200:
            self.headers = {"authorization": f"Bearer {json.loads(answer.body)['token']}"}
        return answer

    def write(self, mode: str, raw_reserve: float) -> WireResponse:
        key = self.gateway.profile.mode_key
        return self.post("/api/operation", {key: mode, "backup_reserve_percent": raw_reserve})


def client(
    profile: str = "1.49",
    *faults: Fault,
    soe: float = 50,
    outages: tuple[Outage, ...] = (),
    newer: str | None = None,
) -> Client:
    """A client, not logged in, of a new gateway at a steady 1 kW home."""
    clock = HandClock(START)
    home = Home(SteadyHousehold(), START, soe=soe, outages=outages)
    plan = FaultPlan.scripted(faults)
    gateway = SimulatedGateway(home, PROFILES[profile], clock, faults=plan, newer=newer)
    return Client(gateway, clock)


def installer(profile: str = "1.49", *faults: Fault, **more: Any) -> Client:
    """A client with the best login that this firmware lets in, and with a running battery."""
    made = client(profile, *faults, **more)
    forced = PROFILES[profile].login_needs_force
    login = PROFILES[profile].unattended_login
    assert made.log_in(login, force_sm_off=forced).status == 200
    made.ask("/api/sitemaster/run")
    return made
