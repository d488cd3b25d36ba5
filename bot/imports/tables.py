"""Tables of members' imports: what was read and not yet taken, what can be undone, and what only imports bring."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from bot.core.database.columns import UtcDateTime, discord_id_column, film_id_column, id_column, metadata

imports = Table(
    "imports",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    discord_id_column("member_id"),
    Column("service", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("choices", JSON, nullable=False),
    Column("film_count", Integer, nullable=False),
    Column("result", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "member_id", "server_id"),
    Index(None, "state"),
    sqlite_autoincrement=True,
)

import_films = Table(
    "import_films",
    metadata,
    Column(
        "import_id",
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("imports.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("state", String(10), nullable=False),
    Column("title", Text, nullable=False),
    Column("year", Integer),
    Column("details", JSON, nullable=False),
    Column("film_id", String(100)),
    Column("candidates", JSON(none_as_null=True)),
    Column("entries", JSON(none_as_null=True)),
    Column("undo", JSON(none_as_null=True)),
    Column("searched_at", UtcDateTime),
    Index(None, "import_id", "state", "number"),
)
"""`entries` is what the file says, until it is taken; `undo` is what was there before; `searched_at` is when
the metadata source was asked about a film that the catalogue lacks."""

imported_reviews = Table(
    "imported_reviews",
    metadata,
    id_column(),
    Column("import_id", BigInteger, nullable=False),
    discord_id_column("server_id"),
    discord_id_column("member_id"),
    film_id_column(index=True),
    Column("text", Text, nullable=False),
    Column("is_spoiler", Boolean, nullable=False),
    Column("watched_on", Date),
    Column("written_on", Date),
    Column("published_at", UtcDateTime),
    Index(None, "member_id", "server_id", "film_id"),
    sqlite_autoincrement=True,
)
"""Reviews that nobody but their author sees until they publish them."""

liked_films = Table(
    "liked_films",
    metadata,
    discord_id_column("server_id", primary_key=True),
    discord_id_column("member_id", primary_key=True),
    film_id_column(primary_key=True, index=True),
    Column("import_id", BigInteger, nullable=False),
    Column("liked_at", UtcDateTime, nullable=False),
    Index(None, "member_id"),
)
"""Likes, also of films that the member has not rated here. A rating has a heart of its own, which imports give."""
