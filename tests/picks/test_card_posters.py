"""The card of a pick if TMDB knows the film: its poster instead of the drawn title card."""

from typing import Any

import discord
import pytest

from bot.films.card import TMDB_CREDIT
from bot.services import Services
from bot.sources.tmdb.replay import ReplayServer
from tests.conftest import World
from tests.picks.steps import announce_first, list_announcements, plan, set_rotation
from tests.responses import FILM, require_response
from tests.tmdb_payloads import BURNING, details_reply, movie

POSTER = "https://image.tmdb.org/t/p/w500/poster.jpg"


@pytest.fixture
def services(online_services: Services) -> Services:
    return online_services


def add_tmdb_reply(tmdb: ReplayServer, **changes: Any) -> None:
    tmdb.replies.append(details_reply(movie(BURNING, "Burning", **changes)))


async def test_featured_shows_the_poster_and_its_source(world: World, tmdb: ReplayServer) -> None:
    add_tmdb_reply(tmdb)
    await plan(world, FILM)
    await world.sam.slash(world.channel, "pick next")
    shown = require_response(await world.mina.slash(world.channel, "featured"))
    (embed,) = shown.embeds
    assert embed.image.url == POSTER
    assert embed.footer.text == TMDB_CREDIT
    assert "What happens in Burning." in (embed.description or "")
    assert shown.attachments == []
    await world.jonas.click(shown, label="I'm in")
    (message,) = [message for message in world.channel.history() if message.embeds]
    assert message.embeds[0].image.url == POSTER
    assert message.attachments == []
    assert tmdb.paths.count(f"/3/movie/{BURNING}") == 1


async def test_an_announcement_has_the_poster(world: World, tmdb: ReplayServer) -> None:
    add_tmdb_reply(tmdb)
    await set_rotation(world)
    await announce_first(world, FILM)
    (message,) = list_announcements(world.channel)
    assert message.embeds[0].image.url == POSTER
    assert message.embeds[0].footer.text == TMDB_CREDIT
    assert message.attachments == []


async def test_without_a_poster_the_card_is_drawn_and_names_the_source(world: World, tmdb: ReplayServer) -> None:
    add_tmdb_reply(tmdb, poster_path=None, images={"backdrops": [], "posters": [], "logos": []})
    await set_rotation(world)
    await announce_first(world, FILM)
    (message,) = list_announcements(world.channel)
    assert message.embeds[0].image.url is not None
    assert [each.filename for each in message.attachments] == ["title.png"]
    assert message.embeds[0].footer.text == TMDB_CREDIT


async def edit_and_get_announcement(world: World) -> discord.Message:
    """Edit the pick's note, let it reach the announcement, and return that."""
    (choice,) = await world.sam.autocomplete(world.channel, "pick edit", "pick", "")
    await world.sam.slash(world.channel, "pick edit", pick=choice["value"], note="See it.")
    await world.env.advance_time(30)
    (message,) = list_announcements(world.channel)
    return message


async def test_the_drawn_card_and_the_poster_replace_each_other(world: World, tmdb: ReplayServer) -> None:
    await set_rotation(world)
    await announce_first(world, FILM)
    (message,) = list_announcements(world.channel)
    assert [each.filename for each in message.attachments] == ["title.png"]
    add_tmdb_reply(tmdb)
    film = await world.services.film_repository.get(FILM)
    assert film is not None
    await world.env.advance_time(86_460)
    metadata = await world.services.metadata.refresh(film)
    assert metadata is None or metadata.details is None  # TMDB was asked lately and did not have it
    await world.services.metadata_repository.delete_before(world.env.now())
    assert await world.services.metadata.refresh(film) is not None
    message = await edit_and_get_announcement(world)
    assert message.embeds[0].image.url == POSTER
    assert message.attachments == []
    object.__setattr__(world.services.metadata, "source", None)
    message = await edit_and_get_announcement(world)
    assert [each.filename for each in message.attachments] == ["title.png"]
    assert message.embeds[0].footer.text is None
