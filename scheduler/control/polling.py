"""What to request of the gateway, and when.

A poll requests state of energy, meters and grid status. What the route does not show is never
requested; the rest of it at intervals of its own. At home, the setting and the sitemaster are read
every two minutes and in any tick that may write, the status (firmware) every quarter of an
hour: with a 30 s poll at most four requests a poll on average. What is not requested keeps its
last value and its own time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from rules.domain import Observation, Part, Quantity, Setting
from scheduler.domain import QUANTITIES, Capabilities, Endpoint

EVERYTHING = frozenset(Endpoint)
EVERY_POLL = frozenset({Endpoint.SOE, Endpoint.METERS, Endpoint.GRID})
BEFORE_WRITING = frozenset({Endpoint.OPERATION, Endpoint.SITEMASTER, Endpoint.GRID})
_PERMITTED = (Part.GRID_CHARGING, Part.EXPORT)


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing can be read of the gateway: `why`, and whether a note tells that it began.

    It begins with a request for readings that failed, and ends with the first that does not. `why`
    is empty where an earlier run ended in it and this one has not asked yet.
    """

    why: str
    noted: bool = True


def due(
    requested_at: Mapping[Endpoint, datetime], capabilities: Capabilities, now: datetime
) -> frozenset[Endpoint]:
    """What to request at `now`; `requested_at` is when each was requested last."""
    at_intervals = [
        endpoint
        for endpoint, seconds in capabilities.at_intervals.items()
        if endpoint not in requested_at
        or not 0 <= (now - requested_at[endpoint]).total_seconds() < seconds
    ]
    return EVERY_POLL.union(at_intervals) & capabilities.endpoints


def before_writing(capabilities: Capabilities, wanted: Setting) -> frozenset[Endpoint]:
    """What must be read in the tick that writes this, as far as the route shows it.

    What is permitted may only be shown by a route whose requests are counted, so it is read where
    it is to be written.
    """
    needed = BEFORE_WRITING
    if any(getattr(wanted, part) is not None for part in _PERMITTED):
        needed |= {Endpoint.PERMISSIONS}
    return needed & capabilities.endpoints


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
    fields: list[Any] = [fresh.at, *values, {**fresh.earlier, **earlier}, known or None]
    return Observation(*fields)


_values = attrgetter(*Quantity)
"""The values of an observation, in the order in which it takes them."""


@cache
def _others(requested: frozenset[Endpoint]) -> tuple[tuple[int, Quantity], ...]:
    """The quantities that none of these endpoints reports, each with its place in `_values`."""
    reported = {each for endpoint in requested for each in QUANTITIES[endpoint]}
    return tuple(each for each in enumerate(Quantity) if each[1] not in reported)
