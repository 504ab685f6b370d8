"""The schema of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem

revision = "r1"
down_revision = None
branch_labels = None
depends_on = None

MODES = "self_consumption backup autonomous"
EXPORTS = "never pv_only battery_ok"
OUTCOMES = (
    "held refused mismatch unreachable superseded would unverified recovered_applied"
    " recovered_not_applied"
)
OVERRIDE_ENDS = "ran_out set_back storm_over boundary resumed written_over forgotten"


def upgrade() -> None:
    create_runs()
    create_stream()
    create_decisions()
    create_writes()
    create_others()
    create_what_the_journal_says_of_itself()


def create_runs() -> None:
    create_chained_table(
        "run",
        text("version"),
        text("process"),
        *boolean("dry_run"),
        text("rules_hash"),
    )
    create_audit_table("run_end", text("reason"), sa.UniqueConstraint("site", "run_id"))
    create_audit_table(
        "rule_files",
        text("rules_hash"),
        text("content"),
        sa.UniqueConstraint("site", "rules_hash"),
    )
    create_audit_table("reload", text("rules_hash"))


def create_stream() -> None:
    create_table(
        "observation",
        *belongs_to("run", "run_id"),
        text("tick_at"),
        number("soe"),
        number("site_power"),
        number("battery_power"),
        number("load_power"),
        number("solar_power"),
        text("grid", nullable=True),
        sa.Column("grid_services", sa.Boolean()),
        text("mode", nullable=True),
        number("reserve"),
        sa.Column("grid_charging", sa.Boolean()),
        text("export", nullable=True),
        sa.Column("running", sa.Boolean()),
        text("firmware", nullable=True),
        text("earlier"),
        text("unknown_words", nullable=True),
    )
    create_table(
        "input",
        *belongs_to("run", "run_id"),
        text("name"),
        text("content", nullable=True),
    )
    create_index("input", "site", "name", "id")
    create_table(
        "mean",
        integer("readings"),
        number("soe"),
        number("site_power"),
        number("battery_power"),
        number("load_power"),
        number("solar_power"),
    )


def create_decisions() -> None:
    create_audit_table(
        "decision",
        *setting(),
        text("winners"),
        text("rules_hash"),
        text("reason"),
        text("memory"),
        text("cause"),
    )
    create_audit_table(
        "override",
        text("state"),
        *setting("ours_"),
        *setting("found_"),
        text("until"),
        text("end", nullable=True),
        text("detail"),
        one_of("state", "began ended"),
        one_of("end", OVERRIDE_ENDS),
    )
    create_audit_table(
        "hold",
        text("word"),
        *setting(),
        text("until", nullable=True),
        text("by"),
        one_of("word", "hold resume release"),
    )


def create_writes() -> None:
    create_audit_table(
        "intent",
        *belongs_to("decision", "decision_id", nullable=True),
        *setting("previous_"),
        *setting("wanted_"),
        text("cause"),
        text("reason"),
        *boolean("would"),
    )
    create_index("intent", "site", "would", "id")
    create_audit_table("sent", *belongs_to("intent", "intent_id"))
    create_index("sent", "site", "intent_id")
    create_audit_table(
        "outcome",
        *belongs_to("intent", "intent_id"),
        text("outcome"),
        text("detail"),
        sa.UniqueConstraint("site", "intent_id"),
        one_of("outcome", OUTCOMES),
    )
    create_audit_table(
        "effect",
        *belongs_to("intent", "intent_id"),
        text("effect"),
        text("detail"),
        one_of("effect", "confirmed contradicted"),
    )
    create_index("effect", "site", "intent_id")
    op.create_table(
        "open_intent",
        text("site"),
        *belongs_to("intent", "intent_id"),
        sa.PrimaryKeyConstraint("site"),
        sqlite_with_rowid=False,
    )


def create_others() -> None:
    create_audit_table(
        "event",
        text("rule"),
        text("scheduled_at"),
        text("action"),
        text("state"),
        sa.UniqueConstraint("site", "rule", "scheduled_at"),
        one_of("action", "firmware-check notify"),
        one_of("state", "fired missed"),
    )
    create_audit_table(
        "firmware_check",
        *belongs_to("event", "event_id", nullable=True),
        text("result"),
        text("state_raw"),
        text("version", nullable=True),
        text("detail"),
    )
    create_index("firmware_check", "site", "event_id")
    create_audit_table(
        "capability",
        text("firmware", nullable=True),
        text("login"),
        *boolean("may_write", nullable=True),
        *boolean("may_check_firmware"),
        *boolean("may_install_firmware", nullable=True),
        text("levers"),
        text("started", nullable=True),
    )
    create_audit_table("note", text("kind"), text("text"))
    create_index("note", "site", "kind", "id")


def create_what_the_journal_says_of_itself() -> None:
    create_chained_table(
        "gap",
        text("since", nullable=True),
        text("reason"),
        text("set_aside", nullable=True),
    )
    create_chained_table(
        "seal",
        integer("first"),
        integer("last"),
        integer("count"),
        blob("digest"),
        *belongs_to("seal", "replaces", nullable=True),
        sa.UniqueConstraint("site", "replaces"),
    )
    op.create_table(
        "unused",
        text("site"),
        integer("first"),
        integer("last"),
        sa.PrimaryKeyConstraint("site", "first"),
        sqlite_with_rowid=False,
    )


def create_audit_table(name: str, *items: SchemaItem) -> None:
    create_chained_table(name, *belongs_to("run", "run_id"), *items)


def create_chained_table(name: str, *items: SchemaItem) -> None:
    create_table(name, *items, blob("chain"))


def create_table(name: str, *items: SchemaItem) -> None:
    op.create_table(
        name,
        text("site"),
        integer("id"),
        text("at"),
        *items,
        sa.PrimaryKeyConstraint("site", "id"),
        sqlite_with_rowid=False,
    )
    create_index(name, "site", "at")


def create_index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))


def belongs_to(other: str, column: str, *, nullable: bool = False) -> tuple[SchemaItem, ...]:
    return (
        integer(column, nullable=nullable),
        sa.ForeignKeyConstraint(["site", column], [f"{other}.site", f"{other}.id"]),
    )


def setting(prefix: str = "") -> tuple[SchemaItem, ...]:
    mode, reserve, grid_charging, export = (
        prefix + part for part in ("mode", "reserve", "grid_charging", "export")
    )
    return (
        text(mode, nullable=True),
        integer(reserve, nullable=True),
        *boolean(grid_charging, nullable=True),
        text(export, nullable=True),
        one_of(mode, MODES),
        sa.CheckConstraint(f"{reserve} BETWEEN 0 AND 100", name=reserve),
        one_of(export, EXPORTS),
    )


def boolean(name: str, *, nullable: bool = False) -> tuple[SchemaItem, ...]:
    return (
        sa.Column(name, sa.Boolean(), nullable=nullable),
        sa.CheckConstraint(f"{name} IN (0, 1)", name=name),
    )


def one_of(column: str, words: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f'"{column}" IN ({", ".join(map(repr, words.split()))})', name=column)


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def integer(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float())


def blob(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)
