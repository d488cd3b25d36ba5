"""Film nights whose day members choose, and whose film members choose by turns."""

import sqlalchemy as sa
from alembic import op

revision = "0215"
down_revision = "0210"


def upgrade() -> None:
    op.add_column("nights", sa.Column("poll_times", sa.JSON(none_as_null=True)))
    op.add_column("nights", sa.Column("poll_closes_at", sa.DateTime(timezone=True)))
    op.add_column("nights", sa.Column("turn_member_id", sa.BigInteger))
    has_passed = sa.Column("has_passed", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("night_rsvps", has_passed)
    op.create_table(
        "night_day_votes",
        sa.Column("night_id", sa.BigInteger, nullable=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("times", sa.JSON, nullable=False),
        sa.Column("cast_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["night_id"], ["nights.id"], "fk_night_day_votes_night_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("night_id", "member_id", name="pk_night_day_votes"),
    )
    op.create_index("ix_night_day_votes_member_id", "night_day_votes", ["member_id"])
