"""The house of a test and its gateway, which takes every write at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from rules.battery import Battery, Flow, Operation, step
from rules.domain import Export, GridStatus, Mode, Observation, Part, Setting
from rules.inputs import NO_INPUTS, DatedValue, Inputs
from rules.resolve import Levers
from rules.testing import BY_ITSELF, House, Series, SimulatedHome

FIRMWARE: Final = "1.49.0"
LONGEST_STEP: Final = timedelta(minutes=5)
"""Of the physics: means over more than that would hide a reserve that is reached half-way."""

_FOREVER: Final = datetime.max.replace(tzinfo=UTC)


class LoadAndSun(Protocol):
    """What a simulated home asks of its surroundings: watts for the minute around an instant."""

    def load_w(self, at: datetime) -> float: ...
    def solar_w(self, at: datetime) -> float: ...


MakeHousehold = Callable[[SimulatedHome, ZoneInfo], LoadAndSun]
"""Makes the load and the sun of a simulated home in a time zone."""


class World:
    """A house at one moment after the other; `setting` is what the gateway has."""

    def __init__(self, house: House, levers: Levers, household: LoadAndSun | None) -> None:
        self._house, self._household = house, household
        self._shows_grid_charging = Part.GRID_CHARGING in levers.parts
        self._shows_export = Part.EXPORT in levers.parts
        self.setting = house.settings[0][1]
        self.at = house.settings[0][0]
        self._settings = list(house.settings[1:])
        self._measured: dict[str, Any] = {}  # by the names of an observation's fields
        self._moving: list[tuple[str, Series]] = []
        self._fixed_until: datetime | None = None
        self.inputs: Inputs = NO_INPUTS
        self._inputs_move = False
        self._battery = Battery()
        self._energy_wh = self._battery.energy(house.home.soe) if house.home else 0.0
        self._flow: Flow | None = None
        self._operation: Operation | None = None

    @property
    def moves(self) -> bool:
        """Something is otherwise at the next instant, whichever that is."""
        return self._household is not None or bool(self._moving) or self._inputs_move

    @property
    def next_change(self) -> datetime | None:
        """When something changes by a leap."""
        return self._fixed_until

    def move_to(self, now: datetime) -> None:
        """Live until an instant, and be there."""
        if self._household is not None:
            self._live_until(now)
        self.at = now
        if self._fixed_until is None or now >= self._fixed_until:
            self._look_around(now)
        for name, series in self._moving:
            self._measured[name] = series.at(now)
        if self._inputs_move:
            self.inputs = self._inputs_at(now)
        if self._household is not None and self._flow is None:
            self._flow = self._step(now, 1.0)

    def put_in_effect(self, setting: Setting) -> None:
        """The gateway takes a setting; a part that is absent stays as it is."""
        self.setting = setting.over(self.setting)
        self._operation = None

    def observation(self) -> Observation:
        """All that there is to read."""
        found, setting = self._measured, self.setting
        flow = self._flow
        if flow is not None:
            soe: Any = 100.0 * self._energy_wh / self._battery.capacity_wh
            site: Any = flow.site_w
            battery, load, solar = flow.battery_w, flow.load_w, flow.solar_w
        else:
            soe, battery = found["soe"], found["battery_power"]
            load, solar = found["load_power"], found["solar_power"]
            site = found["site_power"]
            if site is BY_ITSELF:
                known = None not in (load, solar, battery)
                site = load - solar - battery if known else None
        return Observation(
            self.at,
            soe,
            site,
            battery,
            load,
            solar,
            found["grid"],
            found["grid_services"],
            setting.mode,
            setting.reserve,  # type: ignore[arg-type]  # app percent, as settings are
            setting.grid_charging if self._shows_grid_charging else None,
            setting.export if self._shows_export else None,
            True,  # noqa: FBT003 -- the fields of an observation, in order
            FIRMWARE,
        )

    # --- what changes by itself ------------------------------------------------------------------

    def _look_around(self, now: datetime) -> None:
        """Take over every value as of now; until when those that do not move stay."""
        house = self._house
        self._operation = None
        while self._settings and self._settings[0][0] <= now:
            self.put_in_effect(self._settings.pop(0)[1])
        self._moving = []
        for quantity, series in house.quantities.items():
            self._measured[quantity.value] = series.at(now)
            if series.moves(now):
                self._moving.append((quantity.value, series))
        self._inputs_move = any(series.moves(now) for series in house.values.values())
        self.inputs = self._inputs_at(now)
        every = [
            *house.quantities.values(), *house.flags.values(), *house.values.values(), house.prices,
        ]  # fmt: skip
        changes = [change for each in every if (change := each.next_change(now)) is not None]
        if self._settings:
            changes.append(self._settings[0][0])
        self._fixed_until = min(changes, default=_FOREVER)

    def _inputs_at(self, now: datetime) -> Inputs:
        flags: dict[str, datetime | None] = {}
        for name, series in self._house.flags.items():
            said: Any = series.at(now)
            if said is not None:
                flags[name] = None if said is True else said
        values: dict[str, DatedValue] = {}
        for name, series in self._house.values.items():
            value: Any = series.at(now)
            if isinstance(value, DatedValue):
                values[name] = value
            elif value is not None:
                values[name] = DatedValue(value, now)
        prices: Any = self._house.prices.at(now)
        return Inputs(flags, values, prices)

    # --- the simulated home ----------------------------------------------------------------------

    def _live_until(self, now: datetime) -> None:
        at = self.at
        while at < now and self._measured:
            end = min(now, at + LONGEST_STEP)
            flow = self._step(at, (end - at).total_seconds())
            self._flow, self._energy_wh, at = flow, flow.energy_wh, end

    def _step(self, at: datetime, seconds: float) -> Flow:
        household, found = self._household, self._measured
        if household is None:
            raise ValueError("only a simulated home moves")
        load, solar = found["load_power"], found["solar_power"]
        if load is BY_ITSELF:
            load = household.load_w(at)
        if solar is BY_ITSELF:
            solar = household.solar_w(at)
        return step(self._battery, self._energy_wh, self._governed(), solar, load, seconds)

    def _governed(self) -> Operation:
        """What governs the battery; made anew after a write, and where a value has leapt."""
        if self._operation is None:
            setting, grid = self.setting, self._measured["grid"]
            self._operation = Operation(
                setting.mode or Mode.SELF_CONSUMPTION,
                setting.reserve or 0,
                setting.grid_charging is not False,
                setting.export or Export.SOLAR,
                grid_up=not (isinstance(grid, GridStatus) and not grid.up),
            )
        return self._operation
