"""The kinds of trouble at the simulated Fleet API, beside those that befall any server's answers.

They stand in the same plans as the gateway's (`fault_plan`), so no value may be the same as one of
`FaultKind`. Storm Watch, outages and whatever else befalls the home are in the gateway's plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from scheduler.simulator.fault_kinds import At, FaultInfo


class CloudFaultKind(StrEnum):
    """Kinds of trouble; `CLOUD_KINDS` says what each does."""

    DOWN = "down"
    SERVER_ERROR = "server_error"
    OVER_LIMIT = "over_limit"
    DISABLED = "disabled"
    TOKENS_EXPIRE = "tokens_expire"
    REFRESH_REFUSED = "refresh_refused"
    STALE_STATUS = "stale_status"

    COMMAND_LOST = "command_lost"
    COMMAND_ANSWER_LOST = "command_answer_lost"
    COMMAND_IGNORED = "command_ignored"
    COMMAND_UNACTED = "command_unacted"
    COMMAND_LATE = "command_late"
    RESERVE_SNAPPED = "reserve_snapped"
    NO_RATE_PLAN = "no_rate_plan"
    GONE = "gone"

    TARIFF_WINS = "tariff_wins"


_OPERATIONS: Final = frozenset({("POST", "operation")})
_RESERVES: Final = frozenset({("POST", "backup")})
_COMMANDS: Final = _OPERATIONS | _RESERVES | {("POST", "grid_import_export")}
_PLANS: Final = _OPERATIONS | {("GET", "site_info")}
_REFRESHES: Final = frozenset({("POST", "token")})

CLOUD_KINDS: Final[Mapping[CloudFaultKind, FaultInfo]] = {
    CloudFaultKind.DOWN: FaultInfo(At.WORLD, "nobody gets a connection"),
    CloudFaultKind.SERVER_ERROR: FaultInfo(
        At.ANSWERS, "the status that status names in place of an answer; nothing is carried out"
    ),
    CloudFaultKind.OVER_LIMIT: FaultInfo(
        At.ANSWERS, "429 to everything but logins, with Retry-After to the end of the fault"
    ),
    CloudFaultKind.DISABLED: FaultInfo(
        At.ANSWERS, "403 to everything but logins: the application is disabled"
    ),
    CloudFaultKind.TOKENS_EXPIRE: FaultInfo(
        At.WORLD, "at the start every access token expires, however young"
    ),
    CloudFaultKind.REFRESH_REFUSED: FaultInfo(
        At.ANSWERS, "401 to every refresh: the owner has to log in anew", _REFRESHES
    ),
    CloudFaultKind.STALE_STATUS: FaultInfo(
        At.WORLD, "live_status stays as it was measured last before the start"
    ),
    CloudFaultKind.COMMAND_LOST: FaultInfo(
        At.WRITES, "a command is lost before it is taken", _COMMANDS
    ),
    CloudFaultKind.COMMAND_ANSWER_LOST: FaultInfo(
        At.WRITES, "a command is taken and its answer is lost", _COMMANDS
    ),
    CloudFaultKind.COMMAND_IGNORED: FaultInfo(
        At.WRITES, "a command is answered well, and neither shown nor done", _COMMANDS
    ),
    CloudFaultKind.COMMAND_UNACTED: FaultInfo(
        At.WRITES, "a command is answered well and shown by site_info, and never done", _COMMANDS
    ),
    CloudFaultKind.COMMAND_LATE: FaultInfo(
        At.WRITES, "a command is done delay_s later than it would be", _COMMANDS
    ),
    CloudFaultKind.RESERVE_SNAPPED: FaultInfo(
        At.WRITES, "a reserve of 81 to 99 snaps to 80 on any firmware", _RESERVES
    ),
    CloudFaultKind.NO_RATE_PLAN: FaultInfo(
        At.WRITES,
        "no rate plan in the app: site_info shows none, and the mode autonomous gets 410",
        _PLANS,
    ),
    CloudFaultKind.GONE: FaultInfo(At.WRITES, "410 to every mode", _OPERATIONS),
    CloudFaultKind.TARIFF_WINS: FaultInfo(
        At.WORLD, "from firmware 26.2 on, the app's tariff empties the battery below the reserve"
    ),
}
