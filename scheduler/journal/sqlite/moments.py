"""What the journal knows of one moment: what was read, decided, written, said, and why not.

A few rows by number and time, so a moment of years ago is found as quickly as the last one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, Table, func, select

from rules.engine import RuleSet
from rules.errors import RuleProblems
from scheduler.domain import (
    Cause,
    Effect,
    NoteKind,
    Outcome,
    OverrideRecord,
    OverrideState,
)
from scheduler.errors import JournalProblem
from scheduler.journal import (
    Moment,
    PastEvent,
    PastReading,
    RulesNotStored,
    Silence,
    Standing,
    Write,
    filled,
)
from scheduler.journal.sqlite import past_events, tables
from scheduler.journal.sqlite.codec import CODECS, of_setting
from scheduler.journal.sqlite.engine import explained, reader_engine
from scheduler.journal.sqlite.lookups import sites
from scheduler.journal.sqlite.migrate import expect_head

LONGEST_UNSEEN = timedelta(minutes=10)
"""An older reading says nothing about a moment."""

_HIGHEST = 2**62
"""No row has so high a number."""

_MOST_DECISIONS = 1000
"""How far back the beginning of a decision is sought."""


class Chronicle:
    """One journal, open for questions about moments. Made by `opened`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def opened(cls, path: Path) -> Iterator[Chronicle]:
        """Read a journal. Raises `JournalProblem`: none there, or of another schema."""
        expect_head(path)
        engine = reader_engine(path)
        try:
            with explained(path), engine.begin() as connection:
                yield cls(connection)
        finally:
            engine.dispose()

    def site(self, name: str | None) -> str:
        """The site of this name, or the only one. Raises `JournalProblem`."""
        known = sites(self._connection)
        if name in known:
            return str(name)
        if name is None and len(known) == 1:
            return known[0]
        names = ", ".join(known) or "none yet"
        which = "say which site with --site" if name is None else f"there is no site {name!r}"
        raise JournalProblem(f"{which}; the journal has: {names}")

    def sites(self) -> tuple[str, ...]:
        """Every site that ever had a run."""
        return sites(self._connection)

    def zone(self, site: str) -> ZoneInfo:
        """The zone of the rules that came into force last; UTC where they cannot be read."""
        try:
            rules = self.newest_rules(site)
        except RuleProblems:
            rules = None
        return ZoneInfo("UTC") if rules is None else rules.almanac.zone

    def newest_rules(self, site: str) -> RuleSet | None:
        """The rules that came into force last, where they are stored."""
        standing = past_events.standing_at(self._connection, site, _HIGHEST)
        try:
            return self.rules(site, standing.rules_hash)
        except RulesNotStored:
            return None

    def rules(self, site: str, rules_hash: str) -> RuleSet:
        """The rules of this hash. Raises `RulesNotStored`, or `RuleProblems`."""
        return past_events.rules_of(self._connection, site, rules_hash)

    def happened(self, site: str, after: int = 0, before: int | None = None) -> Iterator[PastEvent]:
        """Everything that happened between two row numbers, both exclusive."""
        return past_events.past_events(self._connection, site, after, before)

    def happened_with_means(
        self, site: str, after: int = 0, before: int | None = None
    ) -> Iterator[PastEvent]:
        """The same, with the means between the readings that were left."""
        found = past_events.past_events(self._connection, site, after, before)
        return past_events.with_means(self._connection, site, found, after, before)

    def number_before(self, site: str, at: datetime) -> int:
        """The number of the last row before an instant; 0: there is none."""
        return past_events.last_number_before(self._connection, site, at)

    def standing(self, site: str, number: int) -> Standing:
        """What was so after the row of this number."""
        return past_events.standing_at(self._connection, site, number)

    def writes(self, site: str, since: datetime, until: datetime) -> list[Write]:
        """The writes of a span, in order, without those that only tried the account."""
        intent = tables.intent.c
        query = (
            select(tables.intent)
            .where(intent.site == site, intent.at >= since, intent.at < until)
            .where(intent.cause != Cause.PROBE.value)
            .order_by(intent.id)
        )
        return [self._write(row) for row in self._connection.execute(query).mappings()]

    def moment(self, site: str, at: datetime) -> Moment | Silence:
        """What the journal knows of a moment."""
        run = self._newest(tables.run, site, at)
        if run is None:
            first = self._connection.scalar(
                select(func.min(tables.run.c.at)).where(tables.run.c.site == site)
            )
            return Silence(site, at, "before", None, first)
        lost = self._lost(site, at)
        if lost is not None:
            return lost
        next_run = self._next(tables.run, site, at)
        ended = (
            self._connection.execute(
                select(tables.run_end).where(
                    tables.run_end.c.site == site, tables.run_end.c.run_id == run["id"]
                )
            )
            .mappings()
            .one_or_none()
        )
        if ended is not None and ended["at"] <= at:
            return Silence(site, at, "stopped", ended["at"], _at(next_run), ended["reason"])
        raw = self._newest(tables.observation, site, at)
        mean = self._newest(tables.mean, site, at)
        times = [row["at"] for row in (raw, mean) if row is not None]
        if raw is None or at - max(times) > LONGEST_UNSEEN:
            later = self._next(tables.observation, site, at)
            cut = next_run is not None and (later is None or later["at"] >= next_run["at"])
            return Silence(
                site,
                at,
                "cut off" if cut else "unread",
                max(times, default=run["at"]),
                _at(next_run if cut else later),
            )
        return self._moment(site, at, raw, mean)

    def _moment(self, site: str, at: datetime, raw: RowMapping, mean: RowMapping | None) -> Moment:
        read = past_events.seen_of(raw)
        seen = read
        if mean is not None and mean["at"] > read.observation.at:
            mixed = filled(read.observation, past_events.of_mean(mean))
            seen = PastReading(read.id, at, mixed, mean=True)
        decision = self._newest(tables.decision, site, at)
        intent = self._newest(tables.intent, site, at, tables.intent.c.cause != Cause.PROBE.value)
        write = None if intent is None else self._write(intent)
        note = self._newest(tables.note, site, at, tables.note.c.kind == NoteKind.HELD_BACK.value)
        waits = note is not None and (write is None or note["at"] > write.at)
        return Moment(
            site,
            at,
            seen,
            read,
            past_events.standing_at(self._connection, site, read.id - 1),
            None if decision is None else past_events.decided_of(decision),
            None if decision is None else self._decided_since(decision),
            write,
            (note["at"], note["text"]) if note is not None and waits else None,
            self._override(site, at),
        )

    def _override(self, site: str, at: datetime) -> OverrideRecord | None:
        """The beginning of the override that was respected then."""
        row = self._newest(tables.override, site, at)
        if row is None or row["state"] != OverrideState.BEGAN:
            return None
        record: OverrideRecord = CODECS[OverrideRecord].record(row)
        return record

    def _decided_since(self, decision: RowMapping) -> datetime:
        """Since when the same was wanted of the same rules; later rows only remember more."""
        table = tables.decision
        same = (*tables.setting_columns("setting").values(), "winners")
        query = (
            select(table.c.at, *(table.c[name] for name in same))
            .where(table.c.site == decision["site"], table.c.id <= decision["id"])
            .order_by(table.c.id.desc())
            .limit(_MOST_DECISIONS)
        )
        since: datetime = decision["at"]
        for row in self._connection.execute(query).mappings():
            if any(row[name] != decision[name] for name in same):
                break
            since = row["at"]
        return since

    def _lost(self, site: str, at: datetime) -> Silence | None:
        gap = tables.gap.c
        query = (
            select(tables.gap)
            .where(gap.site == site, gap.at > at)
            .order_by(gap.at, gap.id)
            .limit(1)
        )
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None or (row["since"] is not None and row["since"] >= at):
            return None
        return Silence(site, at, "gap", row["since"], row["at"], row["reason"])

    def _write(self, row: RowMapping) -> Write:
        ended = self._about(tables.outcome, row)
        shown = self._about(tables.effect, row)
        return Write(
            row["at"],
            of_setting("wanted", row),
            of_setting("previous", row),
            Cause(row["cause"]),
            row["would"],
            None if ended is None else Outcome(ended["outcome"]),
            None if ended is None else ended["at"],
            "" if ended is None else ended["detail"],
            None if shown is None else Effect(shown["effect"]),
            "" if shown is None else shown["detail"],
        )

    def _about(self, table: Table, intent: RowMapping) -> RowMapping | None:
        query = (
            select(table)
            .where(table.c.site == intent["site"], table.c.intent_id == intent["id"])
            .order_by(table.c.id.desc())
            .limit(1)
        )
        return self._connection.execute(query).mappings().one_or_none()

    def _newest(
        self, table: Table, site: str, at: datetime, *where: ColumnElement[bool]
    ) -> RowMapping | None:
        query = select(table).where(table.c.site == site, table.c.at <= at, *where)
        return self._one(query.order_by(table.c.at.desc(), table.c.id.desc()))

    def _next(self, table: Table, site: str, at: datetime) -> RowMapping | None:
        query = select(table).where(table.c.site == site, table.c.at > at)
        return self._one(query.order_by(table.c.at, table.c.id))

    def _one(self, query: Select[Any]) -> RowMapping | None:
        return self._connection.execute(query.limit(1)).mappings().one_or_none()


def _at(row: RowMapping | None) -> datetime | None:
    at: datetime | None = None if row is None else row["at"]
    return at
