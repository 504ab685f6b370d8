"""A house that plays: rules and the real loop on a simulated gateway, in virtual time.

What is asserted afterwards comes from two witnesses only: the journal, as another process reads
it, and the gateway's own record.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import httpx
from journaling import entries, stored, wanted
from simulated import LOS_ANGELES, SimulatedTransport, SteadyHousehold, host_of
from simulated_client import HandClock

from rules.domain import Mode, Setting
from rules.language import load_rules
from scheduler.config import Config, GatewayAccess, Site
from scheduler.control import Reply, events
from scheduler.domain import Cause, Kind, Safety
from scheduler.gateways.local import LocalGateway, SessionFile
from scheduler.journal import Journal, MemoryJournal
from scheduler.journal.queries import Entry
from scheduler.journal.sqlite import SqliteJournal
from scheduler.loop import Listener, MakeGateway, MakeRequest, Notification, SiteLoop
from scheduler.process.compose import Run, Services, compose
from scheduler.process.reloading import Reloader
from scheduler.process.rule_checks import RuleChecks
from scheduler.simulator.direct import DirectGateway
from scheduler.simulator.fault_plan import Fault, FaultKind, FaultPlan
from scheduler.simulator.gateway import SimulatedGateway
from scheduler.simulator.home import Home, LoadAndSun, Outage
from scheduler.simulator.profiles import LOGIN, PROFILES

EXAMPLES = Path(__file__).parents[1] / "examples"
SELF, FULL = Mode.SELF_CONSUMPTION, Setting(Mode.BACKUP, 100)
EVERYDAY = Setting(SELF, 20)
SAFETY = Safety(5, EVERYDAY)

BASE = """\
language = 1
timezone = "America/Los_Angeles"

[default]
mode = "self_consumption"
reserve = 20
"""

AFTERNOON = (
    BASE
    + """
[[rule]]
name  = "fill up"
while = { time = "14:00-16:00" }
set   = { mode = "backup", reserve = 100 }
"""
)
"""Backup from two to four, and nothing else."""


def local(month: int, day: int, time: str, *, year: int = 2026, fold: int = 0) -> datetime:
    """An instant by the wall clock of the house, "HH:MM" or "HH:MM:SS"."""
    clock = datetime.strptime(time, "%H:%M:%S" if time.count(":") == 2 else "%H:%M").time()  # noqa: DTZ007 -- made aware below
    wall = datetime(year, month, day, clock.hour, clock.minute, clock.second, fold=fold)  # noqa: DTZ001 -- made aware below
    return wall.replace(tzinfo=LOS_ANGELES).astimezone(UTC)


def trouble(kind: FaultKind, start: datetime, end: datetime, path: str | None = None) -> Fault:
    return Fault(kind, start, end, path)


class _WatchedTransport(SimulatedTransport):
    """Keeps the bodies of logins, which the gateway's record does not."""

    def __init__(self, gateway: SimulatedGateway) -> None:
        super().__init__(gateway)
        self.logins: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == LOGIN:
            self.logins.append(json.loads(await request.aread()))
        return await super().handle_async_request(request)


class Action(NamedTuple):
    """One intent of the journal with what became of it; `at` is when it was decided."""

    at: datetime
    wanted: Setting
    cause: str
    would: bool
    outcome: str | None

    def __str__(self) -> str:
        wall = self.at.astimezone(LOS_ANGELES)
        return f"{wall:%a %d %b %H:%M:%S} {self.wanted} {self.outcome}"


