"""`/help` and `/about`, and their cards."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Marquee
from bot.core.discord import COLOUR
from bot.core.discord.limits import FIELD_LIMIT
from bot.core.text.formatting import join_limited
from bot.films.card import TMDB_NOTICE
from bot.streaming.embeds import JUSTWATCH_NOTICE


def build_help_embed(
    commands: Iterable[app_commands.Command[Any, ..., Any]], ids: Mapping[str, int]
) -> discord.Embed:
    """Return one card with every command; `ids` (by the name of the root command) make them clickable.

    The commands of a group share one field: a line for each would not fit.
    """
    lines: list[str] = []
    groups: dict[str, list[str]] = {}
    for command in sorted(commands, key=lambda command: command.qualified_name):
        mention = _mention_command(command.qualified_name, ids)
        if command.root_parent is None:
            lines.append(f"{mention} · {command.description}")
        else:
            groups.setdefault(command.root_parent.description, []).append(mention)
    embed = discord.Embed(title="What Marquee does", colour=COLOUR, description=join_limited(lines, 4_000, "\n"))
    for description, mentions in groups.items():
        embed.add_field(
            name=description.removesuffix("."), value=join_limited(mentions, FIELD_LIMIT, " · "), inline=False
        )
    embed.add_field(
        name="Looking a film up",
        value="Any spelling will do: another script or language, half the title, a year behind it.",
        inline=False,
    )
    return embed


def _mention_command(name: str, ids: Mapping[str, int]) -> str:
    root = name.split(" ")[0]
    return f"</{name}:{ids[root]}>" if root in ids else f"`/{name}`"


def build_about_embed(version: str, *, tmdb_notice: str | None, justwatch_notice: str) -> discord.Embed:
    """Return what Marquee is and whose data it shows.

    `tmdb_notice` and `justwatch_notice` are the attributions in the words that the terms of use require;
    `tmdb_notice` is None if nothing comes from TMDB.
    """
    embed = discord.Embed(title="About Marquee", colour=COLOUR)
    embed.description = (
        f"Marquee {version}, a film bot: free software under the MIT licence. "
        "It reads no messages and needs no privileged rights."
    )
    embed.add_field(
        name="The catalogue", value="Facts written for Marquee, and what its operator has added.", inline=False
    )
    if tmdb_notice is not None:
        value = (
            f"{tmdb_notice}\nPosters, stills, trailers and texts come from [TMDB](https://www.themoviedb.org). "
            f"{justwatch_notice}. Nothing of it is learnt from: recommendations know nothing of it."
        )
        embed.add_field(name="Pictures and where to stream", value=value, inline=False)
    return embed


Context = discord.Interaction[Marquee]


class HelpCog(commands.Cog, name="Help"):
    """What the bot does, and whose data it shows."""

    @app_commands.command()
    async def help(self, interaction: Context) -> None:
        """See everything Marquee does."""
        bot = interaction.client
        all_commands = [each for each in bot.tree.walk_commands() if isinstance(each, app_commands.Command)]
        await interaction.response.send_message(
            embed=build_help_embed(all_commands, bot.command_ids), ephemeral=True
        )

    @app_commands.command()
    async def about(self, interaction: Context) -> None:
        """See what Marquee is, and whose data it shows."""
        tmdb_notice = TMDB_NOTICE if interaction.client.services.metadata.is_enabled else None
        embed = build_about_embed(
            version("marquee-bot"), tmdb_notice=tmdb_notice, justwatch_notice=JUSTWATCH_NOTICE
        )
        await interaction.response.send_message(embed=embed, ephemeral=True)


async def setup(bot: Marquee) -> None:
    """Add the cog."""
    await bot.add_cog(HelpCog())
