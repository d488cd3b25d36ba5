"""What members want never to be recommended, who may be learnt from across servers, and evenings together."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0035"


def upgrade() -> None:
    _refusals()
    _learning()
    _evenings()


def _refusals() -> None:
    op.create_table(
        "refusals",
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("film_id", sa.String(100), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("server_id", "member_id", "film_id", name="pk_refusals"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_refusals_film_id", ondelete="CASCADE"),
    )
    op.create_index("ix_refusals_film_id", "refusals", ["film_id"])
    op.create_index("ix_refusals_member_id", "refusals", ["member_id"])


def _learning() -> None:
    for table, owner in (("learning_servers", "server_id"), ("learning_members", "member_id")):
        op.create_table(
            table,
            sa.Column(owner, sa.BigInteger, nullable=False, autoincrement=False),
            sa.Column("created", sa.DateTime(timezone=True), nullable=False),
            sa.PrimaryKeyConstraint(owner, name=f"pk_{table}"),
        )


def _evenings() -> None:
    op.create_table(
        "evenings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("wishes", sa.JSON, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("film_id", sa.String(100)),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_evenings"),
        sa.ForeignKeyConstraint(["film_id"], ["films.id"], "fk_evenings_film_id", ondelete="SET NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_evenings_server_id_chosen", "evenings", ["server_id", "chosen"])
    op.create_index("ix_evenings_film_id", "evenings", ["film_id"])
    op.create_table(
        "evening_members",
        sa.Column("evening_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("member_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("burden", sa.Float),
        sa.PrimaryKeyConstraint("evening_id", "member_id", name="pk_evening_members"),
        sa.ForeignKeyConstraint(
            ["evening_id"], ["evenings.id"], "fk_evening_members_evening_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_evening_members_member_id", "evening_members", ["member_id"])
