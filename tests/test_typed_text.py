"""What members, moderators and sources wrote: shown just as it was written, and logged nowhere."""

import csv
import io
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import discord
import pytest

from bot.config import Settings
from bot.core.database.key_value import CATALOGUE_VERSION, KeyValueRepository
from bot.core.logs import OWN_LOGGERS, configure_logging
from bot.films.models import Credit, CreditJob
from bot.services import Services, running_services
from bot.sources.tmdb.replay import ReplayServer
from tests.conftest import DATABASE_KINDS, World
from tests.markdown import render
from tests.responses import FILM, Result, list_messages, post_review, require_response
from tests.tmdb_payloads import OLDBOY, collection, details_reply, movie, offers, provider, translation

ONLINE_FILM, THIRD = "oldboy-2003", "john-wick-2014"
MARKUP = (
    r" [t](https://evil.example) [u]||||(https://evil.example/2) @||||everyone https://evil.example/\<@1> "
    "<**https://evil.example/3 **b** :smile: `c` discord.gg/evil"
)
PREFIXES = ("# ", "-# ", "> ", ">>> ", "- ", "1. ", "||||> ", "")


@dataclass
class Walk:
    """Everything that was written on the way, by its marker, and all that members saw."""

    world: World
    written: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    def write(self, name: str, limit: int = 1_000) -> str:
        """Return a text with active markdown and a marker of its own, at most `limit` characters long."""
        prefix = PREFIXES[len(self.written) % len(PREFIXES)]
        marker = f"zq{name}qz"
        self.written[marker] = f"{prefix}{marker}{MARKUP}"[:limit].strip()
        return self.written[marker]

    async def see(self, action: Awaitable[Result]) -> Result:
        """Carry the action out and keep what it showed."""
        result = await action
        for message in list_messages(result):
            self.shown += list_texts(message)
        return result

    def see_channels(self, *channels: Any) -> None:
        """Keep what the bot has posted in the channels; the name of a thread is no markdown."""
        for channel in channels:
            for message in channel.history():
                if message.author.bot and message.type is not discord.MessageType.thread_created:
                    self.shown += list_texts(message)


def list_texts(message: Any) -> list[str]:
    """Return the message's texts in which Discord reads markdown."""
    texts = [message.content]
    for embed in message.embeds:
        texts += [embed.title, embed.description]
        texts += [text for each in embed.fields for text in (each.name, each.value)]
    pending = [each if isinstance(each, dict) else each.to_dict() for each in message.components]
    while pending:
        component = pending.pop()
        texts.append(component.get("content"))
        pending += component.get("components", [])
    return [text for text in texts if text]


@pytest.fixture(params=DATABASE_KINDS)
def prepared_settings(request: pytest.FixtureRequest) -> Settings:
    """Settings of a bot with the starter catalogue, once on each kind of database."""
    name = "postgres_settings" if request.param == "postgres" else "settings"
    settings: Settings = request.getfixturevalue(name)
    return settings


