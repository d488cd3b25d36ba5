"""Keywords of films, conversations in plain words, and where moderators let Marquee listen."""

import sqlalchemy as sa
from alembic import op

revision = "0173"
down_revision = "0170"


def upgrade() -> None:
    op.add_column("films", sa.Column("keywords", sa.JSON, nullable=False, server_default="[]"))
    op.create_table(
        "conversations",
        sa.Column("channel_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("member_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("server_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "member_id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_member_id", "conversations", ["member_id"])
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"])
    op.add_column("server_settings", sa.Column("is_conversation_off", sa.Boolean))
    op.add_column("server_settings", sa.Column("conversation_channel_ids", sa.JSON))
