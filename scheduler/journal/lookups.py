"""What the daemon asks the journal, most of it at its start.

"Last" means last committed, not latest by the clock: a clock that was set back must not hide what
was done since.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection, RowMapping, Table, func, select, true

from rules.domain import Setting
from scheduler.domain import (
    CapabilityRecord,
    Effect,
    FailedWrites,
    HeldWrite,
    HoldRecord,
    OpenIntent,
    Outcome,
    OverrideRecord,
    PastDecision,
    PastGap,
    PastWrite,
)
from scheduler.journal import rows, tables
from scheduler.journal.chain import BEFORE_THE_FIRST
from scheduler.journal.given import Content
from scheduler.journal.transaction import Tail

_HELD = (Outcome.HELD.value, Outcome.RECOVERED_APPLIED.value)
_FAILED = (Outcome.REFUSED.value, Outcome.MISMATCH.value, Outcome.UNREACHABLE.value)
_MOST_FAILURES = 20
"""Beyond it the pauses grow no longer."""


def tail(connection: Connection) -> Tail:
    """The number of the last committed row and the end of the chain."""
    newest, chain, last_link = 0, BEFORE_THE_FIRST, 0
    for table in tables.AUDIT_TABLES:
        for site in _sites_in(connection, table):
            last = connection.scalar(select(func.max(table.c.id)).where(table.c.site == site)) or 0
            newest = max(newest, last)
            if "chain" in table.c and last > last_link:
                row = select(table.c.chain).where(table.c.site == site, table.c.id == last)
                chain, last_link = connection.scalar(row) or BEFORE_THE_FIRST, last
    return Tail(newest, last_link, chain)


def link_of(connection: Connection, number: int) -> bytes | None:
    """The link of the audit row with this number."""
    for table in tables.CHAINED_TABLES:
        for site in _sites_in(connection, table):
            row = select(table.c.chain).where(table.c.site == site, table.c.id == number)
            found: bytes | None = connection.scalar(row)
            if found is not None:
                return found
    return None


def newest_row(connection: Connection, site: str) -> datetime | None:
    """The time of the site's newest row by the clock."""
    newest = [
        connection.scalar(select(func.max(table.c.at)).where(table.c.site == site))
        for table in tables.AUDIT_TABLES
    ]
    return max((at for at in newest if at is not None), default=None)


def last_gap(connection: Connection, site: str) -> PastGap | None:
    """The newest time of which nothing is known because the journal lost it."""
    gap = tables.gap.c
    query = select(tables.gap).where(gap.site == site).order_by(gap.id.desc()).limit(1)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else PastGap(row["since"], row["at"], row["reason"])


def _sites_in(connection: Connection, table: Table) -> Iterator[str]:
    """The sites with a row in a table, without looking at every row."""
    site = table.c.site
    found = connection.scalar(select(func.min(site)))
    while found is not None:
        yield found
        found = connection.scalar(select(func.min(site)).where(site > found))


def sites(connection: Connection) -> tuple[str, ...]:
    """All sites that ever had a run, in alphabetical order."""
    site = tables.run.c.site
    return tuple(connection.scalars(select(site).distinct().order_by(site)))


