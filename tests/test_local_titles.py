"""Every list names films as its readers know them: members here read Japanese, the server German."""

import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.core.discord.localisation import list_languages
from bot.core.text.i18n import use_locale
from bot.films.local_titles import known_title
from tests.conftest import World
from tests.languages import speak
from tests.nights.steps import NIGHTS
from tests.picks.steps import advance_to
from tests.responses import Actor, require_response

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
    ("person", {"name": "Hayao Miyazaki"}, PUBLIC),
    ("reviews", {"film": SPIRITED}, PUBLIC),
    ("where", {"film": SPIRITED}, PRIVATE),
    ("similar", {"film": SPIRITED}, PUBLIC),
    ("recommend", {}, PRIVATE),
    ("watchlist show", {}, PRIVATE),
    ("watchlist server", {}, PUBLIC),
    ("watchlist random", {}, PRIVATE),
    ("list create", {"name": "Kino"}, ""),
    ("list add", {"list": "Kino", "film": SPIRITED}, PRIVATE),
    ("list show", {"list": "Kino"}, PRIVATE),
    ("ask", {"question": "like The Handmaiden"}, PRIVATE),
    ("import file", {"file": ("films.csv", b"Title,Year\nThe Handmaidn,2016\n")}, PRIVATE),
    ("suggest", {"film": ROUND}, PRIVATE),
    ("suggestions", {}, PRIVATE),
    ("pick add", {"film": HANDMAIDEN}, PRIVATE),
    ("pick add", {"film": SPIRITED}, PRIVATE),
    ("pick list", {}, PRIVATE),
    ("pick next", {}, ""),
    ("featured", {}, PUBLIC),
)
AUTOCOMPLETE = (
    ("film", "title", ("", "千と千尋")),
    ("review edit", "film", ("", "handmaiden", "お嬢さん")),
    ("watchlist remove", "film", ("", "another", "アナザー")),
    ("pick remove", "pick", ("", "spirited", "千と千尋")),
)
REMOVALS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("watchlist remove", {"film": ROUND}, PRIVATE),
    ("list remove", {"list": "Kino", "film": SPIRITED}, PRIVATE),
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
        """Use these commands, each with its options and the language of its answer, "" if that names no film."""
        for command, options, language in steps:
            async with self.expect(f"{command} {options}", *filter(None, (language,))):
                await self.choose(actor, command).slash(self.world.channel, command, **options)

    async def press(self, actor: Actor, message: Any, start: str, *languages: str, values: Any = None) -> Any:
        """Press the message's button whose custom_id begins so, or choose from that menu."""
        item = find_ids(message, start)[0]
        async with self.expect(start, *languages):
            if values is None:
                return await actor.click(message, custom_id=item)
            return await actor.select(message, custom_id=item, values=values)

    @asynccontextmanager
    async def expect(self, step: str, *languages: str) -> AsyncIterator[None]:
        """Note it as a problem if the block names no film in one of the languages, or any by its main title.

        A film in another language is one too, unless no language is given. "en" is one of them where the text
        typed is the main title: then it stands beside the one shown.
        """
        first = len(self.world.env.http_requests)
        yield
        text = json.dumps([each.json for each in self.world.env.http_requests[first:]], ensure_ascii=False)
        for name, titles in TITLES.items():
            found = [text[max(0, text.index(each) - 80) :][:160] for each in titles if each in text]
            if name in languages and not found:
                self.problems.append(f"{step}: no film in {name}")
            elif name not in languages and (name == "en" or languages):
                self.problems += [f"{step}: {each!r} is in {name}" for each in found]


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
    async with reader.expect("film spirted awy", PRIVATE, "en"):
        await world.mina.slash(world.channel, "film", title="spirted awy")
    async with reader.expect("autocomplete of film spirited", PRIVATE, "en"):
        await world.mina.autocomplete(world.channel, "film", "title", "spirited")
    await reader.walk(world.mina, REMOVALS)
    for film_id in (SPIRITED, HANDMAIDEN, ROUND):  # a card names the film as lists do
        film = await world.services.films.require(film_id)
        for locale in list_languages():
            with use_locale(locale):
                assert known_title(film.id, film.title) == film.get_known_title(locale)
    await _correct_the_diary(reader)
    await _moderate(reader)
    assert not reader.problems, "\n".join(reader.problems)


async def _correct_the_diary(reader: Reader) -> None:
    """Open an entry, delete it and take that back, and delete a review."""
    mina, channel = reader.world.mina, reader.world.channel
    diary = require_response(await mina.slash(channel, "diary"))
    viewing = await reader.world.services.diary.get_page(reader.world.server.id, mina.id, 0, reader_id=mina.id)
    opened = await reader.press(mina, diary, "v1:viewings", PRIVATE, values=[str(viewing.viewings[0].id)])
    deleted = await reader.press(mina, require_response(opened), "v1:viewing-delete", PRIVATE)
    await reader.press(mina, require_response(deleted), "v1:viewing-undo", PRIVATE)
    await reader.walk(mina, [("review delete", {"film": SPIRITED}, PRIVATE)])


