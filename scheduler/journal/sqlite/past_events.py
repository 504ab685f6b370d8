"""What happened at a site, row by row in the order of commits, as a replay goes along it.

That order is also the order in which the controller knew things: manual holds, other rules and
engine inputs are committed before the reading on which they were first decided, and a decision with
the reading that led to it.

Rows are read as they are needed, never all at once.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, RowMapping, Table, select

from rules.domain import Observation
from rules.engine import RuleSet
from rules.language import load_kept
from rules.sources import Sources
from scheduler.domain import LEVERS, DecisionRecord, HoldRecord, ObservationRecord
from scheduler.journal import (
    DecisionMade,
    HoldChanged,
    InputChanged,
    PastEvent,
    PastReading,
    RowsLost,
    RulesChanged,
    RulesNotStored,
    RunBegan,
    Standing,
    filled,
)
from scheduler.journal.sqlite import tables
from scheduler.journal.sqlite.codec import CODECS
from scheduler.journal.sqlite.past import last_engine_inputs

_FETCHED = 1000
"""Rows that are fetched at a time."""

_Make = Callable[[RowMapping], PastEvent]


def past_events(
    connection: Connection, site: str, after: int = 0, before: int | None = None
) -> Iterator[PastEvent]:
    """Everything in rows of a number over `after` and under `before`, in order."""
    sources: tuple[tuple[Table, _Make], ...] = (
        (tables.run, _run_began),
        (tables.gap, _rows_lost),
        (tables.reload, _rules_changed),
        (tables.input, _input_changed),
        (tables.hold, _hold_changed),
        (tables.observation, seen_of),
        (tables.decision, decided_of),
    )
    streams = [
        map(make, _stream(connection, table, site, after, before)) for table, make in sources
    ]
    return heapq.merge(*streams, key=lambda each: each.id)


def with_means(
    connection: Connection, site: str, past: Iterator[PastEvent], after: int, before: int | None
) -> Iterator[PastEvent]:
    """What happened, and between the readings that were left the means of the others.

    A mean tells the state of energy and the powers; the rest is as it was read last.
    """
    means = (
        PastReading(row["id"], row["at"], of_mean(row), mean=True)
        for row in _stream(connection, tables.mean, site, after, before)
    )
    last: Observation | None = None
    for each in heapq.merge(past, means, key=lambda one: (one.id, one.at)):
        if not isinstance(each, PastReading):
            yield each
        elif not each.mean:
            last = each.observation
            yield each
        elif last is not None and each.at > last.at:
            yield replace(each, observation=filled(last, each.observation))


def rules_of(connection: Connection, site: str, rules_hash: str) -> RuleSet:
    """The rules of this hash. Raises `RulesNotStored`, or `RuleProblems`."""
    stored = tables.rule_files.c
    query = select(stored.content).where(stored.site == site, stored.rules_hash == rules_hash)
    content = connection.scalar(query)
    if content is None:
        raise RulesNotStored(
            f"the rule files {rules_hash[:12]} that were in force then are not in the journal"
        )
    return load_kept(Sources.from_json(content))


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


def standing_at(connection: Connection, site: str, number: int) -> Standing:
    """What was so after the row of this number."""
    run = _last(connection, tables.run, site, number)
    reload = _last(connection, tables.reload, site, number)
    decision = _last(connection, tables.decision, site, number)
    said = _last(connection, tables.hold, site, number)
    in_force = max((row for row in (run, reload) if row), key=lambda row: row["id"], default=None)
    engine_inputs = last_engine_inputs(connection, site, number)
    if LEVERS not in engine_inputs:
        capable = _last(connection, tables.capability, site, number)
        if capable is not None:
            engine_inputs[LEVERS] = capable["levers"]
    return Standing(
        None if run is None else _run_began(run),
        "" if in_force is None else in_force["rules_hash"],
        None if decision is None else decided_of(decision),
        None if said is None else CODECS[HoldRecord].record(said),
        engine_inputs,
    )


def _stream(
    connection: Connection, table: Table, site: str, after: int, before: int | None
) -> Iterator[RowMapping]:
    query = select(table).where(table.c.site == site, table.c.id > after).order_by(table.c.id)
    if before is not None:
        query = query.where(table.c.id < before)
    result = connection.execution_options(yield_per=_FETCHED).execute(query)
    return iter(result.mappings())


def _run_began(row: RowMapping) -> RunBegan:
    return RunBegan(row["id"], row["at"], row["rules_hash"])


def _rows_lost(row: RowMapping) -> RowsLost:
    return RowsLost(row["id"], row["at"])


def _rules_changed(row: RowMapping) -> RulesChanged:
    return RulesChanged(row["id"], row["at"], row["rules_hash"])


def _input_changed(row: RowMapping) -> InputChanged:
    return InputChanged(row["id"], row["at"], row["name"], row["content"])


def _hold_changed(row: RowMapping) -> HoldChanged:
    return HoldChanged(row["id"], row["at"], CODECS[HoldRecord].record(row))


def seen_of(row: RowMapping) -> PastReading:
    """A row of `observation`."""
    record: ObservationRecord = CODECS[ObservationRecord].record(row)
    return PastReading(row["id"], record.at, record.observation)


def decided_of(row: RowMapping) -> DecisionMade:
    """A row of `decision`."""
    return DecisionMade(row["id"], row["at"], CODECS[DecisionRecord].record(row))


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
