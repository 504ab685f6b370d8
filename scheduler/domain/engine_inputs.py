"""What the engine gets beside its observations, as content of `InputRecord`s.

One record for each flag, value and price series when it changes, and one without content when it
goes. What the route can set is recorded in the same way: it changes with the firmware, and is known
before the route's other capabilities are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from rules.domain import Export, Mode, Part
from rules.inputs import DatedValue, Inputs, PriceSeries, PriceSlot
from rules.resolve import Levers, Limits

LEVERS = "levers"
"""The name under which the route's levers are recorded."""

LIMITS = "limits"
"""The name under which the owner's limits are recorded."""

_PRICES = "prices"
_FLAG, _VALUE = "flag ", "value "

Content = Mapping[str, Any]
"""What is recorded under one name, as JSON values."""


def inputs_to_json(inputs: Inputs) -> dict[str, Content]:
    """The inputs by the names that their records have."""
    found: dict[str, Content] = {}
    for name, expiry in inputs.flags.items():
        found[_FLAG + name] = {"until": None if expiry is None else expiry.isoformat()}
    for name, dated in inputs.values.items():
        found[_VALUE + name] = {"value": dated.value, "at": dated.at.isoformat()}
    if inputs.prices is not None:
        slots = [
            [slot.start.isoformat(), slot.end.isoformat(), slot.imported, slot.exported]
            for slot in inputs.prices.slots
        ]
        found[_PRICES] = {"slots": slots}
    return found


def inputs_from_json(engine_inputs: Mapping[str, Content]) -> Inputs:
    """The inputs that `inputs_to_json` named so; what is none of them is passed over."""
    instant = datetime.fromisoformat
    flags = {
        name.removeprefix(_FLAG): instant(content["until"]) if content["until"] else None
        for name, content in engine_inputs.items()
        if name.startswith(_FLAG)
    }
    values = {
        name.removeprefix(_VALUE): DatedValue(content["value"], instant(content["at"]))
        for name, content in engine_inputs.items()
        if name.startswith(_VALUE)
    }
    prices = None
    if _PRICES in engine_inputs:
        prices = PriceSeries(
            [
                PriceSlot(instant(a), instant(b), *rates)
                for a, b, *rates in engine_inputs[_PRICES]["slots"]
            ]
        )
    return Inputs(flags, values, prices)


def levers_to_json(levers: Levers) -> dict[str, Any]:
    """What a route can set, as JSON values; equal levers come to equal values."""
    return {
        "modes": _in_order(levers.modes, Mode),
        "reserve_ceiling": levers.reserve_ceiling,
        "grid_charging": sorted(levers.grid_charging),
        "export": _in_order(levers.export, Export),
        "together": _in_order(levers.together, Part),
        "unreadable": _in_order(levers.unreadable, Part),
    }


def levers_from_json(content: Content) -> Levers:
    """What `levers_to_json` wrote."""
    return Levers(
        modes=frozenset(map(Mode, content["modes"])),
        reserve_ceiling=content["reserve_ceiling"],
        grid_charging=frozenset(content["grid_charging"]),
        export=frozenset(map(Export, content["export"])),
        together=frozenset(map(Part, content["together"])),
        unreadable=frozenset(map(Part, content["unreadable"])),
    )


def _in_order(values: Collection[StrEnum], words: type[StrEnum]) -> list[str]:
    return [word.value for word in words if word in values]


def limits_to_json(limits: Limits) -> dict[str, Any]:
    """What the owner permits, as JSON values."""
    return {
        "grid_charging": limits.grid_charging,
        "export": limits.export.value,
        "reserve_floor": limits.reserve_floor,
    }


def limits_from_json(content: Content) -> Limits:
    """What `limits_to_json` wrote."""
    return Limits(content["grid_charging"], Export(content["export"]), content["reserve_floor"])
