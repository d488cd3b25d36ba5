"""Ratings, reviews and replies, and the rules for posting them on plain values.

They belong to the server they were posted in; no other server sees them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.paging import count_pages
from bot.core.text.cldr import format_number
from bot.core.text.i18n import _
from bot.moderation.models import HiddenBy, PostKey

REVIEW_LENGTH_LIMIT, REPLY_LENGTH_LIMIT = 1_000, 300
"""Characters."""
REVIEWS_PAGE_SIZE = 3
REPLIES_LIMIT = 50
"""Replies to one review: a longer discussion belongs in the channel."""
SAME_VIEWING_WINDOW = timedelta(days=1)
"""A day given within this time after an undated rating says when that was; later it is another viewing."""


class ReviewGoneError(MarqueeError):
    """A review that is not there for this member: deleted, hidden, or another server's."""

    def __init__(self) -> None:
        super().__init__(_("That review was deleted or hidden. Read the others with `/reviews`."))


class ReplyGoneError(MarqueeError):
    """A reply that is not there for this member: deleted, hidden, or another server's."""

    def __init__(self) -> None:
        super().__init__(_("That reply was deleted or hidden. Read the others with `/reviews`."))


class NotRatedError(MarqueeError):
    """A film that the member has not rated here."""

    def __init__(self) -> None:
        super().__init__(_("You haven't rated that film here. Use `/rate` to rate it."))


class OwnReviewError(MarqueeError):
    """A helpful vote for the member's own review."""

    def __init__(self) -> None:
        super().__init__(_("You can't mark your own review helpful."))


class NotReplyAuthorError(MarqueeError):
    """A reply that somebody else wrote."""

    def __init__(self) -> None:
        super().__init__(_("Only its author can change that reply."))


class SortOrder(StrEnum):
    """In what order reviews are listed."""

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

    `edited_at` is when anything of it was last changed, `text_edited_at` when its text last replaced another one,
    `text_written_at` when the text was written as it is. `is_liked` is the heart.
    """

    id: int
    server_id: int
    member_id: int
    film_id: str
    half_stars: int
    text: str
    is_spoiler: bool
    created_at: datetime
    edited_at: datetime | None = None
    text_edited_at: datetime | None = None
    text_written_at: datetime | None = None
    hidden_by: HiddenBy | None = None
    helpful_count: int = 0
    is_liked: bool = False
    replies: tuple[Reply, ...] = ()

    @property
    def readable_text(self) -> str:
        """What others read of the text, "" while it is hidden."""
        return "" if self.hidden_by else self.text


@dataclass(frozen=True, slots=True)
class SharedReview:
    """A message in which a member shared a review, None once that is deleted.

    `shown` is the fingerprint of what the message shows.
    """

    message_id: int
    channel_id: int
    server_id: int
    film_id: str
    shown: str
    review: Review | None

    @property
    def is_outdated(self) -> bool:
        """Whether the message shows anything else than what it should show now."""
        return self.review is None or self.shown != fingerprint_shared(self.review)


def fingerprint_shared(review: Review) -> str:
    """Return what tells whether a message shows the review as it is; its button updates the votes."""
    shown = (review.half_stars, review.is_liked, review.is_spoiler, len(review.replies), review.readable_text)
    return sha256(repr(shown).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One page of a film's reviews. `page` counts from 0, `review_count` is of all pages."""

    reviews: tuple[Review, ...]
    review_count: int
    page: int
    sort_order: SortOrder

    @property
    def page_count(self) -> int:
        """How many pages there are, at least one."""
        return count_pages(self.review_count, REVIEWS_PAGE_SIZE)

    @property
    def first_number(self) -> int:
        """The number of the page's first review, counted from 1 over all pages."""
        if self.page + 1 < self.page_count:
            return self.page * len(self.reviews) + 1
        return self.review_count - len(self.reviews) + 1


@dataclass(frozen=True, slots=True)
class Draft:
    """What a member posts about a film. A `text` or `is_spoiler` of None keeps the stored one; "" removes it.

    With `viewing_id` it is about that viewing of the member's diary, whose day becomes `watched_on`; with
    `is_rewatch` it is about another viewing than all before. Otherwise `find_same_viewing` says.
    """

    server_id: int
    member_id: int
    film_id: str
    half_stars: int
    text: str | None = None
    is_spoiler: bool | None = None
    watched_on: date | None = None
    viewing_id: int | None = None
    is_rewatch: bool = False

    @property
    def key(self) -> PostKey:
        """What the draft is a rating of, and whose."""
        return PostKey(self.server_id, self.member_id, self.film_id)


