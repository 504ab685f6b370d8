"""The simulated gateway: the HTTP API of one firmware over one simulated home.

`handle` is the whole of it: it brings the home to the present, lets the plan's faults act, checks
who asks, and answers from the home's state. It never waits; what the network does with an answer
is said in the answer (`wire`).

The gateway has a clock of its own, as a real one has: it begins at the home's instant and runs
with the monotonic side of the clock it is given, so a step of the machine's wall clock does not
touch it.

Whatever happens stands in `record`, which is the truth that a daemon's journal can be held against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlencode

from rules.domain import AppPercent, Setting
from scheduler.clock import Clock
from scheduler.simulator import bodies, profiles
from scheduler.simulator.agenda import Agenda, Deed
from scheduler.simulator.configuration import Configuration
from scheduler.simulator.fault_answers import INSTEAD, corrupted
from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault, FaultPlan
from scheduler.simulator.home import GridChange, Home
from scheduler.simulator.lifecycle import Lifecycle
from scheduler.simulator.profiles import Profile, Role
from scheduler.simulator.reads import TESTS, Read, reads
from scheduler.simulator.record import (
    SENT_KEPT,
    GridSeen,
    Record,
    RequestSeen,
    SettingInEffect,
    Truth,
)
from scheduler.simulator.sessions import EXPIRED, Credentials, Sessions, no_access
from scheduler.simulator.signed import DIN, V1R, SignedControl
from scheduler.simulator.signed_fault_kinds import SignedFaultKind
from scheduler.simulator.wire import (
    REFUSED,
    WireRequest,
    WireResponse,
    as_json,
    empty,
    error,
    json_object,
    silence,
)

SHIPPED: Final = Credentials.as_shipped("SIM1800001234")

_ISLANDING: Final = {"intentional_reconnect_failsafe": "off", "backup": "on"}


class _Asked(NamedTuple):
    """A request with what is known of it."""

    now: datetime
    request: WireRequest
    role: Role | None
    fault: Fault | None


_Handler = Callable[[_Asked], WireResponse]


class SimulatedGateway:
    """The gateway of `home`, with the API of `profile`.

    `seed` gives the tokens, `newer` the firmware that an update check finds. `signed` is the signed
    control that it has. Raises `ValueError` for a plan with a fault of the Fleet API.
    """

    def __init__(
        self,
        home: Home,
        profile: Profile,
        clock: Clock,
        credentials: Credentials = SHIPPED,
        faults: FaultPlan | None = None,
        record: Record | None = None,
        seed: int = 0,
        newer: str | None = None,
        signed: SignedControl | None = None,
    ) -> None:
        self.home = home
        self.credentials = credentials
        self.record = record if record is not None else Record()
        self._clock = clock
        self._began = home.at - timedelta(seconds=clock.monotonic())
        self._faults = _of_gateways(faults if faults is not None else FaultPlan())
        self._agenda = Agenda()
        self._configuration = Configuration(home, self.record, self._agenda)
        self._sessions = Sessions(profile, credentials, self.record, seed, home.at)
        self._life = Lifecycle(
            home,
            profile,
            credentials.serial,
            self._agenda,
            self._configuration,
            self._sessions,
            self.record,
            newer,
        )
        self._signed = signed
        if signed is not None:
            hardware = signed.hardware
            self._life.device = replace(self._life.device, part=hardware.part, kind=hardware.kind)
            signed.join(home, self._life, self._configuration, self.record)
        self._routes_of = profile
        self._routes = self._all_routes(profile)
        self._life.expect(self._faults.world)
        self._expect_toggles()
        self.record.settings.append(SettingInEffect(home.at, home.setting, "start"))
        self.record.grid.append(GridSeen(home.at, home.grid))
        home.on_grid_change(self._grid_changed)

    @property
    def profile(self) -> Profile:
        """The firmware that runs now."""
        return self._life.profile

    @property
    def shown(self) -> Setting:
        """The setting that the gateway reports, which is mode and reserve."""
        return self._configuration.shown.setting

    @property
    def chosen(self) -> Setting:
        """The whole setting that somebody chose last, whatever Storm Watch makes of it."""
        home = self.home
        permitted = Setting(grid_charging=home.grid_charging, export=home.export)
        return permitted.over(self._configuration.chosen.setting)

    @property
    def storm_watch(self) -> bool:
        """Storm Watch has taken over."""
        return self._configuration.storm_watch

    @property
    def device(self) -> bodies.Device:
        """The gateway as a thing."""
        return self._life.device

    @property
    def plain_http(self) -> bool:
        """It speaks plain http, and nothing else."""
        return self.profile.plain_http

    def handle(self, request: WireRequest) -> WireResponse:
        """Answer one request at the present moment."""
        now = self.advance()
        marks = self.record.marks()
        role, fault = None, None
        if self._life.is_offline(now):
            answer = silence(REFUSED)
        else:
            role = self._sessions.role(request, now)
            fault = self._faults.at(now, request.method, request.path)
            answer = self._under(_Asked(now, request, role, fault))
        self.record.requests.append(
            RequestSeen(
                now,
                request.method,
                request.path,
                answer.status,
                role,
                answer.wire.answered,
                _sent(request),
                fault.kind.value if fault is not None else None,
                self.record.since(marks),
                self._truth(),
            )
        )
        return answer

    def advance(self) -> datetime:
        """Bring the home to the gateway's present and return it."""
        now = self._began + timedelta(seconds=self._clock.monotonic())
        while (due := self._agenda.next_due(now)) is not None:
            at, deed = due
            self.home.advance_to(at)
            deed(at)
        self.home.advance_to(now)
        return now

    @property
    def offline(self) -> bool:
        """Nobody gets a connection at present."""
        return self._life.is_offline(self.advance())

    @property
    def impostor(self) -> bool:
        """Somebody else answers connections at present."""
        fault = self._faults.at(self.advance(), "GET", "")
        return fault is not None and fault.kind is FaultKind.IMPOSTOR

    def set_in_app(self, setting: Setting) -> None:
        """The owner sets these parts, past this API."""
        self._configuration.set_past_api(self.advance(), setting, "app")

    def plan(self, at: datetime, deed: Deed) -> None:
        """Let this happen at `at` (aware), or at once where that has passed."""
        self._agenda.plan(max(at, self.home.at), deed)

    def is_offline(self, now: datetime) -> bool:
        """Nobody gets a connection at `now`, the instant to which the gateway has come."""
        return self._life.is_offline(now)

    def take_over(self, now: datetime, setting: Setting, cause: str) -> None:
        """Somebody sets these parts past this API at `now`, to which the gateway has come."""
        self._configuration.set_past_api(now, setting, cause)

    def let_tariff_win(self, now: datetime, *, wins: bool) -> None:
        """From `now` on, a tariff in the app lets the battery go below its reserve, or no more."""
        self._configuration.let_tariff_win(now, wins=wins)

    def toggle_switch(self) -> None:
        """Somebody turns the switch at the battery off and on."""
        now = self.advance()
        self._sessions.toggled(now)
        if self._signed is not None:
            self._signed.toggled(now)

    def open_app(self) -> None:
        """The owner opens the app, upon which the gateway acts on what is only stored."""
        if self._signed is not None:
            self._signed.app_opened(self.advance())

    def _expect_toggles(self) -> None:
        for fault in self._faults.world:
            if fault.kind is FaultKind.SWITCH_TOGGLED and self._signed is not None:
                self.plan(fault.start, self._signed.toggled)

    def _under(self, asked: _Asked) -> WireResponse:
        """The answer, whatever the fault lets through of it."""
        fault = asked.fault
        if fault is None:
            return self._serve(asked)
        if fault.kind in INSTEAD:
            return INSTEAD[fault.kind]
        if (
            fault.kind is FaultKind.UNAUTHORIZED
            and asked.request.path not in self.profile.open_paths
        ):
            self._sessions.drop(asked.request)
            return EXPIRED
        return corrupted(fault, self._serve(asked))

    def _serve(self, asked: _Asked) -> WireResponse:
        profile, path, method = self.profile, asked.request.path, asked.request.method
        if profile is not self._routes_of:
            self._routes_of, self._routes = profile, self._all_routes(profile)
        methods = self._routes.get(path)
        if methods is None:
            return error(404, "File Not Found", f"{path} is not here")
        if asked.role is None and path not in profile.open_paths:
            return self._sessions.stranger(asked.request)
        handler = methods.get(method)
        if handler is None:
            return error(405, "method not allowed", f"{method} is not for {path}")
        if not self.home.running and path in profiles.NEEDS_BATTERY:
            return empty(502)
        return handler(asked)

    def _all_routes(self, profile: Profile) -> Mapping[str, Mapping[str, _Handler]]:
        known = reads(profile, self.home, self._life)
        routes: dict[str, Mapping[str, _Handler]] = {
            path: {"GET": _reading(read)} for path, read in known.items()
        }
        for path in TESTS:
            if path in routes:
                routes[path] = {"GET": routes[path]["GET"], "POST": routes[path]["GET"]}
        routes |= {
            profiles.LOGIN: {"POST": self._log_in},
            profiles.LOGOUT: {"GET": self._log_out},
            profiles.OPERATION: {"GET": self._show_operation, "POST": self._stage},
            profiles.COMPLETED: {"GET": self._complete},
            profiles.RUN: {"GET": self._run},
            profiles.STOP: {profile.stop_method: self._stop},
            profiles.UPDATE: {"GET": self._check_for_update, "POST": self._install},
            # What a gateway answers to a line for its log is not recorded.
            "/api/logging": {"POST": lambda _: empty(202)},
        }
        if profile.may_island is not None:
            routes[profiles.ISLANDING] = {"POST": self._island}
        if profile.physical_access:
            routes[profiles.TOGGLE_START] = {"POST": lambda _: self._sessions.await_toggle()}
            routes[profiles.TOGGLE_LOGIN] = {
                "POST": lambda asked: self._sessions.log_in_by_toggle(asked.now, asked.request),
                "DELETE": lambda _: self._sessions.cancel_toggle(),
            }
        return routes if self._signed is None else self._with_signed(routes, self._signed)

    def _with_signed(
        self, routes: Mapping[str, Mapping[str, _Handler]], signed: SignedControl
    ) -> Mapping[str, Mapping[str, _Handler]]:
        """What the hardware has of the other paths, and those of signed control."""
        known = signed.hardware.paths
        return {
            **{path: each for path, each in routes.items() if known is None or path in known},
            DIN: {"GET": lambda _: signed.show_din()},
            V1R: {"POST": lambda asked: signed.answer(asked.now, asked.request.body, asked.fault)},
        }

    def _log_in(self, asked: _Asked) -> WireResponse:
        answer, stops = self._sessions.log_in(
            asked.now, asked.request, asked.fault, running=self.home.running
        )
        if stops:
            self._set_running(asked.now, running=False, cause="login")
        return answer

    def _log_out(self, asked: _Asked) -> WireResponse:
        self._sessions.drop(asked.request)
        return empty(204)

    def _show_operation(self, _: _Asked) -> WireResponse:
        return as_json(bodies.operation(self.profile, *self._configuration.shown))

    def _stage(self, asked: _Asked) -> WireResponse:
        if asked.role is None or asked.role not in self.profile.may_write:
            return no_access(asked.request.method)
        return self._configuration.stage(asked.now, asked.request.body, asked.role, self.profile)

    def _complete(self, asked: _Asked) -> WireResponse:
        self._configuration.complete(asked.now, asked.fault)
        self._life.commissioned()
        if not self.profile.completed_shows_status:
            return empty(202)
        return as_json(bodies.status(self.profile, self.home, self._life.device, asked.now))

    def _run(self, asked: _Asked) -> WireResponse:
        self._set_running(asked.now, running=True, cause="sitemaster/run")
        return empty(202)

    def _stop(self, asked: _Asked) -> WireResponse:
        """Stop the battery; where it is a POST, much power keeps it from that unless forced."""
        if asked.request.method == "POST" and bodies.can_reboot(self.home) != "Yes":
            try:
                forced = json_object(asked.request.body).get("force") is True
            except ValueError:
                forced = False
            if not forced:
                return error(500, "Cannot Start Wizard", "Unable to stop sitemaster")
        self._set_running(asked.now, running=False, cause="sitemaster/stop")
        return empty(202)

    def _check_for_update(self, asked: _Asked) -> WireResponse:
        if asked.request.query.get("force") == "true":
            self._life.check_for_update(asked.now)
        return empty(202)

    def _install(self, asked: _Asked) -> WireResponse:
        """Install what is staged. Who may is not known: here, whoever is logged in."""
        if asked.role is None:
            return self._sessions.stranger(asked.request)
        if not self._life.install(asked.now):
            # What a gateway answers that has nothing to install is not recorded.
            return error(400, "no update is staged", "Unable to update")
        return empty(202)

    def _island(self, asked: _Asked) -> WireResponse:
        """Open or close the contactor; some firmware says yes and does not act."""
        if asked.role is None or asked.role not in (self.profile.may_island or ()):
            return no_access(asked.request.method)
        try:
            mode = json_object(asked.request.body).get("island_mode")
        except ValueError as problem:
            return error(400, str(problem), "Unable to set island mode")
        switch = _ISLANDING.get(mode) if isinstance(mode, str) else None
        if switch is None:
            return error(400, "unknown island_mode", "Unable to set island mode")
        if asked.fault is None or asked.fault.kind is not FaultKind.UNACTED_WRITE:
            (self.home.grid_down if switch == "off" else self.home.grid_up)(asked.now)
            self.home.advance_to(asked.now)
        return as_json({"island_mode": mode})

    def _set_running(self, now: datetime, *, running: bool, cause: str) -> None:
        self._life.set_running(now, running=running, cause=cause)

    def _truth(self) -> Truth:
        home, flow = self.home, self.home.flow
        soe = AppPercent(round(home.soe, 3))
        return Truth(
            home.setting,
            self.shown,
            soe,
            round(flow.battery_w, 1),
            round(flow.site_w, 1),
            home.grid,
            home.running,
        )

    def _grid_changed(self, change: GridChange) -> None:
        self.record.grid.append(GridSeen(change.at, change.status))


def _of_gateways(plan: FaultPlan) -> FaultPlan:
    for fault in plan.faults:
        if not isinstance(fault.kind, FaultKind | SignedFaultKind):
            raise ValueError(f"{fault.kind} does not befall a gateway")  # noqa: TRY004 - a wrong plan
    return plan


def _sent(request: WireRequest) -> str:
    query = urlencode(request.query)
    secret = request.path in {profiles.LOGIN, profiles.TOGGLE_LOGIN, V1R}
    body = "" if secret else request.body[:SENT_KEPT].decode("utf-8", "replace")
    return f"{query} {body}".strip()[:SENT_KEPT]


def _reading(read: Read) -> _Handler:
    return lambda asked: read(asked.now)
