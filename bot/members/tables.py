"""Tables of members, and of what servers and members have set."""

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, String, Table

from bot.core.database.columns import UtcDateTime, discord_id_column, metadata

server_members = Table(
    "server_members",
    metadata,
    discord_id_column("server_id", primary_key=True),
    discord_id_column("member_id", primary_key=True),
    Column("checked_at", UtcDateTime, nullable=False),
    Column("departed_at", UtcDateTime),
    Index(None, "server_id", "checked_at"),
    Index(None, "member_id"),
)

server_settings = Table(
    "server_settings",
    metadata,
    discord_id_column("server_id", primary_key=True),
    Column("country", String(2)),
    Column("minimum_raters", Integer),
    Column("report_threshold", Integer),
    Column("moderator_role_id", BigInteger),
    Column("log_channel_id", BigInteger),
    Column("word_filter", JSON(none_as_null=True)),
    Column("curator_role_id", BigInteger),
    Column("time_zone", String(64)),
    Column("rotation_interval", String(10)),
    Column("rotation_time", Integer),
    Column("rotation_weekday", Integer),
    Column("rotation_day", Integer),
    Column("announcement_channel_id", BigInteger),
    Column("announcement_role_id", BigInteger),
    Column("has_announcement_thread", Boolean),
    Column("has_retrospective", Boolean),
    Column("refill", String(10)),
    Column("poll_hours", Integer),
    Column("is_announcement_published", Boolean),
    Column("ratings_shared_at", UtcDateTime),
    Column("night_host_role_id", BigInteger),
    Column("counts_departed_ballots", Boolean),
    Column("is_conversation_off", Boolean),
    Column("conversation_channel_ids", JSON(none_as_null=True)),
    Column("import_counting", String(10)),
    Column("letterboxd_channel_id", BigInteger),
    Column("letterboxd_snoozed_until", UtcDateTime),
    Column("language", String(10)),
)
"""The columns are the fields of `bot.members.server_settings.ServerSettings`, which explains them."""

member_settings = Table(
    "member_settings",
    metadata,
    discord_id_column("member_id", primary_key=True),
    Column("country", String(2)),
    Column("locale", String(10)),
    Column("is_country_hinted", Boolean),
)
"""`is_country_hinted` says that a card told the member how to set their country."""

member_privacy = Table(
    "member_privacy",
    metadata,
    discord_id_column("member_id", primary_key=True),
    Column("is_name_hidden", Boolean, nullable=False),
    Column("is_diary_public", Boolean, nullable=False),
)
