"""The member who uses a command, button or menu, and how members are named where several are listed."""

import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.core.discord import Response, get_service
from bot.core.errors import StorageUnavailableError
from bot.core.text.i18n import _, gettext_noop
from bot.members.models import Privacy
from bot.members.service import MembershipService, PreferenceService, PrivacyService

HIDDEN_NAME = gettext_noop("a member")
MENTIONS_LIMIT = 40
"""Mentions put above an embed."""
_MENTION = re.compile(r"(?<!\\)<@\d+>")
"""A mention written by the bot; members' own are escaped."""


async def get_country(interaction: discord.Interaction[Any]) -> str | None:
    """Return the country (ISO 3166-1 alpha-2) that applies to the member here, or None if none is set."""
    preferences = get_service(interaction, PreferenceService)
    return await preferences.get_country_code(interaction.user.id, interaction.guild_id)


async def remember_language(interaction: discord.Interaction[Any]) -> None:
    """Store the language of the member's client, before something is stored that they may be messaged about.

    Messages that nobody asked for at that moment, such as alerts and reminders, come in that language.
    """
    preferences = get_service(interaction, PreferenceService)
    await preferences.remember_locale(interaction.user.id, str(interaction.locale))


async def refresh_members(interaction: discord.Interaction[Any]) -> None:
    """Look up which members are still in the server the interaction came from.

    Call it after the reply: it takes up to three requests to Discord.
    """
    if interaction.guild is None:
        return
    # The member has their reply: that the database can't be used now is told to those who want something of it.
    with contextlib.suppress(StorageUnavailableError):
        await get_service(interaction, MembershipService).refresh_members(interaction.guild)


@dataclass(frozen=True, slots=True)
class MemberNames:
    """How to name some members: by a mention, which Discord shows as their name in the server and pings nobody."""

    privacy: Mapping[int, Privacy]

    def is_hidden(self, member_id: int) -> bool:
        """Return whether lists leave the member's name out."""
        return self.privacy.get(member_id, Privacy()).is_name_hidden

    def format(self, member_id: int) -> str:
        """Return the member's mention, or “a member”."""
        return _(HIDDEN_NAME) if self.is_hidden(member_id) else f"<@{member_id}>"


async def get_member_names(interaction: discord.Interaction[Any], member_ids: Iterable[int]) -> MemberNames:
    """Return how to name these members."""
    return MemberNames(await get_service(interaction, PrivacyService).list_privacy(member_ids))


def with_mentions(response: Response) -> Response:
    """Return the response with a small line above its embeds that mentions everybody the embeds mention.

    Discord sends a message together with the names of the members that its content mentions. Without this line a
    reader's client shows a number for members mentioned in an embed that it has not seen before.
    """
    texts = [
        text or ""
        for embed in response.embeds
        for text in (embed.description, *(field.value for field in embed.fields))
    ]
    mentions = dict.fromkeys(_MENTION.findall("\n".join(texts)))
    line = "-# " + " ".join(list(mentions)[:MENTIONS_LIMIT]) if mentions else ""
    return replace(response, content="\n".join(filter(None, (response.content, line))) or None)