class House:
    """One site. `play` goes on where the last one ended: same gateway, journal and clock."""

    def __init__(
        self,
        folder: Path,
        rules: Path | str,
        start: datetime,
        *,
        name: str = "home",
        profile: str = "1.49",
        login: str | None = None,
        faults: Sequence[Fault] = (),
        plan: FaultPlan | None = None,
        outages: Sequence[Outage] = (),
        household: LoadAndSun | None = None,
        soe: float = 50.0,
        poll: timedelta = timedelta(seconds=30),
        safety: Safety = SAFETY,
        newer: str | None = None,
        clock: HandClock | None = None,
        inputs: Path | None = None,
        direct: Callable[[Home, HandClock], DirectGateway] | None = None,
    ) -> None:
        self.clock = clock if clock is not None else HandClock(start)
        self.path = folder / "journal.sqlite"
        self.rules = rules if isinstance(rules, Path) else folder / f"{name}.toml"
        if isinstance(rules, str):
            self.rules.write_text(rules, encoding="utf-8")
        self.home = Home(household or SteadyHousehold(), start, soe=soe, outages=outages)
        self.gateway = SimulatedGateway(
            self.home,
            PROFILES[profile],
            self.clock,
            faults=plan if plan is not None else FaultPlan.scripted(faults),
            newer=newer,
        )
        self.direct = None if direct is None else direct(self.home, self.clock)
        self.record = self.gateway.record if self.direct is None else self.direct.record
        self.transport = _WatchedTransport(self.gateway)
        self.login = login or PROFILES[profile].unattended_login
        host = host_of(PROFILES[profile], "192.168.1.2")
        access = GatewayAccess(host, None, self.login, "", None, "")
        self.site = Site(name, (self.rules,), poll, access, safety, inputs)
        self.heard: list[Notification] = []
        self.loop: SiteLoop | None = None
        self.hands_off = False
        self.session_file: SessionFile | None = None
        self._appointments: list[tuple[datetime, Callable[[], object]]] = []

    # --- playing -----------------------------------------------------------------------------

    def at(self, instant: datetime, act: Callable[..., object], *args: object) -> None:
        """Do something at an instant of the unstepped clock; between two polls, to be exact."""
        self._appointments.append((instant, lambda: act(*args)))

    def play(
        self,
        until: datetime,
        *,
        dry_run: bool = False,
        allow_login: bool = True,
        kill: bool = False,
    ) -> House:
        """Run the loop until an instant, then stop it; or `kill` it, so that it cannot say so."""
        self.hands_off = dry_run and not allow_login
        asyncio.run(play_together([self], until, dry_run=dry_run, kill=kill))
        return self

    def wait(self, until: datetime) -> None:
        """Let time pass without a loop."""
        self.clock.pass_time((until - self.unstepped()).total_seconds())
        self.gateway.advance()

    def unstepped(self) -> datetime:
        """What the gateway's own clock says, which nobody steps."""
        return self.gateway.advance()

    def reload(self) -> None:
        """What SIGHUP does."""
        assert self.loop is not None
        checks = RuleChecks([self.site], MemoryJournal(), self.clock)  # it refuses nothing
        Reloader(Config(self.path, (self.site,)), [self.loop], checks).reload()

    def hold(self, by: str, *, mode: Mode | None = None, **wish: Any) -> asyncio.Future[Reply]:
        """Ask the loop to hold something: `reserve`, `until`, `lasting`."""
        return self.ask(partial(events.Hold, by=by, mode=mode, **wish))

    def release(self, by: str) -> asyncio.Future[Reply]:
        return self.ask(partial(events.Release, by=by))

    def resume(self, by: str) -> asyncio.Future[Reply]:
        return self.ask(partial(events.Resume, by=by))

    def ask(self, request: MakeRequest) -> asyncio.Future[Reply]:
        assert self.loop is not None
        return self.loop.ask(request)

    def make_loop(self, journal: Journal, *, dry_run: bool) -> SiteLoop:
        run = Run("1.2.0", "boot:1", dry_run)
        services = Services(journal, self.clock, run, self.listeners())
        self.loop = compose(self.site, load_rules(self.site.rules), self._route(), services)
        return self.loop

    def listeners(self) -> Sequence[Listener]:
        return (self.heard.append,)

    def appointments(self) -> list[tuple[datetime, Callable[[], object]]]:
        due, self._appointments = self._appointments, []
        return due

    def _route(self) -> MakeGateway:
        direct = self.direct
        if direct is not None:
            return lambda _hear: direct
        password = self.gateway.credentials.password(self.gateway.profile, self.login)
        return lambda hear: LocalGateway(
            self.site.gateway.host,
            self.login,
            password,
            "",
            None,
            self.clock,
            transport=self.transport,
            session_file=self.session_file,
            hands_off=self.hands_off,
            on_note=hear,
        )

    # --- what the journal says ---------------------------------------------------------------

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of this site's journal; `:site` may stand in the query."""
        return stored(self.path, query.replace(":site", repr(self.site.name)))

    @property
    def actions(self) -> list[Action]:
        """What was written for a decision."""
        return [action for action in self._intents() if action.cause != Cause.PROBE]

    @property
    def probes(self) -> list[Action]:
        """What was written back only to see whether this account may write."""
        return [action for action in self._intents() if action.cause == Cause.PROBE]

    def entries(self, kind: Kind) -> list[Entry]:
        """This site's rows of a kind as the journal's reader has them, in the order written."""
        return entries(self.path, kind, self.site.name)

    def kept(self, kind: Kind, field: str) -> list[Any]:
        """This field of all rows of a kind."""
        return [entry.fields[field] for entry in self.entries(kind)]

    def _intents(self) -> list[Action]:
        became: dict[Any, Any] = {
            entry.fields["intent_id"]: entry.fields["outcome"]
            for entry in self.entries(Kind.OUTCOME)
        }
        return [
            Action(entry.at, wanted(entry), said["cause"], said["would"], became.get(entry.id))
            for entry in self.entries(Kind.INTENT)
            for said in [cast(dict[str, Any], entry.fields)]
        ]

    def outcomes(self, *, would: bool = False) -> list[str | None]:
        return [action.outcome for action in self.actions if action.would is would]

    def notes(self, kind: str | None = None) -> list[tuple[datetime, str]]:
        """(instant, kind) of every note, or (instant, text) of those of one kind."""
        column = "kind" if kind is None else "text"
        return [
            (entry.at, str(entry.fields[column]))
            for entry in self.entries(Kind.NOTE)
            if kind in (None, entry.fields["kind"])
        ]

    def kinds(self) -> list[str]:
        return [kind for _, kind in self.notes()]

    # --- what the gateway says ---------------------------------------------------------------

    @property
    def writes(self) -> list[tuple[datetime, Setting]]:
        """Every setting that the gateway took from us for a decision."""
        probed = {probe.at for probe in self.probes}
        return [(write.at, write.setting) for write in self.record.writes if write.at not in probed]

    def asked(self, path: str) -> list[datetime]:
        """When a path was asked for."""
        return [request.at for request in self.record.requests if request.path == path]

    @property
    def setting(self) -> Setting:
        """What is truly in effect, of the parts that the local API has."""
        return Setting(self.home.setting.mode, self.home.setting.reserve)


