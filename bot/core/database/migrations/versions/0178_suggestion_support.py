"""Several members may suggest one film; a vote has a length, and announcements may be published."""

import sqlalchemy as sa
from alembic import op

revision = "0178"
down_revision = "0177"


def upgrade() -> None:
    op.add_column("server_settings", sa.Column("poll_hours", sa.Integer()))
    op.add_column("server_settings", sa.Column("is_announcement_published", sa.Boolean()))
    op.drop_index("uq_pick_suggestions_open", "pick_suggestions")
    op.create_index(
        "uq_pick_suggestions_open",
        "pick_suggestions",
        ["server_id", "film_id", "member_id"],
        unique=True,
        sqlite_where=sa.text("decision = 'open'"),
        postgresql_where=sa.text("decision = 'open'"),
    )
