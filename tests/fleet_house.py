"""A house whose setting is written by the Fleet API: the real loop, adapter and library.

Virtual time, and real TLS on loopback. Beside the journal and the gateway's own record there is a
third witness: what the cloud was asked, and what it bills.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fleeting import SECRET, SITE, certificate
from house import House, play_together
from simulated import LOS_ANGELES

from scheduler.gateways import Gateway, OnNote, SplitGateway
from scheduler.gateways.pypowerwall import Budget, FleetGateway
from scheduler.gateways.pypowerwall.fleet.account import FleetAccount
from scheduler.gateways.pypowerwall.fleet.budget import cost
from scheduler.gateways.pypowerwall.fleet.tokens import TokenStore
from scheduler.loop import MakeGateway
from scheduler.simulator.cloud import CloudProfile, SimulatedCloud
from scheduler.simulator.cloud.meter import Bill
from scheduler.simulator.cloud.record import CloudRequest
from scheduler.simulator.fault_plan import Fault, FaultPlan
from scheduler.simulator.server import serve

DEADLINE = 5.0
"""Real seconds for one request on loopback."""


class FleetHouse(House):
    """A house that the cloud sets. Read at home by the owner's login, which may not write there.

    Without `at_home` nothing is known of it but by the cloud. `cloud_faults` befall the cloud,
    `faults` the gateway; `cloud_profile` is how the cloud behaves.
    """

    def __init__(
        self,
        folder: Path,
        rules: Path | str,
        start: datetime,
        *,
        cloud_faults: Sequence[Fault] = (),
        cloud_profile: CloudProfile | None = None,
        budget: Budget | None = None,
        at_home: bool = True,
        profile: str = "21.44",
        **more: Any,
    ) -> None:
        super().__init__(folder, rules, start, profile=profile, login="customer", **more)
        self.at_home = at_home
        if not at_home:
            self.site = replace(self.site, gateway=None, route="fleet")
        self.cloud = SimulatedCloud(
            {SITE: self.gateway},
            self.clock,
            None,
            cloud_profile,
            FaultPlan.scripted(cloud_faults),
        )
        self.budget = Budget() if budget is None else budget
        self.bills: dict[str, Bill] = {}
        self._folder = folder
        self._address = ""

    def play(
        self,
        until: datetime,
        *,
        dry_run: bool = False,
        allow_login: bool = True,
        kill: bool = False,
    ) -> FleetHouse:
        """As at any house, with the cloud there."""
        self.hands_off = dry_run and not allow_login
        asyncio.run(self._play_with_cloud(until, dry_run=dry_run, kill=kill))
        return self

    async def _play_with_cloud(self, until: datetime, *, dry_run: bool, kill: bool) -> None:
        async with serve(self.cloud, "127.0.0.1", 0, certificate()) as address:
            self._address = str(address)
            self._write_login()
            await play_together([self], until, dry_run=dry_run, kill=kill)

    # --- what the cloud says -----------------------------------------------------------------

    @property
    def requests(self) -> list[CloudRequest]:
        """What reached the cloud."""
        return list(self.cloud.record.requests)

    def commands(self) -> list[tuple[str, str]]:
        """Each command that reached the cloud: its time on the wall clock, and what it was."""
        return [
            (f"{each.at.astimezone(LOS_ANGELES):%d %H:%M:%S}", each.path.rpartition("/")[2])
            for each in self.requests
            if each.billed == "command"
        ]

    def billed(self) -> dict[date, Counter[str]]:
        """What is charged for, by days of UTC."""
        days: dict[date, Counter[str]] = {}
        for each in self.requests:
            if each.billed is not None:
                days.setdefault(each.at.date(), Counter())[each.billed] += 1
        return days

    def dollars(self) -> float:
        """What all of it costs."""
        days = self.billed().values()
        return cost(sum(each["data"] for each in days), sum(each["command"] for each in days))

    # --- the route ---------------------------------------------------------------------------

    def _route(self) -> MakeGateway:
        local = super()._route()

        def make(on_note: OnNote) -> Gateway:
            fleet = FleetGateway(
                self._account(), SITE, self.clock, deadline=DEADLINE, on_note=on_note
            )
            return SplitGateway(local(on_note), fleet, on_note) if self.at_home else fleet

        return make

    def _account(self) -> FleetAccount:
        authority = self._folder / "authority.pem"
        authority.write_bytes(certificate().certificate)
        return FleetAccount(
            TokenStore(self._folder / "fleet.json"),
            self.path,
            self.clock,
            budget=self.budget,
            login_at=f"https://{self._address}",
            authority=authority,
            deadline=DEADLINE,
        )

    def _write_login(self) -> None:
        """The login as the library's set-up writes it, or as an earlier process left it."""
        file = self._folder / "fleet.json"
        kept = (
            json.loads(file.read_bytes())
            if file.exists()
            else {
                "CLIENT_ID": self.cloud.application.client_id,
                "CLIENT_SECRET": SECRET,
                "DOMAIN": "example.org",
                "access_token": self.cloud.tokens.access,
                "refresh_token": self.cloud.tokens.refresh,
                "site_id": SITE,
            }
        )
        # Another process finds another port.
        file.write_text(json.dumps(kept | {"AUDIENCE": f"https://{self._address}"}))
        file.chmod(0o600)
