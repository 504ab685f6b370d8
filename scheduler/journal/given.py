"""What the engine was given beside its observations, as rows of `input`. Pure.

One row for each flag, value and price series when it changes, and one without content when it
goes. What the route can set is given in the same way: it changes with the firmware, and is known
before the route's other capabilities are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rules.domain import Mode
from rules.inputs import DatedValue, Inputs, PriceSeries, PriceSlot
from rules.resolve import Levers

LEVERS = "levers"
PRICES = "prices"
_FLAG, _VALUE = "flag ", "value "

RELOADED = "reloaded"
"""The kind of the notes that tell of a reload; not each of them brought other rules."""

_IN_FORCE = "new rules are in force: "
_HASH_SHOWN = 12

Content = Mapping[str, Any]


def reload_text(rules_hash: str) -> str:
    """What is noted when other rules come into force."""
    return _IN_FORCE + rules_hash[:_HASH_SHOWN]


def reloaded_to(kind: str, text: str) -> str | None:
    """How the hash of the rules begins that came into force with this note, if any did."""
    if kind != RELOADED or not text.startswith(_IN_FORCE):
        return None
    return text.removeprefix(_IN_FORCE)


def given_of(inputs: Inputs) -> dict[str, Content]:
    """The inputs by the names that their rows have."""
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
        found[PRICES] = {"slots": slots}
    return found


def inputs_of(given: Mapping[str, Content]) -> Inputs:
    """The inputs that `given_of` named so; what is none of them is passed over."""
    instant = datetime.fromisoformat
    flags = {
        name.removeprefix(_FLAG): instant(content["until"]) if content["until"] else None
        for name, content in given.items()
        if name.startswith(_FLAG)
    }
    values = {
        name.removeprefix(_VALUE): DatedValue(content["value"], instant(content["at"]))
        for name, content in given.items()
        if name.startswith(_VALUE)
    }
    prices = None
    if PRICES in given:
        prices = PriceSeries(
            [PriceSlot(instant(a), instant(b), *rates) for a, b, *rates in given[PRICES]["slots"]]
        )
    return Inputs(flags, values, prices)


def levers_to_json(levers: Levers) -> dict[str, Any]:
    """What a route can set, as JSON values."""
    return {
        "modes": sorted(mode.value for mode in levers.modes),
        "reserve_ceiling": levers.reserve_ceiling,
        "grid_charging": levers.grid_charging,
        "export": levers.export,
    }


def levers_from_json(kept: Content) -> Levers:
    """What `levers_to_json` wrote."""
    return Levers(**{**kept, "modes": frozenset(map(Mode, kept["modes"]))})
