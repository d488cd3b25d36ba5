"""What TMDB adds to `/film`, as members see it."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
from aiohttp import web

from bot.client import create_bot
from bot.core.text import i18n
from bot.core.text.i18n import use_locale
from bot.films.card import TMDB_CREDIT
from bot.films.metadata import StreamingService
from bot.members.models import CountryPreference, CountrySource
from bot.reviews.models import Draft
from bot.search.index import TitleEntry
from bot.services import Services
from bot.sources.tmdb.replay import RecordedReply, ReplayServer
from bot.streaming.embeds import JUSTWATCH_NOTICE
from tests.conftest import World
from tests.responses import require_response
from tests.tmdb_payloads import (
    BURNING,
    WICK,
    collection,
    details_reply,
    found,
    movie,
    offers,
    provider,
    providers_reply,
)

LANTERN, REEL = provider("Lantern", 1), provider("Reelhouse+", 2)


def get_field(embed: discord.Embed, name: str) -> str | None:
    """Return the value of the first get_field whose name begins like that, or None."""
    return next((f.value for f in embed.fields if (f.name or "").startswith(name)), None)


def list_custom_ids(message: Any) -> list[str]:
    """Return the list_custom_ids and links of the message's buttons and menus."""
    return [child.get("custom_id", child.get("url")) for row in message.components for child in row["components"]]


def list_labels(message: Any) -> list[str]:
    """Return the list_labels of the message's buttons."""
    return [child["label"] for row in message.components for child in row["components"] if "label" in child]


def set_locale(world: World, locale: str, server_locale: str | None = None) -> None:
    """Let all members' clients use that language from now on, and the server another one."""

    def translate(event: str, payload: dict[str, Any]) -> None:
        if event == "INTERACTION_CREATE":
            payload["locale"] = locale
            if server_locale is not None:
                payload["guild_locale"] = server_locale

    world.env.backend.subscribers.insert(0, translate)


@pytest.fixture
def services(online_services: Services) -> Services:
    return online_services


async def test_an_uncached_film_is_completed_when_tmdb_has_answered(world: World, tmdb: ReplayServer) -> None:
    tmdb.replies.append(details_reply(movie(BURNING, "Burning", providers=offers(DE={"flatrate": [LANTERN]}))))
    await world.services.preferences.repository.set_country(world.mina.id, "DE")
    result = require_response(await world.mina.slash(world.channel, "film", title="burning-2018"))
    embed = result.embeds[0]
    assert embed.title == "Burning (2018)"
    assert embed.image.url == "https://image.tmdb.org/t/p/w500/poster.jpg"
    where = get_field(embed, "Where to stream · Germany")
    assert where is not None
    assert "**Subscription:** Lantern" in where
    assert JUSTWATCH_NOTICE in where
    assert "updated" not in where
    assert embed.description is not None
    assert "What happens in Burning" in embed.description
    assert (
        "**Director** Lee Chang-dong\n**Runtime**\u00a02\u00a0h\u00a028\u00a0min" in embed.description
    )  # the catalogue's facts stay
    assert "**Certification** 16" in embed.description
    assert TMDB_CREDIT in (embed.footer.text or "")
    assert "https://www.youtube.com/watch?v=trailer001" in list_custom_ids(result)
    assert "v1:stills:burning-2018" in list_custom_ids(result)
    assert tmdb.paths.count(f"/3/movie/{BURNING}") == 1


async def test_a_completed_card_keeps_the_servers_stars_and_all_buttons(world: World, tmdb: ReplayServer) -> None:
    world.services.films.index.put(TitleEntry("slowly-burning-2022", "Slowly Burning", "Slowly Burning", 2022))
    await world.services.reviews.post(Draft(world.server.id, world.jonas.id, "burning-2018", 8))
    tmdb.replies.append(details_reply(movie(BURNING, "Burning")))
    result = require_response(await world.mina.slash(world.channel, "film", title="burnin"))
    film, stars = result.embeds
    assert film.image.url
    assert "1 rating" in (stars.description or "")
    assert [picture.filename for picture in result.attachments] == ["stars.png"]
    buttons = ["Rate", "Reviews", "Watchlist", "Cast", "Similar"]
    buttons += ["Not this one?", "Set your country", "Trailer", "Stills"]
    assert sorted(list_labels(result)) == sorted(buttons)
    assert [len(row["components"]) for row in result.components] == [5, 4]
    changed = require_response(await world.mina.click(result.message, label="Not this one?"))
    assert sorted(list_labels(changed)) == sorted({*buttons} - {"Not this one?"})
    assert len(changed.embeds) == 2


