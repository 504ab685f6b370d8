"""The simulated home: battery, meters and grid, moved by the one physics in `rules.battery`.

A home has no clock. `advance_to` brings it to an instant, in steps that end at each full minute;
between two full minutes load and sun are constant. What is scheduled (the grid going and coming)
takes place at its own instant on the way. A home never goes back.

Percent is app percent here, as everywhere outside the gateway's API.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from rules.battery import POWERWALL_2, SECONDS_PER_HOUR, Battery, Flow, Operation, step
from rules.domain import AppPercent, Export, GridStatus, Mode, Setting

_LEFT_ALONE: Final = Setting()

_BATTERY_AWAY: Final = frozenset({GridStatus.MICROGRID_FAULTED, GridStatus.WAIT_FOR_USER})
"""Off the grid and without the battery: its breaker is open, or it waits for somebody."""

_MINUTE: Final = timedelta(minutes=1)
_EMPTY_WH: Final = 1.0


class LoadAndSun(Protocol):
    """What a home asks of its surroundings: powers in watts for the minute around an instant."""

    @property
    def timezone(self) -> ZoneInfo: ...
    def load_w(self, at: datetime) -> float: ...
    def solar_w(self, at: datetime) -> float: ...


class _Acting(NamedTuple):
    """A mode that the battery goes on to act by until an instant."""

    mode: Mode
    until: datetime


class Outage(NamedTuple):
    """The grid is gone from `start` to `end`, both aware instants."""

    start: datetime
    end: datetime


class GridChange(NamedTuple):
    """The grid takes this state at this instant; `scripted` ones have no consequences."""

    at: datetime
    status: GridStatus
    scripted: bool = False


@dataclass(slots=True)
class Meters:
    """What has flowed since the home began, in watt hours."""

    site_imported: float = 0.0
    site_exported: float = 0.0
    battery_charged: float = 0.0
    battery_discharged: float = 0.0
    solar: float = 0.0
    load: float = 0.0


class Home:
    """A home with a battery, from `start` (aware) on, with `soe` percent in it.

    It begins with `setting`; a part that is absent there is as delivered: self-consumption, a
    reserve of 20 %, charging from the grid, selling of the sun.
    `outages` are when the grid goes and comes back; `resync_s` is for how long the gateway then
    watches the grid before it closes the contactor. `autonomous_s` is how long the battery goes on
    as before after the mode `autonomous` was set (owners report 15 to 45 minutes); every other
    setting acts at once. While `grid_services` is set, a utility's program empties the battery
    down to the reserve at full power, whatever the mode and what may be sold (an assumption:
    programs differ).
    """

    def __init__(
        self,
        household: LoadAndSun,
        start: datetime,
        *,
        battery: Battery = POWERWALL_2,
        soe: float = 50.0,
        setting: Setting = _LEFT_ALONE,
        outages: Iterable[Outage] = (),
        resync_s: float = 60.0,
        autonomous_s: float = 1_800.0,
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("a home starts at an aware instant")
        self.household = household
        self.battery = battery
        self.at = start.astimezone(UTC)
        self.energy_wh = battery.energy(soe)
        self.mode, self.reserve = Mode.SELF_CONSUMPTION, 20
        self.grid_charging, self.export = True, Export.SOLAR
        self.running = True
        self.grid_services = False
        self.meters = Meters()
        self._resync = timedelta(seconds=resync_s)
        self._autonomous = timedelta(seconds=autonomous_s)
        self._acting: _Acting | None = None
        self._grid = GridStatus.CONNECTED
        self._changes: list[GridChange] = []
        self._on_grid_change: Callable[[GridChange], None] | None = None
        self._minute_end = self.at
        self._load_w = self._solar_w = 0.0
        self._take_over(setting)
        for outage in outages:
            self.grid_down(outage.start)
            self.grid_up(outage.end)

    @property
    def soe(self) -> AppPercent:
        """State of energy now."""
        return self.battery.soe(self.energy_wh)

    @property
    def setting(self) -> Setting:
        """The setting in effect, with all its parts."""
        return Setting(self.mode, self.reserve, self.grid_charging, self.export)

    @property
    def grid(self) -> GridStatus:
        """What the gateway says of the grid; cut off and empty, it waits for somebody."""
        if self._grid is GridStatus.ISLANDED and self.energy_wh < _EMPTY_WH:
            return GridStatus.WAIT_FOR_USER
        return self._grid

    @property
    def flow(self) -> Flow:
        """The powers at this very moment, in watts."""
        self._look_around()
        return self._step(1.0)

    def on_grid_change(self, tell: Callable[[GridChange], None]) -> None:
        """Let `tell` know each change of the grid when it takes place."""
        self._on_grid_change = tell

    def put_in_effect(self, setting: Setting) -> None:
        """From now on the battery obeys this setting; a part that is absent stays as it is.

        On the way to `autonomous` it acts by the mode before for a while.
        """
        if setting.mode is Mode.AUTONOMOUS:
            if self.mode is not Mode.AUTONOMOUS:
                self._acting = _Acting(self.mode, self.at + self._autonomous)
        elif setting.mode is not None:
            self._acting = None
        self._take_over(setting)

    def grid_down(self, at: datetime) -> None:
        """The grid goes at this instant."""
        self._schedule(GridChange(at, GridStatus.ISLANDED))

    def grid_up(self, at: datetime) -> None:
        """The grid comes back at this instant; the home joins it after the resync time."""
        self._schedule(GridChange(at, GridStatus.TRANSITION_TO_GRID))

    def grid_state(self, status: GridStatus, start: datetime, end: datetime) -> None:
        """The grid is in this state from `start` to `end`, then the home is on the grid."""
        self._schedule(GridChange(start, status, scripted=True))
        self._schedule(GridChange(end, GridStatus.CONNECTED, scripted=True))

    def advance_to(self, now: datetime) -> None:
        """Live until `now` (aware); an instant already passed changes nothing."""
        while self._changes and self._changes[0].at <= now:
            change = self._changes.pop(0)
            self._live_until(change.at)
            self._take_place(change)
        self._live_until(now)

    def _take_over(self, setting: Setting) -> None:
        if setting.mode is not None:
            self.mode = setting.mode
        if setting.reserve is not None:
            self.reserve = setting.reserve
        if setting.grid_charging is not None:
            self.grid_charging = setting.grid_charging
        if setting.export is not None:
            self.export = setting.export

    def _schedule(self, change: GridChange) -> None:
        insort(self._changes, change, key=_instant)

    def _take_place(self, change: GridChange) -> None:
        if change.scripted:
            pass
        elif change.status is GridStatus.ISLANDED:
            self._changes = [c for c in self._changes if c.status is not GridStatus.CONNECTED]
        elif change.status is GridStatus.TRANSITION_TO_GRID:
            if self._grid is not GridStatus.ISLANDED:
                return
            self._schedule(GridChange(change.at + self._resync, GridStatus.CONNECTED))
        self._grid = change.status
        if self._on_grid_change is not None:
            self._on_grid_change(change)

    def _live_until(self, instant: datetime) -> None:
        while self.at < instant:
            self._look_around()
            end = min(instant, self._minute_end)
            seconds = (end - self.at).total_seconds()
            flow = self._step(seconds)
            self.energy_wh = flow.energy_wh
            self._count(flow, seconds / SECONDS_PER_HOUR)
            self.at = end

    def _look_around(self) -> None:
        if self.at >= self._minute_end:
            minute = self.at.replace(second=0, microsecond=0)
            self._load_w = self.household.load_w(minute)
            self._solar_w = self.household.solar_w(minute)
            self._minute_end = minute + _MINUTE

    def _step(self, seconds: float) -> Flow:
        on_grid = self._grid is GridStatus.CONNECTED
        running = self.running and self._grid not in _BATTERY_AWAY
        if self.grid_services and on_grid and running:
            return self._given_away(seconds)
        mode = self.mode
        if self._acting is not None and self.at < self._acting.until:
            mode = self._acting.mode
        operation = _operation(
            mode, self.reserve, self.grid_charging, self.export, on_grid, running
        )
        return step(self.battery, self.energy_wh, operation, self._solar_w, self._load_w, seconds)

    def _given_away(self, seconds: float) -> Flow:
        """The flow while the grid gets all that the battery may give."""
        operation = Operation(Mode.SELF_CONSUMPTION, self.reserve)
        all_w = self.battery.power_w
        flow = step(self.battery, self.energy_wh, operation, 0.0, all_w, seconds)
        return replace(
            flow,
            site_w=self._load_w - self._solar_w - flow.battery_w,
            solar_w=self._solar_w,
            load_w=self._load_w,
        )

    def _count(self, flow: Flow, hours: float) -> None:
        meters = self.meters
        if flow.site_w > 0:
            meters.site_imported += flow.site_w * hours
        else:
            meters.site_exported -= flow.site_w * hours
        if flow.battery_w > 0:
            meters.battery_discharged += flow.battery_w * hours
        else:
            meters.battery_charged -= flow.battery_w * hours
        meters.solar += flow.solar_w * hours
        meters.load += flow.load_w * hours


_operation = cache(Operation)
"""One object for each of the few ways in which a battery is governed."""


def _instant(change: GridChange) -> datetime:
    return change.at
