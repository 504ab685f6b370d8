"""What to request of the gateway, and when.

A poll requests state of energy, meters and grid status. The setting and the sitemaster are read
every two minutes and in any tick that may write, the status (firmware) every quarter of an
hour: with a 30 s poll at most four requests a poll on average. What is not requested keeps its
last value and its own time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any

from rules.domain import Observation, Quantity
from scheduler.domain import Endpoint

QUANTITIES: Mapping[Endpoint, tuple[Quantity, ...]] = {
    Endpoint.SOE: (Quantity.SOE,),
    Endpoint.METERS: (
        Quantity.SITE_POWER,
        Quantity.BATTERY_POWER,
        Quantity.LOAD_POWER,
        Quantity.SOLAR_POWER,
    ),
    Endpoint.GRID: (Quantity.GRID, Quantity.GRID_SERVICES),
    Endpoint.OPERATION: (
        Quantity.MODE,
        Quantity.RESERVE,
        Quantity.GRID_CHARGING,
        Quantity.EXPORT,
    ),
    Endpoint.SITEMASTER: (Quantity.RUNNING,),
    Endpoint.STATUS: (Quantity.FIRMWARE,),
}

EVERYTHING = frozenset(Endpoint)
EVERY_POLL = frozenset({Endpoint.SOE, Endpoint.METERS, Endpoint.GRID})
BEFORE_WRITING = frozenset({Endpoint.OPERATION, Endpoint.SITEMASTER, Endpoint.GRID})
AT_INTERVALS = {
    Endpoint.OPERATION: timedelta(minutes=2),
    Endpoint.SITEMASTER: timedelta(minutes=2),
    Endpoint.STATUS: timedelta(minutes=15),
}
NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing can be read of the gateway: `why`, and whether a note tells that it began.

    It begins with a request for readings that failed, and ends with the first that does not. `why`
    is empty where an earlier run ended in it and this one has not asked yet.
    """

    why: str
    noted: bool = True


def due(requested_at: Mapping[Endpoint, datetime], now: datetime) -> frozenset[Endpoint]:
    """What to request at `now`; `requested_at` is when each was requested last."""
    at_intervals = [
        endpoint
        for endpoint, interval in AT_INTERVALS.items()
        if endpoint not in requested_at or not NO_TIME <= now - requested_at[endpoint] < interval
    ]
    return EVERY_POLL.union(at_intervals) if at_intervals else EVERY_POLL


def carried(
    before: Observation | None, fresh: Observation, requested: frozenset[Endpoint]
) -> Observation:
    """A fresh observation, with what was not requested taken over from the one before.

    What was requested and not answered is missing: a value that the gateway no longer gives is not
    replaced by an old one.
    """
    if before is None:
        return fresh
    values: list[Any] = [*_values(fresh)]
    earlier: dict[Quantity, datetime] = {}
    words: dict[Quantity, str] = {}
    for place, quantity in _others(requested):
        if values[place] is not None:
            continue
        value = values[place] = getattr(before, quantity)
        if value is not None:
            earlier[quantity] = before.earlier.get(quantity, before.at)
        elif (word := before.unknown_word(quantity)) is not None:
            words[quantity] = word
    if not earlier and not words:
        return fresh
    known = {**(fresh.unknown_words or {}), **words}
    fields: list[Any] = [fresh.at, *values, earlier, known or None]
    return Observation(*fields)


_values = attrgetter(*Quantity)
"""The values of an observation, in the order in which it takes them."""


@cache
def _others(requested: frozenset[Endpoint]) -> tuple[tuple[int, Quantity], ...]:
    """The quantities that none of these endpoints reports, each with its place in `_values`."""
    reported = {each for endpoint in requested for each in QUANTITIES[endpoint]}
    return tuple(each for each in enumerate(Quantity) if each[1] not in reported)
