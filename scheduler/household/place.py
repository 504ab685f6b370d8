"""Where on earth a time zone is: the place that the time zone database gives for it.

The database names each zone for a place, with its latitude and longitude, in `zone.tab`; older
names of a zone are links, in `tzdata.zi`. Both come with the package `tzdata`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

_ISO_6709: Final = re.compile(
    r"([+-])(\d\d)(\d\d)(\d\d)?"  # latitude
    r"([+-])(\d\d\d)(\d\d)(\d\d)?"  # longitude
)
"""Degrees, minutes and, in some lines, seconds."""

_MID_LATITUDE: Final = 35.0
_SOME_WINTER: Final = datetime(2026, 1, 1, tzinfo=UTC)


class Place(NamedTuple):
    """Degrees north of the equator, and east of Greenwich."""

    latitude: float
    longitude: float


def place_of(zone: ZoneInfo) -> Place:
    """The place that a zone is named for.

    A zone without one, such as UTC, lies where the sun keeps its time, at 35 degrees north.
    """
    name = _links().get(zone.key, zone.key)
    found = _places().get(zone.key) or _places().get(name)
    if found is not None:
        return found
    offset = _SOME_WINTER.astimezone(zone).utcoffset()
    hours = 0.0 if offset is None else offset.total_seconds() / 3600
    return Place(_MID_LATITUDE, 15 * hours)


@cache
def _places() -> dict[str, Place]:
    found = {}
    for line in _lines("zone.tab"):
        _, coordinates, name, *_ = line.split("\t")
        if said := _ISO_6709.fullmatch(coordinates):
            found[name] = Place(_degrees(*said.groups()[:4]), _degrees(*said.groups()[4:]))
    return found


@cache
def _links() -> dict[str, str]:
    """Another name of a zone, and the zone."""
    words = (line.split(" ") for line in _lines("tzdata.zi") if line.startswith("L "))
    return {alias: name for _, name, alias in words}


def _lines(file: str) -> Iterator[str]:
    text = (resources.files("tzdata") / "zoneinfo" / file).read_text("utf-8")
    return (line for line in text.splitlines() if not line.startswith("#"))


def _degrees(sign: str, degrees: str, minutes: str, seconds: str | None) -> float:
    size = int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600
    return -size if sign == "-" else size
