"""A rule file with one figure changed: times, states of energy, prices and powers, rule by rule.

A window is moved whole, by a quarter of an hour either way; a state of energy by 5 %; a price by a
tenth; a power by a fifth. What is legal is for the loader to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import tomli
import tomli_w

from rules.language import parse_power

MINUTES = 15
PERCENT = 5
PRICE = 0.1
POWER = 0.2

_CLOCK = re.compile(r"\b(\d{2}):(\d{2})\b")
_ENERGY = ("soe_above", "soe_below")
_PRICES = ("price_above", "price_below", "export_price_above", "export_price_below")
_POWERS = tuple(
    f"{quantity}_{side}"
    for quantity in ("solar", "load", "import", "export", "charging", "discharging")
    for side in ("above", "below")
)
Changed = tuple[str, Callable[[Any], Any]]


@dataclass(frozen=True, slots=True)
class Variant:
    """A rule file in which one figure of one rule is another; `change` says which and how."""

    rule: str
    change: str
    text: str


def variants(text: str) -> Iterator[Variant]:
    """Every variant of a rule file's text, which has to be sound TOML."""
    file = tomli.loads(text)
    for place, rule in enumerate(file.get("rule", [])):
        for table in ("while", "set"):
            for key, value in rule.get(table, {}).items():
                for change, changed in _changes(table, key):
                    other = deepcopy(file)
                    other["rule"][place][table][key] = changed(value)
                    yield Variant(rule["name"], f"{key} {change}", tomli_w.dumps(other))


def _changes(table: str, key: str) -> Iterator[Changed]:
    if table == "set":
        if key in ("to", "reserve", "reserve_at_least"):
            yield from _both(f"{PERCENT} %", PERCENT, lambda by: lambda value: value + by)
        return
    if key == "time":
        yield from _both(f"{MINUTES} minutes", MINUTES, lambda by: lambda value: _moved(value, by))
    elif key in _ENERGY:
        yield from _both(f"{PERCENT} %", PERCENT, lambda by: lambda value: value + by)
    elif key in _PRICES:
        yield from _both(f"{PRICE:.0%}", PRICE, lambda by: lambda value: value * (1 + by))
    elif key in _POWERS:
        yield from _both(
            f"{POWER:.0%}", POWER, lambda by: lambda value: round(parse_power(value) * (1 + by))
        )


def _both(said: str, by: float, change: Callable[[Any], Callable[[Any], Any]]) -> Iterator[Changed]:
    yield f"-{said}", change(-by)
    yield f"+{said}", change(by)


def _moved(windows: str | list[str], minutes: int) -> str | list[str]:
    """Windows earlier or later, around the clock."""
    if isinstance(windows, list):
        return [_clock_moved(each, minutes) for each in windows]
    return _clock_moved(windows, minutes)


def _clock_moved(window: str, minutes: int) -> str:
    def moved(found: re.Match[str]) -> str:
        minute = (int(found[1]) * 60 + int(found[2]) + minutes) % (24 * 60)
        return f"{minute // 60:02}:{minute % 60:02}"

    return _CLOCK.sub(moved, window)
