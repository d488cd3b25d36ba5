"""Where a film streams, in several countries at once, and a menu where another film may have been meant."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import Menu, Response, View, custom_id, get_service, is_command_author, is_ephemeral, respond
from bot.films.embeds import MENU_OPTIONS_LIMIT, describe_alternatives, describe_match
from bot.films.metadata import Known
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.films.service import FilmService, Lookup
from bot.films.views import match_option, require_film
from bot.streaming.card import availability_embed
from bot.streaming.embeds import where_card
from bot.streaming.subscriptions import SubscriptionService


async def answer_where(
    interaction: discord.Interaction[Any], lookup: Lookup, film: Film, countries: Sequence[str]
) -> None:
    """Reply with where the film streams; a film of which nothing is cached is fetched first."""
    metadata_service = get_service(interaction, MetadataService)
    content, view = None, None
    if lookup.guessed and lookup.match is not None:
        others = lookup.others or get_service(interaction, FilmService).others(lookup.text, film.id)
        options = [
            match_option(match, is_selected=match.film_id == film.id)
            for match in (lookup.match, *others)[:MENU_OPTIONS_LIMIT]
        ]
        content = describe_alternatives(lookup) or describe_match(film, lookup.match)
        view = View(WhereMenu(",".join(countries), options))
    metadata = await metadata_service.look(film)
    if metadata is None and metadata_service.enabled:
        await interaction.response.defer(thinking=True)
        metadata = await metadata_service.fetch(film)
    embeds = await _render_offers(interaction, film, metadata, countries)
    await respond(interaction, Response(content, embeds, view))


async def _render_offers(
    interaction: discord.Interaction[Any], film: Film, metadata: Known | None, countries: Sequence[str]
) -> tuple[discord.Embed, ...]:
    """Return the offers that were fetched, else what the catalogue knows, an embed for each country."""
    if metadata is None or metadata.streaming is None:
        return tuple(availability_embed(film, country) for country in countries)
    own = await get_service(interaction, SubscriptionService).of(interaction.user.id)
    stale_since = get_service(interaction, MetadataService).stale_since(metadata)
    return (where_card(film, metadata, countries, own, stale_since),)


class WhereMenu(Menu, template=r"v1:where:(?P<countries>[A-Z]{2}(?:,[A-Z]{2}){0,2})"):
    """Films that may be meant: picking one shows where that streams, in the same countries."""

    def __init__(self, countries: str, options: list[discord.SelectOption]) -> None:
        self.countries = countries
        super().__init__(
            ui.Select(
                custom_id=custom_id("where", countries), options=options, placeholder="Pick the film you meant"
            )
        )

    def load_state(self, state: Mapping[str, str]) -> None:
        """Keep the countries."""
        self.countries = state["countries"]

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it: in place for the member who asked, privately for others."""
        film = await require_film(interaction, self.item.values[0])
        in_place = is_command_author(interaction) or is_ephemeral(interaction)
        await interaction.response.defer(ephemeral=True, thinking=not in_place)
        metadata_service = get_service(interaction, MetadataService)
        metadata = await metadata_service.look(film) or await metadata_service.fetch(film)
        embeds = await _render_offers(interaction, film, metadata, self.countries.split(","))
        view = View(WhereMenu(self.countries, self.with_selected(film.id)))
        await interaction.edit_original_response(**Response(embeds=embeds, view=view).as_edit())


ITEMS = (WhereMenu,)
