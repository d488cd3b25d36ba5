"""The card of a person: their films, newest first, each to be opened."""

from typing import Any

import discord
from discord import app_commands, ui

from bot.core.discord import (
    COLOUR,
    Button,
    View,
    custom_id,
    get_service,
    is_command_author,
    is_ephemeral,
    show,
)
from bot.core.errors import PersonGoneError
from bot.core.text.escaping import escape, escape_line
from bot.core.text.formatting import clean_line, truncate, with_year
from bot.films.card import CHOICE_LIMIT
from bot.films.models import Job
from bot.films.people import FilmographyEntry, Person, PersonService
from bot.films.views import FilmMenu

FILMS_ON_PAGE = 10
_JOBS = {Job.DIRECTOR: "director", Job.WRITER: "writer", Job.COMPOSER: "music", Job.CAST: "cast"}


def choice(person: Person) -> app_commands.Choice[str]:
    """Give an autocomplete choice: the name and how many films there are."""
    films = f"{person.credits} film" + ("" if person.credits == 1 else "s")
    return app_commands.Choice(
        name=truncate(f"{clean_line(person.name)} · {films}", CHOICE_LIMIT), value=person.id
    )


def card(person: Person, films: list[FilmographyEntry], page: int = 0) -> tuple[discord.Embed, View]:
    """Give one page of the person's films and what opens them."""
    pages = max(1, -(-len(films) // FILMS_ON_PAGE))
    page = min(page, pages - 1)
    shown = films[page * FILMS_ON_PAGE : (page + 1) * FILMS_ON_PAGE]
    embed = discord.Embed(title=truncate(escape(clean_line(person.name)), 256), colour=COLOUR)
    embed.description = "\n".join(_line(film) for film in shown) or "No film in the catalogue."
    if pages > 1:
        embed.set_footer(text=f"{len(films)} films · page {page + 1} of {pages}")
    view = View()
    if shown:
        view.add_item(FilmMenu([_option(film) for film in shown]))
    if page > 0:
        view.add_item(FilmographyButton(person.id, str(page - 1), "Newer"))
    if page + 1 < pages:
        view.add_item(FilmographyButton(person.id, str(page + 1), "Older"))
    return embed, view


def nobody_found(text: str, nearest: list[Person]) -> str:
    """Say that nobody is called that, and who is nearly."""
    asked = escape_line(text, 100)
    told = f"Nobody in the catalogue is called “{asked}”." if asked else "There is no name in that."
    if nearest:
        told += " The nearest: " + ", ".join(escape_line(person.name, 80) for person in nearest) + "."
    return told


def _line(film: FilmographyEntry) -> str:
    parts = [_JOBS[job] for job in film.jobs if job is not Job.CAST]
    if Job.CAST in film.jobs:
        parts.append(f"as {escape_line(' / '.join(film.roles), 100)}" if film.roles else "cast")
    return f"**{escape_line(with_year(film.title, film.year), 150)}** · {', '.join(parts)}"


def _option(film: FilmographyEntry) -> discord.SelectOption:
    return discord.SelectOption(
        label=truncate(clean_line(with_year(film.title, film.year)), CHOICE_LIMIT), value=film.film_id
    )


class FilmographyButton(Button, template=r"v1:person:(?P<person_id>[a-z0-9-]+):(?P<page>\d{1,3})"):
    """Another page of a person's films."""

    def __init__(self, person_id: str, page: str, label: str = "More") -> None:
        self.person_id = person_id
        self.page = int(page)
        super().__init__(ui.Button(label=label, custom_id=custom_id("person", person_id, self.page)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the member who asked, show it privately to others."""
        people = get_service(interaction, PersonService)
        person = await people.get(self.person_id)
        if person is None:
            raise PersonGoneError
        embed, view = card(person, await people.filmography(person.id), self.page)
        replace = is_command_author(interaction) or is_ephemeral(interaction)
        await show(interaction, replace=replace, embed=embed, view=view)


ITEMS = (FilmographyButton,)
