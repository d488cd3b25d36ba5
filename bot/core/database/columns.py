"""What tables are made of: the names of constraints, times, and references."""

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


def serial() -> Column[int]:
    """Give a key that the database counts up; none is ever given out twice, since buttons carry it."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def rating_reference(*, primary_key: bool = False) -> Column[int]:
    """Give a column that refers to a rating; what hangs on the rating goes with it."""
    rating = ForeignKey("ratings.id", ondelete="CASCADE")
    return Column("rating_id", BigInteger, rating, nullable=False, primary_key=primary_key)


def owner_column(name: str, *, primary_key: bool = False) -> Column[int]:
    """Give a column for Discord's id of a server or a member."""
    return Column(name, BigInteger, nullable=False, primary_key=primary_key, autoincrement=False)
