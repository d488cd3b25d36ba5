"""What recommendations are made from, and the evenings they were made for."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from bot.core.database.columns import Moment, film_reference, metadata, owner_column, serial

refusals = Table(
    "refusals",
    metadata,
    owner_column("server_id", primary_key=True),
    owner_column("member_id", primary_key=True),
    film_reference(primary_key=True, index=True),
    Column("created", Moment, nullable=False),
    Index(None, "member_id"),
)
"""Films that a member wants never to be recommended."""

learning_servers = Table(
    "learning_servers",
    metadata,
    owner_column("server_id", primary_key=True),
    Column("created", Moment, nullable=False),
)
"""Servers whose moderators let it learn from, and teach, other servers."""

learning_members = Table(
    "learning_members",
    metadata,
    owner_column("member_id", primary_key=True),
    Column("created", Moment, nullable=False),
)
"""Members who let other servers learn from their stars."""

evenings = Table(
    "evenings",
    metadata,
    serial(),
    owner_column("server_id"),
    Column("wishes", JSON, nullable=False),
    Column("weight", Integer, nullable=False),
    Column("film_id", String(100), ForeignKey("films.id", ondelete="SET NULL")),
    Column("created", Moment, nullable=False),
    Column("chosen", Moment),
    Index(None, "server_id", "chosen"),
    Index(None, "film_id"),
    sqlite_autoincrement=True,
)
"""What a group watches together. `weight` is what the least happy counts, in hundredths; `chosen` when it was."""

evening_members = Table(
    "evening_members",
    metadata,
    Column(
        "evening_id",
        BigInteger,
        ForeignKey("evenings.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    owner_column("member_id", primary_key=True),
    Column("burden", Float),
    Index(None, "member_id"),
)
"""Who is in a group, and once a film is chosen, how far they have been outvoted by then."""

ratings_sets = Table(
    "ratings_sets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("imported_at", DateTime(timezone=True), nullable=False),
    Column("members", Integer, nullable=False),
    Column("ratings", Integer, nullable=False),
)


def set_reference() -> Column[str]:
    """Give a column that refers to a ratings set; what belongs to the set goes with it."""
    owner = ForeignKey("ratings_sets.name", ondelete="CASCADE")
    return Column("set_name", String(40), owner, nullable=False, primary_key=True)


ratings_set_films = Table(
    "ratings_set_films",
    metadata,
    set_reference(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    film_reference(index=True),
)

ratings_set_members = Table(
    "ratings_set_members",
    metadata,
    set_reference(),
    Column("member", BigInteger, primary_key=True, autoincrement=False),
    Column("ratings", LargeBinary, nullable=False),
)
