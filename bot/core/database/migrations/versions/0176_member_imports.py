"""Members' imports, with private reviews and likes; ratings and viewings know the import they came with."""

import sqlalchemy as sa
from alembic import op

revision = "0176"
down_revision = "0175"


def upgrade() -> None:
    integer = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.add_column("ratings", sa.Column("import_id", sa.BigInteger))
    op.add_column("ratings", sa.Column("is_countable", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("viewings", sa.Column("import_id", sa.BigInteger))
    op.add_column("viewings", sa.Column("tags", sa.JSON))
    op.create_index("ix_viewings_import_id", "viewings", ["import_id"])
    op.add_column("server_settings", sa.Column("import_counting", sa.String(10)))
    op.create_table(
        "imports",
        sa.Column("id", integer, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("service", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.Column("film_count", sa.Integer, nullable=False),
        sa.Column("result", sa.JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_imports_member_id_server_id", "imports", ["member_id", "server_id"])
    op.create_index("ix_imports_state", "imports", ["state"])
    op.create_table(
        "import_films",
        sa.Column("import_id", integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("year", sa.Integer),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("film_id", sa.String(100)),
        sa.Column("candidates", sa.JSON),
        sa.Column("entries", sa.JSON),
        sa.Column("undo", sa.JSON),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name="fk_import_films_import_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name="pk_import_films"),
    )
    op.create_index("ix_import_films_import_id_state_number", "import_films", ["import_id", "state", "number"])
    op.create_table(
        "imported_reviews",
        sa.Column("id", integer, nullable=False),
        sa.Column("import_id", sa.BigInteger, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("is_spoiler", sa.Boolean, nullable=False),
        sa.Column("watched_on", sa.Date),
        sa.Column("written_on", sa.Date),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], name="fk_imported_reviews_film_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_imported_reviews"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_imported_reviews_film_id", "imported_reviews", ["film_id"])
    op.create_index(
        "ix_imported_reviews_member_id_server_id_film_id",
        "imported_reviews",
        ["member_id", "server_id", "film_id"],
    )
    op.create_table(
        "liked_films",
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("import_id", sa.BigInteger, nullable=False),
        sa.Column("liked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], name="fk_liked_films_film_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("server_id", "member_id", "film_id", name="pk_liked_films"),
    )
    op.create_index("ix_liked_films_film_id", "liked_films", ["film_id"])
    op.create_index("ix_liked_films_member_id", "liked_films", ["member_id"])
