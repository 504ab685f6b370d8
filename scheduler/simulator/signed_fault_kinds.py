"""The kinds of trouble with what is signed, beside those that befall any of a gateway's answers.

They stand in the same plans as the gateway's (`fault_plan`), so no value may be the same as one of
`FaultKind` or `CloudFaultKind`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from scheduler.simulator.fault_kinds import At, FaultInfo


class SignedFaultKind(StrEnum):
    """Kinds of trouble; `SIGNED_KINDS` says what each does."""

    SIGNED_FAULT = "signed_fault"
    NOT_VERIFIED = "not_verified"

    CONFIG_CHANGED = "config_changed"
    CONFIG_LOST = "config_lost"
    CONFIG_ANSWER_LOST = "config_answer_lost"
    CONFIG_IGNORED = "config_ignored"
    CONFIG_UNACTED = "config_unacted"
    CONFIG_MEAGRE = "config_meagre"


_SIGNED: Final = frozenset({("POST", "/tedapi/v1r")})

SIGNED_KINDS: Final[Mapping[SignedFaultKind, FaultInfo]] = {
    SignedFaultKind.SIGNED_FAULT: FaultInfo(
        At.ANSWERS, "the fault that status numbers, to everything that is signed", _SIGNED
    ),
    SignedFaultKind.NOT_VERIFIED: FaultInfo(
        At.ANSWERS, "the key counts as one that nobody has confirmed at the breaker", _SIGNED
    ),
    SignedFaultKind.CONFIG_CHANGED: FaultInfo(
        At.WRITES, "somebody else is always quicker: no configuration is replaced", _SIGNED
    ),
    SignedFaultKind.CONFIG_LOST: FaultInfo(
        At.WRITES, "a configuration is lost before it is stored", _SIGNED
    ),
    SignedFaultKind.CONFIG_ANSWER_LOST: FaultInfo(
        At.WRITES, "a configuration is stored and the answer is lost", _SIGNED
    ),
    SignedFaultKind.CONFIG_IGNORED: FaultInfo(
        At.WRITES, "a configuration is answered well and not stored", _SIGNED
    ),
    SignedFaultKind.CONFIG_UNACTED: FaultInfo(
        At.WRITES, "a configuration is stored, and not acted on until the app is opened", _SIGNED
    ),
    SignedFaultKind.CONFIG_MEAGRE: FaultInfo(
        At.ANSWERS, "the configuration that is read lacks what is set in it", _SIGNED
    ),
}
