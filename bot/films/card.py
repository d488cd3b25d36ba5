"""The film card: what is known of a film, and the buttons and sections that other features add to it."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Button,
    Response,
    View,
    custom_id,
    get_reader_locale,
    is_direct_message,
)
from bot.core.discord.limits import FIELD_LIMIT, MENU_OPTIONS_LIMIT
from bot.core.images.title_card import ATTACHMENT_URL, create_title_card
from bot.core.text.cldr import country_name, format_date, language_name
from bot.core.text.formatting import (
    NO_BREAK_SPACE,
    clean_line,
    escape_line,
    escape_line_to_fit,
    format_runtime,
    join_limited,
    truncate,
    with_year,
)
from bot.core.text.i18n import _, get_locale, gettext_noop, ngettext, use_locale
from bot.films.metadata import CachedMetadata, Collection, Details
from bot.films.metadata_service import MetadataService
from bot.films.models import Credit, Film, Lookup
from bot.search.answer import SAME_TITLE_SCORE

CAST_ON_CARD = 8
"""Actors on a card: the first ones as billed, and last the best known of the others."""
TMDB_NOTICE = "This product uses the TMDB API but is not endorsed or certified by TMDB."
"""TMDB's attribution, in the words that its terms of use require; `/about` has it, where they want it."""
TMDB_CREDIT = gettext_noop("Data from TMDB")
"""What names TMDB beside its own data."""
DESCRIPTION_LIMIT = 3_500
"""Characters, so that the cast and the offers beside them stay inside an embed's 6,000."""
GetCountry = Callable[[int, int | None], Awaitable[str | None]]
"""Returns the country (ISO 3166-1 alpha-2) that applies to a member in a server or outside any, or None."""


@dataclass(frozen=True, slots=True)
class CardContext:
    """What one card is rendered from.

    `lookup` is how the film was found, None if it was opened by its id; `metadata` is None as long as nothing is
    cached. `country` (ISO 3166-1 alpha-2) is the one that applies to the member who acts, None if none is set.
    With `is_private` nobody else sees the card: what only the member should know of themselves goes there alone.
    """

    interaction: discord.Interaction[Any]
    film: Film
    lookup: Lookup | None
    metadata: CachedMetadata | None
    country: str | None
    is_private: bool = False


class FilmButton(Button, template="^$"):
    """A button about one film. A subclass says what it is called and looks like, and handles the press:

        class RateButton(FilmButton, name="rate", label=gettext_noop("Rate")):
            async def on_press(self, interaction): ...

    Its custom_id is `v1:name:<film id>`, followed by `suffix` where buttons already posted have one, and by
    `server_id` where a direct message names a server, as `state`, a pattern, allows.
    """

    _name: ClassVar[str]
    _label: ClassVar[str]
    _style: ClassVar[discord.ButtonStyle]
    _suffix: ClassVar[str]

    def __init_subclass__(
        cls,
        *,
        name: str,
        label: str,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
        suffix: str = "",
        state: str = "",
    ) -> None:
        cls._name, cls._label, cls._style, cls._suffix = name, label, style, suffix
        super().__init_subclass__(template=rf"v1:{name}:(?P<film_id>[a-z0-9-]+){re.escape(suffix)}{state}")

    def __init__(self, film_id: str, server_id: str = "") -> None:
        self.film_id, self.server_id = film_id, server_id
        button: ui.Button[Any] = ui.Button(
            label=_(self._label),
            style=self._style,
            custom_id=custom_id(self._name, film_id) + self._suffix + server_id,
        )
        super().__init__(button)


@dataclass(frozen=True, slots=True)
class CardAction:
    """A button on every card. With `is_guild_only` cards in direct messages leave it out."""

    name: str
    position: int
    button: type[FilmButton]
    is_guild_only: bool = False


