"""Keeps the cards that members shared in channels as their reviews are: edited with them, emptied when they go."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable
from functools import partial
from typing import Protocol

import discord

from bot.core.discord import Response, View
from bot.core.discord.error_handler import log_errors
from bot.core.discord.response import ServerLanguages
from bot.core.tasks import BackgroundTasks, stop_watching_commits
from bot.core.text.i18n import use_locale
from bot.films.metadata_service import MetadataService
from bot.films.repository import FilmRepository
from bot.reviews.embeds import build_deleted_rating_embed
from bot.reviews.models import Review, SharedReview
from bot.reviews.rating_views import get_poster, render_shared_review
from bot.reviews.sharing_repository import SharedReviewRepository

log = logging.getLogger(__name__)
SERVER_ERROR = 500
RETRY_SECONDS = (60, 300, 1_800)
"""How long to wait after each failure; after the last one, the next start or change makes up for it."""


class _ListCards(Protocol):
    """Returns the first cards of some kind with a higher id than `after_id`."""

    def __call__(self, *, after_id: int) -> Awaitable[list[SharedReview]]: ...


class SharedReviewUpdater:
    """Edits the cards, one after the other, in the background.

    What a card shows is compared with what its review is now, so that an edit which failed, or which a restart
    kept from being made, is made up for.
    """

    def __init__(
        self,
        client: discord.Client,
        repository: SharedReviewRepository,
        *,
        films: FilmRepository,
        metadata: MetadataService,
        languages: ServerLanguages,
    ) -> None:
        self._client = client
        self._repository = repository
        self._films = films
        self._metadata = metadata
        self._languages = languages
        self._background = BackgroundTasks()
        self._lock = asyncio.Lock()

    def refresh_film(self, server_id: int, film_id: str) -> None:
        """Bring the server's cards of the film up to date soon."""
        self._start(partial(self._repository.list_of_film, server_id, film_id))

    def refresh_review(self, review_id: int) -> None:
        """Bring the cards of the review up to date soon."""
        self._start(partial(self._repository.list_of_review, review_id))

    def refresh_deleted(self) -> None:
        """Empty the cards of deleted reviews in all servers soon."""
        self._start(self._repository.list_of_deleted)

    def refresh_all(self) -> None:
        """Bring all cards up to date soon."""
        self._start(self._repository.list_all)

    async def close(self) -> None:
        """Stop what is still running."""
        await self._background.close()

    def _start(self, list_cards: _ListCards) -> None:
        self._background.start(self._refresh_until_done(list_cards), name="refreshing shared reviews")

    async def _refresh_until_done(self, list_cards: _ListCards) -> None:
        stop_watching_commits()
        for delay in (*RETRY_SECONDS, None):
            is_done = False
            with log_errors("shared reviews"):
                async with self._lock:
                    await self._refresh(list_cards)
                is_done = True
            if is_done or delay is None:
                return
            await asyncio.sleep(delay)

    async def _refresh(self, list_cards: _ListCards) -> None:
        """Bring the outdated ones of these cards up to date. Raises HTTPException if Discord fails."""
        after_id = 0
        while cards := await list_cards(after_id=after_id):
            for card in cards:
                # What is deleted is emptied by whoever learns of it; the rest by whoever serves the server.
                if card.is_outdated and (
                    card.review is None or self._client.get_guild(card.server_id) is not None
                ):
                    await self._update(card)
            after_id = cards[-1].message_id

    async def _update(self, card: SharedReview) -> None:
        """Let the message show what the review is now, or forget the message if it is gone."""
        channel = self._client.get_partial_messageable(card.channel_id, guild_id=card.server_id)
        response = await self._render(card)
        try:
            await channel.get_partial_message(card.message_id).edit(**response.as_edit())
        except discord.NotFound:
            await self._repository.remove(card.message_id)
        except discord.HTTPException as error:
            if error.status >= SERVER_ERROR:
                raise
            log.info("a shared review can't be edited: Discord says %d", error.code)
        else:
            if card.review is None:
                await self._repository.remove(card.message_id)
            else:
                await self._repository.set_shown(card.message_id, card.review)

    async def _render(self, card: SharedReview) -> Response:
        """Return what the message is to show, in the server's language."""
        guild = self._client.get_guild(card.server_id)
        locale = self._languages.get_for(guild) if guild is not None else self._languages.get(card.server_id, None)
        film_id = card.review.film_id if card.review is not None else card.film_id
        film = await self._films.get(film_id)
        author = await self._fetch_author(guild, card.review) if card.review is not None else None
        with use_locale(locale):
            if card.review is None or film is None or author is None:
                return Response(embeds=(build_deleted_rating_embed(film),), view=View())
            return render_shared_review(film, card.review, author, await get_poster(self._metadata, film))

    async def _fetch_author(
        self, guild: discord.Guild | None, review: Review
    ) -> discord.User | discord.Member | None:
        """Return the review's author, who may have left the server, or None if their account is gone."""
        if guild is not None:
            if (member := guild.get_member(review.member_id)) is not None:
                return member
            with contextlib.suppress(discord.NotFound):
                return await guild.fetch_member(review.member_id)
        with contextlib.suppress(discord.NotFound):
            return await self._client.fetch_user(review.member_id)
        return None
