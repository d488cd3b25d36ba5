"""What a source online adds to a film card: poster, texts in the reader's language, offers, stills, trailer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import discord
from discord import ui

from bot.core.discord import COLOUR, Button, View, custom_id, get_service
from bot.core.text.escaping import escape, escape_line
from bot.core.text.formatting import clean_line, truncate, with_year
from bot.films.card import described
from bot.films.context import require_film
from bot.films.metadata import Collection, Details, Known
from bot.films.metadata_service import MetadataService
from bot.films.models import Film
from bot.members.preferences import PreferenceService
from bot.streaming.embeds import TMDB_NOTICE, Reader, heading, where_text
from bot.streaming.subscriptions import SubscriptionService

PARTS_SHOWN = 24
WHERE = "Where to stream"


@dataclass(frozen=True, slots=True)
class Shown:
    """What is known online of a film, for whom it is shown, and since when its offers are stale, if they are."""

    known: Known
    reader: Reader
    stale_since: datetime | None


async def reader_of(interaction: discord.Interaction[Any]) -> Reader:
    """Give for whom a card is shown: the member who acts."""
    found = await get_service(interaction, PreferenceService).country(interaction.user.id, interaction.guild_id)
    mine = (
        await get_service(interaction, SubscriptionService).of(interaction.user.id)
        if get_service(interaction, MetadataService).enabled
        else {}
    )
    return Reader(found[0] if found else None, str(interaction.locale), frozenset(mine))


def shown(interaction: discord.Interaction[Any], known: Known | None, reader: Reader) -> Shown | None:
    """Give what is to be shown of what is known, or None where nothing is."""
    return (
        Shown(known, reader, get_service(interaction, MetadataService).stale_since(known))
        if known is not None
        else None
    )


def enrich(embed: discord.Embed, film: Film, shown: Shown) -> None:
    """Add to the film's card what is known online. Without details nothing changes."""
    details, reader = shown.known.details, shown.reader
    if details is None:
        return
    text = details.text(reader.language)
    title = text.title or film.title
    embed.title = truncate(escape(clean_line(with_year(title, film.year))), 256)
    more = {
        "Certification": escape_line(details.certifications.get(reader.country or "", ""), 40),
        "Collection": escape_line(collection_text(details, shown.known.collection) or "", 200),
    }
    embed.description = described(_story(film, title, details, reader), film, more)
    if details.poster:
        embed.set_thumbnail(url=details.poster)
    if shown.known.streaming is not None and reader.country is not None:
        _replace_where(embed, reader.country, shown)
    footer = embed.footer.text
    embed.set_footer(text=f"{footer}\n{TMDB_NOTICE}" if footer else TMDB_NOTICE)


def _story(film: Film, title: str, details: Details, reader: Reader) -> str:
    text = details.text(reader.language)
    tagline = text.tagline or (details.text("en").tagline if reader.language.startswith("en") else "")
    lines = []
    if clean_line(film.original_title) != clean_line(title):
        lines.append(f"*{escape_line(film.original_title, 256)}*")
    if tagline:
        lines.append(f"“{escape_line(tagline, 300)}”")
    if overview := text.overview or film.logline or details.text("en").overview:
        lines.append(escape_line(overview, 1_000))
    return "\n".join(lines)


def _where_at(embed: discord.Embed) -> int:
    """Give the place of the field that says where to stream, or the end."""
    names = [field.name or "" for field in embed.fields]
    return next((at for at, name in enumerate(names) if name.startswith(WHERE)), len(names))


def _replace_where(embed: discord.Embed, country: str, shown: Shown) -> None:
    """Put the offers fetched online in place of those that the catalogue names."""
    at = _where_at(embed)
    if at < len(embed.fields):
        embed.remove_field(at)
    text = where_text(shown.known, country, shown.reader.mine, shown.stale_since)
    embed.insert_field_at(at, name=heading(country), value=text, inline=False)


