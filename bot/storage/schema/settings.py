"""Settings, and what the bot notes for itself."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, String, Table, Text

from bot.storage.schema.columns import metadata, owner_column

facts = Table(
    "facts",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
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

review_settings = Table(
    "review_settings",
    metadata,
    owner_column("server_id", primary_key=True),
    Column("minimum_raters", Integer, nullable=False),
    Column("report_threshold", Integer, nullable=False),
    Column("moderator_role", BigInteger),
    Column("log_channel", BigInteger),
    Column("blocked_words", JSON, nullable=False),
)

member_privacy = Table(
    "member_privacy",
    metadata,
    owner_column("member_id", primary_key=True),
    Column("hide_name", Boolean, nullable=False),
    Column("public_diary", Boolean, nullable=False),
)
