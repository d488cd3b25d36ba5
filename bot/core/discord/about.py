"""Who made it, and whose data it shows."""

import discord

from bot.core.discord import COLOUR
from bot.films.embeds import TMDB_NOTICE
from bot.streaming.embeds import JUSTWATCH


def card(version: str, *, tmdb: bool) -> discord.Embed:
    """Give the card; `tmdb` tells whether details come from there."""
    embed = discord.Embed(title="About Marquee", colour=COLOUR)
    embed.description = (
        f"Marquee {version}, a film bot: free software under the MIT licence. "
        "It reads no messages and needs no privileged rights."
    )
    embed.add_field(
        name="The catalogue", value="Facts written for Marquee, and what its operator has added.", inline=False
    )
    if tmdb:
        told = (
            f"{TMDB_NOTICE}\nPosters, stills, trailers and texts come from [TMDB](https://www.themoviedb.org). "
            f"{JUSTWATCH}. Nothing of it is learnt from: recommendations know nothing of it."
        )
        embed.add_field(name="Pictures and where to stream", value=told, inline=False)
    return embed