async def cache_burning(world: World, tmdb: ReplayServer, **changes: Any) -> None:
    """Let the film's metadata be cached."""
    tmdb.replies.append(details_reply(movie(BURNING, "Burning", **changes)))
    film = await world.services.film_repository.get("burning-2018")
    assert film is not None
    assert await world.services.metadata.refresh(film) is not None


async def open_card(world: World, title: str = "burning-2018") -> tuple[discord.Embed, Any]:
    result = await world.mina.slash(world.channel, "film", title=title)
    message = result.response or result.followups[0]
    return message.embeds[0], message


async def test_a_cached_film_sends_no_request_to_tmdb(world: World, tmdb: ReplayServer) -> None:
    await cache_burning(world, tmdb)
    request_count = len(tmdb.requests)
    embed, _ = await open_card(world)
    assert embed.image.url
    assert len(tmdb.requests) == request_count


async def test_without_a_key_the_card_does_not_mention_tmdb(world: World, tmdb: ReplayServer) -> None:
    object.__setattr__(world.services.metadata, "source", None)
    embed, message = await open_card(world)
    assert embed.image.url == "attachment://title.png"
    assert TMDB_CREDIT not in str(embed.to_dict())
    assert not any("stills" in each for each in list_custom_ids(message))


async def test_texts_of_a_public_card_are_in_the_servers_language(world: World, tmdb: ReplayServer) -> None:
    await cache_burning(world, tmdb)
    set_locale(world, "en-US", "de")
    embed, _ = await open_card(world)
    assert embed.title == "Burning auf Deutsch (2018)"
    assert embed.description is not None
    assert "Was geschieht." in embed.description
    assert "“Endlich.”" in embed.description


HOSTILE = "**bold** [here](https://evil.example) @everyone <@1> \u202eback ||x||"


async def test_texts_from_tmdb_are_escaped(world: World, tmdb: ReplayServer) -> None:
    await cache_burning(world, tmdb, overview=HOSTILE)
    embed, _ = await open_card(world)
    assert embed.description is not None
    assert "**bold**" not in embed.description
    assert "[here](https" not in embed.description
    assert "<@1>" not in embed.description
    assert "@everyone" not in embed.description
    assert "\u202e" not in embed.description
    assert "||x||" not in embed.description


async def test_without_a_country_a_button_sets_one_and_shows_the_card(world: World, tmdb: ReplayServer) -> None:
    kinds = offers(AT={"flatrate": [LANTERN], "rent": [REEL]})
    await cache_burning(world, tmdb, providers=kinds)
    set_locale(world, "de")
    embed, message = await open_card(world)
    assert "/me country" in (get_field(embed, "Where to stream") or "")
    menu = require_response(await world.mina.click(message.message, label="Set your country"))
    assert menu.ephemeral
    options = menu.components[0]["components"][0]["options"]
    assert options[0]["value"] == "DE"
    assert len({option["value"] for option in options}) == len(options) == 25
    assert not any(option.get("default") for option in options)
    assert await world.services.preferences.get_country(world.mina.id, None) is None
    chosen = require_response(await world.mina.select(menu.message, ["AT"]))
    assert await world.services.preferences.get_country(world.mina.id, None) == CountryPreference(
        "AT", CountrySource.MEMBER
    )
    with use_locale("de"):
        where = get_field(chosen.embeds[0], i18n._("Where to stream · {country}").format(country="Österreich 🇦🇹"))
        assert where is not None
        expected = [f"**{i18n._('Subscription')}:** Lantern", f"**{i18n._('Rent')}:** Reelhouse+"]
    assert where.splitlines()[:2] == expected


