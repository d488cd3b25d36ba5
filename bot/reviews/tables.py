"""Tables of ratings with their reviews and totals, diaries, helpful votes and replies."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

from bot.core.database.columns import (
    UtcDateTime,
    discord_id_column,
    film_id_column,
    id_column,
    metadata,
    rating_id_column,
)

HALF_STARS = tuple(f"half_{number}" for number in range(1, 11))

ratings = Table(
    "ratings",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    discord_id_column("member_id"),
    film_id_column(index=True),
    Column("stars", Integer, nullable=False),
    Column("text", Text),
    Column("is_spoiler", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    Column("text_edited_at", UtcDateTime),
    Column("text_written_at", UtcDateTime),
    Column("hidden_by", String(10)),
    Column("is_counted", Boolean, nullable=False),
    Column("helpful_count", Integer, nullable=False),
    Column("is_liked", Boolean, nullable=False, server_default=false()),
    Column("import_id", BigInteger),
    Column("is_countable", Boolean, nullable=False, server_default=true()),
    CheckConstraint("stars BETWEEN 1 AND 10", name="stars"),
    UniqueConstraint("server_id", "member_id", "film_id"),
    Index(None, "server_id", "film_id", "created_at"),
    Index(None, "member_id"),
    sqlite_autoincrement=True,
)
"""`import_id` is the import that the rating came with, NULL once the member rates the film here. `is_countable`
says whether it counts while its member is in the server: imported ones may not, by the server's rule."""

rating_totals = Table(
    "rating_totals",
    metadata,
    discord_id_column("server_id", primary_key=True),
    film_id_column(primary_key=True, index=True),
    *(Column(name, Integer, nullable=False) for name in ("rating_count", "half_star_sum", *HALF_STARS)),
)

viewings = Table(
    "viewings",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    discord_id_column("member_id"),
    film_id_column(index=True),
    Column("watched_on", Date),
    Column("stars", Integer),
    Column("is_rewatch", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("import_id", BigInteger, index=True),
    Column("tags", JSON(none_as_null=True)),
    Index(None, "server_id", "member_id", "film_id"),
    Index(None, "member_id"),
    sqlite_autoincrement=True,
)

helpful_votes = Table(
    "helpful_votes",
    metadata,
    rating_id_column(primary_key=True),
    discord_id_column("member_id", primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "member_id"),
)

replies = Table(
    "replies",
    metadata,
    id_column(),
    rating_id_column(),
    discord_id_column("member_id"),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("edited_at", UtcDateTime),
    Column("hidden_by", String(10)),
    Index(None, "rating_id"),
    Index(None, "member_id"),
    sqlite_autoincrement=True,
)

shared_reviews = Table(
    "shared_reviews",
    metadata,
    discord_id_column("message_id", primary_key=True),
    discord_id_column("channel_id"),
    discord_id_column("server_id"),
    Column("film_id", String(100), nullable=False),
    Column("rating_id", BigInteger, nullable=False, autoincrement=False),
    Column("shown", String(64), nullable=False),
    Index(None, "server_id", "film_id"),
    Index(None, "rating_id"),
)
"""Messages that show a member's review. A row outlives its rating, until the message shows nothing of it any more,
and its film, so that neither is a foreign key. `shown` is the fingerprint of what the message shows."""
