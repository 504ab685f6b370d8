"""One clause against one look at the world: true, false or unknown.

A condition on a missing value is unknown, never false. Thresholds tile: below is `<`, above is
`>=`, and a threshold that holds lets go only `margin` beyond itself. Every condition also tells
the look within what its answer cannot change: a half-open interval of a quantity, a value that must
stay the same, an instant. A caller may skip every look that lies inside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from rules.calendar import Almanac, Calendar
from rules.domain import GridStatus, Observation, Quantity
from rules.inputs import Inputs

Verdict = bool | None
"""`None` is unknown."""

Bounds = tuple[tuple[str, float, float], ...]
"""Quantities, each with the half-open interval in which nothing changes."""

Sames = tuple[tuple[str, object], ...]
"""Quantities, each with the value (`None`: missing) with which nothing changes."""


class Look:
    """One look: what is there, and, gathered from the conditions, within what the answers stand."""

    __slots__ = (
        "almanac",
        "between",
        "held",
        "holding",
        "inputs",
        "missing",
        "now",
        "observation",
        "same",
        "until",
    )

    def __init__(
        self,
        observation: Observation,
        inputs: Inputs,
        almanac: Almanac,
        now: datetime,
        until: datetime,
    ) -> None:
        self.observation = observation
        self.inputs = inputs
        self.almanac = almanac
        self.now = now
        self.until = until
        self.between: dict[str, list[float]] = {}
        self.same: dict[str, object] = {}
        self.held: frozenset[str] = frozenset()
        self.holding: list[str] = []
        self.missing: list[str] = []

    def turn_to(self, held: frozenset[str]) -> None:
        """Look at the next rule: `held` are the keys of its thresholds that held at the last.

        `holding` collects those that hold now, and `missing` those among them that only go on as
        their value is missing.
        """
        self.held = held
        self.holding = []
        self.missing = []

    def stands_between(self, quantity: str, low: float, high: float) -> None:
        """An answer stands as long as the quantity is at least `low` and less than `high`."""
        known = self.between.setdefault(quantity, [low, high])
        known[0] = max(low, known[0])
        known[1] = min(high, known[1])

    def stands_with(self, quantity: str, value: object) -> None:
        """An answer stands as long as the quantity has this value."""
        self.same[quantity] = value

    def stands_within(self, bounds: Bounds, sames: Sames) -> None:
        """Answers that were found before stand within these."""
        for quantity, low, high in bounds:
            self.stands_between(quantity, low, high)
        self.same.update(sames)

    def stands_until(self, instant: datetime) -> None:
        """An answer stands until an instant."""
        self.until = min(self.until, instant)

    def bounds(self) -> Bounds:
        """The intervals within which everything stands."""
        return tuple((name, low, high) for name, (low, high) in self.between.items())

    def sames(self) -> Sames:
        """The values with which everything stands."""
        return tuple(self.same.items())


class Condition(Protocol):
    """One key of a clause. `key` is its place in the rule file."""

    @property
    def key(self) -> str:
        """Where it stands in the rule file, as "while.soe_below"."""

    def test(self, look: Look) -> Verdict:
        """The verdict."""

    def wanted(self, look: Look) -> str:
        """The condition in words."""

    def got(self, look: Look) -> str:
        """What is there, in words."""

    def quantities(self) -> frozenset[Quantity]:
        """What it looks at."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A quantity at or above, or below, a limit, with a margin before it lets go.

    `sign` is -1 where the rule file counts the other way round than the gateway: export is negative
    site power, charging is negative battery power.

    In the gateway's counting it is a Schmitt trigger with the edges `low` and `high`: a value on
    the upper side stays there down to `low`, one on the lower side stays there below `high`. It
    holds on the upper side if `upper` says so, else on the lower.
    """

    key: str
    quantity: Quantity
    above: bool
    limit: float
    margin: float
    unit: str = "%"
    sign: int = 1
    attribute: str = field(init=False, compare=False, repr=False)
    upper: bool = field(init=False, compare=False, repr=False)
    low: float = field(init=False, compare=False, repr=False)
    high: float = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        beyond = self.limit - self.margin if self.above else self.limit + self.margin
        edges = [self.limit, beyond]
        if self.sign < 0:
            # -value >= edge is value <= -edge; the next float makes it half open.
            edges = [math.nextafter(-edge, math.inf) for edge in edges]
        object.__setattr__(self, "attribute", self.quantity.value)  # a plain str is found faster
        object.__setattr__(self, "upper", self.above is (self.sign > 0))
        object.__setattr__(self, "low", min(edges))
        object.__setattr__(self, "high", max(edges))

    def test(self, look: Look) -> Verdict:
        value: float | None = getattr(look.observation, self.attribute)
        held = self.key in look.held
        if value is None:
            look.same[self.attribute] = None
            if held:
                look.holding.append(self.key)
                look.missing.append(self.key)
            return None
        known = look.between.get(self.attribute)
        if known is None:
            known = look.between[self.attribute] = [-math.inf, math.inf]
        if value >= (self.low if held is self.upper else self.high):
            verdict = self.upper
            known[0] = max(known[0], self.low)
        else:
            verdict = not self.upper
            known[1] = min(known[1], self.high)
        if verdict:
            look.holding.append(self.key)
        return verdict

    def wanted(self, look: Look) -> str:
        held = self.key in look.held
        edge = self.limit - self.margin if self.above else self.limit + self.margin
        words = "at least" if self.above else "below"
        limit = f"{edge if held else self.limit:g} {self.unit}"
        return f"{words} {limit}" + (f" ({self.limit:g} {self.unit} to take hold)" if held else "")

    def got(self, look: Look) -> str:
        value: float | None = getattr(look.observation, self.quantity)
        if value is None:
            return "unknown"
        return f"{value * self.sign:.{1 if self.unit == '%' else 0}f} {self.unit}"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset({self.quantity})


@dataclass(frozen=True, slots=True)
class GridIs:
    """The grid status is one of these words."""

    key: str
    words: frozenset[GridStatus]

    def test(self, look: Look) -> Verdict:
        grid = look.observation.grid
        look.same[Quantity.GRID] = grid
        return None if grid is None else grid in self.words

    def wanted(self, look: Look) -> str:  # noqa: ARG002 -- as Condition
        if self.words == {status for status in GridStatus if status.up}:
            return "up"
        if self.words == {status for status in GridStatus if status.down}:
            return "down"
        return " or ".join(sorted(self.words))

    def got(self, look: Look) -> str:
        return str(look.observation.grid or "unknown")

    def quantities(self) -> frozenset[Quantity]:
        return frozenset({Quantity.GRID})


@dataclass(frozen=True, slots=True)
class GridServicesAre:
    """Grid services (a virtual power plant, say) are active, or are not."""

    key: str
    active: bool

    def test(self, look: Look) -> Verdict:
        active = look.observation.grid_services
        look.same[Quantity.GRID_SERVICES] = active
        return None if active is None else active is self.active

    def wanted(self, look: Look) -> str:  # noqa: ARG002 -- as Condition
        return "active" if self.active else "not active"

    def got(self, look: Look) -> str:
        active = look.observation.grid_services
        return "unknown" if active is None else "active" if active else "not active"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset({Quantity.GRID_SERVICES})


@dataclass(frozen=True, slots=True)
class FlagSet:
    """A flag is set. One that nobody has set, or that has expired, is not."""

    key: str
    name: str

    def test(self, look: Look) -> Verdict:
        flags = look.inputs.flags
        if self.name not in flags:
            return False
        expiry = flags[self.name]
        if expiry is None:
            return True
        if look.now >= expiry:
            return False
        look.stands_until(expiry)
        return True

    def wanted(self, look: Look) -> str:  # noqa: ARG002 -- as Condition
        return f'"{self.name}" set'

    def got(self, look: Look) -> str:
        expiry = look.inputs.flags.get(self.name)
        if self.name not in look.inputs.flags or (expiry is not None and look.now >= expiry):
            return "not set"
        if expiry is None:
            return "set"
        return f"set until {expiry.astimezone(look.almanac.zone):%a %d %b %H:%M}"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class InputThreshold:
    """A dated value from outside at or above, or below, a limit; too old is unknown."""

    key: str
    name: str
    above: bool
    limit: float
    margin: float
    oldest: timedelta

    def test(self, look: Look) -> Verdict:
        value = self._value(look)
        held = self.key in look.held
        edge = self.limit
        if held:
            edge += -self.margin if self.above else self.margin
        verdict = None if value is None else (value >= edge) is self.above
        if verdict or (held and verdict is None):
            look.holding.append(self.key)
        if held and verdict is None:
            look.missing.append(self.key)
        return verdict

    def wanted(self, look: Look) -> str:  # noqa: ARG002 -- as Condition
        words = "at least" if self.above else "below"
        return f'"{self.name}" {words} {self.limit:g}'

    def got(self, look: Look) -> str:
        value = self._value(look)
        return "unknown or too old" if value is None else f"{value:g}"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset()

    def _value(self, look: Look) -> float | None:
        found = look.inputs.values.get(self.name)
        if found is None:
            return None
        beginning, expiry = found.at - self.oldest, found.at + self.oldest
        if look.now < beginning:
            look.stands_until(beginning)
            return None
        if look.now >= expiry:
            return None
        look.stands_until(expiry)
        return found.value


@dataclass(frozen=True, slots=True)
class OpenNow:
    """A calendar part inside `any` or `none`, or of an event without a moment."""

    key: str
    calendar: Calendar
    said: str

    def test(self, look: Look) -> Verdict:
        day = look.now.astimezone(look.almanac.zone).date()
        for span in self.calendar.spans(day, look.almanac):
            if look.now < span.start:
                look.stands_until(span.start)
                return False
            if look.now < span.end:
                look.stands_until(span.end)
                return True
        return False

    def wanted(self, look: Look) -> str:  # noqa: ARG002 -- as Condition
        return self.said

    def got(self, look: Look) -> str:
        return f"{look.now.astimezone(look.almanac.zone):%a %H:%M}"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset()


def kleene_and(verdicts: Sequence[Verdict]) -> Verdict:
    """One false decides; otherwise one unknown leaves it open."""
    if False in verdicts:
        return False
    return None if None in verdicts else True


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives: at least one of them holds (`any`), or not a single one does (`none`).

    Each alternative is a clause: a few conditions that must all hold.
    """

    key: str
    alternatives: tuple[tuple[Condition, ...], ...]
    negated: bool = False

    def test(self, look: Look) -> Verdict:
        verdicts = [
            kleene_and([condition.test(look) for condition in alternative])
            for alternative in self.alternatives
        ]
        found: Verdict = True if True in verdicts else None if None in verdicts else False
        return found if found is None else found is not self.negated

    def wanted(self, look: Look) -> str:
        said = [
            " and ".join(
                f"{condition.key.rpartition('.')[2]} {condition.wanted(look)}"
                for condition in alternative
            )
            for alternative in self.alternatives
        ]
        return f"{'none of' if self.negated else 'one of'}: {'; '.join(said)}"

    def got(self, look: Look) -> str:
        said = [
            f"{condition.key.rpartition('.')[2]} {condition.got(look)}"
            for alternative in self.alternatives
            for condition in alternative
        ]
        return ", ".join(dict.fromkeys(said))

    def quantities(self) -> frozenset[Quantity]:
        return frozenset(
            quantity
            for alternative in self.alternatives
            for condition in alternative
            for quantity in condition.quantities()
        )
