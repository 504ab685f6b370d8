"""The words that journal, gateways and control share: causes, outcomes, kinds.

They are on the face of `scheduler.domain`. They stand outside of it because options of the command
line are made of them: `--help` would wait for all that the room imports.
"""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of an intent. The two `recovered` words are verdicts of the next start.

    `UNVERIFIED`: all that this route can read back is held, and a part that it cannot was accepted.
    """

    HELD = "held"
    REFUSED = "refused"
    MISMATCH = "mismatch"
    UNREACHABLE = "unreachable"
    SUPERSEDED = "superseded"
    WOULD = "would"
    UNVERIFIED = "unverified"
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


class OverrideEnd(StrEnum):
    """Why somebody else's change is no longer respected."""

    RAN_OUT = "ran_out"
    SET_BACK = "set_back"
    STORM_OVER = "storm_over"
    BOUNDARY = "boundary"
    RESUMED = "resumed"
    WRITTEN_OVER = "written_over"
    FORGOTTEN = "forgotten"


class HoldKind(StrEnum):
    """What the owner requests: hold this, go on by the rules, or go to the safe state and stay."""

    HOLD = "hold"
    RESUME = "resume"
    RELEASE = "release"


THE_CLOCK = "the clock"
"""Who ends a hold whose time has come, in place of a person."""


class NoteKind(StrEnum):
    """What a note is about."""

    BATTERY_RUN = "battery_run"
    BATTERY_RUN_FAILED = "battery_run_failed"
    BATTERY_RUNS = "battery_runs"
    BATTERY_STOPPED = "battery_stopped"
    BUDGET = "budget"
    CLOCK_STEPPED = "clock_stepped"
    FIRMWARE_CHANGED = "firmware_changed"
    FIRMWARE_INSTALL = "firmware_install"
    HELD_BACK = "held_back"
    INPUT_UNUSABLE = "input_unusable"
    LOGIN_AT_RISK = "login_at_risk"
    NO_EFFECT = "no_effect"
    NOT_PERMITTED = "not_permitted"
    NOTIFICATION = "notification"
    OUT_OF_REACH = "out_of_reach"
    REACHABLE = "reachable"
    READING_UNUSABLE = "reading_unusable"
    RELOAD_FAILED = "reload_failed"
    RELOADED = "reloaded"
    RULE_FINDING = "rule_finding"
    UNREACHABLE = "unreachable"
    UNRECORDED_WRITE = "unrecorded_write"
    ZONES_DIFFER = "zones_differ"


class Kind(StrEnum):
    """What a row of the journal is about."""

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
    RELOAD = "reload"
    RULE_CHECK = "rule_check"
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
