"""What is kept about a member: handed out, deleted, hidden."""

import io
from collections.abc import Iterable
from typing import Any

import discord
from discord import ui

from bot.core.discord import Button, View, custom_id, get_service
from bot.core.text.formatting import join_limited
from bot.members.privacy import PrivacyService, archive
from bot.picks.engagement import PickEngagementService

_KINDS = {
    "ratings": "ratings with their reviews, and others' replies to them",
    "viewings": "diary entries",
    "helpful_votes": "votes that a review helped",
    "replies": "replies to reviews",
    "reports": "reports of reviews",
    "reply_reports": "reports of replies",
    "watchlist": "films on watchlists",
    "server_members": "servers you were active in",
    "pick_rsvps": "picks you said you are in for",
    "pick_suggestions": "films you suggested for the marquee",
    "dismissed_films": "films you never want to be recommended",
    "group_session_members": "evenings you took part in",
    "rating_sharing_members": "consent that other servers may learn from your stars",
    "member_privacy": "choice of what others may see",
    "member_settings": "settings of yours",
    "subscriptions": "streaming services you subscribe to",
    "alerts": "films you wait for",
    "picks": "your name on picks that you planned",
    "moderation_log": "your name in entries of the moderators' log",
}
SIZE_LIMIT = 9_500_000
"""Bytes that fit into one message everywhere."""


async def export(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """Give the message with everything that is kept about the member who acts."""
    packed = archive(await get_service(interaction, PrivacyService).export(interaction.user.id))
    if len(packed) > SIZE_LIMIT:
        return {"content": "It is more than fits into a message. Ask whoever runs the bot for it."}
    file = discord.File(io.BytesIO(packed), "marquee-data.zip", description="Everything Marquee keeps about you")
    return {
        "content": "Everything Marquee keeps about you, in all servers: `data.json`, and for each server a file "
        "that Letterboxd imports.",
        "file": file,
    }


async def ask_delete(interaction: discord.Interaction[Any]) -> dict[str, Any]:
    """Give the message that names what would go."""
    kept = (await get_service(interaction, PrivacyService).export(interaction.user.id)).counts()
    lines = [f"{kind.capitalize()}: {kept[name]:,}" for name, kind in _KINDS.items() if name in kept]
    if not lines:
        return {"content": "There is nothing of yours to delete."}
    told = (
        "This deletes, in all servers and for good:\n"
        + join_limited([f"- {line}" for line in lines], 1_200, "\n")
        + "\n\nA block stays in force, and the moderators' log keeps what was done, without naming you. "
        "What you did as a moderator stays in it."
    )
    return {"content": told, "view": View(DeleteButton())}


class DeleteButton(Button, template=r"v1:mydata-delete"):
    """Deletes everything kept about who presses."""

    def __init__(self) -> None:
        style = discord.ButtonStyle.danger
        super().__init__(ui.Button(label="Delete it all", style=style, custom_id=custom_id("mydata-delete")))

    async def on_press(self, interaction: discord.Interaction[Any]) -> None:
        """Delete it, and only then say so."""
        going = await get_service(interaction, PickEngagementService).going_in(interaction.user.id)
        await get_service(interaction, PrivacyService).delete(interaction.user.id)
        name_anew(interaction, going)
        await interaction.response.edit_message(content="Deleted. Marquee keeps nothing of yours.", view=None)


def name_anew(interaction: discord.Interaction[Any], servers: Iterable[int]) -> None:
    """Let the marquees of these servers, which name the member, be brought up to date."""
    for server_id in servers:
        interaction.client.dispatch("marquee_shown_anew", server_id)


def name_hidden(hidden: bool) -> str:
    """Say what holds for the member's name."""
    if hidden:
        return "Your name stays out of lists: they say “a member”. Your profile is yours alone."
    return "Lists show your name."


def diary_opened(public: bool) -> str:
    """Say what holds for the member's diary."""
    return "Others may read your diary." if public else "Your diary is yours alone."


def learning(shared: bool) -> str:
    """Say whether other servers may learn from the member's stars."""
    if shared:
        return (
            "Other servers' recommendations may learn from your stars, where the moderators of both servers share "
            "them. You are never named, nor the server."
        )
    return "Your stars stay in the servers you gave them in."


ITEMS = (DeleteButton,)
