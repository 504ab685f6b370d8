"""NREL's bill and battery, set up for a measured home: only where `PySAM` is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import PySAM.Battery as BatteryModule
import PySAM.Utilityrate5 as BillModule
from PySAM.BatteryTools import battery_model_sizing

from rules.battery import POWERWALL_2
from scheduler.money import MeteredEnergy

HOURS = 8760
ENDLESS = 1e38
NET_METERING, NET_BILLING = 1, 2


class Tier(NamedTuple):
    """A line of a price table: up to `kwh_a_day` of the month a kWh costs this."""

    period: int
    tier: int
    kwh_a_day: float
    buys: float
    sells: float = 0.0


def billed(
    metered: MeteredEnergy,
    tiers: Sequence[Tier],
    weekdays: Sequence[Sequence[int]],
    weekends: Sequence[Sequence[int]],
    *,
    option: int = NET_BILLING,
    sold_for: Sequence[float] | None = None,
) -> tuple[float, ...]:
    """The energy dollars of each month, from 12 x 24 numbers of periods."""
    model = BillModule.default("PVWattsResidential")
    model.Lifetime.analysis_period, model.Lifetime.system_use_lifetime_output = 1, 0
    model.Lifetime.inflation_rate = 0.0
    rates = model.ElectricityRates
    rates.rate_escalation = (0.0,)
    rates.ur_metering_option = option
    rates.ur_nb_apply_credit_current_month = 1
    rates.ur_monthly_fixed_charge = rates.ur_monthly_min_charge = 0.0
    rates.ur_annual_min_charge = 0.0
    rates.ur_dc_enable = 0
    rates.ur_ec_sched_weekday = [list(each) for each in weekdays]
    rates.ur_ec_sched_weekend = [list(each) for each in weekends]
    # 0 is kWh, 2 is kWh a day: only that makes a tier grow with the days of a month.
    rates.ur_ec_tou_mat = [
        [each.period, each.tier, each.kwh_a_day, 2 if each.kwh_a_day < ENDLESS else 0, each.buys,
         each.sells]
        for each in tiers
    ]  # fmt: skip
    rates.ur_en_ts_sell_rate = 0 if sold_for is None else 1
    if sold_for is not None:
        rates.ur_ts_sell_rate = list(sold_for)
    model.Load.load = [each / 1000 for each in metered.imported_wh]
    model.SystemOutput.gen = [each / 1000 for each in metered.exported_wh]
    model.SystemOutput.degradation = (0.0,)
    model.execute()
    return tuple(model.Outputs.year1_monthly_ec_charge_with_system)


def executed(net: MeteredEnergy, dispatched_w: Sequence[float]) -> MeteredEnergy:
    """What goes through the meter when their battery does this: positive is discharging.

    A lithium-ion battery on the AC side with the capacity and power of a Powerwall 2 and its 90 %
    in the inverter. What the cells lose on top depends on the current. Between 15 and 95 % of it is
    what a floor of 20 % leaves; ageing is left out.
    """
    model = BatteryModule.default("CustomGenerationBatteryResidential")
    model.Lifetime.analysis_period, model.Lifetime.system_use_lifetime_output = 1, 0
    model.Load.load = [each / 1000 for each in net.imported_wh]
    model.Load.load_escalation = (0.0,)
    model.SystemOutput.gen = [each / 1000 for each in net.exported_wh]
    system, cell, dispatch = model.BatterySystem, model.BatteryCell, model.BatteryDispatch
    one_way = 100 * POWERWALL_2.efficiency
    system.batt_ac_dc_efficiency = system.batt_dc_ac_efficiency = one_way
    battery_model_sizing(
        model, POWERWALL_2.power_w / 1000, POWERWALL_2.capacity_wh / 1000, 240,
        size_by_ac_not_dc=False,
    )  # fmt: skip
    system.batt_replacement_option = 0
    cell.batt_initial_SOC, cell.batt_minimum_SOC, cell.batt_maximum_SOC = 45, 15, 95
    cell.batt_calendar_choice, cell.batt_life_model = 0, 0
    cell.batt_lifetime_matrix = [
        [depth, cycles, 100] for depth in (20, 80) for cycles in (0, 1000, 10000)
    ]
    dispatch.batt_dispatch_choice = 2  # its power at every step, as the caller says
    dispatch.batt_custom_dispatch = [each / 1000 for each in dispatched_w]
    dispatch.batt_dispatch_auto_can_gridcharge = dispatch.batt_dispatch_auto_can_charge = 1
    dispatch.batt_dispatch_charge_only_system_exceeds_load = 0
    dispatch.batt_dispatch_discharge_only_load_exceeds_system = 0
    model.execute()
    found = model.Outputs
    bought = zip(found.grid_to_load[:HOURS], found.grid_to_batt[:HOURS], strict=True)
    sold = zip(found.system_to_grid[:HOURS], found.batt_to_grid[:HOURS], strict=True)
    return MeteredEnergy(
        net.start,
        net.step,
        [max(0.0, sum(each)) * 1000 for each in bought],
        [max(0.0, sum(each)) * 1000 for each in sold],
    )