@pytest.fixture
async def services(prepared_settings: Settings, tmdb: ReplayServer) -> AsyncIterator[Services]:
    """Services with TMDB's stand-in."""
    settings = replace(prepared_settings, tmdb_token="a" * 32)
    async with running_services(settings, tmdb.url) as services:
        yield services


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged at DEBUG, the level that logs most."""
    loggers = [logging.getLogger(name) for name in (None, "stamina", *OWN_LOGGERS)]
    handlers, levels = list(logging.root.handlers), [logger.level for logger in loggers]
    stream = io.StringIO()
    configure_logging("DEBUG", stream=stream)
    yield stream
    logging.root.handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


async def write_as_sources(walk: Walk, tmdb: ReplayServer) -> None:
    """Let a film of the catalogue and one that TMDB describes be full of markdown."""
    services, write = walk.world.services, walk.write
    film = await services.film_repository.get(FILM)
    assert film is not None
    cast = Credit(write("actor"), CreditJob.CAST, write("role"))
    film = replace(
        film,
        title=write("title"),
        original_title=write("original"),
        credits=(Credit(write("director"), CreditJob.DIRECTOR), cast),
        logline=write("logline"),
        genres=(write("genre"),),
    )
    await services.film_repository.save_many([film])
    await KeyValueRepository(services.database).set(CATALOGUE_VERSION, "changed")
    assert await services.title_index.refresh()
    body = movie(
        OLDBOY,
        "Oldboy",
        overview=write("overview"),
        tagline=write("tagline"),
        translations={"translations": [translation("en", "US", write("tmdb-title"), write("en"), write("tag"))]},
        belongs_to_collection={"id": 9, "name": write("collection"), "poster_path": None, "backdrop_path": None},
        providers=offers(DE={"flatrate": [provider(write("provider"))]}),
    )
    tmdb.replies.append(details_reply(body))
    parts = (OLDBOY, write("part"), "2003-11-21"), ("7", write("second-part"), "2005-11-21")
    tmdb.replies.append(collection(9, walk.written["zqcollectionqz"], *parts))


async def walk_through(walk: Walk) -> None:
    """Type into every command and form that takes text, and look at everything that shows it."""
    world, see, write = walk.world, walk.see, walk.write
    mina, jonas, sam, channel = world.mina, world.jonas, world.sam, world.channel
    log_channel = world.server.create_text_channel("log")
    await see(sam.slash(channel, "settings reviews", log_channel=log_channel, report_threshold=1))
    await see(sam.slash(channel, "settings words", words=write("word", 60).replace(",", "")))
    await see(mina.slash(channel, "me country", country="DE"))
    for command in ("film", "where", "similar"):
        for film in (FILM, ONLINE_FILM):
            option = {"title" if command == "film" else "film": film}
            card = await see(mina.slash(channel, command, **option))
            for label in _list_labels(require_response(card)):
                if label in ("Cast", "Stills") or "zqcollectionqz" in label:
                    await see(mina.click(require_response(card), label=label))
    await see(mina.slash(channel, "film", title=write("query", 20)))
    await see(mina.slash(channel, "person", name=write("person")))
    await see(mina.slash(channel, "person", name=walk.written["zqdirectorqz"]))
    await see(mina.slash(channel, "services", add=write("service", 100)))
    await see(mina.slash(channel, "alert", film=ONLINE_FILM))
    await see(mina.slash(channel, "alert"))

    await see(post_review(world, mina, write("review", 500)))
    page = await see(mina.slash(channel, "reviews", film=FILM))
    form = await see(jonas.click(require_response(page), label="Reply"))
    await see(jonas.submit_modal(form, {"reply": write("reply", 300)}))
    page = await see(mina.slash(channel, "reviews", film=FILM))
    await see(mina.click(require_response(page), custom_id=_list_custom_ids(require_response(page))[3]))
    noor = world.server.add_member(world.env.create_user("noor"), nick=write("nick", 32))
    await see(noor.slash(channel, "rate", film=FILM, stars="4"))
    await see(noor.slash(channel, "film", title=FILM))
    for command in ("diary", "profile", "top", "recommend", "watchlist show", "tonight"):
        await see(mina.slash(channel, command))
    await see(mina.slash(channel, "watchlist add", film=ONLINE_FILM))
    await see(mina.slash(channel, "watchlist show"))
    await see(mina.slash(channel, "taste", member=jonas))

    await see(
        sam.slash(channel, "pick rotate", every="week", weekday=4, at="20:00", channel=channel, retrospect=True)
    )
    await see(sam.slash(channel, "pick series create", name=write("series", 80)))
    series = walk.written["zqseriesqz"]
    await see(sam.slash(channel, "pick add", film=FILM, note=write("note", 500), series=series))
    await see(sam.slash(channel, "pick add", film=ONLINE_FILM))
    await see(sam.slash(channel, "pick series rename", series=series, name=write("renamed", 80)))
    renamed = walk.written["zqrenamedqz"]
    await see(sam.slash(channel, "pick series create", name=renamed))  # taken
    await see(sam.slash(channel, "pick series close", series=renamed))
    await see(sam.slash(channel, "pick add", film=THIRD, series=renamed))
    for _ in range(2):  # the second time the day is taken
        await see(sam.slash(channel, "pick add", film=FILM, **{"from": "2026-03-06"}))
    await see(mina.slash(channel, "suggest", film=ONLINE_FILM, why=write("why", 300)))
    await see(mina.slash(channel, "suggestions"))
    await see(sam.slash(channel, "suggestions"))
    await see(sam.slash(channel, "pick list"))
    await see(sam.slash(channel, "pick next"))
    await see(mina.slash(channel, "featured"))
    await see(sam.slash(channel, "pick next"))
    await see(mina.slash(channel, "featured", history=True))

    form = await see(jonas.click(require_response(page), label="Report"))
    await see(jonas.submit_modal(form, {"reason": ["insult"]}))
    queue = await see(sam.slash(channel, "moderation queue"))
    form = await see(sam.click(require_response(queue), label="Delete"))
    await see(sam.submit_modal(form, {"reason": write("reason", 300)}))
    await see(sam.slash(channel, "moderation block", member=jonas, days=3, reason=write("block", 300)))
    await see(jonas.slash(channel, "rate", film=FILM, stars="3"))
    await see(sam.slash(channel, "moderation log"))
    await see(mina.slash(channel, "me country", country=write("country")))
    await see(sam.slash(channel, "pick add", film=FILM, **{"from": write("day")}))
    await see(mina.slash(channel, "rate", film=FILM, stars=write("stars")))
    walk.see_channels(channel, log_channel)
    for messages in world.env.backend.messages.values():  # direct ones too
        for message in messages.values():
            walk.shown.append(message.content)
    await import_and_ask(walk)
    if world.services.database.is_sqlite:  # on PostgreSQL the schedulers look every minute of these days
        await walk_through_an_evening(walk)
    walk.see_channels(channel, log_channel)


async def walk_through_an_evening(walk: Walk) -> None:
    """Type into everything that a film night takes, and look at it until the night is history."""
    world, see, write = walk.world, walk.see, walk.write
    mina, sam, channel = world.mina, world.sam, world.channel

    async def look() -> None:
        await world.env.advance_time(20)
        walk.see_channels(channel)

    await see(sam.slash(channel, "night plan", name="x", when=write("night-when")))
    await see(sam.slash(channel, "night plan", name="x", when="in 3 days", reminders=write("reminders")))
    texts = {"name": write("night", 80), "theme": write("theme", 200), "place": write("place", 100)}
    await see(sam.slash(channel, "night plan", when="in 3 days", nominations=5, **texts))
    await see(sam.slash(channel, "night edit", name=write("renamed-night", 80), place=write("moved", 100)))
    await see(mina.slash(channel, "night nominate", film=FILM, reason=write("nomination", 150)))
    await see(sam.slash(channel, "night nominate", film=FILM))
    await see(sam.slash(channel, "night nominate", film=THIRD, reason="Rain."))
    await see(sam.slash(channel, "night nominate", film=ONLINE_FILM))
    await see(sam.slash(channel, "night nominate", film=write("nominee", 90)))
    shown = await see(sam.slash(channel, "night show"))
    listed = await see(sam.click(require_response(shown), label="Nominations"))
    (menu,) = [each for each in _list_custom_ids(require_response(listed)) if "night-strike" in each]
    number = _find_option(require_response(listed), menu, "John Wick")
    form = await see(sam.select(require_response(listed), [number], custom_id=menu))
    await see(sam.submit_modal(form, {"reason": write("strike", 150)}))
    await see(sam.slash(channel, "night nominate", film=THIRD))
    await look()
    (night,) = await world.services.nights.repository.list_open(world.server.id)
    shown = await see(mina.slash(channel, "night show"))
    await see(mina.click(require_response(shown), label="I'm coming"))
    await see(mina.click(require_response(shown), label="Nominations"))
    assert night.nominations_close_at is not None
    await _advance_past(world, night.nominations_close_at)
    await look()
    shown = await see(mina.slash(channel, "night show"))
    ballot = await see(mina.click(require_response(shown), label="Vote"))
    await see(mina.click(require_response(ballot), custom_id=_list_custom_ids(require_response(ballot))[0]))
    await _advance_past(world, night.starts_at)
    await look()
    await _advance_past(world, night.starts_at + timedelta(days=3))
    await look()
    await see(mina.slash(channel, "night history"))
    await see(mina.slash(channel, "night stats"))
    await see(sam.slash(channel, "night plan", when="in 3 days", **texts))
    question = await see(sam.slash(channel, "night cancel", night=texts["name"]))
    await see(sam.click(require_response(question), label="Cancel the night"))


async def import_and_ask(walk: Walk) -> None:
    """Import files that are full of markdown, and ask in words that are."""
    world, see, write = walk.world, walk.see, walk.write
    mina, channel = world.mina, world.channel
    text = io.StringIO(newline="")
    rows = [["2024-01-01", write("unknown"), 1999, "u", "4", "", write("tags", 60), write("imported-review")]]
    rows.append(["2024-01-01", "Burnning", 2018, "u", "4", "", "", write("second-review")])
    csv.writer(text).writerows([_REVIEW_COLUMNS, *rows])
    shown = await see(mina.slash(channel, "import file", file=("reviews.csv", text.getvalue().encode())))
    await see(mina.click(require_response(shown), label="Import"))
    await world.env.settle()
    shown = await see(mina.slash(channel, "import repair"))
    shown = await see(mina.click(require_response(shown), label="Skip"))
    await see(mina.click(require_response(shown), label="None of these"))
    await see(mina.slash(channel, "import history"))
    rows = [["2024-01-01", walk.written["zqtitleqz"], 2018, "u", "4", "", "", write("private-review", 500)]]
    rows.append(["2024-01-01", "John Wick", 2014, "u", "4", "", "", write("private-two", 500)])
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_REVIEW_COLUMNS, *rows])
    shown = await see(mina.slash(channel, "import file", file=("reviews.csv", text.getvalue().encode())))
    await see(mina.click(require_response(shown), label="Import"))
    await world.env.settle()
    shown = await see(mina.slash(channel, "import reviews"))
    shown = await see(mina.click(require_response(shown), label="Next"))
    form = await see(mina.click(require_response(shown), label="Edit and publish"))
    await see(mina.submit_modal(form, {"review": write("published", 500), "spoiler": False}))
    await see(mina.slash(channel, "import reviews"))
    for film in (FILM, THIRD):
        await see(mina.slash(channel, "reviews", film=film))
    name = f"{write('file', 60).replace('/', '')}.json"
    walk.written["zqfileqz"] = name.removesuffix(".json")
    await see(mina.slash(channel, "import file", file=(name, b"[{")))
    await see(mina.slash(channel, "ask", question=write("question")))
    await see(mina.slash(channel, "ask", question=f"a drama {write('plot')}"))
    await see(mina.slash(channel, "ask", question=f"directed by {walk.written['zqdirectorqz']}"))
    await see(mina.slash(channel, "ask", question=f"like {walk.written['zqtitleqz']}"))
    await mina.send(channel, f"<@{world.env.bot.user.id}> a film about {write('message')}")
    await world.env.settle()


async def _advance_past(world: World, moment: datetime) -> None:
    await world.env.advance_time((moment - world.env.now()).total_seconds() + 60)


_REVIEW_COLUMNS = ["Date", "Name", "Year", "Letterboxd URI", "Rating", "Watched Date", "Tags", "Review"]


def _find_option(message: Any, custom_id: str, label: str) -> str:
    menus = [each for row in message.components for each in row.get("components", ())]
    (menu,) = [each for each in menus if each.get("custom_id") == custom_id]
    (value,) = [option["value"] for option in menu["options"] if label in option["label"]]
    return str(value)


def _list_labels(message: Any) -> list[str]:
    return [each["label"] for row in message.components for each in row.get("components", ()) if "label" in each]


def _list_custom_ids(message: Any) -> list[str]:
    return [each.get("custom_id", "") for row in message.components for each in row.get("components", ())]


def assert_shown_as_written(walk: Walk) -> None:
    """Assert that every reader sees what was written, as far as it is shown, and nothing made of it."""
    seen = set()
    for text in walk.shown:
        rendering = render(text)
        targets = [target for target in rendering.targets if SEARCH_ADDRESS not in target]
        assert not re.search("evil|everyone|: 1[,}]", " ".join(targets)), text
        shown = rendering.text.replace("|", "")
        for marker, written in walk.written.items():
            whole = written.replace("|", "")
            prefix, _, rest = whole.partition(marker)
            for match in re.finditer(marker, shown):
                seen.add(marker)
                assert shown[: match.start()].endswith(prefix), text
                after = shown[match.end() :]
                common = len(_common_prefix(after, rest))
                assert common == len(rest) or after[common:].lstrip().startswith("…"), text
    shown_names = SHOWN | (SHOWN_OF_NIGHTS if walk.world.services.database.is_sqlite else set())
    assert seen >= {f"zq{name}qz" for name in shown_names}, f"not shown: {seen ^ walk.written.keys()}"


SEARCH_ADDRESS = "'https://www.doesthedogdie.com/search?q="
"""Where a card's link leads with the film's title, encoded."""
SHOWN = {
    "title", "original", "director", "actor", "role", "logline", "genre", "tmdb-title", "en", "tag", "collection",
    "provider", "part", "second-part", "word", "query", "person", "review", "reply", "series", "renamed", "note",
    "why", "reason", "block", "nick", "unknown", "file",
    "private-review", "private-two", "published",
}  # fmt: skip
SHOWN_OF_NIGHTS = {"night", "theme", "renamed-night", "moved", "nomination", "strike"}


def _common_prefix(first: str, second: str) -> str:
    for index, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return first[:index]
    return first[: len(second)]


async def test_what_was_written_is_shown_as_written_and_logged_nowhere(
    world: World, tmdb: ReplayServer, log: io.StringIO
) -> None:
    walk = Walk(world)
    await write_as_sources(walk, tmdb)
    await walk_through(walk)
    assert_shown_as_written(walk)
    logged = log.getvalue()
    assert "evil.example" not in logged
    assert not [marker for marker in walk.written if marker in logged]
