"""What members do with ratings, reviews, replies and diaries, and the rules for it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cachetools import TTLCache

from bot.core.errors import InvalidInputError
from bot.core.rate_limiter import RateLimiter
from bot.core.text.i18n import _
from bot.members.repository import ServerSettingsRepository
from bot.members.service import PrivacyService
from bot.reviews.diary import (
    DiaryPage,
    PrivateDiaryError,
    PrivateProfileError,
    Profile,
    Viewing,
    ViewingGoneError,
    parse_day,
)
from bot.reviews.diary_repository import DiaryRepository
from bot.reviews.models import (
    REPLY_LENGTH_LIMIT,
    REVIEW_LENGTH_LIMIT,
    Draft,
    HelpfulVotes,
    NotRatedError,
    NotReplyAuthorError,
    OwnReviewError,
    PostResult,
    RatedFilm,
    Reply,
    ReplyGoneError,
    ReplyResult,
    Review,
    ReviewGoneError,
    clean_limited_text,
)
from bot.reviews.replies_repository import ReplyRepository
from bot.reviews.repository import ReviewRepository
from bot.reviews.stars import MAX_HALF_STARS, MIN_HALF_STARS
from bot.reviews.top import choose_minimum_raters

DEFAULT_TIME_ZONE = "UTC"
CACHED_LISTS, CACHED_SECONDS = 200, 20.0
"""Members whose rated films are kept while they type, and for how long: another process may change them."""


class ReviewService:
    """Posts, changes and deletes reviews. `now` returns the time. Reads that need no rule are the repository's."""

    def __init__(
        self, repository: ReviewRepository, rate_limiter: RateLimiter, now: Callable[[], datetime]
    ) -> None:
        self.repository = repository
        self._rate_limiter = rate_limiter
        self._now = now
        self._rated_films: TTLCache[tuple[int, int], list[RatedFilm]] = TTLCache(CACHED_LISTS, CACHED_SECONDS)
        self.listeners: list[Callable[[int, str], None]] = []
        """Called with the ids of server and film after a rating was stored or deleted. None blocks or raises."""

    async def post(self, draft: Draft) -> PostResult:
        """Store the draft; return when it is durable.

        Raises InvalidInputError, TooFastError, BlockedError, FilmGoneError.
        """
        if not MIN_HALF_STARS <= draft.half_stars <= MAX_HALF_STARS:
            raise InvalidInputError(_("Choose ½ to 5 stars, in halves."))
        if draft.text is not None:
            draft = replace(draft, text=clean_limited_text(draft.text, REVIEW_LENGTH_LIMIT))
        now = self._now()
        self._rate_limiter.record(draft.server_id, draft.member_id, now)
        result = await self.repository.store(draft, now)
        self._notify_listeners(draft.server_id, draft.film_id)
        return result

    async def delete(self, server_id: int, member_id: int, film_id: str) -> None:
        """Delete the member's own rating and review. Raises NotRatedError."""
        if not await self.repository.delete(server_id, member_id, film_id):
            raise NotRatedError
        self._notify_listeners(server_id, film_id)

    async def list_rated_films(self, server_id: int, member_id: int) -> list[RatedFilm]:
        """Return the films that the member has rated in the server, those rated or changed last first.

        They are kept for the letters that a member types one after the other, until the server's ratings change.
        """
        key = (server_id, member_id)
        if (cached := self._rated_films.get(key)) is None:
            cached = self._rated_films[key] = await self.repository.list_rated_films(server_id, member_id)
        return cached

    def _notify_listeners(self, server_id: int, film_id: str) -> None:
        for key in [key for key in self._rated_films if key[0] == server_id]:
            self._rated_films.pop(key, None)
        for listener in self.listeners:
            listener(server_id, film_id)

    async def get(self, server_id: int, review_id: int) -> Review:
        """Return a review that members can read. Raises ReviewGoneError."""
        review = await self.repository.get(server_id, review_id)
        if review is None or review.hidden_by:
            raise ReviewGoneError
        return review

    async def get_own(self, server_id: int, member_id: int, film_id: str) -> Review:
        """Return the member's rating of the film, with its replies. Raises NotRatedError."""
        review = await self.repository.get_own(server_id, member_id, film_id)
        if review is None:
            raise NotRatedError
        return await self.repository.get(server_id, review.id) or review

    async def set_liked(self, server_id: int, member_id: int, film_id: str, *, is_liked: bool) -> None:
        """Give the member's rating of the film a heart, or take it away. Raises NotRatedError."""
        if not await self.repository.set_liked(server_id, member_id, film_id, is_liked=is_liked):
            raise NotRatedError

    async def toggle_helpful_vote(self, server_id: int, review_id: int, member_id: int) -> HelpfulVotes:
        """Count that the review helped the member, or take that back; return the votes after it.

        Raises ReviewGoneError, OwnReviewError.
        """
        review = await self.get(server_id, review_id)
        if review.member_id == member_id:
            raise OwnReviewError
        return await self.repository.toggle_helpful_vote(server_id, review_id, member_id, self._now())


