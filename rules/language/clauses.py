"""What a clause may say: when a state rule holds, and when an event rule acts.

The texts under the fields are what an editor shows, by way of `pwsched schema`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, ClassVar, Self

from pydantic import (
    BeforeValidator,
    Field,
    WithJsonSchema,
    model_validator,
)

from rules.calendar import Dates, Days, Window
from rules.domain import GridStatus, Quantity
from rules.errors import KeyMistake
from rules.language.field_types import (
    TEXT,
    TEXTS,
    Duration,
    Name,
    Percent,
    Power,
    Strict,
    Texts,
    text,
    texts,
)
from rules.language.parsing import parse_days, parse_months, parse_time, parse_window


def _parse_grid(value: object) -> frozenset[GridStatus]:
    words = {
        "up": {status for status in GridStatus if status.up},
        "down": {status for status in GridStatus if status.down},
    } | {status.value: {status} for status in GridStatus}
    found: set[GridStatus] = set()
    for word in texts(value):
        if word not in words:
            raise ValueError(f'must be "up", "down" or a word of the gateway, got "{word}"')
        found |= words[word]
    return frozenset(found)


POWERS = (
    ("solar", Quantity.SOLAR_POWER, 1),
    ("load", Quantity.LOAD_POWER, 1),
    ("import", Quantity.SITE_POWER, 1),
    ("export", Quantity.SITE_POWER, -1),
    ("charging", Quantity.BATTERY_POWER, -1),
    ("discharging", Quantity.BATTERY_POWER, 1),
)
"""The words for powers, the quantity behind each, and its sign in the gateway's counting. Each has
a key with _above and one with _below."""

_ELSEWHERE = {"margin": "; for the state of energy and for powers it stands beside while or when"}


class Clause(Strict):
    """Conditions that must all hold. The days belong to the day on which a window starts."""

    _empty: ClassVar[str] = " and would always hold"

    time: Annotated[
        tuple[Window, ...],
        BeforeValidator(lambda value: tuple(parse_window(each) for each in texts(value))),
        WithJsonSchema(TEXTS),
    ] = ()
    """Windows of local time: "16:00-21:00", "22:05-07:55", "fri 17:00 - sun 20:00". Half open."""

    days: Annotated[
        Days | None,
        BeforeValidator(lambda value: parse_days(texts(value))),
        WithJsonSchema(TEXTS),
    ] = None
    """"mon" to "sun", "mon..fri", "weekdays", "workdays" (no holidays), "weekends", "holidays"."""

    months: Annotated[
        Dates | None,
        BeforeValidator(lambda value: parse_months(texts(value))),
        WithJsonSchema(TEXTS),
    ] = None
    """"jun", "jun..sep", or a list."""

    dates: Texts = ()
    """"08-01..09-30" (both ends included), "12-24", the same with a year, or a list in [dates]."""

    eve_of: Texts = ()
    """The day before such days: "holidays", "weekends", "sat", or a name in [dates]."""

    season: str | None = None
    """A season of the tariff."""

    period: Texts = ()
    """Priced periods by name, or "peak" / "cheapest": the dearest and cheapest of that day."""

    price_above: float | None = None
    """A kWh from the grid costs at least this, in the currency of the tariff or the series."""
    price_below: float | None = None
    """A kWh from the grid costs less than this."""
    export_price_above: float | None = None
    """A kWh to the grid earns at least this."""
    export_price_below: float | None = None
    """A kWh to the grid earns less than this."""

    cheapest: Annotated[int, Field(ge=1, le=96)] | None = None
    """Now is among the N cheapest price slots of the window in `of`."""
    dearest: Annotated[int, Field(ge=1, le=96)] | None = None
    """Now is among the N dearest price slots of the window in `of`."""
    of: Annotated[Window | None, text(parse_window), WithJsonSchema(TEXT)] = None
    """The window within which `cheapest` or `dearest` ranks; the whole day by default."""

    soe_above: Percent | None = None
    """The state of energy is at least this, in percent as the Tesla app shows it."""
    soe_below: Percent | None = None
    """The state of energy is below this, in percent as the Tesla app shows it."""

    grid: Annotated[
        frozenset[GridStatus] | None, BeforeValidator(_parse_grid), WithJsonSchema(TEXTS)
    ] = None
    """"up", "down", or the gateway's own words."""
    grid_services: bool | None = None
    """Grid services (a virtual power plant) are active."""

    solar_above: Power = None
    """Solar production is at least this."""
    solar_below: Power = None
    """Solar production is below this."""
    load_above: Power = None
    """The home uses at least this."""
    load_below: Power = None
    """The home uses less than this."""
    import_above: Power = None
    """At least this is bought from the grid."""
    import_below: Power = None
    """Less than this is bought from the grid."""
    export_above: Power = None
    """At least this is sold to the grid."""
    export_below: Power = None
    """Less than this is sold to the grid."""
    charging_above: Power = None
    """The battery charges with at least this."""
    charging_below: Power = None
    """The battery charges with less than this."""
    discharging_above: Power = None
    """The battery discharges with at least this."""
    discharging_below: Power = None
    """The battery discharges with less than this."""

    flag: Name | None = None
    """This flag is set (`pwsched flag`)."""
    input: Name | None = None
    """A dated value that something else refreshes, compared by `above` or `below`."""
    above: float | None = None
    """The input is at least this."""
    below: float | None = None
    """The input is less than this."""
    oldest: Duration | None = None
    """How old the input may be before it is unknown; 6 hours by default."""
    margin: Annotated[float, Field(gt=0)] | None = None
    """How far beyond `above` or `below` the clause stays true; nothing by default."""

    @model_validator(mode="after")
    def _says_something_whole(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"is empty{self._empty}")
        if self.of is not None and self.cheapest is None and self.dearest is None:
            raise KeyMistake("of", "goes with cheapest or dearest")
        if self.of is not None and (self.of.weekday is not None or self.of.midnights > 1):
            raise KeyMistake("of", "must be a window of one day or night")
        if self.input is None:
            for key in ("above", "below", "oldest", "margin"):
                if getattr(self, key) is not None:
                    raise KeyMistake(key, f"goes with input{_ELSEWHERE.get(key, '')}")
        elif self.above is None and self.below is None:
            raise KeyMistake("input", "needs above or below beside it")
        return self

    def clauses(self) -> Iterable[Clause]:
        """This clause, and those inside of it."""
        return (self,)


