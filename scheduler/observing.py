"""What to ask the gateway for, and when. Pure.

A poll asks for state of energy, meters and grid status. The setting and the sitemaster are asked
for every two minutes and in any tick that may write, the status (firmware) every quarter of an
hour: with a 30 s poll at most four requests a poll on average. What is not asked for keeps its
last value and its own time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

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
    Endpoint.OPERATION: (Quantity.MODE, Quantity.RESERVE),
    Endpoint.SITEMASTER: (Quantity.RUNNING,),
    Endpoint.STATUS: (Quantity.FIRMWARE,),
}

EVERY_POLL = frozenset({Endpoint.SOE, Endpoint.METERS, Endpoint.GRID})
BEFORE_WRITING = frozenset({Endpoint.OPERATION, Endpoint.SITEMASTER, Endpoint.GRID})
AT_INTERVALS = {
    Endpoint.OPERATION: timedelta(minutes=2),
    Endpoint.SITEMASTER: timedelta(minutes=2),
    Endpoint.STATUS: timedelta(minutes=15),
}


def due(asked: Mapping[Endpoint, datetime], now: datetime) -> frozenset[Endpoint]:
    """The parts to ask for at `now`; `asked` is when each was asked for last."""
    at_intervals = {
        part
        for part, interval in AT_INTERVALS.items()
        if part not in asked or not timedelta(0) <= now - asked[part] < interval
    }
    return EVERY_POLL | at_intervals


def carried(
    before: Observation | None, fresh: Observation, asked: frozenset[Endpoint]
) -> Observation:
    """A fresh observation, with what was not asked for taken over from the one before.

    What was asked for and not answered is missing: a value that the gateway no longer gives is not
    replaced by an old one.
    """
    if before is None:
        return fresh
    kept = [
        quantity
        for part, quantities in QUANTITIES.items()
        if part not in asked
        for quantity in quantities
        if getattr(before, quantity) is not None and getattr(fresh, quantity) is None
    ]
    earlier = {quantity: at for quantity in kept if (at := before.measured(quantity))}
    return replace(
        fresh,
        **{quantity.value: getattr(before, quantity) for quantity in kept},
        earlier=earlier,
    )
