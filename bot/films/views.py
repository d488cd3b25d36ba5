"""Buttons and menus of films and people, and the replies that show them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Button,
    Menu,
    Response,
    View,
    acknowledge,
    acknowledge_if_busy,
    acknowledge_press,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
    is_ephemeral,
    respond,
    respond_publicly,
    use_reply_language,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.discord.components import CUSTOM_ID_LIMIT
from bot.core.discord.limits import MENU_OPTIONS_LIMIT
from bot.core.discord.response import list_custom_ids
from bot.core.errors import InvalidInputError
from bot.core.text.formatting import clean_line, cut_at_word, escape_line, join_list, truncate, with_year
from bot.core.text.i18n import _, gettext_noop
from bot.films.card import (
    CardAddition,
    CardContext,
    CardSection,
    FilmButton,
    FilmCard,
    describe_collection,
    describe_other_title,
)
from bot.films.embeds import (
    COLLECTION_PARTS_SHOWN,
    build_collection_embed,
    build_no_film_embed,
    describe_nothing_else,
    stills_gallery,
)
from bot.films.local_titles import shown_title
from bot.films.metadata import SourceGoneError
from bot.films.metadata_service import MetadataService
from bot.films.models import Film, FilmGoneError, Lookup, SourceState
from bot.films.resolver import FilmResolver
from bot.films.service import FilmService, is_source_match
from bot.search.index import Match, TitleEntry

ACKNOWLEDGE_SECONDS = 0.8
"""How long a look-up may take before the interaction is acknowledged."""
LABEL_LIMIT = 80
"""Characters of a button's label."""
CAST_PREFIX = custom_id("cast", "")
"""How the custom_ids of a cast's pages begin: such a message has no other buttons, the card has."""
SHOWN_BESIDE, SHOWN_IN_PLACE = "part", "source"
"""Where the film of a SourceFilmButton is shown, as its custom_id says."""


async def require_film(interaction: discord.Interaction[Any], film_id: str) -> Film:
    """Return the film of that id. Raises FilmGoneError if the catalogue no longer has it."""
    return await get_service(interaction, FilmService).require(film_id)


async def require_chosen_film(interaction: discord.Interaction[Any], value: str) -> Film:
    """Return the film of a menu's value: its id, or `tmdb:` and its id at the source, from where it is added.

    Raises FilmGoneError if it is no longer there, InvalidInputError if the source can't answer.
    """
    source, _, source_id = value.rpartition(":")
    if not source:
        return await require_film(interaction, value)
    return await _ingest(interaction, source_id)


async def _ingest(interaction: discord.Interaction[Any], source_id: str) -> Film:
    """Return the film of that id at the source, which joins the catalogue.

    Raises FilmGoneError if the source does not have it, InvalidInputError if it can't answer.
    """
    try:
        film = await get_service(interaction, MetadataService).ingest(source_id)
    except SourceGoneError as error:
        raise FilmGoneError from error
    if film is None:
        raise InvalidInputError(_("I can't reach TMDB right now. Try again in a few minutes."))
    return film


async def resolve_lookup(interaction: discord.Interaction[Any], text: str, year: int | None = None) -> Lookup:
    """Return what the text means, in the catalogue or at the metadata source.

    If the source takes longer than a moment the interaction is deferred, privately, since nobody else needs to
    see that nothing was found; `respond_publicly` shows everybody a card all the same.
    """
    lookup = await get_service(interaction, FilmService).lookup(text, year)
    if lookup.is_final:
        return lookup
    work = asyncio.ensure_future(get_service(interaction, FilmResolver).ask_source(lookup))
    try:
        done, _pending = await asyncio.wait({work}, timeout=ACKNOWLEDGE_SECONDS)
        if not done:
            await acknowledge(interaction, ephemeral=True)
        return await work
    finally:
        work.cancel()