class While(Clause):
    """When a state rule holds."""

    _empty: ClassVar[str] = "; leave while out where the rule is to hold always"

    all: Annotated[list[Clause], Field(min_length=1, max_length=20)] = Field(default_factory=list)
    """Every one of these clauses holds: for a key that is needed twice."""

    any: Annotated[list[Clause], Field(min_length=1, max_length=20)] = Field(default_factory=list)
    """At least one of these clauses holds."""
    none: Annotated[list[Clause], Field(min_length=1, max_length=20)] = Field(default_factory=list)
    """Not one of these clauses holds."""

    def clauses(self) -> Iterable[Clause]:
        return (self, *self.all, *self.any, *self.none)


class When(While):
    """The moment of an event and what is tested then; without a moment, what must turn true."""

    _empty: ClassVar[str] = '; say when, like at = "07:15", or what must turn true'

    at: Annotated[int | None, text(parse_time), WithJsonSchema(TEXT)] = None
    """A time of day, like "07:15"."""
    before: str | None = None
    """Before a priced period begins, by `lead`."""
    after: str | None = None
    """After a priced period has ended, by `lead`."""
    lead: Duration = timedelta(0)
    """How long before, or after; at most 24 hours."""

    @property
    def moments(self) -> list[str]:
        """Which of at, before and after are said."""
        return [key for key in ("at", "before", "after") if getattr(self, key) is not None]

    @property
    def moment(self) -> str | None:
        """The key that says at which moments; `None` where this says what must turn true."""
        return next(iter(self.moments), None)

    @model_validator(mode="after")
    def _at_most_one_moment(self) -> Self:
        moments = self.moments
        if len(moments) > 1:
            raise ValueError(f"has two moments, {' and '.join(moments)}; make it two rules")
        if self.lead and self.before is None and self.after is None:
            raise KeyMistake("lead", "goes with before or after")
        if self.lead > timedelta(hours=24):
            raise KeyMistake("lead", "must be at most 24h")
        return self
