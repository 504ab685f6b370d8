"""What a test file may say.

The texts under the fields are what `docs/testing.md` says of the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from rules.domain import GridStatus
from rules.errors import KeyMistake, shown
from rules.language import (
    TEXT,
    TEXTS,
    Duration,
    ExportWord,
    ModeWord,
    Name,
    Percent,
    Reserve,
    Strict,
    Texts,
    parse_duration,
    parse_power,
)

UNKNOWN = "unknown"
"""What stands in the place of a value that is missing."""

GRID_WORDS: Mapping[str, GridStatus] = {
    "up": GridStatus.CONNECTED,
    "down": GridStatus.ISLANDED,
    **{status.value: status for status in GridStatus},
}

_NUMBER = {"type": "number"}
_UNKNOWN = {"const": UNKNOWN}
_RATE = [_NUMBER, _UNKNOWN]
_POWER = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "W$"}, _UNKNOWN]
}

_TABLE = {"type": "object"}

T = TypeVar("T")


def _or_unknown(parse: Callable[[object], T]) -> BeforeValidator:
    return BeforeValidator(lambda value: UNKNOWN if value == UNKNOWN else parse(value))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f'must be a number, or "{UNKNOWN}", got {shown(value)}')  # noqa: TRY004 -- pydantic reads ValueError
    number = float(value)
    if not abs(number) < 1e12:
        raise ValueError(f'must be a number, or "{UNKNOWN}", got {shown(value)}')
    return number


def _percent(value: object) -> float:
    number = _number(value)
    if not 0 <= number <= 100:
        raise ValueError(f"must be a percentage from 0 to 100, got {shown(value)}")
    return number


def _grid(value: object) -> GridStatus:
    if not isinstance(value, str) or value not in GRID_WORDS:
        words = f'"up", "down", "{UNKNOWN}", or a word of the gateway'
        raise ValueError(f"must be {words}, got {shown(value)}")
    return GRID_WORDS[value]


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f'must be true, false or "{UNKNOWN}", got {shown(value)}')  # noqa: TRY004 -- as above
    return value


def _flag(value: object) -> bool | str:
    if not isinstance(value, bool | str):
        raise ValueError(f'must be true, false, or a time like "18:00", got {shown(value)}')  # noqa: TRY004 -- as above
    return value


def _prices(value: object) -> list[Any]:
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise ValueError("must not be an empty list")
    return [each if each == UNKNOWN else _number(each) for each in listed]


_PERCENT = _NUMBER | {"minimum": 0, "maximum": 100}

Instant = Annotated[str, Field(min_length=1, max_length=40)]
Known = Annotated[
    float | str | None, _or_unknown(_percent), WithJsonSchema({"anyOf": [_PERCENT, _UNKNOWN]})
]
Watts = Annotated[float | str | None, _or_unknown(parse_power), WithJsonSchema(_POWER)]
Grid = Annotated[
    GridStatus | str | None, _or_unknown(_grid), WithJsonSchema({"enum": [*GRID_WORDS, UNKNOWN]})
]
Truth = Annotated[
    bool | str | None,
    _or_unknown(_truth),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, _UNKNOWN]}),
]
Flag = Annotated[
    bool | str, BeforeValidator(_flag), WithJsonSchema({"anyOf": [{"type": "boolean"}, TEXT]})
]
Rates = Annotated[
    list[Any] | None,
    BeforeValidator(_prices),
    WithJsonSchema({"anyOf": [*_RATE, {"type": "array", "items": {"anyOf": _RATE}}]}),
]


class SettingOf(Strict):
    """Parts of a setting."""

    mode: ModeWord | None = None
    """The operation mode."""
    reserve: Reserve | None = None
    """The backup reserve, in percent as the Tesla app shows it."""
    grid_charging: bool | None = None
    """Whether the battery may be charged from the grid."""
    export: ExportWord | None = None
    """What may be sold to the grid."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("says nothing; name a part, like reserve = 20")
        return self


class Dated(Strict):
    """A value of the input folder. Without `age` and `at` it is always of now."""

    value: Annotated[float | str, _or_unknown(_number), WithJsonSchema({"anyOf": _RATE})]
    """The number."""
    age: Duration | None = None
    """How old it is at this point; from there on it gets older."""
    at: Instant | None = None
    """Or when it was true."""

    @model_validator(mode="after")
    def _dated_once(self) -> Self:
        if self.age is not None and self.at is not None:
            raise KeyMistake("age", "goes without at: both say when the value was true")
        return self


class Slot(Strict):
    """Prices of a stretch of time, or of several of equal length."""

    from_: Annotated[Instant, Field(alias="from")]
    """When the first price begins."""
    to: Instant | None = None
    """When the only price ends."""
    every: Duration | None = None
    """With lists: how long each price lasts."""
    import_: Annotated[Rates, Field(alias="import")] = None
    """What a kilowatt hour from the grid costs: a number, or a list of them."""
    export: Rates = None
    """What a kilowatt hour sold to the grid gives."""

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        lengths = {len(each) for each in (self.import_, self.export) if each is not None}
        if (self.to is None) is (self.every is None):
            raise ValueError('needs either to = "16:30" for one price, or every = "30m" for a list')
        if self.every is not None and not self.every:
            raise KeyMistake("every", "must be more than 0")
        if not lengths:
            raise ValueError("needs import or export prices")
        if len(lengths) > 1:
            raise KeyMistake("export", "must be as many prices as import has")
        if self.to is not None and lengths != {1}:
            raise KeyMistake("to", 'is for one price; with a list say every = "30m"')
        return self