class ReplyService:
    """Posts, changes and deletes replies to reviews. `now` returns the time."""

    def __init__(
        self, repository: ReplyRepository, rate_limiter: RateLimiter, now: Callable[[], datetime]
    ) -> None:
        self.repository = repository
        self._rate_limiter = rate_limiter
        self._now = now

    async def post(self, server_id: int, review_id: int, member_id: int, text: str) -> ReplyResult:
        """Store a reply to the review; return it as it is stored.

        Raises InvalidInputError, TooFastError, BlockedError, ReviewGoneError.
        """
        text = _clean_reply(text)
        now = self._now()
        self._rate_limiter.record(server_id, member_id, now)
        return await self.repository.add(server_id, review_id, Reply(0, member_id, text, now))

    async def get(self, server_id: int, reply_id: int) -> Reply:
        """Return a reply that members can read. Raises ReplyGoneError."""
        reply = await self.repository.get(server_id, reply_id)
        if reply is None or reply.hidden_by:
            raise ReplyGoneError
        return reply

    async def get_own(self, server_id: int, reply_id: int, member_id: int) -> Reply:
        """Return the member's own reply, hidden or not. Raises ReplyGoneError, NotReplyAuthorError."""
        reply = await self.repository.get(server_id, reply_id)
        if reply is None or (reply.hidden_by and reply.member_id != member_id):
            raise ReplyGoneError
        if reply.member_id != member_id:
            raise NotReplyAuthorError
        return reply

    async def edit(self, server_id: int, reply_id: int, member_id: int, text: str) -> ReplyResult:
        """Change the text of the member's own reply; return it as it is stored.

        Raises InvalidInputError, TooFastError, BlockedError, ReplyGoneError, NotReplyAuthorError.
        """
        text = _clean_reply(text)
        reply = await self.get_own(server_id, reply_id, member_id)
        now = self._now()
        self._rate_limiter.record(server_id, member_id, now)
        result = await self.repository.edit(server_id, replace(reply, text=text, edited_at=now))
        if result is None:
            raise ReplyGoneError
        return result

    async def delete(self, server_id: int, reply_id: int, member_id: int) -> Reply:
        """Delete the member's own reply; return it as it was. Raises ReplyGoneError, NotReplyAuthorError."""
        reply = await self.get_own(server_id, reply_id, member_id)
        if not await self.repository.delete(server_id, reply_id, member_id=member_id):
            raise ReplyGoneError
        return reply


def _clean_reply(text: str) -> str:
    text = clean_limited_text(text, REPLY_LENGTH_LIMIT)
    if not text:
        raise InvalidInputError(_("Your reply is empty. Write something first."))
    return text


