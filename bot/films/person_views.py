"""`/person`: the card of a person with their films page by page, and the nearest names where nobody is found."""

from collections.abc import Mapping, Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Menu,
    Response,
    View,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
    is_ephemeral,
    respond,
    use_member_language,
)
from bot.core.discord.autocomplete import CHOICE_LENGTH_LIMIT
from bot.core.discord.limits import MENU_OPTIONS_LIMIT
from bot.core.discord.response import list_custom_ids
from bot.core.paging import clamp_page, count_pages
from bot.core.text.formatting import clean_line, truncate
from bot.core.text.i18n import _
from bot.films.card import CardAddition, CardContext, CardSection, describe_closest_match
from bot.films.embeds import (
    FILMS_ON_PAGE,
    PEOPLE_ON_PAGE,
    build_cast_embed,
    build_person_embed,
    describe_nobody_found,
)
from bot.films.lists import create_list_view, film_option
from bot.films.models import CreditJob, Film, Person, name_key
from bot.films.people_service import PersonService
from bot.films.views import CAST_PREFIX, LABEL_LIMIT, require_film


class FilmographyButton(Button, template=r"v1:person:(?P<person_id>[a-z0-9-]+):(?P<page>\d{1,3})"):
    """A page of a person's films."""

    acknowledgement = Acknowledgement.EDIT_OWN_IF_BUSY

    def __init__(self, person_id: str, page: str, label: str = "") -> None:
        self.person_id = person_id
        self.page = int(page)
        label = truncate(clean_line(label), LABEL_LIMIT) or _("More")
        super().__init__(ui.Button(label=label, custom_id=custom_id("person", person_id, self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member who used the command, show it privately to others."""
        person = await get_service(interaction, PersonService).require(self.person_id)
        response = await render_person(interaction, person, self.page)
        await edit_or_respond(interaction, response, edit=can_edit_message(interaction))


def render_nearest_people(text: str, nearest: Sequence[Person]) -> Response:
    """Return the answer to a look-up that found no person, with buttons for the people of the nearest names."""
    view = View(*(FilmographyButton(person.id, "0", person.name) for person in nearest))
    return Response(describe_nobody_found(text, nearest), view=view, is_ephemeral=True)


async def render_person(
    interaction: discord.Interaction[Any],
    person: Person,
    page: int = 0,
    *,
    typed: str = "",
    others: Sequence[Person] = (),
) -> Response:
    """Return the card of a person: one page of their films, newest first, and what can be done about each.

    `others` are people whom the text `typed` may mean as well; each has a button.
    """
    people = get_service(interaction, PersonService)
    films = await people.repository.list_filmography(person.id)
    details = await people.get_details(person)
    pages = count_pages(len(films), FILMS_ON_PAGE)
    page = clamp_page(page, len(films), FILMS_ON_PAGE)
    shown = films[page * FILMS_ON_PAGE : (page + 1) * FILMS_ON_PAGE]
    buttons = []
    if page > 0:
        buttons.append(FilmographyButton(person.id, str(page - 1), _("Newer")))
    if page + 1 < pages:
        buttons.append(FilmographyButton(person.id, str(page + 1), _("Older")))
    options = [film_option(film) for film in shown]
    buttons += [FilmographyButton(each.id, "0", each.name) for each in others]
    view = create_list_view(interaction, options, *buttons)
    query = name_key(typed)
    is_named = not query or typed == person.id or f" {query} " in f" {name_key(person.name)} "
    content = None if is_named else describe_closest_match(person.name)
    return Response(content, (build_person_embed(person, films, page, pages, details),), view)


class CastButton(Button, template=r"v1:cast:(?P<film_id>[a-z0-9-]+):(?P<page>\d{1,3})"):
    """The whole cast, page by page, for the member who pressed."""

    acknowledgement = Acknowledgement.EDIT_IF_BUSY

    def __init__(self, film_id: str, page: str = "0", label: str = "") -> None:
        self.film_id = film_id
        self.page = int(page)
        super().__init__(ui.Button(label=label or _("Cast"), custom_id=custom_id("cast", film_id, self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the page: privately at first, then in that same message."""
        use_member_language(interaction)
        film = await require_film(interaction, self.film_id)
        embed = build_cast_embed(film, self.page)
        view = View()
        if self.page > 0:
            view.add_item(CastButton(self.film_id, str(self.page - 1), _("Back")))
        if self.page + 1 < count_pages(len(film.cast), PEOPLE_ON_PAGE):
            view.add_item(CastButton(self.film_id, str(self.page + 1), _("More")))
        if options := _list_people(film, self.page):
            view.add_item(PersonMenu(options))
        prefixes = (CAST_PREFIX, PersonMenu.CUSTOM_ID)
        is_cast_page = all(each.startswith(prefixes) for each in list_custom_ids(interaction))
        turns_page = is_ephemeral(interaction) and is_cast_page
        await edit_or_respond(interaction, Response(embeds=(embed,), view=view), edit=turns_page)


class PersonMenu(Menu, template=r"v1:people"):
    """The people of a page of a film's cast, each to be opened beside it."""

    CUSTOM_ID = custom_id("people")

    def __init__(self, options: list[discord.SelectOption]) -> None:
        super().__init__(ui.Select(custom_id=self.CUSTOM_ID, options=options, placeholder=_("Open a person")))

    def load_state(self, state: Mapping[str, str]) -> None:
        """Read nothing: the chosen value names the person."""

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the person's card privately."""
        use_member_language(interaction)
        person = await get_service(interaction, PersonService).require(self.item.values[0])
        await respond(interaction, await render_person(interaction, person), ephemeral=True)


def _list_people(film: Film, page: int) -> list[discord.SelectOption]:
    """Return who is on that page of the cast, each once, with the crew on the first."""
    page = clamp_page(page, len(film.cast), PEOPLE_ON_PAGE)
    credits = film.cast[page * PEOPLE_ON_PAGE : (page + 1) * PEOPLE_ON_PAGE]
    if page == 0:
        credits += tuple(credit for credit in film.credits if credit.job is not CreditJob.CAST)
    people = {credit.person_id: credit for credit in reversed(credits) if credit.person_id}
    return [
        discord.SelectOption(
            label=truncate(clean_line(credit.name), CHOICE_LENGTH_LIMIT),
            value=person_id,
            description=truncate(clean_line(credit.role or ""), CHOICE_LENGTH_LIMIT) or None,
        )
        for person_id, credit in [*reversed(people.items())][:MENU_OPTIONS_LIMIT]
    ]


async def _render_cast_button(context: CardContext) -> CardAddition | None:
    return CardAddition(items=(CastButton(context.film.id),)) if context.film.cast else None


CAST_SECTION = CardSection("cast", 40, _render_cast_button)
"""The button that opens the cast, on a film's card."""
ITEMS = (FilmographyButton, CastButton, PersonMenu)
