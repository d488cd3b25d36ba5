"""Streaming services are known by their id at the source, so that one with a new name stays the same service."""

import sqlalchemy as sa
from alembic import op

revision = "0170"
down_revision = "0100"


def upgrade() -> None:
    op.create_table(
        "streaming_service_ids",
        sa.Column("source_id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_streaming_service_ids"),
    )
