"""What a rule file may say.

Strict: an unknown key is an error, `true` is not a number, and a text is parsed where it stands.
Times and durations are quoted ("16:00", "45m"), because bare TOML times mean something else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from rules.calendar import Days, Window, parse_days, parse_duration, parse_time, parse_window
from rules.domain import GridStatus, Mode
from rules.errors import shown

Parsed = TypeVar("Parsed")


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
        populate_by_name=True,
    )


Duration = Annotated[timedelta, text(parse_duration)]
Percent = Annotated[float, Field(ge=0, le=100)]
Reserve = Annotated[int, Field(ge=0, le=100)]
ModeWord = Annotated[
    Literal["self_consumption", "backup", "autonomous"], Field(description="an operation mode")
]


class Clause(Strict):
    """Conditions that must all hold; the calendar part belongs to the day a window starts on."""

    days: Annotated[Days | None, BeforeValidator(lambda value: parse_days(texts(value)))] = None
    season: str | None = None
    soe_above: Percent | None = None
    soe_below: Percent | None = None
    grid: Annotated[frozenset[GridStatus] | None, BeforeValidator(_parse_grid)] = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("is empty and would always hold; that is what [default] is for")
        return self


class While(Clause):
    """When a state rule holds."""

    time: Annotated[
        tuple[Window, ...],
        BeforeValidator(lambda value: tuple(parse_window(text) for text in texts(value))),
    ] = ()
    period: Annotated[tuple[str, ...], BeforeValidator(lambda value: tuple(texts(value)))] = ()


class When(Clause):
    """The moment of an event, and what is tested then."""

    at: Annotated[int | None, text(parse_time)] = None
    before: str | None = None
    lead: Duration = timedelta(0)

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        if (self.at is None) == (self.before is None):
            raise ValueError('needs one moment: at = "07:15", or before = "peak" with a lead')
        if self.lead and self.before is None:
            raise ValueError("lead goes with before")
        return self


class Set(Strict):
    """What a state rule wants: by intent, or in the gateway's words."""

    mode: ModeWord | None = None
    reserve: Reserve | None = None
    battery: Literal["use", "hold", "charge", "leave"] | None = None
    to: Annotated[int, Field(ge=1, le=100)] | None = None

    @model_validator(mode="after")
    def _one_way_of_saying_it(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("sets nothing")
        if self.battery is not None and self.mode is not None:
            raise ValueError("battery and mode say the same thing twice; keep one")
        if self.battery == "charge" and self.to is None:
            raise ValueError('battery = "charge" needs to = a percentage')
        if self.battery != "charge" and self.to is not None:
            raise ValueError('to goes with battery = "charge"')
        if self.battery in {"hold", "charge", "leave"} and self.reserve is not None:
            raise ValueError(f'battery = "{self.battery}" decides the reserve itself')
        return self


class Rule(Strict):
    """One rule: a state rule (`while` ... `set`) or an event rule (`when` ... `do`)."""

    name: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    while_: Annotated[While | None, Field(alias="while")] = None
    when: When | None = None
    set_: Annotated[Set | None, Field(alias="set")] = None
    do: Literal["firmware-check"] | None = None
    margin: Annotated[float, Field(gt=0, le=20)] = 2.0
    inset: Duration = timedelta(0)
    stale: Duration = timedelta(minutes=10)
    catch_up: Duration = timedelta(minutes=15)

    @model_validator(mode="after")
    def _state_or_event(self) -> Self:
        if (self.while_ is None) == (self.when is None):
            raise ValueError("needs either while ... set or when ... do")
        if self.while_ is not None:
            self._fits("while", needed="set_", strangers=("do", "catch_up"))
            if self.inset > timedelta(hours=6):
                raise ValueError("inset must be at most 6h")
        else:
            strangers = ("set_", "priority", "margin", "inset", "stale")
            self._fits("when", needed="do", strangers=strangers)
            if not timedelta(0) < self.catch_up <= timedelta(hours=6):
                raise ValueError("catch_up must be more than 0 and at most 6h")
        return self

    def _fits(self, kind: str, needed: str, strangers: tuple[str, ...]) -> None:
        if getattr(self, needed) is None:
            raise ValueError(f"{kind} needs {needed.rstrip('_')}")
        for key in strangers:
            if key in self.model_fields_set:
                raise ValueError(f"{key.rstrip('_')} does not go with {kind}")


class Default(Strict):
    """What holds when no rule does. With `leave` nothing is written then."""

    leave: bool = False
    mode: ModeWord | None = None
    reserve: Reserve | None = None

    @model_validator(mode="after")
    def _leave_or_set(self) -> Self:
        sets = self.mode is not None or self.reserve is not None
        if self.leave == sets:
            raise ValueError("needs either a mode and a reserve, or leave = true")
        return self


class RuleFile(Strict):
    """A base file, or a file with rules only."""

    language: Annotated[Literal[1] | None, BeforeValidator(_language)] = None
    timezone: str | None = None
    tariff: str | None = None
    default: Default | None = None
    rule: list[Rule] = Field(default_factory=list, max_length=200)

    @property
    def base(self) -> bool:
        """This is the file that says what the whole set is about."""
        said: dict[str, Any] = self.model_dump(exclude={"rule"}, exclude_none=True)
        return bool(said)


def mode_of(word: str | None) -> Mode | None:
    """The mode of a word that the model has let through."""
    return None if word is None else Mode(word)
