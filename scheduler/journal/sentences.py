"""What a row of the journal says, as a sentence for people. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from rules.domain import GridStatus, Observation, Quantity, Setting
from scheduler.domain import (
    THE_CLOCK,
    CapabilityRecord,
    DecisionRecord,
    EffectRecord,
    EventRecord,
    FirmwareCheckRecord,
    HoldRecord,
    InputRecord,
    IntentRecord,
    NoteRecord,
    ObservationRecord,
    Outcome,
    OutcomeRecord,
    OverrideRecord,
    PastGap,
    Record,
    ReloadRecord,
    RuleCheckRecord,
    RuleFilesRecord,
    RunEnd,
    RunStart,
    SentRecord,
)

_HASH_SHOWN = 12
_OUTCOMES = {
    Outcome.HELD: "wrote {setting}: held",
    Outcome.REFUSED: "tried {setting}: refused",
    Outcome.MISMATCH: "wrote {setting}: the gateway reports something else",
    Outcome.UNREACHABLE: "tried {setting}: the gateway could not be reached",
    Outcome.SUPERSEDED: "gave up {setting}: superseded",
    Outcome.WOULD: "would have written {setting}",
    Outcome.UNVERIFIED: "wrote {setting}: held as far as it can be read back",
    Outcome.RECOVERED_APPLIED: "after a restart: {setting} had been applied",
    Outcome.RECOVERED_NOT_APPLIED: "after a restart: {setting} had not been applied",
}
_TIMED_OUTCOMES = (
    Outcome.HELD,
    Outcome.REFUSED,
    Outcome.MISMATCH,
    Outcome.UNREACHABLE,
    Outcome.UNVERIFIED,
)


class Intended(NamedTuple):
    """As much of an intent as a row about it tells."""

    at: datetime
    wanted: Setting


def sentence(record: Record, intended: Intended | None = None) -> str:
    """What a row with this record says.

    `intended` is of the intent that the record is about; needed where it is about one. It is on one
    line, also where the record has several, such as every mistake in some rule files.
    """
    said = _ABOUT_INTENTS.get(type(record))
    if said is None:
        text = _SENTENCES[type(record)](record)
    elif intended is None:
        raise ValueError(f"{type(record).__name__} is about an intent")
    else:
        text = said(record, intended)
    return "; ".join(text.split("\n"))


def gap(lost: PastGap) -> str:
    """Rows were lost."""
    since = (
        "in all the time before" if lost.since is None else f"since {lost.since:%Y-%m-%d %H:%M} UTC"
    )
    return f"nothing is known of what happened {since}: {lost.reason}"


def seal(first: int, last: int, count: int, *, again: bool) -> str:
    """A stretch of the stream was sealed, or (`again`) what thinning left of it."""
    word = "thinned and sealed again" if again else "sealed"
    return f"{word} {count} readings, rows {first} to {last}"


def observation(seen: Observation) -> str:
    """What one poll found; what is missing is left out."""
    parts = []
    if seen.soe is not None:
        parts.append(f"SOE {seen.soe:.1f} %")
    if seen.grid is not None:
        parts.append(f"grid {_grid(seen.grid)}")
    elif word := seen.unknown_word(Quantity.GRID):
        parts.append(f"grid {word}")
    powers = {
        "site": seen.site_power,
        "battery": seen.battery_power,
        "home": seen.load_power,
        "solar": seen.solar_power,
    }
    parts += [f"{name} {power:.0f} W" for name, power in powers.items() if power is not None]
    reserve = None if seen.reserve is None else round(seen.reserve)
    if word := seen.unknown_word(Quantity.MODE):
        parts.append(word)
    setting = Setting(seen.mode, reserve, seen.grid_charging, seen.export)
    if not setting.empty:
        parts.append(str(setting))
    if seen.running is False:
        parts.append("battery stopped")
    if seen.grid_services:
        parts.append("grid services")
    return ", ".join(parts) or "nothing usable"


def _run(record: RunStart) -> str:
    how = " as a dry run" if record.dry_run else ""
    return f"pwsched {record.version} started{how}, rules {record.rules_hash[:_HASH_SHOWN]}"


def _run_end(record: RunEnd) -> str:
    return f"stopped: {record.reason}"


def _rule_files(record: RuleFilesRecord) -> str:
    return f"stored the rule files {record.rules_hash[:_HASH_SHOWN]}"


def _reload(record: ReloadRecord) -> str:
    return f"new rules are in force: {record.rules_hash[:_HASH_SHOWN]}"


def _rule_check(record: RuleCheckRecord) -> str:
    return record.said


def _observed(record: ObservationRecord) -> str:
    return observation(record.observation)


def _given(record: InputRecord) -> str:
    return f"{record.name} {'removed' if record.content is None else 'set'}"


def _decision(record: DecisionRecord) -> str:
    # Its reason names the setting and the rules that won it.
    return f"decided: {record.reason}"


def _intent(record: IntentRecord) -> str:
    verb = "would write" if record.would else "writing"
    was = "" if record.previous.empty else f" instead of {record.previous}"
    return f"{verb} {record.wanted}{was}; cause: {record.cause}"


def _sent(_record: SentRecord, intended: Intended) -> str:
    return f"sent {intended.wanted}"


def _outcome(record: OutcomeRecord, intended: Intended) -> str:
    said = _OUTCOMES[record.outcome].format(setting=intended.wanted)
    took = record.at - intended.at
    if record.outcome in _TIMED_OUTCOMES and took >= timedelta(0):
        said += f" after {_length(took)}"
    # A held write says how long it took already.
    told = record.detail and record.outcome is not Outcome.HELD
    return f"{said}: {record.detail}" if told else said


def _effect(record: EffectRecord, intended: Intended) -> str:
    return f"effect of {intended.wanted} {record.effect}: {record.detail}"


def _override(record: OverrideRecord) -> str:
    return f"override {record.state}: {record.detail}"


def _hold(record: HoldRecord) -> str:
    if record.by == THE_CLOCK:
        return "the hold has ended"
    until = f" until {record.until:%Y-%m-%d %H:%M} UTC" if record.until else ""
    what = "" if record.setting.empty else f" {record.setting}"
    return f"{record.by} requested {record.word}{what}{until}"


def _capability(record: CapabilityRecord) -> str:
    may = {
        True: "may write",
        False: "may not write",
        None: "is not known yet to be allowed to write",
    }
    firmware = record.firmware or "unknown"
    return f"firmware {firmware}: the {record.login} login {may[record.may_write]}"


def _event(record: EventRecord) -> str:
    due = f"{record.scheduled_at:%Y-%m-%d %H:%M} UTC"
    return f'{record.state} "{record.rule}": {record.action}, due {due}'


def _firmware_check(record: FirmwareCheckRecord) -> str:
    version = f" ({record.version})" if record.version else ""
    said = f"firmware check: {record.result}{version}"
    return f"{said}: {record.detail}" if record.detail else said


def _note(record: NoteRecord) -> str:
    return f"{record.kind}: {record.text}"


_SENTENCES: dict[type, Callable[[Any], str]] = {
    RunStart: _run,
    RunEnd: _run_end,
    RuleFilesRecord: _rule_files,
    ReloadRecord: _reload,
    RuleCheckRecord: _rule_check,
    ObservationRecord: _observed,
    InputRecord: _given,
    DecisionRecord: _decision,
    IntentRecord: _intent,
    OverrideRecord: _override,
    HoldRecord: _hold,
    EventRecord: _event,
    FirmwareCheckRecord: _firmware_check,
    CapabilityRecord: _capability,
    NoteRecord: _note,
}
_ABOUT_INTENTS: dict[type, Callable[[Any, Intended], str]] = {
    SentRecord: _sent,
    OutcomeRecord: _outcome,
    EffectRecord: _effect,
}


def _grid(status: GridStatus) -> str:
    if status.up:
        return "up"
    return "down" if status.down else "in transition"


def _length(took: timedelta) -> str:
    seconds = round(took.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"
