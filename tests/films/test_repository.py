import asyncio
from dataclasses import replace
from datetime import date

from bot.core.database.engine import Database
from bot.films.models import Availability, Credit, CreditJob, Film, RegionalTitle
from bot.films.repository import FilmRepository, NewFilm, PersonRepository
from tests.repositories import delete_film

BURNING = Film(
    id="burning-2018",
    title="Burning",
    original_title="버닝",
    year=2018,
    other_titles=("Beoning",),
    release_date=date(2018, 5, 17),
    runtime=148,
    countries=("KR", "JP"),
    languages=("ko",),
    genres=("Drama", "Mystery"),
    production_companies=("Pine House Film",),
    credits=(
        Credit("Yoo Ah-in", CreditJob.CAST, "Jong-su", "yoo-ah-in"),
        Credit("Steven Yeun", CreditJob.CAST, "Ben", "steven-yeun"),
        Credit("Lee Chang-dong", CreditJob.DIRECTOR, None, "lee-chang-dong"),
        Credit("Lee Chang-dong", CreditJob.WRITER, None, "lee-chang-dong"),
    ),
    logline="A drifting writer meets a girl from his village and her inscrutable new friend.",
    availability=(Availability("Somewhere", ("KR",), date(2025, 1, 1), date(2024, 1, 1)),),
    ids={"imdb": "tt7282468", "tmdb": "491584"},
    regional_titles=(RegionalTitle("Burning", "XWW", "en"), RegionalTitle("Burning, a film", "US")),
    fame=70,
)
POETRY = Film(
    "poetry-2010",
    "Poetry",
    "시",
    2010,
    credits=(Credit("Lee Chang-dong", CreditJob.DIRECTOR, None, "lee-chang-dong"),),
)


async def test_a_film_is_read_as_it_was_saved(database: Database) -> None:
    await FilmRepository(database).save_many([BURNING, POETRY])
    assert await FilmRepository(database).get("burning-2018") == BURNING
    assert await FilmRepository(database).get("nothing") is None


async def test_saving_again_replaces_every_part(database: Database) -> None:
    store = FilmRepository(database)
    await store.save_many([BURNING])
    assert await store.get(BURNING.id) == BURNING
    changed = replace(
        BURNING, other_titles=(), credits=BURNING.credits[:1], availability=(), ids={"tmdb": "491584"}, runtime=149
    )
    await store.save_many([changed])
    assert await store.get(BURNING.id) == changed
    assert await FilmRepository(database).get(BURNING.id) == changed


async def test_entries_have_what_title_search_needs(database: Database) -> None:
    store = FilmRepository(database)
    await store.save_many([BURNING, POETRY])
    entries = {entry.film_id: entry async for entry in store.stream_entries()}
    entry = entries["burning-2018"]
    assert (entry.title, entry.original_title, entry.year, entry.fame) == ("Burning", "버닝", 2018, 70)
    assert entry.directors == ("Lee Chang-dong",)
    assert "Beoning" in entry.other_titles
    assert dict(zip(entry.other_titles, entry.title_languages, strict=True)) == {
        "Beoning": "",
        "Burning": "en-XWW",
        "Burning, a film": "",
    }
    assert (entry.languages, entry.countries, entry.genres) == (
        BURNING.languages,
        BURNING.countries,
        BURNING.genres,
    )
    assert entry.cast == tuple(credit.name for credit in BURNING.cast)
    await store.save_many([replace(BURNING, fame=10)])
    (entry,) = [each async for each in store.stream_entries(["burning-2018"])]
    assert entry.cast == ()  # hardly anybody asks for such a film by its cast


async def test_deleting_a_film_deletes_all_its_parts(database: Database) -> None:
    store = FilmRepository(database)
    await store.save_many([BURNING, POETRY])
    await delete_film(database, store, "burning-2018")
    assert await store.get("burning-2018") is None
    people = PersonRepository(database)
    assert [film.film_id for film in await people.list_filmography("lee-chang-dong")] == ["poetry-2010"]
    director = await people.get("lee-chang-dong")
    assert director is not None
    assert (director.film_count, director.fame) == (1, 0)
    assert await people.get("steven-yeun") is None


async def test_a_filmography_is_newest_first_with_every_job(database: Database) -> None:
    await FilmRepository(database).save_many([POETRY, BURNING])
    people = PersonRepository(database)
    films = await people.list_filmography("lee-chang-dong")
    assert [(film.film_id, film.jobs) for film in films] == [
        ("burning-2018", (CreditJob.DIRECTOR, CreditJob.WRITER)),
        ("poetry-2010", (CreditJob.DIRECTOR,)),
    ]
    assert (await people.list_filmography("steven-yeun"))[0].roles == ("Ben",)
    person = await people.get("lee-chang-dong")
    assert person is not None
    assert (person.name, person.film_count, person.fame) == ("Lee Chang-dong", 2, 70)
    people_of_both = {"lee-chang-dong", "steven-yeun", "yoo-ah-in"}
    assert {each.id for each in await people.list_best_known(10)} == people_of_both
    assert len(await people.list_best_known(2)) == 2


async def test_people_are_found_by_the_beginning_of_their_name(database: Database) -> None:
    await FilmRepository(database).save_many([POETRY, BURNING])
    people = PersonRepository(database)
    assert [each.id for each in await people.list_by_name("lee ch", 5)] == ["lee-chang-dong"]
    assert [each.id for each in await people.list_by_name("yoo ah in", 5)] == ["yoo-ah-in"]
    assert await people.list_by_name("changdong", 5) == []
    assert len(await people.list_by_name("", 2)) == 2


async def test_concurrent_writes_keep_every_persons_film_count(database: Database) -> None:
    store, people = FilmRepository(database), PersonRepository(database)
    for turn in range(5):
        crew = [Credit(f"P {turn} {n}", CreditJob.CAST, None, f"p-{turn}-{n}") for n in range(12)]
        batch = [
            replace(BURNING, id=f"film-{turn}-{n}", fame=1.0, ids={}, credits=(*crew[n:], *crew[:n]))
            for n in range(0, 12, 2)
        ]
        await asyncio.gather(*(store.save_many([film]) for film in batch))
        for credit in crew:
            person = await people.get(credit.person_id)
            assert person is not None
            assert (person.film_count, person.fame) == (6, 6.0)
    await asyncio.gather(*(delete_film(database, store, film.id) for film in batch[1:]))
    person = await people.get(crew[0].person_id)
    assert person is not None
    assert person.film_count == 1


async def test_a_new_film_that_several_add_at_once_is_added_once(database: Database) -> None:
    stores = [FilmRepository(database) for _ in range(6)]
    new = NewFilm(replace(BURNING, id=""), ("burning-2018", "burning-2018-491584"))
    stored = await asyncio.gather(*(store.add_many([new, new]) for store in stores))
    assert stored == [["burning-2018"] * 2] * 6
    assert [entry.film_id async for entry in stores[0].stream_entries()] == ["burning-2018"]
    others = [
        NewFilm(replace(BURNING, ids={"tmdb": number}), ("burning-2018", f"burning-2018-{number}"))
        for number in ("7", "8")
    ]
    assert await stores[0].add_many(others) == ["burning-2018-7", "burning-2018-8"]
    assert await stores[0].get("burning-2018") == BURNING
