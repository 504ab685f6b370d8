"""Effects, overrides, the owner's word, capabilities; for replays, inputs and rule files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.sql.schema import SchemaItem

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MODES = "'self_consumption', 'backup', 'autonomous'"


def upgrade() -> None:
    op.add_column("observation", text("tick_at", nullable=True))
    create_audit_table(
        "input",
        *belongs_to("input", "run", "run_id"),
        text("name"),
        text("content", nullable=True),
    )
    op.create_index("ix_input_site_name_id", "input", ["site", "name", "id"])
    create_audit_table(
        "rule_files",
        *belongs_to("rule_files", "run", "run_id"),
        text("rules_hash"),
        text("content"),
        sa.UniqueConstraint("site", "rules_hash", name="uq_rule_files_site_rules_hash"),
    )
    create_audit_table(
        "effect",
        *belongs_to("effect", "intent", "intent_id"),
        text("effect"),
        text("detail"),
        check("effect", "effect", "effect IN ('confirmed', 'contradicted')"),
    )
    op.create_index("ix_effect_site_intent_id", "effect", ["site", "intent_id"])
    create_audit_table(
        "override",
        *belongs_to("override", "run", "run_id"),
        text("state"),
        text("ours_mode"),
        integer("ours_reserve"),
        text("found_mode"),
        integer("found_reserve"),
        text("until", nullable=True),
        text("detail"),
        check("override", "state", "state IN ('began', 'ended')"),
        check("override", "ours_mode", f"ours_mode IN ({MODES})"),
        check("override", "ours_reserve", "ours_reserve BETWEEN 0 AND 100"),
        check("override", "found_mode", f"found_mode IN ({MODES})"),
        check("override", "found_reserve", "found_reserve BETWEEN 0 AND 100"),
    )
    create_audit_table(
        "hold",
        *belongs_to("hold", "run", "run_id"),
        text("word"),
        text("mode", nullable=True),
        integer("reserve", nullable=True),
        text("until", nullable=True),
        text("by"),
        check("hold", "word", "word IN ('hold', 'resume', 'release')"),
        check("hold", "mode", f"mode IN ({MODES})"),
        check("hold", "reserve", "reserve BETWEEN 0 AND 100"),
    )
    create_audit_table(
        "capability",
        *belongs_to("capability", "run", "run_id"),
        text("firmware", nullable=True),
        text("login"),
        boolean("may_write", nullable=True),
        boolean("may_check_firmware"),
        boolean("may_install_firmware", nullable=True),
        text("levers"),
        text("started", nullable=True),
        check("capability", "may_write", "may_write IN (0, 1)"),
        check("capability", "may_check_firmware", "may_check_firmware IN (0, 1)"),
        check("capability", "may_install_firmware", "may_install_firmware IN (0, 1)"),
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


def belongs_to(table: str, other: str, column: str) -> tuple[SchemaItem, ...]:
    return (
        integer(column),
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


def boolean(name: str, *, nullable: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=nullable)
