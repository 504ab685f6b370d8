"""A request to the simulated gateway, its answer, and what happens to the answer on its way.

The gateway itself never waits and never loses anything: it says in `Wire` what is to happen, and
each front (the HTTPS server, the transport of the tests) acts it out in its own way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_ENCODE: Final = json.JSONEncoder(separators=(",", ":")).encode

_PLAIN: Final = (("cache-control", "no-cache, no-store"),)
_JSON: Final = (
    *_PLAIN,
    ("content-type", "application/json"),
    ("x-content-type-options", "nosniff"),
)


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One HTTP request; header names are lower case, `query` holds the last value of each key."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Wire:
    """What the network does with an answer.

    `refused`: there was no connection at all. `never`: the connection stands and stays silent.
    `dropped`: the connection ends in place of an answer. `delay_s`: the answer comes this many
    seconds late. `dripping`: one byte a second. `cut` and `reset`: half of the body comes, then the
    connection is ended or reset. `padding`: so many blanks follow the body as part of it.
    Whether the gateway has carried the request out is in its record, not here.
    """

    refused: bool = False
    never: bool = False
    dropped: bool = False
    delay_s: float = 0.0
    dripping: bool = False
    cut: bool = False
    reset: bool = False
    padding: int = 0

    @property
    def answered(self) -> bool:
        """A whole answer gets through to whoever waits for it."""
        return not (self.refused or self.never or self.dropped or self.cut or self.reset)


PROMPT: Final = Wire()
REFUSED: Final = Wire(refused=True)
NEVER: Final = Wire(never=True)
DROPPED: Final = Wire(dropped=True)


@dataclass(frozen=True, slots=True)
class WireResponse:
    """One HTTP answer. Status 0 stands for no answer at all; `wire` then says how."""

    status: int
    headers: tuple[tuple[str, str], ...] = _PLAIN
    body: bytes = b""
    wire: Wire = PROMPT


def as_json(content: object, status: int = 200, *cookies: str) -> WireResponse:
    """An answer with this content, and with the cookies it sets."""
    headers = _JSON + tuple(("set-cookie", cookie) for cookie in cookies)
    return WireResponse(status, headers, _ENCODE(content).encode())


def error(status: int, error: str, message: str) -> WireResponse:
    """A refusal in the gateway's own form."""
    return as_json({"code": status, "error": error, "message": message}, status)


def empty(status: int) -> WireResponse:
    """An answer without a body."""
    return WireResponse(status)


def silence(wire: Wire) -> WireResponse:
    """No answer: the request has not been read."""
    return WireResponse(0, (), b"", wire)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a request's body. Raises `ValueError` for anything else."""
    try:
        content = json.loads(body)
    except RecursionError as problem:
        raise ValueError("nested too deeply") from problem
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - callers know one kind of mistake
    return content
