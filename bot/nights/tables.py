"""Tables of film nights: nights, who comes, nominations and their supporters, ballots, fairness debts, jobs."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from bot.core.database.columns import UtcDateTime, discord_id_column, film_id_column, id_column, metadata
from bot.core.database.job_queue import create_jobs_table


def _night_id_column(*, primary_key: bool = False) -> Column[int]:
    night = ForeignKey("nights.id", ondelete="CASCADE")
    return Column("night_id", BigInteger, night, nullable=False, primary_key=primary_key)


nights = Table(
    "nights",
    metadata,
    id_column(),
    discord_id_column("server_id"),
    Column("name", String(100), nullable=False),
    Column("host_id", BigInteger),
    Column("state", String(12), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("channel_id", BigInteger, nullable=False),
    Column("seed", String(64), nullable=False),
    Column("place", String(200), nullable=False),
    Column("voice_channel_id", BigInteger),
    Column("theme", String(400), nullable=False),
    Column("filters", JSON, nullable=False),
    Column("choosing", String(10), nullable=False),
    Column("method", String(10), nullable=False),
    Column("nominations_each", Integer, nullable=False),
    Column("nominations_close_at", UtcDateTime),
    Column("ballot_closes_at", UtcDateTime),
    Column("poll_times", JSON(none_as_null=True)),
    Column("poll_closes_at", UtcDateTime),
    Column("turn_member_id", BigInteger),
    Column("list_id", BigInteger),
    Column("clock_minutes", Integer),
    Column("reminders", JSON, nullable=False),
    Column("repeat", String(8), nullable=False),
    Column("has_carry_over", Boolean, nullable=False),
    Column("is_weighted", Boolean, nullable=False),
    Column("film_id", String(100), ForeignKey("films.id", ondelete="SET NULL")),
    Column("runtime", Integer),
    Column("message_id", BigInteger),
    Column("thread_id", BigInteger),
    Column("ballot_message_id", BigInteger),
    Column("event_id", BigInteger),
    Column("event_film_id", String(100)),
    Column("old_channel_id", BigInteger),
    Column("old_message_id", BigInteger),
    Column("problem", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("next_at", UtcDateTime),
    Column("ballot_box", JSON(none_as_null=True)),
    Index(None, "server_id", "state", "starts_at"),
    Index(None, "next_at"),
    Index(None, "film_id"),
    sqlite_autoincrement=True,
)
"""`next_at` is when the state changes next by itself; `ballot_box` is the anonymous file of a counted ballot.

`event_film_id` is the film in the picture of Discord's event. `list_id` is the list to choose from, which may have
been deleted since.
"""

night_rsvps = Table(
    "night_rsvps",
    metadata,
    _night_id_column(primary_key=True),
    discord_id_column("member_id", primary_key=True),
    Column("answer", String(5), nullable=False),
    Column("is_direct", Boolean, nullable=False),
    Column("is_from_event", Boolean, nullable=False),
    Column("has_attended", Boolean),
    Column("predicted_stars", Float),
    Column("answered_at", UtcDateTime, nullable=False),
    Column("viewing_id", BigInteger),
    Column("has_passed", Boolean, nullable=False, server_default=false()),
    Index(None, "member_id"),
)

"""`viewing_id` is the viewing that the night put into the member's diary; they may have deleted it."""

night_nominations = Table(
    "night_nominations",
    metadata,
    id_column(),
    _night_id_column(),
    film_id_column(index=True),
    Column("member_id", BigInteger),
    Column("reason", Text, nullable=False),
    Column("strike_reason", Text),
    Column("is_carried_over", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("night_id", "film_id"),
    Index(None, "member_id"),
    sqlite_autoincrement=True,
)

night_supporters = Table(
    "night_supporters",
    metadata,
    Column("nomination_id", BigInteger, ForeignKey("night_nominations.id", ondelete="CASCADE"), primary_key=True),
    discord_id_column("member_id", primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "member_id"),
)

night_ballots = Table(
    "night_ballots",
    metadata,
    _night_id_column(primary_key=True),
    discord_id_column("member_id", primary_key=True),
    Column("film_ids", JSON, nullable=False),
    Column("declined_ids", JSON(none_as_null=True)),
    Column("cast_at", UtcDateTime, nullable=False),
    Index(None, "member_id"),
)

"""`declined_ids` are the films to which the member said no in a blind round."""

night_day_votes = Table(
    "night_day_votes",
    metadata,
    _night_id_column(primary_key=True),
    discord_id_column("member_id", primary_key=True),
    Column("times", JSON, nullable=False),
    Column("cast_at", UtcDateTime, nullable=False),
    Index(None, "member_id"),
)
"""The days and times that a member can make, in seconds since 1970."""

night_fairness_debts = Table(
    "night_fairness_debts",
    metadata,
    discord_id_column("server_id", primary_key=True),
    discord_id_column("member_id", primary_key=True),
    Column("fairness_debt", Float, nullable=False),
    Index(None, "member_id"),
)
"""How long each member has been outvoted at a server's nights, after the last ballot that they cast."""

night_jobs = create_jobs_table("night_jobs", kind_length=40)
"""What has to be done in Discord for nights."""
