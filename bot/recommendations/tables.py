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

dismissed_films = Table(
    "dismissed_films",
    metadata,
    owner_column("server_id", primary_key=True),
    owner_column("member_id", primary_key=True),
    film_reference(primary_key=True, index=True),
    Column("created_at", Moment, nullable=False),
    Index(None, "member_id"),
)
"""Films that a member wants never to be recommended."""

rating_sharing_members = Table(
    "rating_sharing_members",
    metadata,
    owner_column("member_id", primary_key=True),
    Column("created_at", Moment, nullable=False),
)
"""Members who let other servers learn from their stars."""

group_sessions = Table(
    "group_sessions",
    metadata,
    serial(),
    owner_column("server_id"),
    Column("filters", JSON, nullable=False),
    Column("least_happy_weight", Integer, nullable=False),
    Column("film_id", String(100), ForeignKey("films.id", ondelete="SET NULL")),
    Column("created_at", Moment, nullable=False),
    Column("chosen_at", Moment),
    Index(None, "server_id", "chosen_at"),
    Index(None, "film_id"),
    sqlite_autoincrement=True,
)
"""What a group watches together. `least_happy_weight` is in hundredths."""

group_session_members = Table(
    "group_session_members",
    metadata,
    Column(
        "group_session_id",
        BigInteger,
        ForeignKey("group_sessions.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    owner_column("member_id", primary_key=True),
    Column("fairness_debt", Float),
    Index(None, "member_id"),
)
"""Who is in a group, and once a film is chosen, how far they have been outvoted by then."""

rating_sets = Table(
    "rating_sets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("imported_at", DateTime(timezone=True), nullable=False),
    Column("member_count", Integer, nullable=False),
    Column("rating_count", Integer, nullable=False),
)


def set_reference() -> Column[str]:
    """Give a column that refers to a ratings set; what belongs to the set goes with it."""
    owner = ForeignKey("rating_sets.name", ondelete="CASCADE")
    return Column("set_name", String(40), owner, nullable=False, primary_key=True)


rating_set_films = Table(
    "rating_set_films",
    metadata,
    set_reference(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    film_reference(index=True),
)

rating_set_members = Table(
    "rating_set_members",
    metadata,
    set_reference(),
    Column("member_number", BigInteger, primary_key=True, autoincrement=False),
    Column("ratings", LargeBinary, nullable=False),
)
