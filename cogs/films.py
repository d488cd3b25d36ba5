"""`/film` and `/person`: look films and people up, in any spelling."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Choices, Response, autocomplete, respond
from bot.films import views
from bot.films.autocomplete import film_choice, person_choice
from bot.films.embeds import describe_nobody_found
from bot.films.people import PersonService
from bot.films.service import FilmService
from bot.members.context import refresh_members
from bot.search.query import FIRST_YEAR, LAST_YEAR

Interaction = discord.Interaction[Marquee]
Year = app_commands.Range[int, FIRST_YEAR, LAST_YEAR]
NEAREST_PEOPLE = 3


class FilmCog(commands.Cog, name="Films"):
    """Looks films and people up."""

    def __init__(self, films: FilmService, people: PersonService) -> None:
        self.films = films
        self.people = people

    @app_commands.command()
    @app_commands.describe(title="Any spelling, any language, half of it will do", year="Where you know it")
    async def film(self, interaction: Interaction, title: str, year: Year | None = None) -> None:
        """Look a film up: who made it, who is in it, what it is about, where to stream it."""
        lookup = await self.films.find(title, year)
        await views.answer_lookup(interaction, lookup, year)
        if lookup.film is not None and interaction.guild_id is not None:
            interaction.client.services.server_films.look_up(interaction.guild_id, lookup.film.id)
        await refresh_members(interaction)

    @film.autocomplete("title")
    @autocomplete
    async def suggest_title(self, interaction: Interaction, current: str) -> Choices:
        """Suggest films, those of the year first if one is entered."""
        year = interaction.namespace.year
        matches = self.films.suggest(
            current, year if isinstance(year, int) else None, server_id=interaction.guild_id
        )
        return [film_choice(match) for match in matches]

    @app_commands.command()
    @app_commands.describe(name="A director, an actor, a writer or a composer")
    async def person(self, interaction: Interaction, name: str) -> None:
        """Look somebody up: their films in the catalogue, newest first."""
        person = await self.people.find(name)
        if person is None:
            nearest = self.people.search(name, NEAREST_PEOPLE) if name.strip() else []
            await respond(interaction, Response(describe_nobody_found(name, nearest)), ephemeral=True)
            return
        await respond(interaction, views.render_person(person, await self.people.filmography(person.id)))

    @person.autocomplete("name")
    @autocomplete
    async def suggest_name(self, interaction: Interaction, current: str) -> Choices:
        """Suggest people."""
        return [person_choice(person) for person in self.people.search(current)]


async def setup(bot: Marquee) -> None:
    """Add the cog, what its cards hold, and the film card's own parts."""
    bot.add_dynamic_items(*views.ITEMS)
    for section in views.CARD_SECTIONS:
        bot.services.film_card.add_section(section)
    await bot.add_cog(FilmCog(bot.services.catalogue, bot.services.people))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons and the card's parts again."""
    bot.remove_dynamic_items(*views.ITEMS)
    bot.services.film_card.remove(*(section.name for section in views.CARD_SECTIONS))