def open_intent(connection: Connection, site: str) -> OpenIntent | None:
    """The intent whose outcome is not known yet."""
    intent, slot, sent = tables.intent.c, tables.open_intent.c, tables.intent_sent.c
    query = (
        select(tables.intent).join_from(tables.open_intent, tables.intent).where(slot.site == site)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    sent_at = connection.scalar(
        select(sent.at)
        .where(sent.site == site, sent.intent_id == row[intent.id])
        .order_by(sent.id.desc())
        .limit(1)
    )
    return OpenIntent(
        id=row["id"],
        run_id=row["run_id"],
        decision_id=row["decision_id"],
        at=row["at"],
        previous=rows.previous_setting(row),
        wanted=rows.wanted_setting(row),
        cause=row["cause"],
        reason=row["reason"],
        sent_at=sent_at,
    )


def writes_since(
    connection: Connection, site: str, instant: datetime, *, would: bool
) -> tuple[PastWrite, ...]:
    """Intents at or after an instant, newest last."""
    intent = tables.intent.c
    query = (
        select(tables.intent)
        .where(intent.site == site, intent.at >= instant, intent.would == would)
        .order_by(intent.at, intent.id)
    )
    return tuple(
        PastWrite(
            at=row["at"], wanted=rows.wanted_setting(row), previous=rows.previous_setting(row)
        )
        for row in connection.execute(query).mappings()
    )


def last_decision(connection: Connection, site: str) -> PastDecision | None:
    """The newest decision."""
    decision = tables.decision.c
    query = (
        select(tables.decision).where(decision.site == site).order_by(decision.id.desc()).limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        return None
    return PastDecision(id=row["id"], run_id=row["run_id"], record=rows.decision_record(row))


def last_word(connection: Connection, site: str) -> HoldRecord | None:
    """What the owner said last."""
    hold = tables.hold.c
    query = select(tables.hold).where(hold.site == site).order_by(hold.id.desc()).limit(1)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else rows.hold_record(row)


def last_given(connection: Connection, site: str, until: int | None = None) -> dict[str, Content]:
    """What the engine was given last, or last `until` the row of this number, by name.

    What has gone is left out.
    """
    given = tables.input.c
    newest = (
        select(func.max(given.id))
        .where(given.site == site, true() if until is None else given.id <= until)
        .group_by(given.name)
    )
    query = select(given.name, given.content).where(given.site == site, given.id.in_(newest))
    return {row.name: row.content for row in connection.execute(query) if row.content is not None}


def last_contact(connection: Connection, site: str) -> datetime | None:
    """When the newest observation or decision was made."""
    newest = [
        connection.scalar(select(func.max(table.c.at)).where(table.c.site == site))
        for table in (tables.observation, tables.decision)
    ]
    return max((at for at in newest if at is not None), default=None)


def unfinished_check(connection: Connection, site: str, since: datetime) -> tuple[int, str] | None:
    """The event of a firmware check that fired since then and has no record of its end.

    Its number, and the name of the rule that it is of.
    """
    event, check = tables.event.c, tables.firmware_check.c
    ended = select(check.id).where(check.site == event.site, check.event_id == event.id).exists()
    query = (
        select(event.id, event.rule)
        .where(
            event.site == site,
            event.at >= since,
            event.action == "firmware-check",
            event.state == "fired",
            ~ended,
        )
        .order_by(event.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else (row.id, row.rule)


def uncertain_write(connection: Connection, site: str) -> Setting | None:
    """What the last write wanted, if nobody knows whether it took effect."""
    row = _last_writes(connection, site, 1)
    if not row or row[0]["ended"] != Outcome.UNREACHABLE.value:
        return None
    return rows.wanted_setting(row[0])


def held_write(connection: Connection, site: str) -> HeldWrite | None:
    """The last write, if it was read back, with what its effect was last seen to be."""
    last = _last_writes(connection, site, _MOST_FAILURES)
    row = next(iter(last), None)
    if row is None or row["ended"] not in _HELD:
        return None
    wanted = rows.wanted_setting(row)
    again = takewhile(lambda each: rows.wanted_setting(each) == wanted, last)
    found = (previous for each in again if (previous := rows.previous_setting(each)) != wanted)
    effect = tables.effect.c
    seen = connection.scalar(
        select(effect.effect)
        .where(effect.site == site, effect.intent_id == row["id"])
        .order_by(effect.id.desc())
        .limit(1)
    )
    return HeldWrite(
        row["id"],
        wanted,
        next(found, rows.previous_setting(row)),
        row["cause"],
        row["ended_at"],
        None if seen is None else Effect(seen),
    )


def failed_writes(connection: Connection, site: str) -> FailedWrites | None:
    """The writes in a row that failed since one succeeded; `None`: the last one did not fail."""
    last = _last_writes(connection, site, _MOST_FAILURES)
    failed = list(takewhile(lambda row: row["ended"] in _FAILED, last))
    return FailedWrites(len(failed), failed[0]["ended_at"]) if failed else None


def last_overrides(connection: Connection, site: str) -> tuple[OverrideRecord, ...]:
    """The last override's rows, in order: its beginning and, if it is over, its end."""
    override = tables.override.c
    query = (
        select(tables.override).where(override.site == site).order_by(override.id.desc()).limit(2)
    )
    found = [rows.override_record(row) for row in connection.execute(query).mappings()]
    return tuple(reversed(found))


def last_capability(
    connection: Connection, site: str, until: datetime | None = None
) -> CapabilityRecord | None:
    """What the route was last known to allow, or was `until` an instant."""
    capability = tables.capability.c
    query = (
        select(tables.capability)
        .where(capability.site == site, true() if until is None else capability.at <= until)
        .order_by(capability.id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else rows.capability_record(row)


def last_note(connection: Connection, site: str, kind: str) -> datetime | None:
    """When a note of this kind was last made."""
    note = tables.note.c
    query = (
        select(note.at)
        .where(note.site == site, note.kind == kind)
        .order_by(note.id.desc())
        .limit(1)
    )
    return connection.scalar(query)


def _last_writes(connection: Connection, site: str, count: int) -> Sequence[RowMapping]:
    """The last intents that were no dry run, newest first, each with how it `ended`.

    Before the newest gap they tell nothing: others may have followed that nobody remembers.
    """
    gap = tables.gap.c
    lost = select(func.coalesce(func.max(gap.id), 0)).where(gap.site == site).scalar_subquery()
    intent, outcome = tables.intent.c, tables.outcome.c
    query = (
        select(tables.intent, outcome.outcome.label("ended"), outcome.at.label("ended_at"))
        .outerjoin_from(
            tables.intent,
            tables.outcome,
            (outcome.site == intent.site) & (outcome.intent_id == intent.id),
        )
        .where(intent.site == site, intent.would.is_(False), intent.id > lost)
        .order_by(intent.id.desc())
        .limit(count)
    )
    return connection.execute(query).mappings().all()
