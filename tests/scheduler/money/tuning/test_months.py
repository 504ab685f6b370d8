"""Many policies over many months at once cost what the physics says that each costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.battery import Battery, Operation, step
from rules.domain import Mode
from scheduler.money.tuning.months import WARM_UP, HourlyYear, Months

BATTERY = Battery(taper_from=1.0)
FLOOR = BATTERY.energy(20)
HOURS = 6 * 24
HOLD = Operation(Mode.BACKUP, 100.0, grid_charging=False)
BUY = Operation(Mode.BACKUP, 100.0)


def year(seed: int, months: int = 2) -> HourlyYear:
    """Months of chance, in which every hour of the day is a situation of its own."""
    chance = np.random.default_rng(seed)
    count = months * HOURS
    hour = np.arange(count) % 24
    sun = np.sin((hour - 6) / 12 * np.pi).clip(0) * chance.uniform(0, 7000, count)
    bought = chance.choice([0.2, 0.3, 0.6], count) / 1000
    return HourlyYear(
        chance.uniform(0, 7000, count) * (chance.random(count) > 0.1),
        sun,
        bought,
        bought * chance.uniform(0.1, 1.5, count),
        hour,
        np.arange(count) // HOURS,
    )


def lived(given_year: HourlyYear, month: int, keep: list[float], buy_to: list[float]) -> float:
    """The bill of a month by `rules.battery.step`, told hour by hour of 48 levels:
    for each hour while the battery has not been full since ten o'clock, then once it has.
    """
    hours = np.flatnonzero(given_year.month == month)
    energy, dollars, been_full = FLOOR, 0.0, False
    for place, index in enumerate([*hours[-WARM_UP:], *hours]):
        load, sun = float(given_year.load[index]), float(given_year.sun[index])
        hour = int(given_year.situation[index])
        been_full = energy >= BATTERY.energy(95) or (been_full and hour != 10)
        hour += 24 * been_full
        watt_hours = 0.0
        for operation, seconds in told(energy, keep[hour], buy_to[hour], load - sun):
            flow = step(BATTERY, energy, operation, sun, load, seconds)
            energy = flow.energy_wh
            watt_hours += flow.site_w * seconds / 3600.0
        price = given_year.bought if watt_hours > 0.0 else given_year.sold
        dollars += float(price[index]) * watt_hours if place >= WARM_UP else 0.0
    return dollars


def told(energy: float, keep: float, buy_to: float, net_w: float) -> list[tuple[Operation, float]]:
    if buy_to > energy:
        power = min(max(0.0, -net_w) + 3300.0, 5000.0)
        seconds = 3600 * min(1.0, (buy_to - energy) / BATTERY.efficiency / power)
        return [(BUY, seconds), *([(HOLD, 3600 - seconds)] if seconds < 3600 else [])]
    if keep > energy:
        return [(HOLD, 3600.0)]
    return [(Operation(Mode.SELF_CONSUMPTION, 100 * keep / BATTERY.capacity_wh), 3600.0)]


LEVEL = st.one_of(
    st.tuples(st.just(FLOOR), st.just(0.0)),
    st.tuples(st.just(np.inf), st.just(0.0)),
    st.tuples(st.integers(20, 80).map(BATTERY.energy), st.just(0.0)),
    st.tuples(st.just(np.inf), st.integers(20, 100).map(BATTERY.energy)),
)


@settings(max_examples=25)
@given(st.integers(0, 4), st.lists(st.lists(LEVEL, min_size=48, max_size=48), max_size=3))
def test_lanes_cost_what_the_physics_says(
    seed: int, policies: list[list[tuple[float, float]]]
) -> None:
    whole = year(seed)
    months = Months(whole, [0, 1], BATTERY, FLOOR, may_buy=True)
    keep = np.array([[level[0] for level in policy] for policy in policies]).reshape(-1, 48)
    buy_to = np.array([[level[1] for level in policy] for policy in policies]).reshape(-1, 48)
    found = months.by_month(keep, buy_to)
    assert found.shape == (len(policies), 2)
    for row, kept, bought in zip(found, keep.tolist(), buy_to.tolist(), strict=True):
        by_physics = [lived(whole, each, kept, bought) for each in (0, 1)]
        assert row == pytest.approx(by_physics, abs=0.002)


def test_where_nothing_may_be_bought_nothing_is() -> None:
    whole = year(1)
    keep, buy_to = np.full((1, 48), FLOOR), np.zeros((1, 48))
    buy_to[0, [4, 5, 28, 29]] = BATTERY.capacity_wh
    held = Months(whole, [0], BATTERY, FLOOR, may_buy=False)
    assert held.dollars(keep, buy_to) == held.dollars(keep, 0.0 * buy_to)


def test_shifted_loads_are_as_many_as_the_months_say() -> None:
    whole = year(2)
    months = Months(whole, [0, 1], BATTERY, FLOOR, may_buy=True, shifts=(0, -7, 7))
    keep, buy_to = np.full((1, 48), FLOOR), np.zeros((1, 48))
    assert months.by_month(keep, buy_to).shape == (1, 2)
    plain = Months(whole, [0, 1], BATTERY, FLOOR, may_buy=True)
    assert months.dollars(keep, buy_to) != plain.dollars(keep, buy_to)
