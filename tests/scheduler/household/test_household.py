"""The simulated household is plausible, and depends on nothing but seed, place and instant."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.household import Household

ZONE = ZoneInfo("America/Los_Angeles")
SEEDS = (1, 2, 3)


def local(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZONE).astimezone(UTC)


def energy_kwh(household: Household, what: str, start: datetime, days: int) -> float:
    power: Callable[[datetime], float] = getattr(household, what)
    step = timedelta(minutes=14)
    return sum(power(start + i * step) for i in range(days * 1440 // 14)) * 14 / 60 / 1000


@pytest.mark.parametrize("seed", SEEDS)
def test_a_year_looks_like_a_californian_home(seed: int) -> None:
    home = Household(seed, ZONE)
    start = local(2026, 1, 1)
    assert 24 < energy_kwh(home, "load_w", start, 365) / 365 < 32
    assert 21 < energy_kwh(home, "solar_w", start, 365) / 365 < 30


@pytest.mark.parametrize("seed", SEEDS)
def test_summer_cools_and_winter_is_short_of_sun(seed: int) -> None:
    home = Household(seed, ZONE)
    july, april, january = (local(2026, month, 1) for month in (7, 4, 1))
    assert energy_kwh(home, "load_w", july, 30) > 1.3 * energy_kwh(home, "load_w", april, 30)
    assert energy_kwh(home, "solar_w", july, 30) > 1.6 * energy_kwh(home, "solar_w", january, 30)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_evening_is_the_peak_and_the_night_is_the_base(seed: int) -> None:
    home = Household(seed, ZONE)

    def mean(hour: int) -> float:
        days = [local(2026, 4, 1, hour) + timedelta(days=day) for day in range(28)]
        return sum(home.load_w(day + timedelta(minutes=m)) for day in days for m in range(60)) / (
            28 * 60
        )

    assert 350 <= mean(3) < 550
    assert mean(19) > 2 * mean(11)
    assert mean(19) > 3 * mean(3)


def test_the_sun_is_up_when_it_is_up() -> None:
    home = Household(1, ZONE)
    for month in range(1, 13):
        assert home.solar_w(local(2026, month, 15, 0)) == 0
        assert home.solar_w(local(2026, month, 15, 12)) > 300
    assert home.solar_w(local(2026, 12, 21, 18)) == 0
    assert home.solar_w(local(2026, 6, 21, 18)) > 0


def test_the_sun_does_not_follow_the_clock_change() -> None:
    home = Household(1, ZONE)
    before, after = datetime(2026, 3, 7, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC)

    def first_light(day: datetime) -> int:
        return next(m for m in range(12 * 60, 18 * 60) if home.solar_w(day + timedelta(minutes=m)))

    assert abs(first_light(before) - first_light(after)) <= 3


def test_panels_never_give_more_than_their_nameplate() -> None:
    home = Household(5, ZONE)
    start = local(2026, 1, 1)
    assert max(home.solar_w(start + timedelta(minutes=10 * i)) for i in range(6 * 24 * 365)) < 6_000


def test_same_seed_same_home_other_seed_other_home() -> None:
    moments = [local(2026, 7, 1) + timedelta(minutes=17 * i) for i in range(200)]
    one, again, other = Household(1, ZONE), Household(1, ZONE), Household(2, ZONE)
    assert [one.load_w(m) for m in moments] == [again.load_w(m) for m in reversed(moments)][::-1]
    assert [one.load_w(m) for m in moments] != [other.load_w(m) for m in moments]
    assert [one.solar_w(m) for m in moments] != [other.solar_w(m) for m in moments]
