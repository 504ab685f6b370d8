"""The words everybody shares: modes, percent scales, settings, observations.

Percent here is always the percent that the Tesla app shows (`AppPercent`). The gateway's local
API speaks another scale (`RawPercent`): the pack keeps 5 % of its energy for itself, so
raw = 0.95 * app + 5. Only a gateway adapter ever handles raw percent.

Powers are watts with the gateway's own signs: site positive = import from the grid,
battery positive = discharge, solar positive = production, load positive = consumption.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

AppPercent = NewType("AppPercent", float)
RawPercent = NewType("RawPercent", float)


def raw_from_app(percent: AppPercent) -> RawPercent:
    """App percent (0..100) on the local API's scale (5..100)."""
    return RawPercent(0.95 * percent + 5.0)


def app_from_raw(percent: RawPercent) -> AppPercent:
    """Raw percent on the app's scale; what lies under the hidden 5 % reads as 0, as in the app."""
    return AppPercent(max(0.0, (percent - 5.0) / 0.95))


class Mode(StrEnum):
    """Operation modes an owner can choose; the values are the gateway's own words."""

    SELF_CONSUMPTION = "self_consumption"
    BACKUP = "backup"
    AUTONOMOUS = "autonomous"


class Export(StrEnum):
    """What may be sold to the grid; the words are those of Tesla's own interfaces."""

    NEVER = "never"
    SOLAR = "pv_only"
    BATTERY = "battery_ok"

    @property
    def rank(self) -> int:
        """How much it permits: 0 nothing, 1 the sun, 2 the battery too."""
        return _RANKS[self]


_RANKS: Final = {export: rank for rank, export in enumerate(Export)}


class Part(StrEnum):
    """The parts of a setting; the values are its field names."""

    MODE = "mode"
    RESERVE = "reserve"
    GRID_CHARGING = "grid_charging"
    EXPORT = "export"


class GridStatus(StrEnum):
    """What the gateway says of the grid; the values are its own seven words."""

    CONNECTED = "SystemGridConnected"
    ISLANDED = "SystemIslandedActive"
    TRANSITION_TO_GRID = "SystemTransitionToGrid"
    TRANSITION_TO_ISLAND = "SystemTransitionToIsland"
    ISLAND_READY = "SystemIslandedReady"
    MICROGRID_FAULTED = "SystemMicroGridFaulted"
    WAIT_FOR_USER = "SystemWaitForUser"

    @property
    def up(self) -> bool:
        """The home is on the grid."""
        return self is GridStatus.CONNECTED

    @property
    def down(self) -> bool:
        """The home is cut off: islanded, faulted or dark. Transitions are neither up nor down."""
        return self in (GridStatus.ISLANDED, GridStatus.MICROGRID_FAULTED, GridStatus.WAIT_FOR_USER)


class Quantity(StrEnum):
    """The fields of an observation, by name."""

    SOE = "soe"
    SITE_POWER = "site_power"
    BATTERY_POWER = "battery_power"
    LOAD_POWER = "load_power"
    SOLAR_POWER = "solar_power"
    GRID = "grid"
    GRID_SERVICES = "grid_services"
    MODE = "mode"
    RESERVE = "reserve"
    GRID_CHARGING = "grid_charging"
    EXPORT = "export"
    RUNNING = "running"
    FIRMWARE = "firmware"
    STORM_WATCH = "storm_watch"


PARTS: Final = tuple(Part)
"""In the order in which a setting takes them."""

QUANTITY_OF: Final[Mapping[Part, Quantity]] = {part: Quantity(part.value) for part in Part}
"""The field of an observation that reports each part."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What can be set. `None` means: leave this part as it is.

    `reserve` is the backup reserve in app percent, a whole number from 0 to 100; `grid_charging`
    whether the battery may be charged from the grid; `export` what may be sold to it.
    """

    mode: Mode | None = None
    reserve: int | None = None
    grid_charging: bool | None = None
    export: Export | None = None

    @property
    def empty(self) -> bool:
        """Nothing is wanted: no part is to be written."""
        return (self.mode, self.reserve, self.grid_charging, self.export) == (None,) * 4

    @property
    def present(self) -> dict[Part, Mode | int | bool | Export]:
        """The parts that are not left alone, with their values."""
        values = (self.mode, self.reserve, self.grid_charging, self.export)
        return {part: value for part, value in zip(PARTS, values, strict=True) if value is not None}

    def over(self, other: Setting) -> Setting:
        """What comes of setting this where the other was set."""
        return Setting(
            other.mode if self.mode is None else self.mode,
            other.reserve if self.reserve is None else self.reserve,
            other.grid_charging if self.grid_charging is None else self.grid_charging,
            other.export if self.export is None else self.export,
        )

    def __str__(self) -> str:
        return ", ".join(in_words(*each) for each in self.present.items()) or "nothing"


NOTHING = Setting()
"""Every part is left alone."""


def in_words(part: Part, value: object) -> str:
    """One part of a setting as a person would say it."""
    if value is None:
        return f"{part.value.replace('_', ' ')} left alone"
    match part:
        case Part.RESERVE:
            return f"reserve {value} %"
        case Part.GRID_CHARGING:
            return f"grid charging {'on' if value else 'off'}"
        case Part.EXPORT:
            return f"export {value}"
    return str(value)


@dataclass(frozen=True, slots=True)
class Observation:
    """What one poll found. A field is `None` where the gateway gave no usable answer.

    `at` is when the poll was made; a field that was not asked for in this poll keeps its last
    value and has its own instant in `earlier`. SOE and reserve are app percent, powers are watts.

    `unknown_words` are the gateway's own words for a mode or grid status that is none of ours,
    `None` where it said none. They are for people: the field itself is `None`, and to every rule
    the value is unknown.
    """

    at: datetime
    soe: AppPercent | None = None
    site_power: float | None = None
    battery_power: float | None = None
    load_power: float | None = None
    solar_power: float | None = None
    grid: GridStatus | None = None
    grid_services: bool | None = None
    mode: Mode | None = None
    reserve: AppPercent | None = None
    grid_charging: bool | None = None
    export: Export | None = None
    running: bool | None = None
    firmware: str | None = None
    storm_watch: bool | None = None
    earlier: Mapping[Quantity, datetime] = field(default_factory=dict)
    unknown_words: Mapping[Quantity, str] | None = None

    def measured(self, quantity: Quantity) -> datetime | None:
        """When this field was measured, or `None` where it is missing."""
        if getattr(self, quantity) is None:
            return None
        return self.earlier.get(quantity, self.at)

    def unknown_word(self, quantity: Quantity) -> str | None:
        """What the gateway said in place of a value that we know, where it said anything."""
        return (self.unknown_words or {}).get(quantity)
