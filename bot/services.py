"""Everything the bot works with, wired once and closed once."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from bot.bootstrap import title_index
from bot.config import Settings
from bot.conversation.repository import PERSONAL_DATA as CONVERSATION_PERSONAL_DATA
from bot.conversation.repository import ConversationRepository, DocumentRepository
from bot.conversation.service import ConversationService
from bot.core.database.engine import Database, storage_failures
from bot.core.database.key_value import KeyValueRepository
from bot.core.discord import ServerLanguages, ServiceRegistry, utcnow
from bot.core.rate_limiter import RateLimiter
from bot.core.scheduler import LONGEST_WAIT, LONGEST_WAIT_ALONE
from bot.core.tasks import Foreground
from bot.films.card import FilmCard
from bot.films.local_titles import close_local_titles, open_local_titles
from bot.films.metadata_repository import MetadataRepository
from bot.films.metadata_service import MetadataService
from bot.films.people_service import PersonService
from bot.films.popular_service import PopularTitleService
from bot.films.repository import FilmRepository, PersonRepository
from bot.films.resolver import FilmResolver
from bot.films.service import FilmService
from bot.films.suggestions import SuggestionService
from bot.films.title_index import TitleIndexManager
from bot.imports.apply_repository import ApplyRepository
from bot.imports.edits_repository import EditsRepository
from bot.imports.following_repository import PERSONAL_DATA as FOLLOWING_PERSONAL_DATA
from bot.imports.following_repository import FollowingRepository
from bot.imports.following_service import FollowingService
from bot.imports.member_repository import PERSONAL_DATA as IMPORTS_PERSONAL_DATA
from bot.imports.member_repository import MemberImportRepository
from bot.imports.member_service import MemberImportService
from bot.imports.reviews_repository import PrivateReviewRepository
from bot.imports.reviews_service import PrivateReviewService
from bot.imports.source_search import SourceSearch
from bot.imports.starter import load_starter
from bot.lists.repository import PERSONAL_DATA as LISTS_PERSONAL_DATA
from bot.lists.repository import ListRepository
from bot.lists.service import ListService
from bot.members.personal_data import PERSONAL_DATA as MEMBERS_PERSONAL_DATA
from bot.members.repository import (
    MembershipRepository,
    PreferenceRepository,
    PrivacyRepository,
    ServerSettingsRepository,
)
from bot.members.service import MembershipService, PreferenceService, PrivacyService
from bot.moderation.repository import PERSONAL_DATA as MODERATION_PERSONAL_DATA
from bot.moderation.repository import ModerationRepository
from bot.moderation.service import ModerationService
from bot.nights.announcements import NightAnnouncer
from bot.nights.choice_repository import ChoiceRepository
from bot.nights.events import NightEvents
from bot.nights.history_repository import NightHistoryRepository
from bot.nights.personal_data import PERSONAL_DATA as NIGHTS_PERSONAL_DATA
from bot.nights.repository import NightRepository
from bot.nights.scheduler_repository import NightSchedulerRepository
from bot.nights.service import NightScheduler, NightService
from bot.nights.views import NightCard
from bot.picks.announcements import Announcer, PickPolls, Retrospectives
from bot.picks.card import PickCard
from bot.picks.engagement_repository import PickEngagementRepository
from bot.picks.repository import PERSONAL_DATA as PICKS_PERSONAL_DATA
from bot.picks.repository import PickRepository
from bot.picks.scheduler_repository import PickSchedulerRepository
from bot.picks.scheduler_service import PickScheduler
from bot.picks.service import PickEngagementService, PickService
from bot.recommendations.repository import PERSONAL_DATA as RECOMMENDATIONS_PERSONAL_DATA
from bot.recommendations.repository import GroupSessionRepository, RecommendationRepository
from bot.recommendations.service import GroupSessionService, RecommendationService
from bot.reviews.diary_repository import DiaryRepository
from bot.reviews.posting_repository import set_member_counted
from bot.reviews.replies_repository import ReplyRepository
from bot.reviews.repository import PERSONAL_DATA as REVIEWS_PERSONAL_DATA
from bot.reviews.repository import ReportableReplies, ReportableReviews, ReviewRepository
from bot.reviews.service import DiaryService, ReplyService, ReviewService
from bot.reviews.sharing_repository import SharedReviewRepository
from bot.sources.letterboxd.client import LetterboxdClient
from bot.sources.tmdb.cache_policy import CACHE_POLICY
from bot.sources.tmdb.client import BASE_URL
from bot.sources.tmdb.parse import SOURCE_NAME
from bot.sources.tmdb.source import TmdbSource, open_tmdb
from bot.streaming.repository import PERSONAL_DATA as STREAMING_PERSONAL_DATA
from bot.streaming.repository import StreamingRepository
from bot.streaming.service import AlertService, SubscriptionService
from bot.watchlists.repository import PERSONAL_DATA as WATCHLISTS_PERSONAL_DATA
from bot.watchlists.repository import RATED_FILM_REMOVAL, WatchlistRepository
from bot.watchlists.service import WatchlistService

log = logging.getLogger(__name__)
PERSONAL_DATA = (
    REVIEWS_PERSONAL_DATA,
    MODERATION_PERSONAL_DATA,
    WATCHLISTS_PERSONAL_DATA,
    LISTS_PERSONAL_DATA,
    MEMBERS_PERSONAL_DATA,
    STREAMING_PERSONAL_DATA,
    RECOMMENDATIONS_PERSONAL_DATA,
    PICKS_PERSONAL_DATA,
    NIGHTS_PERSONAL_DATA,
    CONVERSATION_PERSONAL_DATA,
    IMPORTS_PERSONAL_DATA,
    FOLLOWING_PERSONAL_DATA,
)
"""What every feature stores about a member."""


@dataclass(frozen=True, slots=True)
class Services:
    """What cogs, views and the command line call."""

    settings: Settings
    database: Database
    film_repository: FilmRepository
    films: FilmService
    title_index: TitleIndexManager
    people: PersonService
    server_settings: ServerSettingsRepository
    languages: ServerLanguages
    preferences: PreferenceService
    reviews: ReviewService
    replies: ReplyService
    shared_reviews: SharedReviewRepository
    diary: DiaryService
    watchlists: WatchlistService
    lists: ListService
    moderation: ModerationService
    membership: MembershipService
    privacy: PrivacyService
    picks: PickService
    pick_scheduler: PickScheduler
    pick_engagement: PickEngagementService
    pick_card: PickCard
    pick_announcer: Announcer
    nights: NightService
    night_scheduler: NightScheduler
    night_history: NightHistoryRepository
    night_card: NightCard
    night_announcer: NightAnnouncer
    recommendations: RecommendationService
    conversation: ConversationService
    group_sessions: GroupSessionService
    metadata: MetadataService
    popular_titles: PopularTitleService
    resolver: FilmResolver
    subscriptions: SubscriptionService
    suggestions: SuggestionService
    alerts: AlertService
    metadata_repository: MetadataRepository
    film_card: FilmCard
    foreground: Foreground
    imports: MemberImportService
    private_reviews: PrivateReviewService
    following: FollowingService
    tmdb: TmdbSource | None = None
    has_nightly_jobs: bool = True
    """Whether nightly jobs start by themselves; the preview page, whose clock jumps, starts them itself."""

    registry: ServiceRegistry = field(init=False)
    """The same services by their class, for buttons, menus and forms."""

    def __post_init__(self) -> None:
        """Create the registry of all services."""
        services = (getattr(self, each.name) for each in fields(self) if each.init)
        object.__setattr__(self, "registry", ServiceRegistry(*services))

    async def close(self) -> None:
        """Close what was opened, the database last and in any case."""
        close_local_titles(self.title_index.index)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.database.close)
            if self.tmdb is not None:
                stack.push_async_callback(self.tmdb.close)
            stack.push_async_callback(self.metadata.close)
            stack.push_async_callback(self.membership.close)
            stack.push_async_callback(self.picks.cache.close)
            stack.push_async_callback(self.nights.cache.close)
            stack.push_async_callback(self.lists.cache.close)
            stack.push_async_callback(self.recommendations.close)
            stack.push_async_callback(self.imports.close)
            stack.push_async_callback(self.following.close)

    async def claim_job(self, name: str, now: datetime, every: timedelta) -> bool:
        """Return whether this process is the only one to claim a periodic job since `now - every`."""
        return await KeyValueRepository(self.database).claim_job(name, now, every)


async def open_services(settings: Settings, tmdb_url: str = BASE_URL) -> Services:
    """Return the services, with the database and the starter catalogue in it up to date and the indexes built.

    Raises StorageUnavailableError where the database can't be opened.
    """
    database = await Database.open(settings.database_url, settings.database_pool_size)
    source: TmdbSource | None = None
    try:
        film_repository = FilmRepository(database)
        await load_starter(database, film_repository)
        source = await open_tmdb(settings.tmdb_token, tmdb_url)
        services = _create_services(settings, database, film_repository, source)
        await services.people.load()
        await services.title_index.open()
        await services.subscriptions.open()
        services.languages.replace_all(await services.server_settings.list_languages())
        open_local_titles(services.title_index.index)
    except BaseException:
        if source is not None:
            await source.close()
        await database.close()
        raise
    return services


def _create_services(
    settings: Settings, database: Database, film_repository: FilmRepository, source: TmdbSource | None
) -> Services:
    """Return the services, each with what it needs of the others; nothing is read yet."""
    server_settings = ServerSettingsRepository(database)
    languages = ServerLanguages()
    preferences = PreferenceService(PreferenceRepository(database), server_settings)
    streaming = StreamingRepository(database)
    fetch_services = source.fetch_streaming_services if source is not None else None
    membership = MembershipRepository(database, set_member_counted)
    rate_limiter = RateLimiter()
    reviews = ReviewService(ReviewRepository(database, RATED_FILM_REMOVAL), rate_limiter, utcnow)
    privacy = PrivacyService(PrivacyRepository(database, PERSONAL_DATA))
    foreground = Foreground()
    picks = PickService(PickRepository(database, server_settings), utcnow, foreground)
    suggestions = SuggestionService(
        utcnow,
        featured=[picks.repository.list_current_film_ids],
        recent=[reviews.repository.list_recently_rated_film_ids],
    )
    titles = title_index(settings, database, film_repository)
    films = FilmService(film_repository, titles.index, suggestions)
    subscriptions = SubscriptionService(streaming, fetch_services)
    moderation = ModerationService(
        ModerationRepository(database, reviews=ReportableReviews(), replies=ReportableReplies()),
        server_settings,
        utcnow,
    )
    recommendations = RecommendationService(
        RecommendationRepository(database),
        film_repository,
        moderation,
        utcnow,
        adapts_weights=settings.adapts_recommendations,
    )
    metadata_repository = MetadataRepository(database, SOURCE_NAME)
    people = PersonRepository(database)
    metadata = MetadataService(source, metadata_repository, films, people, CACHE_POLICY, utcnow)
    pick_engagement = PickEngagementService(PickEngagementRepository(database, membership), utcnow)
    pick_scheduler = PickScheduler(PickSchedulerRepository(database), utcnow, _longest_wait(database))
    pick_card = PickCard(
        films=films,
        metadata=metadata,
        picks=picks,
        engagement=pick_engagement,
        reviews=reviews,
        privacy=privacy,
    )
    nights = NightService(
        NightRepository(database, membership),
        ChoiceRepository(database, membership),
        server_settings,
        utcnow,
        foreground,
    )
    lists = ListService(ListRepository(database, membership), utcnow, foreground)
    night_scheduler = NightScheduler(NightSchedulerRepository(database), utcnow, _longest_wait(database))
    night_history = NightHistoryRepository(database)
    night_card = NightCard(films=films, metadata=metadata, privacy=privacy)
    imports = MemberImportService(
        MemberImportRepository(database),
        ApplyRepository(database, membership),
        films,
        server_settings,
        SourceSearch(metadata),
        foreground,
        utcnow,
    )
    private_reviews = PrivateReviewService(PrivateReviewRepository(database, membership), reviews, utcnow)
    return Services(
        settings=settings,
        database=database,
        film_repository=film_repository,
        films=films,
        title_index=titles,
        people=PersonService(people, source=source),
        server_settings=server_settings,
        languages=languages,
        preferences=preferences,
        reviews=reviews,
        replies=ReplyService(ReplyRepository(database, membership), rate_limiter, utcnow),
        shared_reviews=SharedReviewRepository(database),
        diary=DiaryService(DiaryRepository(database), privacy, server_settings, utcnow),
        watchlists=WatchlistService(WatchlistRepository(database, membership), utcnow),
        lists=lists,
        moderation=moderation,
        membership=MembershipService(membership, utcnow),
        privacy=privacy,
        picks=picks,
        pick_scheduler=pick_scheduler,
        pick_engagement=pick_engagement,
        pick_card=pick_card,
        pick_announcer=Announcer(
            scheduler=pick_scheduler,
            picks=picks,
            server_settings=server_settings,
            card=pick_card,
            retrospectives=Retrospectives(engagement=pick_engagement.repository, reviews=reviews, privacy=privacy),
            polls=PickPolls(scheduler=pick_scheduler, repository=picks.repository, films=films),
        ),
        nights=nights,
        night_scheduler=night_scheduler,
        night_history=night_history,
        night_card=night_card,
        night_announcer=NightAnnouncer(
            scheduler=night_scheduler,
            nights=nights.repository,
            history=night_history,
            card=night_card,
            events=NightEvents(nights.repository, films),
            privacy=privacy,
            recommendations=recommendations,
            lists=lists,
            server_settings=server_settings,
            preferences=preferences.repository,
        ),
        metadata=metadata,
        popular_titles=PopularTitleService(source, films, titles, KeyValueRepository(database)),
        resolver=FilmResolver(films, metadata),
        subscriptions=subscriptions,
        suggestions=suggestions,
        alerts=AlertService(streaming, films, metadata, preferences),
        metadata_repository=metadata_repository,
        film_card=FilmCard(metadata, preferences.get_country_code),
        foreground=foreground,
        imports=imports,
        private_reviews=private_reviews,
        following=FollowingService(
            FollowingRepository(database, membership),
            LetterboxdClient(settings.letterboxd_url) if settings.letterboxd_url is not None else None,
            edits=EditsRepository(database),
            imports=imports,
            private_reviews=private_reviews,
            server_settings=server_settings,
            moderation=moderation,
            now=utcnow,
        ),
        tmdb=source,
        recommendations=recommendations,
        conversation=ConversationService(
            ConversationRepository(database),
            DocumentRepository(database),
            films=films,
            recommendations=recommendations,
            subscriptions=subscriptions,
            preferences=preferences,
            now=utcnow,
        ),
        group_sessions=GroupSessionService(GroupSessionRepository(database), utcnow),
    )


def _longest_wait(database: Database) -> timedelta:
    """Return how long the schedulers may sleep: many bots share a PostgreSQL, one has a SQLite file."""
    return LONGEST_WAIT_ALONE if database.is_sqlite else LONGEST_WAIT


@asynccontextmanager
async def running_services(settings: Settings, tmdb_url: str = BASE_URL) -> AsyncIterator[Services]:
    """Return the services, open inside the block. Raises StorageUnavailableError as `storage_failures` does."""
    with storage_failures(settings.database_url):
        services = await open_services(settings, tmdb_url)
        try:
            yield services
        finally:
            await services.close()
