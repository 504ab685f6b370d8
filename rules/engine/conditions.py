"""One clause against what is there now: true, false or unknown.

A condition on a missing value is unknown, never false. Thresholds tile: below is `<`, above is
`>=`, and a threshold that holds lets go only `margin` beyond itself. A condition whose answer time
alone can change says until when it stands; what else can change it, `rules.engine.index` knows.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from rules.calendar import ONE_DAY, Almanac, Calendar, midnight
from rules.domain import GridStatus, Observation, Quantity
from rules.inputs import Inputs

Verdict = bool | None
"""`None` is unknown."""

NOTHING_HELD: frozenset[str] = frozenset()

FOREVER = datetime.max.replace(tzinfo=UTC)


class Context:
    """What conditions are evaluated against, and what the evaluation of a rule leaves behind.

    `until` is when time alone may change an answer, `holding` are the keys of the thresholds that
    hold now, `missing` those among them that only go on because their value is missing.
    """

    __slots__ = ("almanac", "held", "holding", "inputs", "missing", "now", "observation", "until")

    def __init__(
        self, observation: Observation, inputs: Inputs, almanac: Almanac, now: datetime
    ) -> None:
        self.observation = observation
        self.inputs = inputs
        self.almanac = almanac
        self.now = now

    def begin(self, held: frozenset[str]) -> None:
        """Begin with a rule: `held` are the keys of its thresholds that held before."""
        self.held = held
        self.until = FOREVER
        self.holding: list[str] = []
        self.missing: list[str] = []

    def stands_until(self, instant: datetime) -> None:
        """An answer stands until an instant."""
        self.until = min(self.until, instant)


class Condition(Protocol):
    """One key of a clause. `key` is its place in the rule file."""

    @property
    def key(self) -> str:
        """Where it stands in the rule file, as "while.soe_below"."""

    def test(self, context: Context) -> Verdict:
        """The verdict."""

    def wanted(self, context: Context) -> str:
        """The condition in words."""

    def got(self, context: Context) -> str:
        """What is there, in words."""

    def quantities(self) -> frozenset[Quantity]:
        """What it reads of an observation."""


def conjunction(conditions: Iterable[Condition], context: Context) -> Verdict:
    """One false decides; otherwise one unknown leaves it open.

    All of them are tested, so that every margin is remembered.
    """
    verdict: Verdict = True
    for condition in conditions:
        found = condition.test(context)
        if found is None:
            if verdict:
                verdict = None
        elif not found:
            verdict = False
    return verdict


def leaves(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """The conditions and, in the place of each group, those inside it."""
    for condition in conditions:
        if isinstance(condition, Group):
            for alternative in condition.alternatives:
                yield from leaves(alternative)
        else:
            yield condition


@dataclass(frozen=True, slots=True)
class Threshold(ABC):
    """A value at or above, or below, a limit, with a margin before it lets go."""

    key: str
    above: bool
    limit: float
    margin: float

    @abstractmethod
    def value(self, context: Context) -> float | None:
        """What is compared with the limit; `None` where it is not known."""

    @property
    def released_at(self) -> float:
        """Where a threshold that holds lets go."""
        return self.limit - self.margin if self.above else self.limit + self.margin

    def test(self, context: Context) -> Verdict:
        value = self.value(context)
        held = self.key in context.held
        if value is None:
            if held:
                context.holding.append(self.key)
                context.missing.append(self.key)
            return None
        verdict = (value >= (self.released_at if held else self.limit)) is self.above
        if verdict:
            context.holding.append(self.key)
        return verdict


@dataclass(frozen=True, slots=True)
class QuantityThreshold(Threshold):
    """A threshold on a quantity of the observation.

    `sign` is -1 where the rule file counts the other way round than the gateway: export is negative
    site power, charging is negative battery power.

    In the gateway's counting it is a Schmitt trigger with the edges `low` and `high`: a value on
    the upper side stays there down to `low`, one on the lower side stays there below `high`. It
    holds on the upper side if `upper` says so, else on the lower.
    """

    quantity: Quantity
    unit: str = "%"
    sign: int = 1
    upper: bool = field(init=False, compare=False, repr=False)
    low: float = field(init=False, compare=False, repr=False)
    high: float = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        edges = [self.limit, self.released_at]
        if self.sign < 0:
            # -value >= edge is value <= -edge; the next float makes it half open.
            edges = [math.nextafter(-edge, math.inf) for edge in edges]
        object.__setattr__(self, "upper", self.above is (self.sign > 0))
        object.__setattr__(self, "low", min(edges))
        object.__setattr__(self, "high", max(edges))

    def value(self, context: Context) -> float | None:
        value: float | None = getattr(context.observation, self.quantity)
        return None if value is None else value * self.sign

    def wanted(self, context: Context) -> str:
        held = self.key in context.held
        words = "at least" if self.above else "below"
        limit = f"{self.released_at if held else self.limit:g} {self.unit}"
        return f"{words} {limit}" + (
            f" ({self.limit:g} {self.unit} to become active)" if held else ""
        )

    def got(self, context: Context) -> str:
        value = self.value(context)
        if value is None:
            return "unknown"
        return f"{value:.{1 if self.unit == '%' else 0}f} {self.unit}"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset({self.quantity})


@dataclass(frozen=True, slots=True)
class GridIs:
    """The grid status is one of these words."""

    key: str
    words: frozenset[GridStatus]

    def test(self, context: Context) -> Verdict:
        grid = context.observation.grid
        return None if grid is None else grid in self.words

    def wanted(self, context: Context) -> str:  # noqa: ARG002 -- as Condition
        if self.words == {status for status in GridStatus if status.up}:
            return "up"
        if self.words == {status for status in GridStatus if status.down}:
            return "down"
        return " or ".join(sorted(self.words))

    def got(self, context: Context) -> str:
        observation = context.observation
        return str(observation.grid or observation.unknown_word(Quantity.GRID) or "unknown")

    def quantities(self) -> frozenset[Quantity]:
        return frozenset({Quantity.GRID})


@dataclass(frozen=True, slots=True)
class GridServicesAre:
    """Grid services (a virtual power plant, say) are active, or are not."""

    key: str
    active: bool

    def test(self, context: Context) -> Verdict:
        active = context.observation.grid_services
        return None if active is None else active is self.active

    def wanted(self, context: Context) -> str:  # noqa: ARG002 -- as Condition
        return "active" if self.active else "not active"

    def got(self, context: Context) -> str:
        active = context.observation.grid_services
        return "unknown" if active is None else "active" if active else "not active"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset({Quantity.GRID_SERVICES})


@dataclass(frozen=True, slots=True)
class FlagSet:
    """A flag is set. One that nobody has set, or that has expired, is not."""

    key: str
    name: str

    def test(self, context: Context) -> Verdict:
        flags = context.inputs.flags
        if self.name not in flags:
            return False
        expiry = flags[self.name]
        if expiry is None:
            return True
        if context.now >= expiry:
            return False
        context.stands_until(expiry)
        return True

    def wanted(self, context: Context) -> str:  # noqa: ARG002 -- as Condition
        return f'"{self.name}" set'

    def got(self, context: Context) -> str:
        expiry = context.inputs.flags.get(self.name)
        if self.name not in context.inputs.flags or (expiry is not None and context.now >= expiry):
            return "not set"
        if expiry is None:
            return "set"
        return f"set until {expiry.astimezone(context.almanac.zone):%a %d %b %H:%M}"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class InputThreshold(Threshold):
    """A threshold on a dated value from outside; one that is too old is unknown."""

    name: str
    oldest: timedelta

    def value(self, context: Context) -> float | None:
        found = context.inputs.values.get(self.name)
        if found is None:
            return None
        beginning, expiry = found.at - self.oldest, found.at + self.oldest
        if context.now < beginning:
            context.stands_until(beginning)
            return None
        if context.now >= expiry:
            return None
        context.stands_until(expiry)
        return found.value

    def wanted(self, context: Context) -> str:  # noqa: ARG002 -- as Condition
        words = "at least" if self.above else "below"
        return f'"{self.name}" {words} {self.limit:g}'

    def got(self, context: Context) -> str:
        value = self.value(context)
        return "unknown or too old" if value is None else f"{value:g}"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class OpenNow:
    """A calendar part inside `any` or `none`, or of an event without a moment."""

    key: str
    calendar: Calendar
    said: str

    def test(self, context: Context) -> Verdict:
        day = context.now.astimezone(context.almanac.zone).date()
        for span in self.calendar.spans(day, context.almanac):
            if context.now < span.start:
                context.stands_until(span.start)
                return False
            if context.now < span.end:
                context.stands_until(span.end)
                return True
        context.stands_until(midnight(day + ONE_DAY, context.almanac.zone))
        return False

    def wanted(self, context: Context) -> str:  # noqa: ARG002 -- as Condition
        return self.said

    def got(self, context: Context) -> str:
        return f"{context.now.astimezone(context.almanac.zone):%a %H:%M}"

    def quantities(self) -> frozenset[Quantity]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class Group:
    """Alternatives: at least one of them holds (`any`), or not a single one does (`none`).

    Each alternative is a clause: a few conditions that must all hold.
    """

    key: str
    alternatives: tuple[tuple[Condition, ...], ...]
    negated: bool = False

    def test(self, context: Context) -> Verdict:
        verdicts = [conjunction(alternative, context) for alternative in self.alternatives]
        found: Verdict = True if True in verdicts else None if None in verdicts else False
        return found if found is None else found is not self.negated

    def wanted(self, context: Context) -> str:
        said = [
            " and ".join(
                f"{condition.key.rpartition('.')[2]} {condition.wanted(context)}"
                for condition in alternative
            )
            for alternative in self.alternatives
        ]
        return f"{'none of' if self.negated else 'one of'}: {'; '.join(said)}"

    def got(self, context: Context) -> str:
        said = [
            f"{condition.key.rpartition('.')[2]} {condition.got(context)}"
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
