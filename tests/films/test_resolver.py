"""One answer out of the catalogue and TMDB, through the commands that take a film."""

import asyncio

import pytest
from aiohttp import web

from bot.films.views import NotThisOneButton
from bot.services import Services
from bot.sources.tmdb.replay import RecordedReply, ReplayServer
from tests.conftest import World
from tests.responses import Result, read_text, replace_component, require_response
from tests.tmdb_payloads import details_reply, found, movie

DAWN = "9001"


@pytest.fixture
def services(online_services: Services) -> Services:
    return online_services


def know_at_tmdb(tmdb: ReplayServer, title: str, released: str = "2019-05-04", tmdb_id: str = DAWN) -> None:
    """Let TMDB find that film whatever is searched."""
    tmdb.replies += [
        RecordedReply("/3/search/movie", [found((tmdb_id, title, released))]),
        details_reply(movie(tmdb_id, title, release_date=released)),
    ]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("burnt", "Burnt"),  # the catalogue's Burning is close, but it is not the title typed
        ("parasites", "Parasites"),
        ("oldboy 2", "Oldboy 2"),
    ],
)
async def test_a_close_title_of_the_catalogue_does_not_hide_the_film_that_is_meant(
    world: World, tmdb: ReplayServer, typed: str, title: str
) -> None:
    know_at_tmdb(tmdb, title)
    card = require_response(await world.mina.slash(world.channel, "film", title=typed))
    assert card.embeds[0].title == f"{title} (2019)"
    assert not card.ephemeral


async def test_a_year_that_the_catalogue_lacks_is_asked_of_tmdb(world: World, tmdb: ReplayServer) -> None:
    know_at_tmdb(tmdb, "Burning", "1975-03-01")
    for options in ({"title": "burning 1975"}, {"title": "burning", "year": 1975}):
        card = require_response(await world.mina.slash(world.channel, "film", **options))
        assert card.embeds[0].title == "Burning (1975)"


async def test_the_very_title_needs_no_request(world: World, tmdb: ReplayServer) -> None:
    count = len([path for path in tmdb.paths if "search" in path])
    await world.mina.slash(world.channel, "film", title="burning")
    assert len([path for path in tmdb.paths if "search" in path]) == count


async def test_both_sources_stand_in_one_list_each_film_once(services: Services, tmdb: ReplayServer) -> None:
    tmdb.replies += [
        RecordedReply(
            "/3/search/movie", [found(("491584", "Burning", "2018-05-17"), (DAWN, "Burnings", "2019-05-04"))]
        ),
        details_reply(movie(DAWN, "Burnings")),
    ]
    lookup = await services.resolver.ask_source(await services.films.lookup("burnings"))
    assert lookup.film is not None
    assert lookup.film.title == "Burnings"
    alternatives, _ = await services.resolver.list_alternatives("burnings", lookup.film.id)
    assert [match.film_id for match in alternatives].count("burning-2018") == 1
    assert not any(match.film_id == "tmdb:491584" for match in alternatives)


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("rate", {"stars": "4"}),
        ("watchlist add", {}),
        ("reviews", {}),
        ("similar", {}),
        ("pick add", {}),
        ("suggest", {}),
        ("alert", {}),
        ("where", {"country": "DE"}),
    ],
)
async def test_every_command_asks_tmdb(
    world: World, tmdb: ReplayServer, command: str, options: dict[str, str]
) -> None:
    know_at_tmdb(tmdb, "Qwertzian Dawn")
    await world.services.preferences.repository.set_country(world.sam.id, "DE")
    answer = await world.sam.slash(world.channel, command, film="qwertzian dawn", **options)
    assert "No film found" not in read_text(answer)
    assert await services_know(world, "qwertzian-dawn-2019")


async def services_know(world: World, film_id: str) -> bool:
    return await world.services.film_repository.get(film_id) is not None


async def test_a_slow_tmdb_is_waited_for_behind_a_deferral(world: World, tmdb: ReplayServer) -> None:
    async def respond_slowly(request: web.Request) -> web.StreamResponse | None:
        if "search" in request.path:
            await asyncio.sleep(1.5)
        return None

    tmdb.fault = respond_slowly
    know_at_tmdb(tmdb, "Qwertzian Dawn")
    card = await world.mina.slash(world.channel, "film", title="qwertzian dawn")
    assert "Qwertzian Dawn (2019)" in read_text(card)
    tmdb.replies[:] = [reply for reply in tmdb.replies if reply.path != "/3/search/movie"]
    tmdb.replies.append(RecordedReply("/3/search/movie", [found()]))
    nothing = await world.mina.slash(world.channel, "film", title="zzzzqqqq")
    assert nothing.ephemeral
    assert "No film found" in read_text(nothing)


