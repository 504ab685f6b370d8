"""How a Powerwall moves energy under a setting: the one physics in the project.

The simulated gateway, backtest and the flapping proof all step this model: `step` by step, or many
steps at once by `run`, which is the same model over plain numbers. The battery itself is described
by `Battery`, with a source for each figure. From field reports come that backup without grid
charging takes the sun and keeps what it has whatever the reserve (netzero's documentation), and
that a battery below its reserve is charged with grid charging off too (netzero 152; netzero 274
saw none).

What may be sold is `Export`. In self-consumption and backup the battery never discharges more than
the home uses, so only `NEVER` makes a difference: sun that neither home nor battery takes is
curtailed. That a time-based control may sell from the battery is left out with its forecast: the
model of autonomous is that of self-consumption. That sun is curtailed beside a battery that stands
still is an assumption.

Energy is usable energy in watt hours: 0 is what the app shows as 0 %, `capacity_wh` as 100 %.
"""

from __future__ import annotations

# ruff: noqa: PLR1730 -- in a loop without calls: min and max would take half of its time
import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, Self

from rules.domain import AppPercent, Export, Mode

SECONDS_PER_HOUR = 3600.0

MOST_UNITS: Final = 10
"""Powerwalls behind one gateway: Tesla's limit for Powerwall 2."""


@dataclass(frozen=True, slots=True)
class Battery:
    """One Powerwall 2, or what other figures make of it; `scaled` makes several of one.

    * `capacity_wh` 13.5 kWh usable, `power_w` and `charge_power_w` 5 kW each way: the data sheet of
      Powerwall 2.
    * `efficiency` is one way: the square root of the 90 % AC round trip of a new unit (data sheet).
    * `backup_grid_charge_w`: in backup at most 3.3 kW are bought for a unit (a footnote of the data
      sheet; 3.35 to 3.7 kW in the field: netzero 3, pypowerwall 204).
    * `reserve_grid_charge_w`: below the reserve a unit is charged with about 1.7 kW (1.67 to
      1.85 kW: pypowerwall 84 and 204, netzero 29).
    * `taper_from`, `taper_power_w`: from that share of capacity upwards the charging power falls
      linearly to this at full. Tesla publishes nothing about it; both are assumed.
    * `standby_w` is what a running unit draws from itself all the time. No figure is known, and it
      is 0 unless said; owners who want to know what it may cost try 25 to 50 W.
    """

    capacity_wh: float = 13_500.0
    power_w: float = 5_000.0
    charge_power_w: float = 5_000.0
    efficiency: float = math.sqrt(0.9)
    backup_grid_charge_w: float = 3_300.0
    reserve_grid_charge_w: float = 1_700.0
    taper_from: float = 0.95
    taper_power_w: float = 1_000.0
    standby_w: float = 0.0

    def scaled(self, units: int) -> Self:
        """So many of these as one. Raises `ValueError` for fewer than 1 or more than 10."""
        if not 1 <= units <= MOST_UNITS:
            raise ValueError(f"1 to {MOST_UNITS} Powerwalls make a site, got {units}")
        return replace(
            self,
            capacity_wh=self.capacity_wh * units,
            power_w=self.power_w * units,
            charge_power_w=self.charge_power_w * units,
            backup_grid_charge_w=self.backup_grid_charge_w * units,
            reserve_grid_charge_w=self.reserve_grid_charge_w * units,
            taper_power_w=self.taper_power_w * units,
            standby_w=self.standby_w * units,
        )

    def soe(self, energy_wh: float) -> AppPercent:
        """State of energy in app percent."""
        return AppPercent(100.0 * energy_wh / self.capacity_wh)

    def energy(self, percent: float) -> float:
        """Usable watt hours at a state of energy given in app percent."""
        return percent / 100.0 * self.capacity_wh

    def charge_limit(self, energy_wh: float) -> float:
        """Largest charging power in watts that the pack accepts at this energy."""
        share = energy_wh / self.capacity_wh
        if share <= self.taper_from:
            return self.charge_power_w
        left = max(0.0, (1.0 - share) / (1.0 - self.taper_from))
        return self.taper_power_w + (self.charge_power_w - self.taper_power_w) * left


POWERWALL_2: Final = Battery()

