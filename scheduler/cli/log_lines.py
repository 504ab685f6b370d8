"""What the daemon says on stderr: one line for each thing that happens, none for a quiet tick."""

from __future__ import annotations

import logging

from scheduler.domain import Effect, Outcome
from scheduler.happenings import (
    Decided,
    EffectSeen,
    Fired,
    FirmwareChecked,
    Happening,
    Intended,
    Noted,
    Overridden,
    Said,
    Settled,
    Started,
    Stopped,
    Unrecorded,
)
from scheduler.holding import announced

ALARMING = frozenset(
    {
        "battery_stopped",
        "battery_run_failed",
        "clock_stepped",
        "held_back",
        "input_unusable",
        "no_effect",
        "notification",
        "not_permitted",
        "reload_failed",
        "unreachable",
        "zones_differ",
    }
)
BAD_ENDS = frozenset({Outcome.REFUSED, Outcome.MISMATCH, Outcome.UNREACHABLE})

log = logging.getLogger("pwsched")


def set_up_logging(*, verbose: bool) -> None:
    """Lines for a terminal or for journald, which adds the time itself."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(levelname)s %(message)s",
    )
    # They tell of every job that wakes the loop, and of every step of a migration.
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def log_happening(happening: Happening) -> None:
    """A listener that writes log lines."""
    line = _line(happening)
    if line is not None:
        log.log(_level(happening), "%s: %s", happening.site, line)


def _level(happening: Happening) -> int:
    match happening:
        case Noted() if happening.record.kind in ALARMING:
            return logging.WARNING
        case Settled() if happening.outcome in BAD_ENDS:
            return logging.WARNING
        case EffectSeen() if happening.record.effect is Effect.CONTRADICTED:
            return logging.WARNING
        case Overridden():
            return logging.WARNING
        case Unrecorded():
            return logging.ERROR
    return logging.INFO


def _line(happening: Happening) -> str | None:
    line = _line_of_a_write(happening)
    match happening:
        case Started():
            digest = happening.plan.rules.digest[:12]
            dry = ", dry run: nothing will be written" if happening.dry_run else ""
            line = f"running with rules {digest}{dry}"
        case Decided():
            line = f"decided: {happening.reason}"
        case Fired():
            what = happening.occurrence
            line = f'event "{what.rule}" {what.happened.value}: {what.action.value}'
        case FirmwareChecked():
            line = f"firmware check: {happening.record.result}; {happening.record.detail}"
        case Said():
            line = announced(happening.word)
        case Noted():
            line = happening.record.text
        case Unrecorded():
            line = happening.problem
        case Stopped():
            line = f"stopped ({happening.reason}); the gateway keeps its setting"
    return line


def _line_of_a_write(happening: Happening) -> str | None:
    line: str | None = None
    match happening:
        case Intended():
            verb = "would write" if happening.would else "writing"
            before = f" (was {happening.previous})" if happening.previous else ""
            line = f"{verb} {happening.wanted}{before}, because of {happening.cause}"
        case Settled():
            line = f"{happening.wanted}: {happening.outcome.value}, {happening.detail}"
        case EffectSeen():
            line = f"{happening.wanted}: {happening.record.effect}, {happening.record.detail}"
        case Overridden():
            line = f"override {happening.record.state}: {happening.record.detail}"
    return line
