"""What is under a film card: other matches, the cast, the nearest titles where nothing was found."""

from collections.abc import Sequence
from typing import Any, Self

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Button,
    Menu,
    View,
    changed,
    custom_id,
    get_service,
    is_command_author,
    is_ephemeral,
    show,
)
from bot.core.text.escaping import escape_line
from bot.core.text.formatting import clean_line, truncate
from bot.films.card import CHOICE_LIMIT, card, full_cast
from bot.films.context import require_film
from bot.films.metadata import Known
from bot.films.metadata_service import MetadataService
from bot.films.metadata_views import Shown, add_buttons, enrich, reader_of, shown
from bot.films.models import Film
from bot.films.service import FilmService, Lookup
from bot.members.country_views import CountryButton
from bot.recommendations.similar_views import AlikeButton
from bot.reviews.film_card import with_stars
from bot.reviews.views import RateButton, ReviewsButton
from bot.search.index import Match
from bot.streaming.embeds import Reader
from bot.watchlists.views import WatchlistButton

LABEL_LIMIT = 80
OPTIONS_LIMIT = 25
OF_A_SERVER = (RateButton, ReviewsButton, WatchlistButton, AlikeButton)
"""Buttons that tell in a direct message only that they do not work there."""


def reply(lookup: Lookup, country: str | None, online: Shown | None = None) -> dict[str, Any]:
    """Give the message that answers a look-up: the card, or that nothing was found.

    `online` is what is known of the film online, where anything is.
    """
    if lookup.film is None:
        embed, view = nothing_found(lookup)
        return {"embed": embed, "view": view}
    embed, view = card(lookup.film, country, lookup.match), card_view(lookup.film, lookup)
    if online is not None:
        enrich(embed, lookup.film, online)
        add_buttons(view, lookup.film, online)
    if country is None:
        view.add_item(CountryButton(lookup.film.id))
    return {"content": several(lookup), "embed": embed, "view": view}


def card_view(film: Film, lookup: Lookup | None = None) -> View:
    """Give what is under a card: the other matches where the film was a guess, and the cast."""
    view = View()
    if lookup is not None and lookup.match is not None and lookup.others:
        view.add_item(MatchMenu.of((lookup.match, *lookup.others), chosen=film.id))
    for button in film_buttons(film.id):
        view.add_item(button)
    if film.cast:
        view.add_item(CastButton(film.id))
    view.add_item(AlikeButton(film.id))
    if lookup is not None and lookup.guessed and (lookup.further or not lookup.others):
        view.add_item(OthersButton(film.id, clean_line(lookup.text)))
    return view


def film_buttons(film_id: str) -> tuple[Button, ...]:
    """Give what a member can do about a film."""
    return RateButton(film_id), ReviewsButton(film_id), WatchlistButton(film_id)


def several(lookup: Lookup) -> str | None:
    """Say that several films fit, where they do; the card shown is the likeliest one's."""
    if not lookup.others:
        return None
    count, has = len(lookup.others) + 1, "them all"
    films = f"{count} films"
    if count >= OPTIONS_LIMIT:  # no more are looked for than the menu holds
        films, has = f"{films} or more", "the likeliest"
    return (
        f"**{films} fit “{escape_line(lookup.text, 100)}” about as well.** "
        f"This is the one most people ask for; the menu has {has}."
    )


def nothing_found(lookup: Lookup) -> tuple[discord.Embed, View]:
    """Give the answer where nothing fits: it says so and offers the nearest titles, if any."""
    asked = escape_line(lookup.text, 150)
    told = f"Nothing in the catalogue is close to “{asked}”."
    if lookup.wordless:
        what = f"“{asked}”" if asked else "What you typed"
        told = f"{what} has no letter and no digit, so there is nothing to look up. "
        told += "Type a title, in any spelling and language, or a part of one."
    if lookup.others:
        told += "\nThe nearest titles:"
    embed = discord.Embed(title="No film found", description=told, colour=COLOUR)
    return embed, View(*(OpenFilmButton(match.film_id, match.dated_title) for match in lookup.others))


