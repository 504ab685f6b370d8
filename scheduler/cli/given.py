"""What a call gives in the place of a gateway and of others: powers, flags, values, prices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rules.domain import GridStatus
    from rules.engine import RuleSet
    from rules.inputs import Inputs
    from rules.resolve import Levers

GRID_WORDS = {"up": "CONNECTED", "down": "ISLANDED"}

FLAGS = Annotated[list[str] | None, typer.Option("--flag", help="A flag that is set; repeatable.")]
VALUES = Annotated[
    list[str] | None,
    typer.Option("--input", metavar="NAME=NUMBER", help="An input's value; repeatable."),
]
PRICES = Annotated[
    Path | None,
    typer.Option("--prices", metavar="FILE", help="Prices, a file like inputs/prices.json."),
]

FIRMWARE = Annotated[
    str | None, typer.Option(help="The gateway's firmware, for what its route can set.")
]


def inputs_of(
    flags: Sequence[str] | None, values: Sequence[str] | None, prices: Path | None, now: datetime
) -> Inputs:
    """What is given from outside, as of an instant. Raises `ConfigProblem`."""
    from rules.inputs import DatedValue, Inputs

    series = None
    if prices is not None:
        from scheduler.inputs import read_prices

        series = read_prices(prices)
    return Inputs(
        dict.fromkeys(named("--flag", each) for each in flags or []),
        {name: DatedValue(number, now) for name, number in map(value_of, values or [])},
        series,
    )


def without_prices(rules: RuleSet, inputs: Inputs) -> dict[str, str]:
    """The rules that look at prices which nobody has given, each with a sentence about that."""
    from rules.engine import in_need_of_prices

    if inputs.prices is not None:
        return {}
    said = "its prices are unknown: none are given; give them with --prices FILE"
    return dict.fromkeys(in_need_of_prices(rules), said)


def uncovered(rules: RuleSet, inputs: Inputs, now: datetime) -> str:
    """A sentence where prices are given, and none for this moment; else nothing."""
    prices = inputs.prices
    if prices is None or prices.at(now) is not None:
        return ""
    if not prices.slots:
        return "no price is given for this time: the file has none"
    zone = rules.almanac.zone
    start, end = (each.astimezone(zone) for each in (prices.slots[0].start, prices.slots[-1].end))
    return (
        "no price is given for this time: the file has those from"
        f" {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} ({end.tzname()})"
    )


def grid_of(word: str | None) -> GridStatus | None:
    """What --grid says. Raises `ConfigProblem`."""
    from rules.domain import GridStatus
    from scheduler.errors import ConfigProblem

    if word is None:
        return None
    if word in GRID_WORDS:
        return GridStatus[GRID_WORDS[word]]
    try:
        return GridStatus(word)
    except ValueError:
        raise ConfigProblem(
            f'--grid: must be up, down or a gateway\'s word, got "{word}"'
        ) from None


def route_levers(firmware: str | None) -> Levers:
    """What the route can set with the firmware that --firmware says. Raises `ConfigProblem`."""
    from scheduler.errors import ConfigProblem
    from scheduler.gateways import levers_of, parse_version

    version = parse_version(firmware)
    if firmware is not None and version is None:
        raise ConfigProblem(f'--firmware: must be like "23.44.3", got "{firmware}"')
    return levers_of(version)


def power_of(option: str, text: str | None) -> float | None:
    """Watts, negative for the other direction. Raises `ConfigProblem`."""
    from rules.language import parse_power
    from scheduler.errors import ConfigProblem

    if text is None:
        return None
    sign, size = (-1, text[1:]) if text.startswith("-") else (1, text)
    try:
        return sign * parse_power(size if size.endswith("W") else f"{size} W")
    except ValueError:
        raise ConfigProblem(
            f'{option}: must be watts, or a power like "2 kW", got "{text}"'
        ) from None


def value_of(text: str) -> tuple[str, float]:
    """The name and the number of an input. Raises `ConfigProblem`."""
    from scheduler.errors import ConfigProblem

    name, equals, number = text.partition("=")
    if not equals:
        raise ConfigProblem(f'--input: must be like "sun=25", got "{text}"')
    return named("--input", name), _finite("--input", number)


def named(option: str, name: str) -> str:
    """A name that a rule may say. Raises `ConfigProblem`."""
    from rules.language import parse_name
    from scheduler.errors import ConfigProblem

    try:
        return parse_name(name)
    except ValueError as error:
        raise ConfigProblem(f"{option}: {error}") from None


def _finite(option: str, text: str) -> float:
    from math import isfinite

    from scheduler.errors import ConfigProblem

    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise ConfigProblem(f'{option}: must be a number, got "{text}"')
    return number
