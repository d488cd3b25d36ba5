"""Tables of lists and the films on them."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table, UniqueConstraint

from bot.core.database.columns import UtcDateTime, discord_id_column, film_id_column, id_column, metadata

film_lists = Table(
    "film_lists",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    Column("member_id", BigInteger),
    Column("name", String(100), nullable=False),
    Column("name_key", String(200), nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("server_id", "name_key"),
    Index(None, "member_id"),
    sqlite_autoincrement=True,
)
"""`name_key` is the folded name, by which a list is found again."""

film_list_entries = Table(
    "film_list_entries",
    metadata,
    Column(
        "list_id", BigInteger, ForeignKey("film_lists.id", ondelete="CASCADE"), nullable=False, primary_key=True
    ),
    film_id_column(primary_key=True, index=True),
    Column("member_id", BigInteger),
    Column("added_at", UtcDateTime, nullable=False),
    Index(None, "member_id"),
)
"""`member_id` is who added the film."""
