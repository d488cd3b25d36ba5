"""The titles of the films most asked for come from TMDB, page by page, once, and survive interruptions."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.cli.doctor import describe_titles
from bot.core.database.key_value import KeyValueRepository
from bot.films import popular_service
from bot.films.popular_service import CLAIM_MAX_AGE, RENEWED_AFTER, PopularTitleService, TitleProgress
from bot.services import Services
from bot.sources.tmdb.replay import RecordedReply, ReplayServer
from tests.conftest import World
from tests.responses import first_embed
from tests.tmdb_payloads import details_reply, movie

DISCOVER = "/3/discover/movie"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(popular_service, "REQUEST_INTERVAL", 0.0)


@pytest.fixture
def services(online_services: Services) -> Services:
    return online_services


def result(tmdb_id: int, title: str, year: int, votes: int = 20_000, **changes: Any) -> dict[str, Any]:
    body = {
        "adult": False,
        "id": tmdb_id,
        "original_language": "en",
        "original_title": title,
        "overview": "Not to be kept.",
        "release_date": f"{year}-05-04",
        "title": title,
        "vote_count": votes,
    }
    return body | changes


def let_discover(tmdb: ReplayServer, *pages: list[dict[str, Any]]) -> None:
    bodies = [
        {"page": number, "results": results, "total_pages": len(pages)} for number, results in enumerate(pages, 1)
    ]
    tmdb.replies.insert(0, RecordedReply(DISCOVER, bodies))


def list_pages(tmdb: ReplayServer) -> list[str]:
    return [request.query["page"] for request in tmdb.requests if request.path == DISCOVER]


async def test_titles_are_learnt_once_and_without_those_of_the_catalogue(
    services: Services, tmdb: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    known = len(services.films.index)
    let_discover(
        tmdb,
        [
            result(
                9900901, "Glass Harbour Nights", 2021, original_title="Lasisataman yöt", original_language="fi"
            ),
            result(9900902, "Parasite", 2019, original_title="기생충"),
            result(9900903, "Parasite", 1996),
            result(9900904, "Behind Closed Doors", 2020, adult=True),
        ],
        [result(9900905, "Glass Harbour Nights", 2021), result(9900906, "Oldboy", 2004)],  # the release elsewhere
    )
    now = services.metadata.now()
    await services.popular_titles.learn(now)
    assert list_pages(tmdb) == ["1", "2"]
    assert len(services.films.index) == known + 2
    choices = services.films.suggest("glass harbour")
    assert [(choice.title, choice.year) for choice in choices[:1]] == [("Glass Harbour Nights", 2021)]
    film = await services.films.require(choices[0].film_id)
    assert (film.original_title, film.languages, film.ids, film.source) == (
        "Lasisataman yöt",
        ("fi",),
        {"tmdb": "9900901"},
        "tmdb",
    )
    assert film.logline == ""
    assert services.films.suggest("lasisataman")[0].film_id == film.id
    assert "page 2 of 2, 2 films are new" in caplog.text
    await services.popular_titles.learn(now + timedelta(days=1))
    assert len(list_pages(tmdb)) == 2
    # Read again after some months, nothing is stored twice.
    later = now + RENEWED_AFTER + timedelta(days=1)
    let_discover(
        tmdb, [result(9900901, "Glass Harbour Nights", 2021), result(9900907, "Glass Harbour Mornings", 2026)]
    )
    await services.popular_titles.learn(later)
    assert len(services.films.index) == known + 3


async def test_it_goes_on_where_it_stopped_and_in_one_process(
    services: Services, tmdb: ReplayServer, caplog: pytest.LogCaptureFixture
) -> None:
    pages = [[result(9900910 + number, f"Numbered Lantern {number}", 2000 + number)] for number in range(4)]
    let_discover(tmdb, *pages)
    is_down = False

    async def fail_on_page_three(request: web.Request) -> web.StreamResponse | None:
        return web.Response(status=418) if is_down and request.query.get("page") == "3" else None

    tmdb.fault, is_down = fail_on_page_three, True
    now = services.metadata.now()
    assert describe_titles(await services.popular_titles.get_progress()).startswith("TMDB titles: none yet")
    await services.popular_titles.learn(now)
    progress = await services.popular_titles.get_progress()
    assert (progress.page, progress.film_count, progress.finished_at) == (2, 2, None)
    assert describe_titles(progress) == "TMDB titles: 2 films, page 2 of 4"
    assert "stops for a while: status 418" in caplog.text
    is_down = False
    other = PopularTitleService(
        services.tmdb, services.films, services.title_index, KeyValueRepository(services.database)
    )
    await other.learn(now + timedelta(seconds=1))  # the first may still be at it
    assert list_pages(tmdb) == ["1", "2", "3"]
    await other.learn(now + 2 * CLAIM_MAX_AGE)
    assert list_pages(tmdb) == ["1", "2", "3", "3", "4"]
    assert [match.title for match in services.films.suggest("numbered lantern 3")][:1] == ["Numbered Lantern 3"]
    assert describe_titles(await other.get_progress()) == "TMDB titles: 4 films"


async def test_a_learnt_film_opens_with_all_that_tmdb_knows(world: World, tmdb: ReplayServer) -> None:
    let_discover(tmdb, [result(9900901, "Glass Harbour Nights", 2021)])
    # At the start of this world TMDB had no films.
    await world.services.popular_titles.learn(world.services.metadata.now() + 2 * RENEWED_AFTER)
    tmdb.replies.append(details_reply(movie("9900901", "Glass Harbour Nights", release_date="2021-05-04")))
    shown = await world.mina.slash(world.channel, "film", title="glass harbour nights")
    assert not shown.ephemeral
    embed = first_embed(shown)
    assert embed.title is not None
    assert embed.title.startswith("Glass Harbour Nights")
    assert "Ada Example" in str(embed.to_dict())
    assert "What happens in" in str(embed.to_dict())


async def test_nothing_is_asked_without_a_key(tmdb: ReplayServer, services: Services) -> None:
    offline = PopularTitleService(
        None, services.films, services.title_index, KeyValueRepository(services.database)
    )
    await offline.learn(services.metadata.now())
    assert list_pages(tmdb) == []
    assert await offline.get_progress() == TitleProgress()
