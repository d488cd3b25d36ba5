"""Text made fit for Discord: nothing breaks out, nothing pings, nothing is cut inside a letter."""

import unicodedata
from collections.abc import Sequence
from datetime import date

import discord
import regex

from bot.moderation.word_filter import anything_seen

ELLIPSIS = "…"
NO_BREAK = "\u00a0"
"""A space at which no line ends."""
MARKS_PER_LETTER = 3
"""Combining marks kept on one letter: enough for every script, too few for zalgo."""
_GRAPHEME = regex.compile(r"\X")
_STACKED = regex.compile(rf"(\p{{M}}{{{MARKS_PER_LETTER}}})\p{{M}}+")
_KEPT_FORMAT = {"\u200d"}  # the joiner inside emoji families and some scripts' ligatures


def clean(text: str) -> str:
    """Give `text` on one line, without control, bidi and zero-width characters or stacks of marks."""
    if text.isascii() and text.isprintable():  # holds none of these, and most text is such
        return " ".join(text.split())
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


def line(text: str, limit: int) -> str:
    """Do as `plain`, with the escapes counted too: where many such lines share what one embed holds."""
    return _fitting(clean(text), limit)


def escape(text: str) -> str:
    """Give `text` with markdown, mentions and links made inert; `clean` it first where it is untrusted."""
    if text.replace(" ", "").isalnum():  # letters and digits alone mean nothing to Discord
        return text
    return discord.utils.escape_mentions(inert(text)).replace("<", "\\<")


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
    """Give minutes as `1 h 33 min`, which stays on one line on a phone, too."""
    hours, rest = divmod(minutes, 60)
    parts = [str(hours), "h"] if hours else []
    if rest or not hours:
        parts += [str(rest), "min"]
    return NO_BREAK.join(parts)


def day(value: date) -> str:
    """Give a calendar day, which has no time zone to be shown in, as `6 October 2023`."""
    return f"{value.day} {value:%B %Y}"


def prose(text: str, limit: int, *, spoiler: bool = False) -> str:
    """Give what a member wrote as it can stand in a message: at most `limit` characters, lines kept.

    `||` hides as it does in Discord and stays balanced after the cut; all other markdown is inert. With
    `spoiler` the whole text is hidden.
    """
    lines = [clean(each) for each in text.splitlines()]
    pieces = "\n".join(filter(None, lines)).split("||")
    if len(pieces) % 2 == 0:  # a last || that closes nothing hides nothing
        pieces[-2:] = ["||".join(pieces[-2:])]
    if spoiler:
        pieces = ["", "".join(pieces)]
    left = limit
    shown = []
    for number, piece in enumerate(pieces):
        hides = number % 2 == 1
        kept = _fitting(piece, left - 4 * hides)
        if kept.strip():
            shown.append(f"||{kept}||" if hides else kept)
            left -= len(shown[-1])
        if kept.endswith(ELLIPSIS) and not piece.endswith(ELLIPSIS):
            break
    return "".join(shown)


def _fitting(text: str, limit: int) -> str:
    """Give the text escaped, cut between letters so that it has at most `limit` characters with the escapes."""
    if limit <= 0:
        return ""
    escaped, kept = escape(text), text
    while len(escaped) > limit and kept:
        kept = cut(kept, max(1, min(len(kept) - 1, len(kept) * limit // len(escaped))))
        escaped = escape(kept)
        if kept == ELLIPSIS:
            break
    return escaped if len(escaped) <= limit else ""


def written(text: str) -> str:
    """Give what somebody typed into a form as it is kept: lines cleaned, empty ones at the ends left out.

    What has no character that is seen, as Hangul fillers alone, is nothing.
    """
    kept = "\n".join(clean(each) for each in text.splitlines()).strip()
    return kept if anything_seen(kept) else ""


def inert(text: str) -> str:
    """Give `text` with markdown and named links inert; mentions stay.

    Links come first: discord.py takes all from a `[` to the last `)` for one, and escapes nothing between.
    """
    return discord.utils.escape_markdown(text.replace("](", "]\u200b("))