async def answer_lookup(interaction: discord.Interaction[Any], lookup: Lookup) -> None:
    """Reply with the film's card, or privately with titles to choose from.

    The card is shown at once with what is cached, and again as soon as metadata that was missing has arrived.
    """
    if lookup.film is None:
        await respond(interaction, render_no_film(interaction, lookup))
        return
    await acknowledge_if_busy(interaction, ephemeral=False)
    metadata_service, film_card = get_service(interaction, MetadataService), get_service(interaction, FilmCard)
    metadata = await metadata_service.get_cached(lookup.film)
    if metadata_service.is_title_only(lookup.film, metadata):
        await acknowledge(interaction, ephemeral=False)
    if interaction.response.is_done():  # a moment more does not matter
        metadata = await metadata_service.refresh(lookup.film)
        film = await metadata_service.reload(lookup.film)
        response = await film_card.render(interaction, film, metadata, lookup=lookup)
        await respond_publicly(interaction, response)
        return
    response = await film_card.render(interaction, lookup.film, metadata, lookup=lookup)
    await respond(interaction, response)
    if metadata is None:
        await film_card.refresh(interaction, lookup.film, response, lookup=lookup)


def render_no_film(interaction: discord.Interaction[Any], lookup: Lookup) -> Response:
    """Return the answer to a look-up that shows no film, with buttons for the titles to choose from."""
    buttons: list[Button] = []
    for match in lookup.others:
        label = " · ".join(filter(None, (match.dated_title, match.other_title)))
        if is_source_match(match):
            buttons.append(SourceFilmButton(match.film_id.partition(":")[2], label, SHOWN_IN_PLACE))
        else:
            buttons.append(OpenFilmButton(match.film_id, label))
    film_count = len(get_service(interaction, FilmService).index)
    return Response(embeds=(build_no_film_embed(lookup, film_count),), view=View(*buttons), is_ephemeral=True)


async def show_film(
    interaction: discord.Interaction[Any], film_id: str, *, edit: bool, menu: Menu | None = None
) -> None:
    """Show the film's card: with `edit` in place of the message that was pressed, else privately beside it.

    `menu` goes below the card's buttons if it replaces a message. Raises FilmGoneError.
    """
    film = await require_film(interaction, film_id)
    metadata = await get_service(interaction, MetadataService).get_cached(film)
    film_card = get_service(interaction, FilmCard)
    if not edit:
        menu = None
    is_private = not edit or is_ephemeral(interaction)
    response = await film_card.render(interaction, film, metadata, menu=menu, is_private=is_private)
    await edit_or_respond(interaction, response, edit=edit)
    if metadata is None:
        await film_card.refresh(interaction, film, response, menu=menu, is_private=is_private)


async def resolve_film(
    interaction: discord.Interaction[Any],
    text: str,
    hint: str | None = None,
    *,
    is_in_catalogue: bool = False,
) -> Film | None:
    """Return the film that was picked or named beyond doubt; otherwise reply privately and return None.

    A command that changes something of a member's must not take a film that merely sounds alike. The reply shows
    the likeliest film's card, and `hint` says how to go on; if None, to use the card's buttons. If the metadata
    source has to be asked for longer than a moment the interaction is deferred privately, as `resolve_lookup`
    says. `is_in_catalogue`: the film can only be one of the catalogue, so that the source is not asked and a modal
    can be opened afterwards.
    """
    if is_in_catalogue:
        lookup = await get_service(interaction, FilmService).lookup(text)
    else:
        lookup = await resolve_lookup(interaction, text)
    if lookup.film is None:
        await respond(interaction, render_no_film(interaction, lookup))
        return None
    if not lookup.is_guess:
        return lookup.film
    metadata = await get_service(interaction, MetadataService).get_cached(lookup.film)
    response = await get_service(interaction, FilmCard).render(
        interaction, lookup.film, metadata, lookup=lookup, is_private=True
    )
    question = _("Did you mean this film?")
    if hint is None:
        hint = _("Use its buttons, or pick another film.")
    content = f"{question} {hint}".rstrip()
    await respond(interaction, replace(response, content=content), ephemeral=True)
    return None


def retry_hint() -> str:
    """Return how to go on where a command with further options took no film: an unknown one, or several."""
    return _("Use the command again with another title.")


def match_option(match: Match, *, is_selected: bool = False) -> discord.SelectOption:
    """Return a menu option: the title with its year, the original title and the directors below.

    A title by which it was found comes before these if it is none of those shown.
    """
    names = [*dict.fromkeys((match.title, match.original_title))]
    names = [name for name in names if name != match.shown_title]
    if (other_title := match.other_title) and other_title not in names:
        names.insert(0, describe_other_title(other_title))
    names += match.directors[:2]
    return discord.SelectOption(
        label=truncate(clean_line(match.dated_title), CHOICE_LENGTH_LIMIT),
        value=match.film_id,
        description=truncate(clean_line(" · ".join(names)), CHOICE_LENGTH_LIMIT) or None,
        default=is_selected,
    )


