"""Text in which Discord's markdown means nothing."""

import discord


def inert(text: str) -> str:
    """Give `text` with markdown and named links inert; mentions stay.

    Links come first: discord.py takes all from a `[` to the last `)` for one, and escapes nothing between.
    """
    return discord.utils.escape_markdown(text.replace("](", "]\u200b("))
