"""The sun shines where the zone is: sunrise, sunset, seasons and the way the roof faces."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from scheduler.household import Household
from scheduler.household.place import Place, place_of

MINUTE = timedelta(minutes=1)


def light(household: Household, day: date) -> tuple[datetime, datetime]:
    """The first and the last minute of a local day in which the panels give something."""
    zone = household.timezone
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    bright = [at for count in range(1440) if household.solar_w(at := midnight + count * MINUTE) > 0]
    return bright[0].astimezone(zone), bright[-1].astimezone(zone)


def energy_kwh(household: Household, what: str, month: int) -> float:
    start = datetime(2026, month, 1, tzinfo=UTC)
    power = getattr(household, what)
    return sum(float(power(start + count * 14 * MINUTE)) for count in range(28 * 102)) * 14 / 60e3


@pytest.mark.parametrize(
    ("zone", "day", "sunrise", "sunset"),
    [
        # As almanacs print them, to the minute.
        ("America/Los_Angeles", "2026-06-21", "05:42", "20:08"),
        ("Europe/London", "2026-06-21", "04:43", "21:21"),
        ("Europe/Zurich", "2026-12-21", "08:10", "16:37"),
        ("Australia/Sydney", "2026-01-15", "05:59", "20:08"),
        ("Australia/Sydney", "2026-07-15", "06:58", "17:04"),
        ("Pacific/Auckland", "2026-12-22", "05:58", "20:40"),
        ("Asia/Kolkata", "2026-06-21", "04:52", "18:23"),
        ("Africa/Nairobi", "2026-03-20", "06:36", "18:42"),
    ],
)
def test_the_sun_rises_and_sets_as_it_does_there(
    zone: str, day: str, sunrise: str, sunset: str
) -> None:
    first, last = light(Household.in_zone(1, ZoneInfo(zone)), date.fromisoformat(day))
    rises, sets = (
        datetime.fromisoformat(f"{day} {each}").replace(tzinfo=ZoneInfo(zone))
        for each in (sunrise, sunset)
    )
    # The panels give nothing while the sun is on the horizon: a few minutes at either end.
    assert timedelta(0) <= first - rises < timedelta(minutes=15)
    assert timedelta(0) <= sets - last < timedelta(minutes=15)
    assert abs((first - rises) - (sets - last)) < timedelta(minutes=6)


def test_south_of_the_equator_summer_is_in_january() -> None:
    home = Household.in_zone(1, ZoneInfo("Australia/Sydney"))
    assert energy_kwh(home, "solar_w", 1) > 1.5 * energy_kwh(home, "solar_w", 7)
    assert energy_kwh(home, "load_w", 1) > 1.2 * energy_kwh(home, "load_w", 10)


@pytest.mark.parametrize("what", ["solar_w", "load_w"])
@pytest.mark.parametrize("month", [1, 4, 7])
def test_the_south_is_the_north_half_a_year_later(what: str, month: int) -> None:
    zone = ZoneInfo("UTC")
    north = [energy_kwh(Household(seed, zone, 35, 0), what, month) for seed in range(4)]
    south = [
        energy_kwh(Household(seed, zone, -35, 0), what, (month + 5) % 12 + 1) for seed in range(4)
    ]
    assert sum(south) == pytest.approx(sum(north), rel=0.12)


def test_every_zone_has_a_place_on_earth_near_its_own_time() -> None:
    for name in available_timezones() - {"localtime", "Factory"}:
        latitude, longitude = place_of(ZoneInfo(name))
        assert -90 < latitude < 90, name
        assert -180 <= longitude <= 180 or name.startswith("Etc/"), name


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("America/Los_Angeles", Place(34.05, -118.24)),  # with seconds
        ("Europe/Zurich", Place(47.38, 8.53)),
        ("America/Sao_Paulo", Place(-23.53, -46.62)),
        ("US/Pacific", Place(34.05, -118.24)),  # a link
        ("Europe/Oslo", Place(59.92, 10.75)),  # a link to Berlin with a place of its own
        ("UTC", Place(35, 0)),
        ("Etc/GMT+8", Place(35, -120)),
    ],
)
def test_places(name: str, place: Place) -> None:
    assert place_of(ZoneInfo(name)) == pytest.approx(place, abs=0.01)
