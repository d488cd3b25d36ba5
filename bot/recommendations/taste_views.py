"""How far two members' tastes agree: for the two alone, unless both want it shown."""

from collections.abc import Sequence
from typing import Any

import discord
from discord import ui

from bot.core.discord import COLOUR, Button, View, custom_id, get_service, require_guild_id
from bot.core.discord.response import show_late
from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.text.formatting import truncate
from bot.films.service import FilmService
from bot.members.names import get_member_names, with_mentions
from bot.recommendations.reasons_text import title_of
from bot.recommendations.service import RecommendationService
from bot.recommendations.taste_match import RatingDifference, TasteMatch
from bot.reviews.stars import format_stars


class PrivateTasteError(MarqueeError):
    """The taste of a member who keeps their name out of lists."""

    def __init__(self) -> None:
        super().__init__("That member keeps their name out of lists, and so their taste.")


class NotAskedError(MarqueeError):
    """A question that somebody else has to answer."""

    def __init__(self) -> None:
        super().__init__("That is for the other member to say.")


async def compared(interaction: discord.Interaction[Any], other: discord.abc.User) -> dict[str, Any]:
    """Give the message for the member who asks alone.

    Raises InvalidInputError for oneself or a bot, PrivateTasteError.
    """
    if other.id == interaction.user.id or other.bot:
        raise InvalidInputError("Pick somebody else: tastes are compared between two members.")
    content = await _comparison(interaction, interaction.user.id, other.id)
    return {**content, "view": View(AskButton(str(other.id)))}


async def _comparison(interaction: discord.Interaction[Any], one: int, other: int) -> dict[str, Any]:
    names = await get_member_names(interaction, [one, other])
    hidden = {member for member in (one, other) if names.is_hidden(member)}
    if hidden - {interaction.user.id}:
        raise PrivateTasteError
    match = await get_service(interaction, RecommendationService).match_tastes(
        require_guild_id(interaction), one, other
    )
    return with_mentions({"embed": _embed(interaction, match, (f"<@{one}>", f"<@{other}>"))})


def _embed(interaction: discord.Interaction[Any], match: TasteMatch, who: tuple[str, str]) -> discord.Embed:
    one, other = who
    embed = discord.Embed(title="How two tastes agree", colour=COLOUR)
    films = "1 film" if match.common_count == 1 else f"{match.common_count:,} films"
    if not match.common_count:
        embed.description = f"{one} and {other} have not rated the same film yet, so nothing can be said."
    else:
        embed.description = (
            f"{one} and {other} agree to **{match.agreement:.0%}**, "
            f"with a confidence of {match.confidence:.0%}: it rests on {films} that both rated."
        )
    parts = (
        ("They differ most on", [_difference(interaction, each, who) for each in match.differences]),
        ("To show", _shows(interaction, match.films_for_second, who)),
        ("To be shown", _shows(interaction, match.films_for_first, (other, one))),
    )
    for name, lines in parts:
        if kept := [line for line in lines if line]:
            embed.add_field(name=name, value=truncate("\n".join(kept), 1_024), inline=False)
    return embed


def _difference(interaction: discord.Interaction[Any], each: RatingDifference, who: tuple[str, str]) -> str:
    title = title_of(get_service(interaction, FilmService), each.film_id)
    if not title:
        return ""
    given = [format_stars(round(2 * stars)) for stars in (each.first_stars, each.second_stars)]
    return f"{title} · {who[0]} {given[0]} · {who[1]} {given[1]}"


def _shows(
    interaction: discord.Interaction[Any], films: Sequence[tuple[str, float]], who: tuple[str, str]
) -> list[str]:
    catalogue = get_service(interaction, FilmService)
    titled = [(title_of(catalogue, film_id), stars) for film_id, stars in films]
    lines = [f"{title} (★ {stars:.1f} predicted)" for title, stars in titled if title]
    return [f"{who[0]} shows {who[1]}:", *lines] if lines else []


class AskButton(Button, template=r"v1:taste-ask:(?P<other>\d{1,20})"):
    """Asks the other member whether it may be shown to everybody."""

    def __init__(self, other: str) -> None:
        self.other = int(other)
        super().__init__(ui.Button(label="Show it here", custom_id=custom_id("taste-ask", other)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Ask in the channel; nothing is shown yet."""
        one = interaction.user.id
        names = await get_member_names(interaction, [self.other])
        if names.is_hidden(self.other):
            raise PrivateTasteError
        told = (
            f"<@{one}> would like to show here how their taste and <@{self.other}>'s agree. "
            f"It is for <@{self.other}> to say."
        )
        view = View(AgreeButton(str(one), str(self.other)), DeclineButton(str(one), str(self.other)))
        await interaction.response.send_message(told, view=view)


class AgreeButton(Button, template=r"v1:taste-agree:(?P<one>\d{1,20}):(?P<other>\d{1,20})"):
    """The other member's consent: shows it."""

    def __init__(self, one: str, other: str) -> None:
        self.one, self.other = int(one), int(other)
        style = discord.ButtonStyle.primary
        super().__init__(ui.Button(label="Show it", style=style, custom_id=custom_id("taste-agree", one, other)))

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Let the other member alone agree."""
        if interaction.user.id != self.other:
            raise NotAskedError
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Put it in place of the question."""

        async def make() -> dict[str, Any]:
            return {"view": None, **await _comparison(interaction, self.one, self.other)}

        await show_late(interaction, make, replace=True)


class DeclineButton(Button, template=r"v1:taste-decline:(?P<one>\d{1,20}):(?P<other>\d{1,20})"):
    """Either member's no."""

    def __init__(self, one: str, other: str) -> None:
        self.one, self.other = int(one), int(other)
        super().__init__(ui.Button(label="Don't", custom_id=custom_id("taste-decline", one, other)))

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Let the two alone end it."""
        if interaction.user.id not in (self.one, self.other):
            raise NotAskedError
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Take the question away."""
        await interaction.response.edit_message(content="It stays between the two of them.", view=None)


ITEMS = (AskButton, AgreeButton, DeclineButton)
