"""How a Powerwall moves energy under a setting: the one physics in the project.

The simulated gateway, backtest and the flapping proof all step this model. Figures are those of
one Powerwall 2: data sheet for energy, power and the backup grid-charging limit. From field reports
come the power of charging below the reserve (about 1.7 kW, with grid charging off too:
jasonacox/pypowerwall 84 and 204, netzero 29 and 152; netzero 274 saw none), that backup without
grid charging takes the sun and keeps what it has whatever the reserve (netzero's documentation),
and the taper near full, which Tesla does not publish and which is therefore a parameter.

What may be sold is `Export`. In self-consumption and backup the battery never discharges more than
the home uses, so only `NEVER` makes a difference: sun that neither home nor battery takes is
curtailed. That a time-based control may sell from the battery is left out with its forecast: the
model of autonomous is that of self-consumption. That sun is curtailed beside a battery that stands
still is an assumption.

Energy is usable energy in watt hours: 0 is what the app shows as 0 %, `capacity_wh` as 100 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from rules.domain import AppPercent, Export, Mode

SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Battery:
    """One Powerwall 2, or several as one (scale the figures).

    Efficiency is one way: the square root of the 90 % AC round trip of a new unit. From
    `taper_from` (share of capacity) upwards the charging power falls linearly to
    `taper_power_w` at full.
    """

    capacity_wh: float = 13_500.0
    power_w: float = 5_000.0
    efficiency: float = math.sqrt(0.9)
    backup_grid_charge_w: float = 3_300.0
    reserve_grid_charge_w: float = 1_700.0
    taper_from: float = 0.95
    taper_power_w: float = 1_000.0

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
            return self.power_w
        left = max(0.0, (1.0 - share) / (1.0 - self.taper_from))
        return self.taper_power_w + (self.power_w - self.taper_power_w) * left


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
    return (charge_w * battery.efficiency - discharge_w / battery.efficiency) * hours