class _FilmMenu(Menu, template="^$"):
    """A menu whose options' values are film ids."""

    def __init__(self, name: str, options: list[discord.SelectOption], placeholder: str) -> None:
        super().__init__(ui.Select(custom_id=custom_id(name), options=options, placeholder=placeholder))


class MatchMenu(_FilmMenu, template=r"v1:match"):
    """Other films that the query may have meant: picking one changes the card."""

    acknowledgement = Acknowledgement.EDIT_OWN_IF_BUSY

    def __init__(self, options: list[discord.SelectOption]) -> None:
        super().__init__("match", options, _("Pick the film you meant"))

    @classmethod
    def from_matches(cls, matches: Sequence[Match], selected: str | None = None) -> Self:
        """Return the menu of these films, each once, with the one of the id `selected` selected."""
        unique = {match.film_id: match for match in reversed(matches[:MENU_OPTIONS_LIMIT])}
        return cls(
            [match_option(match, is_selected=match.film_id == selected) for match in reversed(unique.values())]
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film chosen: in place for the member whose look-up it was, privately for others."""
        chosen = self.item.values[0]
        menu = MatchMenu(self.with_selected(chosen))
        source, _, source_id = chosen.rpartition(":")
        if not source:
            await show_film(interaction, chosen, edit=can_edit_message(interaction), menu=menu)
        else:
            await _show_source_film(interaction, source_id, menu)


class FilmMenu(_FilmMenu, template=r"v1:open"):
    """Films to open one by one, each in a private card beside the list."""

    def __init__(self, options: list[discord.SelectOption], placeholder: str = "") -> None:
        super().__init__("open", options, placeholder or _("Open a film"))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film chosen."""
        await show_film(interaction, self.item.values[0], edit=False)


class SourceMenu(Menu, template=r"v1:found"):
    """Films that the metadata source found, in menus posted by earlier versions: picking one changes the card."""

    acknowledgement = Acknowledgement.NONE

    def __init__(self, options: list[discord.SelectOption]) -> None:
        super().__init__(
            ui.Select(custom_id=custom_id("found"), options=options, placeholder=_("Pick the film you meant"))
        )

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film chosen: in place for the member whose look-up it was, privately for others."""
        chosen = self.item.values[0]
        use_reply_language(interaction, edit=can_edit_message(interaction))
        await _show_source_film(interaction, chosen, SourceMenu(self.with_selected(chosen)))


async def _show_source_film(interaction: discord.Interaction[Any], source_id: str, menu: Menu) -> None:
    """Show the film of that id at the source in place of the message with the menu, or privately beside it."""
    is_own = await _defer_press(interaction)
    await _open_source_film(interaction, source_id, menu if is_own else None)


async def _defer_press(interaction: discord.Interaction[Any]) -> bool:
    """Acknowledge a press; return whether it changes the message, else it is answered privately beside it."""
    is_own = can_edit_message(interaction)
    await acknowledge_press(interaction, edit=is_own)
    use_reply_language(interaction, edit=is_own)
    return is_own


async def _open_source_film(
    interaction: discord.Interaction[Any], source_id: str, menu: Menu | None = None
) -> None:
    """Show the film of that id at the source in the deferred reply; a film that is new joins the catalogue.

    Raises InvalidInputError if the source can't answer, FilmGoneError if there is no source any more.
    """
    metadata = get_service(interaction, MetadataService)
    if not metadata.is_enabled:
        raise FilmGoneError
    film = await _ingest(interaction, source_id)
    film_card = get_service(interaction, FilmCard)
    is_private = not can_edit_message(interaction) or is_ephemeral(interaction)
    details = await metadata.refresh(film)
    film = await metadata.reload(film)
    response = await film_card.render(interaction, film, details, menu=menu, is_private=is_private)
    # The sentence about the search stays above the card.
    await interaction.edit_original_response(**response.as_edit(keep_content=True))


class NotThisOneButton(Button, template=r"(?s)v1:others:(?P<year>\d{4}\.)?(?P<film_id>[a-z0-9-]*):(?P<text>.*)"):
    """“Not this one?”: what else the query may have meant, of the year chosen beside it, if any.

    A text too long for the custom_id takes the place of the film's id there, and ends with a whole word.
    """

    acknowledgement = Acknowledgement.NONE

    def __init__(self, film_id: str, text: str, year: str | None = None) -> None:
        self.film_id = film_id
        self.text = text
        self.year = int(year.rstrip(".")) if year else None
        dated = f"{self.year}." if self.year else ""
        for kept_id in (film_id, ""):
            state = custom_id("others", dated + kept_id, "")
            if len(state) + len(text) <= CUSTOM_ID_LIMIT:
                break
        else:
            self.text = cut_at_word(text, CUSTOM_ID_LIMIT - len(state))
        super().__init__(ui.Button(label=_("Not this one?"), custom_id=state + self.text))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Put the menu under the card of the member whose look-up it was, show it privately to others."""
        is_own = await _defer_press(interaction)
        resolver = get_service(interaction, FilmResolver)
        film_id = self.film_id or _find_film_id(interaction)
        matches, source = await resolver.list_alternatives(self.text, film_id, self.year)
        query = escape_line(self.text, 100)
        if not matches:
            content = describe_nothing_else(query, source)
            await respond(interaction, Response(content), ephemeral=True)
        elif is_own:
            view = self._replace_with(MatchMenu.from_matches(matches), interaction)
            await interaction.edit_original_response(view=view)
        else:
            view = View(MatchMenu.from_matches(matches))
            await respond(
                interaction, Response(_("Other films for “{text}”:").format(text=query), view=view), ephemeral=True
            )

    def _replace_with(self, menu: Menu, interaction: discord.Interaction[Any]) -> View:
        """Return the message's buttons with the menu in place of this one."""
        view = View(menu)
        pressed = dict(interaction.data or {}).get("custom_id")
        message = ui.View.from_message(interaction.message, timeout=None) if interaction.message else ui.View()
        for item in message.children:
            if isinstance(item, ui.Button) and item.custom_id != pressed:
                item.row = None
                view.add_item(item)
        return view


def _find_film_id(interaction: discord.Interaction[Any]) -> str:
    """Return the id of the film whose cast the message offers, "" if it offers none."""
    states = (each for each in list_custom_ids(interaction) if each.startswith(CAST_PREFIX))
    return next(states, "").removeprefix(CAST_PREFIX).partition(":")[0]


class OpenFilmButton(Button, template=r"v1:film:(?P<film_id>[a-z0-9-]+)"):
    """A film offered by name: pressing shows its card."""

    acknowledgement = Acknowledgement.EDIT_OWN_IF_BUSY

    def __init__(self, film_id: str, label: str = "") -> None:
        self.film_id = film_id
        label = truncate(clean_line(label), LABEL_LIMIT) or _("Open")
        super().__init__(ui.Button(label=label, custom_id=custom_id("film", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film: in place for the member whose look-up it was, privately for others."""
        await show_film(interaction, self.film_id, edit=can_edit_message(interaction))


class CardButton(FilmButton, name="card", label=gettext_noop("Open film")):
    """A film's card, beside the list that has it."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the card privately."""
        await show_film(interaction, self.film_id, edit=False)


class StillsButton(FilmButton, name="stills", label=gettext_noop("Stills")):
    """The film's stills, for the member who pressed."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show them privately."""
        film = await require_film(interaction, self.film_id)
        metadata = await get_service(interaction, MetadataService).get_cached(film)
        if metadata is None or metadata.details is None or not metadata.details.stills:
            await respond(interaction, Response(_("TMDB no longer has stills of this film.")), ephemeral=True)
            return
        await respond(interaction, Response(view=stills_gallery(film, metadata.details)), ephemeral=True)


class CollectionButton(Button, template=r"v1:collection:(?P<film_id>[a-z0-9-]+)"):
    """The films of the collection, each to be opened."""

    def __init__(self, film_id: str, label: str = "") -> None:
        self.film_id = film_id
        label = truncate(clean_line(label), LABEL_LIMIT) or _("Collection")
        super().__init__(ui.Button(label=label, custom_id=custom_id("collection", film_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show them privately."""
        film = await require_film(interaction, self.film_id)
        metadata = await get_service(interaction, MetadataService).get_cached(film)
        if metadata is None or metadata.collection is None or metadata.details is None:
            await respond(interaction, Response(_("TMDB no longer lists this collection.")), ephemeral=True)
            return
        source_id = metadata.details.source_id
        embed = build_collection_embed(metadata.collection, source_id)
        shown = metadata.collection.parts[:COLLECTION_PARTS_SHOWN]
        others = [part for part in shown if part.source_id != source_id]
        view = View(*(SourceFilmButton(part.source_id, with_year(part.title, part.year)) for part in others))
        await respond(interaction, Response(embeds=(embed,), view=view), ephemeral=True)


class SourceFilmButton(Button, template=r"v1:(?P<way>part|source):(?P<source_id>\d{1,10})"):
    """A film by its id at the source: pressing shows its card; a film that is new joins the catalogue.

    `way` is SHOWN_BESIDE for a list whose films are opened one by one, SHOWN_IN_PLACE for titles to choose from.
    """

    acknowledgement = Acknowledgement.NONE

    def __init__(self, source_id: str, label: str = "", way: str = SHOWN_BESIDE) -> None:
        self.source_id = source_id
        self.way = way
        label = truncate(clean_line(label), LABEL_LIMIT) or _("Open")
        super().__init__(ui.Button(label=label, custom_id=custom_id(way, source_id)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the film: in place for the member whose look-up it was, else privately beside the message."""
        if self.way == SHOWN_IN_PLACE:
            await _defer_press(interaction)
        else:
            await acknowledge_press(interaction, edit=False)
        await _open_source_film(interaction, self.source_id)


def render_named_films(films: Sequence[TitleEntry]) -> Response:
    """Return the films that a message names, with a menu that opens each."""
    if not films:
        return Response(_("I found no film titles in that message. Try /film with a title."), is_ephemeral=True)
    options = [
        discord.SelectOption(
            label=truncate(clean_line(shown_title(film)), CHOICE_LENGTH_LIMIT),
            value=film.film_id,
            description=truncate(clean_line(join_list(film.directors)), CHOICE_LENGTH_LIMIT) or None,
        )
        for film in films
    ]
    lines = "\n".join(f"{number}. {escape_line(shown_title(film), 150)}" for number, film in enumerate(films, 1))
    embed = discord.Embed(title=_("Films in this message"), description=lines, colour=COLOUR)
    return Response(embeds=(embed,), view=View(FilmMenu(options)), is_ephemeral=True)


async def _render_matches(context: CardContext) -> CardAddition | None:
    """Return the menu of the other films that fit as well."""
    lookup = context.lookup
    if lookup is None or lookup.match is None or not lookup.others:
        return None
    return CardAddition(items=(MatchMenu.from_matches((lookup.match, *lookup.others), context.film.id),))


async def _render_others_button(context: CardContext) -> CardAddition | None:
    """Return “Not this one?” if the film was a guess and the menu does not have every match of both sources."""
    lookup = context.lookup
    if lookup is None or not lookup.is_guess:
        return None
    is_source_open = get_service(context.interaction, MetadataService).is_enabled
    is_source_open = is_source_open and lookup.source is not SourceState.ANSWERED
    if lookup.others and not lookup.has_more and not is_source_open:
        return None
    year = str(lookup.year) if lookup.year is not None else None
    return CardAddition(items=(NotThisOneButton(context.film.id, clean_line(lookup.text), year),))


async def _render_metadata_buttons(context: CardContext) -> CardAddition | None:
    """Return the buttons of the trailer, the stills and the collection, as far as the source has them."""
    if context.metadata is None or context.metadata.details is None:
        return None
    details, collection = context.metadata.details, context.metadata.collection
    items: list[ui.Item[Any]] = []
    if details.trailer:
        items.append(ui.Button(label=_("Trailer"), url=details.trailer))
    if details.stills:
        items.append(StillsButton(context.film.id))
    if collection is not None and len(collection.parts) > 1:
        items.append(CollectionButton(context.film.id, describe_collection(details, collection) or ""))
    return CardAddition(items=tuple(items))


CARD_SECTIONS = (
    CardSection("matches", 0, _render_matches),
    CardSection("others", 60, _render_others_button),
    CardSection("metadata", 70, _render_metadata_buttons),
)
"""What bot.films itself registers with the card."""
ITEMS = (
    MatchMenu,
    FilmMenu,
    SourceMenu,
    NotThisOneButton,
    OpenFilmButton,
    CardButton,
    StillsButton,
    CollectionButton,
    SourceFilmButton,
)
