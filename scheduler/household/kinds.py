"""Kinds of homes: how their use differs from that of an all-electric one.

All-electric: as measured in Fontana (`scheduler.household.household`). Gas-heated: without its hot
water, 2,706 kWh a year on average, and its heating but for a fan. With a car: 2,363 kWh a year more
(both: Residential Energy Consumption Survey of 2020, tables CE5.3a and b, as told by the U.S.
Department of Energy, fact of the week 1307), taken at 7.2 kW, 30 A at 240 V, when it comes home.
Works from home: a tenth more (S. Cicala, "Powering Work from Home", 2020; 7 to 23 % of a day's use
after the IEA's commentary of June 2020), in the hours of work on working days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class HomeKind(StrEnum):
    """What a home runs on, and who is in it by day."""

    ALL_ELECTRIC = "all-electric"
    GAS_HEATED = "gas-heated"
    ELECTRIC_CAR = "electric-car"
    WORKS_FROM_HOME = "works-from-home"


@dataclass(frozen=True, slots=True)
class Habits:
    """`use` and `heating` are shares of an all-electric home's; the others are watts.

    `car_w` is drawn by a car that charges in the evening, `at_work_w` on working days from 9 to 17.
    """

    use: float = 1.0
    heating: float = 1.0
    car_w: float = 0.0
    at_work_w: float = 0.0


HABITS: Final[Mapping[HomeKind, Habits]] = {
    HomeKind.ALL_ELECTRIC: Habits(),
    HomeKind.GAS_HEATED: Habits(use=0.45, heating=0.1),
    HomeKind.ELECTRIC_CAR: Habits(car_w=7_200.0),
    HomeKind.WORKS_FROM_HOME: Habits(at_work_w=480.0),
}

CAR_CHARGES: Final = 0.45
"""Share of the evenings on which the car is plugged in: from 1 to 3 hours, 14.4 kWh on average."""
