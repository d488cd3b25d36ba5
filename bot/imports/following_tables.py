"""Tables of the Letterboxd accounts that Marquee follows: what was seen of each, what is to be posted."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from bot.core.database.columns import UtcDateTime, discord_id_column, id_column, metadata


def _account_column(*, primary_key: bool = False) -> "Column[int]":
    return Column(
        "account_id",
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("letterboxd_accounts.id", ondelete="CASCADE"),
        primary_key=primary_key,
        autoincrement=False,
        nullable=False,
    )


letterboxd_accounts = Table(
    "letterboxd_accounts",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    discord_id_column("member_id"),
    Column("username", String(15), nullable=False),
    Column("takes_reviews", Boolean, nullable=False),
    Column("etag", String(200)),
    Column("last_modified", String(200)),
    Column("next_poll_at", UtcDateTime, nullable=False),
    Column("failure_count", Integer, nullable=False),
    Column("missing_count", Integer, nullable=False),
    Column("connected_at", UtcDateTime, nullable=False),
    UniqueConstraint("server_id", "member_id"),
    UniqueConstraint("server_id", "username"),
    Index(None, "member_id"),
    Index(None, "next_poll_at"),
    sqlite_autoincrement=True,
)
"""`missing_count` is how often in a row Letterboxd didn't know the name, `failure_count` how often it failed."""

letterboxd_entries = Table(
    "letterboxd_entries",
    metadata,
    _account_column(primary_key=True),
    Column("guid", String(100), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("taken", JSON(none_as_null=True)),
)
"""Entries of a feed that were seen, so that none is taken or posted twice; `digest` changes with an edit.

`taken` is what the entry said when it was seen last, with a digest of its review, so that an edit is followed only
where the member has not changed here what came of it.
"""

letterboxd_posts = Table(
    "letterboxd_posts",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    discord_id_column("member_id"),
    _account_column(),
    Column("entry", JSON, nullable=False),
    Column("film_id", String(100)),
    Column("published_at", UtcDateTime, nullable=False),
    Column("posted_at", UtcDateTime),
    Index(None, "server_id", "posted_at"),
    Index(None, "member_id"),
    Index(None, "account_id"),
    sqlite_autoincrement=True,
)
"""Entries for the server's channel: those with `posted_at` were posted within the last hour or two."""
