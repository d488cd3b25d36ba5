"""What was taken of an entry at Letterboxd, so that an edit there changes the same viewing and review here."""

import sqlalchemy as sa
from alembic import op

revision = "0285"
down_revision = "0280"


def upgrade() -> None:
    """Add the column; of entries that were seen before only the stars follow an edit, as until now."""
    op.add_column("letterboxd_entries", sa.Column("taken", sa.JSON))
