"""Tables of picks: schedules, series, picks, jobs, notices, RSVPs, suggestions and polls."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.core.database.columns import UtcDateTime, discord_id_column, film_id_column, id_column, metadata
from bot.core.database.job_queue import create_jobs_table

pick_schedules = Table(
    "pick_schedules",
    metadata,
    discord_id_column("server_id", primary_key=True),
    Column("next_rotation_at", UtcDateTime, nullable=False),
    Index(None, "next_rotation_at"),
)
"""The next rotation of each marquee that rotates. The rule is in the server's settings."""

pick_series = Table(
    "pick_series",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    Column("name", String(200), nullable=False),
    Column("is_closed", Boolean, nullable=False),
    UniqueConstraint("server_id", "name"),
    sqlite_autoincrement=True,
)

picks = Table(
    "picks",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    film_id_column(index=True),
    Column("series_id", BigInteger, ForeignKey("pick_series.id", ondelete="SET NULL")),
    Column("note", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("position", Integer, nullable=False),
    Column("starts_at", UtcDateTime),
    Column("duration_days", Integer),
    Column("started_at", UtcDateTime),
    Column("ends_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("removed_at", UtcDateTime),
    Column("curator_id", BigInteger),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Column("thread_id", BigInteger),
    CheckConstraint("state IN ('planned', 'current', 'past', 'missed')", name="state"),
    Index(None, "server_id", "state", "position"),
    Index(None, "state", "starts_at"),
    Index(
        "uq_picks_current",
        "server_id",
        unique=True,
        sqlite_where=text("state = 'current'"),
        postgresql_where=text("state = 'current'"),
    ),
    sqlite_autoincrement=True,
)
"""A server has at most one current pick: the last index refuses a second.

One that was removed before it started is missed, with the time in `removed_at`, so that it can be planned again.
"""

pick_jobs = create_jobs_table("pick_jobs", kind_length=12)
"""What has to be done in Discord."""

pick_notices = Table(
    "pick_notices",
    metadata,
    discord_id_column("server_id", primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("is_delivered", Boolean, nullable=False),
)

pick_rsvps = Table(
    "pick_rsvps",
    metadata,
    Column("pick_id", BigInteger, ForeignKey("picks.id", ondelete="CASCADE"), primary_key=True),
    discord_id_column("member_id", primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "member_id"),
)

pick_suggestions = Table(
    "pick_suggestions",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    discord_id_column("member_id"),
    film_id_column(index=True),
    Column("reason", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("decision", String(10), nullable=False),
    Column("decided_at", UtcDateTime),
    Index(None, "server_id", "decision"),
    Index(None, "member_id"),
    Index(
        "uq_pick_suggestions_open",
        "server_id",
        "film_id",
        "member_id",
        unique=True,
        sqlite_where=text("decision = 'open'"),
        postgresql_where=text("decision = 'open'"),
    ),
    sqlite_autoincrement=True,
)

pick_polls = Table(
    "pick_polls",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    Column("film_ids", JSON, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("channel_id", BigInteger),
    Column("message_id", BigInteger),
    Index(None, "server_id"),
    sqlite_autoincrement=True,
)
