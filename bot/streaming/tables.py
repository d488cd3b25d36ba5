"""Tables of streaming services, subscriptions and alerts."""

from sqlalchemy import JSON, Column, Integer, String, Table

from bot.core.database.columns import Moment, film_reference, metadata, owner_column

streaming_services = Table(
    "streaming_services",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("display_priorities", JSON, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    owner_column("member_id", primary_key=True),
    Column("service_key", String(120), primary_key=True),
    Column("service_name", String(120), nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    owner_column("member_id", primary_key=True),
    film_reference(primary_key=True, index=True),
    Column("country", String(2), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("services", JSON(none_as_null=True)),
    Column("available_at", Moment),
    Column("attempts", Integer, nullable=False),
)
