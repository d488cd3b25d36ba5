"""Films, and all that hangs on them."""

from sqlalchemy import JSON, Column, Date, Float, ForeignKey, Index, Integer, String, Table, Text

from bot.core.database.columns import UtcDateTime, film_id_column, metadata

films = Table(
    "films",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("title", Text, nullable=False),
    Column("original_title", Text, nullable=False),
    Column("year", Integer),
    Column("release_date", Date),
    Column("runtime", Integer),
    Column("countries", JSON, nullable=False),
    Column("languages", JSON, nullable=False),
    Column("genres", JSON, nullable=False),
    Column("production_companies", JSON, nullable=False),
    Column("logline", Text, nullable=False),
    Column("keywords", JSON, nullable=False, server_default="[]"),
    Column("fame", Float, nullable=False),
    Column("source", String(20), nullable=False),
)

titles = Table(
    "titles",
    metadata,
    film_id_column(primary_key=True),
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
    # What is searched by (bot.films.models.name_key). Compared byte by byte, or PostgreSQL could not use the
    # index for beginnings.
    Column("name_key", Text().with_variant(Text(collation="C"), "postgresql"), nullable=False, server_default=""),
    # Kept here because adding them up over all credits takes a minute in a catalogue of a million films.
    Column("film_count", Integer, nullable=False, server_default="0"),
    Column("fame", Float, nullable=False, server_default="0"),
    Index(None, "name_key"),
    Index(None, "fame"),
)

credits = Table(
    "credits",
    metadata,
    film_id_column(primary_key=True),
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
    film_id_column(index=True),
)

person_ids = Table(
    "person_ids",
    metadata,
    Column("source", String(20), primary_key=True),
    Column("value", String(40), primary_key=True),
    Column("person_id", String(100), nullable=False),
    Index(None, "person_id"),
)

availability = Table(
    "availability",
    metadata,
    film_id_column(primary_key=True),
    Column("service", String(80), primary_key=True),
    Column("countries", JSON, nullable=False),
    Column("since", Date),
    Column("as_of", Date, nullable=False),
)

film_changes = Table(
    "film_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("film_id", String(100), nullable=False),
    sqlite_autoincrement=True,
)

film_metadata = Table(
    "film_metadata",
    metadata,
    film_id_column(primary_key=True),
    Column("source", String(20), nullable=False),
    Column("source_id", String(20)),
    Column("details", JSON(none_as_null=True)),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("offers_fetched_at", UtcDateTime),
    Index(None, "source", "source_id"),
    Index(None, "fetched_at"),
)

film_offers = Table(
    "film_offers",
    metadata,
    film_id_column(primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("services", JSON, nullable=False),
    Column("link", Text, nullable=False),
    Index(None, "country"),
)

film_collections = Table(
    "film_collections",
    metadata,
    Column("source_id", String(20), primary_key=True),
    Column("collection", JSON, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
)
