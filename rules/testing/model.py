"""What a test file may say.

The texts under the fields are what `docs/testing.md` says of the keys.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from rules.errors import KeyMistake, shown
from rules.language import TEXT, TEXTS, Reserve, Strict, Texts, parse_duration
from rules.testing.house_model import At, Home, Instant, SettingOf, Values

_TABLE = {"type": "object"}


class HowOften(Strict):
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
    HowOften, BeforeValidator(_times), WithJsonSchema({"anyOf": [{"type": "integer"}, _TABLE]})
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


Step = Annotated[
    timedelta | Literal["points"],
    BeforeValidator(_step),
    WithJsonSchema(TEXT | {"pattern": "(s|m|h)$|points"}),
]


Ending = Annotated[
    str,
    Field(min_length=1, max_length=40),
    WithJsonSchema(TEXT | {"pattern": r"\d\d:\d\d|\d(s|m|h)$"}),
]


class Test(Strict):
    """One test."""

    __test__ = False  # pytest looks for classes of this name

    name: Annotated[str, Field(min_length=1, max_length=120), AfterValidator(_one_line)]
    """What the test shows; unique in its file."""
    start: Instant
    """When it starts, by the clock of the rules' time zone: "2026-07-06 13:00"."""
    end: Ending = "24h"
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
