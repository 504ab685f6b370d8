"""The study that EMHASS publishes beside its forecasts, expressed in what we have.

A battery of 5 kWh and 1 kW, used between 30 and 90 %, two prices, 14 days, no sun. It says 81.8763
euros without a battery and 79.7017 at best. Prices, hours and efficiencies are the defaults that
EMHASS ships. Its load is not known here, and does not matter: the home always uses more than the
battery needs to be emptied, so a saving is the same for any. A load of one power is taken that
costs as much. How the study counts what is left in the battery at the end is not known either; here
it is as full at the end as at the beginning. That leaves half a percent of the saving.
"""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from backtesting import rules_of
from billed import own
from four_levers import FOUR_LEVERS

from rules.battery import Battery
from rules.domain import Mode, Setting
from rules.resolve import Limits
from rules.terms import BillTariff
from scheduler.domain import Safety
from scheduler.money import IntervalData
from scheduler.money.backtest import Site, backtest, without_battery
from scheduler.money.bill import BillCalculator, Plan
from scheduler.money.optimum import Costs, lever_optimum, optimum

TARIFF = """
title = "EMHASS"
source = "config_defaults.json of EMHASS 0.18"
timezone = "Europe/Paris"
currency = "EUR"
[seasons]
year = "01-01..12-31"
[[periods.year]]
period = "on-peak"
time = "02:54-15:24"
[[periods.year]]
period = "on-peak"
time = "17:24-20:24"
[[periods.year]]
period = "off-peak"
time = "20:24-02:54"
[[periods.year]]
period = "off-peak"
time = "15:24-17:24"
[[prices]]
effective = "2026-01-01"
year = { on-peak = 0.1907, off-peak = 0.1419 }
"""
BASE = """\
language = 1
timezone = "Europe/Paris"
[default]
mode = "self_consumption"
reserve = 0
"""
TWO_RULES = """
[[rule]]
name = "off-peak: fill up"
while = { time = ["20:24-02:54", "15:24-17:24"] }
set = { battery = "charge", to = 100 }
"""
USED_KWH = 5.0 * (0.9 - 0.3)
BATTERY = Battery(
    capacity_wh=1000 * USED_KWH,
    power_w=1000.0,
    charge_power_w=1000.0,
    efficiency=0.95,
    backup_grid_charge_w=1000.0,
    taper_from=1.0,
)
STEP = timedelta(minutes=6)
DAYS = 14
WITHOUT, BEST = 81.8763, 79.7017


def tariff() -> BillTariff:
    with tempfile.TemporaryDirectory() as folder:
        return own(Path(folder), TARIFF)


def test_the_study() -> None:
    plan = Plan(tariff())
    zone = plan.tariff.tariff.zone
    count = DAYS * timedelta(days=1) // STEP
    a_kilowatt = DAYS * (15.5 * 0.1907 + 8.5 * 0.1419)
    load = [1000.0 * WITHOUT / a_kilowatt] * count
    start = datetime(2026, 1, 5, tzinfo=zone)
    data = IntervalData(start, STEP, zone, load, [0.0] * count)
    calculator = BillCalculator(plan, data.start, data.step, count)
    safety = Safety(0, Setting(Mode.SELF_CONSUMPTION, 0), dwell=timedelta(0))
    site = Site(data, BATTERY, 100.0, safety, FOUR_LEVERS)
    assert calculator.bill(without_battery(site).metered).total == pytest.approx(WITHOUT)

    given = (data, Costs.of(calculator), BATTERY, Limits(reserve_floor=0), 100.0)
    least, levers = optimum(*given), lever_optimum(*given)
    # A charge of the night, and two hours of one in the afternoon, kWh that come out of it.
    out = 0.95 * (USED_KWH + 2 * 0.95)
    by_hand = DAYS * out * (0.1907 - 0.1419 / 0.95**2)
    assert least.dollars == pytest.approx(WITHOUT - by_hand, abs=1e-4)
    assert WITHOUT - least.dollars == pytest.approx(WITHOUT - BEST, rel=0.005)
    assert levers.dollars == pytest.approx(least.dollars, abs=0.005)

    rules = backtest(site, rules_of(TWO_RULES, BASE))
    assert calculator.bill(rules.flows.metered).total == pytest.approx(least.dollars, abs=0.005)
