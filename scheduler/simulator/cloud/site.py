"""One site as the cloud knows it: what it shows of the setting, what it measured, what is to do.

Commands wait in a queue and reach the gateway in the order in which they were taken; a gateway that
is away gets them when it is back. What `site_info` shows is the cloud's own and may run ahead of
the gateway or stay behind; what is set elsewhere (app, local API) shows with the next measurement.
All of it happens on the gateway's own agenda, at its instants, whether or not anybody asks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from rules.domain import Setting
from scheduler.gateways import HighReserve, Route, Version, high_reserve_of, parse_version
from scheduler.household import unit
from scheduler.simulator.cloud.answers import Measured
from scheduler.simulator.cloud.profile import CloudProfile
from scheduler.simulator.cloud.record import (
    CAUSE,
    CloudRecord,
    CommandDone,
    CommandTaken,
    SettingShown,
)
from scheduler.simulator.cloud_fault_kinds import CloudFaultKind
from scheduler.simulator.fault_plan import Fault
from scheduler.simulator.gateway import SimulatedGateway

_SNAPPED_TO: Final = 80
_BACK: Final = timedelta(seconds=30)


class _Waiting(NamedTuple):
    number: int
    setting: Setting


class CloudSite:
    """The site `name`, whose home `gateway` speaks for. `stale` says when nothing is measured."""

    def __init__(
        self,
        name: str,
        gateway: SimulatedGateway,
        profile: CloudProfile,
        record: CloudRecord,
        seed: int,
        stale: Callable[[datetime], bool],
    ) -> None:
        self.name = name
        self.gateway = gateway
        self._profile = profile
        self._record = record
        self._seed = seed
        self._stale = stale
        self._waiting: deque[_Waiting] = deque()
        now = gateway.advance()
        self._last_due = now
        self._taken = 0
        self._seen = gateway.chosen
        self._shown = self._seen
        self._record.shown.append(SettingShown(now, name, self._shown, "start"))
        self.measured = self._measurement(now)
        self._measure_later(now)

    @property
    def shown(self) -> Setting:
        """The whole setting that `site_info` shows."""
        return self._shown

    @property
    def firmware(self) -> Version:
        """What the gateway runs."""
        return parse_version(self.gateway.profile.version) or Version(0, 0)

    @property
    def _snaps(self) -> bool:
        return high_reserve_of(Route.FLEET, None, self.firmware) is HighReserve.SNAPPED

    def would_refuse(self, setting: Setting) -> bool:
        """This firmware does not take the reserve, and says so."""
        becomes = high_reserve_of(Route.FLEET, None, self.firmware)
        return _between(setting) and becomes is HighReserve.REFUSED

    def take(self, asked: Setting, fault: Fault | None) -> None:
        """Take a command: show it, and do it when its time comes, as far as the fault lets it."""
        now = self.gateway.advance()
        profile, kind = self._profile, fault.kind if fault is not None else None
        snaps = kind is CloudFaultKind.RESERVE_SNAPPED or self._snaps
        setting = replace(asked, reserve=_SNAPPED_TO) if snaps and _between(asked) else asked
        self._taken += 1
        number = self._taken
        named = kind.value if kind is not None else None
        self._record.commands.append(CommandTaken(now, number, self.name, asked, setting, named))
        if kind is CloudFaultKind.COMMAND_IGNORED:
            return
        acts = kind is not CloudFaultKind.COMMAND_UNACTED
        if profile.shown_s is not None or not acts:
            shown = now + timedelta(seconds=profile.shown_s or 0.0)
            self.gateway.plan(shown, partial(self._show, setting))
        if acts:
            late_s = fault.delay_s if fault and kind is CloudFaultKind.COMMAND_LATE else 0.0
            due = now + timedelta(seconds=self._latency_s(number) + late_s)
            self._last_due = max(self._last_due, due)
            self._waiting.append(_Waiting(number, setting))
            self.gateway.plan(self._last_due, self._do_next)

    def _latency_s(self, number: int) -> float:
        shortest, longest = self._profile.latency_s
        return shortest + (longest - shortest) * unit(self._seed, number)

    def _do_next(self, now: datetime) -> None:
        if self.gateway.is_offline(now):
            self.gateway.plan(now + _BACK, self._do_next)
            return
        self._notice(now)
        command = self._waiting.popleft()
        self.gateway.take_over(now, command.setting, CAUSE)
        self._seen = self.gateway.chosen
        self._record.done.append(CommandDone(now, command.number, self.name, command.setting))
        if self._profile.shown_s is None:
            self._show(command.setting, now)

    def _show(self, setting: Setting, now: datetime) -> None:
        self._notice(now)
        self._show_all(setting.over(self._shown), now, "command")

    def _notice(self, now: datetime) -> None:
        """Take over what was set elsewhere since the last look."""
        chosen, seen = self.gateway.chosen, self._seen.present
        changed = {part: value for part, value in chosen.present.items() if seen[part] != value}
        self._seen = chosen
        if changed:
            elsewhere = Setting(**{part.value: value for part, value in changed.items()})  # type: ignore[arg-type] # each part has its own kind of value
            self._show_all(elsewhere.over(self._shown), now, "gateway")

    def _show_all(self, shown: Setting, now: datetime, source: str) -> None:
        if shown != self._shown:
            self._shown = shown
            self._record.shown.append(SettingShown(now, self.name, shown, source))

    def _measure_later(self, now: datetime) -> None:
        self.gateway.plan(now + timedelta(seconds=self._profile.measured_s), self._measure)

    def _measure(self, now: datetime) -> None:
        if not self.gateway.is_offline(now):
            self._notice(now)
            if not self._stale(now):
                self.measured = self._measurement(now)
        self._measure_later(now)

    def _measurement(self, now: datetime) -> Measured:
        home = self.gateway.home
        return Measured(
            now,
            home.energy_wh,
            home.soe,
            home.flow,
            home.grid,
            home.grid_services,
            self.gateway.storm_watch,
        )


def _between(setting: Setting) -> bool:
    """The reserve is one of those that no firmware of today sets by the cloud."""
    return setting.reserve is not None and _SNAPPED_TO < setting.reserve < 100
