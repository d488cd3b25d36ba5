"""Tables of reports, blocks and the moderation log."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table, Text

from bot.core.database.columns import UtcDateTime, discord_id_column, id_column, metadata, rating_id_column

reports = Table(
    "reports",
    metadata,
    rating_id_column(primary_key=True),
    discord_id_column("member_id", primary_key=True),
    discord_id_column("server_id"),
    Column("reason", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Index(None, "server_id", "decided_at"),
    Index(None, "member_id"),
)

reply_reports = Table(
    "reply_reports",
    metadata,
    Column(
        "reply_id", BigInteger, ForeignKey("replies.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    discord_id_column("member_id", primary_key=True),
    discord_id_column("server_id"),
    Column("reason", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Index(None, "server_id", "decided_at"),
    Index(None, "member_id"),
)

blocks = Table(
    "blocks",
    metadata,
    discord_id_column("server_id", primary_key=True),
    discord_id_column("member_id", primary_key=True),
    Column("expires_at", UtcDateTime),
    Column("reason", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "member_id"),
)

moderation_log = Table(
    "moderation_log",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    Column("actor_id", BigInteger),
    Column("action", String(20), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("film_id", String(100)),
    Column("rating_id", BigInteger),
    Column("reason", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("reply_id", BigInteger),
    Column("expires_at", UtcDateTime),
    Index(None, "server_id", "id"),
    Index(None, "server_id", "rating_id"),
    sqlite_autoincrement=True,
)
"""Append-only: triggers refuse changes and deletions. Whom an entry is about is in `log_subjects`."""

log_subjects = Table(
    "log_subjects",
    metadata,
    discord_id_column("server_id", primary_key=True),
    discord_id_column("member_id", primary_key=True),
    Column("subject", String(32), nullable=False, unique=True),
    Index(None, "member_id"),
)
"""Which member a log's subject is. Deleting the row forgets it, without touching the log."""
