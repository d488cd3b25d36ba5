"""`/film` and `/person`: look films and people up, in any spelling. Cleans the metadata cache every night."""

import asyncio
import logging
from datetime import time, timedelta

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.client import Marquee
from bot.core.discord import (
    Choices,
    acknowledge,
    acknowledge_if_busy,
    autocomplete,
    gettext_lazy,
    respond,
    respond_publicly,
    user_installable,
)
from bot.core.discord.error_handler import log_errors
from bot.core.discord.interactions import repair_text
from bot.films import choice_views, lists, person_views, views
from bot.films.autocomplete import film_choice, person_choice
from bot.films.mentions import find_named_films
from bot.members.context import refresh_members
from bot.search.query import FIRST_YEAR, LAST_YEAR

log = logging.getLogger(__name__)
Interaction = discord.Interaction[Marquee]
ITEMS = (*views.ITEMS, *choice_views.ITEMS, *lists.ITEMS, *person_views.ITEMS)
Year = app_commands.Range[int, FIRST_YEAR, LAST_YEAR]
NEAREST_PEOPLE = 3
ADDRESSES_LIMIT = 3
"""Addresses of one message that the metadata source is asked about."""
CLEANUP_TIME = time(4, 0)
"""In UTC."""
LEARNING_INTERVAL = 10
"""Minutes between looks whether there are titles to learn."""
LAST_CLEANUP = "online data tidied on"
"""The key under which the database keeps when a process cleaned the cache last."""


class FilmCog(commands.Cog, name="Films"):
    """Looks films and people up."""

    def __init__(self, bot: Marquee) -> None:
        self.services = bot.services
        self.films = bot.services.films
        self.people = bot.services.people
        self.tree = bot.tree
        self.message_menu = app_commands.ContextMenu(
            name=gettext_lazy("Films named here"), callback=self.show_named_films
        )

    async def cog_load(self) -> None:
        """Clean the metadata cache after the start, in case the bot was off at night, and then every night."""
        self.tree.add_command(self.message_menu)
        if self.services.has_nightly_jobs:
            self.clean_nightly.start()
        self.clean_at_start.start()
        if self.services.has_nightly_jobs and self.services.metadata.is_enabled:
            self.learn_titles.start()

    async def cog_unload(self) -> None:
        """Stop cleaning, and remove the message menu."""
        self.tree.remove_command(self.message_menu.name, type=self.message_menu.type)
        self.clean_nightly.cancel()
        self.clean_at_start.cancel()
        self.learn_titles.cancel()

    @user_installable
    @app_commands.command(description=gettext_lazy("Look up a film: cast, story, where to stream"))
    @app_commands.describe(
        title=gettext_lazy("A title or part of one, in any spelling or language"),
        year=gettext_lazy("The year it came out, if you know it"),
    )
    async def film(self, interaction: Interaction, title: str, year: Year | None = None) -> None:
        """Show the film's card, or titles to choose from."""
        lookup = await views.resolve_lookup(interaction, title, year)
        await views.answer_lookup(interaction, lookup)
        if lookup.film is not None and interaction.guild_id is not None:
            self.services.suggestions.add_lookup(interaction.guild_id, lookup.film.id)
        await refresh_members(interaction)

    @film.autocomplete("title")
    @autocomplete
    async def suggest_title(self, interaction: Interaction, current: str) -> Choices:
        """Return the films that fit what is typed, those of the year first if one is entered."""
        year = interaction.namespace.year
        matches = self.films.suggest(
            current, year if isinstance(year, int) else None, server_id=interaction.guild_id
        )
        return [film_choice(match) for match in matches]

    @user_installable
    async def show_named_films(self, interaction: Interaction, message: discord.Message) -> None:
        """Show the films that a message names, privately: the card if it is one, else a list to open."""
        await acknowledge(interaction, ephemeral=True)
        text = "\n".join((message.content, *(embed.title or "" for embed in message.embeds)))
        named = await asyncio.to_thread(find_named_films, repair_text(text), self.films.index)
        films = {film.film_id: film for film in named.films}
        for address in named.addresses[:ADDRESSES_LIMIT]:
            lookup = await self.services.films.lookup(address)
            if not lookup.is_final:
                lookup = await self.services.resolver.ask_source(lookup)
            if lookup.film is not None and (entry := self.films.index.get(lookup.film.id)) is not None:
                films.setdefault(entry.film_id, entry)
        if len(films) == 1:
            await views.show_film(interaction, next(iter(films)), edit=False)
        else:
            await respond(interaction, views.render_named_films(list(films.values())))

    @user_installable
    @app_commands.command(description=gettext_lazy("Look up a director, actor, writer or composer"))
    @app_commands.describe(name=gettext_lazy("Their name or part of it, in any spelling"))
    async def person(self, interaction: Interaction, name: str) -> None:
        """Show their films, newest first."""
        await acknowledge_if_busy(interaction, ephemeral=True)
        person = await self.people.lookup(name)
        if person is None:
            nearest = self.people.search(name, NEAREST_PEOPLE) if name.strip() else []
            await respond(interaction, person_views.render_nearest_people(name, nearest))
            return
        await acknowledge(interaction, ephemeral=False)
        others = self.people.list_others(name, person, NEAREST_PEOPLE)
        await respond_publicly(
            interaction, await person_views.render_person(interaction, person, typed=name, others=others)
        )

    @person.autocomplete("name")
    @autocomplete
    async def suggest_name(self, interaction: Interaction, current: str) -> Choices:
        """Return the people that fit what is typed."""
        return [person_choice(person) for person in self.people.search(current)]

    @tasks.loop(count=1)
    async def clean_at_start(self) -> None:
        """Clean the metadata cache once."""
        await self._clean_metadata()

    @tasks.loop(time=CLEANUP_TIME)
    async def clean_nightly(self) -> None:
        """Clean the metadata cache."""
        await self._clean_metadata()

    @tasks.loop(minutes=LEARNING_INTERVAL)
    async def learn_titles(self) -> None:
        """Learn the titles of the films most asked for, and go on where that stopped."""
        with log_errors("learning film titles"):
            await self.services.popular_titles.learn(self.services.metadata.now())

    async def _clean_metadata(self) -> None:
        """Delete what the metadata source no longer allows to keep; one process of several does it."""
        metadata = self.services.metadata
        with log_errors("the nightly clean-up of metadata"):
            if await self.services.claim_job(LAST_CLEANUP, metadata.now(), timedelta(hours=12)):
                log.info("metadata of %d films was too old and is deleted", await metadata.delete_expired())
                await self.services.database.erase_deleted()


async def setup(bot: Marquee) -> None:
    """Add the cog, what its cards hold, and the film card's own parts."""
    bot.add_dynamic_items(*ITEMS)
    for section in (*views.CARD_SECTIONS, person_views.CAST_SECTION):
        bot.services.film_card.add_section(section)
    await bot.add_cog(FilmCog(bot))


async def teardown(bot: Marquee) -> None:
    """Remove the buttons and the card's parts again."""
    bot.remove_dynamic_items(*ITEMS)
    sections = (*views.CARD_SECTIONS, person_views.CAST_SECTION)
    bot.services.film_card.remove(*(section.name for section in sections))
