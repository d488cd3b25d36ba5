"""`/where` and `/about` as members use them, and the nightly deletion of expired metadata."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.client import create_bot
from bot.films.card import TMDB_CREDIT, TMDB_NOTICE
from bot.services import Services
from bot.sources.tmdb.replay import ReplayServer
from bot.streaming.embeds import JUSTWATCH_NOTICE
from tests.conftest import World
from tests.responses import first_embed, list_labels, read_text, require_response
from tests.streaming.offers import LANTERN, REEL, SHOP, list_services, pass_two_nights, reply_with_offers
from tests.tmdb_payloads import OLDBOY, details_reply, movie, offers


@pytest.fixture
async def services(online_services: Services, tmdb: ReplayServer) -> Services:
    list_services(tmdb)
    return online_services


async def test_offers_of_several_countries_are_side_by_side(world: World, tmdb: ReplayServer) -> None:
    reply_with_offers(tmdb, offers(DE={"flatrate": [LANTERN], "buy": [SHOP]}, FR={"ads": [REEL]}))
    result = await world.mina.slash(
        world.channel, "where", film="burning-2018", country="DE", country2="France", country3="PL"
    )
    message = require_response(result)
    assert message is not None
    embed = message.embeds[0]
    assert [(field.name, field.inline) for field in embed.fields] == [
        ("Germany 🇩🇪", False),
        ("France 🇫🇷", False),
        ("Poland 🇵🇱", False),
    ]
    assert "**Subscription:** Lantern\n**Buy:** Shop" in (embed.fields[0].value or "")
    assert "**With ads:** Reelhouse" in (embed.fields[1].value or "")
    assert embed.fields[2].value == "No offers found."
    assert JUSTWATCH_NOTICE in (embed.description or "")
    assert embed.footer.text == TMDB_CREDIT
    two = await world.mina.slash(world.channel, "where", film="burning-2018", country="DE", country2="FR")
    assert [field.inline for field in first_embed(two).fields] == [True, True]
    assert list_labels(require_response(two)) == ["Open film", "Alert me"]
    assert "Burning" in read_text(await world.jonas.click(require_response(two), label="Open film"))
    asked = await world.jonas.click(require_response(two), label="Alert me")
    assert asked.ephemeral
    assert "/me country" in read_text(asked)


async def test_where_answers_from_the_cache(world: World, tmdb: ReplayServer) -> None:
    reply_with_offers(tmdb, offers(DE={"flatrate": [LANTERN]}))
    await world.services.preferences.repository.set_country(world.mina.id, "DE")
    await world.mina.slash(world.channel, "where", film="burning")
    request_count = len(tmdb.requests)
    result = await world.mina.slash(world.channel, "where", film="burning")
    assert "Lantern" in (first_embed(result).fields[0].value or "")
    assert len(tmdb.requests) == request_count


async def test_where_without_a_country_tells_what_is_everywhere_and_how_to_set_one(world: World) -> None:
    for film, has_offers in (("burning", False), ("ballerina-2023", True)):
        result = await world.mina.slash(world.channel, "where", film=film)
        assert result.ephemeral
        assert "/me country" in require_response(result).content
        assert ("**Netflix** · everywhere" in read_text(result)) == has_offers
        assert "No offers found." not in read_text(result)  # nothing was looked for
    menu = await world.mina.click(require_response(result), label="Set your country")
    chosen = await world.mina.select(require_response(menu), ["DE"])
    assert "Where to stream · Germany" in read_text(chosen)


async def test_where_without_tmdb_shows_the_catalogues_own_offers(world: World) -> None:
    object.__setattr__(world.services.metadata, "source", None)
    result = await world.mina.slash(world.channel, "where", film="ballerina-2023", country="DE", country2="FR")
    first, second = require_response(result).embeds
    assert "Netflix" in str(first.to_dict())
    assert JUSTWATCH_NOTICE not in str(second.to_dict())
    assert [field.name for field in second.fields] == ["Where to stream · France 🇫🇷"]  # nothing is text twice


async def test_a_film_unknown_to_tmdb_shows_the_catalogues_own_offers(world: World, tmdb: ReplayServer) -> None:
    result = await world.mina.slash(world.channel, "where", film="ballerina-2023", country="DE")
    assert "Netflix" in read_text(result)
    assert JUSTWATCH_NOTICE not in read_text(result)


@pytest.mark.parametrize("online", [True, False])
async def test_where_has_a_menu_of_other_films_for_an_ambiguous_title(
    world: World, tmdb: ReplayServer, online: bool
) -> None:
    if not online:
        object.__setattr__(world.services.metadata, "source", None)
    tmdb.replies.append(details_reply(movie(OLDBOY, "Oldboy", providers=offers(DE={"flatrate": [LANTERN]}))))
    guessed = await world.mina.slash(world.channel, "where", film="zodiack", country="DE", country2="FR")
    assert read_text(guessed).startswith("Closest match: “Zodiak”\nZodiac (2007)\n")
    result = await world.mina.slash(world.channel, "where", film="oldboy", country="DE", country2="FR")
    assert read_text(result).startswith("2 films match “oldboy”. Showing **Oldboy (2003)**; pick another below.")
    assert ("Lantern" in read_text(result)) == online
    await world.env.restart_bot(create_bot(world.services))
    others = await world.jonas.select(require_response(result), ["oldboy-2013"])
    assert others.ephemeral
    assert "Oldboy (2013)" in read_text(others)
    assert "France" in read_text(others)
    await world.mina.select(require_response(result), ["oldboy-2013"])
    changed = world.env.backend.get_message(require_response(result).channel_id, require_response(result).id)
    assert changed.embeds[0]["title"] == "Oldboy (2013)"
    assert not changed.content
    picked = await world.mina.slash(world.channel, "where", film="oldboy-2013", country="DE")
    assert "Pick the film you meant" not in str(require_response(picked).components)


async def test_expired_metadata_is_deleted_nightly(world: World, tmdb: ReplayServer) -> None:
    reply_with_offers(tmdb, offers())
    await world.mina.slash(world.channel, "film", title="burning-2018")
    store = world.services.metadata_repository
    known = await store.get("burning-2018")
    assert known is not None
    past = world.env.now() - timedelta(days=181)
    await store.save("burning-2018", replace(known, fetched_at=past, offers_fetched_at=past))
    await pass_two_nights(world)
    assert await store.get("burning-2018") is None
    assert await world.services.film_repository.get("burning-2018") is not None


async def test_about_names_tmdb_and_justwatch(world: World) -> None:
    result = await world.mina.slash(world.channel, "about")
    text = str(first_embed(result).to_dict())
    assert TMDB_NOTICE in text
    assert JUSTWATCH_NOTICE in text
    object.__setattr__(world.services.metadata, "source", None)
    result = await world.mina.slash(world.channel, "about")
    assert "TMDB" not in str(first_embed(result).to_dict())
