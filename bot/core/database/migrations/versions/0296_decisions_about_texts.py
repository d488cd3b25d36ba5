"""Find what moderators last decided about a review without reading the whole log."""

from alembic import op

revision = "0296"
down_revision = "0294"


def upgrade() -> None:
    """Change the database to this revision."""
    op.create_index("ix_moderation_log_server_id_rating_id", "moderation_log", ["server_id", "rating_id"])
