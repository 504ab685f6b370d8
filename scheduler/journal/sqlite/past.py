"""What a restart goes on from: `Past`, looked up by number.

"Last" means last committed, not latest by the clock: a clock that was set back must not hide what
was done since. Nothing here reads more rows than it needs, however old the journal is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, func, or_, select, true, union

from rules.engine import Action, Happened
from scheduler.domain import (
    POLLED,
    CapabilityRecord,
    Cause,
    Content,
    DecisionRecord,
    Effect,
    FailedWrites,
    HeldWrite,
    HoldRecord,
    InputRecord,
    NoteKind,
    ObservationRecord,
    OpenIntent,
    Outcome,
    OverrideRecord,
    Past,
    PastClockStep,
    PastDecision,
    PastGap,
    PastWrite,
    Row,
    RuleCheckRecord,
    UnfinishedCheck,
    step_of,
)
from scheduler.journal.recollection import (
    FAILED,
    HELD,
    MOST_FAILURES,
    WRITES_REMEMBERED,
    overrides_of,
)
from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.codec import CODECS, of_setting
from scheduler.journal.sqlite.lookups import tail_of


def past_of(connection: Connection, site: str) -> Past:
    """Everything that is known of a site, in the transaction of this connection."""
    last = _last_writes(connection, site)
    held, read_back = _held_write(connection, site, last)
    install = _newest_note(connection, site, NoteKind.FIRMWARE_INSTALL)
    return Past(
        next_number=tail_of(connection, site).number + 1,
        read_at=_read_at(connection, site),
        decision=_last_decision(connection, site),
        hold=last_hold(connection, site),
        gap=last_gap(connection, site),
        engine_inputs=last_engine_inputs(connection, site),
        capability=_capability(connection, site),
        capability_when_held=_capability(connection, site, read_back) if held else None,
        capability_when_installing=_capability(connection, site, install) if install else None,
        overrides=last_overrides(connection, site),
        open_intent=_open_intent(connection, site),
        uncertain_write=(
            of_setting("wanted", last[0])
            if last and last[0]["ended"] == Outcome.UNREACHABLE
            else None
        ),
        held_write=held,
        failed_writes=_failed_writes(last),
        writes=_writes(connection, site, would=False),
        would_writes=_writes(connection, site, would=True),
        clock_step=_last_clock_step(connection, site),
        unfinished_check=_unfinished_check(connection, site),
        last_notes=_last_notes(connection, site),
        rule_check=_last_rule_check(connection, site),
        accepted=_accepted(connection, site),
    )


def with_waiting(past: Past, waiting: Sequence[Row]) -> Past:
    """The past with rows of the stream that are still to be committed."""
    later = [row for row in waiting if row.number >= past.next_number]
    if not later:
        return past
    engine_inputs: dict[str, Content] = dict(past.engine_inputs)
    read_at = past.read_at
    for row in later:
        match row.record:
            case InputRecord(name=name, content=content):
                engine_inputs.pop(name, None)
                if content is not None:
                    engine_inputs[name] = content
            case ObservationRecord(at=at) as observed if observed.is_reading:
                read_at = at
    next_number = max(row.number for row in later) + 1
    return replace(past, next_number=next_number, read_at=read_at, engine_inputs=engine_inputs)


def last_hold(connection: Connection, site: str) -> HoldRecord | None:
    """What the owner said last."""
    row = _newest(connection, tables.hold, site)
    return None if row is None else CODECS[HoldRecord].record(row)


def last_gap(connection: Connection, site: str) -> PastGap | None:
    """The newest time of which nothing is known because the journal lost it."""
    row = _newest(connection, tables.gap, site)
    return None if row is None else PastGap(row["since"], row["at"], row["reason"])


def _last_rule_check(connection: Connection, site: str) -> RuleCheckRecord | None:
    """The newest check of rules since the newest gap."""
    row = _newest(
        connection, tables.rule_check, site, tables.rule_check.c.id > _lost(connection, site)
    )
    return None if row is None else CODECS[RuleCheckRecord].record(row)


def _accepted(connection: Connection, site: str) -> frozenset[str]:
    """The digests of rules that were accepted by a check, or in force before the first one."""
    check, stored = tables.rule_check.c, tables.rule_files.c
    first = connection.scalar(select(func.min(check.id)).where(check.site == site))
    before = true() if first is None else stored.id < first
    query = union(
        select(check.rules_hash).where(check.site == site),
        select(stored.rules_hash).where(stored.site == site, before),
    )
    return frozenset(connection.scalars(query))


def _lost(connection: Connection, site: str) -> int:
    """The number of the newest gap; 0: nothing was ever lost."""
    gap = tables.gap.c
    return connection.scalar(select(func.max(gap.id)).where(gap.site == site)) or 0


def last_engine_inputs(
    connection: Connection, site: str, until: int | None = None
) -> dict[str, Content]:
    """The last engine inputs, or the last `until` the row of this number, by name.

    What has gone is left out.
    """
    engine_inputs = tables.input.c
    newest = (
        select(func.max(engine_inputs.id))
        .where(engine_inputs.site == site, true() if until is None else engine_inputs.id <= until)
        .group_by(engine_inputs.name)
    )
    query = select(engine_inputs.name, engine_inputs.content).where(
        engine_inputs.site == site, engine_inputs.id.in_(newest)
    )
    return {row.name: row.content for row in connection.execute(query) if row.content is not None}


def last_overrides(connection: Connection, site: str) -> tuple[OverrideRecord, ...]:
    """The last override's rows, in order: its beginning and, if it is over, its end."""
    override = tables.override.c
    query = (
        select(tables.override).where(override.site == site).order_by(override.id.desc()).limit(2)
    )
    found: list[OverrideRecord] = [
        CODECS[OverrideRecord].record(row) for row in connection.execute(query).mappings()
    ]
    return overrides_of(found[::-1])


