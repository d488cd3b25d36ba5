"""A review that replaced another tells when; one first written after its stars is no edit."""

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0080"


def upgrade() -> None:
    op.add_column("ratings", sa.Column("reworded", sa.DateTime(timezone=True)))
    # What became of older texts was not noted: they go on being shown as edited.
    op.execute("UPDATE ratings SET reworded = edited WHERE text IS NOT NULL")
