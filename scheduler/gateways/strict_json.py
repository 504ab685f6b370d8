"""Strict JSON objects out of bytes that nobody vouches for. Pure.

Not strict are NaN, infinities, numbers too large for a float, repeated keys, integers of more than
`LONGEST_INTEGER` digits, nesting too deep to follow and any encoding but UTF-8. Answers are lost,
cut and mangled in the field, so a broken one means no more than a missing one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Final

LONGEST_INTEGER: Final = 20


def strict_object(content: bytes) -> Mapping[str, object]:
    """The content as a JSON object; empty where it is none, or not strictly JSON."""
    try:
        parsed = json.loads(
            content.decode("utf-8"),
            parse_constant=_refuse,
            parse_float=_float,
            parse_int=_integer,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _refuse(word: str) -> object:
    raise ValueError(f"{word} is not a JSON number")


def _float(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number of this size is no measurement")
    return number


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_INTEGER:
        raise ValueError("an integer of this length is no measurement")
    return int(digits)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    parsed = dict(pairs)
    if len(parsed) != len(pairs):
        raise ValueError("a key is given twice")
    return parsed
