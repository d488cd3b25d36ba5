"""What members do with the reviews that they imported: read them, and publish them one by one or all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.core.errors import InvalidInputError
from bot.core.text.i18n import _
from bot.imports.models import PrivateReviewGoneError
from bot.imports.reviews_repository import NewText, PrivateReview, PrivateReviewRepository, PublishResult
from bot.moderation.word_filter import RefusedWordsError
from bot.reviews.models import REVIEW_LENGTH_LIMIT, Draft, clean_limited_text
from bot.reviews.service import ReviewService

REVIEWS_PER_BATCH = 50
"""Reviews published in one transaction."""
CheckWords = Callable[[str], Awaitable[None]]
"""Raises RefusedWordsError for a text that the server refuses."""


@dataclass(slots=True)
class PublishedAll:
    """What came of publishing all: how many reviews were, and why others were not."""

    published: int = 0
    needing_review: int = 0
    too_long: int = 0
    refused: int = 0
    unrated: int = 0
    reviewed_here: int = 0


class PrivateReviewService:
    """Publishes imported reviews. They don't count as posts made in a hurry: their author wrote them long ago."""

    def __init__(
        self, repository: PrivateReviewRepository, reviews: ReviewService, now: Callable[[], datetime]
    ) -> None:
        self.repository = repository
        self._reviews = reviews
        self._now = now

    async def require(self, server_id: int, member_id: int, review_id: int) -> PrivateReview:
        """Return the member's private review. Raises PrivateReviewGoneError."""
        review = await self.repository.get(server_id, member_id, review_id)
        if review is None:
            raise PrivateReviewGoneError
        return review

    async def get_next(self, server_id: int, member_id: int, after: int = 0) -> PrivateReview | None:
        """Return the private review after the one of that id, beginning again at the end; None without any."""
        for start in (after, 0):
            if found := await self.repository.list_after(server_id, member_id, start, 1):
                return found[0]
        return None

    async def publish(
        self,
        server_id: int,
        member_id: int,
        review_id: int,
        *,
        text: str,
        is_spoiler: bool,
        half_stars: int | None,
    ) -> PublishResult:
        """Publish a private review with this text; `half_stars` rates a film that the member has not rated.

        Raises PrivateReviewGoneError, InvalidInputError, BlockedError and what `ReviewService.post` does. The
        caller checks the words.
        """
        review = await self.require(server_id, member_id, review_id)
        text = clean_limited_text(text, REVIEW_LENGTH_LIMIT)
        if not text:
            raise InvalidInputError(_("Your review is empty. Write something first."))
        if review.half_stars is not None:
            new = NewText(review_id, text, is_spoiler)
            return await self.repository.publish(server_id, member_id, [new], self._now())
        if half_stars is None:
            raise InvalidInputError(_("Choose how many stars you give it."))
        draft = Draft(
            server_id, member_id, review.film_id, half_stars, text, is_spoiler, watched_on=review.watched_on
        )
        result = await self._reviews.post(draft)
        await self.repository.mark_published(server_id, member_id, review_id, self._now())
        return PublishResult(1, int(result.needs_review))

    async def publish_all(self, server_id: int, member_id: int, check_words: CheckWords) -> PublishedAll:
        """Publish all private reviews that can be as they are, and return what came of it.

        Of several about one film the latest is published. Raises BlockedError.
        """
        result = PublishedAll()
        by_film: dict[str, PrivateReview] = {}
        after = 0
        while batch := await self.repository.list_after(server_id, member_id, after, REVIEWS_PER_BATCH):
            after = batch[-1].id
            for review in batch:
                if review.half_stars is None:
                    result.unrated += 1
                elif review.posted_text:
                    result.reviewed_here += 1
                elif len(review.text) > REVIEW_LENGTH_LIMIT:
                    result.too_long += 1
                elif not await _is_allowed(review.text, check_words):
                    result.refused += 1
                else:
                    earlier = by_film.get(review.film_id)
                    result.reviewed_here += earlier is not None
                    by_film[review.film_id] = review if earlier is None else max(earlier, review, key=_written)
        chosen = [NewText(each.id, each.text, each.is_spoiler) for each in by_film.values()]
        for start in range(0, len(chosen), REVIEWS_PER_BATCH):
            some = chosen[start : start + REVIEWS_PER_BATCH]
            stored = await self.repository.publish(server_id, member_id, some, self._now())
            result.published += stored.published
            result.needing_review += stored.needing_review
        return result


def _written(review: PrivateReview) -> tuple[str, int]:
    day = review.written_on or review.watched_on
    return day.isoformat() if day is not None else "", review.id


async def _is_allowed(text: str, check_words: CheckWords) -> bool:
    try:
        await check_words(text)
    except RefusedWordsError:
        return False
    return True
