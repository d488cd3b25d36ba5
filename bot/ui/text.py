"""Text made fit for Discord: nothing breaks out, nothing pings, nothing is cut inside a letter."""

import unicodedata
from collections.abc import Sequence
from datetime import date

import discord
import regex

ELLIPSIS = "…"
MARKS_PER_LETTER = 3
"""Combining marks kept on one letter: enough for every script, too few for zalgo."""
_GRAPHEME = regex.compile(r"\X")
_STACKED = regex.compile(rf"(\p{{M}}{{{MARKS_PER_LETTER}}})\p{{M}}+")
_KEPT_FORMAT = {"\u200d"}  # the joiner inside emoji families and some scripts' ligatures


def clean(text: str) -> str:
    """Give `text` on one line, without control, bidi and zero-width characters or stacks of marks."""
    kept = "".join(
        character
        for character in unicodedata.normalize("NFC", text)
        if character.isspace() or character in _KEPT_FORMAT or unicodedata.category(character)[0] != "C"
    )
    return " ".join(_STACKED.sub(r"\1", kept).split()).strip("\u200d ")


def cut(text: str, limit: int) -> str:
    """Give at most `limit` characters of `text`, cut between letters as a reader sees them."""
    if len(text) <= limit:
        return text
    kept = ""
    for grapheme in _GRAPHEME.findall(text[: limit + 64]):
        if len(kept) + len(grapheme) > limit - 1:
            break
        kept += grapheme
    return kept.rstrip() + ELLIPSIS


def plain(text: str, limit: int = 200) -> str:
    """Give untrusted text as it can stand in a message: cleaned, cut, and with its markdown inert."""
    return escape(cut(clean(text), limit))


def escape(text: str) -> str:
    """Give `text` with markdown, mentions and links made inert; `clean` it first where it is untrusted."""
    escaped = discord.utils.escape_markdown(text, as_needed=False)
    return discord.utils.escape_mentions(escaped).replace("<", "\\<").replace("](", "]\u200b(")


def joined(parts: Sequence[str], limit: int = 1_024, separator: str = ", ") -> str:
    """Give the parts, as many as fit into `limit` characters, with a count of those left out."""
    kept: list[str] = []
    for index, part in enumerate(parts):
        more = len(parts) - index
        reserved = len(f"{separator}+{more - 1} more") if more > 1 else 0
        if len(separator.join([*kept, part])) + reserved > limit:
            return separator.join([*kept, f"+{more} more"]) if kept else cut(part, limit)
        kept.append(part)
    return separator.join(kept)


def runtime(minutes: int) -> str:
    """Give minutes as `1 h 33 min`."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def day(value: date) -> str:
    """Give a calendar day, which has no time zone to be shown in, as `6 October 2023`."""
    return f"{value.day} {value:%B %Y}"
