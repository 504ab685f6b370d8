"""A plain client of the simulated Fleet API, without HTTP in between."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from simulated import SteadyHousehold
from simulated_client import START, HandClock

from rules.domain import Setting
from scheduler.simulator.cloud import Application, CloudProfile, SimulatedCloud, TokenPair
from scheduler.simulator.fault_plan import Fault, FaultPlan, Kind
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.home import Home
from scheduler.simulator.profiles import profile_of
from scheduler.simulator.wire import WireRequest, WireResponse

SITE, OTHER = "1689", "2345"
DAY = timedelta(days=1)
PROMPT = CloudProfile(latency_s=(30.0, 30.0))
"""Each command is done half a minute after it was taken."""


@dataclass
class CloudClient:
    """Asks `cloud` with the tokens that it was given last."""

    cloud: SimulatedCloud
    gateways: dict[str, SimulatedGateway]
    clock: HandClock
    tokens: TokenPair

    @property
    def gateway(self) -> SimulatedGateway:
        return self.gateways[SITE]

    @property
    def obeyed(self) -> Setting:
        """What the home obeys now."""
        self.gateway.advance()
        return self.gateway.home.setting

    def pass_time(self, seconds: float) -> datetime:
        self.clock.pass_time(seconds)
        return self.cloud.advance()

    def ask(self, method: str, path: str, body: bytes = b"") -> WireResponse:
        headers = {"authorization": f"Bearer {self.tokens.access}"}
        return self.cloud.handle(WireRequest(method, path, {}, headers, body))

    def read(self, what: str, site: str = SITE) -> Any:
        answer = self.ask("GET", f"/api/1/energy_sites/{site}/{what}")
        assert answer.status == 200, answer
        return json.loads(answer.body)["response"]

    def command(self, name: str, site: str = SITE, **content: object) -> WireResponse:
        path = f"/api/1/energy_sites/{site}/{name}"
        return self.ask("POST", path, json.dumps(content).encode())

    def reserve(self, percent: object, site: str = SITE) -> WireResponse:
        return self.command("backup", site, backup_reserve_percent=percent)

    def mode(self, word: object, site: str = SITE) -> WireResponse:
        return self.command("operation", site, default_real_mode=word)

    def refresh(self, **content: str) -> WireResponse:
        """Request new tokens; the old ones stay in use."""
        form = {
            "grant_type": "refresh_token",
            "client_id": self.cloud.application.client_id,
            "refresh_token": self.tokens.refresh,
        } | content
        body = urlencode(form).encode()
        return self.cloud.handle(WireRequest("POST", "/oauth2/v3/token", {}, {}, body))

    def log_in(self, **content: str) -> WireResponse:
        """Request new tokens, and use them from now on."""
        answer = self.refresh(**content)
        if answer.status == 200:
            said = json.loads(answer.body)
            self.tokens = TokenPair(said["access_token"], said["refresh_token"])
        return answer

    def shown(self, site: str = SITE) -> tuple[object, object]:
        """Mode and reserve as `site_info` shows them."""
        info = self.read("site_info", site)
        return info["default_real_mode"], info["backup_reserve_percent"]


def lasting(kind: Kind, after_s: float = 0.0, for_s: float = 86_400.0, **more: Any) -> Fault:
    start = START + timedelta(seconds=after_s)
    return Fault(kind, start, start + timedelta(seconds=for_s), **more)


def cloud_client(
    *faults: Fault,
    firmware: str = "26.18.3",
    profile: CloudProfile = PROMPT,
    application: Application | None = None,
    soe: float = 50,
    setting: Setting | None = None,
    sites: tuple[str, ...] = (SITE,),
    befalling: tuple[Fault, ...] = (),
    start: datetime = START,
) -> CloudClient:
    """A client of a new cloud over steady 1 kW homes; `befalling` are faults of the first home."""
    clock = HandClock(start)
    gateways = {}
    for site in sites:
        home = Home(SteadyHousehold(), start, soe=soe, setting=setting or Setting())
        plan = FaultPlan.scripted(befalling if site == sites[0] else ())
        gateways[site] = SimulatedGateway(home, profile_of(firmware), clock, faults=plan)
    cloud = SimulatedCloud(gateways, clock, application, profile, FaultPlan.scripted(faults))
    return CloudClient(cloud, gateways, clock, cloud.tokens)
