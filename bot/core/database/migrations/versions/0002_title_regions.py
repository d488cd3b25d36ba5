"""Titles know their region and language; people are found by name in SQL and know how well they are known."""

import sqlalchemy as sa
from alembic import op

from bot.films.models import name_key

revision = "0002"
down_revision = "0001"

KEYS_AT_ONCE = 10_000


def upgrade() -> None:
    op.add_column("titles", sa.Column("region", sa.String(10)))
    op.add_column("titles", sa.Column("language", sa.String(10)))
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.add_column("people", sa.Column("key", key, nullable=False, server_default=""))
    op.add_column("people", sa.Column("film_count", sa.Integer, nullable=False, server_default="0"))
    op.add_column("people", sa.Column("fame", sa.Float, nullable=False, server_default="0"))
    _fill()
    op.create_index("ix_people_key", "people", ["key"])
    op.create_index("ix_people_fame", "people", ["fame"])


def _fill() -> None:
    connection = op.get_bind()
    names = connection.execute(sa.text("SELECT id, name FROM people")).all()
    for start in range(0, len(names), KEYS_AT_ONCE):
        rows = [{"id": row.id, "key": name_key(row.name)} for row in names[start : start + KEYS_AT_ONCE]]
        connection.execute(sa.text("UPDATE people SET key = :key WHERE id = :id"), rows)
    connection.execute(
        sa.text(
            "UPDATE people SET (film_count, fame) = (SELECT count(*), coalesce(sum(films.fame), 0) FROM films"
            " WHERE films.id IN (SELECT film_id FROM credits WHERE credits.person_id = people.id))"
        )
    )
