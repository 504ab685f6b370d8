"""Many batteries at once move as the one physics says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.battery import Battery, Operation, step
from rules.domain import Mode
from scheduler.money.lanes import Course, Interval

WATTS = st.one_of(st.just(0.0), st.floats(0.0, 9000.0))
ENERGY = st.one_of(st.just(13_500.0), st.floats(0.0, 13_500.0))
HOLD = Operation(Mode.BACKUP, 100.0, grid_charging=False)
BUY = Operation(Mode.BACKUP, 100.0)


def moved(
    battery: Battery, energy: float, keep: float, buy_to: float, net_w: float, seconds: float
) -> tuple[float, float]:
    course = Course(battery, seconds)
    interval = Interval(max(0.0, net_w) * course.hours, max(0.0, -net_w) * course.hours)
    found = course.move(np.array([energy]), np.array([keep]), np.array([buy_to]), interval)
    through_meter = found.imported(interval) - found.exported(interval)
    return float(found.energy[0]), float(through_meter[0])


@given(ENERGY, WATTS, WATTS, st.integers(0, 80), st.sampled_from([300.0, 900.0, 3600.0]))
def test_using_and_holding_are_steps_of_the_physics(
    energy: float, load: float, sun: float, reserve: int, seconds: float
) -> None:
    battery = Battery()
    reserve = min(reserve, int(battery.soe(energy)))
    for operation, keep in (
        (Operation(Mode.SELF_CONSUMPTION, reserve), battery.energy(reserve)),
        (HOLD, np.inf),
    ):
        flow = step(battery, energy, operation, sun, load, seconds)
        after, through_meter = moved(battery, energy, keep, 0.0, load - sun, seconds)
        assert after == pytest.approx(flow.energy_wh, abs=1e-6)
        assert through_meter == pytest.approx(flow.site_w * seconds / 3600.0, abs=1e-6)


@given(ENERGY, WATTS, WATTS, st.integers(1, 100), st.sampled_from([300.0, 900.0, 3600.0]))
def test_buying_to_a_level_is_buying_and_then_holding(
    energy: float, load: float, sun: float, level: int, seconds: float
) -> None:
    battery = Battery(taper_from=1.0)
    power = min(max(0.0, sun - load) + battery.backup_grid_charge_w, battery.charge_power_w)
    missing = max(0.0, battery.energy(level) - energy)
    until = min(seconds, 3600.0 * missing / (battery.efficiency * power))
    now, site = energy, 0.0
    for operation, lasting in ((BUY, until), (HOLD, seconds - until)):
        if lasting > 0.0:
            flow = step(battery, now, operation, sun, load, lasting)
            now, site = flow.energy_wh, site + flow.site_w * lasting / 3600.0
    after, through_meter = moved(
        battery, energy, np.inf, battery.energy(level), load - sun, seconds
    )
    assert after == pytest.approx(now, abs=1e-6)
    assert through_meter == pytest.approx(site, abs=1e-6)
