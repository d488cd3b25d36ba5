"""Follows members at Letterboxd: reads their feeds, takes what is new, and lines it up for the server's channel.

The first reading posts and takes nothing: what was there before comes with a member's own export.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.discord.error_handler import log_errors
from bot.imports.edits_repository import EditsRepository
from bot.imports.following_models import (
    MISSING_LIMIT,
    POLL_INTERVALS,
    POST_LIFETIME,
    POSTS_PER_HOUR,
    Account,
    FollowingOffError,
    LetterboxdUnavailableError,
    NotConnectedError,
    Post,
    UnknownUsernameError,
    back_off,
    digest_review,
    parse_username,
)
from bot.imports.following_repository import FollowingRepository, select_account
from bot.imports.history import FilmHistory, ImportedReview, ImportedViewing, NamedFilm
from bot.imports.member_service import MemberImportService
from bot.imports.models import ImportGoneError
from bot.imports.reviews_service import PrivateReviewService
from bot.members.repository import ServerSettingsRepository
from bot.moderation.models import Action, BlockedError, LogEntry
from bot.moderation.service import ModerationService
from bot.moderation.word_filter import RefusedWordsError
from bot.reviews.models import REVIEW_LENGTH_LIMIT
from bot.sources.letterboxd.client import (
    FeedGoneError,
    FeedLimitedError,
    FeedUnavailableError,
    FetchedFeed,
    LetterboxdClient,
)
from bot.sources.letterboxd.feed import FeedEntry, InvalidFeedError, parse_feed

log = logging.getLogger(__name__)
ACCOUNTS_PER_ROUND = 50
PAUSE = 0.25
"""Seconds between two feeds."""
LIMITED_PAUSE = timedelta(minutes=15)
"""How long nobody is asked after Letterboxd said “too many requests” without saying how long."""
LONGEST_PAUSE = timedelta(hours=6)
"""The most that Letterboxd is left alone, whatever it said."""
CheckWords = Callable[[int, str], Awaitable[None]]
"""Raises RefusedWordsError for a text that the server of that id refuses."""


@dataclass(frozen=True, slots=True)
class Disconnected:
    """An account that Letterboxd doesn't know any more, whose member is to be told."""

    server_id: int
    member_id: int
    username: str


