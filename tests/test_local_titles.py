"""Every list names films as its readers know them: members here read Japanese, the server German."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.conftest import World
from tests.languages import speak
from tests.nights.steps import NIGHTS
from tests.responses import Actor

MEMBER, SERVER = "ja", "de"
SPIRITED, HANDMAIDEN, ROUND = "spirited-away-2001", "the-handmaiden-2016", "another-round-2020"
TITLES = {
    "en": ("Spirited Away", "The Handmaiden", "Another Round"),
    MEMBER: ("千と千尋の神隠し", "お嬢さん", "アナザーラウンド"),
    SERVER: ("Chihiros Reise ins Zauberland", "Die Taschendiebin", "Der Rausch"),
}
PUBLIC, PRIVATE = SERVER, MEMBER
RATINGS = (
    ("rate", {"film": SPIRITED, "stars": "5"}, PRIVATE),
    ("rate", {"film": HANDMAIDEN, "stars": "4"}, PRIVATE),
    ("watchlist add", {"film": ROUND}, PRIVATE),
)
"""What two members do before anything is listed."""
LISTS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("top", {}, PUBLIC),
    ("diary", {}, PRIVATE),
    ("profile", {}, PUBLIC),
    ("film", {"title": HANDMAIDEN}, PUBLIC),
    ("film", {"title": "spirted awy"}, PRIVATE),
    ("person", {"name": "Hayao Miyazaki"}, PUBLIC),
    ("reviews", {"film": SPIRITED}, PUBLIC),
    ("where", {"film": SPIRITED}, PRIVATE),
    ("similar", {"film": SPIRITED}, PUBLIC),
    ("recommend", {}, PRIVATE),
    ("watchlist show", {}, PRIVATE),
    ("watchlist server", {}, PUBLIC),
    ("watchlist random", {}, PRIVATE),
    ("list create", {"name": "Kino"}, ""),
    ("list add", {"name": "Kino", "film": SPIRITED}, PRIVATE),
    ("list show", {"name": "Kino"}, PRIVATE),
    ("ask", {"question": "like The Handmaiden"}, PRIVATE),
    ("suggest", {"film": ROUND}, PRIVATE),
    ("suggestions", {}, PRIVATE),
    ("pick add", {"film": HANDMAIDEN}, PRIVATE),
    ("pick add", {"film": SPIRITED}, PRIVATE),
    ("pick list", {}, PRIVATE),
    ("pick next", {}, ""),
    ("featured", {}, PUBLIC),
)
AUTOCOMPLETE = (
    ("film", "title", ("", "spirited", "千と千尋")),
    ("review edit", "film", ("", "handmaiden", "お嬢さん")),
    ("watchlist remove", "film", ("", "another", "アナザー")),
    ("pick remove", "pick", ("", "spirited", "千と千尋")),
)
REMOVALS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("watchlist remove", {"film": ROUND}, PRIVATE),
    ("list remove", {"name": "Kino", "film": SPIRITED}, PRIVATE),
)


class Reader:
    """Reads all that the bot sends, step by step."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.problems: list[str] = []

    def choose(self, actor: Actor, command: str) -> Actor:
        """Return who uses the command: the member, or the moderator where only they may."""
        return self.world.sam if command.startswith(("pick", "moderation")) else actor

    async def walk(self, actor: Actor, steps: Iterable[tuple[str, dict[str, Any], str]]) -> None:
        """Use these commands, each with its options and the language of what it answers; "" names no film."""
        for command, options, language in steps:
            async with self.expect(f"{command} {options}", language):
                await self.choose(actor, command).slash(self.world.channel, command, **options)

    @asynccontextmanager
    async def expect(self, step: str, language: str) -> AsyncIterator[None]:
        """Note it as a problem if the block names no film in that language, or any by its main title."""
        first = len(self.world.env.http_requests)
        yield
        sent = [each.json for each in self.world.env.http_requests[first:] if each.json is not None]
        text = json.dumps(sent, ensure_ascii=False, default=str)
        found = {name: [title for title in titles if title in text] for name, titles in TITLES.items()}
        if found["en"]:
            self.problems.append(f"{step} names {found['en']}: {text}")
        if language and not found[language]:
            self.problems.append(f"{step} names no film in {language}: {text}")
        for other in {PUBLIC, PRIVATE} - {language}:
            if language and found[other]:
                self.problems.append(f"{step} names {found[other]} in {other}: {text}")


@pytest.mark.begins(NIGHTS)
async def test_lists_name_films_by_the_titles_that_their_readers_know(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch, member=MEMBER, server=SERVER)
    reader = Reader(world)
    for actor in (world.mina, world.jonas):
        await reader.walk(actor, RATINGS)
    await reader.walk(world.mina, LISTS)
    for command, option, texts in AUTOCOMPLETE:
        for typed in texts:
            async with reader.expect(f"autocomplete of {command} {typed}", PRIVATE):
                await reader.choose(world.mina, command).autocomplete(world.channel, command, option, typed)
    await reader.walk(world.mina, REMOVALS)
    assert not reader.problems, "\n".join(reader.problems)
