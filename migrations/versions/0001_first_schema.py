"""First schema: runs, observations, decisions, intents and outcomes, events, checks, notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MODES = "'self_consumption', 'backup', 'autonomous'"
OUTCOMES = (
    "'held', 'refused', 'mismatch', 'unreachable', 'superseded', 'would',"
    " 'recovered_applied', 'recovered_not_applied'"
)


def upgrade() -> None:
    create_audit_table(
        "run",
        text("version"),
        text("process"),
        boolean("dry_run"),
        text("rules_hash"),
        check("run", "dry_run", "dry_run IN (0, 1)"),
    )
    create_audit_table(
        "run_end",
        *belongs_to("run_end", "run", "run_id"),
        text("reason"),
        sa.UniqueConstraint("site", "run_id", name=op.f("uq_run_end_site_run_id")),
    )
    create_audit_table(
        "observation",
        *belongs_to("observation", "run", "run_id"),
        number("soe"),
        number("site_power"),
        number("battery_power"),
        number("load_power"),
        number("solar_power"),
        text("grid", nullable=True),
        boolean("grid_services", nullable=True),
        text("mode", nullable=True),
        number("reserve"),
        boolean("running", nullable=True),
        text("firmware", nullable=True),
        text("earlier"),
    )
    create_audit_table(
        "decision",
        *belongs_to("decision", "run", "run_id"),
        text("mode", nullable=True),
        integer("reserve", nullable=True),
        text("winners"),
        text("rules_hash"),
        text("reason"),
        text("memory"),
        check("decision", "mode", f"mode IN ({MODES})"),
        check("decision", "reserve", "reserve BETWEEN 0 AND 100"),
    )
    create_writes()
    create_audit_table(
        "event",
        *belongs_to("event", "run", "run_id"),
        text("rule"),
        text("scheduled_at"),
        text("action"),
        text("state"),
        sa.UniqueConstraint("site", "rule", "scheduled_at", name="uq_event_site_rule_scheduled_at"),
        check("event", "state", "state IN ('fired', 'missed')"),
    )
    create_audit_table(
        "firmware_check",
        *belongs_to("firmware_check", "run", "run_id"),
        *belongs_to("firmware_check", "event", "event_id", nullable=True),
        text("result"),
        text("state_raw"),
        text("version", nullable=True),
        text("detail"),
    )
    create_audit_table(
        "note",
        *belongs_to("note", "run", "run_id"),
        text("kind"),
        text("text"),
    )


def create_writes() -> None:
    create_audit_table(
        "intent",
        *belongs_to("intent", "run", "run_id"),
        *belongs_to("intent", "decision", "decision_id", nullable=True),
        text("previous_mode", nullable=True),
        integer("previous_reserve", nullable=True),
        text("wanted_mode"),
        integer("wanted_reserve"),
        text("cause"),
        text("reason"),
        boolean("would"),
        check("intent", "would", "would IN (0, 1)"),
        check("intent", "previous_mode", f"previous_mode IN ({MODES})"),
        check("intent", "previous_reserve", "previous_reserve BETWEEN 0 AND 100"),
        check("intent", "wanted_mode", f"wanted_mode IN ({MODES})"),
        check("intent", "wanted_reserve", "wanted_reserve BETWEEN 0 AND 100"),
        check(
            "intent",
            "previous_is_whole",
            "(previous_mode IS NULL) = (previous_reserve IS NULL)",
        ),
    )
    create_audit_table(
        "intent_sent",
        *belongs_to("intent_sent", "intent", "intent_id"),
    )
    op.create_index("ix_intent_sent_site_intent_id", "intent_sent", ["site", "intent_id"])
    create_audit_table(
        "outcome",
        *belongs_to("outcome", "intent", "intent_id"),
        text("outcome"),
        text("detail"),
        sa.UniqueConstraint("site", "intent_id", name=op.f("uq_outcome_site_intent_id")),
        check("outcome", "outcome", f"outcome IN ({OUTCOMES})"),
    )
    op.create_table(
        "open_intent",
        text("site"),
        *belongs_to("open_intent", "intent", "intent_id"),
        sa.PrimaryKeyConstraint("site", name="pk_open_intent"),
        sqlite_with_rowid=False,
    )


def create_audit_table(name: str, *items: SchemaItem) -> None:
    op.create_table(
        name,
        text("site"),
        integer("id"),
        text("at"),
        *items,
        sa.PrimaryKeyConstraint("site", "id", name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )
    op.create_index(f"ix_{name}_site_at", name, ["site", "at"])


def belongs_to(
    table: str, other: str, column: str, *, nullable: bool = False
) -> tuple[SchemaItem, ...]:
    return (
        integer(column, nullable=nullable),
        sa.ForeignKeyConstraint(
            ["site", column], [f"{other}.site", f"{other}.id"], name=f"fk_{table}_{other}"
        ),
    )


def check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def integer(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def number(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(), nullable=True)


def boolean(name: str, *, nullable: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=nullable)
