"""Rules of every kind, as owners write them, and homes to watch: what the benchmarks share."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from rules.domain import AppPercent, GridStatus, Observation
from rules.engine import Plan
from rules.inputs import NO_INPUTS, DatedValue, Inputs, PriceSeries, PriceSlot
from rules.language import load_rules
from rules.resolve import Levers

BASE = """
language = 1
tariff = "sce-tou-d-prime"
[default]
mode = "self_consumption"
reserve = 20
"""

KINDS: dict[str, str] = {
    "plain": "while = {{ {open}{power}_above = {watts} }}\nset = {{ reserve = {reserve} }}",
    "soe": "while = {{ {open}soe_below = {soe} }}\nset = {{ reserve = {reserve} }}",
    "timer": 'while = {{ {open}soe_below = {soe} }}\nfor = "10m"\nset = {{ reserve = {reserve} }}',
    "keep": 'while = {{ {open}{power}_above = {watts} }}\nkeep = "20m"\nset = {{ reserve = 40 }}',
    "hold": 'while = {{ {open}{power}_above = {watts} }}\nset = {{ battery = "hold" }}',
    "charge": 'while = {{ {open}soe_below = {soe} }}\nset = {{ battery = "charge", to = 60 }}',
    "price": "while = {{ {open}soe_above = {soe}, price_above = 0.3 }}\nset = {{ reserve = 30 }}",
    "input": 'while = {{ {open}soe_above = {soe}, input = "sun", above = 25 }}\n'
    "set = {{ reserve = 25 }}",
    "flag": 'while = {{ {open}flag = "storm", soe_below = {soe} }}\nset = {{ reserve = 80 }}',
    "rank": 'while = {{ {open}soe_below = {soe}, cheapest = 4, of = "00:00-24:00" }}\n'
    "set = {{ reserve = 70 }}",
    "any": 'while = {{ {open}any = [{{ time = "06:00-12:00" }}, {{ soe_below = {soe} }}] }}\n'
    "set = {{ reserve = {reserve} }}",
    "grid": 'while = {{ {open}grid = "up", {power}_above = {watts} }}\nset = {{ reserve = 35 }}',
    "floor": "while = {{ {open}soe_below = {soe} }}\nset = {{ reserve_at_least = {reserve} }}",
    "event": 'when = {{ {power}_above = {watts} }}\ndo = "notify"\nmessage = "much"',
}
POWERS = ("load", "solar", "import", "discharging")


def rule(kind: str, number: int, opened: str = "") -> str:
    """A rule of this kind; the number says which threshold it has, and its rank."""
    body = KINDS[kind].format(
        open=opened,
        power=POWERS[number % 4],
        watts=400 + 150 * (number % 20),
        soe=20 + 3 * (number % 20),
        reserve=20 + number % 20,
    )
    priority = "" if kind == "event" else f"priority = {number}\n"
    return f'[[rule]]\nname = "{kind} {number}"\n{priority}{body}\n'


def mixed(count: int, opened: str = "") -> str:
    """So many rules, of all kinds in turn."""
    kinds = tuple(KINDS)
    return "".join(rule(kinds[number % len(kinds)], number, opened) for number in range(count))


def realistic(count: int) -> str:
    """Rules of all kinds with windows, seasons and days, of which a few are open at any time."""
    kinds = [kind for kind in KINDS if kind != "event"]
    windows = (
        f'time = "{number % 20:02}:00-{number % 20 + 3:02}:30", '
        f'season = "{season}", days = "{days}", '
        for number, season, days in (
            (n, ("summer", "winter")[n % 2], ("workdays", "weekends", "mon..sun")[n % 3])
            for n in range(count)
        )
    )
    return "".join(
        rule(kinds[number % len(kinds)], number, opened) for number, opened in enumerate(windows)
    )


def plan_of(text: str) -> Plan:
    """A plan of the base and these rules, on a route that sets mode and reserve."""
    with tempfile.TemporaryDirectory() as folder:
        parts = (BASE + text).split("[[rule]]")
        files = [parts[first : first + 200] for first in range(0, len(parts), 200)]
        paths = [Path(folder) / f"{number}.toml" for number in range(len(files))]
        for number, (path, each) in enumerate(zip(paths, files, strict=True)):
            path.write_text(("[[rule]]" if number else "") + "[[rule]]".join(each))
        return Plan.of(load_rules(paths), Levers())


def sweep(start: datetime, step: timedelta, count: int) -> Iterator[Observation]:
    """A home in which everything changes at every look, by a twelfth of its range."""
    for number in range(count):
        part = (number * 7919 % 1000 - 500) / 500
        load, solar = 2150 + 1850 * part, 1500 + 1500 * part
        yield seen(start + number * step, 50 + 45 * part, load, solar, load - solar)


def noise(start: datetime, step: timedelta, count: int) -> Iterator[Observation]:
    """A home whose powers never rest: each look is independent of the one before."""
    chance = random.Random(1)  # noqa: S311 -- a benchmark, no secret
    for number in range(count):
        load, solar = chance.uniform(300, 4000), max(0.0, chance.gauss(1200, 1500))
        battery = max(-3000.0, min(3000.0, load - solar))
        yield seen(start + number * step, chance.uniform(10, 95), load, solar, battery)


def walk(start: datetime, step: timedelta, count: int) -> Iterator[Observation]:
    """A home as it is: powers wander, and the state of energy follows them."""
    chance = random.Random(2)  # noqa: S311 -- a benchmark, no secret
    load, solar, soe = 800.0, 600.0, 50.0
    for number in range(count):
        load = min(4500.0, max(200.0, load + chance.gauss(0, 150)))
        solar = min(5000.0, max(0.0, solar + chance.gauss(0, 150)))
        battery = max(-3000.0, min(3000.0, load - solar))
        soe = min(100.0, max(10.0, soe - battery / 13_500 * 100 / 12))
        yield seen(start + number * step, soe, load, solar, battery)


def seen(at: datetime, soe: float, load: float, solar: float, battery: float) -> Observation:
    """What there is to see."""
    return Observation(
        at,
        soe=AppPercent(soe),
        site_power=load - solar - battery,
        battery_power=battery,
        load_power=load,
        solar_power=solar,
        grid=GridStatus.CONNECTED,
        grid_services=False,
    )


def outside(start: datetime, days: int) -> Inputs:
    """Half-hourly prices, a forecast and a flag."""
    half = timedelta(minutes=30)
    slots = [
        PriceSlot(start + n * half, start + (n + 1) * half, 0.1 + 0.4 * (n * 37 % 48) / 48, 0.1)
        for n in range(days * 48)
    ]
    return replace(
        NO_INPUTS,
        flags={"storm": start + timedelta(days=days)},
        values={"sun": DatedValue(30.0, start)},
        prices=PriceSeries(slots),
    )
