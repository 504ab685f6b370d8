"""The schema: one table for each kind of row.

`site` leads every key and index. `id` is a row's number at its site, shared by all tables but those
of seals: the order of commits. Instants are UTC text of fixed width, so that text order is time
order.

A table that holds a record has a column for each of its fields, under the field's name, four for a
setting (`_setting`) and those of an observation for that; `codec` goes by these names. A setting
without columns is not stored.

The tables of the chain are append-only. Those of the stream (readings, engine inputs) are as long
as they are raw; after 30 days most of their rows give way to means. A seal holds each stretch of
the stream to what it was. `open_intent` only says what follows from the chain, and `unused` which
numbers no row ever had.

A change here needs a migration; a test compares the two.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.sql.schema import SchemaItem

from rules.domain import Export, Mode, Part
from rules.engine import Action, Happened
from scheduler.domain import (
    CapabilityRecord,
    DecisionRecord,
    Effect,
    EffectRecord,
    EventRecord,
    FirmwareCheckRecord,
    HoldKind,
    HoldRecord,
    InputRecord,
    IntentRecord,
    NoteRecord,
    ObservationRecord,
    Outcome,
    OutcomeRecord,
    OverrideEnd,
    OverrideRecord,
    OverrideState,
    ReloadRecord,
    RuleCheckRecord,
    RuleFilesRecord,
    RunEnd,
    RunStart,
    SentRecord,
)
from scheduler.journal.sqlite.column_types import CanonicalJson, Instant

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _table(name: str, *items: SchemaItem, record: type | None = None) -> Table:
    """A table of rows found by site and time, which holds a kind of record or none."""
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
        info={"record": record},
    )


def _chained_table(name: str, *items: SchemaItem, record: type | None = None) -> Table:
    """A table of rows that are never changed nor deleted; `chain` holds them to it."""
    return _table(name, *items, Column("chain", LargeBinary, nullable=False), record=record)


def _audit_table(record: type, name: str, *items: SchemaItem) -> Table:
    """The chained table of a kind of record that belongs to a run."""
    return _chained_table(name, *_belongs_to("run", "run_id"), *items, record=record)


def _stream_table(record: type, name: str, *items: SchemaItem) -> Table:
    """The table of a kind of record of the stream."""
    return _table(name, *_belongs_to("run", "run_id"), *items, record=record)


def _belongs_to(table: str, column: str, *, required: bool = True) -> tuple[SchemaItem, ...]:
    """A column that names a row of the same site in another table."""
    return (
        Column(column, Integer, nullable=not required),
        ForeignKeyConstraint(["site", column], [f"{table}.site", f"{table}.id"]),
    )


def _setting(field: str) -> tuple[SchemaItem, ...]:
    """The four parts of a setting; a part that was left alone is null."""
    mode, reserve, grid_charging, export = setting_columns(field).values()
    return (
        Column(mode, Text),
        Column(reserve, Integer),
        *_boolean(grid_charging, nullable=True),
        Column(export, Text),
        _one_of(mode, Mode),
        CheckConstraint(f"{reserve} BETWEEN 0 AND 100", name=reserve),
        _one_of(export, Export),
    )


def setting_columns(field: str) -> dict[Part, str]:
    """The columns of a field that is a setting; of one that is named so they have its parts' names.

    Any other field's name goes before them.
    """
    prefix = "" if field == "setting" else f"{field}_"
    return {part: prefix + part.value for part in Part}


def _boolean(name: str, *, nullable: bool = False) -> tuple[SchemaItem, ...]:
    return (
        Column(name, Boolean, nullable=nullable),
        CheckConstraint(f"{name} IN (0, 1)", name=name),
    )


def _one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    return CheckConstraint(
        f'"{column}" IN ({", ".join(repr(str(word)) for word in words)})', name=column
    )


run = _chained_table(
    "run",
    Column("version", Text, nullable=False),
    Column("process", Text, nullable=False),
    *_boolean("dry_run"),
    Column("rules_hash", Text, nullable=False),
    record=RunStart,
)

run_end = _audit_table(
    RunEnd,
    "run_end",
    Column("reason", Text, nullable=False),
    UniqueConstraint("site", "run_id"),
)

rule_files = _audit_table(
    RuleFilesRecord,
    "rule_files",
    Column("rules_hash", Text, nullable=False),
    Column("content", CanonicalJson, nullable=False),
    UniqueConstraint("site", "rules_hash"),
)

reload = _audit_table(
    ReloadRecord,
    "reload",
    Column("rules_hash", Text, nullable=False),
)

rule_check = _audit_table(
    RuleCheckRecord,
    "rule_check",
    Column("rules_hash", Text, nullable=False),
    Column("until", Instant),
    Column("errors", Integer, nullable=False),
    Column("warnings", Integer, nullable=False),
)

observation = _stream_table(
    ObservationRecord,
    "observation",
    Column("tick_at", Instant, nullable=False),
    Column("soe", Float),
    Column("site_power", Float),
    Column("battery_power", Float),
    Column("load_power", Float),
    Column("solar_power", Float),
    Column("grid", Text),
    Column("grid_services", Boolean),
    Column("mode", Text),
    Column("reserve", Float),
    Column("grid_charging", Boolean),
    Column("export", Text),
    Column("running", Boolean),
    Column("firmware", Text),
    Column("earlier", CanonicalJson, nullable=False),
    Column("unknown_words", CanonicalJson),
    Column("storm_watch", Boolean),
)

input = _stream_table(  # noqa: A001 -- what it holds
    InputRecord,
    "input",
    Column("name", Text, nullable=False),
    Column("content", CanonicalJson),
    Index(None, "site", "name", "id"),
)

decision = _audit_table(
    DecisionRecord,
    "decision",
    *_setting("setting"),
    Column("winners", CanonicalJson, nullable=False),
    Column("rules_hash", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("memory", CanonicalJson, nullable=False),
    Column("cause", Text, nullable=False),
)

intent = _audit_table(
    IntentRecord,
    "intent",
    *_belongs_to("decision", "decision_id", required=False),
    *_setting("previous"),
    *_setting("wanted"),
    Column("cause", Text, nullable=False),
    Column("reason", Text, nullable=False),
    *_boolean("would"),
    Index(None, "site", "would", "id"),
)

sent = _audit_table(
    SentRecord,
    "sent",
    *_belongs_to("intent", "intent_id"),
    Index(None, "site", "intent_id"),
)

outcome = _audit_table(
    OutcomeRecord,
    "outcome",
    *_belongs_to("intent", "intent_id"),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    UniqueConstraint("site", "intent_id"),
    _one_of("outcome", Outcome),
)

effect = _audit_table(
    EffectRecord,
    "effect",
    *_belongs_to("intent", "intent_id"),
    Column("effect", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "site", "intent_id"),
    _one_of("effect", Effect),
)

override = _audit_table(
    OverrideRecord,
    "override",
    Column("state", Text, nullable=False),
    *_setting("ours"),
    *_setting("found"),
    Column("until", Instant, nullable=False),
    Column("end", Text),
    Column("detail", Text, nullable=False),
    _one_of("state", OverrideState),
    _one_of("end", OverrideEnd),
)

hold = _audit_table(
    HoldRecord,
    "hold",
    Column("word", Text, nullable=False),
    *_setting("setting"),
    Column("until", Instant),
    Column("by", Text, nullable=False),
    _one_of("word", HoldKind),
)

event = _audit_table(
    EventRecord,
    "event",
    Column("rule", Text, nullable=False),
    Column("scheduled_at", Instant, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    UniqueConstraint("site", "rule", "scheduled_at"),
    _one_of("action", Action),
    _one_of("state", Happened),
)

firmware_check = _audit_table(
    FirmwareCheckRecord,
    "firmware_check",
    *_belongs_to("event", "event_id", required=False),
    Column("result", Text, nullable=False),
    Column("state_raw", Text, nullable=False),
    Column("version", Text),
    Column("detail", Text, nullable=False),
    Index(None, "site", "event_id"),
)

capability = _audit_table(
    CapabilityRecord,
    "capability",
    Column("firmware", Text),
    Column("login", Text, nullable=False),
    *_boolean("may_write", nullable=True),
    *_boolean("may_check_firmware"),
    *_boolean("may_install_firmware", nullable=True),
    Column("levers", CanonicalJson, nullable=False),
    Column("started", Text),
)

note = _audit_table(
    NoteRecord,
    "note",
    Column("kind", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index(None, "site", "kind", "id"),
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

mean = _table(
    "mean",
    Column("readings", Integer, nullable=False),
    Column("soe", Float),
    Column("site_power", Float),
    Column("battery_power", Float),
    Column("load_power", Float),
    Column("solar_power", Float),
)

open_intent = Table(
    "open_intent",
    metadata,
    Column("site", Text, nullable=False),
    *_belongs_to("intent", "intent_id"),
    PrimaryKeyConstraint("site"),
    sqlite_with_rowid=False,
)

unused = Table(
    "unused",
    metadata,
    Column("site", Text, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("site", "first"),
    sqlite_with_rowid=False,
)

AUDIT_TABLES = tuple(
    table for table in metadata.tables.values() if "chain" in table.c and table is not seal
)
"""The tables of the chain that goes through a site's rows. Seals have a chain of their own."""

CHAINED_TABLES = (*AUDIT_TABLES, seal)

RAW_TABLES = (observation, input)
"""The stream as it was read; a row's number is never used again."""

STREAM_TABLES = (*RAW_TABLES, mean)
"""What a seal seals. A mean bears the number of the first observation that it stands for."""

NUMBERED_TABLES = (*AUDIT_TABLES, *RAW_TABLES)
"""The tables that share a site's row numbers."""