def collection_text(details: Details, collection: Collection | None) -> str | None:
    """Say which collection it is in and at which place: `John Wick, 4 of 5`."""
    if details.collection is None:
        return None
    place = collection.place(details.source_id) if collection is not None else None
    if collection is None or place is None:
        return details.collection.name
    return f"{details.collection.name}, {place} of {len(collection.parts)}"


def add_buttons(view: View, film: Film, shown: Shown) -> None:
    """Add to what is under the card: trailer, stills, the collection."""
    details, collection = shown.known.details, shown.known.collection
    if details is None:
        return
    if details.trailer:
        view.add_item(ui.Button(label="Trailer", url=details.trailer))
    if details.stills:
        view.add_item(StillsButton(film.id))
    if collection is not None and len(collection.parts) > 1:
        view.add_item(CollectionButton(film.id, collection_text(details, collection) or "Collection"))


def gallery(film: Film, details: Details) -> ui.LayoutView:
    """Give the stills, each with its alt text, and whose they are."""
    name = clean_line(film.dated_title)
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(f"### Stills from {escape_line(name, 200)}"))
    count = len(details.stills)
    pictures = [
        discord.MediaGalleryItem(url, description=truncate(f"Still {at} of {count} from {name}", 256))
        for at, url in enumerate(details.stills, 1)
    ]
    view.add_item(ui.MediaGallery(*pictures))
    view.add_item(ui.TextDisplay(f"-# {TMDB_NOTICE}"))
    return view


class StillsButton(Button, template=r"v1:stills:(?P<film_id>[a-z0-9-]+)"):
    """The film's stills, for the member who pressed."""

    def __init__(self, film_id: str) -> None:
        self.film_id = film_id
        super().__init__(ui.Button(label="Stills", custom_id=custom_id("stills", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show them privately."""
        film = await require_film(interaction, self.film_id)
        known = await get_service(interaction, MetadataService).look(film)
        if known is None or known.details is None or not known.details.stills:
            await interaction.response.send_message("There are no stills of it any more.", ephemeral=True)
            return
        await interaction.response.send_message(view=gallery(film, known.details), ephemeral=True)


class CollectionButton(Button, template=r"v1:collection:(?P<film_id>[a-z0-9-]+)"):
    """The films of the collection, each to be opened."""

    def __init__(self, film_id: str, label: str = "") -> None:
        self.film_id = film_id
        label = truncate(clean_line(label), 80) or "Collection"
        super().__init__(ui.Button(label=label, custom_id=custom_id("collection", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show them privately."""
        film = await require_film(interaction, self.film_id)
        known = await get_service(interaction, MetadataService).look(film)
        if known is None or known.collection is None or known.details is None:
            await interaction.response.send_message("Its collection is not known any more.", ephemeral=True)
            return
        embed = discord.Embed(title=escape_line(known.collection.name, 200), colour=COLOUR)
        view, lines = View(), []
        for at, part in enumerate(known.collection.parts[:PARTS_SHOWN], 1):
            name = with_year(part.title, part.year)
            here = part.source_id == known.details.source_id
            lines.append(
                f"{at}. **{escape_line(name, 150)}** (this one)" if here else f"{at}. {escape_line(name, 150)}"
            )
            if not here:
                view.add_item(PartButton(part.source_id, name))
        embed.description = "\n".join(lines)
        embed.set_footer(text=TMDB_NOTICE)
        await interaction.response.send_message(embed=embed, view=view, ephemeral=True)


class PartButton(Button, template=r"v1:part:(?P<source_id>\d{1,10})"):
    """A film by its id at the source: pressing shows its card, the film added where it is new."""

    def __init__(self, source_id: str, label: str = "") -> None:
        self.source_id = source_id
        label = truncate(clean_line(label), 80) or "Open"
        super().__init__(ui.Button(label=label, custom_id=custom_id("part", source_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film privately."""
        from bot.films.search_views import open_found  # here, because a card leads to this button

        await interaction.response.defer(ephemeral=True, thinking=True)
        await open_found(interaction, self.source_id)


ITEMS = (StillsButton, CollectionButton, PartButton)
