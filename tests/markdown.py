"""What Discord makes of a message's markdown, read with Discord's own parser."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import discord_markdown

_SYNTAX = ~discord_markdown.Syntax.UNICODE_EMOJI  # an emoji that was typed as one is text
_BLOCKS = {"paragraph", "quote", "heading", "small", "list"}


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a reader sees as text, and the kinds of everything that is more than text, outermost first."""

    text: str
    kinds: tuple[str, ...]


def render(text: str) -> Rendering:
    """Return what a reader sees of a message, without the invisible characters that keep mentions apart.

    A mention, a time or an emoji is no text; a masked link's text is, a bare link's address is not.
    """
    nodes = list(_walk(discord_markdown.parse(text, flags=_SYNTAX)))
    shown = "".join(value for kind, value in nodes if kind == "text")
    kinds = tuple(kind for kind, _ in nodes if kind not in ("text", "paragraph"))
    return Rendering(shown.replace("\u200b", "").strip("\n"), kinds)


def _walk(node: Any) -> Iterator[tuple[str, str]]:
    """Yield the kind of each node below, and the text of those that are text."""
    if isinstance(node, list):
        for child in node:
            yield from _walk(child)
    elif isinstance(node, dict):
        kind, value = node.get("type"), node.get("value")
        if not isinstance(kind, str):
            yield from _walk(list(node.values()))
        elif kind == "text":
            yield kind, str(value)
        else:
            yield kind, ""
            yield from _walk(value)
            if kind in _BLOCKS:
                yield "text", "\n"
