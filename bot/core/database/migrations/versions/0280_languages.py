"""The language that a server's moderators chose, and that of members whom the bot sends messages."""

import sqlalchemy as sa
from alembic import op

revision = "0280"
down_revision = "0240"


def upgrade() -> None:
    """Add both columns."""
    op.add_column("server_settings", sa.Column("language", sa.String(10)))
    op.add_column("member_settings", sa.Column("locale", sa.String(10)))
