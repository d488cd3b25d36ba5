"""When a film of an import that the catalogue lacks was looked for at TMDB."""

import sqlalchemy as sa
from alembic import op

from bot.core.database.columns import UtcDateTime

revision = "0210"
down_revision = "0190"


def upgrade() -> None:
    """Add the column."""
    op.add_column("import_films", sa.Column("searched_at", UtcDateTime))
