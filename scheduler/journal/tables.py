"""The schema: one table for each kind of row, and the few types they are made of.

`site` leads every key and index. `id` is a row's number in the whole journal, shared by all
tables: the order of commits. Instants are UTC text of fixed width, so that text order is time
order.

The tables of the chain are append-only. Those of the stream (what was read and given) are as long
as they are raw; after 30 days most of their rows give way to means. A seal holds each stretch of
the stream to what it was. `open_intent` only says what follows from the chain.

A change here needs a migration; a test compares the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import get_args

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.sql.schema import SchemaItem

from rules.domain import Mode
from scheduler.domain import Effect, EventState, Outcome, OverrideState, Word


def instant_text(instant: datetime) -> str:
    """An instant as the journal keeps it: UTC, microseconds always written out.

    Raises `ValueError` for a naive datetime.
    """
    if instant.tzinfo is None:
        raise ValueError(f"the journal keeps aware instants only, got {instant.isoformat()}")
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def instant_from_text(text: str) -> datetime:
    """The aware UTC datetime of a stored instant."""
    return datetime.fromisoformat(text)


class Instant(TypeDecorator[datetime]):
    """An aware datetime as `instant_text`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Refuse what is naive."""
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 -- SQLAlchemy's signature
        """Aware UTC."""
        return None if value is None else instant_from_text(value)


class CanonicalJson(TypeDecorator[Mapping[str, object]]):
    """A JSON object as text that is equal for equal values: keys sorted, nothing to spare."""

    impl = Text
    cache_ok = True

    def process_bind_param(
        self,
        value: Mapping[str, object] | None,
        dialect: Dialect,  # noqa: ARG002 -- SQLAlchemy's signature
    ) -> str | None:
        """Refuse NaN and infinities, which no other reader of JSON would accept."""
        if value is None:
            return None
        return json.dumps(
            dict(value),
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
        )

    def process_result_value(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002 -- SQLAlchemy's signature
    ) -> Mapping[str, object] | None:
        """A dict."""
        if value is None:
            return None
        loaded: dict[str, object] = json.loads(value)
        return loaded


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _chained_table(name: str, *items: SchemaItem, later: Sequence[SchemaItem] = ()) -> Table:
    """A table of rows that are never changed nor deleted; `chain` holds them to it.

    `later` are columns that were added after `chain` was.
    """
    return _stream_table(name, *items, Column("chain", LargeBinary), *later)


def _stream_table(name: str, *items: SchemaItem) -> Table:
    """A table of rows found by site and time."""
    return Table(
        name,
        metadata,
        Column("site", Text, nullable=False),
        Column("id", Integer, nullable=False),
        Column("at", Instant, nullable=False),
        *items,
        PrimaryKeyConstraint("site", "id"),
        Index(None, "site", "at"),
        sqlite_with_rowid=False,
    )


def _belongs_to(table: str, column: str, *, required: bool = True) -> tuple[SchemaItem, ...]:
    """A column that names a row of the same site in another table."""
    return (
        Column(column, Integer, nullable=not required),
        ForeignKeyConstraint(["site", column], [f"{table}.site", f"{table}.id"]),
    )


def _boolean(name: str, *, nullable: bool = False) -> tuple[SchemaItem, ...]:
    return (
        Column(name, Boolean, nullable=nullable),
        CheckConstraint(f"{name} IN (0, 1)", name=name),
    )


def _one_of(column: str, words: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(str(w)) for w in words)})", name=column)


def _percent(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} BETWEEN 0 AND 100", name=column)


run = _chained_table(
    "run",
    Column("version", Text, nullable=False),
    Column("process", Text, nullable=False),
    *_boolean("dry_run"),
    Column("rules_hash", Text, nullable=False),
)

run_end = _chained_table(
    "run_end",
    *_belongs_to("run", "run_id"),
    Column("reason", Text, nullable=False),
    UniqueConstraint("site", "run_id"),
)

observation = _stream_table(
    "observation",
    *_belongs_to("run", "run_id"),
    Column("soe", Float),
    Column("site_power", Float),
    Column("battery_power", Float),
    Column("load_power", Float),
    Column("solar_power", Float),
    Column("grid", Text),
    Column("grid_services", Boolean),
    Column("mode", Text),
    Column("reserve", Float),
    Column("running", Boolean),
    Column("firmware", Text),
    Column("earlier", CanonicalJson, nullable=False),
    Column("tick_at", Instant),
)

input = _stream_table(  # noqa: A001 -- what it holds
    "input",
    *_belongs_to("run", "run_id"),
    Column("name", Text, nullable=False),
    Column("content", CanonicalJson),
    Index(None, "site", "name", "id"),
)

rule_files = _chained_table(
    "rule_files",
    *_belongs_to("run", "run_id"),
    Column("rules_hash", Text, nullable=False),
    Column("content", CanonicalJson, nullable=False),
    UniqueConstraint("site", "rules_hash"),
)

decision = _chained_table(
    "decision",
    *_belongs_to("run", "run_id"),
    Column("mode", Text),
    Column("reserve", Integer),
    Column("winners", CanonicalJson, nullable=False),
    Column("rules_hash", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("memory", CanonicalJson, nullable=False),
    _one_of("mode", Mode),
    _percent("reserve"),
    later=(Column("grid_charging", Boolean), Column("export", Text), Column("cause", Text)),
)

intent = _chained_table(
    "intent",
    *_belongs_to("run", "run_id"),
    *_belongs_to("decision", "decision_id", required=False),
    Column("previous_mode", Text),
    Column("previous_reserve", Integer),
    Column("wanted_mode", Text, nullable=False),
    Column("wanted_reserve", Integer, nullable=False),
    Column("cause", Text, nullable=False),
    Column("reason", Text, nullable=False),
    *_boolean("would"),
    _one_of("previous_mode", Mode),
    _percent("previous_reserve"),
    _one_of("wanted_mode", Mode),
    _percent("wanted_reserve"),
    CheckConstraint(
        "(previous_mode IS NULL) = (previous_reserve IS NULL)", name="previous_is_whole"
    ),
)

intent_sent = _chained_table(
    "intent_sent",
    *_belongs_to("intent", "intent_id"),
    Index(None, "site", "intent_id"),
)

outcome = _chained_table(
    "outcome",
    *_belongs_to("intent", "intent_id"),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    UniqueConstraint("site", "intent_id"),
    _one_of("outcome", Outcome),
)

effect = _chained_table(
    "effect",
    *_belongs_to("intent", "intent_id"),
    Column("effect", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "site", "intent_id"),
    _one_of("effect", Effect),
)

override = _chained_table(
    "override",
    *_belongs_to("run", "run_id"),
    Column("state", Text, nullable=False),
    Column("ours_mode", Text, nullable=False),
    Column("ours_reserve", Integer, nullable=False),
    Column("found_mode", Text, nullable=False),
    Column("found_reserve", Integer, nullable=False),
    Column("until", Instant),
    Column("detail", Text, nullable=False),
    _one_of("state", OverrideState),
    _one_of("ours_mode", Mode),
    _percent("ours_reserve"),
    _one_of("found_mode", Mode),
    _percent("found_reserve"),
)

hold = _chained_table(
    "hold",
    *_belongs_to("run", "run_id"),
    Column("word", Text, nullable=False),
    Column("mode", Text),
    Column("reserve", Integer),
    Column("until", Instant),
    Column("by", Text, nullable=False),
    _one_of("word", Word),
    _one_of("mode", Mode),
    _percent("reserve"),
)

open_intent = Table(
    "open_intent",
    metadata,
    Column("site", Text, nullable=False),
    *_belongs_to("intent", "intent_id"),
    PrimaryKeyConstraint("site"),
    sqlite_with_rowid=False,
)

event = _chained_table(
    "event",
    *_belongs_to("run", "run_id"),
    Column("rule", Text, nullable=False),
    Column("scheduled_at", Instant, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    UniqueConstraint("site", "rule", "scheduled_at"),
    _one_of("state", get_args(EventState)),
)

firmware_check = _chained_table(
    "firmware_check",
    *_belongs_to("run", "run_id"),
    *_belongs_to("event", "event_id", required=False),
    Column("result", Text, nullable=False),
    Column("state_raw", Text, nullable=False),
    Column("version", Text),
    Column("detail", Text, nullable=False),
)

capability = _chained_table(
    "capability",
    *_belongs_to("run", "run_id"),
    Column("firmware", Text),
    Column("login", Text, nullable=False),
    *_boolean("may_write", nullable=True),
    *_boolean("may_check_firmware"),
    *_boolean("may_install_firmware", nullable=True),
    Column("levers", CanonicalJson, nullable=False),
    Column("started", Text),
)

note = _chained_table(
    "note",
    *_belongs_to("run", "run_id"),
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
)

gap = _chained_table(
    "gap",
    Column("since", Instant),
    Column("reason", Text, nullable=False),
    Column("set_aside", Text),
)

seal = _chained_table(
    "seal",
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("count", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    *_belongs_to("seal", "replaces", required=False),
    UniqueConstraint("site", "replaces"),
)

mean = _stream_table(
    "mean",
    Column("readings", Integer, nullable=False),
    Column("soe", Float),
    Column("site_power", Float),
    Column("battery_power", Float),
    Column("load_power", Float),
    Column("solar_power", Float),
)

CHAINED_TABLES = (
    run,
    run_end,
    rule_files,
    decision,
    intent,
    intent_sent,
    outcome,
    effect,
    override,
    hold,
    event,
    firmware_check,
    capability,
    note,
    gap,
    seal,
)
RAW_TABLES = (observation, input)
"""The stream as it was read; a row's number is never used again."""

STREAM_TABLES = (*RAW_TABLES, mean)
"""What a seal seals. A mean bears the number of the first observation that it stands for."""

AUDIT_TABLES = (*CHAINED_TABLES, *RAW_TABLES)
"""The tables that share the row numbers."""
