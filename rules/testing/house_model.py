"""What a test file may say of a house: the values that a controller reads, and how they change.

The texts under the fields are what `docs/testing.md` says of the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from rules.domain import GridStatus
from rules.errors import KeyMistake, shown
from rules.language import (
    TEXT,
    Duration,
    ExportWord,
    ModeWord,
    Name,
    Percent,
    Reserve,
    Strict,
    parse_power,
)

UNKNOWN = "unknown"
"""What stands in the place of a value that is missing."""

GRID_WORDS: Mapping[str, GridStatus] = {
    "up": GridStatus.CONNECTED,
    "down": GridStatus.ISLANDED,
    **{status.value: status for status in GridStatus},
}

_MOST_PRICES = 5_000

_NUMBER = {"type": "number"}
_UNKNOWN = {"const": UNKNOWN}
_RATE = [_NUMBER, _UNKNOWN]
_WATTS = [{"type": "number", "minimum": 0}, {"type": "string", "pattern": "W$"}]
_POWER = {"anyOf": [*_WATTS, _UNKNOWN]}

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
    if len(listed) > _MOST_PRICES:
        raise ValueError(f"has {len(listed)} prices, at most {_MOST_PRICES} are allowed")
    return [each if each == UNKNOWN else _number(each) for each in listed]


_PERCENT = _NUMBER | {"minimum": 0, "maximum": 100}

Instant = Annotated[
    str, Field(min_length=1, max_length=40), WithJsonSchema(TEXT | {"pattern": r"\d\d:\d\d"})
]
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
    panels: Annotated[float, BeforeValidator(parse_power), WithJsonSchema({"anyOf": _WATTS})] = (
        6_000.0
    )
    """The power of the roof's panels."""