@dataclass(frozen=True, slots=True)
class PostResult:
    """What storing a draft led to.

    `viewing_id` is the viewing of their diary that it was about, None for a new one. `is_first` if the member had
    not rated the film before, `is_rewatch` if their diary got another viewing,
    `left_watchlist` if the film was removed from their watchlist, `needs_review` if the text is hidden from now on
    until a moderator approves it.
    """

    review: Review
    is_first: bool
    is_rewatch: bool = False
    left_watchlist: bool = False
    needs_review: bool = False
    viewing_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReplyResult:
    """A reply as it is stored; `needs_review` if it is hidden from now on until a moderator approves it."""

    reply: Reply
    needs_review: bool


@dataclass(frozen=True, slots=True)
class HelpfulVotes:
    """How many members find a review helpful, and whether the one who pressed is among them now."""

    is_counted: bool
    count: int


@dataclass(frozen=True, slots=True)
class RatedFilm:
    """A film that a member has rated, with their half-stars."""

    film_id: str
    title: str
    original_title: str
    year: int | None
    half_stars: int


@dataclass(frozen=True, slots=True)
class RecordedViewing:
    """A viewing of the film in the member's diary; `watched_on` is None if the day is not known."""

    id: int
    watched_on: date | None
    created_at: datetime


def clean_limited_text(text: str, limit: int) -> str:
    """Return the text without space around it. Raises InvalidInputError if it is longer than `limit`."""
    text = text.strip()
    if len(text) > limit:
        raise InvalidInputError(
            _("That's {length} characters. Shorten it to {limit}.").format(
                length=format_number(len(text)), limit=format_number(limit)
            )
        )
    return text


def is_new_text(text: str | None, existing: Review | Reply | None) -> bool:
    """Return whether there is text where there was none: only then do earlier decisions of moderators matter."""
    return bool(text) and (existing is None or not (existing.text or existing.hidden_by))


def needs_moderator_review(text: str | None, existing: Review | Reply | None, *, was_taken_down: bool) -> bool:
    """Return whether a review or a reply has to be approved by a moderator who does not know of this text yet.

    `existing` is the stored version. `was_taken_down` says whether the author's last review of that film, or
    reply to a review of it, was hidden or deleted by a moderator.
    """
    if existing is not None and existing.hidden_by is HiddenBy.MODERATOR:
        return bool(text) and text != existing.text
    return was_taken_down and is_new_text(text, existing)


def apply_draft(draft: Draft, existing: Review | None, *, now: datetime, needs_review: bool) -> Review:
    """Return the review as the draft leaves it; a first one has the id 0 until it is stored."""
    if existing is None:
        return Review(
            id=0,
            server_id=draft.server_id,
            member_id=draft.member_id,
            film_id=draft.film_id,
            half_stars=draft.half_stars,
            text=draft.text or "",
            is_spoiler=bool(draft.is_spoiler),
            created_at=now,
            text_written_at=now if draft.text else None,
            hidden_by=HiddenBy.PRE_MODERATION if needs_review else None,
        )
    is_text_changed = draft.text not in (None, existing.text)
    is_text_replaced = bool(existing.text) and is_text_changed
    return Review(
        id=existing.id,
        server_id=draft.server_id,
        member_id=draft.member_id,
        film_id=draft.film_id,
        half_stars=draft.half_stars,
        text=existing.text if draft.text is None else draft.text,
        is_spoiler=existing.is_spoiler if draft.is_spoiler is None else draft.is_spoiler,
        created_at=existing.created_at,
        edited_at=now,
        text_edited_at=now if is_text_replaced else existing.text_edited_at,
        text_written_at=(now if draft.text else None) if is_text_changed else existing.text_written_at,
        hidden_by=HiddenBy.PRE_MODERATION if needs_review else existing.hidden_by,
        helpful_count=existing.helpful_count,
        is_liked=existing.is_liked,
    )


def find_viewing(draft: Draft, viewings: Sequence[RecordedViewing], now: datetime) -> RecordedViewing | None:
    """Return the viewing that the draft is about, or None if it is another one.

    `viewings` are the member's of the film, the latest first.
    """
    if draft.is_rewatch:
        return None
    if draft.viewing_id is not None:
        named = next((viewing for viewing in viewings if viewing.id == draft.viewing_id), None)
        if named is not None:
            return named
    return find_same_viewing(viewings, draft.watched_on, now)


def find_same_viewing(
    viewings: Sequence[RecordedViewing], watched_on: date | None, now: datetime
) -> RecordedViewing | None:
    """Return the viewing that a rating with this day is about, or None if it is another one.

    `viewings` are the member's of the film, the latest first. A rating without a day is about the latest.
    """
    if watched_on is None:
        return viewings[0] if viewings else None
    for viewing in viewings:
        if viewing.watched_on == watched_on:
            return viewing
    for viewing in viewings:
        if viewing.watched_on is None and viewing.created_at > now - SAME_VIEWING_WINDOW:
            return viewing
    return None
