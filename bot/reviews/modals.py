"""The modal in which a member rates and reviews a film, and what storing it shows."""

import re
from typing import Any

import discord
from discord import RadioGroupOption, ui

from bot.core.discord import Modal, ModalValues, Response, custom_id, get_service, require_guild_id, respond
from bot.core.errors import InvalidInputError
from bot.core.text.formatting import clean_input
from bot.films.models import Film
from bot.films.views import require_film
from bot.members.context import refresh_members
from bot.moderation.automod import require_allowed_words
from bot.moderation.notifications import post_pre_moderation_notice
from bot.reviews.embeds import create_star_histograms, create_stars_embed, describe_stored
from bot.reviews.models import REVIEW_LENGTH_LIMIT, Draft, Review
from bot.reviews.service import DiaryService, ReviewService
from bot.reviews.stars import (
    MAX_HALF_STARS,
    MIN_HALF_STARS,
    format_stars,
    format_stars_in_words,
    parse_stars,
)

_STARS, _REVIEW, _SPOILER, _WATCHED = "stars", "review", "spoiler", "watched"


class RateModal(Modal):
    """Stars, review, spoiler mark and the day of the viewing, filled in with the member's stored review."""

    template = re.compile(r"v1:rating:(?P<film_id>[a-z0-9-]+)")

    def __init__(self, film_id: str, title: str = "", stored: Review | None = None) -> None:
        self.film_id = film_id
        super().__init__(title=f"Rate {title}", custom_id=custom_id("rating", film_id))
        options = [
            RadioGroupOption(
                label=f"{format_stars(half_stars)} · {format_stars_in_words(half_stars)}",
                value=str(half_stars),
                default=stored is not None and stored.stars == half_stars,
            )
            for half_stars in range(MAX_HALF_STARS, MIN_HALF_STARS - 1, -1)
        ]
        text = stored.text if stored is not None else ""
        review: ui.TextInput[Any] = ui.TextInput(
            custom_id=_REVIEW,
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=REVIEW_LENGTH_LIMIT,
            default=text or None,
        )
        day: ui.TextInput[Any] = ui.TextInput(
            custom_id=_WATCHED, required=False, max_length=20, placeholder="today, yesterday, 2026-11-20"
        )
        is_spoiler = stored is not None and stored.is_spoiler
        self.add_item(ui.Label(text="Stars", component=ui.RadioGroup(custom_id=_STARS, options=options)))
        self.add_item(ui.Label(text=f"Review ({len(text)}/{REVIEW_LENGTH_LIMIT} characters)", component=review))
        self.add_item(
            ui.Label(text="Contains spoilers", component=ui.Checkbox(custom_id=_SPOILER, default=is_spoiler))
        )
        self.add_item(ui.Label(text="Watched on", description="Leave it out if you don't know", component=day))

    def get_input(self, values: ModalValues) -> str:
        """Return the review as it was typed."""
        return str(values.get(_REVIEW) or "")

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store the rating, then confirm it."""
        server_id = require_guild_id(interaction)
        text = clean_input(self.get_input(values))
        stars = values.get(_STARS)
        if not isinstance(stars, str) or not stars.isascii() or not stars.isdigit():
            raise InvalidInputError("Pick the stars.")
        draft = Draft(
            server_id,
            interaction.user.id,
            self.film_id,
            int(stars),
            text,
            bool(values.get(_SPOILER)),
            get_service(interaction, DiaryService).parse_day(str(values.get(_WATCHED) or "")),
        )
        film = await require_film(interaction, self.film_id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await require_allowed_words(interaction, text)
        await _store_and_confirm(interaction, film, draft)


async def open_rate_modal(interaction: discord.Interaction[Any], film_id: str) -> None:
    """Open the modal for the film, filled in with the member's stored review. Raises FilmGoneError."""
    server_id = require_guild_id(interaction)
    film = await require_film(interaction, film_id)
    repository = get_service(interaction, ReviewService).repository
    stored = await repository.get_own(server_id, interaction.user.id, film_id)
    await interaction.response.send_modal(RateModal(film_id, film.title, stored))


async def rate_film(interaction: discord.Interaction[Any], film: Film, stars: str) -> None:
    """Store the stars, as they were typed, with what else the member has stored about the film, and confirm it."""
    draft = Draft(require_guild_id(interaction), interaction.user.id, film.id, parse_stars(stars))
    await interaction.response.defer(ephemeral=True, thinking=True)
    await _store_and_confirm(interaction, film, draft)


async def _store_and_confirm(interaction: discord.Interaction[Any], film: Film, draft: Draft) -> None:
    """Store the draft and show the server's stars with it. The interaction has been deferred."""
    reviews = get_service(interaction, ReviewService)
    result = await reviews.post(draft)
    stars = await reviews.repository.get_film_stars(draft.server_id, film.id, draft.member_id)
    server_name = interaction.guild.name if interaction.guild else None
    response = Response(
        describe_stored(film, result),
        embeds=(create_stars_embed(stars, server_name),),
        files=create_star_histograms(stars.totals),
    )
    await respond(interaction, response, ephemeral=True)
    if result.needs_review:
        await post_pre_moderation_notice(interaction, draft.server_id, "review")
    await refresh_members(interaction)
