"""`/taste`: how well two members' tastes match, for the two only unless both want it shown."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Button,
    Response,
    View,
    custom_id,
    get_service,
    require_guild_id,
    respond,
    respond_deferred,
)
from bot.core.discord.limits import FIELD_LIMIT
from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.text.formatting import format_count, truncate
from bot.films.service import FilmService
from bot.members.context import get_member_names, with_mentions
from bot.recommendations.embeds import format_title
from bot.recommendations.service import RecommendationService
from bot.recommendations.taste_match import PredictedFilm, TasteMatch
from bot.reviews.stars import format_stars


class PrivateTasteError(MarqueeError):
    """The taste of a member who hides their name from others."""

    def __init__(self) -> None:
        super().__init__("That member keeps their name out of lists, and so their taste.")


class NotAskedMemberError(MarqueeError):
    """A question that somebody else has to answer."""

    def __init__(self) -> None:
        super().__init__("That is for the other member to say.")


async def render_taste_match(interaction: discord.Interaction[Any], other: discord.abc.User) -> Response:
    """Return the message for the member who acts, with a button to ask the other to show it to everybody.

    Raises InvalidInputError for oneself or a bot, PrivateTasteError.
    """
    if other.id == interaction.user.id or other.bot:
        raise InvalidInputError("Pick somebody else: tastes are compared between two members.")
    response = await _render_comparison(interaction, interaction.user.id, other.id)
    return replace(response, view=View(AskButton(str(other.id))))


async def _render_comparison(interaction: discord.Interaction[Any], first: int, second: int) -> Response:
    """Return the comparison of two members by their ids. Raises PrivateTasteError."""
    names = await get_member_names(interaction, [first, second])
    hidden = {member_id for member_id in (first, second) if names.is_hidden(member_id)}
    if hidden - {interaction.user.id}:
        raise PrivateTasteError
    match = await get_service(interaction, RecommendationService).match_tastes(
        require_guild_id(interaction), first, second
    )
    films = get_service(interaction, FilmService)
    embed = build_taste_match_embed(match, films, first=f"<@{first}>", second=f"<@{second}>")
    return with_mentions(Response(embeds=(embed,)))


def build_taste_match_embed(match: TasteMatch, films: FilmService, *, first: str, second: str) -> discord.Embed:
    """Return the comparison; `first` and `second` are the members' mentions."""
    embed = discord.Embed(title="How two tastes agree", colour=COLOUR)
    common = format_count(match.common_count, "film")
    if not match.common_count:
        embed.description = f"{first} and {second} have not rated the same film yet, so nothing can be said."
    else:
        embed.description = (
            f"{first} and {second} agree to **{match.agreement:.0%}**, "
            f"with a confidence of {match.confidence:.0%}: it rests on {common} that both rated."
        )
    differences = [
        f"{title} · {first} {format_stars(round(2 * each.first_stars))}"
        f" · {second} {format_stars(round(2 * each.second_stars))}"
        for each in match.differences
        if (title := format_title(films, each.film_id))
    ]
    fields = (
        ("They differ most on", differences),
        ("To show", _describe_films_to_show(films, match.films_for_second, giver=first, receiver=second)),
        ("To be shown", _describe_films_to_show(films, match.films_for_first, giver=second, receiver=first)),
    )
    for name, lines in fields:
        if lines:
            embed.add_field(name=name, value=truncate("\n".join(lines), FIELD_LIMIT), inline=False)
    return embed


def _describe_films_to_show(
    films: FilmService, predictions: Sequence[PredictedFilm], *, giver: str, receiver: str
) -> list[str]:
    """Return a line for each film with its predicted stars, under a line that says who shows whom."""
    lines = [
        f"{title} (★ {each.stars:.1f} predicted)"
        for each in predictions
        if (title := format_title(films, each.film_id))
    ]
    return [f"{giver} shows {receiver}:", *lines] if lines else []


class AskButton(Button, template=r"v1:taste-ask:(?P<other>[0-8]?\d{1,18})"):
    """Asks the other member whether the comparison may be shown to everybody."""

    def __init__(self, other: str) -> None:
        self.other = int(other)
        super().__init__(ui.Button(label="Show it here", custom_id=custom_id("taste-ask", other)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Ask in the channel; nothing is shown yet."""
        first = interaction.user.id
        names = await get_member_names(interaction, [self.other])
        if names.is_hidden(self.other):
            raise PrivateTasteError
        question = (
            f"<@{first}> would like to show here how their taste and <@{self.other}>'s agree. "
            f"It is for <@{self.other}> to say."
        )
        view = View(AgreeButton(str(first), str(self.other)), DeclineButton(str(first), str(self.other)))
        await respond(interaction, Response(question, view=view))


class AgreeButton(Button, template=r"v1:taste-agree:(?P<one>[0-8]?\d{1,18}):(?P<other>[0-8]?\d{1,18})"):
    """The other member's consent to show the comparison."""

    def __init__(self, one: str, other: str) -> None:
        self.one, self.other = int(one), int(other)
        style = discord.ButtonStyle.primary
        super().__init__(ui.Button(label="Show it", style=style, custom_id=custom_id("taste-agree", one, other)))

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return True. Raises NotAskedMemberError for anybody but the other member."""
        if interaction.user.id != self.other:
            raise NotAskedMemberError
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the comparison in place of the question."""

        async def build() -> Response:
            return await _render_comparison(interaction, self.one, self.other)

        await respond_deferred(interaction, build, edit=True)


class DeclineButton(Button, template=r"v1:taste-decline:(?P<one>[0-8]?\d{1,18}):(?P<other>[0-8]?\d{1,18})"):
    """Either member's refusal to show the comparison."""

    def __init__(self, one: str, other: str) -> None:
        self.one, self.other = int(one), int(other)
        super().__init__(ui.Button(label="Don't", custom_id=custom_id("taste-decline", one, other)))

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return True. Raises NotAskedMemberError for anybody but the two."""
        if interaction.user.id not in (self.one, self.other):
            raise NotAskedMemberError
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Remove the question."""
        await interaction.response.edit_message(content="It stays between the two of them.", view=None)


ITEMS = (AskButton, AgreeButton, DeclineButton)
