"""Tables of members, and of what servers and members have set."""

from sqlalchemy import Boolean, Column, Index, String, Table

from bot.core.database.columns import Moment, metadata, owner_column

server_members = Table(
    "server_members",
    metadata,
    owner_column("server_id", primary_key=True),
    owner_column("member_id", primary_key=True),
    Column("checked", Moment, nullable=False),
    Column("departed", Moment),
    Index(None, "server_id", "checked"),
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
    Column("hide_name", Boolean, nullable=False),
    Column("public_diary", Boolean, nullable=False),
)
