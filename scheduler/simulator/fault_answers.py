"""What a fault does to an answer: which come in place of the gateway's own, and which corrupt it.

Where the gateway's own answer is corrupted, the request has been carried out.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from scheduler.simulator.fault_kinds import FaultKind
from scheduler.simulator.fault_plan import Fault, Kind
from scheduler.simulator.wire import (
    DROPPED,
    NEVER,
    REFUSED,
    Wire,
    WireResponse,
    as_json,
    empty,
    error,
    silence,
)

LIMITED: Final = error(429, "Api Limit reached for this endpoint", "API Limit Reached")
INSTEAD: Final[Mapping[Kind, WireResponse]] = {
    FaultKind.NO_ANSWER: silence(NEVER),
    FaultKind.LOST_WRITE: silence(DROPPED),
    FaultKind.IMPOSTOR: silence(REFUSED),
    FaultKind.BAD_GATEWAY: empty(502),
    FaultKind.RATE_LIMITED: LIMITED,
    FaultKind.BUSY: error(503, "current config mode is busy", "current config mode is busy"),
    FaultKind.REDIRECT: WireResponse(302, (("location", "https://elsewhere.invalid/"),)),
}
"""Faults under which the gateway does not read the request at all."""

_OVERSIZE: Final = 300_000_000
_NESTING: Final = 100_000
_PAGE: Final = b"<!doctype html><title>Powerwall</title><p>The gateway is starting."

_WIRES: Final[Mapping[Kind, Wire]] = {
    FaultKind.UNCERTAIN_WRITE: DROPPED,
    FaultKind.DRIPPING: Wire(dripping=True),
    FaultKind.TRUNCATED: Wire(cut=True),
    FaultKind.RESET: Wire(reset=True),
    FaultKind.OVERSIZED: Wire(padding=_OVERSIZE),
}


def corrupted(fault: Fault, answer: WireResponse) -> WireResponse:
    """The answer as this fault leaves it; most kinds leave an answer without a body alone."""
    if fault.kind is FaultKind.LATE_ANSWER:
        return replace(answer, wire=Wire(delay_s=fault.delay_s))
    if fault.kind in _WIRES:
        return replace(answer, wire=_WIRES[fault.kind])
    corrupt = _BODIES.get(fault.kind)
    return corrupt(answer) if corrupt is not None and answer.body else answer


def _page(answer: WireResponse) -> WireResponse:
    return replace(answer, headers=(("content-type", "text/html"),), body=_PAGE)


def _compressed(answer: WireResponse) -> WireResponse:
    headers = (*answer.headers, ("content-encoding", "gzip"))
    return replace(answer, headers=headers, body=gzip.compress(answer.body, mtime=0))


def _nested(answer: WireResponse) -> WireResponse:
    return replace(answer, body=b"[" * _NESTING + b"]" * _NESTING)


def _each_number(number: float) -> Callable[[WireResponse], WireResponse]:
    def change(content: object) -> object:
        if isinstance(content, int | float) and not isinstance(content, bool):
            return number
        return content

    return lambda answer: _rewritten(answer, change)


def _confused(content: object) -> object:
    if isinstance(content, str):
        return len(content)
    if isinstance(content, int | float) and not isinstance(content, bool):
        return f"about {content}"
    return content


def _rewritten(answer: WireResponse, change: Callable[[object], object]) -> WireResponse:
    """The answer with each single value changed, and all else as it was."""

    def walk(content: object) -> object:
        if isinstance(content, dict):
            return {key: walk(value) for key, value in content.items()}
        if isinstance(content, list):
            return [walk(value) for value in content]
        return change(content)

    return replace(answer, body=as_json(walk(json.loads(answer.body))).body)


def _twice(answer: WireResponse) -> WireResponse:
    content = answer.body.strip()
    if content in {b"{}", b"[]"} or not content.startswith(b"{"):
        return answer
    return replace(answer, body=content[:-1] + b"," + _rewritten(answer, _confused).body[1:])


_BODIES: Final[Mapping[Kind, Callable[[WireResponse], WireResponse]]] = {
    FaultKind.EMPTY_BODY: lambda answer: replace(answer, body=b""),
    FaultKind.NOT_JSON: _page,
    FaultKind.COMPRESSED: _compressed,
    FaultKind.NESTED: _nested,
    FaultKind.NAN: _each_number(float("nan")),
    FaultKind.INFINITY: _each_number(float("inf")),
    FaultKind.WRONG_JSON: lambda answer: _rewritten(answer, _confused),
    FaultKind.DUPLICATE_KEYS: _twice,
}

AT_ANY_SERVER: Final[frozenset[Kind]] = frozenset(
    {
        *_BODIES,
        FaultKind.NO_ANSWER,
        FaultKind.LATE_ANSWER,
        FaultKind.BAD_GATEWAY,
        FaultKind.REDIRECT,
        FaultKind.IMPOSTOR,
        FaultKind.DRIPPING,
        FaultKind.TRUNCATED,
        FaultKind.RESET,
        FaultKind.OVERSIZED,
    }
)
"""Kinds that befall answers whatever they say, and so may befall other servers than a gateway."""
