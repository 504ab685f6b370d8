"""Checks of rules are rows of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r2"
down_revision = "r1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rule_check",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site", "run_id"], ["run.site", "run.id"]),
        sa.Column("rules_hash", sa.Text(), nullable=False),
        sa.Column("until", sa.Text()),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("site", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_rule_check_site_at"), "rule_check", ["site", "at"])
