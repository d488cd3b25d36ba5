"""Members' stars and reviews. They belong to the server they were given in; no other server sees them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.rate_limiter import Flood
from bot.reviews.stars import HIGHEST, LOWEST, FilmStars

TEXT_LIMIT, REPLY_LIMIT = 500, 300
REVIEWS_ON_PAGE = 3
REPLIES_KEPT = 50
"""Replies to one review: a discussion longer than this belongs into the channel."""


class ReviewGoneError(MarqueeError):
    """A review that is not there for this member: deleted, hidden, or another server's."""

    def __init__(self) -> None:
        super().__init__("That review is no longer there. `/reviews` shows those that are.")


class NotRatedError(MarqueeError):
    """A film that the member has not rated here."""

    def __init__(self) -> None:
        super().__init__("You have not rated that film here. `/rate` does.")


class OwnReviewError(MarqueeError):
    """Something done to one's own review that is for others to do."""


class BlockedError(MarqueeError):
    """A member whom the moderators keep from reviewing, until `expires_at` or for good (None)."""

    def __init__(self, expires_at: datetime | None, reason: str) -> None:
        super().__init__("The moderators keep you from rating and reviewing here.")
        self.expires_at = expires_at
        self.reason = reason


class HiddenBy(StrEnum):
    """Who hid a review: enough reports, a moderator, or Marquee, which holds it until a moderator decides."""

    REPORTS = "reports"
    MODERATOR = "moderator"
    HELD = "held"


class Sort(StrEnum):
    """What order reviews come in."""

    NEWEST = "newest"
    HIGHEST = "highest"
    LOWEST = "lowest"
    HELPFUL = "helpful"


@dataclass(frozen=True, slots=True)
class Reply:
    """A member's reply to a review."""

    id: int
    member_id: int
    text: str
    created_at: datetime
    review_id: int = 0
    edited_at: datetime | None = None
    hidden_by: HiddenBy | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A member's stars (1 to 10 halves) for a film, and what they wrote, "" for nothing.

    `edited_at` is when anything of it was last changed, `text_edited_at` when its text last took another's place.
    """

    id: int
    server_id: int
    member_id: int
    film_id: str
    stars: int
    text: str
    is_spoiler: bool
    created_at: datetime
    edited_at: datetime | None = None
    text_edited_at: datetime | None = None
    hidden_by: HiddenBy | None = None
    helpful_count: int = 0
    replies: tuple[Reply, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What a member gives a film. A `text` or `is_spoiler` of None leaves what is there; "" takes it away."""

    server_id: int
    member_id: int
    film_id: str
    stars: int
    text: str | None = None
    is_spoiler: bool | None = None
    watched_on: date | None = None

    @property
    def key(self) -> tuple[int, int, str]:
        """Server, member and film: a member has one rating of a film in a server."""
        return self.server_id, self.member_id, self.film_id


@dataclass(frozen=True, slots=True)
class Posted:
    """What storing a draft came to: `first` where there was no rating before, `is_rewatch` where the diary got
    another viewing, `left_watchlist` where the film left the member's list, `held` where its text is not shown
    from now on until a moderator decides, since one before it was taken down."""

    review: Review
    first: bool
    is_rewatch: bool = False
    left_watchlist: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One page of a film's reviews; `page` counts from 0."""

    reviews: tuple[Review, ...]
    count: int
    page: int
    sort: Sort

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.count // REVIEWS_ON_PAGE))


