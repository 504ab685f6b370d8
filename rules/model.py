"""What a rule file may say.

Strict: an unknown key is an error, `true` is not a number, and a text is parsed where it stands.
Times and durations are quoted ("16:00", "45m"), because bare TOML times mean something else. The
texts under the fields are what an editor shows, by way of `pwsched schema`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from rules.calendar import (
    Dates,
    Days,
    Window,
    parse_days,
    parse_duration,
    parse_months,
    parse_time,
    parse_window,
)
from rules.domain import Export, GridStatus, Mode
from rules.errors import KeyMistake, shown
from rules.plan import AtMost

Parsed = TypeVar("Parsed")

_TEXT: dict[str, Any] = {"type": "string"}
_TEXTS: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
}
_POWER: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": r"^\d+(\.\d+)? ?k?W$"},
    ]
}
_NAME = "[a-z][a-z0-9_-]{0,39}"
_MARGIN: dict[str, Any] = {
    "anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 20}, _POWER["anyOf"][1]]
}
_WATTS = re.compile(r"(\d{1,7}(?:\.\d{1,3})?) ?(k?)W")
_RATE = re.compile(r"(\d{1,3})/(hour|day|week|\d{1,4}[smh])")


def text(parse: Callable[[str], Parsed]) -> BeforeValidator:
    """A validator that parses a text, and refuses what is none."""

    def validate(value: object) -> Parsed:
        if not isinstance(value, str):
            raise ValueError(f"must be text in quotes, got {shown(value)}")  # noqa: TRY004 -- pydantic reads ValueError
        return parse(value)

    return BeforeValidator(validate)


def texts(value: object) -> list[str]:
    """One text, or a list of them that is not empty, as a list. Raises `ValueError`."""
    listed: list[Any] = value if isinstance(value, list) else [value]
    for item in listed:
        if not isinstance(item, str):
            raise ValueError(f"must be text in quotes, got {shown(item)}")  # noqa: TRY004 -- as above
    if not listed:
        raise ValueError("must not be an empty list")
    return listed


def parse_power(value: object) -> float:
    """Watts from a number, "500 W" or "2 kW". Raises `ValueError`."""
    if isinstance(value, int | float) and value < 0:
        raise ValueError("must not be negative; the other direction has a key of its own")
    if isinstance(value, str) and (match := _WATTS.fullmatch(value)):
        return float(match[1]) * (1000 if match[2] else 1)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9:
        return float(value)
    raise ValueError(f'must be watts, or a power like "2 kW", got {shown(value)}')


def parse_rate(value: str) -> AtMost:
    """A limit like "1/day", "2/hour" or "3/12h". Raises `ValueError`."""
    match = _RATE.fullmatch(value)
    if not match or int(match[1]) == 0:
        raise ValueError(f'must be a rate like "1/day" or "2/12h", got "{value}"')
    spans = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}
    span = spans.get(match[2]) or parse_duration(match[2])
    if not span:
        raise ValueError(f'must be a rate over some time, like "2/12h", got "{value}"')
    return AtMost(int(match[1]), span)


def parse_margin(value: object) -> float | str:
    """Percent from a number, or the text of a power like "300 W". Raises `ValueError`."""
    if isinstance(value, str):
        match = _WATTS.fullmatch(value)
        if match is None or float(match[1]) == 0:
            raise ValueError(f'must be percent, or a power like "300 W", got "{value}"')
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f'must be percent, or a power like "300 W", got {shown(value)}')  # noqa: TRY004 -- as above
    if not 0 < value <= 20:
        raise ValueError(f"must be more than 0 and at most 20 percent, got {shown(value)}")
    return float(value)


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


def _language(value: object) -> object:
    # To Python, and so to pydantic's literals, true and 1.0 are 1 as well.
    if type(value) is not int or value != 1:
        raise ValueError(f"must be 1, got {shown(value)}")
    return value


def parse_name(name: str) -> str:
    """The name of a flag, an input or a list of dates. Raises `ValueError`."""
    if not re.fullmatch(_NAME, name):
        raise ValueError(f'must be small letters and digits like "storm", got {shown(name)}')
    return name


def _country(code: str) -> str:
    if not re.fullmatch("[A-Z]{2}", code):
        raise ValueError(f'must be two capital letters like "US", got {shown(code)}')
    return code


def _one_line(name: str) -> str:
    if not name.isprintable():
        raise ValueError("must be on one line, without control characters")
    return name


class Strict(BaseModel):
    """Strict types, no unknown keys, no NaN, no change afterwards."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        arbitrary_types_allowed=True,
        use_attribute_docstrings=True,
    )


