"""Observations say whether Storm Watch is active, where a route shows it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r3"
down_revision = "r2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("observation", sa.Column("storm_watch", sa.Boolean()))
