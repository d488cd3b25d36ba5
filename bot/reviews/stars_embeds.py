"""Stars as members see them: in letters, and on a film's card."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from bot.core.discord import COLOUR, Choices, get_service, is_ephemeral
from bot.core.errors import InvalidInputError
from bot.core.images.charts import histogram
from bot.core.text.escaping import escape_line
from bot.members.names import get_member_names
from bot.reviews.service import ReviewService
from bot.reviews.stars import HIGHEST, LOWEST, FilmStars, Totals, parse_stars

PICTURE = "attachment://stars.png"


def stars_text(stars: int) -> str:
    """Give half-stars as letters: 7 is `★★★½`."""
    return "★" * (stars // 2) + "½" * (stars % 2)


def stars_in_words(stars: int) -> str:
    """Give half-stars for who can't see them: 7 is `3½ stars`."""
    number = f"{stars // 2 or ''}{'½' * (stars % 2)}"
    return f"{number} star" if stars <= 2 else f"{number} stars"


def choice(stars: int) -> app_commands.Choice[str]:
    """Give an autocomplete choice of that many half-stars."""
    return app_commands.Choice(name=f"{stars_text(stars)} · {stars_in_words(stars)}", value=f"{stars / 2:g}")


def offered(current: str) -> Choices:
    """Give the stars to offer while somebody types, five first; all where what they type is none."""
    every = list(range(HIGHEST, LOWEST - 1, -1))
    try:
        asked = parse_stars(current)
    except InvalidInputError:
        return [choice(stars) for stars in every]
    return [choice(stars) for stars in sorted(every, key=lambda stars: (abs(stars - asked), -stars))]


def summary(stars: FilmStars) -> str:
    """Say what the server makes of a film: the average, the plain mean with it, how many, whether they differ."""
    totals = stars.totals
    if not totals.count:
        return "Nobody here has rated it yet."
    ratings = "1 rating" if totals.count == 1 else f"{totals.count:,} ratings"
    told = f"**★ {stars.average:.1f}** · plain mean {totals.mean:.1f} · {ratings}"
    if totals.divisive:
        told += f" · **divisive** (spread {totals.spread:.1f})"
    return told


def embed(stars: FilmStars, server: str | None, who: str = "You") -> discord.Embed:
    """Give the part of a card that shows the server's stars; its picture goes with it as `histogram`.

    `who` gave the stars that are the member's own: a card that others see must not call them theirs.
    """
    where = f"Stars in {escape_line(server, 100)}" if server else "Stars in this server"
    shown = discord.Embed(title=where, colour=COLOUR, description=summary(stars))
    if stars.own is not None:
        shown.description = f"{shown.description}\n{escape_line(who, 40)} gave {stars_text(stars.own)}."
    if stars.totals.count:
        shown.set_image(url=PICTURE)
    return shown


def pictures(totals: Totals) -> list[discord.File]:
    """Give what goes with the embed: the histogram, or nothing where nobody rated."""
    return [histogram(totals)] if totals.count else []


async def with_stars(
    interaction: discord.Interaction[Any], film_id: str, content: dict[str, Any]
) -> dict[str, Any]:
    """Give a card's message with the server's stars added, where there is a server that has rated the film.

    Who keeps their name out of lists is told of their own stars only where nobody else reads it: above an
    answer Discord says whom it is for.
    """
    if interaction.guild_id is None:
        return content
    stars = await get_service(interaction, ReviewService).film_stars(
        interaction.guild_id, film_id, interaction.user.id
    )
    if not stars.totals.count and stars.own is None:
        return content
    rest = {name: value for name, value in content.items() if name != "embed"}
    server = interaction.guild.name if interaction.guild else None
    user = interaction.user
    hidden = stars.own is not None and (await get_member_names(interaction, [user.id])).is_hidden(user.id)
    if hidden and not is_ephemeral(interaction):
        stars = replace(stars, own=None)
    shown = embed(stars, server, "You" if hidden else user.display_name)
    return {**rest, "embeds": [content["embed"], shown], "files": pictures(stars.totals)}
