"""The help card."""

from collections.abc import Iterable, Mapping
from typing import Any

import discord
from discord import app_commands

from bot.ui.base import COLOUR
from bot.ui.text import joined


def card(commands: Iterable[app_commands.Command[Any, ..., Any]], ids: Mapping[str, int]) -> discord.Embed:
    """Give one card with every command; `ids` (by root name) make them clickable."""
    lines = []
    for command in sorted(commands, key=lambda each: each.qualified_name):
        root = command.root_parent.name if command.root_parent else command.name
        name = command.qualified_name
        shown = f"</{name}:{ids[root]}>" if root in ids else f"`/{name}`"
        lines.append(f"{shown} · {command.description}")
    embed = discord.Embed(title="What Marquee does", colour=COLOUR, description=joined(lines, 4_000, "\n"))
    embed.add_field(
        name="Looking a film up",
        value="Any spelling will do: another script or language, half the title, a year behind it.",
        inline=False,
    )
    return embed