class FollowingService:
    """Connects accounts and reads feeds. Without a client (None) the feature is off. `now` returns the time."""

    def __init__(
        self,
        repository: FollowingRepository,
        client: LetterboxdClient | None,
        *,
        edits: EditsRepository,
        imports: MemberImportService,
        private_reviews: PrivateReviewService,
        server_settings: ServerSettingsRepository,
        moderation: ModerationService,
        now: Callable[[], datetime],
    ) -> None:
        self.repository = repository
        self._client = client
        self._edits = edits
        self._imports = imports
        self._private_reviews = private_reviews
        self._server_settings = server_settings
        self._moderation = moderation
        self._now = now
        self._paused_until: datetime | None = None

    @property
    def is_enabled(self) -> bool:
        """Whether feeds are read at all."""
        return self._client is not None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    async def connect(self, server_id: int, member_id: int, name: str, *, takes_reviews: bool) -> Account:
        """Follow an account of that name, or at that address, from now on.

        Raises FollowingOffError, InvalidUsernameError, UnknownUsernameError, LetterboxdUnavailableError,
        AccountTakenError.
        """
        if self._client is None:
            raise FollowingOffError
        username = parse_username(name)
        try:
            feed = await self._client.fetch(username)
            entries = parse_feed(feed.body or b"")
        except FeedGoneError as error:
            raise UnknownUsernameError from error
        except (FeedUnavailableError, InvalidFeedError) as error:
            raise LetterboxdUnavailableError from error
        now = self._now()
        account = Account(
            0, server_id, member_id, feed.username, takes_reviews, feed.validators, self._next_poll(now), 0, 0, now
        )
        await self.repository.connect(account, entries)
        return account

    async def disconnect(self, server_id: int, member_id: int, *, actor_id: int) -> None:
        """Follow the member's account no more; what was taken stays. Where a moderator does it, log it.

        Raises NotConnectedError.
        """
        is_own = actor_id == member_id
        entry = LogEntry(Action.DISCONNECT, actor_id, member_id, self._now()) if not is_own else None
        if not await self.repository.delete(server_id, member_id, entry=entry):
            raise NotConnectedError(None if is_own else member_id)

    def _next_poll(self, now: datetime) -> datetime:
        shortest, longest = POLL_INTERVALS
        return now + shortest + timedelta(seconds=secrets.randbelow(int((longest - shortest).total_seconds())))

    async def poll(self, is_served: Callable[[int], bool], check_words: CheckWords) -> list[Disconnected]:
        """Read the feeds whose time has come, and return the accounts that had to be disconnected.

        A round ends when Letterboxd asks to be asked less often.
        """
        now = self._now()
        is_paused = self._paused_until is not None and now < self._paused_until <= now + LONGEST_PAUSE
        if self._client is None or is_paused:
            return []
        disconnected: list[Disconnected] = []
        for account in await self.repository.list_due(now, is_served, ACCOUNTS_PER_ROUND):
            if not await self.repository.claim(account, self._next_poll(now)):
                continue
            with log_errors("reading a Letterboxd feed"):
                try:
                    gone = await self._poll(self._client, account, check_words)
                except FeedLimitedError as error:
                    seconds = error.retry_after or LIMITED_PAUSE.total_seconds()
                    self._paused_until = now + timedelta(seconds=min(seconds, LONGEST_PAUSE.total_seconds()))
                    log.info("Letterboxd asks for a pause; no feed is read until %s", self._paused_until)
                    return disconnected
                if gone is not None:
                    disconnected.append(gone)
            await asyncio.sleep(PAUSE)
        return disconnected

    async def _poll(
        self, client: LetterboxdClient, account: Account, check_words: CheckWords
    ) -> Disconnected | None:
        """Read one feed. Raises FeedLimitedError."""
        next_poll = self._next_poll(self._now())
        try:
            feed = await client.fetch(account.username, account.validators)
            entries = parse_feed(feed.body) if feed.body is not None else []
        except FeedLimitedError:
            raise
        except FeedGoneError:
            missing = account.missing_count + 1
            if missing >= MISSING_LIMIT:
                is_gone = await self.repository.delete(account.server_id, account.member_id, account.id)
                return Disconnected(account.server_id, account.member_id, account.username) if is_gone else None
            await self.repository.set_outcome(account, next_poll, missing_count=missing)
            return None
        except (FeedUnavailableError, InvalidFeedError) as error:
            failures = account.failure_count + 1
            log.info("a Letterboxd feed can't be read: %s", error)
            await self.repository.set_outcome(
                account,
                self._now() + back_off(failures),
                failure_count=failures,
                missing_count=account.missing_count,
            )
            return None
        await self._take(account, entries, check_words)
        await self._store_outcome(account, feed, next_poll)
        return None

    async def _store_outcome(self, account: Account, feed: FetchedFeed, next_poll: datetime) -> None:
        """Store when the feed is read again, and under which name: members of Letterboxd can rename themselves."""
        name = feed.username if feed.username != account.username else None
        await self.repository.set_outcome(account, next_poll, validators=feed.validators, username=name)

    async def _take(self, account: Account, entries: Sequence[FeedEntry], check_words: CheckWords) -> None:
        """Take what is new, follow what was edited; line new entries up for the server's channel."""
        seen = await self.repository.list_seen(account)
        if seen is None:
            return
        changed = [entry for entry in entries if entry.guid not in seen or seen[entry.guid].digest != entry.digest]
        if not changed:
            return
        histories = [_to_history(entry, account, is_new=entry.guid not in seen) for entry in changed]
        try:
            film_ids = await self._imports.take_entries(
                account.server_id, account.member_id, histories, required=select_account(account)
            )
        except ImportGoneError:  # the member has disconnected the account or deleted their data since
            return
        except BlockedError:
            await self.repository.add_seen(account, changed, [], self._now())
            return
        settings = await self._server_settings.get(account.server_id)
        posts = [
            (entry, film_id)
            for entry, film_id in zip(changed, film_ids, strict=True)
            if entry.guid not in seen and settings.letterboxd_channel_id is not None
        ]
        texts = {review.text: "" for history in histories for review in history.reviews}
        for entry, film_id in zip(changed, film_ids, strict=True):
            before = seen[entry.guid].taken if entry.guid in seen else None
            if before is None or film_id is None:
                continue
            if await self._edits.follow(account, film_id, before, entry):
                texts[entry.review] = before.review_digest
        await self.repository.add_seen(account, changed, posts, self._now())
        if account.takes_reviews:
            await self._publish(account, texts, check_words)

    async def _publish(self, account: Account, texts: Mapping[str, str], check_words: CheckWords) -> None:
        """Publish the reviews of new and edited entries; what the server refuses, or does not fit, stays private.

        `texts` has them with the digest of the published text that each replaces, "" for none.
        """
        server_id, member_id = account.server_id, account.member_id
        after = 0
        while batch := await self._private_reviews.repository.list_after(server_id, member_id, after, 100):
            after = batch[-1].id
            for review in batch:
                is_fitting = review.half_stars is not None and len(review.text) <= REVIEW_LENGTH_LIMIT
                if review.text not in texts or not is_fitting:
                    continue
                if review.posted_text and digest_review(review.posted_text) != texts[review.text]:
                    continue
                try:
                    await check_words(server_id, review.text)
                except RefusedWordsError:
                    continue
                await self._private_reviews.publish(
                    server_id,
                    member_id,
                    review.id,
                    text=review.text,
                    is_spoiler=review.is_spoiler,
                    half_stars=None,
                )

    async def list_posting_servers(self) -> list[int]:
        """Return the servers with entries that wait to be posted."""
        return await self.repository.list_posting_servers()

    async def claim_post(self, server_id: int) -> Post | None:
        """Return the server's next entry to be posted, or None while there is none to post."""
        settings, now = await self._server_settings.get(server_id), self._now()
        snoozed_until = settings.letterboxd_snoozed_until
        if settings.letterboxd_channel_id is None or (snoozed_until is not None and now < snoozed_until):
            return None
        return await self.repository.claim_post(server_id, POSTS_PER_HOUR, now, POST_LIFETIME)

    async def set_channel(self, server_id: int, channel_id: int | None, *, actor_id: int) -> None:
        """Store the channel in which entries are posted; None stops it."""
        changes = {"letterboxd_channel_id": channel_id, "letterboxd_snoozed_until": None}
        await self._moderation.change_settings(server_id, actor_id, changes)

    async def snooze(self, server_id: int, hours: int, *, actor_id: int) -> datetime | None:
        """Post nothing for so many hours, 0 to go on at once; return until when."""
        until = self._now() + timedelta(hours=hours) if hours else None
        await self._moderation.change_settings(server_id, actor_id, {"letterboxd_snoozed_until": until})
        return until

    def require_enabled(self) -> None:
        """Raise FollowingOffError where whoever runs the bot has switched following off."""
        if self._client is None:
            raise FollowingOffError

    async def get_settings(self, server_id: int) -> tuple[int | None, datetime | None]:
        """Return the channel in which entries are posted, and until when none is."""
        settings, now = await self._server_settings.get(server_id), self._now()
        until = settings.letterboxd_snoozed_until
        return settings.letterboxd_channel_id, until if until is not None and now < until else None


def _to_history(entry: FeedEntry, account: Account, *, is_new: bool) -> FilmHistory:
    """Return what an entry says about its film; of one that was edited, its stars only."""
    film = NamedFilm(entry.title, entry.year, {"tmdb": entry.tmdb_id} if entry.tmdb_id is not None else {})
    logged_on = entry.published_at.date() if entry.published_at is not None else None
    history = FilmHistory(film, half_stars=entry.half_stars, rated_on=logged_on, is_liked=entry.is_liked)
    if is_new:
        history.viewings = [ImportedViewing(entry.watched_on, logged_on, entry.half_stars, entry.is_rewatch)]
        if entry.review and account.takes_reviews:
            history.reviews = [ImportedReview(entry.review, entry.is_spoiler, entry.watched_on, logged_on)]
    return history
