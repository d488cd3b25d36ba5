"""People's ids at a source, so that two who share a name stay two people."""

import sqlalchemy as sa
from alembic import op

revision = "0175"
down_revision = "0173"


def upgrade() -> None:
    op.create_table(
        "person_ids",
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("value", sa.String(40), nullable=False),
        sa.Column("person_id", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("source", "value", name="pk_person_ids"),
    )
    op.create_index("ix_person_ids_person_id", "person_ids", ["person_id"])
