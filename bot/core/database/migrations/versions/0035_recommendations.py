"""Ratings sets brought from outside: which film a set's number is, and each member's ratings, packed."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "ratings_sets",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("members", sa.Integer, nullable=False),
        sa.Column("ratings", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_ratings_sets"),
    )
    op.create_table(
        "ratings_set_films",
        sa.Column("set_name", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("set_name", "number", name="pk_ratings_set_films"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_ratings_set_films_film_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["set_name"], ["ratings_sets.name"], "fk_ratings_set_films_set_name", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_ratings_set_films_film_id", "ratings_set_films", ["film_id"])
    op.create_table(
        "ratings_set_members",
        sa.Column("set_name", sa.String(40), nullable=False),
        sa.Column("member", sa.BigInteger, nullable=False),
        sa.Column("ratings", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("set_name", "member", name="pk_ratings_set_members"),
        sa.ForeignKeyConstraint(
            ["set_name"], ["ratings_sets.name"], "fk_ratings_set_members_set_name", ondelete="CASCADE"
        ),
    )
