"""What Discord makes of a message's markdown, read with Discord's own parser."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import discord_markdown

_SYNTAX = ~discord_markdown.Syntax.UNICODE_EMOJI  # an emoji that was typed as one is text
_BLOCKS = {"paragraph", "quote", "heading", "small", "list"}


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a reader sees as text, the kinds of all that is more than text, and where links and mentions lead."""

    text: str
    kinds: tuple[str, ...]
    targets: tuple[str, ...]


def render(text: str) -> Rendering:
    """Return what a reader sees of a message, without the invisible characters that keep mentions apart.

    A mention, a time or an emoji is no text; a masked link's text is, a bare link's address is not.
    """
    nodes = list(_walk(discord_markdown.parse(text, flags=_SYNTAX)))
    shown = "".join(value for kind, value in nodes if kind == "text")
    kinds = tuple(kind for kind, _ in nodes if kind not in ("text", "paragraph"))
    targets = tuple(value for kind, value in nodes if kind in ("link", "mention"))
    return Rendering(shown.replace("\u200b", "").strip("\n"), kinds, targets)


def _walk(node: Any) -> Iterator[tuple[str, str]]:
    """Yield the kind of each node below, and the text of those that are text."""
    if isinstance(node, list):
        for child in node:
            yield from _walk(child)
    elif isinstance(node, dict):
        kind = node.get("type")
        if kind == "text":
            yield kind, node["value"]
            return
        if kind is not None:
            yield kind, str(node.get("value", ""))
        yield from _walk([value for key, value in node.items() if key != "type"])
        if kind in _BLOCKS:
            yield "text", "\n"
