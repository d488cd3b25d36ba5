"""The form in which a member gives a film stars, a review and the day they saw it, and what they are told."""

import re
from typing import Any

import discord
from discord import RadioGroupOption, ui

from bot.core.discord import Button, Modal, ModalValues, custom_id, get_service, require_guild_id
from bot.core.errors import InvalidInputError
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import clean_input
from bot.films.context import require_film
from bot.films.models import Film
from bot.members.context import refresh_members
from bot.moderation.automod import refuse_words
from bot.reviews import stars_embeds as starry
from bot.reviews.diary import DiaryService
from bot.reviews.held_notices import author_told, tell_moderators
from bot.reviews.service import TEXT_LIMIT, Draft, Posted, Review, ReviewService
from bot.reviews.stars import HIGHEST, LOWEST, FilmStars, parse_stars
from bot.reviews.stars_embeds import stars_in_words, stars_text

STARS, REVIEW, SPOILER, WATCHED = "stars", "review", "spoiler", "watched"


class RateForm(Modal):
    """Stars, review, spoiler mark and the day of the viewing."""

    template = re.compile(r"v1:rating:(?P<film_id>[a-z0-9-]+)")

    def __init__(self, film_id: str, title: str = "", own: Review | None = None) -> None:
        self.film_id = film_id
        super().__init__(title=f"Rate {title}", custom_id=custom_id("rating", film_id))
        options = [
            RadioGroupOption(
                label=f"{stars_text(stars)} · {stars_in_words(stars)}",
                value=str(stars),
                default=own is not None and own.stars == stars,
            )
            for stars in range(HIGHEST, LOWEST - 1, -1)
        ]
        text = own.text if own is not None else ""
        review: ui.TextInput[Any] = ui.TextInput(
            custom_id=REVIEW,
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=TEXT_LIMIT,
            default=text or None,
        )
        day: ui.TextInput[Any] = ui.TextInput(
            custom_id=WATCHED, required=False, max_length=20, placeholder="today, yesterday, 2026-11-20"
        )
        spoiler = own is not None and own.is_spoiler
        self.add_item(ui.Label(text="Stars", component=ui.RadioGroup(custom_id=STARS, options=options)))
        self.add_item(ui.Label(text=f"Review ({len(text)}/{TEXT_LIMIT} characters)", component=review))
        self.add_item(
            ui.Label(text="Contains spoilers", component=ui.Checkbox(custom_id=SPOILER, default=spoiler))
        )
        self.add_item(ui.Label(text="Watched on", description="Leave it out if you don't know", component=day))

    def get_input(self, values: ModalValues) -> str:
        """Give the review as it was typed."""
        return str(values.get(REVIEW) or "")

    async def handle_submit(self, interaction: discord.Interaction[Any], values: ModalValues) -> None:
        """Store it, and only then say so."""
        server_id = require_guild_id(interaction)
        text = clean_input(self.get_input(values))
        draft = Draft(
            server_id,
            interaction.user.id,
            self.film_id,
            _stars(values.get(STARS)),
            text,
            bool(values.get(SPOILER)),
            get_service(interaction, DiaryService).day(str(values.get(WATCHED) or "")),
        )
        film = await require_film(interaction, self.film_id)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await refuse_words(interaction, text)
        await store(interaction, film, draft)


def _stars(value: object) -> int:
    if not isinstance(value, str) or not value.isascii() or not value.isdigit():
        raise InvalidInputError("Pick the stars.")
    return int(value)


class RateButton(Button, template=r"v1:rate:(?P<film_id>[a-z0-9-]+)"):
    """Opens the form, with what the member gave before in it."""

    def __init__(self, film_id: str) -> None:
        self.film_id = film_id
        super().__init__(
            ui.Button(label="Rate", style=discord.ButtonStyle.primary, custom_id=custom_id("rate", film_id))
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Open the form."""
        await open_form(interaction, self.film_id)


async def open_form(interaction: discord.Interaction[Any], film_id: str) -> None:
    """Open the form for the film, with what the member gave before in it."""
    server_id = require_guild_id(interaction)
    film = await require_film(interaction, film_id)
    own = await get_service(interaction, ReviewService).own(server_id, interaction.user.id, film_id)
    await interaction.response.send_modal(RateForm(film_id, film.title, own))


async def rate(interaction: discord.Interaction[Any], film: Film, stars: str) -> None:
    """Give the film stars, as typed, and leave the rest of what the member gave it before."""
    draft = Draft(require_guild_id(interaction), interaction.user.id, film.id, parse_stars(stars))
    await interaction.response.defer(ephemeral=True, thinking=True)
    await store(interaction, film, draft)


async def store(interaction: discord.Interaction[Any], film: Film, draft: Draft) -> None:
    """Store the draft and tell the member, with what the server makes of the film now. The reply is deferred."""
    reviews = get_service(interaction, ReviewService)
    posted = await reviews.post(draft)
    stars = await reviews.film_stars(draft.server_id, film.id, draft.member_id)
    await interaction.followup.send(**confirmation(interaction, film, posted, stars), ephemeral=True)
    if posted.held:
        await tell_moderators(interaction, draft.server_id, "review")
    await refresh_members(interaction)


def confirmation(
    interaction: discord.Interaction[Any], film: Film, posted: Posted, stars: FilmStars
) -> dict[str, Any]:
    """Give the message that says what was stored."""
    review = posted.review
    title = escape_line(film.dated_title, 200)
    what = "stars and review" if review.text else "stars"
    verb = "Stored" if posted.first else "Stored anew"
    lines = [f"{verb}: {stars_text(review.stars)} for **{title}**."]
    if review.text:
        lines[0] = f"{verb}, {what}: {stars_text(review.stars)} for **{title}**."
    if posted.is_rewatch:
        lines.append("Your diary has it as another viewing.")
    if posted.left_watchlist:
        lines.append("It left your watchlist.")
    lines += author_told(review.hidden_by, "review")
    server = interaction.guild.name if interaction.guild else None
    return {
        "content": "\n".join(lines),
        "embed": starry.embed(stars, server),
        "files": starry.pictures(stars.totals),
    }


ITEMS = (RateButton,)
