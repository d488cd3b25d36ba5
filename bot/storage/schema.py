"""The tables as they are today. Migrations bring a database here; a test holds the two against each other."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def film_reference(*, primary_key: bool = False, index: bool = False) -> Column[str]:
    """Give a column that refers to a film; what hangs on the film goes with it."""
    film = ForeignKey("films.id", ondelete="CASCADE")
    return Column("film_id", String(100), film, nullable=False, primary_key=primary_key, index=index or None)


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which has no such type, keeps it without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give what the driver stores. A naive datetime is a mistake of ours and raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _serial() -> Column[int]:
    """Give a key that the database counts up; none is ever given out twice, since buttons carry it."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _rating_reference(*, primary_key: bool = False) -> Column[int]:
    rating = ForeignKey("ratings.id", ondelete="CASCADE")
    return Column("rating_id", BigInteger, rating, nullable=False, primary_key=primary_key)


def _owner(name: str, *, primary_key: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=False, primary_key=primary_key, autoincrement=False)


films = Table(
    "films",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("title", Text, nullable=False),
    Column("original_title", Text, nullable=False),
    Column("year", Integer),
    Column("released", Date),
    Column("runtime", Integer),
    Column("countries", JSON, nullable=False),
    Column("languages", JSON, nullable=False),
    Column("genres", JSON, nullable=False),
    Column("production", JSON, nullable=False),
    Column("logline", Text, nullable=False),
    Column("fame", Float, nullable=False),
    Column("source", String(20), nullable=False),
)

