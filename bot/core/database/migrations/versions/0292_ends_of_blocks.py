"""When a block ends, in the moderation log."""

import sqlalchemy as sa
from alembic import op

revision = "0292"
down_revision = "0285"


def upgrade() -> None:
    """Add the column; how long earlier blocks lasted is not known."""
    op.add_column("moderation_log", sa.Column("expires_at", sa.DateTime(timezone=True)))
