"""Films that only a source online knows: offered, and taken into the catalogue when one is opened."""

from collections.abc import Sequence
from typing import Any, Self

import discord
from discord import ui

from bot.core.discord import Menu, changed, custom_id, get_service, is_command_author, is_ephemeral
from bot.core.errors import FilmGoneError, InvalidInputError
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import clean_line, truncate, with_year
from bot.films.card import CHOICE_LIMIT
from bot.films.metadata import Candidate
from bot.films.metadata_service import MetadataService
from bot.films.metadata_views import reader_of
from bot.films.models import Film
from bot.films.service import FilmService, Lookup
from bot.films.views import OPTIONS_LIMIT, follow, message_of, reply


async def answer(interaction: discord.Interaction[Any], lookup: Lookup, year: int | None = None) -> None:
    """Answer a look-up: at once with what is kept, and where nothing is kept yet once more when it has come.

    What the catalogue does not know is searched for online.
    """
    if lookup.film is None and get_service(interaction, MetadataService).enabled and lookup.text.strip():
        await interaction.response.defer(thinking=True)
        await _search(interaction, lookup, year)
        return
    reader = await reader_of(interaction)
    if lookup.film is None:
        await interaction.response.send_message(**reply(lookup, reader.country))
        return
    known = await get_service(interaction, MetadataService).look(lookup.film)
    message = await message_of(interaction, lookup, reader, known)
    await interaction.response.send_message(**message)
    if known is None:
        await follow(interaction, lookup, reader, message)


async def _search(interaction: discord.Interaction[Any], lookup: Lookup, year: int | None) -> None:
    online = get_service(interaction, MetadataService)
    catalogue: FilmService = get_service(interaction, FilmService)
    found = await online.search(clean_line(lookup.text)[:200], year, catalogue.index)
    film = await online.adopt(found[0].source_id) if found else None
    if film is None:
        await interaction.followup.send(**reply(lookup, None))
        return
    message = await _card(interaction, film)
    if len(found) > 1:
        message["view"].add_item(FoundMenu.of(found, found[0].source_id))
        asked = escape_line(lookup.text, 100)
        message["content"] = f"Not in the catalogue; TMDB knows {len(found)} films like “{asked}”:"
    await interaction.followup.send(**{name: value for name, value in message.items() if value is not None})


async def _card(interaction: discord.Interaction[Any], film: Film) -> dict[str, Any]:
    """Give a film's card and what is under it, with what is known online."""
    known = await get_service(interaction, MetadataService).fetch(film)
    return await message_of(interaction, Lookup(film.id, film), await reader_of(interaction), known)


async def open_found(
    interaction: discord.Interaction[Any], source_id: str, extra: ui.Item[Any] | None = None
) -> None:
    """Show the film of that id at the source in place of the deferred answer.

    Raises InvalidInputError where the source can't answer, FilmGoneError where there is no source any more.
    """
    online = get_service(interaction, MetadataService)
    if not online.enabled:
        raise FilmGoneError
    film = await online.adopt(source_id)
    if film is None:
        raise InvalidInputError("TMDB can't be reached just now. Try again in a few minutes.")
    message = changed(await _card(interaction, film))
    del message["content"]  # what was said of the search stays above the card
    if extra is not None:
        message["view"].add_item(extra)
    await interaction.edit_original_response(**message)


class FoundMenu(Menu, template=r"v1:found"):
    """Films found online: picking one changes the card."""

    def __init__(self, options: list[discord.SelectOption]) -> None:
        super().__init__(
            ui.Select(custom_id=custom_id("found"), options=options, placeholder="Pick the film you meant")
        )

    @classmethod
    def of(cls, found: Sequence[Candidate], chosen: str) -> Self:
        """Give the menu of these films, each once."""
        kept = {each.source_id: each for each in reversed(found[:OPTIONS_LIMIT])}
        return cls([_option(each, chosen) for each in reversed(kept.values())])

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film chosen: in place for the member who asked, privately for others."""
        chosen = self.item.values[0]
        if is_command_author(interaction) or is_ephemeral(interaction):
            await interaction.response.defer()
            await open_found(interaction, chosen, FoundMenu(self.with_selected(chosen)))
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
            await open_found(interaction, chosen)


def _option(each: Candidate, chosen: str) -> discord.SelectOption:
    return discord.SelectOption(
        label=truncate(clean_line(with_year(each.title, each.year)), CHOICE_LIMIT) or each.source_id,
        value=each.source_id,
        description=truncate(clean_line(each.original_title), CHOICE_LIMIT)
        if each.original_title != each.title
        else None,
        default=each.source_id == chosen,
    )


ITEMS = (FoundMenu,)