async def play_together(
    houses: Sequence[House], until: datetime, *, dry_run: bool = False, kill: bool = False
) -> None:
    """Run the loops of houses that share clock and journal, in one process."""
    async with AsyncExitStack() as stack:
        journal = await SqliteJournal.open(
            houses[0].path, houses[0].clock, [house.site.name for house in houses]
        )
        stack.push_async_callback(journal.close)
        loops = [house.make_loop(journal, dry_run=dry_run) for house in houses]
        tasks = [asyncio.create_task(loop.run()) for loop in loops]

        def stop() -> None:
            for loop, task in zip(loops, tasks, strict=True):
                if kill:
                    task.cancel()
                loop.stop("done")

        end = asyncio.create_task(_keep_appointments(houses, until, stop))
        done, _ = await asyncio.wait([end, *tasks], return_when=asyncio.FIRST_COMPLETED)
        if end not in done:
            end.cancel()
        # An appointment that raised has not stopped anybody.
        stop()
        results = await asyncio.gather(end, *tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def _keep_appointments(
    houses: Sequence[House], until: datetime, stop: Callable[[], None]
) -> None:
    """Act at each instant while everybody else waits; the last appointment is the end."""
    appointments = [appointment for house in houses for appointment in house.appointments()]
    appointments.sort(key=lambda appointment: appointment[0])
    alarm = houses[0].clock.alarm_clock()
    try:
        for instant, act in [*appointments, (until, stop)]:
            while (left := (instant - houses[0].unstepped()).total_seconds()) > 0:
                await alarm.wait(left)
            act()
    finally:
        await alarm.close()
