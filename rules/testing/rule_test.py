"""A test of rules: a house through time, and what is expected of the controller that runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from rules.domain import GridStatus, Part, Quantity, Setting
from rules.engine import RuleSet, RuleState
from rules.resolve import Levers
from rules.testing.series import Series

ORDINARY: Mapping[Quantity, object] = {
    Quantity.SOE: 50.0,
    Quantity.LOAD_POWER: 500.0,
    Quantity.SOLAR_POWER: 0.0,
    Quantity.BATTERY_POWER: 0.0,
    Quantity.GRID: GridStatus.CONNECTED,
    Quantity.GRID_SERVICES: False,
}
"""What a house is like as far as a test does not say. What flows from the grid is the balance."""


BY_ITSELF: Final = object()
"""In a series: the value follows from the rest, by the balance of powers or by a home's seed."""


@dataclass(frozen=True, slots=True)
class SimulatedHome:
    """A battery that moves as the rules tell it, under load and sun by `seed`.

    It begins with `soe` percent; `panels_w` is the nameplate power of the roof.
    """

    soe: float
    seed: int = 1
    panels_w: float = 6_000.0


@dataclass(frozen=True, slots=True)
class House:
    """What a controller reads, through time.

    `quantities` has a series for each that the test decides; the power from the grid is the balance
    of the others unless it has one. `flags` are series of true (set), an instant (set until
    then) and `None`, `values` of `DatedValue`s, or of numbers that are always of now; `prices` of
    `PriceSeries`. `settings` are what the gateway is set to at the start, and what somebody else
    sets later. In a simulated `home` load and sun are of its seed, unless there is a series.
    """

    quantities: Mapping[Quantity, Series]
    flags: Mapping[str, Series]
    values: Mapping[str, Series]
    prices: Series
    settings: tuple[tuple[datetime, Setting], ...]
    home: SimulatedHome | None = None


_ANYTHING: Final = Setting()


class Holds(StrEnum):
    """At which moments of a span an expectation has to be met."""

    ALWAYS = "always"
    NEVER = "never"
    SOMETIME = "at one moment at least"


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happens; `None`: any number of times."""

    at_least: int = 0
    at_most: int | None = None

    def __contains__(self, number: int) -> bool:
        return self.at_least <= number and (self.at_most is None or number <= self.at_most)

    def __str__(self) -> str:
        if self.at_most is None:
            return f"at least {self.at_least}"
        if self.at_least == self.at_most:
            return str(self.at_least)
        return f"{self.at_least} to {self.at_most}" if self.at_least else f"at most {self.at_most}"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected at one moment, or from `start` to before `end`.

    `setting` is what the gateway has, `wanted` what the rules want, each as far as it says
    something. `winner` wins at least one part, `winners` those parts; the rules in `active` take
    part in the contest, those in `states` are in that state.
    """

    line: int
    start: datetime
    end: datetime | None
    holds: Holds = Holds.ALWAYS
    setting: Setting = _ANYTHING
    wanted: Setting = _ANYTHING
    winner: str | None = None
    winners: Mapping[Part, str] = field(default_factory=dict)
    states: Mapping[str, RuleState] = field(default_factory=dict)
    active: tuple[str, ...] = ()
    fired: Mapping[str, Count] = field(default_factory=dict)
    missed: Mapping[str, Count] = field(default_factory=dict)
    writes: Count | None = None


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One test. The controller looks every `step`; without one at the `points` and nowhere else."""

    name: str
    line: int
    start: datetime
    end: datetime
    step: timedelta | None
    points: tuple[datetime, ...]
    house: House
    expect: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class RuleTestFile:
    """The tests of one file, with the rules that they are about.

    `levers` are what the route can set, `reserve_floor` is the owner's.
    """

    path: Path
    rule_files: tuple[Path, ...]
    rules: RuleSet
    levers: Levers
    reserve_floor: int
    tests: tuple[RuleTest, ...]
