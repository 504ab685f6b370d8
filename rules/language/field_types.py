"""How values are written in files: strict types, and the texts that mean times, powers, names.

An unknown key is an error, `true` is not a number, and a text is parsed where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)

from rules.engine import AtMost
from rules.errors import shown
from rules.language.parsing import parse_duration

Parsed = TypeVar("Parsed")

TEXT: dict[str, Any] = {"type": "string"}
TEXTS: dict[str, Any] = {
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


def parse_name(name: str) -> str:
    """The name of a flag, an input or a list of dates. Raises `ValueError`."""
    if not re.fullmatch(_NAME, name):
        raise ValueError(f'must be small letters and digits like "storm", got {shown(name)}')
    return name


class Strict(BaseModel):
    """Strict types, no unknown keys, no NaN, no change afterwards."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        arbitrary_types_allowed=True,
        defer_build=True,  # a call reads one or two kinds of files, not all
    )


Duration = Annotated[
    timedelta, text(parse_duration), WithJsonSchema(TEXT | {"pattern": r"^\d{1,4}(s|m|h)$"})
]
Percent = Annotated[float, Field(ge=0, le=100)]
Reserve = Annotated[int, Field(ge=0, le=100)]
ModeWord = Literal["self_consumption", "backup", "autonomous"]
ExportWord = Literal["never", "pv_only", "battery_ok"]
Power = Annotated[float | None, BeforeValidator(parse_power), WithJsonSchema(_POWER)]
Texts = Annotated[
    tuple[str, ...], BeforeValidator(lambda v: tuple(texts(v))), WithJsonSchema(TEXTS)
]
Name = Annotated[
    str, AfterValidator(parse_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME}$"})
]
Margin = Annotated[float | str | None, BeforeValidator(parse_margin), WithJsonSchema(_MARGIN)]
