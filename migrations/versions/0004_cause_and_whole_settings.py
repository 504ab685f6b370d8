"""What made a decision change, and the two parts of a setting that were not kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("decision", sa.Column("grid_charging", sa.Boolean(), nullable=True))
    op.add_column("decision", sa.Column("export", sa.Text(), nullable=True))
    op.add_column("decision", sa.Column("cause", sa.Text(), nullable=True))
