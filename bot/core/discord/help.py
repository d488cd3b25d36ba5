"""The help card."""

from collections.abc import Iterable, Mapping
from typing import Any

import discord
from discord import app_commands

from bot.core.discord import COLOUR
from bot.core.text.formatting import join_limited


def card(commands: Iterable[app_commands.Command[Any, ..., Any]], ids: Mapping[str, int]) -> discord.Embed:
    """Give one card with every command; `ids` (by root name) make them clickable.

    Those of a group stand side by side under what the group is for: a line for each would not fit.
    """
    alone: list[str] = []
    groups: dict[str, list[str]] = {}
    for command in sorted(commands, key=lambda each: each.qualified_name):
        root = command.root_parent
        shown = _shown(command.qualified_name, ids)
        if root is None:
            alone.append(f"{shown} · {command.description}")
        else:
            groups.setdefault(root.description, []).append(shown)
    embed = discord.Embed(title="What Marquee does", colour=COLOUR, description=join_limited(alone, 4_000, "\n"))
    for purpose, shown_there in groups.items():
        embed.add_field(
            name=purpose.removesuffix("."), value=join_limited(shown_there, 1_024, " · "), inline=False
        )
    embed.add_field(
        name="Looking a film up",
        value="Any spelling will do: another script or language, half the title, a year behind it.",
        inline=False,
    )
    return embed


def _shown(name: str, ids: Mapping[str, int]) -> str:
    root = name.split(" ")[0]
    return f"</{name}:{ids[root]}>" if root in ids else f"`/{name}`"
