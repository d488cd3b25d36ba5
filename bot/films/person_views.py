"""`/person`: the card of a person with their films page by page, and the nearest names where nobody is found."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    Acknowledgement,
    Button,
    Response,
    View,
    can_edit_message,
    custom_id,
    edit_or_respond,
    get_service,
)
from bot.core.paging import clamp_page, count_pages
from bot.core.text.formatting import clean_line, truncate
from bot.core.text.i18n import _
from bot.films.card import describe_closest_match
from bot.films.embeds import FILMS_ON_PAGE, build_person_embed, describe_nobody_found
from bot.films.lists import create_list_view, film_option
from bot.films.models import Person, name_key
from bot.films.people_service import PersonService
from bot.films.views import LABEL_LIMIT


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


ITEMS = (FilmographyButton,)
