"""Untrusted text made safe for Discord's messages: its markdown, mentions and links do nothing."""

import discord

from bot.core.text.formatting import ELLIPSIS, clean_line, truncate


def escape_line(text: str, limit: int = 200) -> str:
    """Return untrusted text as one line of a message: cleaned, at most `limit` characters of it, escaped.

    The backslashes of the escapes are not counted.
    """
    return escape(truncate(clean_line(text), limit))


def escape_line_to_fit(text: str, limit: int) -> str:
    """Return what `escape_line` does, with the backslashes counted too: for lines that share one embed's limit."""
    return _escape_to_fit(clean_line(text), limit)


def escape(text: str) -> str:
    """Return `text` with markdown, mentions and links escaped; `clean_line` it first if it is untrusted."""
    if text.replace(" ", "").isalnum():  # letters and digits alone mean nothing to Discord
        return text
    return discord.utils.escape_mentions(escape_markdown(text)).replace("<", "\\<")


def escape_markdown(text: str) -> str:
    """Return `text` with markdown and named links escaped; mentions stay.

    Links come first: discord.py takes all from a `[` to the last `)` for one, and escapes nothing between.
    """
    return discord.utils.escape_markdown(text.replace("](", "]\u200b("))


def format_user_text(text: str, limit: int, *, spoiler: bool = False) -> str:
    """Return what a member wrote as it is shown in a message: at most `limit` characters, line breaks kept.

    `||` hides as it does in Discord and stays balanced after truncation; all other markdown is escaped. With
    `spoiler` the whole text is hidden.
    """
    lines = [clean_line(line) for line in text.splitlines()]
    pieces = "\n".join(filter(None, lines)).split("||")
    if len(pieces) % 2 == 0:  # a last || that closes nothing hides nothing
        pieces[-2:] = ["||".join(pieces[-2:])]
    if spoiler:
        pieces = ["", "".join(pieces)]
    remaining = limit
    formatted = []
    for number, piece in enumerate(pieces):
        is_hidden = number % 2 == 1
        escaped = _escape_to_fit(piece, remaining - 4 * is_hidden)
        if escaped.strip():
            formatted.append(f"||{escaped}||" if is_hidden else escaped)
            remaining -= len(formatted[-1])
        if escaped.endswith(ELLIPSIS) and not piece.endswith(ELLIPSIS):
            break
    return "".join(formatted)


def _escape_to_fit(text: str, limit: int) -> str:
    """Return the text escaped and cut between graphemes, at most `limit` characters with the escapes."""
    if limit <= 0:
        return ""
    escaped, kept = escape(text), text
    while len(escaped) > limit and kept:
        kept = truncate(kept, max(1, min(len(kept) - 1, len(kept) * limit // len(escaped))))
        escaped = escape(kept)
        if kept == ELLIPSIS:
            break
    return escaped if len(escaped) <= limit else ""
