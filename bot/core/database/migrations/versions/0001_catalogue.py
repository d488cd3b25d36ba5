"""The catalogue (films, titles, people, credits, ids, availability) and the countries of servers and members."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "films",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("original_title", sa.Text, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("released", sa.Date),
        sa.Column("runtime", sa.Integer),
        sa.Column("countries", sa.JSON, nullable=False),
        sa.Column("languages", sa.JSON, nullable=False),
        sa.Column("genres", sa.JSON, nullable=False),
        sa.Column("production", sa.JSON, nullable=False),
        sa.Column("logline", sa.Text, nullable=False),
        sa.Column("fame", sa.Float, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_films"),
    )
    op.create_table(
        "titles",
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("film_id", "position", name="pk_titles"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_titles_film_id", ondelete="CASCADE"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
    )
    op.create_table(
        "credits",
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("job", sa.String(20), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("person_id", sa.String(100), nullable=False),
        sa.Column("role", sa.Text),
        sa.PrimaryKeyConstraint("film_id", "job", "position", name="pk_credits"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_credits_film_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], "fk_credits_person_id"),
    )
    op.create_index("ix_credits_person_id", "credits", ["person_id"])
    op.create_table(
        "film_ids",
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("value", sa.String(40), nullable=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("source", "value", name="pk_film_ids"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_film_ids_film_id", ondelete="CASCADE"),
    )
    op.create_index("ix_film_ids_film_id", "film_ids", ["film_id"])
    op.create_table(
        "availability",
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("service", sa.String(80), nullable=False),
        sa.Column("countries", sa.JSON, nullable=False),
        sa.Column("since", sa.Date),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("film_id", "service", name="pk_availability"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_availability_film_id", ondelete="CASCADE"),
    )
    op.create_table(
        "facts",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_facts"),
    )
    op.create_table(
        "server_settings",
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("country", sa.String(2)),
        sa.PrimaryKeyConstraint("server_id", name="pk_server_settings"),
    )
    op.create_table(
        "member_settings",
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("country", sa.String(2)),
        sa.PrimaryKeyConstraint("member_id", name="pk_member_settings"),
    )