@dataclass(frozen=True, slots=True)
class CardAddition:
    """What a section adds to one card; `fields` are names and values of fields of the film's embed."""

    fields: tuple[tuple[str, str], ...] = ()
    embeds: tuple[discord.Embed, ...] = ()
    files: tuple[discord.File, ...] = ()
    items: tuple[ui.Item[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class CardSection:
    """A part of the card that depends on the film or the member; `render` returns None to add nothing."""

    name: str
    position: int
    render: Callable[[CardContext], Awaitable[CardAddition | None]]


class FilmCard:
    """Renders film cards, always as a whole.

    Features register their actions and sections at start. Everything stands in the order of the positions, which
    actions and sections share: 0 the menu of other matches, 10 to 50 what can be done about the film, 60 “Not
    this one?”, 70 trailer, stills and collection, from 80 on what depends on the member and the server.
    """

    def __init__(self, metadata: MetadataService, get_country: GetCountry) -> None:
        self._metadata = metadata
        self._get_country = get_country
        self._parts: dict[str, CardAction | CardSection] = {}
        self.list_menus: dict[str, Callable[[list[discord.SelectOption]], ui.Item[Any]]] = {}
        """What features add below lists of films in a server: by name, what returns a menu of the films shown."""

    def add_action(self, action: CardAction) -> None:
        """Show the action's button on every card; one of the same name is replaced."""
        self._parts[action.name] = action

    def add_section(self, section: CardSection) -> None:
        """Show the section on every card; one of the same name is replaced."""
        self._parts[section.name] = section

    def remove(self, *names: str) -> None:
        """Remove the actions and sections of these names."""
        for name in names:
            self._parts.pop(name, None)

    def list_action_ids(self, film_id: str, *, is_guild: bool) -> list[str]:
        """Return the custom_ids of the actions' buttons, by which a message is known as the film's card."""
        return [
            str(part.button(film_id).item.custom_id)
            for part in self._parts.values()
            if isinstance(part, CardAction) and (is_guild or not part.is_guild_only)
        ]

    async def render(
        self,
        interaction: discord.Interaction[Any],
        film: Film,
        metadata: CachedMetadata | None,
        *,
        lookup: Lookup | None = None,
        menu: ui.Item[Any] | None = None,
        is_private: bool = False,
    ) -> Response:
        """Return the film's card for the member who acts, with `menu` below its buttons.

        `is_private`: nobody but the member sees it, as also in direct messages. Without a poster the card has a
        drawn title, unless the poster may be on its way.
        """
        is_private = is_private or is_direct_message(interaction)
        with use_locale(get_reader_locale(interaction, is_private=is_private)):
            return await self._render(interaction, film, metadata, lookup, menu, is_private=is_private)

    async def _render(
        self,
        interaction: discord.Interaction[Any],
        film: Film,
        metadata: CachedMetadata | None,
        lookup: Lookup | None,
        menu: ui.Item[Any] | None,
        *,
        is_private: bool,
    ) -> Response:
        country = await self._get_country(interaction.user.id, interaction.guild_id)
        context = CardContext(interaction, film, lookup, metadata, country, is_private)
        embed = _build_embed(context)
        view, embeds, files = View(), [embed], list[discord.File]()
        if not embed.image.url and (metadata is not None or not self._metadata.is_enabled):
            embed.set_image(url=ATTACHMENT_URL)
            files.append(await asyncio.to_thread(create_film_title_card, film, COLOUR))
        for part in sorted(self._parts.values(), key=lambda part: part.position):
            if isinstance(part, CardAction):
                if interaction.guild_id is not None or not part.is_guild_only:
                    view.add_item(part.button(film.id))
            elif (addition := await part.render(context)) is not None:
                for name, value in addition.fields:
                    embed.add_field(name=name, value=value, inline=False)
                embeds += addition.embeds
                files += addition.files
                for item in addition.items:
                    view.add_item(item)
        if menu is not None:
            view.add_item(menu)
        return Response(describe_alternatives(lookup), tuple(embeds), view, tuple(files))

    async def refresh(
        self,
        interaction: discord.Interaction[Any],
        film: Film,
        shown: Response,
        *,
        lookup: Lookup | None = None,
        menu: ui.Item[Any] | None = None,
        is_private: bool = False,
    ) -> None:
        """Fetch the film's metadata and render the card that the reply shows again with it.

        A reply that shows another film by now is left alone; buttons that have changed since stay as they are.
        """
        metadata = await self._metadata.refresh(film)
        if metadata is None or metadata.details is None:
            return
        message = await interaction.original_response()
        if not message.embeds or message.embeds[0].title != shown.embeds[0].title:
            return
        film = await self._metadata.reload(film)
        response = await self.render(interaction, film, metadata, lookup=lookup, menu=menu, is_private=is_private)
        edit = response.as_edit(keep_content=True)
        shown_ids = _list_custom_ids(shown.view)
        if _list_custom_ids(ui.View.from_message(message, timeout=None)) == shown_ids:
            # What is shown already keeps its place: the member may be about to press it.
            children = response.view.children if response.view is not None else ()
            edit["view"] = View(*sorted(children, key=lambda item: _get_custom_id(item) not in shown_ids))
        else:
            del edit["view"]
        await interaction.edit_original_response(**edit)


def _list_custom_ids(view: ui.View | ui.LayoutView | None) -> list[str | None]:
    return [_get_custom_id(item) for item in view.children] if view is not None else []


def _get_custom_id(item: ui.Item[Any]) -> str | None:
    inner = item.item if isinstance(item, ui.DynamicItem) else item
    return inner.custom_id if isinstance(inner, ui.Button | ui.Select) else None


def _select_cast(film: Film) -> Sequence[Credit]:
    """Return whom a card names: the cast as billed; if it is longer, the last place is the best known other's."""
    if len(film.cast) <= CAST_ON_CARD:
        return film.cast
    billed, others = film.cast[: CAST_ON_CARD - 1], film.cast[CAST_ON_CARD - 1 :]
    return (*billed, max(others, key=lambda credit: credit.person_fame))


def _build_embed(context: CardContext) -> discord.Embed:
    """Return the film's own embed, without the sections' fields."""
    film, details = context.film, context.metadata.details if context.metadata is not None else None
    language = get_locale()
    title = film.get_known_title(language)
    if title == film.title and details is not None:  # a local title is the catalogue's, as in every list
        title = details.get_text(language).title or title
    embed = discord.Embed(title=escape_line_to_fit(with_year(title, film.year), 256), colour=COLOUR)
    parts = (_describe_story(film, title, details, language), _describe_facts(context, details))
    links = _format_links(film)
    text = truncate("\n\n".join(filter(None, parts)), DESCRIPTION_LIMIT - len(links))
    embed.description = "\n\n".join(filter(None, (text, links)))
    if film.cast:
        cast = [format_credit(credit) for credit in _select_cast(film)]
        if (more := len(film.cast) - CAST_ON_CARD) > 0:
            # Translators: {button} is the label of the button that shows the whole cast
            line = ngettext("… and {count} more under **{button}**", "… and {count} more under **{button}**", more)
            cast.append(line.format(count=more, button=_("Cast")))
        embed.add_field(name=_("Cast"), value=truncate("\n".join(cast), FIELD_LIMIT), inline=False)
    notes = [describe_match(film, context.lookup)]
    if details is not None:
        notes.append(_(TMDB_CREDIT))
        if details.poster:
            embed.set_image(url=details.poster)
    if footer := " · ".join(filter(None, notes)):
        embed.set_footer(text=footer)
    return embed


def _describe_story(film: Film, title: str, details: Details | None, language: str) -> str:
    """Return the original title, the tagline and what the film is about, in the member's language if known."""
    lines = []
    if clean_line(film.original_title) != clean_line(title):
        lines.append(f"*{escape_line(film.original_title, 256)}*")
    story = film.logline
    if details is not None:
        text, english = details.get_text(language), details.get_text("en")
        if tagline := text.tagline or (english.tagline if language.startswith("en") else ""):
            lines.append(f"“{escape_line(tagline, 300)}”")
        story = text.overview or film.logline or english.overview
    if story:
        lines.append(escape_line(story, 1_000))
    return "\n".join(lines)


def _describe_facts(context: CardContext, details: Details | None) -> str:
    """Return the facts in few lines: embed fields side by side become a long column on a phone."""
    film = context.film
    certification = collection = ""
    if details is not None:
        certification = escape_line(details.certifications.get(context.country or "", ""), 40)
        parts = context.metadata.collection if context.metadata is not None else None
        collection = escape_line(describe_collection(details, parts) or "", 200)
    lines = (
        ((ngettext("Director", "Directors", len(film.directors)), join_names(film.directors)),),
        (
            (_("Runtime"), format_runtime(film.runtime) if film.runtime else ""),
            (
                _("Released"),
                format_date(film.release_date).replace(" ", NO_BREAK_SPACE) if film.release_date else "",
            ),
        ),
        ((ngettext("Genre", "Genres", len(film.genres)), join_names([_(genre) for genre in film.genres])),),
        (
            (
                ngettext("Country", "Countries", len(film.countries)),
                join_names([country_name(code) for code in film.countries]),
            ),
            (
                ngettext("Language", "Languages", len(film.languages)),
                join_names([language_name(code) for code in film.languages]),
            ),
        ),
        ((_("Certification"), certification), (_("Collection"), collection)),
    )
    return "\n".join(filter(None, (_join_facts(line) for line in lines)))


def _join_facts(facts: Sequence[tuple[str, str]]) -> str:
    """Return the facts that are known on one line, which breaks, if too long for a phone, between two facts."""
    known = [(name, value) for name, value in facts if value]
    space = NO_BREAK_SPACE if len(known) > 1 else " "
    return " · ".join(f"**{name}**{space}{value}" for name, value in known)


def describe_alternatives(lookup: Lookup | None) -> str | None:
    """Return the sentence that several films fit the query, or None if only one does."""
    if lookup is None or lookup.match is None or not lookup.others:
        return None
    count = len(lookup.others) + 1
    message = _("{count} films match “{text}”. Showing **{title}**; pick another below.")
    if count >= MENU_OPTIONS_LIMIT:  # look-up returns no more than the menu has room for
        message = _("{count} or more films match “{text}”. Showing **{title}**; pick another below.")
    title = lookup.film.shown_title if lookup.film is not None else lookup.match.dated_title
    return message.format(count=count, text=escape_line(lookup.text, 100), title=escape_line(title, 150))


def describe_closest_match(name: str) -> str:
    """Return that a title or name is the nearest to what was typed."""
    return _("Closest match: “{title}”").format(title=truncate(clean_line(name), 150))


def describe_other_title(title: str) -> str:
    """Return by which other title a film is known."""
    return _("Also known as “{title}”").format(title=truncate(clean_line(title), 150))


def describe_match(film: Film, lookup: Lookup | None) -> str | None:
    """Return how a guessed film differs from what was typed: by its title, by its year; None if it doesn't."""
    if lookup is None or lookup.match is None:
        return None
    match, parts = lookup.match, []
    is_same = match.score >= SAME_TITLE_SCORE
    if not is_same or match.matched not in (film.title, film.get_known_title(get_locale())):
        parts.append((describe_other_title if is_same else describe_closest_match)(match.matched))
    if lookup.unmet_year is not None and film.year is not None:
        parts.append(_("From {year}, not {other_year}").format(year=film.year, other_year=lookup.unmet_year))
    return " · ".join(parts) or None


def describe_collection(details: Details, collection: Collection | None) -> str | None:
    """Return the film's collection and its place in it, as in `John Wick, 4 of 5`; None if it is in none."""
    if details.collection is None:
        return None
    place = collection.get_position(details.source_id) if collection is not None else None
    if collection is None or place is None:
        return details.collection.name
    # Translators: a film's place in its collection, as in “John Wick, 4 of 5”
    message = _("{collection}, {place} of {count}")
    return message.format(collection=details.collection.name, place=place, count=len(collection.parts))


def _format_links(film: Film) -> str:
    """Return links to the film's pages elsewhere, on one line."""
    imdb, tmdb = film.ids.get("imdb"), film.ids.get("tmdb")
    pages = []
    if imdb:
        pages.append(("IMDb", f"https://www.imdb.com/title/{quote(imdb, safe='')}/"))
    if tmdb:
        pages.append(("TMDB", f"https://www.themoviedb.org/movie/{quote(tmdb, safe='')}"))
    if imdb or tmdb:
        path = f"imdb/{quote(imdb, safe='')}" if imdb else f"tmdb/{quote(tmdb or '', safe='')}"
        pages.append(("Letterboxd", f"https://letterboxd.com/{path}/"))
    pages.append(("Does the Dog Die?", f"https://www.doesthedogdie.com/search?q={quote(film.title, safe='')}"))
    return " · ".join(f"[{name}]({url})" for name, url in pages)


def create_film_title_card(film: Film, colour: discord.Colour) -> discord.File:
    """Return the film's title card as PNG: its known and its original title, year, directors and runtime."""
    facts = [str(film.year)] if film.year else []
    facts += [truncate(clean_line(name), 40) for name in film.directors[:2]]
    if film.runtime:
        facts.append(format_runtime(film.runtime))
    return create_title_card(
        (film.get_known_title(get_locale()), *film.titles),
        fallback=film.id,
        original_title=film.original_title,
        facts=facts,
        colour=colour,
    )


def join_names(names: Sequence[str]) -> str:
    """Return the names separated by commas, each and all of them cut to what a card has room for."""
    return join_limited([escape_line(name, 100) for name in names], 500)


def format_credit(credit: Credit) -> str:
    """Return an actor with the role, as in `Jeon Jong-seo as Ok-ju`."""
    name = escape_line(credit.name, 80)
    if not credit.role:
        return name
    # Translators: an actor and the role, as in “Jeon Jong-seo as Ok-ju”
    return _("{actor} as {role}").format(actor=name, role=escape_line(credit.role, 100))
