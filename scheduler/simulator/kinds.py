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


class Kind(NamedTuple):
    """What a kind is; `requests` are the only ones that it touches, `None` for all."""

    at: At
    text: str
    requests: Requests | None = None


_WRITE: Final = ("POST", "/api/operation")
_COMMIT: Final = ("GET", "/api/config/completed")
_STEPS: Final = frozenset({_WRITE, _COMMIT})
_COMMITS: Final = frozenset({_COMMIT})
_ACTS: Final = frozenset({_COMMIT, ("POST", "/api/v2/islanding/mode")})
_LOGINS: Final = frozenset({("POST", "/api/login/Basic")})

KINDS: Final[Mapping[FaultKind, Kind]] = {
    FaultKind.NO_ANSWER: Kind(
        At.ANSWERS, "the connection stands, nothing comes, nothing is carried out"
    ),
    FaultKind.LATE_ANSWER: Kind(
        At.ANSWERS, "the request is carried out at once, its answer comes delay_s late"
    ),
    FaultKind.DRIPPING: Kind(At.ANSWERS, "the answer comes one byte a second"),
    FaultKind.TRUNCATED: Kind(At.ANSWERS, "the connection ends in the middle of the body"),
    FaultKind.RESET: Kind(At.ANSWERS, "the connection is reset in the middle of the body"),
    FaultKind.OVERSIZED: Kind(At.ANSWERS, "300 MB follow the answer's own content"),
    FaultKind.COMPRESSED: Kind(At.ANSWERS, "the body comes gzipped, asked for or not"),
    FaultKind.REDIRECT: Kind(At.ANSWERS, "302 to another host; nothing is carried out"),
    FaultKind.EMPTY_BODY: Kind(At.ANSWERS, "the status without the body"),
    FaultKind.NOT_JSON: Kind(At.ANSWERS, "an HTML page in place of the content"),
    FaultKind.WRONG_JSON: Kind(At.ANSWERS, "each number is a word and each word a number"),
    FaultKind.NAN: Kind(At.ANSWERS, "each number is NaN"),
    FaultKind.INFINITY: Kind(At.ANSWERS, "each number is Infinity"),
    FaultKind.DUPLICATE_KEYS: Kind(At.ANSWERS, "each key comes twice, with another value"),
    FaultKind.NESTED: Kind(At.ANSWERS, "100,000 lists in one another in place of the content"),
    FaultKind.UNAUTHORIZED: Kind(
        At.ANSWERS, "the session is dropped at each request that needs one: 401"
    ),
    FaultKind.RATE_LIMITED: Kind(At.ANSWERS, "429 to everything"),
    FaultKind.BAD_GATEWAY: Kind(At.ANSWERS, "502 without a body to everything"),
    FaultKind.BUSY: Kind(At.ANSWERS, "503 to logins: the configuration is busy", _LOGINS),
    FaultKind.LOCKOUT: Kind(
        At.ANSWERS, "three logins, good or bad, are one too many: 429 for everybody", _LOGINS
    ),
    FaultKind.SHORT_SESSIONS: Kind(
        At.ANSWERS, "a token from this time is forgotten after delay_s", _LOGINS
    ),
    FaultKind.IMPOSTOR: Kind(
        At.ANSWERS, "somebody else listens, with a certificate of another key"
    ),
    FaultKind.UNCERTAIN_WRITE: Kind(
        At.WRITES, "a step of a write is carried out and its answer is lost", _STEPS
    ),
    FaultKind.LOST_WRITE: Kind(
        At.WRITES, "a step of a write is lost before it is carried out", _STEPS
    ),
    FaultKind.IGNORED_WRITE: Kind(
        At.WRITES, "every step is answered well and the setting stays as it was", _COMMITS
    ),
    FaultKind.UNACTED_WRITE: Kind(
        At.WRITES, "the written setting reads back and the battery goes on as before", _ACTS
    ),
    FaultKind.LATE_WRITE: Kind(
        At.WRITES, "the setting reads back and takes effect delay_s late", _COMMITS
    ),
    FaultKind.STEP_BEHIND: Kind(
        At.WRITES, "what takes effect is the setting of the write before", _COMMITS
    ),
    FaultKind.UNCOMPLETED_WRITE: Kind(
        At.WRITES, "completing is answered well, and the setting stays staged", _COMMITS
    ),
    FaultKind.SNAPPED_RESERVE: Kind(
        At.WRITES, "the reserve snaps down to the next 5 %, and to 80 from under 100", _COMMITS
    ),
    FaultKind.REBOOT: Kind(
        At.WORLD, "half the time nothing answers, then the battery stands; sessions are lost"
    ),
    FaultKind.APP_CHANGE: Kind(
        At.WORLD, "at the start the owner sets mode and reserve in the app; they stay"
    ),
    FaultKind.STORM_WATCH: Kind(
        At.WORLD, "shown as backup with 100 %, the battery fills; then all is as before"
    ),
    FaultKind.GRID_SERVICES: Kind(
        At.WORLD, "the utility empties the battery down to the reserve, whatever is set"
    ),
    FaultKind.GRID_STATE: Kind(At.WORLD, "the grid is in the state that grid names"),
    FaultKind.UPDATE_ERROR: Kind(At.WORLD, "an update check or an installation fails"),
    FaultKind.SELF_UPDATE: Kind(
        At.WORLD, "newer firmware installs itself; the battery stands until the end"
    ),
    FaultKind.SWITCH_TOGGLED: Kind(
        At.WORLD, "at the start somebody toggles the switch at the battery"
    ),
}
