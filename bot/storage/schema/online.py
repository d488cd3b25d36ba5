"""What a source online tells, and what members subscribe to and wait for."""

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text

from bot.storage.schema.columns import Moment, film_reference, metadata, owner_column

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
    owner_column("member_id", primary_key=True),
    Column("service", String(120), primary_key=True),
    Column("name", String(120), nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    owner_column("member_id", primary_key=True),
    film_reference(primary_key=True, index=True),
    Column("country", String(2), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("services", JSON(none_as_null=True)),
    Column("came_at", Moment),
    Column("tries", Integer, nullable=False),
)
