"""“Only my services” in `/recommend` and `/tonight`, with and without TMDB."""

import ast
import functools
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from simcord.components import walk_components

from bot import recommendations
from bot.config import Settings
from bot.films.card import TMDB_NOTICE
from bot.films.metadata import StreamingService
from bot.recommendations.facts import film_facts
from bot.recommendations.filter_options import pack_filters, unpack_filters
from bot.recommendations.filters import NO_FILTERS, RecommendationFilters
from bot.recommendations.moods import Mood, mood_fit
from bot.recommendations.views import MoreButton
from bot.reviews.models import Draft
from bot.services import Services, running_services
from bot.sources import starter
from bot.sources.starter import bundled_data_path
from bot.sources.tmdb.replay import ReplayServer
from bot.streaming.embeds import JUSTWATCH_NOTICE
from tests.conftest import World
from tests.responses import Actor, Result, assert_refused, list_messages, read_text, require_response
from tests.tmdb_payloads import BURNING, OLDBOY, details_reply, movie, offers, provider

LIKED = {"parasite-2019": 9, "zodiac-2007": 8, "john-wick-2014": 3}


@pytest.fixture
def services(request: pytest.FixtureRequest) -> Services:
    """Services without TMDB, or with a stand-in for it where the test asks for `tmdb`."""
    name = "online_services" if "tmdb" in request.fixturenames else "offline"
    found: Services = request.getfixturevalue(name)
    return found


@pytest.fixture
async def offline(settings: Settings) -> AsyncIterator[Services]:
    async with running_services(settings) as services:
        yield services


async def rate(world: World, actor: Actor, stars: dict[str, int]) -> None:
    for film, halves in stars.items():
        await world.services.reviews.post(Draft(world.server.id, actor.id, film, halves))


async def subscribe(world: World, actor: Actor, country: str, *names: str) -> None:
    await world.services.preferences.repository.set_country(actor.id, country)
    await world.services.subscriptions.load_services([StreamingService(name) for name in names])
    await world.services.subscriptions.set_subscriptions(actor.id, names)


def texts(result: Result) -> str:
    parts = [read_text(result)]
    for message in list_messages(result):
        parts += [part["content"] for part in walk_components(message.components) if part.get("type") == 10]
    return "\n".join(parts)


def shown(result: Result) -> list[str]:
    prefix = "v1:refuse:"
    found = [str(part.get("custom_id", "")) for part in walk_components(require_response(result).components)]
    return [each.removeprefix(prefix) for each in found if each.startswith(prefix)]


def offered(result: Result) -> list[str]:
    parts = list(walk_components(require_response(result).components))
    chooses = [p for p in parts if str(p.get("custom_id", "")).startswith("v1:tonight-choose:")]
    return [option["value"] for part in chooses for option in part["options"]]


@functools.cache
def on(service: str, country: str) -> frozenset[str]:
    """The films that the catalogue itself says are there."""
    films = starter.load(bundled_data_path("films.jsonl")).films
    return frozenset(
        film.id
        for film in films
        if any(item.service == service and item.covers(country) for item in film.availability)
    )


async def test_only_what_the_catalogue_says_is_on_the_members_services(world: World) -> None:
    await rate(world, world.mina, LIKED)
    await subscribe(world, world.mina, "KR", "Netflix")
    there = on("Netflix", "KR") - LIKED.keys()
    result = await world.mina.slash(world.channel, "recommend", only_my_services=True)
    assert require_response(result).ephemeral
    assert "For you · on your services" in texts(result)
    films = shown(result)
    assert films
    assert texts(result).count("✓ On **Netflix**") == len(films)
    assert JUSTWATCH_NOTICE not in texts(result)  # the catalogue's own facts are not JustWatch's
    await world.env.restart_bot()
    while any(part.get("label") == "More" for part in walk_components(require_response(result).components)):
        result = await world.mina.click(require_response(result), label="More")
        films += shown(result)
    assert len(films) == len(set(films))
    assert set(films) == there


