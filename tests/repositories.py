"""Repositories wired as the bot wires them, for tests of a single one."""

from sqlalchemy import delete, select

from bot.core.database.engine import Database
from bot.films.repository import (
    FilmRepository,
    list_person_ids,
    lock_catalogue,
    record_changes,
    update_film_counts,
)
from bot.films.tables import films as film_table
from bot.members.repository import MembershipRepository, PrivacyRepository, ServerSettingsRepository
from bot.moderation.models import Block, LogEntry
from bot.moderation.repository import ModerationRepository
from bot.moderation.tables import blocks
from bot.picks.repository import PickRepository
from bot.reviews.posting_repository import set_member_counted
from bot.reviews.replies_repository import ReplyRepository
from bot.reviews.repository import ReportableReplies, ReportableReviews, ReviewRepository
from bot.services import PERSONAL_DATA, Services
from bot.watchlists.repository import RATED_FILM_REMOVAL


def membership_repository(database: Database) -> MembershipRepository:
    return MembershipRepository(database, set_member_counted)


def privacy_repository(database: Database) -> PrivacyRepository:
    return PrivacyRepository(database, PERSONAL_DATA)


def reply_repository(database: Database) -> ReplyRepository:
    return ReplyRepository(database, membership_repository(database))


def review_repository(database: Database) -> ReviewRepository:
    return ReviewRepository(database, RATED_FILM_REMOVAL)


def moderation_repository(database: Database) -> ModerationRepository:
    return ModerationRepository(database, reviews=ReportableReviews(), replies=ReportableReplies())


def pick_repository(database: Database) -> PickRepository:
    return PickRepository(database, ServerSettingsRepository(database))


async def list_log(moderation: ModerationRepository, server_id: int) -> list[LogEntry]:
    """Return the whole log of the server, latest entry first."""
    return [entry async for batch in moderation.iter_log(server_id) for entry in batch]


async def list_blocks(database: Database, server_id: int) -> list[Block]:
    """Return the server's stored blocks."""
    rows = await database.fetch_all(select(blocks).where(blocks.c.server_id == server_id))
    return [Block(row.member_id, row.expires_at, row.reason, row.created_at) for row in rows]


async def delete_film(database: Database, films: FilmRepository, film_id: str) -> None:
    """Delete a film with all its parts."""
    await films.add_source_id(film_id, "deleted", film_id)  # any change makes the repository forget its copy
    async with database.write() as connection:
        await lock_catalogue(connection)
        person_ids = await list_person_ids(connection, [film_id])
        await connection.execute(delete(film_table).where(film_table.c.id == film_id))
        await update_film_counts(connection, person_ids)
        await record_changes(connection, {film_id})


async def delete_indexed_film(services: Services, film_id: str) -> None:
    """Delete a film with all its parts, and from title search."""
    await delete_film(services.database, services.film_repository, film_id)
    services.films.index.discard(film_id)
