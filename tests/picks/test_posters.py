"""The marquee's card where TMDB knows the film: its poster in place of the drawn title card."""

from typing import Any

import discord
import pytest

from bot.films.embeds import TMDB_NOTICE
from bot.services import Services
from bot.sources.tmdb.replay import ReplayServer
from tests.conftest import World
from tests.picks.test_announcements import announced, on
from tests.picks.test_commands import plan, rotating
from tests.reading import FILM, last
from tests.tmdb_payloads import BURNING, details_reply, movie

POSTER = "https://image.tmdb.org/t/p/w500/poster.jpg"


@pytest.fixture
def services(online_services: Services) -> Services:
    return online_services


def tmdb_knows(tmdb: ReplayServer, **changes: Any) -> None:
    tmdb.replies.append(details_reply(movie(BURNING, "Burning", **changes)))


async def test_featured_shows_the_poster_and_whose_it_is(world: World, tmdb: ReplayServer) -> None:
    tmdb_knows(tmdb)
    await plan(world, FILM)
    await world.sam.slash(world.channel, "pick next")
    shown = last(await world.mina.slash(world.channel, "featured"))
    (embed,) = shown.embeds
    assert embed.image.url == POSTER
    assert embed.footer.text == TMDB_NOTICE
    assert "What happens in Burning." in (embed.description or "")
    assert shown.attachments == []
    await world.jonas.click(shown, label="I'm in")
    (message,) = [m for m in world.channel.history() if m.embeds]
    assert message.embeds[0].image.url == POSTER
    assert message.attachments == []
    assert tmdb.paths.count(f"/3/movie/{BURNING}") == 1


async def test_an_announcement_has_the_poster(world: World, tmdb: ReplayServer) -> None:
    tmdb_knows(tmdb)
    await rotating(world)
    await on(world, FILM)
    (message,) = announced(world.channel)
    assert message.embeds[0].image.url == POSTER
    assert message.embeds[0].footer.text == TMDB_NOTICE
    assert message.attachments == []


async def test_where_tmdb_has_no_poster_the_card_is_drawn_and_still_says_whose_the_facts_are(
    world: World, tmdb: ReplayServer
) -> None:
    tmdb_knows(tmdb, poster_path=None, images={"backdrops": [], "posters": [], "logos": []})
    await rotating(world)
    await on(world, FILM)
    (message,) = announced(world.channel)
    assert message.embeds[0].image.url is not None
    assert [each.filename for each in message.attachments] == ["title.png"]
    assert message.embeds[0].footer.text == TMDB_NOTICE


async def changed(world: World) -> discord.Message:
    """The announcement after something changed on it."""
    (choice,) = await world.sam.autocomplete(world.channel, "pick edit", "pick", "")
    await world.sam.slash(world.channel, "pick edit", pick=choice["value"], note="See it.")
    await world.env.advance_time(30)
    (message,) = announced(world.channel)
    return message


async def test_a_poster_known_later_replaces_the_drawn_card_and_one_that_went_is_drawn(
    world: World, tmdb: ReplayServer
) -> None:
    await rotating(world)
    await on(world, FILM)
    (message,) = announced(world.channel)
    assert [each.filename for each in message.attachments] == ["title.png"]
    tmdb_knows(tmdb)
    film = await world.services.film_repository.get(FILM)
    assert film is not None
    await world.env.advance_time(86_460)
    known = await world.services.metadata.refresh(film)
    assert known is None or known.details is None  # TMDB was asked lately and did not have it
    await world.services.metadata_repository.delete_before(world.env.now())
    assert await world.services.metadata.refresh(film) is not None
    message = await changed(world)
    assert message.embeds[0].image.url == POSTER
    assert message.attachments == []
    object.__setattr__(world.services.metadata, "source", None)
    message = await changed(world)
    assert [each.filename for each in message.attachments] == ["title.png"]
    assert message.embeds[0].footer.text is None
