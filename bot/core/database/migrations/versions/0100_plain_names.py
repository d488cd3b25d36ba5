"""Tables and columns get the field's words, and the settings of a server one table.

Timestamps end in _at, booleans begin with is_ or has_. Everything is renamed in place, so that all data stays.
Indexes, constraints and sequences follow the naming convention of `bot.core.database.columns`. On SQLite the name
of a constraint is part of its table's definition and stays as it is, except for the one unique constraint that
Alembic compares by its name.
"""

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = "0090"

TABLES = {
    "online_details": "film_metadata",
    "online_offers": "film_offers",
    "online_collections": "film_collections",
    "pick_tasks": "pick_jobs",
    "pick_goers": "pick_rsvps",
    "pick_votes": "pick_polls",
    "refusals": "dismissed_films",
    "learning_members": "rating_sharing_members",
    "evenings": "group_sessions",
    "evening_members": "group_session_members",
    "ratings_sets": "rating_sets",
    "ratings_set_films": "rating_set_films",
    "ratings_set_members": "rating_set_members",
    "facts": "key_values",
}
COLUMNS = {
    "films": {"released": "release_date", "production": "production_companies"},
    "people": {"key": "name_key"},
    "film_metadata": {"details_at": "fetched_at", "streaming_at": "offers_fetched_at"},
    "streaming_services": {"places": "display_priorities"},
    "subscriptions": {"service": "service_key", "name": "service_name"},
    "alerts": {"asked_at": "created_at", "came_at": "available_at", "tries": "attempts"},
    "server_members": {"checked": "checked_at", "departed": "departed_at"},
    "member_privacy": {"hide_name": "is_name_hidden", "public_diary": "is_diary_public"},
    "ratings": {
        "created": "created_at",
        "edited": "edited_at",
        "reworded": "text_edited_at",
        "hidden": "hidden_by",
        "counted": "is_counted",
        "spoiler": "is_spoiler",
        "helpful": "helpful_count",
    },
    "rating_totals": {"count": "rating_count", "sum": "half_star_sum"},
    "viewings": {"rewatch": "is_rewatch", "created": "created_at"},
    "helpful_votes": {"created": "created_at"},
    "replies": {"created": "created_at", "edited": "edited_at", "hidden": "hidden_by"},
    "watchlist": {"added": "added_at", "keep": "is_kept"},
    "reports": {"created": "created_at", "decided": "decided_at"},
    "reply_reports": {"created": "created_at", "decided": "decided_at"},
    "blocks": {"until": "expires_at", "created": "created_at"},
    "moderation_log": {"created": "created_at"},
    "pick_series": {"closed": "is_closed"},
    "picks": {
        "starts": "starts_at",
        "days": "duration_days",
        "began": "started_at",
        "ends": "ends_at",
        "ended": "ended_at",
    },
    "pick_jobs": {"errand": "kind", "subject": "subject_id", "due": "due_at", "claimed": "claimed_at"},
    "pick_notices": {"created": "created_at", "told": "is_delivered"},
    "pick_rsvps": {"created": "created_at"},
    "pick_suggestions": {"why": "reason", "created": "created_at", "decided": "decided_at"},
    "pick_polls": {"ends": "ends_at"},
    "dismissed_films": {"created": "created_at"},
    "rating_sharing_members": {"created": "created_at"},
    "group_sessions": {
        "wishes": "filters",
        "weight": "least_happy_weight",
        "created": "created_at",
        "chosen": "chosen_at",
    },
    "group_session_members": {"evening_id": "group_session_id", "burden": "fairness_debt"},
    "rating_sets": {"members": "member_count", "ratings": "rating_count"},
    "rating_set_members": {"member": "member_number"},
}
"""By the table's new name."""
INDEXES = {
    "people": {"ix_people_key": ["name_key"]},
    "film_metadata": {
        "ix_online_details_source_source_id": ["source", "source_id"],
        "ix_online_details_details_at": ["fetched_at"],
    },
    "film_offers": {"ix_online_offers_country": ["country"]},
    "server_members": {"ix_server_members_server_id_checked": ["server_id", "checked_at"]},
    "ratings": {"ix_ratings_server_id_film_id_created": ["server_id", "film_id", "created_at"]},
    "reports": {"ix_reports_server_id_decided": ["server_id", "decided_at"]},
    "reply_reports": {"ix_reply_reports_server_id_decided": ["server_id", "decided_at"]},
    "picks": {"ix_picks_state_starts": ["state", "starts_at"]},
    "pick_jobs": {
        "ix_pick_tasks_state_due": ["state", "due_at"],
        "ix_pick_tasks_server_id": ["server_id"],
    },
    "pick_rsvps": {"ix_pick_goers_member_id": ["member_id"]},
    "pick_polls": {"ix_pick_votes_server_id": ["server_id"]},
    "dismissed_films": {"ix_refusals_film_id": ["film_id"], "ix_refusals_member_id": ["member_id"]},
    "group_sessions": {
        "ix_evenings_server_id_chosen": ["server_id", "chosen_at"],
        "ix_evenings_film_id": ["film_id"],
    },
    "group_session_members": {"ix_evening_members_member_id": ["member_id"]},
    "rating_set_films": {"ix_ratings_set_films_film_id": ["film_id"]},
}
"""By the table's new name: each index's old name, and its columns' new names, of which its new name is made."""
FOREIGN_KEYS = {
    "film_metadata": {"fk_online_details_film_id": "film_id"},
    "film_offers": {"fk_online_offers_film_id": "film_id"},
    "pick_rsvps": {"fk_pick_goers_pick_id": "pick_id"},
    "dismissed_films": {"fk_refusals_film_id": "film_id"},
    "group_sessions": {"fk_evenings_film_id": "film_id"},
    "group_session_members": {"fk_evening_members_evening_id": "group_session_id"},
    "rating_set_films": {"fk_ratings_set_films_film_id": "film_id", "fk_ratings_set_films_set_name": "set_name"},
    "rating_set_members": {"fk_ratings_set_members_set_name": "set_name"},
}
"""By the table's new name: each foreign key's old name, and its column's new name."""
COUNTED = ("pick_tasks", "pick_votes", "evenings")
"""Renamed tables whose ids come from a sequence on PostgreSQL."""
SERVER_SETTINGS = {
    "review_settings": {
        "minimum_raters": "minimum_raters",
        "report_threshold": "report_threshold",
        "moderator_role": "moderator_role_id",
        "log_channel": "log_channel_id",
        "blocked_words": "word_filter",
    },
    "pick_settings": {
        "curator_role": "curator_role_id",
        "zone": "time_zone",
        "every": "rotation_interval",
        "at": "rotation_time",
        "weekday": "rotation_weekday",
        "day": "rotation_day",
        "channel_id": "announcement_channel_id",
        "role_id": "announcement_role_id",
        "thread": "has_announcement_thread",
        "retrospect": "has_retrospective",
        "refill": "refill",
    },
    "learning_servers": {"created": "ratings_shared_at"},
}
"""The tables that `server_settings` takes in: what becomes of each column."""


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for old, new in TABLES.items():
        op.rename_table(old, new)
    for table, renames in COLUMNS.items():
        for old, new in renames.items():
            op.execute(f"ALTER TABLE {table} RENAME COLUMN {old} TO {new}")
    if is_sqlite:
        _rebuild_pick_jobs()
    else:
        _rename_postgresql_constraints()
    for table, indexes in INDEXES.items():
        for old, columns in indexes.items():
            if is_sqlite:
                op.execute(f"DROP INDEX IF EXISTS {old}")
                op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
            else:
                op.execute(f"ALTER INDEX {old} RENAME TO ix_{table}_{'_'.join(columns)}")
    _merge_server_settings()


