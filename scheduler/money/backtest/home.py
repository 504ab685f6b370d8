"""The home of a backtest behind its gateway: everything flows as the one physics says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from rules.battery import Bounds, Energies, Flow, Operation, run, step
from rules.domain import AppPercent, Export, GridStatus, Mode, Observation, Part, Setting
from scheduler.money.backtest.result import Flows
from scheduler.money.backtest.site import Site

FIRMWARE: Final = "1.49.0"
DELIVERED_RESERVE: Final = 20
AS_DELIVERED: Final = Setting(
    Mode.SELF_CONSUMPTION, DELIVERED_RESERVE, grid_charging=True, export=Export.SOLAR
)
_EMPTY_WH: Final = 1.0


class Home:
    """A home with a battery that lives through interval data, each interval a step of the physics.

    `setting` is what the gateway has, `settings` when it changed. Where something happens within an
    interval, that is broken in two; powers are the same in both parts. `halted` says that it
    stopped of itself, at an instant at which nothing need have changed.
    """

    def __init__(self, site: Site, setting: Setting, *, running: bool = True) -> None:
        self._site, self._battery, self._running = site, site.battery, running
        data, self._outside = site.data, site.outside
        self._solar_w, self._load_w = tuple(data.solar_w), tuple(data.load_w)
        self._start, self._seconds = data.start, data.step.total_seconds()
        self._shows = frozenset(site.levers.parts) - site.levers.unreadable
        self.at, self.end = data.start, data.end
        self.setting = setting.over(AS_DELIVERED)
        self.settings: list[tuple[datetime, Setting]] = [(self.at, self.setting)]
        self.energy_wh = self._battery.energy(site.soe)
        self.energies = Energies.empty(len(data))
        self._grid_changes = [
            change
            for outage in site.outages
            for change in (
                (outage.start, GridStatus.ISLANDED),
                (outage.end, GridStatus.TRANSITION_TO_GRID),
                (outage.joined, GridStatus.CONNECTED),
            )
        ]
        self._grid = GridStatus.CONNECTED
        self._index, self._into_s = 0, 0.0
        self.halted = False
        self._observation: Observation | None = None
        self._operation = self._governed()
        self._arrive()

    # --- what a controller sees and does ---------------------------------------------------------

    def observation(self) -> Observation:
        """All that there is to read now: powers are those until the end of the interval."""
        if self._observation is None:
            self._observation = self._look()
        return self._observation

    def put_in_effect(self, setting: Setting) -> None:
        """Take a setting; a part that is absent stays as it is."""
        after = setting.over(self.setting)
        if after != self.setting:
            self.setting = after
            self.settings.append((self.at, after))
            self._operation, self._observation = self._governed(), None

    @property
    def flows(self) -> Flows:
        """What has flowed so far."""
        return Flows(self._site, self.energies, tuple(self.settings))

    # --- time ------------------------------------------------------------------------------------

    @property
    def next_change(self) -> datetime | None:
        """When something changes by a leap: the grid, or what comes from outside."""
        outside = self._outside.next_change(self.at)
        grid = self._grid_changes[0][0] if self._grid_changes else None
        if outside is None or grid is None:
            return outside or grid
        return min(outside, grid)

    @property
    def next_interval(self) -> datetime:
        """When the next interval begins."""
        return self._instant(self._index + 1)

    def live_until(self, limit: datetime, bounds: Bounds) -> None:
        """Live on, to `limit` at most, which is not beyond the next change.

        It stops before an interval in which a bound is left, but for the one that begins now; and
        it is halted where a broken interval ends, and off the grid after each interval.
        """
        target_s = (limit - self._start).total_seconds()
        index, into_s, seconds = self._index, self._into_s, self._seconds
        whole = int(target_s // seconds)
        self.halted = False
        if into_s or whole == index:
            end_s = min(seconds, target_s - index * seconds)
            self._live_part(end_s - into_s)
            self._into_s = end_s
            if end_s == seconds:
                self._index, self._into_s = index + 1, 0.0
            self.halted = index * seconds + end_s < target_s
        else:
            self.halted = whole > index + 1 and self._grid is not GridStatus.CONNECTED
            self._index, self.energy_wh = run(
                self._battery, self.energy_wh, self._operation, self._solar_w, self._load_w,
                range(index, index + 1 if self.halted else whole), seconds, bounds, self.energies,
            )  # fmt: skip
        self.at = self._instant(self._index)
        if self._into_s:
            self.at += timedelta(seconds=self._into_s)
        self._arrive()

    def _live_part(self, seconds: float) -> None:
        flow = self._flow(seconds)
        self.energies.count(self._index, flow, seconds)
        self.energy_wh = flow.energy_wh

    def _flow(self, seconds: float) -> Flow:
        sun, load = self._solar_w[self._index], self._load_w[self._index]
        return step(self._battery, self.energy_wh, self._operation, sun, load, seconds)

    def _instant(self, index: int) -> datetime:
        return self._start + timedelta(seconds=index * self._seconds)

    # --- the present -----------------------------------------------------------------------------

    def _arrive(self) -> None:
        """Take over what has changed by now."""
        self._observation = None
        self.inputs = self._outside.at(self.at)
        while self._grid_changes and self._grid_changes[0][0] <= self.at:
            self._grid = self._grid_changes.pop(0)[1]
            self._operation = self._governed()

    def _governed(self) -> Operation:
        """What governs the battery from now on."""
        safety, said = self._site.safety, self.setting
        export = said.export or Export.SOLAR
        return Operation(
            said.mode or Mode.SELF_CONSUMPTION,
            said.reserve or 0,
            said.grid_charging is not False,
            export if export.rank <= safety.export.rank else safety.export,
            grid_up=self._grid is GridStatus.CONNECTED,
            running=self._running,
        )

    def _look(self) -> Observation:
        setting, shows = self.setting, self._shows
        index = min(self._index, len(self._load_w) - 1)
        sun, load = self._solar_w[index], self._load_w[index]
        left_s = self._seconds - self._into_s
        flow = step(self._battery, self.energy_wh, self._operation, sun, load, left_s)
        dark = self._grid is GridStatus.ISLANDED and self.energy_wh < _EMPTY_WH
        return Observation(
            self.at,
            self._battery.soe(self.energy_wh),
            flow.site_w,
            flow.battery_w,
            flow.load_w,
            flow.solar_w,
            GridStatus.WAIT_FOR_USER if dark else self._grid,
            False,  # noqa: FBT003 -- the fields of an observation, in order
            setting.mode,
            AppPercent(setting.reserve or 0),
            setting.grid_charging if Part.GRID_CHARGING in shows else None,
            setting.export if Part.EXPORT in shows else None,
            True,  # noqa: FBT003 -- as above
            FIRMWARE,
        )