async def test_a_tmdb_that_is_down_is_said(world: World, tmdb: ReplayServer) -> None:
    async def fail(request: web.Request) -> web.StreamResponse | None:
        return web.Response(status=503)

    tmdb.fault = fail
    answer = await world.mina.slash(world.channel, "film", title="zzzzqqqq")
    assert "I can't reach TMDB right now" in read_text(answer)


async def test_ids_and_links_are_found_at_tmdb(world: World, tmdb: ReplayServer) -> None:
    know_at_tmdb(tmdb, "Qwertzian Dawn")
    find = {**found((DAWN, "Qwertzian Dawn", "2019-05-04"))}
    tmdb.replies.append(RecordedReply("/3/find/tt9999901", [{"movie_results": find["results"]}]))
    for text in ("tt9999901", f"https://www.themoviedb.org/movie/{DAWN}-whatever"):
        card = require_response(await world.mina.slash(world.channel, "film", title=text))
        assert card.embeds[0].title == "Qwertzian Dawn (2019)"
    answer = await world.mina.slash(world.channel, "film", title="https://boxd.it/abcd")
    assert "can't find a film for that link or ID" in read_text(answer)


def read_menu(result: Result) -> list[str]:
    """Return the labels of the menu's options, in order."""
    rows = require_response(result).components
    return [each["label"] for row in rows for menu in row["components"] for each in menu.get("options", ())]


async def test_not_this_one_keeps_the_year_option_and_the_text(world: World, tmdb: ReplayServer) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="nosferatv", year=2024))
    assert card.embeds[0].title == "Nosferatu (2024)"
    know_at_tmdb(tmdb, "Nosferatv", "2024-11-29")
    titles = read_menu(await world.jonas.click(card, label="Not this one?"))
    assert titles[0] == "Nosferatv (2024)"
    assert "Nosferatu (1922)" in titles
    assert [each.query["year"] for each in tmdb.requests if "search" in each.path][-1] == "2024"
    typed = (
        "the matricks, the one with all the bullets that stand still in the air and with the red and blue pills"
    )
    button = NotThisOneButton("the-matrix-1999", typed, "1999")
    assert button.item.custom_id == f"v1:others:1999.:{button.text}"
    assert typed.startswith(f"{button.text} ")


async def test_films_to_choose_from_are_shown_in_place_whoever_knows_them(
    world: World, tmdb: ReplayServer
) -> None:
    know_at_tmdb(tmdb, "Superman: The Qwertz", "1990-05-04")
    for title in ("Superman (1978)", "Superman: The Qwertz (1990)"):
        choice = require_response(await world.mina.slash(world.channel, "film", title="superman 1931"))
        card = require_response(await world.mina.click(choice, label=title))
        assert (card.id, card.embeds[0].title) == (choice.id, title)


async def test_buttons_posted_by_earlier_versions_still_work(world: World, tmdb: ReplayServer) -> None:
    know_at_tmdb(tmdb, "Parasyte", "2014-11-29")
    card = require_response(await world.mina.slash(world.channel, "film", title="parasite"))
    for custom_id in ("v1:others:parasite-2019:parasyte", "v1:others::parasyte"):
        replace_component(world, card, {"type": 2, "style": 2, "label": "Not this one?", "custom_id": custom_id})
        assert "Parasyte (2014)" in read_menu(await world.jonas.click(card, label="Not this one?"))
    replace_component(world, card, {"type": 2, "style": 2, "label": "Open", "custom_id": f"v1:part:{DAWN}"})
    part = require_response(await world.mina.click(card, label="Open"))
    assert part.ephemeral
    assert part.embeds[0].title == "Parasyte (2014)"


async def test_not_this_one_reaches_tmdb(world: World, tmdb: ReplayServer) -> None:
    card = require_response(await world.mina.slash(world.channel, "film", title="parasyte"))
    assert card.embeds[0].title == "Parasite (2019)"
    know_at_tmdb(tmdb, "Parasyte", "2014-11-29")
    menu = require_response(await world.mina.click(card, label="Not this one?"))
    chosen = require_response(await world.mina.select(menu, [f"tmdb:{DAWN}"], custom_id="v1:match"))
    assert chosen.embeds[0].title == "Parasyte (2014)"
