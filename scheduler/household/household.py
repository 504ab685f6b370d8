"""What a home uses and what its roof produces, minute by minute.

Both depend on the seed, the place and the instant only. Load follows the local clock: a base that
never sleeps, a morning and an evening hump, more at weekends, cooling on hot summer days, heating
on cold nights. Sun follows the true position of the sun, so clock changes do not move it, and the
weather of each day. South of the equator the roof faces north, and the seasons are those there.

The figures are set so that a year comes out like the measured all-electric homes of Fontana,
California (CityLearn challenge 2022: 24 to 32 kWh a day, 6 kW of panels giving 21 to 30).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Self
from zoneinfo import ZoneInfo

from scheduler.household.kinds import CAR_CHARGES, HABITS, HomeKind
from scheduler.household.noise import unit
from scheduler.household.place import place_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ABOVE_BASE_W: Final = (
    80, 60, 50, 40, 50, 110, 400, 600, 450, 300, 250, 250,
    300, 300, 280, 320, 600, 1200, 1600, 1550, 1250, 800, 450, 180,
)  # fmt: skip
"""Mean use above the base by local hour, in watts."""

_ROOF: Final = 20
"""Degrees by which the panels are tilted towards the equator."""

_LATE_JULY: Final = 212
"""The hottest day of the year, north of the equator."""

_HALF_A_YEAR: Final = 182.625

_GREY_NORTH: Final = frozenset({12, 1, 2, 3})
_GREY_SOUTH: Final = frozenset({6, 7, 8, 9})

_unit: Final = lru_cache(maxsize=1024)(unit)
"""The numbers of blocks and days, which every minute of them asks for."""

_LOAD_NOISE, _APPLIANCE, _HEAT, _WEATHER, _CLOUD, _CAR = range(6)


@dataclass(frozen=True, slots=True)
class Household:
    """One home: `panels_w` is the nameplate power of its roof, latitude and longitude are degrees.

    All methods take aware instants; what they return holds for the minute around them.
    """

    seed: int
    timezone: ZoneInfo
    latitude: float = 34.1
    longitude: float = -117.4
    panels_w: float = 6_000.0
    base_w: float = 350.0
    kind: HomeKind = HomeKind.ALL_ELECTRIC

    @classmethod
    def in_zone(cls, seed: int, zone: ZoneInfo) -> Self:
        """A home in the city that a time zone is named for."""
        place = place_of(zone)
        return cls(seed, zone, place.latitude, place.longitude)

    @property
    def about(self) -> str:
        """What it is, in a few words."""
        return (
            f"{self.kind}, {self.panels_w / 1000:g} kW of panels at {self.latitude:g},"
            f" {self.longitude:g}, seed {self.seed}"
        )

    @property
    def southern(self) -> bool:
        """Whether its summer is in January."""
        return self.latitude < 0

    def load_w(self, at: datetime) -> float:
        """What the home would use in this minute, in watts."""
        local = at.astimezone(self.timezone)
        hour = local.hour + local.minute / 60
        here, following = _ABOVE_BASE_W[local.hour], _ABOVE_BASE_W[(local.hour + 1) % 24]
        use_w = here + (following - here) * (hour - local.hour)
        if local.weekday() >= 5 and 9 <= hour < 17:
            use_w *= 1.6
        minute = int((at - _EPOCH).total_seconds() // 60)
        use_w *= 0.75 + 0.5 * unit(self.seed, _LOAD_NOISE, minute)
        use_w *= HABITS[self.kind].use
        always_w = self.base_w + use_w
        home_w = always_w + self._appliance_w(minute, hour) + self._climate_w(local, hour)
        return home_w + self._people_w(local, hour)

    def solar_w(self, at: datetime) -> float:
        """What the panels would give in this minute, in watts AC; 0 at night."""
        utc = at.astimezone(UTC)
        equation_min, declination = _sun_of(utc.toordinal())
        solar_hour = utc.hour + utc.minute / 60 + self.longitude / 15 + equation_min / 60
        hour_angle = math.radians(15 * (solar_hour - 12))
        height = _sine_of_height(math.radians(self.latitude), declination, hour_angle)
        if height <= 0.01:
            return 0.0
        # A roof of 20 degrees that faces the equator sees the sun as level ground does 20 degrees
        # nearer to it.
        tilt = -_ROOF if self.southern else _ROOF
        facing = _sine_of_height(math.radians(self.latitude - tilt), declination, hour_angle)
        # Clear-sky beam by air mass, after Meinel and Meinel (1976), plus a tenth of diffuse light.
        beam = 1.353 * math.pow(0.7, math.pow(1 / height, 0.678))
        light = beam * max(0.0, facing) + 0.1 * height
        return self.panels_w * 0.84 * light * self._clearness(at)

    def _appliance_w(self, minute: int, hour: float) -> float:
        """Kettle, oven, dryer: some ten-minute blocks of the waking day."""
        block = minute // 10
        chance = 0.13 if 16 <= hour < 21 else 0.04 if 6 <= hour < 23 else 0.0
        if _unit(self.seed, _APPLIANCE, block) >= chance:
            return 0.0
        return 1_200 + 1_800 * _unit(self.seed, _APPLIANCE, block, 1)

    def _people_w(self, local: datetime, hour: float) -> float:
        """A car that came home, and work at home."""
        habits = HABITS[self.kind]
        extra_w = 0.0
        if habits.at_work_w and local.weekday() < 5 and 9 <= hour < 17:
            extra_w += habits.at_work_w
        if habits.car_w:
            day = local.toordinal()
            start = 18 + 3 * _unit(self.seed, _CAR, day, 1)
            length = 1 + 2 * _unit(self.seed, _CAR, day, 2)
            if _unit(self.seed, _CAR, day) < CAR_CHARGES and start <= hour < start + length:
                extra_w += habits.car_w
        return extra_w

    def _climate_w(self, local: datetime, hour: float) -> float:
        """Cooling above 24.5 degrees Celsius outside, heating below 9."""
        date = local.toordinal()
        hottest = _LATE_JULY + (_HALF_A_YEAR if self.southern else 0)
        high = _mean_high(date, hottest) + 8.0 * (_unit(self.seed, _HEAT, date) - 0.5)
        outside = high - 7.0 + 7.0 * math.cos(math.tau * (hour - 15.5) / 24)
        cooling_w = min(3_000.0, 220.0 * max(0.0, outside - 24.5))
        heating_w = HABITS[self.kind].heating * min(2_000.0, 150.0 * max(0.0, 9.0 - outside))
        return cooling_w + heating_w

    def _clearness(self, at: datetime) -> float:
        """Share of the clear-sky light that gets through: clear, broken or grey days."""
        local = at.astimezone(self.timezone)
        grey = 0.16 if local.month in (_GREY_SOUTH if self.southern else _GREY_NORTH) else 0.06
        weather = _unit(self.seed, _WEATHER, local.toordinal())
        if weather < grey:
            return 0.15 + 0.15 * _unit(self.seed, _CLOUD, local.toordinal())
        if weather < 3 * grey:
            minutes = (at - _EPOCH).total_seconds() / 60
            block = int(minutes // 8)
            before, after = _unit(self.seed, _CLOUD, block), _unit(self.seed, _CLOUD, block + 1)
            return 0.25 + 0.75 * (before + (after - before) * (minutes / 8 - block))
        return 0.97 + 0.03 * _unit(self.seed, _CLOUD, local.toordinal())


@lru_cache(maxsize=64)
def _sun_of(date: int) -> tuple[float, float]:
    """The equation of time in minutes and the sun's declination, of a day by its ordinal."""
    day = datetime.fromordinal(date).timetuple().tm_yday
    turn = math.tau * (day - 81) / 364
    equation_min = 9.87 * math.sin(2 * turn) - 7.53 * math.cos(turn) - 1.5 * math.sin(turn)
    return equation_min, math.radians(23.45) * math.sin(math.tau * (284 + day) / 365)


@lru_cache(maxsize=64)
def _mean_high(date: int, hottest: float) -> float:
    """The usual high of a day, by its ordinal, in degrees Celsius."""
    day = datetime.fromordinal(date).timetuple().tm_yday
    return 25.5 + 8.0 * math.cos(math.tau * (day - hottest) / 365.25)


def _sine_of_height(latitude: float, declination: float, hour_angle: float) -> float:
    """Sine of the sun's height over level ground; all angles in radians."""
    return math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(
        declination
    ) * math.cos(hour_angle)