def option(match: Match, *, chosen: bool = False) -> discord.SelectOption:
    """Give a menu option: the title with its year, the original title and the director below."""
    below = [] if match.original_title == match.title else [match.original_title]
    below += match.directors[:2]
    return discord.SelectOption(
        label=truncate(clean_line(match.dated_title), CHOICE_LIMIT),
        value=match.film_id,
        description=truncate(clean_line(" · ".join(below)), CHOICE_LIMIT) or None,
        default=chosen,
    )


async def show_film(
    interaction: discord.Interaction[Any], film_id: str, *, replace: bool, extra: ui.Item[Any] | None = None
) -> None:
    """Show the film's card in place of the message that was pressed, or privately beside it."""
    lookup = Lookup(film_id, await require_film(interaction, film_id))
    reader = await reader_of(interaction)
    known = await get_service(interaction, MetadataService).look(lookup.film) if lookup.film is not None else None
    message = await message_of(interaction, lookup, reader, known)
    if extra is not None and replace:
        message["view"].add_item(extra)
    await show(interaction, replace=replace, **message)
    if known is None:
        await follow(interaction, lookup, reader, message)


async def message_of(
    interaction: discord.Interaction[Any], lookup: Lookup, reader: Reader, known: Known | None
) -> dict[str, Any]:
    """Give the message that answers a look-up, with what is known online and the server's stars."""
    message = reply(lookup, reader.country, shown(interaction, known, reader))
    if lookup.film is None:
        return message
    if interaction.guild_id is None:
        for item in message["view"].children:
            if isinstance(item, OF_A_SERVER):
                message["view"].remove_item(item)
    return await with_stars(interaction, lookup.film.id, message)


async def follow(
    interaction: discord.Interaction[Any], lookup: Lookup, reader: Reader, sent: dict[str, Any]
) -> None:
    """Fetch what was not kept yet and change the card shown meanwhile, unless a member has changed it."""
    film = lookup.film
    known = await get_service(interaction, MetadataService).fetch(film) if film is not None else None
    if film is None or known is None or known.details is None:
        return
    there = await interaction.original_response()
    embed = sent["embeds"][0] if "embeds" in sent else sent["embed"]
    if not there.embeds or there.embeds[0].title != embed.title:
        return
    what = Shown(known, reader, get_service(interaction, MetadataService).stale_since(known))
    enrich(embed, film, what)
    content: dict[str, Any] = {"embed": embed}
    if _ids(ui.View.from_message(there, timeout=None)) == _ids(sent["view"]):
        content["view"] = View(*sent["view"].children)
        add_buttons(content["view"], film, what)
    # The stars anew: somebody may have rated the film since.
    await interaction.edit_original_response(**changed(await with_stars(interaction, film.id, content)))


def _ids(view: ui.View) -> list[str | None]:
    """Give the custom_ids of what is under a message."""
    items = (child.item if isinstance(child, ui.DynamicItem) else child for child in view.children)
    return [item.custom_id for item in items if isinstance(item, ui.Button | ui.Select)]


def _instead(gone: ui.Button[Any], interaction: discord.Interaction[Any], menu: Menu) -> View:
    """Give what is under the message that was pressed, with the menu in place of the button."""
    view = View(menu)
    there = ui.View.from_message(interaction.message, timeout=None) if interaction.message else ui.View()
    for item in there.children:
        if isinstance(item, ui.Button) and item.custom_id != gone.custom_id:
            item.row = None
            view.add_item(item)
    view.stop()  # the buttons carry their state, so the copies need not be kept
    return view


class _FilmMenu(Menu, template="^$"):
    """A menu whose options' values are film ids."""

    def __init__(self, name: str, options: list[discord.SelectOption], placeholder: str) -> None:
        super().__init__(ui.Select(custom_id=custom_id(name), options=options, placeholder=placeholder))


