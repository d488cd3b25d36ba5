"""Tables of conversations."""

from sqlalchemy import JSON, Column, Index, Table

from bot.core.database.columns import UtcDateTime, discord_id_column, metadata

conversations = Table(
    "conversations",
    metadata,
    discord_id_column("channel_id", primary_key=True),
    discord_id_column("member_id", primary_key=True),
    # 0 in direct messages.
    discord_id_column("server_id"),
    Column("state", JSON, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "member_id"),
    Index(None, "updated_at"),
)