async def test_the_filter_changes_neither_order_nor_stars_nor_reasons(world: World) -> None:
    await rate(world, world.mina, LIKED)
    recommendations, server, mina = world.services.recommendations, world.server.id, world.mina.id
    every = []
    for skip in range(0, 5_000, 5):
        page = await recommendations.recommend(server, mina, NO_FILTERS, skip)
        every += page.films
        if len(every) >= 60:
            break
    among = {each.film.id for each in every[3:60:7]}
    found = [*(await recommendations.recommend(server, mina, NO_FILTERS, 0, among)).films]
    found += (await recommendations.recommend(server, mina, NO_FILTERS, 5, among)).films
    assert found == [each for each in every if each.film.id in among]


async def test_without_services_or_country_it_says_how_to_name_them(world: World) -> None:
    await rate(world, world.mina, LIKED)
    asked = await world.mina.slash(world.channel, "recommend", only_my_services=True)
    assert_refused(world, asked, "`/me country`")
    await world.services.preferences.repository.set_country(world.mina.id, "DE")
    asked = await world.mina.slash(world.channel, "recommend", only_my_services=True)
    assert_refused(world, asked, "`/services`")


async def test_where_nothing_is_known_it_says_so(world: World) -> None:
    await rate(world, world.mina, LIKED)
    await subscribe(world, world.mina, "DE", "Reelhouse")
    result = await world.mina.slash(world.channel, "recommend", only_my_services=True)
    assert "I found no matching film on **Reelhouse** in Germany" in texts(result)
    assert not shown(result)


async def test_what_tmdb_knows_counts_once_it_is_asked_and_is_attributed(world: World, tmdb: ReplayServer) -> None:
    await rate(world, world.mina, LIKED)
    await subscribe(world, world.mina, "DE", "Reelhouse")
    lists = offers(DE={"flatrate": [provider("Reelhouse")]}, FR={"flatrate": [provider("Lantern")]})
    tmdb.replies += [
        details_reply(movie(BURNING, "Burning", providers=lists)),
        details_reply(movie(OLDBOY, "Oldboy", providers=offers(DE={"rent": [provider("Reelhouse")]}))),
    ]
    model = await world.services.recommendations.models.get(world.server.id)
    for film_id in ("burning-2018", "oldboy-2003"):
        film = await world.services.film_repository.get(film_id)
        assert film is not None
        assert await world.services.metadata.refresh(film)
    result = await world.mina.slash(world.channel, "recommend", only_my_services=True)
    assert shown(result) == ["burning-2018"]  # Oldboy is there to rent, and is not included
    assert "✓ On **Reelhouse**" in texts(result)
    assert JUSTWATCH_NOTICE in texts(result)
    assert TMDB_NOTICE in texts(result)
    assert "ago" not in texts(result)
    # Nothing fetched has become anything that is learnt from, and no new model was fitted for it.
    assert await world.services.recommendations.models.get(world.server.id) is model


async def test_the_likeliest_films_are_asked_for_and_then_known(world: World, tmdb: ReplayServer) -> None:
    await rate(world, world.mina, LIKED)
    await subscribe(world, world.mina, "DE", "Reelhouse")
    best = await world.services.recommendations.list_best_film_ids(
        world.server.id, [world.mina.id], NO_FILTERS, 20
    )
    wanted = {}
    for film_id in best:
        film = await world.services.film_repository.get(film_id)
        assert film is not None
        if "tmdb" in film.ids:
            wanted[film.ids["tmdb"]] = film_id
    assert len(wanted) > 5
    lists = offers(DE={"flatrate": [provider("Reelhouse")]})
    tmdb.replies += [details_reply(movie(number, film_id, providers=lists)) for number, film_id in wanted.items()]
    result = await world.mina.slash(world.channel, "recommend", only_my_services=True)
    for _ in range(5):
        if len(shown(result)) == 5:
            break
        result = await world.mina.slash(world.channel, "recommend", only_my_services=True)
    assert len(shown(result)) == 5
    assert set(shown(result)) <= set(wanted.values())


async def test_stale_offers_are_told_with_their_age(world: World, tmdb: ReplayServer) -> None:
    await rate(world, world.mina, LIKED)
    await subscribe(world, world.mina, "DE", "Reelhouse")
    lists = offers(DE={"flatrate": [provider("Reelhouse")]})
    tmdb.replies.append(details_reply(movie(BURNING, "Burning", providers=lists)))
    film = await world.services.film_repository.get("burning-2018")
    assert film is not None
    assert await world.services.metadata.refresh(film)
    tmdb.replies.clear()
    await world.env.advance_time(timedelta(days=3).total_seconds())
    result = await world.mina.slash(world.channel, "recommend", only_my_services=True)
    assert shown(result) == ["burning-2018"]
    assert re.search(rf"{JUSTWATCH_NOTICE}, updated <t:\d+:R>", texts(result))


