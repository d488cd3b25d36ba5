"""Tables of dismissed films, members who share ratings, group sessions and imported rating sets."""

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

from bot.core.database.columns import UtcDateTime, discord_id_column, film_id_column, id_column, metadata

dismissed_films = Table(
    "dismissed_films",
    metadata,
    discord_id_column("server_id", primary_key=True),
    discord_id_column("member_id", primary_key=True),
    film_id_column(primary_key=True, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "member_id"),
)
"""Films that a member answered with "not for me": they are never recommended to the member in that server."""

rating_sharing_members = Table(
    "rating_sharing_members",
    metadata,
    discord_id_column("member_id", primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
)
"""Members whose ratings other sharing servers' models may learn from."""

group_sessions = Table(
    "group_sessions",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    Column("filters", JSON, nullable=False),
    Column("least_happy_weight", Integer, nullable=False),
    Column("film_id", String(100), ForeignKey("films.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("chosen_at", UtcDateTime),
    Index(None, "server_id", "chosen_at"),
    Index(None, "film_id"),
    sqlite_autoincrement=True,
)
"""Groups that look for a film together; `film_id` once chosen. `least_happy_weight` is 0 to 100 percent."""

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
    discord_id_column("member_id", primary_key=True),
    Column("fairness_debt", Float),
    Index(None, "member_id"),
)
"""The members of a group session, and once a film is chosen, each member's fairness debt after it, in stars."""

rating_sets = Table(
    "rating_sets",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("imported_at", DateTime(timezone=True), nullable=False),
    Column("member_count", Integer, nullable=False),
    Column("rating_count", Integer, nullable=False),
)
"""Rating sets that an operator imported."""


def set_reference() -> Column[str]:
    """Return a column that refers to a rating set; rows are deleted with the set."""
    owner = ForeignKey("rating_sets.name", ondelete="CASCADE")
    return Column("set_name", String(40), owner, nullable=False, primary_key=True)


rating_set_films = Table(
    "rating_set_films",
    metadata,
    set_reference(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    film_id_column(index=True),
)
"""The films of a rating set, by their number in it."""

rating_set_members = Table(
    "rating_set_members",
    metadata,
    set_reference(),
    Column("member_number", BigInteger, primary_key=True, autoincrement=False),
    Column("ratings", LargeBinary, nullable=False),
)
"""The members of a rating set, by their number in it, with their ratings packed as `repository.PACKED_RATING`."""
