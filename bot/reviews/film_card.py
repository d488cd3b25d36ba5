"""What reviews add to a film's card: the server's stars."""

from dataclasses import replace
from typing import Any

import discord

from bot.core.discord import get_service, is_ephemeral
from bot.members.names import get_member_names
from bot.reviews.embeds import create_star_histograms, create_stars_embed
from bot.reviews.service import ReviewService


async def with_stars(
    interaction: discord.Interaction[Any], film_id: str, content: dict[str, Any]
) -> dict[str, Any]:
    """Return a card's message with the server's stars added, if the server has rated the film.

    A member who hides their name sees their own stars only on a card that nobody else sees: above a reply Discord
    shows whose command it answers.
    """
    if interaction.guild_id is None:
        return content
    user = interaction.user
    repository = get_service(interaction, ReviewService).repository
    stars = await repository.get_film_stars(interaction.guild_id, film_id, user.id)
    if not stars.totals.rating_count and stars.own_stars is None:
        return content
    rest = {name: value for name, value in content.items() if name != "embed"}
    server_name = interaction.guild.name if interaction.guild else None
    is_hidden = stars.own_stars is not None and (await get_member_names(interaction, [user.id])).is_hidden(user.id)
    if is_hidden and not is_ephemeral(interaction):
        stars = replace(stars, own_stars=None)
    shown = create_stars_embed(stars, server_name, "You" if is_hidden else user.display_name)
    return {**rest, "embeds": [content["embed"], shown], "files": list(create_star_histograms(stars.totals))}
