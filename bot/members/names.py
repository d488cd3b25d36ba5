"""Members' names where several are listed: as mentions, or not at all where they have chosen so."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import discord

from bot.core.discord import get_service
from bot.members.privacy import Privacy, PrivacyService

NAMELESS = "a member"
INTRODUCED = 40
"""As many mentions as are put above an embed."""
_MENTION = re.compile(r"(?<!\\)<@\d+>")
"""One of the bot's own; a member's is escaped."""


@dataclass(frozen=True, slots=True)
class Names:
    """Shows members: a mention, which Discord shows as the name they have in the server and pings nobody."""

    privacy: Mapping[int, Privacy]

    @classmethod
    async def of(cls, interaction: discord.Interaction[Any], member_ids: Iterable[int]) -> Self:
        """Read what these members have chosen."""
        return cls(await get_service(interaction, PrivacyService).of(*member_ids))

    def hidden(self, member_id: int) -> bool:
        """Tell whether the member keeps their name out of lists."""
        return self.privacy.get(member_id, Privacy()).is_name_hidden

    def shown(self, member_id: int) -> str:
        """Give the member's mention, or “a member”."""
        return NAMELESS if self.hidden(member_id) else f"<@{member_id}>"


def with_mentions(message: dict[str, Any], above: str = "") -> dict[str, Any]:
    """Give the message with a small line above its embed that mentions all whom the embed mentions.

    `above` is text that goes before that line.

    A message comes with the names of those its own text mentions, and pings nobody here; for those whom an embed
    alone mentions, a reader whose Discord has not met them sees a number.
    """
    embed: discord.Embed = message["embed"]
    texts = [embed.description or "", *(field.value or "" for field in embed.fields)]
    found = dict.fromkeys(_MENTION.findall("\n".join(texts)))
    line = "-# " + " ".join(list(found)[:INTRODUCED]) if found else ""
    return {**message, "content": "\n".join(filter(None, (above, line))) or None}