Duration = Annotated[
    timedelta, text(parse_duration), WithJsonSchema(_TEXT | {"pattern": r"^\d{1,4}(s|m|h)$"})
]
Percent = Annotated[float, Field(ge=0, le=100)]
Reserve = Annotated[int, Field(ge=0, le=100)]
ModeWord = Literal["self_consumption", "backup", "autonomous"]
ExportWord = Literal["never", "pv_only", "battery_ok"]
Power = Annotated[float | None, BeforeValidator(parse_power), WithJsonSchema(_POWER)]
Texts = Annotated[
    tuple[str, ...], BeforeValidator(lambda v: tuple(texts(v))), WithJsonSchema(_TEXTS)
]
Name = Annotated[
    str, AfterValidator(parse_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})
]
Margin = Annotated[float | str | None, BeforeValidator(parse_margin), WithJsonSchema(_MARGIN)]


class Clause(Strict):
    """Conditions that must all hold. The days belong to the day on which a window starts."""

    _empty: ClassVar[str] = " and would always hold"

    time: Annotated[
        tuple[Window, ...],
        BeforeValidator(lambda value: tuple(parse_window(each) for each in texts(value))),
        WithJsonSchema(_TEXTS),
    ] = ()
    """Windows of local time: "16:00-21:00", "22:05-07:55", "fri 17:00 - sun 20:00". Half open."""

    days: Annotated[
        Days | None,
        BeforeValidator(lambda value: parse_days(texts(value))),
        WithJsonSchema(_TEXTS),
    ] = None
    """"mon" to "sun", "mon..fri", "weekdays", "workdays" (no holidays), "weekends", "holidays"."""

    months: Annotated[
        Dates | None,
        BeforeValidator(lambda value: parse_months(texts(value))),
        WithJsonSchema(_TEXTS),
    ] = None
    """"jun", "jun..sep", or a list."""

    dates: Texts = ()
    """"08-01..09-30" (both ends included), "12-24", "2026-12-24", or a list in [dates]."""

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
    """Now is one of so many cheapest price slots of the window in `of`."""
    dearest: Annotated[int, Field(ge=1, le=96)] | None = None
    """Now is one of so many dearest price slots of the window in `of`."""
    of: Annotated[Window | None, text(parse_window), WithJsonSchema(_TEXT)] = None
    """The window within which `cheapest` or `dearest` ranks; the whole day unless said."""

    soe_above: Percent | None = None
    """The state of energy is at least this, in percent as the Tesla app shows it."""
    soe_below: Percent | None = None
    """The state of energy is below this, in percent as the Tesla app shows it."""

    grid: Annotated[
        frozenset[GridStatus] | None, BeforeValidator(_parse_grid), WithJsonSchema(_TEXTS)
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
    """The battery takes at least this."""
    charging_below: Power = None
    """The battery takes less than this."""
    discharging_above: Power = None
    """The battery gives at least this."""
    discharging_below: Power = None
    """The battery gives less than this."""

    flag: Name | None = None
    """This flag is set (`pwsched flag`)."""
    input: Name | None = None
    """A dated value that something else refreshes, compared by `above` or `below`."""
    above: float | None = None
    """The input is at least this."""
    below: float | None = None
    """The input is less than this."""
    oldest: Duration | None = None
    """How old the input may be before it is unknown; 6 hours unless said."""

    @model_validator(mode="after")
    def _says_something_whole(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"is empty{self._empty}")
        if self.of is not None and self.cheapest is None and self.dearest is None:
            raise KeyMistake("of", "goes with cheapest or dearest")
        if self.of is not None and (self.of.weekday is not None or self.of.midnights > 1):
            raise KeyMistake("of", "must be a window of one day or night")
        if self.input is None:
            for key in ("above", "below", "oldest"):
                if getattr(self, key) is not None:
                    raise KeyMistake(key, "goes with input")
        elif self.above is None and self.below is None:
            raise KeyMistake("input", "needs above or below beside it")
        return self


class While(Clause):
    """When a state rule holds."""

    _empty: ClassVar[str] = " and would always hold; that is what [default] is for"

    any: Annotated[list[Clause], Field(min_length=1, max_length=20)] = Field(default_factory=list)
    """At least one of these clauses holds."""
    none: Annotated[list[Clause], Field(min_length=1, max_length=20)] = Field(default_factory=list)
    """Not one of these clauses holds."""


class When(While):
    """The moment of an event and what is tested then; without a moment, what must turn true."""

    _empty: ClassVar[str] = '; say when, like at = "07:15", or what must turn true'

    at: Annotated[int | None, text(parse_time), WithJsonSchema(_TEXT)] = None
    """A time of day, like "07:15"."""
    before: str | None = None
    """Before a priced period begins, by `lead`."""
    after: str | None = None
    """After a priced period has ended, by `lead`."""
    lead: Duration = timedelta(0)
    """How long before, or after; at most 24 hours."""

    @property
    def has_moment(self) -> bool:
        """This says at which moments, and not what must turn true."""
        return self.at is not None or self.before is not None or self.after is not None

    @model_validator(mode="after")
    def _at_most_one_moment(self) -> Self:
        moments = [key for key in ("at", "before", "after") if getattr(self, key) is not None]
        if len(moments) > 1:
            raise ValueError(f"has two moments, {' and '.join(moments)}; make it two rules")
        if self.lead and self.before is None and self.after is None:
            raise KeyMistake("lead", "goes with before or after")
        if self.lead > timedelta(hours=24):
            raise KeyMistake("lead", "must be at most 24h")
        return self


class Set(Strict):
    """What a state rule wants: by intent, or in the gateway's words."""

    battery: Literal["use", "hold", "charge", "leave"] | None = None
    """By intent: cover the home; keep what is in it; buy until `to`, then hold; write nothing."""
    to: Annotated[int, Field(ge=1, le=100)] | None = None
    """With battery = "charge": up to which percent as the Tesla app shows it."""
    mode: ModeWord | None = None
    """The operation mode, in the gateway's words."""
    reserve: Reserve | None = None
    """The backup reserve in percent as the Tesla app shows it."""
    reserve_at_least: Reserve | None = None
    """Raises the reserve that wins, by maximum over all active rules."""
    grid_charging: bool | None = None
    """Whether the battery may be charged from the grid, where the route can say so."""
    export: ExportWord | None = None
    """What may be sold to the grid, where the route can say so."""

    @model_validator(mode="after")
    def _one_way_of_saying_it(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("sets nothing")
        if self.battery is not None and self.mode is not None:
            raise ValueError("battery and mode say the same thing twice; keep one")
        if self.battery == "charge" and self.to is None:
            raise ValueError('battery = "charge" needs to = a percentage')
        if self.battery != "charge" and self.to is not None:
            raise KeyMistake("to", 'goes with battery = "charge"')
        if self.battery in {"hold", "charge", "leave"}:
            for key in ("reserve", "grid_charging"):
                if getattr(self, key) is not None:
                    raise KeyMistake(key, f'battery = "{self.battery}" decides that itself')
        return self


class Rule(Strict):
    """One rule: a state rule (`while` ... `set`) or an event rule (`when` ... `do`)."""

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]
    """How the rule is called everywhere; unique among all files."""
    why: Annotated[str, Field(max_length=200)] = ""
    """The owner's own reason, shown wherever the rule is."""
    enabled: bool = True
    """With false the rule is read and checked, and does nothing."""
    replaces: str | None = None
    """The name of a rule of an earlier file that this one stands in for."""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """Each part of the setting goes to the active rule of the highest priority."""
    even_if_overridden: bool = False
    """The rule holds even against a change that somebody made by hand."""

    while_: Annotated[While | None, Field(alias="while")] = None
    """When a state rule holds."""
    set_: Annotated[Set | None, Field(alias="set")] = None
    """What a state rule wants."""
    when: When | None = None
    """When an event rule acts."""
    do: Literal["firmware-check", "notify"] | None = None
    """What an event rule does."""
    else_: Annotated[Literal["notify"] | None, Field(alias="else")] = None
    """What is done when the action fails."""
    message: Annotated[str, Field(max_length=500)] = ""
    """What a notification says."""
    at_most: Annotated[AtMost | None, text(parse_rate), WithJsonSchema(_TEXT)] = None
    """A limit to how often an event fires: "1/day", "2/12h"."""

    margin: Margin = None
    """How far beyond a threshold a rule holds on: a number up to 20 (2 % unless said) for the state
    of energy and for inputs (none unless said), or a power like "300 W" (200 W unless said)."""
    for_: Annotated[Duration, Field(alias="for")] = timedelta(0)
    """How long the clause must have held before the rule becomes active."""
    keep: Duration = timedelta(0)
    """How long the rule stays active after its clause no longer holds."""
    stale: Duration = timedelta(minutes=10)
    """How long the rule keeps its verdict while a value is missing."""
    inset: Duration = timedelta(0)
    """Open time starts this much later and ends this much earlier; at most 6 hours."""
    catch_up: Duration = timedelta(minutes=15)
    """How long after its moment an event may still fire; at most 6 hours."""

    @property
    def soe_margin(self) -> float:
        """How far a threshold of the state of energy holds on, in percent."""
        return float(self.margin) if isinstance(self.margin, int | float) else 2.0

    @property
    def power_margin(self) -> float:
        """How far a threshold of a power holds on, in watts."""
        return parse_power(self.margin) if isinstance(self.margin, str) else 200.0

    @model_validator(mode="after")
    def _state_or_event(self) -> Self:
        if (self.while_ is None) == (self.when is None):
            raise ValueError("needs either while ... set or when ... do")
        if self.when is None:
            self._fits("while", "set_", ("do", "else_", "message", "at_most", "catch_up"))
        else:
            of_states = ("set_", "priority", "even_if_overridden", "inset", "stale", "keep")
            self._fits("when", "do", of_states)
            if self.when.has_moment:
                self._has_none_of(("margin", "for_"), "does not go with a moment")
            else:
                self._has_none_of(("catch_up",), "goes with a moment")
        self._has_sensible_lengths()
        return self

    def _fits(self, kind: str, needed: str, strangers: tuple[str, ...]) -> None:
        if getattr(self, needed) is None:
            raise ValueError(f"{kind} needs {needed.rstrip('_')}")
        self._has_none_of(strangers, f"does not go with {kind}")
        if self.do == "notify" and not self.message:
            raise KeyMistake("do", '"notify" needs a message')
        if self.do == "notify" and self.else_ is not None:
            raise KeyMistake("else", 'goes with do = "firmware-check"')
        if self.do == "firmware-check" and self.message:
            raise KeyMistake("message", 'goes with do = "notify"')

    def _has_none_of(self, keys: tuple[str, ...], why_not: str) -> None:
        for key in keys:
            if key in self.model_fields_set:
                raise KeyMistake(key.rstrip("_"), why_not)

    def _has_sensible_lengths(self) -> None:
        if self.inset > timedelta(hours=6):
            raise KeyMistake("inset", "must be at most 6h")
        if not timedelta(0) < self.catch_up <= timedelta(hours=6):
            raise KeyMistake("catch_up", "must be more than 0 and at most 6h")


class Default(Strict):
    """What holds when no rule does. With `leave` nothing is written then."""

    leave: bool = False
    """Nothing is written when no rule is active."""
    mode: ModeWord | None = None
    """The operation mode."""
    reserve: Reserve | None = None
    """The backup reserve in percent as the Tesla app shows it."""
    grid_charging: bool | None = None
    """Whether the battery may be charged from the grid."""
    export: ExportWord | None = None
    """What may be sold to the grid."""

    @model_validator(mode="after")
    def _leave_or_set(self) -> Self:
        sets = self.model_fields_set - {"leave"}
        if self.leave == bool(sets):
            raise ValueError("needs either a mode and a reserve, or leave = true")
        return self


class RuleFile(Strict):
    """A base file, or a file with rules only."""

    language: Annotated[Literal[1] | None, BeforeValidator(_language)] = None
    """The version of the rule language: 1."""
    timezone: str | None = None
    """The owner's time zone, like "America/Los_Angeles"; needed unless the tariff gives it."""
    tariff: str | None = None
    """A shipped tariff by name, or the path of one's own, ending in .toml."""
    country: (
        Annotated[str, AfterValidator(_country), WithJsonSchema(_TEXT | {"pattern": "^[A-Z]{2}$"})]
        | None
    ) = None
    """Whose public holidays count, instead of the tariff's: "US"."""
    subdivision: str | None = None
    """A part of the country with holidays of its own: "CA"."""
    dates: Annotated[dict[Name, Texts], Field(max_length=200)] = Field(default_factory=dict)
    """Named lists of dates, for `dates` and `eve_of`."""
    default: Default | None = None
    """What holds when no rule does."""
    off: Annotated[list[str], Field(max_length=200)] = Field(default_factory=list)
    """Names of rules of earlier files that are switched off."""
    rule: list[Rule] = Field(default_factory=list, max_length=200)
    """The rules."""

    @property
    def base(self) -> bool:
        """This is the file that says what the whole set is about."""
        own = {"language", "timezone", "tariff", "country", "subdivision", "default"}
        return bool(self.model_fields_set & own)


def mode_of(word: str | None) -> Mode | None:
    """The mode of a word that the model has let through."""
    return None if word is None else Mode(word)


def export_of(word: str | None) -> Export | None:
    """The export rule of a word that the model has let through."""
    return None if word is None else Export(word)
