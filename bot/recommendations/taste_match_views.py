"""`/taste`: how well two members' tastes match, for the two only unless both want it shown."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
from discord import ui

from bot.core.discord import (
    COLOUR,
    Acknowledgement,
    Button,
    Response,
    View,
    custom_id,
    edit_or_respond,
    get_service,
    require_guild_id,
    respond,
    respond_deferred,
)
from bot.core.discord.limits import FIELD_LIMIT
from bot.core.errors import InvalidInputError, MarqueeError
from bot.core.text.cldr import format_decimal, format_number
from bot.core.text.formatting import truncate
from bot.core.text.i18n import _, ngettext
from bot.films.service import FilmService
from bot.members.context import get_member_names, with_mentions
from bot.recommendations.embeds import format_dated_title
from bot.recommendations.service import RecommendationService
from bot.recommendations.taste_match import PredictedFilm, RatingDifference, TasteMatch
from bot.reviews.stars import format_stars


class PrivateTasteError(MarqueeError):
    """The taste of a member who hides their name from others."""

    def __init__(self) -> None:
        super().__init__(_("This member's taste is private. Compare with another member."))


class NotAskedMemberError(MarqueeError):
    """A question that somebody else has to answer."""

    def __init__(self) -> None:
        super().__init__(_("Only the other member can answer that."))


async def render_taste_match(interaction: discord.Interaction[Any], other: discord.abc.User) -> Response:
    """Return the message for the member who acts, with a button to ask the other to show it to everybody.

    Raises InvalidInputError for oneself or a bot, PrivateTasteError.
    """
    if other.id == interaction.user.id or other.bot:
        raise InvalidInputError(_("Choose another member to compare with."))
    match = await _match_tastes(interaction, interaction.user.id, other.id)
    if not match.common_count:
        # Translators: {name} is the other member whose taste was to be compared
        sentence = _("You and {name} haven't rated any of the same films yet. Rate a few with `/rate`.")
        return with_mentions(Response(sentence.format(name=f"<@{other.id}>")))
    response = _render_comparison(interaction, match, interaction.user.id, other.id)
    return replace(response, view=View(AskButton(str(other.id))))


async def _match_tastes(interaction: discord.Interaction[Any], first: int, second: int) -> TasteMatch:
    """Return how far the tastes of two members agree, by their ids. Raises PrivateTasteError."""
    names = await get_member_names(interaction, [first, second])
    hidden = {member_id for member_id in (first, second) if names.is_hidden(member_id)}
    if hidden - {interaction.user.id}:
        raise PrivateTasteError
    return await get_service(interaction, RecommendationService).match_tastes(
        require_guild_id(interaction), first, second
    )


def _render_comparison(
    interaction: discord.Interaction[Any], match: TasteMatch, first: int, second: int
) -> Response:
    """Return the comparison of two members by their ids."""
    films = get_service(interaction, FilmService)
    embed = build_taste_match_embed(match, films, first=f"<@{first}>", second=f"<@{second}>")
    return with_mentions(Response(embeds=(embed,)))


def build_taste_match_embed(match: TasteMatch, films: FilmService, *, first: str, second: str) -> discord.Embed:
    """Return the comparison; `first` and `second` are the members' mentions."""
    embed = discord.Embed(title=_("Taste match"), colour=COLOUR)
    if not match.common_count:
        sentence = _("{first} and {second} haven't rated any of the same films yet.")
        embed.description = sentence.format(first=first, second=second)
    else:
        sentence = ngettext(
            "{first} and {second}: **{percent}% match**, from {count} film you both rated",
            "{first} and {second}: **{percent}% match**, from {count} films you both rated",
            match.common_count,
        )
        embed.description = sentence.format(
            first=first,
            second=second,
            percent=round(100 * match.agreement),
            count=format_number(match.common_count),
        )
    to_show = _("{giver} should show {receiver}")
    fields = (
        (_("Favourites in common"), _format_pairs(match.favourites, films, first, second)),
        (_("Most different"), _format_pairs(match.differences, films, first, second)),
        (_("Show each other"), _format_films_to_show(films, match.films_for_second, to_show, first, second)),
        ("\u200b", _format_films_to_show(films, match.films_for_first, to_show, second, first)),
    )
    for name, lines in fields:
        if lines:
            embed.add_field(name=name, value=truncate("\n".join(lines), FIELD_LIMIT), inline=False)
    return embed


