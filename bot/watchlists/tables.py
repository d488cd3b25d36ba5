"""Tables of watchlists."""

from sqlalchemy import Boolean, Column, Index, Table

from bot.core.database.columns import UtcDateTime, discord_id_column, film_id_column, metadata

watchlist = Table(
    "watchlist",
    metadata,
    discord_id_column("server_id", primary_key=True),
    discord_id_column("member_id", primary_key=True),
    film_id_column(primary_key=True, index=True),
    Column("added_at", UtcDateTime, nullable=False),
    Column("is_kept", Boolean, nullable=False),
    Index(None, "member_id"),
)
