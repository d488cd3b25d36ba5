"""Films as TMDB knows them: merged with the catalogue's, cached, refreshed and deleted when they expire."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import web

from bot.films.deduplication import CatalogueFilm, SourceFilm, find_duplicates, is_same_film
from bot.films.models import Credit, CreditJob, Film
from bot.services import Services
from bot.sources.tmdb.replay import RecordedReply, ReplayServer
from tests.tmdb_payloads import BURNING, details_reply, found, movie


def film(**changes: object) -> Film:
    base = Film(
        "a-2001",
        "Amélie",
        "Le Fabuleux Destin",
        2001,
        credits=(Credit("Jean Dubois", CreditJob.DIRECTOR, None, "jean-dubois"),),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "other", "same"),
    [
        (film(ids={"imdb": "tt0000001"}), film(ids={"imdb": "tt0000001"}, title="Else", year=1950), True),
        (film(ids={"tmdb": "1"}), film(ids={"tmdb": "1"}, credits=()), True),
        (film(ids={"imdb": "tt0000001"}), film(ids={"imdb": "tt0000002"}), False),
        (film(ids={"imdb": "tt0000001", "tmdb": "1"}), film(ids={"imdb": "tt0000001", "tmdb": "2"}), True),
        (film(ids={"imdb": "tt0000001"}), film(ids={"tmdb": "2"}, title="AMELIE"), True),
        (film(), film(title="Le fabuleux destin"), True),
        (film(), film(year=2002), False),
        (film(year=None), film(year=None), False),
        (film(), film(title="Else", original_title="Else"), False),
        (film(), film(credits=()), False),
        (film(), film(credits=(Credit("Dubois Jean", CreditJob.DIRECTOR, None, "x"),)), True),
        (film(), film(credits=(Credit("Somebody Else", CreditJob.DIRECTOR, None, "x"),)), False),
    ],
)
def test_two_films_are_the_same_by_id_or_by_title_year_and_director(known: Film, other: Film, same: bool) -> None:
    assert is_same_film(known, other) is same
    assert is_same_film(other, known) is same


@pytest.fixture
def services(online_services: Services) -> Services:
    return online_services


async def require_film(services: Services, film_id: str = "burning-2018") -> Film:
    film = await services.film_repository.get(film_id)
    assert film is not None
    return film


def test_a_film_without_a_known_director_is_matched_by_title_and_year() -> None:
    """Of films whose titles alone were learnt from TMDB no director is known; an import must not double them."""
    catalogue = [CatalogueFilm("a-2001", 2001, ("Amélie",), ()), CatalogueFilm("b-2001", 2001, ("Else",), ("Bo",))]
    candidates = [
        SourceFilm("tt1", 2001, ("Amelie",), ("Jean Dubois",), 10),
        SourceFilm("tt2", 2001, ("Amélie",), ("Somebody Else",), 20),
        SourceFilm("tt3", 2002, ("Amélie",), ("Jean Dubois",)),
        SourceFilm("tt4", 2001, ("Else",), ("Cy",)),
    ]
    assert find_duplicates(catalogue, candidates) == {"tt2": "a-2001"}


async def test_a_film_without_tmdbs_id_is_found_by_its_imdb_id(services: Services, tmdb: ReplayServer) -> None:
    mine = Film("mine-2019", "Mine", "Mine", 2019, ids={"imdb": "tt7777777"})
    await services.film_repository.save_many([mine])
    hit = {"movie_results": found(("900077", "Mine", "2019-01-01"))["results"]}
    tmdb.replies += [RecordedReply("/3/find/tt7777777", [hit]), details_reply(movie("900077", "Mine"))]
    known = await services.metadata.refresh(mine)
    assert known is not None
    assert known.details is not None
    assert known.details.source_id == "900077"
    assert await services.film_repository.find_by_ids({"tmdb": "900077"}) == "mine-2019"


async def test_a_film_without_ids_is_found_by_title_year_and_director(
    services: Services, tmdb: ReplayServer
) -> None:
    director = Credit("Bo Sample", CreditJob.DIRECTOR, None, "bo-sample")
    mine = Film("mine-2019", "Mine", "Mine", 2019, credits=(director,))
    await services.film_repository.save_many([mine])
    hits = found(("900078", "Mine", "2019-02-02"), ("900077", "Mine", "2019-01-01"))
    other = {"cast": [], "crew": [{"name": "Somebody Else", "job": "Director"}]}
    tmdb.replies += [
        RecordedReply("/3/search/movie", [hits]),
        details_reply(movie("900078", "Mine", credits=other)),
        details_reply(movie("900077", "Mine")),
    ]
    known = await services.metadata.refresh(mine)
    assert known is not None
    assert known.details is not None
    assert known.details.source_id == "900077"


async def test_a_film_that_tmdb_lacks_is_not_requested_again(services: Services, tmdb: ReplayServer) -> None:
    mine = Film("mine-2019", "Mine", "Mine", 2019, ids={"imdb": "tt7777777"})
    await services.film_repository.save_many([mine])
    tmdb.replies += [RecordedReply("/3/find/tt7777777", [{"movie_results": []}])]
    for _ in range(3):
        known = await services.metadata.refresh(mine)
        assert known is not None
        assert known.details is None
    assert tmdb.paths.count("/3/find/tt7777777") == 1


async def test_a_film_deleted_at_tmdb_stays_in_the_catalogue(services: Services, tmdb: ReplayServer) -> None:
    burning = await require_film(services)
    tmdb.replies.append(RecordedReply("/3/find/tt7282468", [{"movie_results": []}]))
    known = await services.metadata.refresh(burning)
    assert known is not None
    assert known.details is None
    assert await require_film(services) == burning


async def test_a_film_that_tmdb_merged_is_found_under_its_new_id(services: Services, tmdb: ReplayServer) -> None:
    burning = await require_film(services)
    hit = {"movie_results": found(("900888", "Burning", "2018-05-17"))["results"]}
    tmdb.replies += [RecordedReply("/3/find/tt7282468", [hit]), details_reply(movie("900888", "Burning"))]
    known = await services.metadata.refresh(burning)
    assert known is not None
    assert known.details is not None
    assert known.details.source_id == "900888"
    assert await services.film_repository.find_by_ids({"tmdb": "900888"}) == "burning-2018"


async def test_a_redirect_to_another_id_is_followed_and_stored(services: Services, tmdb: ReplayServer) -> None:
    async def moved(request: web.Request) -> web.StreamResponse | None:
        if request.path == f"/3/movie/{BURNING}":
            return web.Response(status=301, headers={"Location": "/3/movie/900888"})
        return None

    tmdb.fault = moved
    tmdb.replies.append(details_reply(movie("900888", "Burning")))
    known = await services.metadata.refresh(await require_film(services))
    assert known is not None
    assert known.details is not None
    assert known.details.source_id == "900888"
    assert await services.film_repository.find_by_ids({"tmdb": "900888"}) == "burning-2018"


async def test_ingesting_a_film_of_the_catalogue_adds_none(services: Services, tmdb: ReplayServer) -> None:
    body = movie("900889", "Burning", imdb_id="tt7282468")
    tmdb.replies.append(details_reply(body))
    count = len(services.films.index)
    ingested = await services.metadata.ingest("900889")
    assert ingested is not None
    assert ingested.id == "burning-2018"
    assert ingested.source == "starter"
    assert len(services.films.index) == count


def with_people(tmdb_id: str, title: str, director: tuple[int, str], actor: tuple[int, str]) -> RecordedReply:
    cast = [{"id": actor[0], "name": actor[1], "character": "Lead", "order": 0}]
    crew = [{"id": director[0], "name": director[1], "job": "Director"}]
    return details_reply(movie(tmdb_id, title, credits={"cast": cast, "crew": crew}))


async def test_people_are_known_by_their_id_at_tmdb(services: Services, tmdb: ReplayServer) -> None:
    tmdb.replies += [
        with_people("9900001", "First", (71, "Alex Namesake"), (72, "Alex Namesake")),
        with_people("9900002", "Second", (73, "Kim Example"), (71, "Alex Namesake")),
        with_people(BURNING, "Burning", (81, "Lee Chang-dong"), (82, "Yoo Ah-in")),
        with_people("9900003", "Third", (83, "Lee Chang-dong"), (82, "Yoo Ah-in")),
        with_people("9900004", "Fourth", (84, "Steven Yeun"), (85, "Jeon Jong-seo")),
        with_people("9900005", "Fifth", (86, "Steven Yeun"), (85, "Jong-seo Jeon")),
    ]

    async def list_people(tmdb_id: str) -> list[str]:
        film = await services.metadata.ingest(tmdb_id)
        assert film is not None
        stored = await services.films.require(film.id)
        jobs = (CreditJob.DIRECTOR, CreditJob.CAST)
        return [credit.person_id for job in jobs for credit in stored.credits if credit.job is job]

    # Two namesakes in one film, one of them in another.
    assert await list_people("9900001") == ["alex-namesake", "alex-namesake-72"]
    assert await list_people("9900002") == ["kim-example", "alex-namesake"]
    # People of the starter are known by their ids once one of their films was fetched …
    await services.metadata.refresh(await services.films.require("burning-2018"))
    assert await list_people("9900003") == ["lee-chang-dong-83", "yoo-ah-in"]
    # … and until then by their names, if nobody else has the name.
    assert await list_people("9900004") == ["steven-yeun", "jeon-jong-seo"]
    assert await list_people("9900005") == ["steven-yeun-86", "jeon-jong-seo"]
    person = await services.people.require("yoo-ah-in")
    assert "third-2019" in [
        entry.film_id for entry in await services.people.repository.list_filmography(person.id)
    ]


async def test_an_ingested_film_gets_an_id_that_is_free(services: Services, tmdb: ReplayServer) -> None:
    day = {"release_date": "2018-01-01"}
    tmdb.replies += [
        details_reply(movie("900901", "Burning", **day)),
        details_reply(movie("900902", "버닝 !", **day)),
    ]
    first, second = await services.metadata.ingest("900901"), await services.metadata.ingest("900902")
    assert first is not None
    assert first.id == "burning-2018-900901"
    assert second is not None
    assert second.id == "beoning-2018"
    again = await services.metadata.ingest("900901")
    assert again is not None
    assert again.id == first.id


PassDays = Callable[[int], None]


@pytest.fixture
def pass_days(services: Services) -> PassDays:
    """Return a function that lets days pass for cached metadata."""
    now = services.metadata.now
    passed = 0

    def advance(days: int) -> None:
        nonlocal passed
        passed += days
        services.metadata.now = lambda: now() + timedelta(days=passed)

    return advance


async def test_an_ingested_film_is_renewed_before_it_expires(
    services: Services, tmdb: ReplayServer, pass_days: PassDays
) -> None:
    tmdb.replies.append(RecordedReply("/3/movie/9001", [movie("9001", "Dawn"), movie("9001", "Dawn", runtime=90)]))
    ingested = await services.metadata.ingest("9001")
    assert ingested is not None
    assert ingested.runtime == 101
    pass_days(151)
    await services.metadata.delete_expired()
    assert (await require_film(services, ingested.id)).runtime == 90
    pass_days(100)
    assert await services.metadata.delete_expired() == 0
    assert await services.metadata_repository.get(ingested.id) is not None


async def test_metadata_fetched_before_the_clock_was_set_back_is_fetched_again(
    services: Services, tmdb: ReplayServer, pass_days: PassDays
) -> None:
    tmdb.replies.append(RecordedReply("/3/movie/9001", [movie("9001", "Dawn"), movie("9001", "Dawn", runtime=90)]))
    ingested = await services.metadata.ingest("9001")
    assert ingested is not None
    pass_days(-365)
    await services.metadata.refresh(ingested)
    assert (await require_film(services, ingested.id)).runtime == 90


async def test_an_ingested_film_that_cannot_be_renewed_keeps_its_title_alone(
    services: Services, tmdb: ReplayServer, pass_days: PassDays
) -> None:
    tmdb.replies.append(details_reply(movie("9001", "Dawn")))
    ingested = await services.metadata.ingest("9001")
    assert ingested is not None

    async def down(_: web.Request) -> web.StreamResponse:
        return web.Response(status=418)

    tmdb.fault = down
    pass_days(181)
    assert await services.metadata.delete_expired() == 1
    left = await require_film(services, ingested.id)
    assert (left.title, left.year, left.ids) == ("Dawn", 2019, ingested.ids)
    assert (left.logline, left.credits, left.genres, left.runtime) == ("", (), (), None)


async def test_an_ingested_film_that_tmdb_deleted_keeps_its_title_alone(
    services: Services, tmdb: ReplayServer, pass_days: PassDays
) -> None:
    tmdb.replies.append(details_reply(movie("9001", "Dawn")))
    ingested = await services.metadata.ingest("9001")
    assert ingested is not None
    tmdb.replies.pop()
    tmdb.replies.append(RecordedReply("/3/search/movie", [found()]))
    pass_days(8)
    await services.metadata.refresh(ingested)
    assert (await require_film(services, ingested.id)).logline == ""


def test_spelling_is_corrected_by_known_titles(services: Services) -> None:
    index = services.films.index
    assert index.correct_spelling("Bruning") == "burning"
    assert index.correct_spelling("Burning") == "Burning"
    assert index.correct_spelling("발레리나") == "발레리나"
    assert index.correct_spelling("") == ""
    assert index.correct_spelling("qqqzzzxxx vvvjjj") == "qqqzzzxxx vvvjjj"
