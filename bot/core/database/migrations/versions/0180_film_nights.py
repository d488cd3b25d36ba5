"""Film nights: nights, who comes, nominations, ballots, fairness debts, and what has to be done in Discord."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0180"
down_revision = "0178"


def upgrade() -> None:
    op.add_column("server_settings", sa.Column("night_host_role_id", sa.BigInteger))
    op.add_column("server_settings", sa.Column("counts_departed_ballots", sa.Boolean))
    _nights()
    _members()
    _jobs()


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, autoincrement=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_night(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["night_id"], ["nights.id"], f"fk_{table}_night_id", ondelete="CASCADE")


def _nights() -> None:
    op.create_table(
        "nights",
        _id(),
        _number("server_id"),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("host_id", sa.BigInteger),
        sa.Column("state", sa.String(12), nullable=False),
        _moment("starts_at"),
        sa.Column("channel_id", sa.BigInteger, nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("voice_channel_id", sa.BigInteger),
        sa.Column("theme", sa.String(400), nullable=False),
        sa.Column("filters", sa.JSON, nullable=False),
        sa.Column("choosing", sa.String(10), nullable=False),
        sa.Column("method", sa.String(10), nullable=False),
        sa.Column("nominations_each", sa.Integer, nullable=False),
        _moment("nominations_close_at", nullable=True),
        _moment("ballot_closes_at", nullable=True),
        sa.Column("reminders", sa.JSON, nullable=False),
        sa.Column("repeat", sa.String(8), nullable=False),
        sa.Column("has_carry_over", sa.Boolean, nullable=False),
        sa.Column("is_weighted", sa.Boolean, nullable=False),
        sa.Column("film_id", sa.String(100)),
        sa.Column("runtime", sa.Integer),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("thread_id", sa.BigInteger),
        sa.Column("event_id", sa.BigInteger),
        sa.Column("problem", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _moment("next_at", nullable=True),
        sa.Column("ballot_box", sa.JSON(none_as_null=True)),
        sa.PrimaryKeyConstraint("id", name="pk_nights"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_nights_film_id", ondelete="SET NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_nights_server_id_state_starts_at", "nights", ["server_id", "state", "starts_at"])
    op.create_index("ix_nights_next_at", "nights", ["next_at"])
    op.create_index("ix_nights_film_id", "nights", ["film_id"])


def _members() -> None:
    op.create_table(
        "night_rsvps",
        _number("night_id"),
        _number("member_id"),
        sa.Column("answer", sa.String(5), nullable=False),
        sa.Column("is_direct", sa.Boolean, nullable=False),
        sa.Column("is_from_event", sa.Boolean, nullable=False),
        sa.Column("has_attended", sa.Boolean),
        sa.Column("predicted_stars", sa.Float),
        _moment("answered_at"),
        sa.PrimaryKeyConstraint("night_id", "member_id", name="pk_night_rsvps"),
        _of_night("night_rsvps"),
    )
    op.create_index("ix_night_rsvps_member_id", "night_rsvps", ["member_id"])
    op.create_table(
        "night_nominations",
        _id(),
        sa.Column("night_id", sa.BigInteger, nullable=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("member_id", sa.BigInteger),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("strike_reason", sa.Text),
        sa.Column("is_carried_over", sa.Boolean, nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_night_nominations"),
        _of_night("night_nominations"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_night_nominations_film_id", ondelete="CASCADE"),
        sa.UniqueConstraint("night_id", "film_id", name="uq_night_nominations_night_id_film_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_night_nominations_film_id", "night_nominations", ["film_id"])
    op.create_index("ix_night_nominations_member_id", "night_nominations", ["member_id"])
    op.create_table(
        "night_supporters",
        sa.Column("nomination_id", sa.BigInteger, nullable=False),
        _number("member_id"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("nomination_id", "member_id", name="pk_night_supporters"),
        sa.ForeignKeyConstraint(
            ["nomination_id"], ["night_nominations.id"], "fk_night_supporters_nomination_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_night_supporters_member_id", "night_supporters", ["member_id"])
    op.create_table(
        "night_ballots",
        _number("night_id"),
        _number("member_id"),
        sa.Column("film_ids", sa.JSON, nullable=False),
        _moment("cast_at"),
        sa.PrimaryKeyConstraint("night_id", "member_id", name="pk_night_ballots"),
        _of_night("night_ballots"),
    )
    op.create_index("ix_night_ballots_member_id", "night_ballots", ["member_id"])
    op.create_table(
        "night_fairness_debts",
        _number("server_id"),
        _number("member_id"),
        sa.Column("fairness_debt", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("server_id", "member_id", name="pk_night_fairness_debts"),
    )
    op.create_index("ix_night_fairness_debts_member_id", "night_fairness_debts", ["member_id"])


def _jobs() -> None:
    op.create_table(
        "night_jobs",
        _id(),
        _number("server_id"),
        sa.Column("kind", sa.String(40), nullable=False),
        _number("subject_id"),
        sa.Column("state", sa.String(10), nullable=False),
        _moment("due_at"),
        _moment("claimed_at", nullable=True),
        sa.Column("token", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_night_jobs"),
        sa.UniqueConstraint("kind", "subject_id", name="uq_night_jobs_kind_subject_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_night_jobs_state_due_at", "night_jobs", ["state", "due_at"])
    op.create_index("ix_night_jobs_server_id", "night_jobs", ["server_id"])
