"""What a failed request is, as an error of ours: each with its way out.

The statuses are those of developer.tesla.com, conventions; the others as owners report them.
"""

from __future__ import annotations

from typing import Final

from scheduler.errors import (
    GatewayProblem,
    LoginRefused,
    NotPermitted,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways.pypowerwall.fleet.tokens import REGISTER
from scheduler.gateways.pypowerwall.fleet.transport import UNAUTHORIZED, Fate, Outcome
from scheduler.gateways.pypowerwall.library import MASK

READ_SCOPE: Final = "energy_device_data"
WRITE_SCOPE: Final = "energy_cmds"

_FORBIDDEN: Final = 403
_PAYMENT_REQUIRED: Final = 402
_NOT_FOUND: Final = 404
_NOT_IN_TIME: Final = 408
_GONE: Final = 410
_NOT_REGISTERED: Final = 412
_ELSEWHERE: Final = 421


def is_disabled(outcome: Outcome) -> bool:
    """The application has used up its limit (teslamotors/vehicle-command#403)."""
    if outcome.fate is not Fate.ANSWERED:
        return False
    if outcome.status == _PAYMENT_REQUIRED:
        return True
    return outcome.status == _FORBIDDEN and "disabled" in outcome.said.lower()


def of_read(outcome: Outcome) -> GatewayProblem:
    """What a reading that failed is."""
    if outcome.fate in (Fate.UNREACHED, Fate.UNANSWERED, Fate.NOT_SENT):
        return Unreachable(f"the Fleet API gives no reading ({outcome.in_words})")
    if (known := _of_any(outcome)) is not None:
        return known
    if outcome.status == _FORBIDDEN:
        return LoginRefused(scope_missing(outcome, READ_SCOPE, "read this site"))
    return Unreachable(f"the Fleet API gives no reading ({outcome.in_words})")


def of_command(outcome: Outcome) -> GatewayProblem:
    """What a command that failed is."""
    text = f"the Fleet API refused the setting ({outcome.in_words})"
    if outcome.fate in (Fate.UNREACHED, Fate.NOT_SENT):
        return Unreachable(f"the Fleet API cannot be reached: {outcome.said}")
    if outcome.fate is Fate.UNANSWERED or outcome.status in (_NOT_IN_TIME, *range(500, 600)):
        return WriteUncertain(
            f"the Fleet API may or may not have taken the setting ({outcome.in_words})"
        )
    if (known := _of_any(outcome)) is not None:
        return known
    if outcome.status == _FORBIDDEN:
        return NotPermitted(scope_missing(outcome))
    if outcome.status == _GONE:
        return Refused(
            f"{text}: since March 2026 that is so where no rate plan is set up; choose one in the "
            "Tesla app under Settings, Utility Rate Plan"
        )
    return Refused(text)


def of_renewal(outcome: Outcome | None) -> GatewayProblem:
    """What it is that a login was not renewed."""
    if outcome is None or outcome.fate is not Fate.ANSWERED:
        said = "nothing was sent" if outcome is None else outcome.in_words
        return Unreachable(f"the login at the Fleet API could not be renewed ({said})")
    if 400 <= outcome.status < 500:
        return LoginRefused(
            f"Tesla does not renew the login at the Fleet API ({outcome.in_words}): it was used "
            "elsewhere, taken back in the Tesla account, or not used for three months. Make a new "
            f"one with {REGISTER}"
        )
    return Unreachable(f"the login at the Fleet API could not be renewed ({outcome.in_words})")


def _of_any(outcome: Outcome) -> GatewayProblem | None:
    if outcome.status == UNAUTHORIZED:
        return LoginRefused(
            f"the Fleet API does not accept a login that was just renewed ({outcome.in_words}); "
            f"make a new one with {REGISTER}"
        )
    if outcome.status == _ELSEWHERE:
        return LoginRefused(
            f"this site is in another region of the Fleet API ({outcome.in_words}); write that "
            "region's address as AUDIENCE into the file with the login"
        )
    if outcome.status == _NOT_REGISTERED:
        return LoginRefused(
            f"the application is not registered in this region ({outcome.in_words}); register it "
            f"with {REGISTER}"
        )
    if outcome.status == _NOT_FOUND:
        return LoginRefused(
            f"the Fleet API knows no such site for this login ({outcome.in_words}); compare its "
            "site_id with what the Tesla account has"
        )
    return None


def said_in_answer(answer: object) -> str | None:
    """Why a command was not taken though it was answered well; `None` where it was.

    The words are `code` and `message`, in small or capital letters (tdorssers/TeslaPy#172), or
    `result` and `reason`.
    """
    response = answer.get("response") if isinstance(answer, dict) else None
    if not isinstance(response, dict):
        return None
    code = response.get("code", response.get("Code"))
    text = MASK.words(response.get("message") or response.get("Message") or response.get("reason"))
    if type(code) is int and not 200 <= code < 300:
        return f"code {code}: {text}" if text else f"code {code}"
    if response.get("result") is False:
        return text or "it gives no reason"
    return None


def scope_missing(outcome: Outcome, scope: str = WRITE_SCOPE, what: str = "write") -> str:
    """The sentence for a login that was not granted this."""
    return (
        f"the login at the Fleet API may not {what} ({outcome.in_words}): it needs the scope "
        f"{scope}. Grant it at accounts.tesla.com, under third-party apps, or make a new login "
        f"with {REGISTER}"
    )