Input = Annotated[
    Dated,
    BeforeValidator(lambda value: value if isinstance(value, dict) else {"value": value}),
    WithJsonSchema({"anyOf": [_NUMBER, _UNKNOWN, {"type": "object"}]}),
]


class Values(Strict):
    """What a house is like. "unknown" stands for a value that the gateway does not give."""

    soe: Known = None
    """State of energy, in percent as the Tesla app shows it; 50 unless said."""
    grid: Grid = None
    """The grid: "up" (unless said), "down", or a word of the gateway."""
    grid_services: Truth = None
    """Whether grid services are active; false unless said."""
    load: Watts = None
    """What the home uses: watts, or a power like "2 kW"; 500 W unless said."""
    solar: Watts = None
    """What the roof gives; 0 unless said."""
    charging: Watts = None
    """What goes into the battery; 0 unless said."""
    discharging: Watts = None
    """What comes from the battery."""
    import_: Annotated[Watts, Field(alias="import")] = None
    """What comes from the grid; the balance of the other powers unless said."""
    export: Watts = None
    """What goes to the grid."""
    setting: SettingOf | None = None
    """What the gateway is set to: at the start (what `[default]` says unless said), or by somebody
    else later."""
    flags: Annotated[dict[Name, Flag], Field(max_length=200)] = Field(default_factory=dict)
    """Flags by name: true, false, or until when it is set."""
    inputs: Annotated[dict[Name, Input], Field(max_length=200)] = Field(default_factory=dict)
    """Values of the input folder by name: a number, which stays fresh, or
    `{ value = 25, age = "3h" }`, which gets older."""
    prices: list[Slot] | None = None
    """All prices that are known from then on, in place of those before."""

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        for one, other in (("import_", "export"), ("charging", "discharging")):
            if getattr(self, one) is not None and getattr(self, other) is not None:
                raise KeyMistake(other, f"goes without {one.rstrip('_')}: power has one direction")
        return self


class At(Values):
    """What is otherwise from a point of time on."""

    at: Instant
    """When."""
    ramp: bool = False
    """The numbers have got here in a straight line from the point before."""


class Home(Strict):
    """A simulated home: the battery moves as it is told, load and sun come from a seed."""

    soe: Percent = 50.0
    """State of energy at the start."""
    seed: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    """Another seed is another home, with other weather."""
    panels: Annotated[float, BeforeValidator(parse_power), WithJsonSchema(_POWER)] = 6_000.0
    """The power of the roof's panels."""


