"""A rule file with one figure changed: times, states of energy, prices, powers, rule by rule.

Either end of a window is moved by a quarter of an hour; a state of energy and a reserve by 5 %, as
far as there are so many; a price and an input by a tenth; a power by a fifth. What is legal is for
the loader to say. Events are left out: none of them moves any energy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import tomli
import tomli_w

from rules.calendar import DAY
from rules.engine import DEFAULT
from rules.language import parse_power

MINUTES = 15
PERCENT = 5
PRICE = 0.1
POWER = 0.2

_CLOCK = re.compile(r"\d{2}:\d{2}")
_ENERGY = ("soe_above", "soe_below", "to", "reserve", "reserve_at_least")
_PRICES = (
    "price_above", "price_below", "export_price_above", "export_price_below", "above", "below",
)  # fmt: skip
"""With the thresholds of inputs, whose unit is not known."""
_POWERS = tuple(
    f"{quantity}_{side}"
    for quantity in ("solar", "load", "import", "export", "charging", "discharging")
    for side in ("above", "below")
)
_OF_DAYS = ("days", "dates", "eve_of")
"""What belongs to the day on which a window starts: a start moved over midnight is another day."""

Place = tuple[str | int, ...]
Change = tuple[str, Any]
"""What is said of it, and the changed value."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A rule file in which one figure of one rule is another; `change` says which and how."""

    rule: str
    change: str
    text: str


def variants(text: str) -> Iterator[Variant]:
    """Every variant of a rule file's text, which has to be sound TOML."""
    file = tomli.loads(text)
    for rule, place in _tables(file):
        for key, value in _at(file, place).items():
            for said, changed in _changes(key, value, _at(file, place)):
                other = deepcopy(file)
                _at(other, place)[key] = changed
                yield Variant(rule, said, tomli_w.dumps(other))


def _tables(file: Mapping[str, Any]) -> Iterator[tuple[str, Place]]:
    """The tables with figures, each with the name of the rule that it is of."""
    if "default" in file:
        yield DEFAULT, ("default",)
    for number, rule in enumerate(file.get("rule", [])):
        name = str(rule.get("name", rule.get("replaces", number + 1)))
        if "while" in rule:
            yield name, ("rule", number, "while")
        for key in ("all", "any", "none"):
            for member in range(len(rule.get("while", {}).get(key, []))):
                yield name, ("rule", number, "while", key, member)
        if "set" in rule:
            yield name, ("rule", number, "set")


def _at(file: Any, place: Place) -> Any:  # noqa: ANN401 -- tables as TOML has them
    for part in place:
        file = file[part]
    return file


def _changes(key: str, value: Any, clause: Mapping[str, Any]) -> Iterator[Change]:  # noqa: ANN401 -- TOML
    if key == "time":
        yield from _moved(value, of_days=any(each in clause for each in _OF_DAYS))
    elif key in _ENERGY:
        for by in (-PERCENT, PERCENT):
            changed = min(100, max(0, value + by))
            if changed != value:
                yield f"{key} {changed:g} % instead of {value:g} %", changed
    elif key in _PRICES:
        yield from _scaled(key, value, PRICE, lambda each: float(f"{each:.4g}"), "")
    elif key in _POWERS:
        yield from _scaled(key, parse_power(value) or 0.0, POWER, round, " W")


def _scaled(
    key: str, value: float, by: float, rounded: Callable[[float], float], unit: str
) -> Iterator[Change]:
    for factor in (1 - by, 1 + by):
        changed = rounded(value * factor)
        if changed != value:
            yield f"{key} {changed:g}{unit} instead of {value:g}{unit}", changed


def _moved(windows: str | list[str], *, of_days: bool) -> Iterator[Change]:
    """One end of one window a little earlier, or later."""
    listed = isinstance(windows, list)
    for number, window in enumerate(windows if isinstance(windows, list) else [windows]):
        for end, verb in ((0, "starts"), (1, "ends")):
            for minutes, when in ((-MINUTES, "earlier"), (MINUTES, "later")):
                changed = _window(window, end, minutes, of_days=of_days)
                if changed is None:
                    continue
                said = f"{window} {verb} {MINUTES} minutes {when}"
                if listed:
                    yield said, [*windows[:number], changed, *windows[number + 1 :]]
                else:
                    yield said, changed


def _window(window: str, end: int, minutes: int, *, of_days: bool) -> str | None:
    """The window with one end moved; `None` where that would be another kind of window."""
    clocks = list(_CLOCK.finditer(window))
    if len(clocks) != 2:
        return None
    was = [int(each[0][:2]) * 60 + int(each[0][3:]) for each in clocks]
    moved = was[end] + minutes
    over_midnight = not 0 <= moved < DAY
    if any(letter.isalpha() for letter in window):
        if over_midnight:
            return None
    elif over_midnight and of_days and end == 0:
        return None
    else:
        length = (was[1] - was[0]) % DAY or DAY
        if not 0 < length + (minutes if end else -minutes) < DAY:
            return None
    minute, found = moved % DAY, clocks[end]
    return f"{window[: found.start()]}{minute // 60:02}:{minute % 60:02}{window[found.end() :]}"