class ReviewStore(Protocol):
    """Where reviews are kept. Every method sees and changes one server's reviews alone."""

    async def put(self, draft: Draft, now: datetime) -> Posted:
        """Store the draft; returns when it is stored. Raises BlockedError, FilmGoneError."""
        ...

    async def delete(self, server_id: int, member_id: int, film_id: str) -> bool:
        """Delete the member's rating and review; tell whether there was one."""
        ...

    async def film_stars(self, server_id: int, film_id: str, member_id: int | None) -> FilmStars:
        """Give what the server makes of the film."""
        ...

    async def get(self, server_id: int, review_id: int) -> Review | None:
        """Give the server's review of that id with its replies, hidden or not, or None."""
        ...

    async def own(self, server_id: int, member_id: int, film_id: str) -> Review | None:
        """Give the member's rating of the film, or None."""
        ...

    async def rated_by(self, server_id: int, member_id: int) -> list[str]:
        """Give the ids of the films the member has rated here, latest first."""
        ...

    async def page(self, server_id: int, film_id: str, sort: Sort, page: int) -> ReviewPage:
        """Give a page of the reviews that members may read; one past the end is the last."""
        ...

    async def set_helpful(self, server_id: int, review_id: int, member_id: int, now: datetime) -> bool:
        """Count the member's vote, once; tell whether it is new. Raises ReviewGoneError."""
        ...


class ReviewService:
    """Takes and gives reviews. `now` gives the time."""

    def __init__(self, store: ReviewStore, flood: Flood, now: Callable[[], datetime]) -> None:
        self._store = store
        self._flood = flood
        self._now = now
        self.listeners: list[Callable[[int, str], None]] = []
        """Called with server and film once a rating is stored or deleted. They neither wait nor raise."""

    async def post(self, draft: Draft) -> Posted:
        """Store the draft; what is returned is stored for good.

        Raises InvalidInputError, TooFastError, BlockedError, FilmGoneError.
        """
        if not LOWEST <= draft.stars <= HIGHEST:
            raise InvalidInputError("Stars go from ½ to 5 in halves.")
        if draft.text is not None:
            draft = replace(draft, text=checked_text(draft.text, TEXT_LIMIT))
        now = self._now()
        self._flood.count(draft.server_id, draft.member_id, now)
        posted = await self._store.put(draft, now)
        self._tell(draft.server_id, draft.film_id)
        return posted

    async def delete(self, server_id: int, member_id: int, film_id: str) -> None:
        """Delete the member's own rating and review. Raises NotRatedError."""
        if not await self._store.delete(server_id, member_id, film_id):
            raise NotRatedError
        self._tell(server_id, film_id)

    def _tell(self, server_id: int, film_id: str) -> None:
        for listener in self.listeners:
            listener(server_id, film_id)

    async def film_stars(self, server_id: int, film_id: str, member_id: int | None = None) -> FilmStars:
        """Give what the server makes of the film, and what the member gave it."""
        return await self._store.film_stars(server_id, film_id, member_id)

    async def get(self, server_id: int, review_id: int, *, hidden: bool = False) -> Review:
        """Give a review that members may read, or with `hidden` any. Raises ReviewGoneError."""
        review = await self._store.get(server_id, review_id)
        if review is None or (review.hidden_by and not hidden):
            raise ReviewGoneError
        return review

    async def own(self, server_id: int, member_id: int, film_id: str) -> Review | None:
        """Give the member's own rating of the film, or None."""
        return await self._store.own(server_id, member_id, film_id)

    async def rated_by(self, server_id: int, member_id: int) -> list[str]:
        """Give the ids of the films the member has rated here, latest first."""
        return await self._store.rated_by(server_id, member_id)

    async def page(self, server_id: int, film_id: str, sort: Sort = Sort.NEWEST, page: int = 0) -> ReviewPage:
        """Give a page of the film's reviews; one past the end is the last."""
        return await self._store.page(server_id, film_id, sort, page)

    async def set_helpful(self, server_id: int, review_id: int, member_id: int) -> bool:
        """Count that the review helped; tell whether the vote is new.

        Raises ReviewGoneError, and OwnReviewError for one's own.
        """
        review = await self.get(server_id, review_id)
        if review.member_id == member_id:
            raise OwnReviewError("Whether your own review helps is for others to say.")
        return await self._store.set_helpful(server_id, review_id, member_id, self._now())


def checked_text(text: str, limit: int) -> str:
    """Give the text without space around it. Raises InvalidInputError where it is longer than `limit`."""
    text = text.strip()
    if len(text) > limit:
        raise InvalidInputError(f"That is {len(text):,} characters; {limit:,} fit.")
    return text
