"""Members who were told how to set their country, and picks that were removed and can be planned again."""

import sqlalchemy as sa
from alembic import op

revision = "0240"
down_revision = "0220"


def upgrade() -> None:
    op.add_column("member_settings", sa.Column("is_country_hinted", sa.Boolean()))
    op.add_column("picks", sa.Column("removed_at", sa.DateTime(timezone=True)))
