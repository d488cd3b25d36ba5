"""The tables as they are today. Migrations bring a database here; a test holds the two against each other."""

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
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

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