class DiaryService:
    """Returns diaries and profiles to members who may read them, and changes entries. `now` returns the time."""

    def __init__(
        self,
        repository: DiaryRepository,
        privacy: PrivacyService,
        server_settings: ServerSettingsRepository,
        now: Callable[[], datetime],
    ) -> None:
        self.repository = repository
        self._privacy = privacy
        self._server_settings = server_settings
        self._now = now

    async def parse_day(self, server_id: int, text: str, locale: str) -> date | None:
        """Return the day that `text` names in the server's time zone, or None for an empty text.

        `locale` is the reader's. Raises InvalidInputError.
        """
        return parse_day(text, self._now(), time_zone=await self._get_time_zone(server_id), locale=locale)

    async def get_minimum_raters(self, server_id: int) -> int:
        """Return how many members must have rated a film for `/top`, as set or by the server's size."""
        if (chosen := (await self._server_settings.get(server_id)).minimum_raters) is not None:
            return chosen
        return choose_minimum_raters(await self.repository.count_raters(server_id))

    async def _get_time_zone(self, server_id: int) -> str:
        return (await self._server_settings.get(server_id)).time_zone or DEFAULT_TIME_ZONE

    async def get_own_viewing(self, server_id: int, member_id: int, viewing_id: int) -> Viewing:
        """Return an entry of the member's own diary. Raises ViewingGoneError."""
        viewing = await self.repository.get_viewing(server_id, member_id, viewing_id)
        if viewing is None:
            raise ViewingGoneError
        return viewing

    async def change_viewing(
        self, server_id: int, member_id: int, viewing_id: int, *, watched_on: date | None, is_rewatch: bool
    ) -> None:
        """Change when the member's viewing was, and whether it was a rewatch. Raises ViewingGoneError."""
        if not await self.repository.change_viewing(
            server_id, member_id, viewing_id, watched_on=watched_on, is_rewatch=is_rewatch
        ):
            raise ViewingGoneError

    async def delete_viewing(self, server_id: int, member_id: int, viewing_id: int) -> Viewing:
        """Delete an entry of the member's own diary; return it as it was. Raises ViewingGoneError."""
        viewing = await self.get_own_viewing(server_id, member_id, viewing_id)
        if not await self.repository.delete_viewing(server_id, member_id, viewing_id):
            raise ViewingGoneError
        return viewing

    async def add_rewatch(self, server_id: int, member_id: int, film_id: str) -> int:
        """Add a rewatch of today to the member's diary; return its id. Raises NotRatedError."""
        today = self._now().astimezone(ZoneInfo(await self._get_time_zone(server_id))).date()
        return await self.repository.add_rewatch(server_id, member_id, film_id, today, self._now())

    async def restore_viewing(
        self,
        server_id: int,
        member_id: int,
        film_id: str,
        *,
        watched_on: date | None,
        half_stars: int | None,
        is_rewatch: bool,
    ) -> int:
        """Put an entry that was deleted back into the member's diary; return its id."""
        viewing = Viewing(0, film_id, "", None, watched_on, half_stars, is_rewatch, self._now())
        return await self.repository.restore_viewing(server_id, member_id, viewing)

    async def get_page(self, server_id: int, member_id: int, page: int = 0, *, reader_id: int) -> DiaryPage:
        """Return a page of the member's diary; a page past the end is the last one.

        Raises PrivateDiaryError if it is another member's who has not opened it.
        """
        if member_id != reader_id and not (await self._privacy.get_privacy(member_id)).is_diary_public:
            raise PrivateDiaryError
        return await self.repository.get_page(server_id, member_id, page)

    async def get_profile(self, server_id: int, member_id: int, *, reader_id: int) -> Profile:
        """Return what the member's ratings in the server add up to.

        Raises PrivateProfileError if it is another member's who keeps their name out of lists.
        """
        if member_id != reader_id and (await self._privacy.get_privacy(member_id)).is_name_hidden:
            raise PrivateProfileError
        return await self.repository.get_profile(server_id, member_id)