POWERWALL_3: Final = Battery(
    power_w=11_500.0, efficiency=math.sqrt(0.89), taper_from=0.8, taper_power_w=1_000.0
)
"""One Powerwall 3. Tesla's installation manual: 13.5 kWh, 11.5 kW, charged with 5 kW at most, 89 %
from the sun through the battery to the grid. In backup 3.3 kW are bought and far less from 80 % on,
below the reserve 1.7 kW (batpred 2954; how far it falls is assumed). That the sun reaches it in DC
is not modelled."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What governs the battery during a step: the setting in effect and the state of the world.

    `reserve` is app percent, 0..100. `running` is false while the battery is stopped.
    """

    mode: Mode
    reserve: float
    grid_charging: bool = True
    export: Export = Export.SOLAR
    grid_up: bool = True
    running: bool = True


@dataclass(frozen=True, slots=True)
class Flow:
    """Mean powers over a step in watts (gateway's signs) and the energy at its end in Wh.

    `solar_w` and `load_w` are what was produced and served. Sun is curtailed when the pack is full
    and there is no grid or nothing may be sold to it; off the grid, load is not served when the
    pack is empty.
    """

    site_w: float
    battery_w: float
    solar_w: float
    load_w: float
    energy_wh: float


ANY: Final = (-math.inf, math.inf)
"""An interval that nothing leaves."""


class Bounds(NamedTuple):
    """Half-open intervals within which a run goes on: app percent, and watts as in `Flow`."""

    soe: tuple[float, float] = ANY
    site_w: tuple[float, float] = ANY
    battery_w: tuple[float, float] = ANY
    load_w: tuple[float, float] = ANY
    solar_w: tuple[float, float] = ANY


@dataclass(frozen=True, slots=True)
class Energies:
    """Watt hours by step, all positive: through the meter, through the battery, sun and load.

    `solar` and `load` are what was produced and served; `stored` is what is in the battery at the
    end of the step.
    """

    imported: array[float]
    exported: array[float]
    charged: array[float]
    discharged: array[float]
    solar: array[float]
    load: array[float]
    stored: array[float]

    @classmethod
    def empty(cls, steps: int) -> Self:
        """So many steps in which nothing has flowed yet."""
        return cls(*(array("d", bytes(8 * steps)) for _ in range(7)))

    def count(self, index: int, flow: Flow, seconds: float) -> None:
        """Add a flow to a step; `stored` becomes what is in the battery at its end."""
        hours = seconds / SECONDS_PER_HOUR
        if flow.site_w > 0.0:
            self.imported[index] += flow.site_w * hours
        else:
            self.exported[index] -= flow.site_w * hours
        if flow.battery_w > 0.0:
            self.discharged[index] += flow.battery_w * hours
        else:
            self.charged[index] -= flow.battery_w * hours
        self.solar[index] += flow.solar_w * hours
        self.load[index] += flow.load_w * hours
        self.stored[index] = flow.energy_wh


def step(
    battery: Battery,
    energy_wh: float,
    operation: Operation,
    solar_w: float,
    load_w: float,
    seconds: float,
) -> Flow:
    """Advance by `seconds` of constant sun and load; limits reached on the way shorten the flow.

    Steps of a few minutes at most keep the mean powers honest: a reserve that is reached half-way
    shows as half the power, not as a switch in the middle.

    The more energy there is, the less is charged and the more discharged, all else being equal:
    `battery_w` never falls as `energy_wh` grows.
    """
    hours = seconds / SECONDS_PER_HOUR
    if not operation.running:
        return _without_battery(operation, energy_wh, solar_w, load_w)
    net_w = load_w - solar_w
    room_w = (battery.capacity_wh - energy_wh) / battery.efficiency / hours
    charge_limit = min(battery.charge_limit(energy_wh), room_w)
    if not operation.grid_up:
        return _islanded(battery, energy_wh, solar_w, load_w, charge_limit, hours)

    floor_wh = battery.energy(operation.reserve)
    surplus_w = max(0.0, -net_w)
    charge_w = min(surplus_w, charge_limit)
    discharge_w = 0.0
    if operation.mode is Mode.BACKUP:
        if operation.grid_charging:
            charge_w = min(surplus_w + battery.backup_grid_charge_w, charge_limit)
    elif energy_wh < floor_wh:
        to_floor_w = (floor_wh - energy_wh) / battery.efficiency / hours
        from_grid_w = min(battery.reserve_grid_charge_w, to_floor_w)
        charge_w = min(max(surplus_w, from_grid_w), charge_limit)
    elif net_w > 0:
        above_floor_w = (energy_wh - floor_wh) * battery.efficiency / hours
        discharge_w = min(net_w, battery.power_w, above_floor_w)
    unsold_w = max(0.0, surplus_w - charge_w) if operation.export is Export.NEVER else 0.0
    return Flow(
        site_w=net_w + charge_w - discharge_w + unsold_w,
        battery_w=discharge_w - charge_w,
        solar_w=solar_w - unsold_w,
        load_w=load_w,
        energy_wh=_after(battery, energy_wh, charge_w, discharge_w, hours),
    )


