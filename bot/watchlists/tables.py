"""Tables of watchlists."""

from sqlalchemy import Boolean, Column, Index, Table

from bot.core.database.columns import Moment, film_reference, metadata, owner_column

watchlist = Table(
    "watchlist",
    metadata,
    owner_column("server_id", primary_key=True),
    owner_column("member_id", primary_key=True),
    film_reference(primary_key=True, index=True),
    Column("added_at", Moment, nullable=False),
    Column("is_kept", Boolean, nullable=False),
    Index(None, "member_id"),
)