def _read_at(connection: Connection, site: str) -> datetime | None:
    """When anything was read last. What stands after it is a silence, and no longer than that."""
    observation = tables.observation.c
    read = or_(*(observation[quantity.value].is_not(None) for quantity in POLLED))
    row = _newest(connection, tables.observation, site, read)
    return None if row is None else row["tick_at"]


def _last_decision(connection: Connection, site: str) -> PastDecision | None:
    row = _newest(connection, tables.decision, site)
    return None if row is None else PastDecision(row["id"], CODECS[DecisionRecord].record(row))


def _capability(
    connection: Connection, site: str, before: int | None = None
) -> CapabilityRecord | None:
    """What the route was known to allow before the row of this number; `None`: at the end."""
    id_ = tables.capability.c.id
    row = _newest(connection, tables.capability, site, true() if before is None else id_ < before)
    return None if row is None else CODECS[CapabilityRecord].record(row)


def _open_intent(connection: Connection, site: str) -> OpenIntent | None:
    slot, sent = tables.open_intent.c, tables.sent.c
    query = (
        select(tables.intent).join_from(tables.open_intent, tables.intent).where(slot.site == site)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    last_sent = _newest(connection, tables.sent, site, sent.intent_id == row["id"])
    return OpenIntent(
        number=row["id"],
        at=row["at"],
        previous=of_setting("previous", row),
        wanted=of_setting("wanted", row),
        cause=Cause(row["cause"]),
        sent_at=None if last_sent is None else last_sent["at"],
    )


def _last_writes(connection: Connection, site: str) -> Sequence[RowMapping]:
    """The last intents that were no dry run, newest first, each with how and where it `ended`.

    Before the newest gap they tell nothing: others may have followed that nobody remembers.
    """
    intent, outcome = tables.intent.c, tables.outcome.c
    query = (
        select(
            tables.intent,
            outcome.outcome.label("ended"),
            outcome.at.label("ended_at"),
            outcome.id.label("ended_by"),
        )
        .outerjoin_from(
            tables.intent,
            tables.outcome,
            (outcome.site == intent.site) & (outcome.intent_id == intent.id),
        )
        .where(intent.site == site, intent.would.is_(False), intent.id > _lost(connection, site))
        .order_by(intent.id.desc())
        .limit(MOST_FAILURES)
    )
    return connection.execute(query).mappings().all()


def _held_write(
    connection: Connection, site: str, last: Sequence[RowMapping]
) -> tuple[HeldWrite | None, int]:
    """The last write, if it was read back, and the number of the row that says so."""
    if not last or last[0]["ended"] not in HELD:
        return None, 0
    row = last[0]
    wanted = of_setting("wanted", row)
    again = takewhile(lambda each: of_setting("wanted", each) == wanted, last)
    found = (previous for each in again if (previous := of_setting("previous", each)) != wanted)
    seen = _newest(connection, tables.effect, site, tables.effect.c.intent_id == row["id"])
    held = HeldWrite(
        number=row["id"],
        wanted=wanted,
        previous=next(found, of_setting("previous", row)),
        cause=Cause(row["cause"]),
        at=row["ended_at"],
        outcome=Outcome(row["ended"]),
        effect=None if seen is None else Effect(seen["effect"]),
    )
    return held, row["ended_by"]


def _failed_writes(last: Sequence[RowMapping]) -> FailedWrites | None:
    failed = list(takewhile(lambda row: row["ended"] in FAILED, last))
    return FailedWrites(len(failed), failed[0]["ended_at"]) if failed else None


def _writes(connection: Connection, site: str, *, would: bool) -> tuple[PastWrite, ...]:
    """The newest intents by number: their times may be those of a clock that was set back."""
    intent = tables.intent.c
    query = (
        select(tables.intent)
        .where(intent.site == site, intent.would == would)
        .order_by(intent.id.desc())
        .limit(WRITES_REMEMBERED)
    )
    rows = connection.execute(query).mappings().all()
    steps = _clock_steps(connection, site, rows[-1]["id"]) if rows else []
    found = []
    later = timedelta(0)
    for row in rows:
        while steps and steps[-1][0] > row["id"]:
            later += steps.pop()[1]
        settings = of_setting("wanted", row), of_setting("previous", row)
        found.append(PastWrite(row["at"], *settings, Cause(row["cause"])).shifted(later))
    return tuple(reversed(found))


def _clock_steps(connection: Connection, site: str, after: int) -> list[tuple[int, timedelta]]:
    """By how much the clock was set after this row, each with the number of its note, in order."""
    note = tables.note.c
    query = (
        select(note.id, note.text)
        .where(note.site == site, note.kind == NoteKind.CLOCK_STEPPED.value, note.id > after)
        .order_by(note.id)
    )
    return [(row.id, step_of(row.text)) for row in connection.execute(query)]


def _last_clock_step(connection: Connection, site: str) -> PastClockStep | None:
    stepped = tables.note.c.kind == NoteKind.CLOCK_STEPPED.value
    row = _newest(connection, tables.note, site, stepped)
    return None if row is None else PastClockStep(row["id"], step_of(row["text"]))


def _unfinished_check(connection: Connection, site: str) -> UnfinishedCheck | None:
    event, check = tables.event.c, tables.firmware_check.c
    ended = select(check.id).where(check.site == event.site, check.event_id == event.id).exists()
    row = _newest(
        connection,
        tables.event,
        site,
        (event.action == Action.FIRMWARE_CHECK.value)
        & (event.state == Happened.FIRED.value)
        & ~ended,
    )
    return None if row is None else UnfinishedCheck(row["id"], row["rule"], row["at"])


def _last_notes(connection: Connection, site: str) -> dict[NoteKind, datetime]:
    note = tables.note.c
    newest = select(func.max(note.id)).where(note.site == site).group_by(note.kind)
    query = select(note.kind, note.at, note.id).where(note.site == site, note.id.in_(newest))
    known = {NoteKind(row.kind): row for row in connection.execute(query)}
    last = {kind: row.at for kind, row in known.items()}
    if (run := known.get(NoteKind.BATTERY_RUN)) is not None:
        steps = (step for _, step in _clock_steps(connection, site, run.id))
        last[NoteKind.BATTERY_RUN] += sum(steps, timedelta(0))
    return last


def _newest_note(connection: Connection, site: str, kind: NoteKind) -> int | None:
    """The number of the newest note of this kind."""
    note = tables.note.c
    query = select(func.max(note.id)).where(note.site == site, note.kind == kind.value)
    number: int | None = connection.scalar(query)
    return number


def _newest(
    connection: Connection, table: Table, site: str, *where: ColumnElement[bool]
) -> RowMapping | None:
    """The newest row of a site in a table, of those that are wanted."""
    query = select(table).where(table.c.site == site, *where).order_by(table.c.id.desc()).limit(1)
    return connection.execute(query).mappings().one_or_none()
