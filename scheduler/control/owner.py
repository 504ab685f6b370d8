"""Requests of the owner: hold, release, resume, other rules; and what a check finds of rules."""

from __future__ import annotations

from dataclasses import replace

from scheduler.control.actions import Trust
from scheduler.control.draft import Draft
from scheduler.control.events import Hold, Release, Reloaded, ReloadFailed, Resume
from scheduler.control.hold import (
    HoldRefused,
    ended,
    hold_of,
    in_force,
    resume_of,
)
from scheduler.control.state import Refusal
from scheduler.control.target import safe_of
from scheduler.control.writes import end_override
from scheduler.domain import (
    THE_CLOCK,
    Cause,
    HoldKind,
    HoldRecord,
    NoteKind,
    OverrideEnd,
    ReloadRecord,
    RuleCheck,
    RuleCheckRecord,
    RuleFilesRecord,
    RunEnd,
)

HASH_SHOWN = 12

MOST_FINDINGS = 20
"""So many findings of one check have a note; there is no end to what 200 rules may have."""


def hold(draft: Draft, event: Hold) -> HoldRecord | Refusal:
    """Hold the requested setting from now on."""
    plan = draft.decisions.plan
    try:
        record = hold_of(event, plan)
    except HoldRefused as refused:
        return Refusal(str(refused))
    return _record_hold(draft, record)


def release(draft: Draft, event: Release) -> HoldRecord:
    """Go to the safe state and stay there."""
    safe = safe_of(draft.terms.safety, draft.decisions.plan.permitted)
    return _record_hold(draft, HoldRecord(draft.at, HoldKind.RELEASE, safe, None, event.by))


def resume(draft: Draft, event: Resume) -> tuple[str, ...]:
    """Go on by the rules; what that has ended."""
    before, overridden = in_force(draft.last_hold), draft.ownership.override is not None
    if overridden:
        draft.decisions = replace(draft.decisions, cause=Cause.OWNER)
    end_override(draft, OverrideEnd.RESUMED, f"{event.by} requested resume")
    draft.ownership = replace(draft.ownership, suspect=None)
    if before is not None:
        _record_hold(draft, resume_of(draft.at, event.by))
    return ended(before, overridden)


def end_hold(draft: Draft) -> None:
    """End a hold whose time has come."""
    record = in_force(draft.last_hold)
    if record is not None and record.until is not None and draft.at >= record.until:
        _record_hold(draft, resume_of(draft.at, THE_CLOCK))


def reloaded(draft: Draft, event: Reloaded) -> str:
    """Let other rules be in force, and another certificate be trusted; the reply."""
    certificate = event.certificate
    trusted = ""
    if certificate is not None:
        draft.act(Trust(certificate))
        trusted = f"; the gateway's certificate is now {certificate}"
    rules = event.rules
    if rules.digest == draft.decisions.plan.rules.digest:
        text = f"the rule files have not changed{trusted}"
        draft.note(NoteKind.RELOADED, text)
        return text
    if trusted:
        draft.note(NoteKind.RELOADED, trusted.removeprefix("; "))
    draft.record(RuleFilesRecord(draft.at, rules.digest, rules.sources.to_json()))
    draft.record(ReloadRecord(draft.at, rules.digest))
    if event.check is not None:
        record_check(draft, event.check)
    draft.decisions = draft.decisions.reloaded(rules)
    return f"new rules are in force: {rules.digest[:HASH_SHOWN]}{trusted}"


def reload_failed(draft: Draft, event: ReloadFailed) -> str:
    """The rules that were in force stay; the reply."""
    text = f"the rules that were in force stay: {event.text}"
    draft.note(NoteKind.RELOAD_FAILED, text)
    return text


def record_check(draft: Draft, check: RuleCheck) -> None:
    """Record that rules were checked and accepted, and what was found, errors first."""
    errors = len(check.errors)
    warnings = len(check.findings) - errors
    draft.record(RuleCheckRecord(draft.at, check.rules_hash, check.until, errors, warnings))
    for finding in check.findings[:MOST_FINDINGS]:
        draft.note(NoteKind.RULE_FINDING, str(finding.problem))
    if (more := len(check.findings) - MOST_FINDINGS) > 0:
        draft.note(NoteKind.RULE_FINDING, f"and {more} more; pwsched check shows them all")


def stop(draft: Draft, reason: str) -> None:
    """The run ends in order."""
    draft.record(RunEnd(draft.at, reason))


def _record_hold(draft: Draft, record: HoldRecord) -> HoldRecord:
    draft.record(record)
    draft.last_hold = record
    return record