class MatchMenu(_FilmMenu, template=r"v1:match"):
    """Other films that the query may have meant: picking one changes the card."""

    def __init__(self, options: list[discord.SelectOption]) -> None:
        super().__init__("match", options, "Pick the film you meant")

    @classmethod
    def of(cls, matches: Sequence[Match], chosen: str | None = None) -> Self:
        """Give the menu of these films, each once."""
        kept = {match.film_id: match for match in reversed(matches[:OPTIONS_LIMIT])}
        return cls([option(m, chosen=m.film_id == chosen) for m in reversed(kept.values())])

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film chosen: in place for the member who asked, privately for others."""
        chosen = self.item.values[0]
        replace = is_command_author(interaction) or is_ephemeral(interaction)
        await show_film(interaction, chosen, replace=replace, extra=MatchMenu(self.with_selected(chosen)))


class FilmMenu(_FilmMenu, template=r"v1:open"):
    """Films to open one by one, each in a private card beside the list."""

    def __init__(self, options: list[discord.SelectOption], placeholder: str = "Open a film") -> None:
        super().__init__("open", options, placeholder)

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film chosen."""
        await show_film(interaction, self.item.values[0], replace=False)


class OthersButton(Button, template=r"(?s)v1:others:(?P<film_id>[a-z0-9-]+):(?P<text>.*)"):
    """“Not this one?”: what else the query may have meant."""

    def __init__(self, film_id: str, text: str) -> None:
        self.film_id = film_id
        self.text = text
        label = "Not this one?"
        super().__init__(ui.Button(label=label, custom_id=custom_id("others", film_id, text)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Put the menu under the card for the member who asked, show it privately to others."""
        catalogue = get_service(interaction, FilmService)
        matches = catalogue.others(self.text, self.film_id)
        asked = escape_line(self.text, 100)
        if not matches:
            told = f"Nothing else in the catalogue is close to “{asked}”. Try more of the title, or its year."
            await show(interaction, replace=False, content=told)
        elif is_command_author(interaction) or is_ephemeral(interaction):
            await interaction.response.edit_message(view=_instead(self.item, interaction, MatchMenu.of(matches)))
        else:
            await show(
                interaction,
                replace=False,
                content=f"What else “{asked}” may mean:",
                view=View(MatchMenu.of(matches)),
            )


class OpenFilmButton(Button, template=r"v1:film:(?P<film_id>[a-z0-9-]+)"):
    """A film offered by name: pressing shows its card."""

    def __init__(self, film_id: str, label: str = "") -> None:
        self.film_id = film_id
        label = truncate(clean_line(label), LABEL_LIMIT) or "Open"
        super().__init__(ui.Button(label=label, custom_id=custom_id("film", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film: in place for the member who asked, privately for others."""
        await show_film(
            interaction, self.film_id, replace=is_command_author(interaction) or is_ephemeral(interaction)
        )


class CastButton(Button, template=r"v1:cast:(?P<film_id>[a-z0-9-]+):(?P<page>\d{1,3})"):
    """The whole cast, page by page, for the member who pressed."""

    def __init__(self, film_id: str, page: str = "0", label: str = "Cast") -> None:
        self.film_id = film_id
        self.page = int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("cast", film_id, self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page: privately at first, then in that same message."""
        film = await require_film(interaction, self.film_id)
        embed, pages = full_cast(film, self.page)
        view = View()
        if self.page > 0:
            view.add_item(CastButton(self.film_id, str(self.page - 1), "Back"))
        if self.page + 1 < pages:
            view.add_item(CastButton(self.film_id, str(self.page + 1), "More"))
        turning = is_ephemeral(interaction) and self.item.label != "Cast"
        await show(interaction, replace=turning, embed=embed, view=view)


ITEMS = (MatchMenu, FilmMenu, OthersButton, OpenFilmButton, CastButton)
