"""What a source online tells of films, with its age; what members subscribe to, and what they wait for."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _what_is_fetched()
    _what_members_want()


def _what_is_fetched() -> None:
    op.create_table(
        "online_details",
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("source_id", sa.String(20)),
        sa.Column("details", sa.JSON),
        sa.Column("details_at", MOMENT, nullable=False),
        sa.Column("streaming_at", MOMENT),
        sa.PrimaryKeyConstraint("film_id", name="pk_online_details"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_online_details_film_id", ondelete="CASCADE"),
    )
    op.create_index("ix_online_details_source_source_id", "online_details", ["source", "source_id"])
    op.create_index("ix_online_details_details_at", "online_details", ["details_at"])
    op.create_table(
        "online_offers",
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("services", sa.JSON, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("film_id", "country", name="pk_online_offers"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_online_offers_film_id", ondelete="CASCADE"),
    )
    op.create_index("ix_online_offers_country", "online_offers", ["country"])
    op.create_table(
        "online_collections",
        sa.Column("source_id", sa.String(20), nullable=False),
        sa.Column("collection", sa.JSON, nullable=False),
        sa.Column("fetched_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_online_collections"),
    )
    op.create_table(
        "streaming_services",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("places", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_streaming_services"),
    )


def _what_members_want() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("service", sa.String(120), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "service", name="pk_subscriptions"),
    )
    op.create_table(
        "alerts",
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("services", sa.JSON),
        sa.Column("came_at", MOMENT),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("member_id", "film_id", name="pk_alerts"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_alerts_film_id", ondelete="CASCADE"),
    )
    op.create_index("ix_alerts_film_id", "alerts", ["film_id"])
