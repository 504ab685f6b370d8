"""The kinds of trouble: one table of names for scripts, seeds and the command line.

A kind says what happens and to which requests. When, for how long and at which path is said by
each `Fault`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class FaultKind(StrEnum):
    """Kinds of trouble; `KINDS` says what each does."""

    NO_ANSWER = "no_answer"
    LATE_ANSWER = "late_answer"
    UNCERTAIN_WRITE = "uncertain_write"
    LOST_WRITE = "lost_write"
    IGNORED_WRITE = "ignored_write"
    UNACTED_WRITE = "unacted_write"
    UNAUTHORIZED = "unauthorized"
    RATE_LIMITED = "rate_limited"
    BAD_GATEWAY = "bad_gateway"
    REBOOT = "reboot"

    DRIPPING = "dripping"
    TRUNCATED = "truncated"
    RESET = "reset"
    OVERSIZED = "oversized"
    COMPRESSED = "compressed"
    REDIRECT = "redirect"
    EMPTY_BODY = "empty_body"
    NOT_JSON = "not_json"
    WRONG_JSON = "wrong_json"
    NAN = "nan"
    INFINITY = "infinity"
    DUPLICATE_KEYS = "duplicate_keys"
    NESTED = "nested"
    BUSY = "busy"
    LOCKOUT = "lockout"
    SHORT_SESSIONS = "short_sessions"
    IMPOSTOR = "impostor"

    LATE_WRITE = "late_write"
    STEP_BEHIND = "step_behind"
    UNCOMPLETED_WRITE = "uncompleted_write"
    SNAPPED_RESERVE = "snapped_reserve"

    APP_CHANGE = "app_change"
    STORM_WATCH = "storm_watch"
    GRID_SERVICES = "grid_services"
    GRID_STATE = "grid_state"
    UPDATE_ERROR = "update_error"
    SELF_UPDATE = "self_update"
    SWITCH_TOGGLED = "switch_toggled"


class At(StrEnum):
    """Where a kind sits."""

    ANSWERS = "answers"
    WRITES = "writes"
    WORLD = "world"


Requests = frozenset[tuple[str, str]]


class FaultInfo(NamedTuple):
    """What a kind is; `requests` are the only ones that it touches, `None` for all.

    They are methods with paths; a path without a slash stands for all that end with it.
    """

    at: At
    text: str
    requests: Requests | None = None


_WRITE: Final = ("POST", "/api/operation")
_COMMIT: Final = ("GET", "/api/config/completed")
_STEPS: Final = frozenset({_WRITE, _COMMIT})
_COMMITS: Final = frozenset({_COMMIT})
_ACTS: Final = frozenset({_COMMIT, ("POST", "/api/v2/islanding/mode")})
_LOGINS: Final = frozenset({("POST", "/api/login/Basic")})

KINDS: Final[Mapping[FaultKind, FaultInfo]] = {
    FaultKind.NO_ANSWER: FaultInfo(
        At.ANSWERS, "the connection stands, nothing comes, nothing is carried out"
    ),
    FaultKind.LATE_ANSWER: FaultInfo(
        At.ANSWERS, "the request is carried out at once, its answer comes delay_s late"
    ),
    FaultKind.DRIPPING: FaultInfo(At.ANSWERS, "the answer comes one byte a second"),
    FaultKind.TRUNCATED: FaultInfo(At.ANSWERS, "the connection ends in the middle of the body"),
    FaultKind.RESET: FaultInfo(At.ANSWERS, "the connection is reset in the middle of the body"),
    FaultKind.OVERSIZED: FaultInfo(At.ANSWERS, "300 MB follow the answer's own content"),
    FaultKind.COMPRESSED: FaultInfo(At.ANSWERS, "the body comes gzipped, asked for or not"),
    FaultKind.REDIRECT: FaultInfo(At.ANSWERS, "302 to another host; nothing is carried out"),
    FaultKind.EMPTY_BODY: FaultInfo(At.ANSWERS, "the status without the body"),
    FaultKind.NOT_JSON: FaultInfo(At.ANSWERS, "an HTML page in place of the content"),
    FaultKind.WRONG_JSON: FaultInfo(At.ANSWERS, "each number is a word and each word a number"),
    FaultKind.NAN: FaultInfo(At.ANSWERS, "each number is NaN"),
    FaultKind.INFINITY: FaultInfo(At.ANSWERS, "each number is Infinity"),
    FaultKind.DUPLICATE_KEYS: FaultInfo(At.ANSWERS, "each key comes twice, with another value"),
    FaultKind.NESTED: FaultInfo(At.ANSWERS, "100,000 lists in one another in place of the content"),
    FaultKind.UNAUTHORIZED: FaultInfo(
        At.ANSWERS, "the session is dropped at each request that needs one: 401"
    ),
    FaultKind.RATE_LIMITED: FaultInfo(At.ANSWERS, "429 to everything"),
    FaultKind.BAD_GATEWAY: FaultInfo(At.ANSWERS, "502 without a body to everything"),
    FaultKind.BUSY: FaultInfo(At.ANSWERS, "503 to logins: the configuration is busy", _LOGINS),
    FaultKind.LOCKOUT: FaultInfo(
        At.ANSWERS, "three logins, good or bad, are one too many: 429 for everybody", _LOGINS
    ),
    FaultKind.SHORT_SESSIONS: FaultInfo(
        At.ANSWERS, "a token from this time is forgotten after delay_s", _LOGINS
    ),
    FaultKind.IMPOSTOR: FaultInfo(
        At.ANSWERS, "somebody else listens, with a certificate of another key"
    ),
    FaultKind.UNCERTAIN_WRITE: FaultInfo(
        At.WRITES, "a step of a write is carried out and its answer is lost", _STEPS
    ),
    FaultKind.LOST_WRITE: FaultInfo(
        At.WRITES, "a step of a write is lost before it is carried out", _STEPS
    ),
    FaultKind.IGNORED_WRITE: FaultInfo(
        At.WRITES, "every step is answered well and the setting stays as it was", _COMMITS
    ),
    FaultKind.UNACTED_WRITE: FaultInfo(
        At.WRITES, "the written setting reads back and the battery goes on as before", _ACTS
    ),
    FaultKind.LATE_WRITE: FaultInfo(
        At.WRITES, "the setting reads back and takes effect delay_s late", _COMMITS
    ),
    FaultKind.STEP_BEHIND: FaultInfo(
        At.WRITES, "what takes effect is the setting of the write before", _COMMITS
    ),
    FaultKind.UNCOMPLETED_WRITE: FaultInfo(
        At.WRITES, "completing is answered well, and the setting stays staged", _COMMITS
    ),
    FaultKind.SNAPPED_RESERVE: FaultInfo(
        At.WRITES, "the reserve snaps down to the next 5 %, and to 80 from under 100", _COMMITS
    ),
    FaultKind.REBOOT: FaultInfo(
        At.WORLD, "half the time nothing answers, then the battery stands; sessions are lost"
    ),
    FaultKind.APP_CHANGE: FaultInfo(
        At.WORLD, "at the start the owner sets mode and reserve in the app; they stay"
    ),
    FaultKind.STORM_WATCH: FaultInfo(
        At.WORLD, "shown as backup with 100 %, the battery fills; then all is as before"
    ),
    FaultKind.GRID_SERVICES: FaultInfo(
        At.WORLD, "the utility empties the battery down to the reserve, whatever is set"
    ),
    FaultKind.GRID_STATE: FaultInfo(At.WORLD, "the grid is in the state that grid names"),
    FaultKind.UPDATE_ERROR: FaultInfo(At.WORLD, "an update check or an installation fails"),
    FaultKind.SELF_UPDATE: FaultInfo(
        At.WORLD, "newer firmware installs itself; the battery stands until the end"
    ),
    FaultKind.SWITCH_TOGGLED: FaultInfo(
        At.WORLD, "at the start somebody toggles the switch at the battery"
    ),
}