def _merge_server_settings() -> None:
    for column in (
        sa.Column("minimum_raters", sa.Integer),
        sa.Column("report_threshold", sa.Integer),
        sa.Column("moderator_role_id", sa.BigInteger),
        sa.Column("log_channel_id", sa.BigInteger),
        sa.Column("word_filter", sa.JSON),
        sa.Column("curator_role_id", sa.BigInteger),
        sa.Column("time_zone", sa.String(64)),
        sa.Column("rotation_interval", sa.String(10)),
        sa.Column("rotation_time", sa.Integer),
        sa.Column("rotation_weekday", sa.Integer),
        sa.Column("rotation_day", sa.Integer),
        sa.Column("announcement_channel_id", sa.BigInteger),
        sa.Column("announcement_role_id", sa.BigInteger),
        sa.Column("has_announcement_thread", sa.Boolean),
        sa.Column("has_retrospective", sa.Boolean),
        sa.Column("refill", sa.String(10)),
        sa.Column("ratings_shared_at", sa.DateTime(timezone=True)),
    ):
        op.add_column("server_settings", column)
    op.create_table(
        "pick_schedules",
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("next_rotation_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("server_id", name="pk_pick_schedules"),
    )
    op.create_index("ix_pick_schedules_next_rotation_at", "pick_schedules", ["next_rotation_at"])
    op.execute(
        "INSERT INTO pick_schedules (server_id, next_rotation_at)"
        " SELECT server_id, next_at FROM pick_settings WHERE next_at IS NOT NULL"
    )
    for table, columns in SERVER_SETTINGS.items():
        old, new = ", ".join(columns), ", ".join(columns.values())
        op.execute(
            f"INSERT INTO server_settings (server_id) SELECT server_id FROM {table}"  # noqa: S608
            " WHERE server_id NOT IN (SELECT server_id FROM server_settings)"
        )
        op.execute(
            f"UPDATE server_settings SET ({new}) = (SELECT {old} FROM {table}"  # noqa: S608
            f" WHERE {table}.server_id = server_settings.server_id)"
            f" WHERE server_id IN (SELECT server_id FROM {table})"
        )
        op.drop_table(table)


def _rename_postgresql_constraints() -> None:
    for old, new in TABLES.items():
        op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT pk_{old} TO pk_{new}")
    for table, keys in FOREIGN_KEYS.items():
        for old, column in keys.items():
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO fk_{table}_{column}")
    op.execute(
        "ALTER TABLE pick_jobs RENAME CONSTRAINT uq_pick_tasks_errand_subject TO uq_pick_jobs_kind_subject_id"
    )
    for table in COUNTED:
        op.execute(f"ALTER SEQUENCE {table}_id_seq RENAME TO {TABLES[table]}_id_seq")


def _rebuild_pick_jobs() -> None:
    """Copy the jobs into a table whose unique constraint is named as the naming convention says."""
    op.rename_table("pick_jobs", "old_pick_jobs")
    op.create_table(
        "pick_jobs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("server_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("subject_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("token", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_pick_jobs"),
        sa.UniqueConstraint("kind", "subject_id", name="uq_pick_jobs_kind_subject_id"),
        sqlite_autoincrement=True,
    )
    op.execute(
        "INSERT INTO pick_jobs (id, server_id, kind, subject_id, state, due_at, claimed_at, token)"
        " SELECT id, server_id, kind, subject_id, state, due_at, claimed_at, token FROM old_pick_jobs"
    )
    # An id once given out is never given out again, also where its row is gone.
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'pick_jobs'")
    op.execute("UPDATE sqlite_sequence SET name = 'pick_jobs' WHERE name = 'old_pick_jobs'")
    op.drop_table("old_pick_jobs")
