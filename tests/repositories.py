"""Repositories wired as the bot wires them, for tests of a single one."""

from bot.core.database.engine import Database
from bot.members.repository import MembershipRepository, PrivacyRepository, ServerSettingsRepository
from bot.moderation.models import LogEntry
from bot.moderation.repository import ModerationRepository
from bot.picks.repository import PickRepository
from bot.reviews.posting_repository import set_member_counted
from bot.reviews.replies_repository import ReplyRepository
from bot.reviews.repository import ReportableReplies, ReportableReviews, ReviewRepository
from bot.services import PERSONAL_DATA
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
