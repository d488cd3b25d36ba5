"""The tables as they are today. Migrations bring a database here; a test holds the two against each other."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
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
)

people = Table(
    "people",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("name", Text, nullable=False),
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
