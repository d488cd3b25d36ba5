"""Films to rate by one click each, for somebody of whom nothing is known yet."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import Button, LayoutView, custom_id, get_service, require_guild_id
from bot.core.discord.response import list_custom_ids
from bot.core.text.escaping import escape_line
from bot.films.models import Film
from bot.films.service import FilmService
from bot.films.views import require_film
from bot.recommendations.filters import RecommendationFilters
from bot.recommendations.filters_text import pack_filters
from bot.recommendations.service import PAGE_SIZE, RecommendationService
from bot.reviews.models import Draft
from bot.reviews.service import ReviewService
from bot.reviews.stars import format_stars

HEAD = (
    "## Nothing of your taste is known here yet\n"
    "Recommendations rest on your own stars. Rate what you have seen of these ten, by one click each; "
    "they tell the most about you."
)
NOTHING = "There is nothing to recommend: the catalogue has no film that you have not seen or refused."


async def onboarding_messages(
    interaction: discord.Interaction[Any], filters: RecommendationFilters
) -> list[dict[str, Any]]:
    """Give the messages with films to rate, the last with the way on."""
    films = await get_service(interaction, RecommendationService).list_onboarding_films(
        require_guild_id(interaction), interaction.user.id
    )
    if not films:
        return [{"view": LayoutView(ui.TextDisplay(NOTHING))}]
    halves = [films[at : at + PAGE_SIZE] for at in range(0, len(films), PAGE_SIZE)]
    messages = []
    for at, half in enumerate(halves):
        way_on = f"v1:more:0:{pack_filters(filters)}" if at + 1 == len(halves) else None
        messages.append({"view": _layout(HEAD if not at else "## The other half", half, {}, way_on)})
    return messages


def _layout(head: str, films: Sequence[Film], given: Mapping[str, float], way_on: str | None) -> LayoutView:
    items: list[ui.Item[Any]] = [ui.TextDisplay(head)]
    for film in films:
        stars = round(2 * given[film.id]) if film.id in given else None
        stored = f" · {format_stars(stars)} stored" if stars is not None else ""
        director = f"\n-# {escape_line(film.directors[0], 80)}" if film.directors else ""
        items.append(ui.TextDisplay(f"**{escape_line(film.dated_title, 150)}**{stored}{director}"))
        items.append(ui.ActionRow(*(StarButton(film.id, str(n), chosen=n == stars) for n in range(2, 11, 2))))
    if way_on is not None:
        items.append(ui.ActionRow(_OnwardButton(way_on)))
    return LayoutView(*items)


class StarButton(Button, template=r"v1:star:(?P<film_id>[a-z0-9-]+):(?P<stars>\d{1,2})"):
    """Gives a film so many stars at once."""

    def __init__(self, film_id: str, stars: str, *, chosen: bool = False) -> None:
        self.film_id = film_id
        self.stars = int(stars)
        style = discord.ButtonStyle.success if chosen else discord.ButtonStyle.secondary
        label = f"{self.stars / 2:g} ★"
        super().__init__(ui.Button(label=label, style=style, custom_id=custom_id("star", film_id, stars)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Store it, and only then show it on the message."""
        server_id = require_guild_id(interaction)
        film = await require_film(interaction, self.film_id)
        await interaction.response.defer()
        await get_service(interaction, ReviewService).post(
            Draft(server_id, interaction.user.id, film.id, self.stars)
        )
        repository = get_service(interaction, RecommendationService).repository
        history = await repository.get_rating_history(server_id, interaction.user.id)
        identities = list_custom_ids(interaction)
        on_it = dict.fromkeys(each.split(":")[2] for each in identities if each.startswith("v1:star:"))
        films = [
            kept
            for film_id in on_it
            if (kept := await get_service(interaction, FilmService).repository.get(film_id)) is not None
        ]
        way_on = next((each for each in identities if each.startswith("v1:more:")), None)
        head = "## What you rate counts at once"
        await interaction.edit_original_response(view=_layout(head, films, history.ratings, way_on))


class _OnwardButton(ui.Button[Any]):
    """Looks like the button of the list that it leads to, whose module builds on this one."""

    def __init__(self, identity: str) -> None:
        super().__init__(label="Recommend now", style=discord.ButtonStyle.primary, custom_id=identity)


ITEMS = (StarButton,)
