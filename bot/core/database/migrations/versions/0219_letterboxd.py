"""Members' accounts at Letterboxd, what was seen of their feeds, and what is to be posted."""

import sqlalchemy as sa
from alembic import op

revision = "0219"
down_revision = "0216"


def upgrade() -> None:
    """Create the tables, and the two settings of servers."""
    integer = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.add_column("server_settings", sa.Column("letterboxd_channel_id", sa.BigInteger))
    op.add_column("server_settings", sa.Column("letterboxd_snoozed_until", sa.DateTime(timezone=True)))
    op.create_table(
        "letterboxd_accounts",
        sa.Column("id", integer, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("username", sa.String(15), nullable=False),
        sa.Column("takes_reviews", sa.Boolean, nullable=False),
        sa.Column("etag", sa.String(200)),
        sa.Column("last_modified", sa.String(200)),
        sa.Column("next_poll_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failure_count", sa.Integer, nullable=False),
        sa.Column("missing_count", sa.Integer, nullable=False),
        sa.Column("connected_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_letterboxd_accounts"),
        sa.UniqueConstraint("server_id", "member_id", name="uq_letterboxd_accounts_server_id_member_id"),
        sa.UniqueConstraint("server_id", "username", name="uq_letterboxd_accounts_server_id_username"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_letterboxd_accounts_member_id", "letterboxd_accounts", ["member_id"])
    op.create_index("ix_letterboxd_accounts_next_poll_at", "letterboxd_accounts", ["next_poll_at"])
    op.create_table(
        "letterboxd_entries",
        sa.Column("account_id", integer, nullable=False, autoincrement=False),
        sa.Column("guid", sa.String(100), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["letterboxd_accounts.id"],
            name="fk_letterboxd_entries_account_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "guid", name="pk_letterboxd_entries"),
    )
    op.create_table(
        "letterboxd_posts",
        sa.Column("id", integer, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("account_id", integer, nullable=False, autoincrement=False),
        sa.Column("entry", sa.JSON, nullable=False),
        sa.Column("film_id", sa.String(100)),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["account_id"], ["letterboxd_accounts.id"], name="fk_letterboxd_posts_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_letterboxd_posts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_letterboxd_posts_server_id_posted_at", "letterboxd_posts", ["server_id", "posted_at"])
    op.create_index("ix_letterboxd_posts_member_id", "letterboxd_posts", ["member_id"])
    op.create_index("ix_letterboxd_posts_account_id", "letterboxd_posts", ["account_id"])