titles = Table(
    "titles",
    metadata,
    film_reference(primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("title", Text, nullable=False),
    Column("region", String(10)),
    Column("language", String(10)),
)

people = Table(
    "people",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("name", Text, nullable=False),
    # What is searched by (bot.films.people.name_key). Compared byte by byte, or PostgreSQL could not use the
    # index for beginnings.
    Column("key", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False, server_default=""),
    # Kept here because adding them up over all credits takes a minute in a catalogue of a million films.
    Column("film_count", Integer, nullable=False, server_default="0"),
    Column("fame", Float, nullable=False, server_default="0"),
    Index(None, "key"),
    Index(None, "fame"),
)

credits = Table(
    "credits",
    metadata,
    film_reference(primary_key=True),
    Column("job", String(20), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("person_id", String(100), ForeignKey("people.id"), nullable=False),
    Column("role", Text),
    Index(None, "person_id"),
)

film_ids = Table(
    "film_ids",
    metadata,
    Column("source", String(20), primary_key=True),
    Column("value", String(40), primary_key=True),
    film_reference(index=True),
)

availability = Table(
    "availability",
    metadata,
    film_reference(primary_key=True),
    Column("service", String(80), primary_key=True),
    Column("countries", JSON, nullable=False),
    Column("since", Date),
    Column("as_of", Date, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)

server_settings = Table(
    "server_settings",
    metadata,
    Column("server_id", BigInteger, primary_key=True, autoincrement=False),
    Column("country", String(2)),
)

member_settings = Table(
    "member_settings",
    metadata,
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    Column("country", String(2)),
)

online_details = Table(
    "online_details",
    metadata,
    film_reference(primary_key=True),
    Column("source", String(20), nullable=False),
    Column("source_id", String(20)),
    Column("details", JSON(none_as_null=True)),
    Column("details_at", Moment, nullable=False),
    Column("streaming_at", Moment),
    Index(None, "source", "source_id"),
    Index(None, "details_at"),
)

online_offers = Table(
    "online_offers",
    metadata,
    film_reference(primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("services", JSON, nullable=False),
    Column("link", Text, nullable=False),
    Index(None, "country"),
)

online_collections = Table(
    "online_collections",
    metadata,
    Column("source_id", String(20), primary_key=True),
    Column("collection", JSON, nullable=False),
    Column("fetched_at", Moment, nullable=False),
)

streaming_services = Table(
    "streaming_services",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("places", JSON, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    Column("service", String(120), primary_key=True),
    Column("name", String(120), nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    Column("member_id", BigInteger, primary_key=True, autoincrement=False),
    film_reference(primary_key=True, index=True),
    Column("country", String(2), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("services", JSON(none_as_null=True)),
    Column("came_at", Moment),
    Column("tries", Integer, nullable=False),
)

HALF_STARS = tuple(f"half_{number}" for number in range(1, 11))

ratings = Table(
    "ratings",
    metadata,
    _serial(),
    _owner("server_id"),
    _owner("member_id"),
    film_reference(index=True),
    Column("stars", Integer, nullable=False),
    Column("text", Text),
    Column("spoiler", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    Column("edited", Moment),
    Column("hidden", String(10)),
    Column("counted", Boolean, nullable=False),
    Column("helpful", Integer, nullable=False),
    CheckConstraint("stars BETWEEN 1 AND 10", name="stars"),
    UniqueConstraint("server_id", "member_id", "film_id"),
    Index(None, "server_id", "film_id", "created"),
    Index(None, "member_id"),
    sqlite_autoincrement=True,
)

rating_totals = Table(
    "rating_totals",
    metadata,
    _owner("server_id", primary_key=True),
    film_reference(primary_key=True, index=True),
    *(Column(name, Integer, nullable=False) for name in ("count", "sum", *HALF_STARS)),
)

viewings = Table(
    "viewings",
    metadata,
    _serial(),
    _owner("server_id"),
    _owner("member_id"),
    film_reference(index=True),
    Column("watched_on", Date),
    Column("stars", Integer),
    Column("rewatch", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    Index(None, "server_id", "member_id", "film_id"),
    Index(None, "member_id"),
    sqlite_autoincrement=True,
)

helpful_votes = Table(
    "helpful_votes",
    metadata,
    _rating_reference(primary_key=True),
    _owner("member_id", primary_key=True),
    Column("created", Moment, nullable=False),
    Index(None, "member_id"),
)

replies = Table(
    "replies",
    metadata,
    _serial(),
    _rating_reference(),
    _owner("member_id"),
    Column("text", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("edited", Moment),
    Column("hidden", String(10)),
    Index(None, "rating_id"),
    Index(None, "member_id"),
    sqlite_autoincrement=True,
)

reports = Table(
    "reports",
    metadata,
    _rating_reference(primary_key=True),
    _owner("member_id", primary_key=True),
    Column("server_id", BigInteger, nullable=False),
    Column("reason", String(20), nullable=False),
    Column("created", Moment, nullable=False),
    Column("decided", Moment),
    Index(None, "server_id", "decided"),
    Index(None, "member_id"),
)

reply_reports = Table(
    "reply_reports",
    metadata,
    Column(
        "reply_id", BigInteger, ForeignKey("replies.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    _owner("member_id", primary_key=True),
    Column("server_id", BigInteger, nullable=False),
    Column("reason", String(20), nullable=False),
    Column("created", Moment, nullable=False),
    Column("decided", Moment),
    Index(None, "server_id", "decided"),
    Index(None, "member_id"),
)

server_members = Table(
    "server_members",
    metadata,
    _owner("server_id", primary_key=True),
    _owner("member_id", primary_key=True),
    Column("checked", Moment, nullable=False),
    Column("departed", Moment),
    Index(None, "server_id", "checked"),
    Index(None, "member_id"),
)

watchlist = Table(
    "watchlist",
    metadata,
    _owner("server_id", primary_key=True),
    _owner("member_id", primary_key=True),
    film_reference(primary_key=True, index=True),
    Column("added", Moment, nullable=False),
    Column("keep", Boolean, nullable=False),
    Index(None, "member_id"),
)

member_privacy = Table(
    "member_privacy",
    metadata,
    _owner("member_id", primary_key=True),
    Column("hide_name", Boolean, nullable=False),
    Column("public_diary", Boolean, nullable=False),
)

blocks = Table(
    "blocks",
    metadata,
    _owner("server_id", primary_key=True),
    _owner("member_id", primary_key=True),
    Column("until", Moment),
    Column("reason", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Index(None, "member_id"),
)

moderation_log = Table(
    "moderation_log",
    metadata,
    _serial(),
    _owner("server_id"),
    Column("actor_id", BigInteger),
    Column("action", String(20), nullable=False),
    Column("subject", String(32), nullable=False),
    Column("film_id", String(100)),
    Column("rating_id", BigInteger),
    Column("reason", Text, nullable=False),
    Column("created", Moment, nullable=False),
    Column("reply_id", BigInteger),
    Index(None, "server_id", "id"),
    sqlite_autoincrement=True,
)
"""Append-only: triggers refuse changes and deletions. Whom an entry is about is in `log_subjects`."""

log_subjects = Table(
    "log_subjects",
    metadata,
    _owner("server_id", primary_key=True),
    _owner("member_id", primary_key=True),
    Column("subject", String(32), nullable=False, unique=True),
    Index(None, "member_id"),
)
"""Which member a log's subject is. Deleting the row forgets it, without touching the log."""

review_settings = Table(
    "review_settings",
    metadata,
    _owner("server_id", primary_key=True),
    Column("minimum_raters", Integer, nullable=False),
    Column("report_threshold", Integer, nullable=False),
    Column("moderator_role", BigInteger),
    Column("log_channel", BigInteger),
    Column("blocked_words", JSON, nullable=False),
)

refusals = Table(
    "refusals",
    metadata,
    _owner("server_id", primary_key=True),
    _owner("member_id", primary_key=True),
    film_reference(primary_key=True, index=True),
    Column("created", Moment, nullable=False),
    Index(None, "member_id"),
)
"""Films that a member wants never to be recommended."""

learning_servers = Table(
    "learning_servers",
    metadata,
    _owner("server_id", primary_key=True),
    Column("created", Moment, nullable=False),
)
"""Servers whose moderators let it learn from, and teach, other servers."""

learning_members = Table(
    "learning_members",
    metadata,
    _owner("member_id", primary_key=True),
    Column("created", Moment, nullable=False),
)
"""Members who let other servers learn from their stars."""

evenings = Table(
    "evenings",
    metadata,
    _serial(),
    _owner("server_id"),
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
    _owner("member_id", primary_key=True),
    Column("burden", Float),
    Index(None, "member_id"),
)
"""Who is in a group, and once a film is chosen, how far they have been outvoted by then."""


film_changes = Table(
    "film_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("film_id", String(100), nullable=False),
    sqlite_autoincrement=True,
)

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
