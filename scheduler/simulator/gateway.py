"""The simulated gateway: the HTTP API of one firmware over one simulated home.

`handle` is the whole of it: it brings the home to the present, lets the plan's faults act, checks
who asks, and answers from the home's state. It never waits; what the network does with an answer
is said in the answer (`wire`).

The gateway has a clock of its own, as a real one has: it begins at the home's instant and runs
with the monotonic side of the clock it is given, so a step of the machine's wall clock does not
touch it.

A written setting is staged, and takes effect when the configuration is completed. Whatever happens
stands in `record`, which is the truth that a daemon's journal can be held against.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from rules.domain import AppPercent, Mode, RawPercent, app_from_raw, raw_from_app
from scheduler.clock import Clock
from scheduler.gateways.protocol import FullSetting
from scheduler.simulator import bodies, profiles
from scheduler.simulator.faults import Fault, FaultKind, FaultPlan
from scheduler.simulator.home import GridChange, Home
from scheduler.simulator.profiles import Profile, Role
from scheduler.simulator.record import (
    GridSeen,
    Record,
    RequestSeen,
    RunningChange,
    SettingInEffect,
    WriteSeen,
)
from scheduler.simulator.sessions import EXPIRED, Credentials, Sessions, no_access
from scheduler.simulator.updates import Updates
from scheduler.simulator.wire import (
    DROPPED,
    NEVER,
    REFUSED,
    Answer,
    Request,
    Wire,
    as_json,
    empty,
    error,
    json_object,
    silence,
)

SHIPPED: Final = Credentials.as_shipped("SIM1800001234")

_UP_AT_START: Final = timedelta(hours=230)
_COMMISSIONS_AT_START: Final = 9
_BAD_MODE: Final = error(
    500, "RealMode must be either self_consumption or backup", "Unable to set operational mode"
)

_INSTEAD: Final = {
    FaultKind.NO_ANSWER: silence(NEVER),
    FaultKind.LOST_WRITE: silence(DROPPED),
    FaultKind.BAD_GATEWAY: empty(502),
    FaultKind.RATE_LIMITED: error(429, "Api Limit reached for this endpoint", "API Limit Reached"),
}
"""Faults under which the gateway does not look at the request at all."""

_Handler = Callable[[datetime, Request, Role | None], Answer]


class _Wanted(NamedTuple):
    """A mode with a reserve in app percent that need not be whole."""

    mode: Mode
    reserve: float


class _Reboot(NamedTuple):
    at: datetime
    fault: Fault
    goes_down: bool


class SimulatedGateway:
    """The gateway of `home`, with the API of `profile`.

    `seed` gives the tokens, `newer` the firmware that an update check finds.
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
    ) -> None:
        self.home = home
        self.profile = profile
        self.credentials = credentials
        self.record = record if record is not None else Record()
        self._clock = clock
        self._began = home.at - timedelta(seconds=clock.monotonic())
        self._faults = faults if faults is not None else FaultPlan()
        self._reboots = _reboots(self._faults)
        self._offline_until = home.at
        self._device = bodies.Device(
            credentials.serial, home.at - _UP_AT_START, _COMMISSIONS_AT_START
        )
        self._sessions = Sessions(profile, credentials, self.record, seed)
        self._updates = Updates(profile, self._device.booted, newer)
        self._shown = _Wanted(home.mode, home.reserve)
        self._staged: _Wanted | None = None
        self._routes = self._all_routes()
        self.record.settings.append(SettingInEffect(home.at, home.setting, "start"))
        self.record.running.append(RunningChange(home.at, home.running, "start"))
        self.record.grid.append(GridSeen(home.at, home.grid))
        home.on_grid_change(self._grid_changed)

    def handle(self, request: Request) -> Answer:
        """Answer one request at the present moment."""
        now = self.advance()
        role: Role | None = None
        if self._is_offline(now):
            answer = silence(REFUSED)
        else:
            role = self._sessions.role(request, now)
            answer = self._under_faults(now, request, role)
        self.record.requests.append(
            RequestSeen(
                now, request.method, request.path, answer.status, role, answer.wire.answered
            )
        )
        return answer

    def advance(self) -> datetime:
        """Bring the home to the gateway's present and return it."""
        now = self._began + timedelta(seconds=self._clock.monotonic())
        while self._reboots and self._reboots[0].at <= now:
            reboot = self._reboots.popleft()
            self.home.advance_to(reboot.at)
            self._reboot(reboot)
        self.home.advance_to(now)
        return now

    @property
    def offline(self) -> bool:
        """Nobody gets a connection at present."""
        return self._is_offline(self.advance())

    def set_in_app(self, setting: FullSetting) -> None:
        """The owner (or Storm Watch, or the utility) sets something else, past this API."""
        now = self.advance()
        self._shown = _Wanted(setting.mode, setting.reserve)
        self._put_in_effect(now, self._shown, "app")

    def _under_faults(self, now: datetime, request: Request, role: Role | None) -> Answer:
        fault = self._faults.at(now, request.method, request.path)
        if fault is None:
            return self._serve(now, request, role)
        if fault.kind in _INSTEAD:
            return _INSTEAD[fault.kind]
        if fault.kind is FaultKind.UNAUTHORIZED and request.path not in self.profile.open_paths:
            self._sessions.drop(request)
            return EXPIRED
        answer = self._serve(now, request, role)
        if fault.kind is FaultKind.UNCERTAIN_WRITE:
            return replace(answer, wire=DROPPED)
        if fault.kind is FaultKind.LATE_ANSWER:
            return replace(answer, wire=Wire(delay_s=fault.delay_s))
        return answer

    def _is_offline(self, now: datetime) -> bool:
        return now < self._offline_until

    def _reboot(self, reboot: _Reboot) -> None:
        if not reboot.goes_down:
            self._set_running(reboot.at, running=True, cause="boot")
            return
        fault = reboot.fault
        self._offline_until = fault.start + (fault.end - fault.start) / 2
        self._sessions.drop_all()
        self._staged = None
        self._device = bodies.Device(
            self._device.serial, self._offline_until, self._device.commissions
        )
        self._set_running(reboot.at, running=False, cause="reboot")

    def _serve(self, now: datetime, request: Request, role: Role | None) -> Answer:
        path, method = request.path, request.method
        methods = self._routes.get(path)
        if methods is None:
            return error(404, "File Not Found", f"{path} is not here")
        if role is None and path not in self.profile.open_paths:
            return self._sessions.stranger(request)
        handler = methods.get(method)
        if handler is None:
            return error(405, "method not allowed", f"{method} is not for {path}")
        if not self.home.running and path in profiles.NEEDS_BATTERY:
            return empty(502)
        return handler(now, request, role)

    def _all_routes(self) -> Mapping[str, Mapping[str, _Handler]]:
        profile, home = self.profile, self.home
        reads: dict[str, Callable[[datetime], object]] = {
            profiles.SOE: lambda _: bodies.soe(home),
            profiles.GRID_STATUS: lambda _: bodies.grid_status(profile, home),
            profiles.GRID_FAULTS: lambda _: [],
            profiles.AGGREGATES: lambda now: bodies.aggregates(profile, home, now),
            profiles.SYSTEM_STATUS: lambda _: bodies.system_status(profile, home, self._device),
            profiles.SITEMASTER: lambda now: bodies.sitemaster(profile, home, self._device, now),
            profiles.STATUS: lambda now: bodies.status(profile, self._device, now),
            profiles.SITE_INFO: lambda _: bodies.site_info(profile, home),
            profiles.SITE_NAME: lambda _: bodies.site_name(home),
            profiles.POWERWALLS: lambda _: bodies.powerwalls(profile, home, self._device),
            profiles.UPDATE_STATUS: self._updates.status,
            profiles.UPDATE_URGENCY: self._updates.urgency,
            profiles.REGISTRATION: lambda _: bodies.registration(),
            profiles.TOGGLE_SUPPORTED: lambda _: {"toggle_auth_supported": home.running},
        }
        return {path: {"GET": _reading(read)} for path, read in reads.items()} | {
            profiles.LOGIN: {"POST": self._log_in},
            profiles.LOGOUT: {"GET": self._log_out},
            profiles.OPERATION: {"GET": self._show_operation, "POST": self._stage},
            profiles.COMPLETED: {"GET": self._complete},
            profiles.RUN: {"GET": self._run},
            profiles.STOP: {profile.stop_method: self._stop},
            profiles.UPDATE: {"GET": self._check_for_update},
        }

    def _log_in(self, now: datetime, request: Request, _: Role | None) -> Answer:
        answer, stops = self._sessions.log_in(now, request)
        if stops:
            self._set_running(now, running=False, cause="login")
        return answer

    def _log_out(self, _now: datetime, request: Request, _: Role | None) -> Answer:
        self._sessions.drop(request)
        return empty(204)

    def _show_operation(self, _now: datetime, _request: Request, _: Role | None) -> Answer:
        return as_json(bodies.operation(self.profile, *self._shown))

    def _stage(self, now: datetime, request: Request, role: Role | None) -> Answer:
        """Take a setting. It is whole: a part that is not sent is overwritten by its old value."""
        if role not in self.profile.may_write:
            return no_access(request.method)
        try:
            content = json_object(request.body)
        except ValueError as problem:
            return error(400, str(problem), "Unable to set operational mode")
        mode = self._wanted_mode(content)
        if mode is None:
            return _BAD_MODE
        reserve = self._wanted_reserve(content)
        if reserve is None:
            # Which status refuses a reserve is not recorded.
            return error(400, "invalid backup_reserve_percent", "Unable to set operational mode")
        self._staged = _Wanted(mode, reserve)
        self.record.writes.append(WriteSeen(now, FullSetting(mode, round(reserve)), role))
        raw = raw_from_app(AppPercent(reserve))
        return as_json({self.profile.mode_key: mode.value, "backup_reserve_percent": raw})

    def _wanted_mode(self, content: Mapping[str, object]) -> Mode | None:
        """The mode that was sent; with another firmware's key, the gateway finds an empty one."""
        if self.profile.mode_key not in content:
            foreign = self.profile.mode_key == "real_mode" and "mode" in content
            return None if foreign else self._shown.mode
        word = content[self.profile.mode_key]
        return next((mode for mode in self.profile.modes if mode == word), None)

    def _wanted_reserve(self, content: Mapping[str, object]) -> float | None:
        raw = content.get("backup_reserve_percent")
        if raw is None:
            return self._shown.reserve
        if not isinstance(raw, int | float) or isinstance(raw, bool) or not 0 <= raw <= 100:
            return None
        reserve = app_from_raw(RawPercent(raw))
        legal = round(reserve) <= self.profile.reserve_ceiling or round(reserve) == 100
        return reserve if legal else None

    def _complete(self, now: datetime, request: Request, _: Role | None) -> Answer:
        """Make the staged setting the one in effect."""
        staged, self._staged = self._staged, None
        fault = self._faults.at(now, request.method, request.path)
        kind = fault.kind if fault is not None else None
        if staged is not None and kind is not FaultKind.IGNORED_WRITE:
            self._shown = staged
            if kind is not FaultKind.UNACTED_WRITE:
                self._put_in_effect(now, staged, "config/completed")
        device = self._device
        self._device = bodies.Device(device.serial, device.booted, device.commissions + 1)
        if not self.profile.completed_shows_status:
            return empty(202)
        return as_json(bodies.status(self.profile, self._device, now))

    def _run(self, now: datetime, _request: Request, _: Role | None) -> Answer:
        self._set_running(now, running=True, cause="sitemaster/run")
        return empty(202)

    def _stop(self, now: datetime, _request: Request, _: Role | None) -> Answer:
        self._set_running(now, running=False, cause="sitemaster/stop")
        return empty(202)

    def _check_for_update(self, now: datetime, request: Request, _: Role | None) -> Answer:
        if request.query.get("force") == "true":
            self._updates.check(now)
            self.record.update_checks.append(now)
        return empty(202)

    def _put_in_effect(self, now: datetime, setting: _Wanted, cause: str) -> None:
        self.home.put_in_effect(setting.mode, setting.reserve)
        self.record.settings.append(SettingInEffect(now, self.home.setting, cause))

    def _set_running(self, now: datetime, *, running: bool, cause: str) -> None:
        if self.home.running != running:
            self.home.running = running
            self.record.running.append(RunningChange(now, running, cause))

    def _grid_changed(self, change: GridChange) -> None:
        self.record.grid.append(GridSeen(change.at, change.status))


def _reading(read: Callable[[datetime], object]) -> _Handler:
    def handler(now: datetime, _request: Request, _role: Role | None) -> Answer:
        return as_json(read(now))

    return handler


def _reboots(faults: FaultPlan) -> deque[_Reboot]:
    changes = [_Reboot(fault.start, fault, goes_down=True) for fault in faults.reboots]
    changes += [_Reboot(fault.end, fault, goes_down=False) for fault in faults.reboots]
    return deque(sorted(changes, key=lambda change: change.at))