async def test_a_group_sees_what_a_service_of_one_of_them_shows_in_their_country(world: World) -> None:
    await rate(world, world.mina, LIKED)
    await subscribe(world, world.jonas, "KR", "Netflix")
    result = await world.mina.slash(world.channel, "tonight", only_my_services=True)
    assert "Tonight · on your services" in read_text(result)
    assert "None of you has chosen streaming services" in read_text(result)
    assert offered(result) == []
    who = next(
        str(part["custom_id"]) for part in walk_components(require_response(result).components)
        if str(part.get("custom_id", "")).startswith("v1:tonight-who:")
    )  # fmt: skip
    both = await world.mina.select(require_response(result), [world.mina, world.jonas], custom_id=who)
    films = offered(both)
    assert films
    assert set(films) <= on("Netflix", "KR")
    assert read_text(both).count("✓ On **Netflix**") == len(films)
    await world.services.subscriptions.set_subscriptions(world.jonas.id, [])
    await subscribe(world, world.jonas, "KR", "Reelhouse")
    none = await world.mina.select(require_response(both), [world.mina, world.jonas], custom_id=who)
    assert "I found no matching film on **Reelhouse** in South Korea" in read_text(none)


async def test_every_wish_holds_for_a_group(world: World) -> None:
    result = await world.mina.slash(
        world.channel, "tonight", max_minutes=170, genre="drama", mood="cry", decade=2010, language="Korean",
        country="South Korea",
    )  # fmt: skip
    heading = "Drama · Cry · up to 2\u00a0h\u00a050\u00a0min · 2010s · in Korean · made in South Korea"
    assert heading in read_text(result)
    assert offered(result)
    for film_id in offered(result):
        film = await world.services.film_repository.get(film_id)
        assert film is not None
        assert film.runtime is not None
        assert film.runtime <= 170
        assert "Drama" in film.genres
        assert film.year in range(2010, 2020)
        assert "ko" in film.languages
        assert "KR" in film.countries
        assert mood_fit(Mood.CRY, film_facts(film)) > 0


@pytest.mark.parametrize(
    ("option", "typed", "sentence"),
    [("language", "Klingonish", "No language"), ("country", "Narnia", "No country")],
)
async def test_what_is_no_choice_for_a_group_is_refused(
    world: World, option: str, typed: str, sentence: str
) -> None:
    assert_refused(world, await world.mina.slash(world.channel, "tonight", **{option: typed}), sentence)


async def test_options_are_offered_for_a_group(world: World) -> None:
    for option, typed, value in (("genre", "dr", "Drama"), ("language", "kor", "ko"), ("country", "korea", "KR")):
        choices = await world.mina.autocomplete(world.channel, "tonight", option, typed)
        assert value in [choice["value"] for choice in choices]


def test_filters_survive_a_custom_id_and_those_of_older_messages_are_understood() -> None:
    filters = RecommendationFilters("Drama", Mood.CRY, 150, 2010, "ko", "KR", 0.5, on_services=True)
    assert unpack_filters(pack_filters(filters)) == filters
    assert unpack_filters(pack_filters(NO_FILTERS)) == NO_FILTERS
    older = "Drama,cry,150,2010,ko,KR,50"
    assert unpack_filters(older) == RecommendationFilters("Drama", Mood.CRY, 150, 2010, "ko", "KR", 0.5)
    for packed in (older, pack_filters(filters)):
        assert MoreButton.__discord_ui_compiled_template__.fullmatch(f"v1:more:10:{packed}")


def test_the_recommender_knows_nothing_of_services_or_of_what_comes_from_tmdb() -> None:
    folder = Path(recommendations.__file__).parent
    for file in sorted(folder.glob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        if any(isinstance(node, ast.Import) and node.names[0].name == "discord" for node in ast.walk(tree)):
            continue  # shows what was recommended, and where it streams
        for module in imported:
            assert not re.search(r"streaming|subscriptions|metadata|alerts|bot.sources", module), file.name
