"""What members suggest for the marquee, and what becomes of it."""

from typing import Any

import discord
from discord import ui

from bot.core.discord import COLOUR, Button, View, custom_id, get_service, require_guild_id
from bot.core.text.escaping import escape_line, format_user_text
from bot.core.text.formatting import with_year
from bot.members.names import with_mentions
from bot.picks.engagement import PickEngagementService
from bot.picks.models import Decision, Suggestion
from bot.picks.permissions import require_curator

LABELS = {Decision.TAKEN: "Take it", Decision.DECLINED: "Decline"}
_BECAME = {
    Decision.OPEN: "waits for the moderators",
    Decision.TAKEN: "taken: it is in the programme",
    Decision.DECLINED: "declined",
}


def title_of(suggestion: Suggestion) -> str:
    """Give the suggested film's title with its year, in bold."""
    return f"**{escape_line(with_year(suggestion.title, suggestion.year), 120)}**"


async def waiting(interaction: discord.Interaction[Any], place: int = 0) -> dict[str, Any]:
    """Give the message with one of the suggestions that wait, for curators."""
    every = await get_service(interaction, PickEngagementService).waiting(require_guild_id(interaction))
    embed = discord.Embed(title="Suggestions", colour=COLOUR)
    if not every:
        embed.description = "No suggestion waits."
        return with_mentions({"embed": embed, "view": View()})
    place = min(place, len(every) - 1)
    suggestion = every[place]
    lines = [
        title_of(suggestion),
        f"by <@{suggestion.member_id}>, {discord.utils.format_dt(suggestion.created_at, 'R')}",
    ]
    if suggestion.reason:
        lines.append(format_user_text(suggestion.reason, 700))
    embed.description = "\n".join(lines)
    embed.set_footer(text=f"{place + 1} of {len(every)} that wait")
    view = View(*(DecideButton(each.value, str(suggestion.id)) for each in LABELS))
    if len(every) > 1:
        view.add_item(NextSuggestionButton(str((place + 1) % len(every))))
    return with_mentions({"embed": embed, "view": view})


async def own(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """Give the message with a member's own suggestions and what became of them."""
    every = await get_service(interaction, PickEngagementService).suggested_by(
        require_guild_id(interaction), interaction.user.id
    )
    embed = discord.Embed(title="What you suggested", colour=COLOUR)
    lines = [f"{title_of(each)} · {_BECAME[each.decision]}" for each in every]
    embed.description = "\n".join(lines) or "Nothing yet. `/pick suggest` suggests a film."
    return {"embed": embed}


class DecideButton(Button, template=r"v1:suggested:(?P<decision>taken|declined):(?P<suggestion_id>\d{1,18})"):
    """Takes or declines a suggestion."""

    def __init__(self, decision: str, suggestion_id: str) -> None:
        self.decision = Decision(decision)
        self.suggestion_id = int(suggestion_id)
        style = discord.ButtonStyle.success if self.decision is Decision.TAKEN else discord.ButtonStyle.secondary
        button: ui.Button[Any] = ui.Button(
            label=LABELS[self.decision], style=style, custom_id=custom_id("suggested", decision, suggestion_id)
        )
        super().__init__(button)

    async def is_allowed(self, interaction: discord.Interaction[Any]) -> bool:
        """Raise NotCuratorError for who may not."""
        await require_curator(interaction)
        return True

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Decide, and show the next that waits."""
        server_id = require_guild_id(interaction)
        voices = get_service(interaction, PickEngagementService)
        suggestion = await voices.decide(server_id, self.suggestion_id, self.decision)
        await interaction.response.edit_message(**await waiting(interaction))
        interaction.client.dispatch("marquee_changed", server_id)
        done = f"{title_of(suggestion)} · {_BECAME[suggestion.decision]}."
        await interaction.followup.send(
            f"{done} Who suggested it sees that under `/pick suggestions`.", ephemeral=True
        )


class NextSuggestionButton(Button, template=r"v1:suggestions:(?P<place>\d{1,3})"):
    """The next suggestion that waits."""

    def __init__(self, place: str) -> None:
        self.place = int(place)
        super().__init__(ui.Button(label="Next", custom_id=custom_id("suggestions", place)))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Show it in this message."""
        await require_curator(interaction)
        await interaction.response.edit_message(**await waiting(interaction, self.place))


ITEMS = (DecideButton, NextSuggestionButton)
