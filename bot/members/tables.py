"""Tables of members, and of what servers and members have set."""

from sqlalchemy import Boolean, Column, Index, String, Table

from bot.core.database.columns import Moment, metadata, owner_column

server_members = Table(
    "server_members",
    metadata,
    owner_column("server_id", primary_key=True),
    owner_column("member_id", primary_key=True),
    Column("checked_at", Moment, nullable=False),
    Column("departed_at", Moment),
    Index(None, "server_id", "checked_at"),
    Index(None, "member_id"),
)

server_settings = Table(
    "server_settings",
    metadata,
    owner_column("server_id", primary_key=True),
    Column("country", String(2)),
)

member_settings = Table(
    "member_settings",
    metadata,
    owner_column("member_id", primary_key=True),
    Column("country", String(2)),
)

member_privacy = Table(
    "member_privacy",
    metadata,
    owner_column("member_id", primary_key=True),
    Column("is_name_hidden", Boolean, nullable=False),
    Column("is_diary_public", Boolean, nullable=False),
)
