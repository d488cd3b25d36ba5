"""Ballots of blind rounds keep the films to which a member said no."""

import sqlalchemy as sa
from alembic import op

revision = "0216"
down_revision = "0215"


def upgrade() -> None:
    op.add_column("night_ballots", sa.Column("declined_ids", sa.JSON(none_as_null=True)))