def run(
    battery: Battery,
    energy_wh: float,
    operation: Operation,
    solar_w: Sequence[float],
    load_w: Sequence[float],
    steps: range,
    seconds: float,
    bounds: Bounds,
    energies: Energies,
) -> tuple[int, float]:
    """Make these steps under one operation, as `step` would, and put down what flows in each.

    `steps` are indices into sun and load, one after the other; `seconds` is the length of each. The
    first is made in any case; before each of the others the state of energy, and the powers that
    the step would have, are held against the bounds, and where one is left the run ends. Returns
    the index of the first step that was not made, and the energy before it.
    """
    if operation.grid_up and operation.running:
        return _run_on_grid(
            battery, energy_wh, operation, solar_w, load_w, steps, seconds, bounds, energies
        )
    for index in steps:
        flow = step(battery, energy_wh, operation, solar_w[index], load_w[index], seconds)
        if index != steps.start and not _is_within(battery.soe(energy_wh), flow, bounds):
            return index, energy_wh
        energies.count(index, flow, seconds)
        energy_wh = flow.energy_wh
    return steps.stop, energy_wh


def _is_within(soe: float, flow: Flow, bounds: Bounds) -> bool:
    return all(
        low <= value < high
        for value, (low, high) in zip(
            (soe, flow.site_w, flow.battery_w, flow.load_w, flow.solar_w), bounds, strict=True
        )
    )


def _run_on_grid(  # noqa: C901, PLR0912, PLR0915 -- one loop without calls, or a year takes long
    battery: Battery,
    energy_wh: float,
    operation: Operation,
    solar_w: Sequence[float],
    load_w: Sequence[float],
    steps: range,
    seconds: float,
    bounds: Bounds,
    energies: Energies,
) -> tuple[int, float]:
    """The run of a battery on the grid: `step`, unrolled over plain numbers."""
    hours, floor_wh = seconds / SECONDS_PER_HOUR, battery.energy(operation.reserve)
    backup, curtails = operation.mode is Mode.BACKUP, operation.export is Export.NEVER
    bought_w = battery.backup_grid_charge_w if operation.grid_charging else 0.0
    capacity, power_w, efficiency = battery.capacity_wh, battery.power_w, battery.efficiency
    charge_power_w, taper_from = battery.charge_power_w, battery.taper_from
    taper_power_w, standby_w = battery.taper_power_w, battery.standby_w
    reserve_grid_charge_w = battery.reserve_grid_charge_w
    imported, exported, charged, discharged, solar, load, stored = (
        energies.imported, energies.exported, energies.charged, energies.discharged,
        energies.solar, energies.load, energies.stored,
    )  # fmt: skip
    soe_low, soe_high = bounds.soe
    watched = bounds[1:] != (ANY, ANY, ANY, ANY)
    (site_low, site_high), (battery_low, battery_high) = bounds.site_w, bounds.battery_w
    (load_low, load_high), (solar_low, solar_high) = bounds.load_w, bounds.solar_w
    first = steps.start
    for index in steps:
        soe = 100.0 * energy_wh / capacity
        if not soe_low <= soe < soe_high and index != first:
            return index, energy_wh
        sun_w, used_w = solar_w[index], load_w[index]
        net_w = used_w - sun_w
        surplus_w = -net_w if net_w < 0.0 else 0.0
        charge_w = surplus_w
        discharge_w = 0.0
        if backup:
            charge_w += bought_w
        elif energy_wh < floor_wh:
            from_grid_w = (floor_wh - energy_wh) / efficiency / hours
            if from_grid_w > reserve_grid_charge_w:
                from_grid_w = reserve_grid_charge_w
            if from_grid_w > charge_w:
                charge_w = from_grid_w
        elif net_w > 0.0:
            discharge_w = (energy_wh - floor_wh) * efficiency / hours
            if discharge_w > power_w:
                discharge_w = power_w
            if discharge_w > net_w:
                discharge_w = net_w
        if charge_w > 0.0:
            share = energy_wh / capacity
            limit_w = charge_power_w
            if share > taper_from:
                left = (1.0 - share) / (1.0 - taper_from)
                limit_w = taper_power_w + (charge_power_w - taper_power_w) * max(0.0, left)
            room_w = (capacity - energy_wh) / efficiency / hours
            if room_w < limit_w:
                limit_w = room_w
            if charge_w > limit_w:
                charge_w = limit_w
        site_w = net_w + charge_w - discharge_w
        if curtails and surplus_w > charge_w:
            site_w += surplus_w - charge_w
            sun_w -= surplus_w - charge_w
        if watched and index != first:
            battery_w = discharge_w - charge_w
            if not (
                site_low <= site_w < site_high
                and battery_low <= battery_w < battery_high
                and load_low <= used_w < load_high
                and solar_low <= sun_w < solar_high
            ):
                return index, energy_wh
        if site_w > 0.0:
            imported[index] = site_w * hours
        else:
            exported[index] = -site_w * hours
        if discharge_w > 0.0:
            discharged[index] = discharge_w * hours
        else:
            charged[index] = charge_w * hours
        solar[index], load[index] = sun_w * hours, used_w * hours
        stored_w = charge_w * efficiency - discharge_w / efficiency - standby_w
        energy_wh += stored_w * hours
        if energy_wh > capacity:
            energy_wh = capacity
        elif energy_wh < 0.0:
            energy_wh = 0.0
        stored[index] = energy_wh
    return steps.stop, energy_wh