class Times(Strict):
    """How often something happens."""

    at_least: Annotated[int, Field(ge=0, le=100_000)] = 0
    """So often or more often."""
    at_most: Annotated[int, Field(ge=0, le=100_000)] | None = None
    """So often or less often."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("says nothing; name at_least or at_most")
        if self.at_most is not None and self.at_most < self.at_least:
            raise KeyMistake("at_most", "is less than at_least")
        return self


def _times(value: object) -> object:
    if isinstance(value, dict):
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        table = "{ at_most = 3 }"
        raise ValueError(f"must be a whole number, or a table like {table}, got {shown(value)}")  # noqa: TRY004 -- as above
    return {"at_least": value, "at_most": value}


def _events(value: object) -> object:
    """Names alone: each of them at least once."""
    if isinstance(value, str | list):
        listed = value if isinstance(value, list) else [value]
        for each in listed:
            if not isinstance(each, str):
                raise ValueError(f"must be names of event rules, got {shown(each)}")  # noqa: TRY004 -- as above
        return {each: {"at_least": 1} for each in listed}
    return value


StateWord = Literal["inactive", "pending", "active", "kept", "stale"]
Number = Annotated[
    Times, BeforeValidator(_times), WithJsonSchema({"anyOf": [{"type": "integer"}, _TABLE]})
]
Events = Annotated[
    dict[str, Number], BeforeValidator(_events), WithJsonSchema({"anyOf": [TEXTS, _TABLE]})
]
MOMENTARY = ("setting", "wanted", "winner", "state", "active")
COUNTED = ("fired", "missed", "writes")


class PartWinners(Strict):
    """The winner of each part."""

    any_: Annotated[str | None, Field(alias="any")] = None
    """The winner of at least one part."""
    mode: str | None = None
    """The winner of the mode."""
    reserve: str | None = None
    """The winner of the reserve."""
    grid_charging: str | None = None
    """The winner of charging from the grid."""
    export: str | None = None
    """The winner of what may be sold."""


def _winner(value: object) -> object:
    if isinstance(value, str):
        return {"any": value}
    if isinstance(value, dict):
        return value
    table = '{ reserve = "storm" }'
    raise ValueError(f"must be a rule, or a table like {table}, got {shown(value)}")


Winner = Annotated[
    PartWinners | None, BeforeValidator(_winner), WithJsonSchema({"anyOf": [TEXT, _TABLE]})
]


class Expect(Strict):
    """What is expected at a moment (`at`), over a span (`from`, `to`), or over the whole test."""

    at: Instant | None = None
    """The moment."""
    from_: Annotated[Instant | None, Field(alias="from")] = None
    """The start of a span; the start of the test unless said."""
    to: Instant | None = None
    """The end of a span, which does not belong to it; the end of the test unless said."""
    always: bool = True
    """Over a span: at each moment of it. With false: at one moment at least."""
    never: bool = False
    """Over a span: at no moment of it."""
    setting: SettingOf | None = None
    """What the gateway has."""
    wanted: SettingOf | None = None
    """What the rules want, even while a write waits."""
    winner: Winner = None
    """The rule that wins at least one part of the setting, or the rule of each part. "default" is
    `[default]`."""
    active: Texts = ()
    """Rules that are active, whether one wins or not; kept ones and those that stay active without
    a value among them."""
    state: dict[str, StateWord] = Field(default_factory=dict)
    """The state of rules: "inactive", "pending" (`for` runs), "active", "kept" (`keep` runs) or
    "stale" (a value is missing)."""
    fired: Events = Field(default_factory=dict)
    """Events that fire then: names, or a table of how often."""
    missed: Events = Field(default_factory=dict)
    """Events that are missed then."""
    writes: Number | None = None
    """How often a setting is written then: a number, or `{ at_most = 3 }`."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        said = self.model_fields_set
        if not said & {*MOMENTARY, *COUNTED}:
            raise ValueError("expects nothing; say setting, winner, state, fired or writes")
        if self.at is not None:
            for key in ("from_", "to", "always", "never"):
                if key in said:
                    raise KeyMistake(key.rstrip("_"), "is for a span; at is one moment")
        if self.never and "always" in said:
            raise KeyMistake("always", "goes without never")
        if "always" in said and not said & set(MOMENTARY):
            raise KeyMistake(
                "always", "is for what is so at a moment; events and writes are counted"
            )
        if self.never and self.writes is not None:
            raise KeyMistake("writes", "goes without never; say writes = 0")
        return self


def _step(value: object) -> object:
    if value == "points":
        return value
    if not isinstance(value, str):
        raise ValueError(f'must be a duration like "1m", got {shown(value)}')  # noqa: TRY004 -- as above
    step = parse_duration(value)
    if not timedelta(seconds=1) <= step <= timedelta(hours=6):
        raise ValueError(f'must be from "1s" to "6h", got "{value}"')
    return step


def _one_line(name: str) -> str:
    if not name.isprintable():
        raise ValueError("must be on one line, without control characters")
    return name


Step = Annotated[timedelta | Literal["points"], BeforeValidator(_step), WithJsonSchema(TEXT)]


class Test(Strict):
    """One test."""

    __test__ = False  # pytest looks for classes of this name

    name: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_one_line)]
    """What the test shows; unique in its file."""
    start: Instant
    """When it starts, by the clock of the rules' time zone: "2026-07-06 13:00"."""
    end: Instant = "24h"
    """When it ends: a time, or how long it takes."""
    step: Step = timedelta(minutes=1)
    """How often the controller looks. It also looks whenever a decision may end. With "points": at
    the points of this test and nowhere else."""
    given: Values | None = None
    """What the house is like from the start on."""
    then: list[At] = Field(default_factory=list, max_length=5000)
    """What changes later, in the order of time; all else stays."""
    home: Home | None = None
    """A simulated home in place of given powers and state of energy."""
    expect: Annotated[list[Expect], Field(min_length=1, max_length=500)]
    """What is expected."""

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if self.home is None:
            return self
        if self.step == "points":
            raise KeyMistake("step", '"points" goes without home: a home moves all the time')
        for key in ("soe", "charging", "discharging", "import_", "export"):
            if self.given is not None and key in self.given.model_fields_set:
                raise KeyMistake(
                    "given", f"{key.rstrip('_')} is what the simulated home finds itself"
                )
            for point in self.then:
                if key in point.model_fields_set:
                    raise KeyMistake(
                        "then", f"{key.rstrip('_')} is what the simulated home finds itself"
                    )
        return self


class TestFile(Strict):
    """A test file."""

    __test__ = False  # as above

    rules: Texts | None = None
    """The rule files, from this folder; `NAME.toml` for `NAME.test.toml` unless said."""
    can_set: Annotated[list[Literal["grid_charging", "export"]], Field(max_length=2)] = Field(
        default_factory=list
    )
    """What the route can set beside mode and reserve; nothing unless said."""
    reserve_ceiling: Reserve = 100
    """The largest reserve under 100 that the route takes: 80 for firmware since 25.18.4."""
    reserve_floor: Reserve = 0
    """The owner's `reserve_floor`."""
    test: Annotated[list[Test], Field(min_length=1, max_length=1000)]
    """The tests."""
