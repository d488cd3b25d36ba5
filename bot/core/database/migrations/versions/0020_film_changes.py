"""Which films changed since an index over all of them was built."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "film_changes",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_film_changes"),
        sqlite_autoincrement=True,
    )
