"""What a failed request is, as an error of ours: each with its way out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from scheduler.errors import (
    GatewayProblem,
    LoginRefused,
    NotPermitted,
    Refused,
    Unreachable,
    WriteUncertain,
)
from scheduler.gateways.local.connection import not_reached
from scheduler.gateways.pypowerwall.signed.answers import NO_FAULT, UNREADABLE, Reply
from scheduler.gateways.pypowerwall.signed.key import MADE_BY
from scheduler.gateways.pypowerwall.signed.transport import DENIED, Exchange, Fate, Outcome

_UNKNOWN_KEY: Final = frozenset(
    {"MESSAGEFAULT_ERROR_UNKNOWN_KEY_ID", "MESSAGEFAULT_ERROR_INACTIVE_KEY"}
)
_WRONG_TIME: Final = frozenset(
    {"MESSAGEFAULT_ERROR_TIME_EXPIRED", "MESSAGEFAULT_ERROR_TIME_TO_LIVE_TOO_LONG"}
)
_NOT_NOW: Final = frozenset(
    {"MESSAGEFAULT_ERROR_BUSY", "MESSAGEFAULT_ERROR_TIMEOUT", "MESSAGEFAULT_ERROR_INTERNAL"}
)
_PERHAPS: Final = frozenset(
    {"MESSAGEFAULT_ERROR_TIMEOUT", "MESSAGEFAULT_ERROR_INTERNAL", UNREADABLE}
)
"""Faults that do not say whether the request was carried out."""

_NO_PRIVILEGES: Final = "MESSAGEFAULT_ERROR_INSUFFICIENT_PRIVILEGES"
_ABSENT: Final = (404, 405)


def of_silence(host: str, outcome: Outcome) -> Unreachable:
    """A request that was not answered, and changes nothing."""
    if outcome.fate is Fate.UNREACHED:
        return Unreachable(not_reached(host, outcome.said))
    if outcome.fate is Fate.NOT_SENT:
        return Unreachable(f"nothing was sent to the gateway at {host}: {outcome.said}")
    return Unreachable(
        f"the gateway at {host} gave no whole answer to {outcome.method} {outcome.path}: "
        f"{outcome.said}"
    )


def of_status(host: str, outcome: Outcome, said: str) -> GatewayProblem:
    """A refusal in HTTP of what only signed control has; `said` are the gateway's words."""
    if outcome.status in _ABSENT:
        return LoginRefused(
            f"the gateway at {host} has no signed control ({said}): this hardware or firmware "
            'cannot be controlled by route = "v1r"; route = "fleet" can'
        )
    if outcome.status in DENIED:
        return LoginRefused(
            f"the gateway at {host} accepted the login but not what is signed ({said})"
        )
    return Unreachable(f"the gateway at {host} does not show its configuration ({said})")


def of_reply(host: str, reply: Reply) -> GatewayProblem:
    """An answer that says why something signed was not looked at, or not done."""
    fault = reply.fault.removeprefix("MESSAGEFAULT_ERROR_")
    if not reply.verified:
        return LoginRefused(
            f"the gateway at {host} knows the key of signed control, but nobody has confirmed it: "
            "within about 10 minutes of registering it, switch the Powerwall off for 15 seconds "
            f"and on again. After that, register the same key anew with {MADE_BY} and then switch"
        )
    if reply.fault in _UNKNOWN_KEY:
        return LoginRefused(
            f"the gateway at {host} does not know the key of signed control ({fault}): register "
            f"this very key with {MADE_BY}, or name the one that was registered"
        )
    if reply.fault in _WRONG_TIME:
        return LoginRefused(
            f"the gateway at {host} takes what was just signed for too old or too new ({fault}): "
            "set this computer's clock, best by NTP; the gateway's own is set by Tesla"
        )
    if reply.fault == _NO_PRIVILEGES:
        return NotPermitted(
            f"the gateway at {host} does not let this key do that ({fault}): register it anew "
            f"with {MADE_BY}"
        )
    if reply.fault in _NOT_NOW or reply.fault == UNREADABLE:
        return Unreachable(
            f"the gateway at {host} gives no usable answer to what is signed ({fault})"
        )
    if reply.fault != NO_FAULT:
        return LoginRefused(f"the gateway at {host} does not accept what is signed ({fault})")
    return Refused(f"the gateway at {host} refused it ({reply.problem})")


def of_reading(host: str, reply: Reply) -> GatewayProblem:
    """The same where nothing was to be changed: then the key is worth nothing, or it may pass."""
    problem = of_reply(host, reply)
    if isinstance(problem, NotPermitted):
        return LoginRefused(str(problem))
    return Unreachable(str(problem)) if isinstance(problem, Refused) else problem


def of_write(
    host: str, exchange: Exchange, said: str, opened: Callable[[Outcome], Reply]
) -> GatewayProblem | None:
    """What it is that a configuration was not replaced; `None` where it was.

    It is read and then replaced. Whatever failed before that has changed nothing. `said` are the
    gateway's words for its last refusal, `opened` takes an answer out of its envelope.
    """
    signed, last = exchange.signed, exchange.last
    if last.ok and last in signed:
        reply = opened(last)
        if len(signed) > 1:
            return _of_replacing(host, reply)
        return of_reading(host, reply) if not reply.ok else _not_whole(host)
    if last.fate is Fate.NOT_SENT and len(signed) > 1:
        return _not_whole(host)
    if last.fate is Fate.ANSWERED:
        if len(signed) > 1 and last.status >= 500:
            return _uncertain(host, said)
        return of_status(host, last, said)
    if last.fate is Fate.UNANSWERED and len(signed) > 1:
        return _uncertain(host, last.said)
    return of_silence(host, last)


def _of_replacing(host: str, reply: Reply) -> GatewayProblem | None:
    if reply.ok:
        return None if reply.replaced else _uncertain(host, "it answers something else")
    if reply.fault in _PERHAPS:
        return _uncertain(host, reply.fault.removeprefix("MESSAGEFAULT_ERROR_"))
    if reply.problem:
        return Refused(
            f"the gateway at {host} did not take the setting ({reply.problem}): somebody else may "
            "have changed its configuration at the same moment"
        )
    return of_reply(host, reply)


def _uncertain(host: str, why: str) -> WriteUncertain:
    return WriteUncertain(f"the gateway at {host} may or may not have taken the setting ({why})")


def _not_whole(host: str) -> Refused:
    return Refused(
        f"the gateway at {host} does not show its whole configuration, so nothing was written"
    )