async def _moderate(reader: Reader) -> None:
    """Report a review, decide about it, and read the log."""
    world = reader.world
    card = require_response(await world.mina.slash(world.channel, "film", title=HANDMAIDEN))
    form = await world.mina.click(card, custom_id=f"v1:rate:{HANDMAIDEN}")
    async with reader.expect("a review", PRIVATE, PUBLIC):
        await world.mina.submit_modal(form, {"stars": "8", "review": "Slow."})
    page = require_response(await world.jonas.slash(world.channel, "reviews", film=HANDMAIDEN))
    form = await reader.press(world.jonas, page, "v1:report")
    await world.jonas.submit_modal(form, {"reason": ["insult"]})
    async with reader.expect("the queue", PRIVATE):
        queue = require_response(await world.sam.slash(world.channel, "moderation queue"))
    form = await reader.press(world.sam, queue, "v1:decide:hide")
    await world.sam.submit_modal(form, {"reason": "Rude"})
    await reader.walk(world.sam, [("moderation log", {}, PRIVATE)])


def find_message(world: World, start: str) -> Any:
    """Return the latest message of the channel with a button whose custom_id begins so."""
    return next(message for message in world.channel.history() if find_ids(message, start))


def find_ids(message: Any, start: str) -> list[str]:
    """Return the custom_ids of the message's buttons and menus that begin so."""
    items = [item for row in message.components for item in _list_items(row)]
    return [item for item in items if item.startswith(start)]


def _list_items(row: Any) -> list[str]:
    if isinstance(row, dict):  # of a response; a message of a channel has discord.py's components
        return [item.get("custom_id", "") for item in row["components"]]
    return [getattr(item, "custom_id", None) or "" for item in getattr(row, "children", ())]


@pytest.mark.begins(NIGHTS)
async def test_nights_and_picks_name_films_by_the_titles_that_their_readers_know(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch, member=MEMBER, server=SERVER)
    await world.sam.slash(world.channel, "settings language", language=SERVER)  # what the schedulers ask
    reader, films = Reader(world), (HANDMAIDEN, SPIRITED, ROUND)

    async def pass_time(moment: str, step: str, *languages: str) -> None:
        async with reader.expect(f"{step} at {moment}", PUBLIC, *languages):
            await advance_to(world, moment)

    await world.sam.slash(world.channel, "night plan", name="Kino", when="friday 20:00", reminders="1h")
    await world.env.advance_time(1)
    for actor, film in zip((world.mina, world.jonas, world.sam), films, strict=True):
        async with reader.expect(f"suggest {film}", PRIVATE):
            await actor.slash(world.channel, "suggest", film=film)
        await actor.slash(world.channel, "night nominate", film=film)
    async with reader.expect("the card with its nominations", PUBLIC):
        await world.env.advance_time(15)
    card = find_message(world, "v1:night-rsvp")
    for actor in (world.mina, world.jonas):
        confirmed = await actor.click(card, custom_id=find_ids(card, "v1:night-rsvp")[0])
    await reader.press(world.jonas, require_response(confirmed), "v1:night-direct")
    for actor in (world.mina, world.jonas):
        await actor.slash(world.channel, "watchlist add", film=ROUND)
    await reader.press(world.mina, card, "v1:night-common", PRIVATE)
    listed = await reader.press(world.sam, card, "v1:night-nominations", PRIVATE)
    await reader.press(world.sam, require_response(listed), "v1:night-support", PRIVATE, values=["1"])
    await pass_time("2026-03-05T19:01", "the ballot opens")
    ballot = await reader.press(world.mina, find_message(world, "v1:night-vote"), "v1:night-vote", PRIVATE)
    message = require_response(ballot)
    await reader.press(world.mina, message, "v1:night-choose", PRIVATE)
    await world.sam.slash(
        world.channel, "pick rotate", every="week", weekday=4, at="21:00", zone="UTC", refill="vote", thread=True,
        channel=world.channel,
    )  # fmt: skip
    await pass_time("2026-03-06T19:01", "result and reminders", PRIVATE)
    await pass_time("2026-03-06T21:01", "the night starts, and the vote on the next pick")
    await pass_time("2026-03-06T23:00", "the question for stars")
    question = find_message(world, "v1:night-stars")
    for actor in (world.mina, world.jonas):
        await reader.press(actor, question, "v1:night-stars", PRIVATE)
    await pass_time("2026-03-07T21:05", "the summary, and the pick that won the vote")
    await reader.press(world.mina, find_message(world, "v1:going"), "v1:going")
    for command, options, language in (
        ("night history", {}, PUBLIC),
        ("night stats", {}, PUBLIC),
        ("featured", {}, ""),
        ("taste", {"member": world.jonas}, ""),
        ("pick list", {}, PRIVATE),
    ):
        await reader.walk(world.mina, [(command, options, language)])
    assert not reader.problems, "\n".join(reader.problems)
