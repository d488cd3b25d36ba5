"""The messages in which members shared a review, which follow it when it is edited, hidden or deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0294"
down_revision = "0293"


def upgrade() -> None:
    """Add the table; messages that were shared before are not known, and stay as they are."""
    op.create_table(
        "shared_reviews",
        sa.Column("message_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("channel_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("rating_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("shown", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_shared_reviews"),
    )
    op.create_index("ix_shared_reviews_server_id_film_id", "shared_reviews", ["server_id", "film_id"])
    op.create_index("ix_shared_reviews_rating_id", "shared_reviews", ["rating_id"])
