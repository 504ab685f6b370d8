"""What a column of a file can be: which flow of energy, in which unit.

Signs are the gateway's: `grid` is positive where the home imports, `battery` where it discharges.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from scheduler.money import Unit


class Channel(StrEnum):
    """A flow of energy that is measured by itself; `home` is without battery and sun."""

    LOAD = "load"
    SOLAR = "solar"
    GRID = "grid"
    BATTERY = "battery"
    IMPORTED = "imported"
    EXPORTED = "exported"
    CHARGED = "charged"
    DISCHARGED = "discharged"


NEVER_NEGATIVE: Final = frozenset(Channel) - {Channel.GRID, Channel.BATTERY}


UNITS: Final[Mapping[str, Unit]] = {unit.value.lower(): unit for unit in Unit}

_NAMES: Final[Mapping[Channel, tuple[str, ...]]] = {
    Channel.LOAD: ("load", "home", "house"),
    Channel.SOLAR: ("solar", "pv", "sun"),
    Channel.GRID: ("grid", "site"),
    Channel.BATTERY: ("battery", "powerwall"),
    Channel.IMPORTED: ("import", "imported", "grid_import", "from_grid"),
    Channel.EXPORTED: ("export", "exported", "grid_export", "to_grid"),
    Channel.CHARGED: ("charged", "battery_charge", "to_powerwall", "to_battery"),
    Channel.DISCHARGED: ("discharged", "battery_discharge", "from_powerwall", "from_battery"),
}
_CHANNELS: Final = {name: channel for channel, names in _NAMES.items() for name in names}
_TIMES: Final = frozenset({"time", "timestamp", "datetime", "date_time", "start", "start_time"})
_DATES: Final = frozenset({"date", "day"})
_UNIT_AT_END: Final = re.compile(r"[\s_(\[]*\b(kwh|wh|kw|w)[)\]]*$", re.IGNORECASE)
_SAYS_NOTHING: Final = re.compile(r"_(?:power|energy|production)$")

TIME: Final = "time"
DATE: Final = "date"
MEANINGS: Final = (TIME, DATE, *Channel)
"""What a column can be said to be."""


class Header(NamedTuple):
    """What the name of a column says: a channel, `time` or `date`, and a unit where it has one."""

    meaning: Channel | str | None
    unit: Unit | None


def header_of(name: str) -> Header:
    """What a column's name means; `None` for one that says nothing we know."""
    spaced = name.strip().replace("_", " ")
    found = _UNIT_AT_END.search(spaced)
    unit = None if found is None else UNITS[found[1].lower()]
    bare = spaced if found is None else spaced[: found.start()]
    word = re.sub(r"[^a-z0-9]+", "_", bare.lower()).strip("_")
    word = _SAYS_NOTHING.sub("", word)
    if word in _TIMES:
        return Header(TIME, None)
    if word in _DATES:
        return Header(DATE, None)
    return Header(_CHANNELS.get(word), unit)
