"""`/person`: somebody's films."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import Choices, autocomplete
from bot.films import people_views as ui
from bot.films.people import PersonService

NEAREST = 3


class PeopleCog(commands.Cog, name="People"):
    """Looks people up."""

    def __init__(self, people: PersonService) -> None:
        self.people = people

    @app_commands.command()
    @app_commands.describe(name="A director, an actor, a writer or a composer")
    async def person(self, interaction: discord.Interaction[Marquee], name: str) -> None:
        """Look somebody up: their films in the catalogue, newest first."""
        person = await self.people.find(name)
        if person is None:
            nearest = self.people.search(name, NEAREST) if name.strip() else []
            await interaction.response.send_message(ui.nobody_found(name, nearest), ephemeral=True)
            return
        embed, view = ui.card(person, await self.people.filmography(person.id))
        await interaction.response.send_message(embed=embed, view=view)

    @person.autocomplete("name")
    @autocomplete
    async def suggest_name(self, interaction: discord.Interaction[Marquee], current: str) -> Choices:
        """Offer people while somebody types."""
        return [ui.choice(person) for person in self.people.search(current)]


async def setup(bot: Marquee) -> None:
    """Add the cog and what its cards hold."""
    bot.add_dynamic_items(*ui.ITEMS)
    await bot.add_cog(PeopleCog(bot.services.people))


async def teardown(bot: Marquee) -> None:
    """Take the cards' buttons out again."""
    bot.remove_dynamic_items(*ui.ITEMS)
