"""The marquee: picks, how they rotate, what is to be done in Discord for them, who goes, suggestions, votes."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0050"


def upgrade() -> None:
    _settings()
    _picks()
    _clock()
    _members()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _settings() -> None:
    op.create_table(
        "pick_settings",
        _number("server_id"),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("every", sa.String(10), nullable=False),
        sa.Column("at", sa.Integer, nullable=False),
        sa.Column("weekday", sa.Integer, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("thread", sa.Boolean, nullable=False),
        sa.Column("role_id", sa.BigInteger),
        sa.Column("retrospect", sa.Boolean, nullable=False),
        sa.Column("refill", sa.String(10), nullable=False),
        sa.Column("curator_role", sa.BigInteger),
        _moment("next_at", nullable=True),
        sa.PrimaryKeyConstraint("server_id", name="pk_pick_settings"),
    )
    op.create_index("ix_pick_settings_next_at", "pick_settings", ["next_at"])
    op.create_table(
        "pick_series",
        _id(),
        _number("server_id"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pick_series"),
        sa.UniqueConstraint("server_id", "name", name="uq_pick_series_server_id_name"),
        sqlite_autoincrement=True,
    )


def _picks() -> None:
    op.create_table(
        "picks",
        _id(),
        _number("server_id"),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("series_id", sa.BigInteger),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        _moment("starts", nullable=True),
        sa.Column("days", sa.Integer),
        _moment("began", nullable=True),
        _moment("ends", nullable=True),
        _moment("ended", nullable=True),
        sa.Column("curator_id", sa.BigInteger),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("thread_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_picks"),
        sa.CheckConstraint("state IN ('planned', 'current', 'past', 'missed')", name="ck_picks_state"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_picks_film_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["series_id"], ["pick_series.id"], "fk_picks_series_id", ondelete="SET NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_picks_film_id", "picks", ["film_id"])
    op.create_index("ix_picks_server_id_state_position", "picks", ["server_id", "state", "position"])
    op.create_index("ix_picks_state_starts", "picks", ["state", "starts"])
    current = sa.text("state = 'current'")
    op.create_index(
        "uq_picks_current", "picks", ["server_id"], unique=True, sqlite_where=current, postgresql_where=current
    )


def _clock() -> None:
    op.create_table(
        "pick_tasks",
        _id(),
        _number("server_id"),
        sa.Column("errand", sa.String(12), nullable=False),
        _number("subject"),
        sa.Column("state", sa.String(10), nullable=False),
        _moment("due"),
        _moment("claimed", nullable=True),
        sa.Column("token", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_pick_tasks"),
        sa.UniqueConstraint("errand", "subject", name="uq_pick_tasks_errand_subject"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pick_tasks_state_due", "pick_tasks", ["state", "due"])
    op.create_index("ix_pick_tasks_server_id", "pick_tasks", ["server_id"])
    op.create_table(
        "pick_notices",
        _number("server_id"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        _moment("created"),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("server_id", "kind", name="pk_pick_notices"),
    )
    op.create_table(
        "pick_votes",
        _id(),
        _number("server_id"),
        sa.Column("film_ids", sa.JSON, nullable=False),
        _moment("ends"),
        sa.Column("channel_id", sa.BigInteger),
        sa.Column("message_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_pick_votes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pick_votes_server_id", "pick_votes", ["server_id"])


def _members() -> None:
    op.create_table(
        "pick_goers",
        sa.Column("pick_id", sa.BigInteger, nullable=False),
        _number("member_id"),
        _moment("created"),
        sa.PrimaryKeyConstraint("pick_id", "member_id", name="pk_pick_goers"),
        sa.ForeignKeyConstraint(["pick_id"], ["picks.id"], "fk_pick_goers_pick_id", ondelete="CASCADE"),
    )
    op.create_index("ix_pick_goers_member_id", "pick_goers", ["member_id"])
    op.create_table(
        "pick_suggestions",
        _id(),
        _number("server_id"),
        _number("member_id"),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        _moment("created"),
        sa.Column("decision", sa.String(10), nullable=False),
        _moment("decided", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pick_suggestions"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_pick_suggestions_film_id", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_pick_suggestions_film_id", "pick_suggestions", ["film_id"])
    op.create_index("ix_pick_suggestions_member_id", "pick_suggestions", ["member_id"])
    op.create_index("ix_pick_suggestions_server_id_decision", "pick_suggestions", ["server_id", "decision"])
    waiting = sa.text("decision = 'open'")
    op.create_index(
        "uq_pick_suggestions_open", "pick_suggestions", ["server_id", "film_id"],
        unique=True, sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip
