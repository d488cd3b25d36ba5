"""Replies can be edited, reported and hidden, each by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0060"


def upgrade() -> None:
    op.add_column("replies", sa.Column("edited", sa.DateTime(timezone=True)))
    op.add_column("replies", sa.Column("hidden", sa.String(10)))
    op.add_column("moderation_log", sa.Column("reply_id", sa.BigInteger))
    op.create_table(
        "reply_reports",
        sa.Column("reply_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("server_id", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("reply_id", "member_id", name="pk_reply_reports"),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], "fk_reply_reports_reply_id", ondelete="CASCADE"),
    )
    op.create_index("ix_reply_reports_server_id_decided", "reply_reports", ["server_id", "decided"])
    op.create_index("ix_reply_reports_member_id", "reply_reports", ["member_id"])
