"""What the daemon says on stderr: one line for each thing that happens, none for a quiet tick."""

from __future__ import annotations

import logging

from scheduler.control.hold import announced
from scheduler.domain import (
    DecisionRecord,
    Effect,
    EffectRecord,
    EventRecord,
    FirmwareCheckRecord,
    HoldRecord,
    IntentRecord,
    NoteKind,
    NoteRecord,
    Outcome,
    OutcomeRecord,
    OverrideRecord,
    Record,
    ReloadRecord,
    RuleCheckRecord,
)
from scheduler.loop import CommitFailed, Notification, Recorded, SiteStarted, SiteStopped

ALARMING = frozenset(
    {
        NoteKind.BATTERY_STOPPED,
        NoteKind.BATTERY_RUN_FAILED,
        NoteKind.BUDGET,
        NoteKind.CLOCK_STEPPED,
        NoteKind.HELD_BACK,
        NoteKind.INPUT_UNUSABLE,
        NoteKind.LOGIN_AT_RISK,
        NoteKind.NO_EFFECT,
        NoteKind.NOTIFICATION,
        NoteKind.OUT_OF_REACH,
        NoteKind.NOT_PERMITTED,
        NoteKind.READING_UNUSABLE,
        NoteKind.RELOAD_FAILED,
        NoteKind.RULE_FINDING,
        NoteKind.UNREACHABLE,
        NoteKind.ZONES_DIFFER,
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
    # They log every job that wakes the loop, and of every step of a migration.
    for chatty in ("apscheduler", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def log_notification(notification: Notification) -> None:
    """A listener that writes log lines."""
    line = _line(notification)
    if line is not None:
        log.log(_level(notification), "%s: %s", notification.site, line)


def _level(notification: Notification) -> int:
    match notification:
        case Recorded() if _is_alarming(notification.record):
            return logging.WARNING
        case CommitFailed():
            return logging.ERROR
    return logging.INFO


def _is_alarming(record: Record) -> bool:
    match record:
        case NoteRecord():
            return record.kind in ALARMING
        case OutcomeRecord():
            return record.outcome in BAD_ENDS
        case EffectRecord():
            return record.effect is Effect.CONTRADICTED
    return isinstance(record, OverrideRecord)


def _line(notification: Notification) -> str | None:
    match notification:
        case SiteStarted():
            digest = notification.plan.rules.digest[:12]
            dry = ", dry run: nothing will be written" if notification.dry_run else ""
            return f"running with rules {digest}{dry}"
        case Recorded():
            return _line_of_a_write(notification.record) or _line_of(notification.record)
        case CommitFailed():
            return notification.problem
        case SiteStopped():
            return f"stopped ({notification.reason}); the gateway keeps its setting"
    return None


def _line_of(record: Record) -> str | None:
    match record:
        case DecisionRecord():
            return f"decided: {record.reason}"
        case EventRecord():
            return f'event "{record.rule}" {record.state.value}: {record.action.value}'
        case FirmwareCheckRecord():
            return f"firmware check: {record.result}; {record.detail}"
        case HoldRecord():
            return announced(record)
        case ReloadRecord():
            return f"new rules are in force: {record.rules_hash[:12]}"
        case RuleCheckRecord():
            return record.said
        case NoteRecord():
            return record.text
    return None


def _line_of_a_write(record: Record) -> str | None:
    match record:
        case IntentRecord():
            verb = "would write" if record.would else "writing"
            return f"{verb} {record.wanted} (was {record.previous}); cause: {record.cause}"
        case OutcomeRecord():
            return f"{record.wanted}: {record.outcome.value}, {record.detail}"
        case EffectRecord():
            return f"{record.wanted}: {record.effect}, {record.detail}"
        case OverrideRecord():
            return f"override {record.state}: {record.detail}"
    return None
