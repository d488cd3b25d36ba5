"""Where a film streams, in several countries at once, and a menu where another film may have been meant."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import Menu, View, changed, custom_id, get_service, is_command_author, is_ephemeral
from bot.films.card import matched_by, where_known
from bot.films.context import require_film
from bot.films.metadata import Known
from bot.films.metadata_service import MetadataService
from bot.films.metadata_views import reader_of
from bot.films.models import Film
from bot.films.service import FilmService, Lookup
from bot.films.views import OPTIONS_LIMIT, option, several
from bot.streaming.embeds import where_card


async def tell(
    interaction: discord.Interaction[Any], lookup: Lookup, film: Film, countries: Sequence[str]
) -> None:
    """Answer with where the film found streams; at once with what is kept, else once it is fetched."""
    online = get_service(interaction, MetadataService)
    extra: dict[str, Any] = {}
    if lookup.guessed and lookup.match is not None:
        others = lookup.others or get_service(interaction, FilmService).others(lookup.text, film.id)
        options = [
            option(each, chosen=each.film_id == film.id) for each in (lookup.match, *others)[:OPTIONS_LIMIT]
        ]
        extra["content"] = several(lookup) or matched_by(film, lookup.match)
        extra["view"] = View(WhereMenu(",".join(countries), options))
    known = await online.look(film)
    if known is None and online.enabled:
        await interaction.response.defer(thinking=True)
        known = await online.fetch(film)
        await interaction.followup.send(**await _shown(interaction, film, known, countries), **extra)
        return
    await interaction.response.send_message(**await _shown(interaction, film, known, countries), **extra)


async def _shown(
    interaction: discord.Interaction[Any], film: Film, known: Known | None, countries: Sequence[str]
) -> dict[str, Any]:
    """Give what is known online, else what the catalogue tells."""
    if known is None or known.streaming is None:
        return {"embeds": [where_known(film, country) for country in countries]}
    mine, stale_since = (
        (await reader_of(interaction)).mine,
        get_service(interaction, MetadataService).stale_since(known),
    )
    return {"embeds": [where_card(film, known, countries, mine, stale_since)]}


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
        online = get_service(interaction, MetadataService)
        known = await online.look(film) or await online.fetch(film)
        message = await _shown(interaction, film, known, self.countries.split(","))
        view = View(WhereMenu(self.countries, self.with_selected(film.id)))
        await interaction.edit_original_response(**changed(message | {"content": None, "view": view}))


ITEMS = (WhereMenu,)