async def test_own_services_come_first_and_are_marked(world: World, tmdb: ReplayServer) -> None:
    await cache_burning(world, tmdb, providers=offers(DE={"flatrate": [LANTERN, REEL]}))
    await world.services.preferences.repository.set_country(world.mina.id, "DE")
    await world.services.subscriptions.load_services([StreamingService("Reelhouse+")])
    await world.services.subscriptions.set_subscriptions(world.mina.id, ["Reelhouse+"])
    private = require_response(await world.mina.user.slash("film", title="burning-2018")).embeds[0]
    assert "**Subscription:** ✓ **Reelhouse+** (yours), Lantern" in (get_field(private, "Where to stream ·") or "")
    public, _ = await open_card(world)  # what a member subscribes to is nobody else's business
    assert "**Subscription:** Lantern, Reelhouse+\n" in (get_field(public, "Where to stream ·") or "")
    where = require_response(await world.mina.slash(world.channel, "where", film="burning-2018"))
    assert "yours" not in str(where.embeds[0].to_dict())


async def test_stale_offers_are_shown_with_their_age_and_refreshed_in_the_background(
    world: World, tmdb: ReplayServer
) -> None:
    await cache_burning(world, tmdb, providers=offers(DE={"flatrate": [LANTERN]}))
    tmdb.replies.append(providers_reply(BURNING, offers(DE={"flatrate": [REEL]})))
    await world.services.preferences.repository.set_country(world.mina.id, "DE")
    await world.env.advance_time(timedelta(days=3).total_seconds())
    await make_older(world, days=3)
    embed, _ = await open_card(world)
    where = get_field(embed, "Where to stream ·") or ""
    assert "Lantern" in where
    assert ", updated <t:" in where
    embed, _ = await open_card(world)
    where = get_field(embed, "Where to stream ·") or ""
    assert "Reelhouse" in where
    assert "updated" not in where
    assert tmdb.paths.count(f"/3/movie/{BURNING}/watch/providers") == 1


async def make_older(world: World, days: int, film_id: str = "burning-2018") -> None:
    """Make the film's cached metadata that much older."""
    store = world.services.metadata_repository
    known = await store.get(film_id)
    assert known is not None
    past = world.env.now() - timedelta(days=days)
    await store.save(film_id, replace(known, fetched_at=past, offers_fetched_at=past))


BAD = {
    "down": lambda: web.Response(status=503),
    "html": lambda: web.Response(text="<html>", content_type="text/html"),
    "null": lambda: web.json_response(dict.fromkeys(movie(BURNING, "Burning"))),
    "types": lambda: web.json_response(dict.fromkeys(movie(BURNING, "Burning"), 7)),
    "large": lambda: web.Response(body=b'{"id": "' + b"x" * 6_000_000 + b'"}'),
}


