"""A row of the table of routes: what a route can do with one kind of hardware and firmware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, Final

from rules.domain import Export, Mode, Part
from rules.resolve import Levers
from scheduler.gateways.firmware_table import Fact
from scheduler.gateways.versions import Version


class Route(StrEnum):
    """A way to control a site, by the word for it in the configuration."""

    LOCAL = "local"
    SIGNED = "v1r"
    FLEET = "fleet"


class Hardware(StrEnum):
    """What stands in the home."""

    POWERWALL2_GATEWAY1 = "Powerwall 2 on Backup Gateway 1"
    POWERWALL2_GATEWAY2 = "Powerwall 2 on Backup Gateway 2"
    POWERWALL_PLUS = "Powerwall+"
    POWERWALL3 = "Powerwall 3"


class Reading(StrEnum):
    """How much a route shows."""

    WHOLE = "setting, powers, state of energy and grid"
    BASIC = "powers, state of energy and grid, not the setting"


class Writing(StrEnum):
    """What becomes of a setting."""

    DONE = "taken and done"
    STORED = "stored, and not done until the Tesla app is opened"
    REFUSED = "not taken"


class HighReserve(StrEnum):
    """What becomes of a reserve of 81 to 99 %."""

    TAKEN = "taken"
    REFUSED = "refused"
    SNAPPED = "becomes 80 % without a word"


class Latency(StrEnum):
    """How long a setting takes from being accepted to being done."""

    AT_ONCE = "seconds"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Way:
    """A route with one kind of hardware, from firmware `since` on until the next of these.

    `settling` are the seconds after which a setting that was done must show in the power flows.
    `running`: it shows whether the battery runs. `storm_watch`: it shows Storm Watch. `hold`: an
    order to rest, of 0 W, that runs out by itself. `tariff_wins`: a tariff in the app may win over
    the reserve.
    """

    since: Version
    together: frozenset[Part]
    reading: Fact[Reading]
    writing: Fact[Writing]
    modes: Fact[frozenset[Mode]]
    high_reserve: Fact[HighReserve]
    grid_charging: Fact[frozenset[bool]]
    export: Fact[frozenset[Export]]
    latency: Fact[Latency]
    settling: Fact[float]
    running: Fact[bool]
    storm_watch: Fact[bool]
    firmware_check: Fact[bool]
    hold: Fact[bool]
    tariff_wins: Fact[bool]

    @property
    def cells(self) -> Mapping[str, Fact[Any]]:
        """The facts by their names."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in values.items() if isinstance(value, Fact)}

    @property
    def levers(self) -> Levers:
        """What can be set."""
        return Levers(
            modes=self.modes.value,
            reserve_ceiling=100 if self.high_reserve.value is HighReserve.TAKEN else CEILING,
            grid_charging=self.grid_charging.value,
            export=self.export.value,
            together=self.together,
        )


CEILING: Final = 80
"""The highest reserve under 100 where those above it are not taken, in app percent."""
