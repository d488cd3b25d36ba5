"""Members' names where several are listed: as mentions, or not at all where they have chosen so."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self, overload

import discord

from bot.core.discord import Response, get_service
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


@overload
def with_mentions(message: Response, above: str = "") -> Response: ...


@overload
def with_mentions(message: dict[str, Any], above: str = "") -> dict[str, Any]: ...


def with_mentions(message: Response | dict[str, Any], above: str = "") -> Response | dict[str, Any]:
    """Return the message with a small line above its embeds that mentions everyone whom the embeds mention.

    `above` is text that goes before that line.

    Discord sends with a message the names of those its own text mentions, and pings nobody here. Of those whom
    only an embed mentions, a reader whose client has not met them sees a number.
    """
    embeds: tuple[discord.Embed, ...] = message.embeds if isinstance(message, Response) else (message["embed"],)
    texts = [text for embed in embeds for text in (embed.description, *(field.value for field in embed.fields))]
    mentions = dict.fromkeys(_MENTION.findall("\n".join(filter(None, texts))))
    line = "-# " + " ".join(list(mentions)[:INTRODUCED]) if mentions else ""
    content = "\n".join(filter(None, (above, line))) or None
    return replace(message, content=content) if isinstance(message, Response) else {**message, "content": content}
