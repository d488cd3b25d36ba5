"""Film nights remember viewings that they put into diaries, the film in their event's picture, and an old card."""

import sqlalchemy as sa
from alembic import op

revision = "0190"
down_revision = "0180"


def upgrade() -> None:
    op.add_column("night_rsvps", sa.Column("viewing_id", sa.BigInteger))
    op.add_column("nights", sa.Column("event_film_id", sa.String(100)))
    op.add_column("nights", sa.Column("old_channel_id", sa.BigInteger))
    op.add_column("nights", sa.Column("old_message_id", sa.BigInteger))
