"""The fine grid of brute force: at every edge, just under it and just over it, and missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise, product
from typing import Any

from rules.calendar import Calendar
from rules.domain import Observation
from rules.engine import (
    Condition,
    FlagSet,
    GridIs,
    GridServicesAre,
    InputThreshold,
    Plan,
    PriceRank,
    PriceThreshold,
    QuantityThreshold,
)
from rules.inputs import DatedValue, Inputs, PriceSeries, PriceSlot

SLOT = timedelta(minutes=15)

Key = tuple[str, object]
Value = Any


def key_of(condition: Condition) -> Key:
    match condition:
        case QuantityThreshold():
            return condition.quantity.value, None
        case GridIs():
            return "grid", None
        case GridServicesAre():
            return "grid_services", None
        case FlagSet():
            return "flag", condition.name
        case InputThreshold():
            return "input", condition.name
        case PriceThreshold() | PriceRank():
            return "prices", None
    raise TypeError(condition)


def around(edges: Iterable[float], least: float, most: float) -> list[float]:
    """At each edge, and the next numbers on both sides."""
    near = {
        each
        for edge in edges
        for each in (math.nextafter(edge, -math.inf), edge, math.nextafter(edge, math.inf))
        if least <= each <= most
    }
    if math.isfinite(least):
        near |= {least, most}
    ordered = sorted(near)
    between = [(one + other) / 2 for one, other in pairwise(ordered) if other - one > 1]
    return sorted({*ordered, *between})


def input_values(conditions: Iterable[Condition]) -> list[Value]:
    """A number with its age, at and around the edges of both."""
    found = [each for each in conditions if isinstance(each, InputThreshold)]
    edges = {edge for each in found for edge in (each.limit, each.released_at)}
    ages = {timedelta(0), *(each.oldest for each in found)}
    ages |= {each.oldest - timedelta(seconds=1) for each in found}
    return [*product(around(edges, -math.inf, math.inf), sorted(ages)), None]


def price_values(conditions: Iterable[Condition]) -> list[Value]:
    """Prices of import and export, and how many slots of a window are cheaper (or dearer)."""
    found = list(conditions)
    imported = {
        each.limit for each in found if isinstance(each, PriceThreshold) and not each.exported
    }
    exported = {each.limit for each in found if isinstance(each, PriceThreshold) and each.exported}
    ranks = [each for each in found if isinstance(each, PriceRank)]
    places: list[Value] = [None]
    if ranks:
        most = max(each.count for each in ranks)
        places = [(ranks[0], n) for n in (*range(most + 1), None)]
    some = product(
        around(imported, -math.inf, math.inf) or [0.2],
        [*around(exported, -math.inf, math.inf), None] if exported else [None],
        places,
    )
    # Slots without a price, and no prices at all: then a tariff's count, if there is one.
    return [*some, (None, None, None), None]


def look(plan: Plan, values: Mapping[Key, Value], at: datetime) -> tuple[Observation, Inputs]:
    """What is seen when values are these."""
    seen: dict[str, Any] = {}
    flags: dict[str, None] = {}
    dated: dict[str, DatedValue] = {}
    prices: PriceSeries | None = None
    for (kind, name), value in values.items():
        if kind == "flag":
            flags |= {str(name): None} if value else {}
        elif kind == "input":
            if value is not None:
                dated[str(name)] = DatedValue(value[0], at - value[1])
        elif kind == "prices":
            prices = None if value is None else _series(plan, at, *value)
        else:
            seen[kind] = value
    return Observation(at, **seen), Inputs(flags, dated, prices)


def _series(
    plan: Plan, at: datetime, imported: float | None, exported: float | None, rank: Value
) -> PriceSeries:
    """The present slot alone, or the whole window with so many slots before the present one."""
    here = PriceSlot(at, at + SLOT, imported, exported)
    if rank is None or imported is None:
        return PriceSeries([here])
    condition, place = rank
    almanac = plan.rules.almanac
    day = at.astimezone(almanac.zone).date()
    spans = Calendar((condition.window,)).spans(day, almanac)
    window = next((each for each in spans if each.start <= at < each.end), None)
    if window is None or place is None:
        return PriceSeries([here])
    step = 1 if condition.dearest else -1
    slots, start = [], window.start
    while start < window.end:
        end = min(start + SLOT, window.end)
        if start <= at < end:
            slots.append(PriceSlot(start, end, imported, exported))
        else:
            slots.append(PriceSlot(start, end, imported + step * (1 if place > 0 else -1)))
            place -= 1
        start = end
    return PriceSeries(slots)
