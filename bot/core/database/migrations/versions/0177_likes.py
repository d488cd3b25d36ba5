"""Ratings have a heart, and tell when the present text was written, so that the newest reviews come first."""

import sqlalchemy as sa
from alembic import op

revision = "0177"
down_revision = "0176"


def upgrade() -> None:
    op.add_column("ratings", sa.Column("is_liked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("ratings", sa.Column("text_written_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE ratings SET text_written_at = COALESCE(text_edited_at, created_at) WHERE text IS NOT NULL")
