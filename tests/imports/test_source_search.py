"""Films of a member's file that the catalogue lacks are looked for at TMDB in the background."""

import pytest
from aiohttp import web

from bot.films.metadata import Candidate
from bot.imports import member_service
from bot.imports.history import NamedFilm
from bot.imports.models import FilmState
from bot.imports.source_search import choose_candidate
from bot.services import Services
from bot.sources.tmdb.replay import RecordedReply, ReplayServer
from tests.imports.exports import table
from tests.tmdb_payloads import details_reply, found, movie

HERE, MINA = 100, 1


@pytest.mark.parametrize(
    ("film", "candidates", "chosen"),
    [
        (NamedFilm("Lantern", 2019), [("1", "Lantern", 2019, 3.0), ("2", "Lanterns", 2019, 9.0)], "1"),
        (NamedFilm("LANTERN!", 2019), [("1", "Lantern", 2020, 3.0)], "1"),
        (NamedFilm("Lantern", 2019), [("1", "Lantern", 2021, 3.0)], None),
        (NamedFilm("Lantern", 2019), [("1", "Lantern", 2020, 3.0), ("2", "Lantern", 2019, 1.0)], "2"),
        (NamedFilm("Lantern", 2019), [("1", "Lantern", 2019, 3.0), ("2", "Lantern", 2019, 4.0)], None),
        (NamedFilm("Lantern", 2019), [("1", "Lantern", 2019, 3.0), ("2", "Lantern", 2019, 40.0)], "2"),
        (NamedFilm("Lantern"), [("1", "Lantern", 2019, 3.0), ("2", "Lantern", 1999, 40.0)], None),
        (NamedFilm("Lantern"), [("1", "Lantern", 2019, 3.0)], "1"),
        (NamedFilm("Lantern", 2019), [], None),
    ],
)
def test_only_what_can_be_no_other_film_is_chosen(
    film: NamedFilm, candidates: list[tuple[str, str, int, float]], chosen: str | None
) -> None:
    offered = [Candidate(id_, title, title, year, fame) for id_, title, year, fame in candidates]
    candidate = choose_candidate(film, offered)
    assert (candidate.source_id if candidate is not None else None) == chosen


async def refuse(_request: web.Request) -> web.Response:
    return web.json_response({}, status=401)


async def test_films_of_a_file_are_found_at_tmdb_after_an_outage_and_a_restart(
    online_services: Services, tmdb: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_service, "SEARCH_PAUSE", 0.0)
    monkeypatch.setattr(member_service, "SEARCH_RETRIES", 1)
    monkeypatch.setattr(member_service, "SEARCH_RETRY_DELAY", 0.0)
    imports = online_services.imports
    columns = ("Title", "Year", "imdbID", "Rating", "WatchedDate")
    rows = [
        ("Lantern Street", 2019, "", 4, "2024-01-02"),
        ("Of that name there are two", 2001, "", 3, ""),
        ("Known by its number", 2005, "tt7654321", 5, ""),
    ]
    tmdb.fault = refuse
    preview = await imports.prepare(HERE, MINA, table(columns, rows).encode(), "films.csv")
    assert preview.film_counts[FilmState.UNKNOWN] == 3
    id_ = preview.import_.id
    await imports.start(id_, MINA)
    while not await imports.wait(id_, 60):
        pass
    counts = await imports.repository.count_films(id_)
    assert counts[FilmState.UNKNOWN] == 3
    tmdb.fault = None
    tmdb.replies += [
        RecordedReply(
            "/3/search/movie",
            [found(("990077", "Lantern Street", "2019-05-04"))],
            params={"query": "Lantern Street"},
        ),
        RecordedReply(
            "/3/search/movie",
            [
                found(
                    ("990078", "Of that name there are two", "2001-01-01"),
                    ("990079", "Of That Name There Are Two", "2001-02-02"),
                )
            ],
        ),
        RecordedReply(
            "/3/find/tt7654321", [{"movie_results": found(("990080", "Another", "2005-01-01"))["results"]}]
        ),
        details_reply(movie("990077", "Lantern Street")),
        details_reply(movie("990080", "Another name of it", release_date="2005-01-01")),
    ]
    await imports.resume(lambda _: False)
    assert not imports.is_searching(id_)
    await imports.resume(lambda _: True)
    while not await imports.wait(id_, 60):
        pass
    counts = await imports.repository.count_films(id_)
    assert counts == {FilmState.APPLIED: 2, FilmState.UNKNOWN: 1}
    done = await imports.require(id_, MINA)
    assert (done.result["ratings"], done.result["diary"]) == (2, 3 - 1)
    rated = await online_services.reviews.list_rated_films(HERE, MINA)
    assert {(film.title, film.half_stars) for film in rated} == {("Lantern Street", 8), ("Another name of it", 10)}
    asked = len(tmdb.requests)
    await imports.resume(lambda _: True)
    assert await imports.wait(id_, 60)
    assert len(tmdb.requests) == asked  # nothing is asked twice
