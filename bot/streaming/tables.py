"""Tables of streaming services, subscriptions and alerts."""

from sqlalchemy import JSON, Column, Integer, String, Table

from bot.core.database.columns import UtcDateTime, discord_id_column, film_id_column, metadata

streaming_services = Table(
    "streaming_services",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("display_priorities", JSON, nullable=False),
)

streaming_service_ids = Table(
    "streaming_service_ids",
    metadata,
    Column("source_id", Integer, primary_key=True, autoincrement=False),
    Column("name", String(120), nullable=False),
)
"""The name that the source last gave the service with that id; one that the source drops stays known."""

subscriptions = Table(
    "subscriptions",
    metadata,
    discord_id_column("member_id", primary_key=True),
    Column("service_key", String(120), primary_key=True),
    Column("service_name", String(120), nullable=False),
)

alerts = Table(
    "alerts",
    metadata,
    discord_id_column("member_id", primary_key=True),
    film_id_column(primary_key=True, index=True),
    Column("country", String(2), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("services", JSON(none_as_null=True)),
    Column("available_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
)
