"""Single values out of documents that nobody vouches for. Pure.

Policy of every route: a value that is missing, of the wrong type, an unknown word or beyond what a
house can show is `None`, never a guess.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, TypeVar

from rules.calendar import parse_zone
from rules.domain import Quantity

PLAUSIBLE_WATTS: Final = 1_000_000.0
LONGEST_WORDS: Final = 80

PERCENT_EXCESS: Final = 0.5
"""Gateways round: a full battery reads up to this much over 100 percent, and is full."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9+/=._~-]{1,4096}", re.ASCII)
_Word = TypeVar("_Word", bound=StrEnum)


def words(value: object) -> str:
    """A text, fit for a log: one line, printable, shortened; "" for anything else."""
    if not isinstance(value, str):
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in value[:4096]).split())
    return line if len(line) <= LONGEST_WORDS else f"{line[: LONGEST_WORDS - 1]}…"


def number(value: object) -> float | None:
    """A number, possibly infinite or not a number: the ranges of the callers leave those out."""
    # isinstance would take True for 1.
    return float(value) if type(value) in (int, float) else None  # type: ignore[arg-type]


def percent(value: object) -> float | None:
    """A percent of 0 to 100; what lies beyond by no more than `PERCENT_EXCESS` is the end."""
    found = number(value)
    if found is None or not is_percent(found):
        return None
    return min(max(found, 0.0), 100.0)


def is_percent(value: float) -> bool:
    """A number on the scale of 0 to 100, or as little beyond as rounding explains."""
    return -PERCENT_EXCESS <= value <= 100.0 + PERCENT_EXCESS


def power(value: object) -> float | None:
    """Watts that a house can show."""
    found = number(value)
    return found if found is not None and abs(found) <= PLAUSIBLE_WATTS else None


def flag(value: object) -> bool | None:
    """True or false."""
    return value if isinstance(value, bool) else None


def zone_name(value: object) -> str | None:
    """The IANA name of a time zone, where it is one."""
    try:
        return parse_zone(value).key
    except ValueError:
        return None


def is_token(value: object) -> bool:
    """It can be sent in a header as it is."""
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def instant(value: object) -> datetime | None:
    """An instant, in UTC. Without an offset it could be any, and is none."""
    try:
        found = datetime.fromisoformat(str(value))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def known_word(kind: type[_Word], value: object) -> _Word | None:
    """One of our words."""
    try:
        return kind(value) if isinstance(value, str) else None
    except ValueError:
        return None


def unknown_word(quantity: Quantity, known: StrEnum | None, said: object) -> dict[Quantity, str]:
    """The word for a quantity, where one was said that is none of ours."""
    return {quantity: words(said)} if known is None and words(said) else {}
