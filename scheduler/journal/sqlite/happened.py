"""What happened at a site, row by row in the order of commits, as a replay goes along it.

That order is also the order in which the loop knew things: the owner's word, other rules and what
the engine was given are committed before the reading on which they were first decided, and a
decision with the reading that led to it.

Rows are read as they are asked for, never all at once.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Table, select

from rules.domain import Observation
from rules.load import load_kept
from rules.plan import RuleSet
from rules.resolve import Levers
from rules.sources import Sources
from scheduler.domain import DecisionRecord, HoldRecord
from scheduler.errors import JournalProblem
from scheduler.journal.given import LEVERS, RELOADED, Content, levers_from_json, reloaded_to
from scheduler.journal.sqlite import lookups, rows, tables

_FETCHED = 1000
"""Rows that are fetched at a time."""


@dataclass(frozen=True, slots=True)
class Began:
    """A run began, with these rules."""

    id: int
    at: datetime
    rules_hash: str


@dataclass(frozen=True, slots=True)
class Lost:
    """The journal lost what happened up to an instant."""

    id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Reloaded:
    """Other rules came into force; their hash begins so."""

    id: int
    at: datetime
    rules_hash: str


@dataclass(frozen=True, slots=True)
class Given:
    """The engine was given something else from then on; `None`: no longer."""

    id: int
    at: datetime
    name: str
    content: Content | None


@dataclass(frozen=True, slots=True)
class Said:
    """The owner spoke."""

    id: int
    at: datetime
    word: HoldRecord


@dataclass(frozen=True, slots=True)
class Seen:
    """The gateway was read, and decided for as of `at`; a `mean` stands for thinned readings."""

    id: int
    at: datetime
    observation: Observation
    mean: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """Something was decided."""

    id: int
    at: datetime
    record: DecisionRecord


Happened = Began | Lost | Reloaded | Given | Said | Seen | Decided
_Make = Callable[[RowMapping], Happened | None]


def happened(
    connection: Connection, site: str, after: int = 0, before: int | None = None
) -> Iterator[Happened]:
    """Everything in rows of a number over `after` and under `before`, in order."""
    sources: tuple[tuple[Table, _Make], ...] = (
        (tables.run, _began),
        (tables.gap, _lost),
        (tables.note, _reloaded),
        (tables.input, _given),
        (tables.hold, _said),
        (tables.observation, seen_of),
        (tables.decision, decided_of),
    )
    streams = [
        _made(make, _stream(connection, table, site, after, before)) for table, make in sources
    ]
    return heapq.merge(*streams, key=lambda each: each.id)


def with_means(
    connection: Connection, site: str, past: Iterator[Happened], after: int, before: int | None
) -> Iterator[Happened]:
    """What happened, and between the readings that were left the means of the others.

    A mean tells the state of energy and the powers; the rest is as it was read last.
    """
    means = (
        Seen(row["id"], row["at"], of_mean(row), mean=True)
        for row in _stream(connection, tables.mean, site, after, before)
    )
    last: Observation | None = None
    for each in heapq.merge(past, means, key=lambda one: (one.id, one.at)):
        if not isinstance(each, Seen):
            yield each
        elif not each.mean:
            last = each.observation
            yield each
        elif last is not None and each.at > last.at:
            yield replace(each, observation=filled(last, each.observation))


def rules_of(connection: Connection, site: str, rules_hash: str) -> RuleSet:
    """The rules whose hash begins so. Raises `JournalProblem` where they were not kept."""
    kept = tables.rule_files.c
    query = (
        select(kept.content)
        .where(kept.site == site, kept.rules_hash.startswith(rules_hash, autoescape=True))
        .limit(1)
    )
    content = connection.scalar(query)
    if content is None:
        raise RulesNotKept(
            f"the rule files {rules_hash[:12]} that were in force then were not kept:"
            " an older pwsched wrote that part of the journal"
        )
    return load_kept(Sources.from_json(content))


class RulesNotKept(JournalProblem):
    """The rule files of that time are not in the journal."""


def last_number_before(connection: Connection, site: str, at: datetime) -> int:
    """The number of the last row of a run, reading or decision before an instant; 0: none."""
    found = 0
    for table in (tables.run, tables.observation, tables.decision):
        query = (
            select(table.c.id)
            .where(table.c.site == site, table.c.at < at)
            .order_by(table.c.at.desc(), table.c.id.desc())
            .limit(1)
        )
        found = max(found, connection.scalar(query) or 0)
    return found


@dataclass(frozen=True, slots=True)
class Standing:
    """What was so after a row: the last run, decision, word, and what the engine was given."""

    began: Began | None
    rules_hash: str
    decision: Decided | None
    word: HoldRecord | None
    given: dict[str, Content]


def standing_at(connection: Connection, site: str, number: int) -> Standing:
    """What was so after the row of this number."""
    run = _last(connection, tables.run, site, number)
    decision = _last(connection, tables.decision, site, number)
    said = _last(connection, tables.hold, site, number)
    began = None if run is None else _began(run)
    rules_hash = "" if began is None else began.rules_hash
    if began is not None:
        note = tables.note.c
        query = (
            select(tables.note)
            .where(note.site == site, note.id > began.id, note.id <= number)
            .where(note.kind == RELOADED)
            .order_by(note.id.desc())
        )
        for row in connection.execute(query).mappings():
            if (found := reloaded_to(row["kind"], row["text"])) is not None:
                rules_hash = found
                break
    given = lookups.last_given(connection, site, number)
    if LEVERS not in given:
        capable = _last(connection, tables.capability, site, number)
        if capable is not None:
            given[LEVERS] = capable["levers"]
    return Standing(
        began,
        rules_hash,
        None if decision is None else decided_of(decision),
        None if said is None else rows.hold_record(said),
        given,
    )


def levers_in(given: dict[str, Content]) -> Levers:
    """What the route could set; what every route can where it was not kept."""
    return levers_from_json(given[LEVERS]) if LEVERS in given else Levers()


def _stream(
    connection: Connection, table: Table, site: str, after: int, before: int | None
) -> Iterator[RowMapping]:
    query = select(table).where(table.c.site == site, table.c.id > after).order_by(table.c.id)
    if before is not None:
        query = query.where(table.c.id < before)
    result = connection.execution_options(yield_per=_FETCHED).execute(query)
    return iter(result.mappings())


def _made(make: _Make, stream: Iterator[RowMapping]) -> Iterator[Happened]:
    return (found for row in stream if (found := make(row)) is not None)


def _began(row: RowMapping) -> Began:
    return Began(row["id"], row["at"], row["rules_hash"])


def _lost(row: RowMapping) -> Lost:
    return Lost(row["id"], row["at"])


def _reloaded(row: RowMapping) -> Reloaded | None:
    to = reloaded_to(row["kind"], row["text"])
    return None if to is None else Reloaded(row["id"], row["at"], to)


def _given(row: RowMapping) -> Given:
    return Given(row["id"], row["at"], row["name"], row["content"])


def _said(row: RowMapping) -> Said:
    return Said(row["id"], row["at"], rows.hold_record(row))


def seen_of(row: RowMapping) -> Seen:
    """A row of `observation`."""
    return Seen(row["id"], row["tick_at"] or row["at"], rows.observation_of(row))


def decided_of(row: RowMapping) -> Decided:
    """A row of `decision`."""
    return Decided(row["id"], row["at"], rows.decision_record(row))


def filled(last: Observation, mean: Observation) -> Observation:
    """A reading with the state of energy and the powers of a mean, and the rest as read last."""
    return replace(
        last,
        at=mean.at,
        soe=mean.soe,
        site_power=mean.site_power,
        battery_power=mean.battery_power,
        load_power=mean.load_power,
        solar_power=mean.solar_power,
    )


def of_mean(row: RowMapping) -> Observation:
    """A row of `mean`."""
    return Observation(
        row["at"],
        soe=row["soe"],
        site_power=row["site_power"],
        battery_power=row["battery_power"],
        load_power=row["load_power"],
        solar_power=row["solar_power"],
    )


def _last(connection: Connection, table: Table, site: str, number: int) -> RowMapping | None:
    query = (
        select(table)
        .where(table.c.site == site, table.c.id <= number)
        .order_by(table.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).mappings().one_or_none()