def gained(battery: Battery, battery_w: float, seconds: float) -> float:
    """By how many watt hours the energy grows in a step at this power of the battery."""
    charge_w, discharge_w = max(0.0, -battery_w), max(0.0, battery_w)
    return _stored(battery, charge_w, discharge_w, seconds / SECONDS_PER_HOUR)


def _islanded(
    battery: Battery,
    energy_wh: float,
    solar_w: float,
    load_w: float,
    charge_limit: float,
    hours: float,
) -> Flow:
    """Off the grid the reserve is there to be used, and the battery alone balances the home."""
    discharge_limit = min(battery.power_w, energy_wh * battery.efficiency / hours)
    served_w = min(load_w, solar_w + discharge_limit)
    used_solar_w = min(solar_w, served_w + charge_limit)
    charge_w = max(0.0, used_solar_w - served_w)
    discharge_w = max(0.0, served_w - used_solar_w)
    return Flow(
        site_w=0.0,
        battery_w=discharge_w - charge_w,
        solar_w=used_solar_w,
        load_w=served_w,
        energy_wh=_after(battery, energy_wh, charge_w, discharge_w, hours),
    )


def _without_battery(operation: Operation, energy_wh: float, solar_w: float, load_w: float) -> Flow:
    """A stopped battery neither charges, discharges nor backs the home up."""
    if not operation.grid_up:
        return Flow(site_w=0.0, battery_w=0.0, solar_w=0.0, load_w=0.0, energy_wh=energy_wh)
    used_solar_w = min(solar_w, load_w) if operation.export is Export.NEVER else solar_w
    return Flow(
        site_w=load_w - used_solar_w,
        battery_w=0.0,
        solar_w=used_solar_w,
        load_w=load_w,
        energy_wh=energy_wh,
    )


def _after(
    battery: Battery, energy_wh: float, charge_w: float, discharge_w: float, hours: float
) -> float:
    after = energy_wh + _stored(battery, charge_w, discharge_w, hours)
    return min(battery.capacity_wh, max(0.0, after))


def _stored(battery: Battery, charge_w: float, discharge_w: float, hours: float) -> float:
    stored_w = charge_w * battery.efficiency - discharge_w / battery.efficiency
    return (stored_w - battery.standby_w) * hours
