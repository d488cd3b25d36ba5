"""Column types and columns shared by the tables, and the naming convention of constraints."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Integer, MetaData, String, TypeDecorator
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


def film_id_column(*, primary_key: bool = False, index: bool = False) -> Column[str]:
    """Return a foreign key to a film; a row is deleted with its film."""
    film = ForeignKey("films.id", ondelete="CASCADE")
    return Column("film_id", String(100), film, nullable=False, primary_key=primary_key, index=index or None)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC. SQLite, which has no such type, stores it without its time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the value for the driver. Raise ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time as an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def id_column() -> Column[int]:
    """Return an auto-incrementing primary key. Ids are never reused, because buttons carry them."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def rating_id_column(*, primary_key: bool = False) -> Column[int]:
    """Return a foreign key to a rating; a row is deleted with its rating."""
    rating = ForeignKey("ratings.id", ondelete="CASCADE")
    return Column("rating_id", BigInteger, rating, nullable=False, primary_key=primary_key)


def discord_id_column(name: str, *, primary_key: bool = False) -> Column[int]:
    """Return a column for the Discord id of a server or a member."""
    return Column(name, BigInteger, nullable=False, primary_key=primary_key, autoincrement=False)