@pytest.mark.parametrize("kind", BAD)
async def test_an_unusable_answer_leaves_the_cached_metadata_as_it_is(
    world: World, tmdb: ReplayServer, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    await cache_burning(world, tmdb)
    await make_older(world, days=30)

    async def fault(_: web.Request) -> web.StreamResponse:
        return BAD[kind]()

    tmdb.fault = fault
    caplog.clear()
    embed, _ = await open_card(world)
    assert embed.title == "Burning (2018)"
    assert embed.image.url == "https://image.tmdb.org/t/p/w500/poster.jpg"
    logged = [record.getMessage() for record in caplog.records if record.name == "bot.films.metadata_service"]
    assert len(logged) == 1
    assert logged[0].startswith("burning-2018: metadata stays as it is")


async def test_parts_that_an_answer_lacks_stay_as_they_were(world: World, tmdb: ReplayServer) -> None:
    await cache_burning(world, tmdb)
    known = await world.services.metadata_repository.get("burning-2018")
    await make_older(world, days=30)

    async def answer_in_part(_: web.Request) -> web.StreamResponse:
        return web.json_response({"id": int(BURNING), "title": "Burning"})

    tmdb.fault = answer_in_part
    embed, _ = await open_card(world)
    assert embed.image.url == "https://image.tmdb.org/t/p/w500/poster.jpg"
    refreshed = await world.services.metadata_repository.get("burning-2018")
    assert known is not None
    assert refreshed is not None
    assert refreshed.details == known.details
    assert refreshed.streaming == known.streaming
    assert refreshed.fetched_at == known.fetched_at  # not the age that it was given meanwhile


async def test_a_new_film_is_found_with_whatever_its_answer_has(world: World, tmdb: ReplayServer) -> None:
    body = movie("9001", "Qwertzian Dawn")
    for part in ("videos", "credits", "images", "translations", "release_dates", "watch/providers"):
        body[part] = None
    tmdb.replies += [
        RecordedReply("/3/search/movie", [found(("9001", "Qwertzian Dawn", "2019-05-04"))]),
        RecordedReply("/3/movie/9001", [body]),
    ]
    embed, _ = await open_card(world, "qwertzian dawn")
    assert embed.title == "Qwertzian Dawn (2019)"
    assert embed.image.url == "https://image.tmdb.org/t/p/w500/poster.jpg"


async def test_cards_are_shown_while_tmdb_is_down(world: World, tmdb: ReplayServer) -> None:
    async def fault(_: web.Request) -> web.StreamResponse:
        return web.Response(status=418)

    tmdb.fault = fault
    for title in ("burning-2018", "oldboy-2003", "amelie-2001"):
        embed, _ = await open_card(world, title)
        assert embed.fields
        assert TMDB_CREDIT not in str(embed.to_dict())


async def test_the_first_reply_does_not_wait_for_tmdb(world: World, tmdb: ReplayServer) -> None:
    events: list[str] = []
    events_before_reply: list[str] = []

    def record(event: str, _: dict[str, Any]) -> None:
        events.append(event)

    async def fault(_: web.Request) -> web.StreamResponse | None:
        await asyncio.sleep(0.3)
        events_before_reply.extend(events)
        return None

    tmdb.fault = fault
    tmdb.replies.append(details_reply(movie(BURNING, "Burning")))
    world.env.backend.subscribers.append(record)
    embed, _ = await open_card(world)
    assert "MESSAGE_CREATE" in events_before_reply
    assert embed.image.url


async def test_stills_are_a_gallery_with_alt_texts(world: World, tmdb: ReplayServer) -> None:
    await cache_burning(world, tmdb)
    _, message = await open_card(world)
    stills = require_response(await world.jonas.click(message.message, label="Stills"))
    assert stills.ephemeral
    gallery = next(each for each in stills.components if each["type"] == 12)
    assert len(gallery["items"]) == 10
    assert gallery["items"][2]["description"] == "Still 3 of 10 from Burning (2018)"
    assert gallery["items"][2]["media"]["url"] == "https://image.tmdb.org/t/p/w1280/still2.jpg"
    assert TMDB_CREDIT in str(stills.components)


async def test_a_collection_leads_to_its_other_films(world: World, tmdb: ReplayServer) -> None:
    named = {"id": 404609, "name": "John Wick Collection", "poster_path": None, "backdrop_path": None}
    films = [(WICK, "John Wick", "2014-10-22"), ("324552", "John Wick: Chapter 2", "2017-02-08")]
    new = ("9000", "John Wick: A Made-up Chapter", "2030-01-01")
    tmdb.replies += [
        details_reply(movie(WICK, "John Wick", belongs_to_collection=named)),
        details_reply(movie("324552", "John Wick: Chapter 2", belongs_to_collection=named)),
        details_reply(movie("9000", new[1], release_date=new[2], belongs_to_collection=named)),
        collection(404609, "John Wick Collection", *films, new),
    ]
    embed, message = await open_card(world, "john-wick-2014")
    assert "**Collection** John Wick, 1 of 3" in str(embed.description)
    parts = require_response(await world.mina.click(message.message, label="John Wick, 1 of 3"))
    assert "(this one)" in (parts.embeds[0].description or "").splitlines()[0]
    second = require_response(await world.mina.click(parts.message, label="John Wick: Chapter 2 (2017)"))
    assert second.ephemeral
    assert "**Collection** John Wick, 2 of 3" in str(second.embeds[0].description)
    third = require_response(await world.mina.click(parts.message, label="John Wick: A Made-up Chapter (2030)"))
    assert third.embeds[0].title == "John Wick: A Made-up Chapter (2030)"
    assert (await world.services.films.lookup("john wick a made up chapter")).film is not None
    assert tmdb.paths.count("/3/collection/404609") == 1


async def test_a_film_that_only_tmdb_has_is_found_and_added(world: World, tmdb: ReplayServer) -> None:
    films = found(("9001", "Qwertzian Dawn", "2019-05-04"), ("9002", "Qwertzian Dusk", "2021-01-01"))
    films["results"][0]["vote_count"] = 900
    tmdb.replies += [
        RecordedReply("/3/search/movie", [films]),
        details_reply(movie("9001", "Qwertzian Dawn", imdb_id="tt9999901")),
        details_reply(movie("9002", "Qwertzian Dusk", release_date="2021-01-01")),
    ]
    embed, message = await open_card(world, "qwertzian")
    assert embed.title == "Qwertzian Dawn (2019)"
    assert "2 films" in message.content
    chosen = require_response(await world.mina.select(message.message, ["tmdb:9002"], custom_id="v1:match"))
    assert chosen.embeds[0].title == "Qwertzian Dusk (2021)"
    lookup = await world.services.films.lookup("qwertzian dawn")
    assert lookup.film is not None
    assert (lookup.film.id, lookup.film.source) == ("qwertzian-dawn-2019", "tmdb")
    assert lookup.film.ids == {"tmdb": "9001", "imdb": "tt9999901"}
    request_count = len(tmdb.requests)
    embed, _ = await open_card(world, "qwertzian dawn 2019")
    assert embed.title == "Qwertzian Dawn (2019)"
    assert len(tmdb.requests) == request_count


async def test_a_search_is_repeated_with_corrected_spelling(online_services: Services, tmdb: ReplayServer) -> None:
    hit = found(("9003", "Burning Qwertzian", "2019-05-04"))
    tmdb.replies += [
        RecordedReply("/3/search/movie", [hit], params={"query": "burning qwertzian"}),
        RecordedReply("/3/search/movie", [found()]),
    ]
    candidates = await online_services.metadata.search("Bruning Qwertzian", None)
    assert [each.title for each in candidates] == ["Burning Qwertzian"]
    queries = [request.query.get("query") for request in tmdb.requests[-2:]]
    assert queries == ["Bruning Qwertzian", "burning qwertzian"]
    assert await online_services.metadata.search("Qwertzian", None) == []
    assert tmdb.requests[-1].query["query"] == "Qwertzian"


async def test_a_film_that_tmdb_lacks_too_is_not_found(world: World, tmdb: ReplayServer) -> None:
    tmdb.replies.append(RecordedReply("/3/search/movie", [found()]))
    embed, _ = await open_card(world, "qqqqzzzzxxxx")
    assert embed.title == "No film found"


async def test_buttons_work_after_a_restart(world: World, tmdb: ReplayServer) -> None:
    await cache_burning(world, tmdb)
    _, message = await open_card(world)
    await world.env.restart_bot(create_bot(world.services))
    assert require_response(await world.mina.click(message.message, label="Stills")).ephemeral


async def test_a_reply_that_shows_another_film_by_now_is_left_alone(world: World, tmdb: ReplayServer) -> None:
    """The first reply shows Burning; before TMDB has answered, the message shows another film."""
    tmdb.replies.append(details_reply(movie(BURNING, "Burning")))
    backend = world.env.backend

    async def fault(request: web.Request) -> web.StreamResponse | None:
        if request.path == f"/3/movie/{BURNING}":
            message = max(backend.messages[world.channel.id].values(), key=lambda each: each.id)
            message.embeds[0]["title"] = "Another (2000)"
        return None

    tmdb.fault = fault
    embed, _ = await open_card(world)
    assert embed.title == "Another (2000)"
    assert embed.image.url is None


async def test_a_person_has_the_photo_and_years_that_tmdb_knows(world: World, tmdb: ReplayServer) -> None:
    person_id = "lee-chang-dong"
    await world.services.people.repository.link("tmdb", {"4711": person_id})
    life = {"id": 4711, "profile_path": "/lee.jpg", "birthday": "1954-07-04", "deathday": None}
    tmdb.replies.append(RecordedReply("/3/person/4711", [life]))
    (embed,) = require_response(await world.mina.slash(world.channel, "person", name=person_id)).embeds
    assert embed.title == "Lee Chang-dong (born 1954)"
    assert embed.thumbnail.url == "https://image.tmdb.org/t/p/h632/lee.jpg"
    assert str(embed.footer.text).endswith(TMDB_CREDIT)
    (unknown,) = require_response(await world.mina.slash(world.channel, "person", name="park-chan-wook")).embeds
    assert unknown.title == "Park Chan-wook"
    assert unknown.thumbnail.url is None
