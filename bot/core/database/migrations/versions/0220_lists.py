"""Lists of films, film nights that choose from one, and the time of day at which a night repeats."""

import sqlalchemy as sa
from alembic import op

revision = "0220"
down_revision = "0219"


def upgrade() -> None:
    op.create_table(
        "film_lists",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("name_key", sa.String(200), nullable=False),
        sa.Column("is_shared", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_film_lists"),
        sa.UniqueConstraint("server_id", "name_key", name="uq_film_lists_server_id_name_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_film_lists_member_id", "film_lists", ["member_id"])
    op.create_table(
        "film_list_entries",
        sa.Column("list_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("member_id", sa.BigInteger),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["film_lists.id"], "fk_film_list_entries_list_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_film_list_entries_film_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("list_id", "film_id", name="pk_film_list_entries"),
    )
    op.create_index("ix_film_list_entries_film_id", "film_list_entries", ["film_id"])
    op.create_index("ix_film_list_entries_member_id", "film_list_entries", ["member_id"])
    op.add_column("nights", sa.Column("list_id", sa.BigInteger))
    op.add_column("nights", sa.Column("clock_minutes", sa.Integer))