def _format_pairs(rated: Sequence[RatingDifference], films: FilmService, first: str, second: str) -> list[str]:
    """Return a line for each film with the stars of both."""
    return [
        f"{title} · {first} {format_stars(round(2 * each.first_stars))}"
        f" · {second} {format_stars(round(2 * each.second_stars))}"
        for each in rated
        if (title := format_dated_title(films, each.film_id))
    ]


def _format_films_to_show(
    films: FilmService, predictions: Sequence[PredictedFilm], to_show: str, giver: str, receiver: str
) -> list[str]:
    """Return a line for each film with its predicted stars, under a line that says who should show whom."""
    lines = [
        _("{title} · ★ {stars} predicted").format(title=title, stars=format_decimal(each.stars))
        for each in predictions
        if (title := format_dated_title(films, each.film_id))
    ]
    return [to_show.format(giver=giver, receiver=receiver), *lines] if lines else []


class AskButton(Button, template=r"v1:taste-ask:(?P<other>[0-8]?\d{1,18})"):
    """Asks the other member whether the comparison may be shown to everybody."""

    acknowledgement = Acknowledgement.EDIT_IF_BUSY

    def __init__(self, other: str) -> None:
        self.other = int(other)
        super().__init__(ui.Button(label=_("Share here"), custom_id=custom_id("taste-ask", other)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Ask in the channel; nothing is shown yet."""
        first = interaction.user.id
        names = await get_member_names(interaction, [self.other])
        if names.is_hidden(self.other):
            raise PrivateTasteError
        question = _("{second}, may {first} share your taste match here?").format(
            first=f"<@{first}>", second=f"<@{self.other}>"
        )
        view = View(AgreeButton(str(first), str(self.other)), DeclineButton(str(first), str(self.other)))
        await respond(interaction, Response(question, view=view))


class AgreeButton(Button, template=r"v1:taste-agree:(?P<one>[0-8]?\d{1,18}):(?P<other>[0-8]?\d{1,18})"):
    """The other member's consent to show the comparison."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, one: str, other: str) -> None:
        self.one, self.other = int(one), int(other)
        style = discord.ButtonStyle.primary
        super().__init__(
            ui.Button(label=_("Share it"), style=style, custom_id=custom_id("taste-agree", one, other))
        )

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return True. Raises NotAskedMemberError for anybody but the other member."""
        if interaction.user.id != self.other:
            raise NotAskedMemberError
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show the comparison in place of the question."""

        async def build() -> Response:
            match = await _match_tastes(interaction, self.one, self.other)
            return _render_comparison(interaction, match, self.one, self.other)

        await respond_deferred(interaction, build, edit=True)


class DeclineButton(Button, template=r"v1:taste-decline:(?P<one>[0-8]?\d{1,18}):(?P<other>[0-8]?\d{1,18})"):
    """Either member's refusal to show the comparison."""

    acknowledgement = Acknowledgement.EDIT

    def __init__(self, one: str, other: str) -> None:
        self.one, self.other = int(one), int(other)
        super().__init__(ui.Button(label=_("No"), custom_id=custom_id("taste-decline", one, other)))

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Return True. Raises NotAskedMemberError for anybody but the two."""
        if interaction.user.id not in (self.one, self.other):
            raise NotAskedMemberError
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Remove the question."""
        await edit_or_respond(interaction, Response(_("The taste match stays private.")), edit=True)


ITEMS = (AskButton, AgreeButton, DeclineButton)
