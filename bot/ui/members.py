"""Members' names where several are listed: as mentions, or not at all where they have chosen so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import discord

from bot.films.privacy import Privacy
from bot.ui.base import services

NAMELESS = "a member"


@dataclass(frozen=True, slots=True)
class Names:
    """Shows members: a mention, which Discord shows as the name they have in the server and pings nobody."""

    privacy: Mapping[int, Privacy]

    @classmethod
    async def of(cls, interaction: discord.Interaction[Any], member_ids: Iterable[int]) -> Self:
        """Read what these members have chosen."""
        return cls(await services(interaction).member_data.of(*member_ids))

    def shown(self, member_id: int) -> str:
        """Give the member's mention, or “a member”."""
        if self.privacy.get(member_id, Privacy()).hide_name:
            return NAMELESS
        return f"<@{member_id}>"
