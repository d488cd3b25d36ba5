"""Files as they are sent with a message."""

from typing import Any

import discord


class Upload(discord.File):
    """A file whose number is sent as text, as Discord's API description has it; discord.py sends a number."""

    def to_dict(self, index: int) -> dict[str, Any]:
        """Give what is told of the file beside its content."""
        return {**super().to_dict(index), "id": str(index)}
