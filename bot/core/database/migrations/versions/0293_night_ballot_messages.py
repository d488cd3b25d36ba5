"""Where a night's ballot was opened, so that the message says so once voting is over."""

import sqlalchemy as sa
from alembic import op

revision = "0293"
down_revision = "0292"


def upgrade() -> None:
    """Add the column; messages about ballots that were opened before stay as they are."""
    op.add_column("nights", sa.Column("ballot_message_id", sa.BigInteger))
