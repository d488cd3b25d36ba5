"""Members' ratings, reviews, diaries and watchlists, and the moderators' side of them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0002"


def upgrade() -> None:
    _ratings()
    _reactions()
    _members()
    _moderation()
    _append_only()


def _ratings() -> None:
    op.create_table(
        "ratings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("stars", sa.Integer, nullable=False),
        sa.Column("text", sa.Text),
        sa.Column("spoiler", sa.Boolean, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited", sa.DateTime(timezone=True)),
        sa.Column("hidden", sa.String(10)),
        sa.Column("counted", sa.Boolean, nullable=False),
        sa.Column("helpful", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ratings"),
        sa.CheckConstraint("stars BETWEEN 1 AND 10", name="ck_ratings_stars"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_ratings_film_id", ondelete="CASCADE"),
        sa.UniqueConstraint("server_id", "member_id", "film_id", name="uq_ratings_server_id_member_id_film_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ratings_film_id", "ratings", ["film_id"])
    op.create_index("ix_ratings_member_id", "ratings", ["member_id"])
    op.create_index("ix_ratings_server_id_film_id_created", "ratings", ["server_id", "film_id", "created"])
    op.create_table(
        "rating_totals",
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("sum", sa.Integer, nullable=False),
        sa.Column("half_1", sa.Integer, nullable=False),
        sa.Column("half_2", sa.Integer, nullable=False),
        sa.Column("half_3", sa.Integer, nullable=False),
        sa.Column("half_4", sa.Integer, nullable=False),
        sa.Column("half_5", sa.Integer, nullable=False),
        sa.Column("half_6", sa.Integer, nullable=False),
        sa.Column("half_7", sa.Integer, nullable=False),
        sa.Column("half_8", sa.Integer, nullable=False),
        sa.Column("half_9", sa.Integer, nullable=False),
        sa.Column("half_10", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("server_id", "film_id", name="pk_rating_totals"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_rating_totals_film_id", ondelete="CASCADE"),
    )
    op.create_index("ix_rating_totals_film_id", "rating_totals", ["film_id"])
    op.create_table(
        "viewings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("watched_on", sa.Date),
        sa.Column("stars", sa.Integer),
        sa.Column("rewatch", sa.Boolean, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_viewings"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_viewings_film_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_viewings_film_id", "viewings", ["film_id"])
    op.create_index("ix_viewings_member_id", "viewings", ["member_id"])
    op.create_index("ix_viewings_server_id_member_id_film_id", "viewings", ["server_id", "member_id", "film_id"])


def _reactions() -> None:
    op.create_table(
        "helpful_votes",
        sa.Column("rating_id", sa.BigInteger, nullable=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("rating_id", "member_id", name="pk_helpful_votes"),
        sa.ForeignKeyConstraint(["rating_id"], ["ratings.id"], "fk_helpful_votes_rating_id", ondelete="CASCADE"),
    )
    op.create_index("ix_helpful_votes_member_id", "helpful_votes", ["member_id"])
    op.create_table(
        "replies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("rating_id", sa.BigInteger, nullable=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_replies"),
        sa.ForeignKeyConstraint(["rating_id"], ["ratings.id"], "fk_replies_rating_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_replies_member_id", "replies", ["member_id"])
    op.create_index("ix_replies_rating_id", "replies", ["rating_id"])
    op.create_table(
        "reports",
        sa.Column("rating_id", sa.BigInteger, nullable=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("rating_id", "member_id", name="pk_reports"),
        sa.ForeignKeyConstraint(["rating_id"], ["ratings.id"], "fk_reports_rating_id", ondelete="CASCADE"),
    )
    op.create_index("ix_reports_member_id", "reports", ["member_id"])
    op.create_index("ix_reports_server_id_decided", "reports", ["server_id", "decided"])


def _members() -> None:
    op.create_table(
        "server_members",
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("checked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("departed", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("server_id", "member_id", name="pk_server_members"),
    )
    op.create_index("ix_server_members_member_id", "server_members", ["member_id"])
    op.create_index("ix_server_members_server_id_checked", "server_members", ["server_id", "checked"])
    op.create_table(
        "watchlist",
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("server_id", "member_id", "film_id", name="pk_watchlist"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_watchlist_film_id", ondelete="CASCADE"),
    )
    op.create_index("ix_watchlist_film_id", "watchlist", ["film_id"])
    op.create_index("ix_watchlist_member_id", "watchlist", ["member_id"])
    op.create_table(
        "member_privacy",
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("hide_name", sa.Boolean, nullable=False),
        sa.Column("public_diary", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("member_id", name="pk_member_privacy"),
    )


def _moderation() -> None:
    op.create_table(
        "blocks",
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("server_id", "member_id", name="pk_blocks"),
    )
    op.create_index("ix_blocks_member_id", "blocks", ["member_id"])
    op.create_table(
        "moderation_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("actor_id", sa.BigInteger),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("film_id", sa.String(100)),
        sa.Column("rating_id", sa.BigInteger),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_moderation_log"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_moderation_log_server_id_id", "moderation_log", ["server_id", "id"])
    op.create_table(
        "log_subjects",
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("server_id", "member_id", name="pk_log_subjects"),
        sa.UniqueConstraint("subject", name="uq_log_subjects_subject"),
    )
    op.create_index("ix_log_subjects_member_id", "log_subjects", ["member_id"])
    op.create_table(
        "review_settings",
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("minimum_raters", sa.Integer, nullable=False),
        sa.Column("report_threshold", sa.Integer, nullable=False),
        sa.Column("moderator_role", sa.BigInteger),
        sa.Column("log_channel", sa.BigInteger),
        sa.Column("blocked_words", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("server_id", name="pk_review_settings"),
    )


def _append_only() -> None:
    """Let the database itself refuse to change or delete what the log holds."""
    refusal = "the moderation log can only be added to"
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER moderation_log_no_{change.lower()} BEFORE {change} ON moderation_log "
                f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION moderation_log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER moderation_log_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON moderation_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION moderation_log_refuse()"
    )
