"""The words that journal, gateways and control share: causes, outcomes, kinds."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

EventState = Literal["fired", "missed"]


class Outcome(StrEnum):
    """What became of an intent. The two `recovered` words are verdicts of the next start."""

    HELD = "held"
    REFUSED = "refused"
    MISMATCH = "mismatch"
    UNREACHABLE = "unreachable"
    SUPERSEDED = "superseded"
    WOULD = "would"
    RECOVERED_APPLIED = "recovered_applied"
    RECOVERED_NOT_APPLIED = "recovered_not_applied"


class Effect(StrEnum):
    """What the power flows show of a setting that the gateway reports to hold."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"


class OverrideState(StrEnum):
    """Somebody else's change is respected from `began` to `ended`."""

    BEGAN = "began"
    ENDED = "ended"


class Word(StrEnum):
    """What the owner said: hold this, go on by the rules, or go to the safe state and stay."""

    HOLD = "hold"
    RESUME = "resume"
    RELEASE = "release"


class Kind(StrEnum):
    """What a row of the journal tells of."""

    RUN = "run"
    RUN_END = "run_end"
    OBSERVATION = "observation"
    DECISION = "decision"
    INTENT = "intent"
    SENT = "sent"
    OUTCOME = "outcome"
    EVENT = "event"
    EFFECT = "effect"
    OVERRIDE = "override"
    HOLD = "hold"
    FIRMWARE_CHECK = "firmware_check"
    CAPABILITY = "capability"
    NOTE = "note"
    GAP = "gap"
    SEAL = "seal"


AUDIT_KINDS = frozenset(Kind) - {Kind.OBSERVATION, Kind.SEAL}
"""What was decided and done; observations come every few seconds and would hide the rest, and
seals are about the journal itself."""


class Cause(StrEnum):
    """What made the desired setting change."""

    TIME = "time boundary"
    GRID = "grid status"
    OWNER = "the owner's word"
    STATE = "state of the house"
    REPEAT = "unconfirmed write"
    NO_EFFECT = "no effect seen"
    PROBE = "finding out whether this account may write"
    DRIFT = "the gateway has another setting"
