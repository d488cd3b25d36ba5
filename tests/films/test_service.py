from bot.core.text.i18n import use_locale
from bot.films.models import Film, RegionalTitle
from bot.films.repository import FilmRepository
from bot.films.service import FilmService
from bot.search.answer import Answer
from bot.search.engine import TitleIndex
from bot.search.index import Match, MatchKind, TitleEntry


class FakeFilmRepository(FilmRepository):
    """Films in memory."""

    def __init__(self, *films: Film) -> None:
        self.films = {film.id: film for film in films}

    async def get(self, film_id: str) -> Film | None:
        return self.films.get(film_id)

    async def delete(self, film_id: str) -> bool:
        return self.films.pop(film_id, None) is not None


def create_service(*rows: tuple[str, str, int, float]) -> tuple[FilmService, FakeFilmRepository]:
    repository = FakeFilmRepository(*(Film(film_id, title, title, year) for film_id, title, year, _ in rows))
    entries = [TitleEntry(film_id, title, title, year, fame=fame) for film_id, title, year, fame in rows]
    return FilmService(repository, TitleIndex(entries)), repository


ROWS = (("dune-2021", "Dune", 2021, 90), ("dune-1984", "Dune", 1984, 60), ("burning-2018", "Burning", 2018, 70))


async def test_a_picked_choice_is_no_guess() -> None:
    films, _ = create_service(*ROWS)
    lookup = await films.lookup("dune-1984")
    assert lookup.film is not None
    assert lookup.film.id == "dune-1984"
    assert not lookup.is_guess
    assert lookup.others == ()


async def test_films_of_one_name_are_listed_with_the_likeliest_first() -> None:
    films, _ = create_service(*ROWS)
    lookup = await films.lookup("dune")
    assert lookup.film is not None
    assert lookup.film.id == "dune-2021"
    assert [match.film_id for match in lookup.others] == ["dune-1984"]
    assert lookup.is_guess


async def test_a_year_decides_among_films_of_one_name() -> None:
    films, _ = create_service(*ROWS)
    for lookup in (await films.lookup("dune", 1984), await films.lookup("dune 1984")):
        assert lookup.film is not None
        assert lookup.film.id == "dune-1984"
        assert lookup.others == ()


async def test_a_text_close_to_nothing_offers_nothing() -> None:
    films, _ = create_service(*ROWS)
    lookup = await films.lookup("zzqqxx")
    assert (lookup.answer, lookup.film, lookup.others) == (Answer.NONE, None, ())


async def test_signs_alone_find_only_a_title_of_signs() -> None:
    films, _ = create_service(*ROWS)
    for signs in ("???", "🎬", "--", " "):
        lookup = await films.lookup(signs)
        assert lookup.has_no_words
        assert (lookup.film, lookup.others) == (None, ())
    for words in ("8½", "7", "ー", "फ़िल्म", "zzqqxx"):
        assert not (await films.lookup(words)).has_no_words
    found = Match("dollars-1971", "$", "$", 1971, (), 100.0, "$", MatchKind.EXACT)
    repository = FakeFilmRepository(Film("dollars-1971", "$", "$", 1971))
    index = TitleIndex([])
    index.search = lambda text, limit=25, year=None, **_: [found] if text == "$" else []  # type: ignore[method-assign]
    lookup = await FilmService(repository, index).lookup("$")
    assert lookup.film is not None


async def test_a_film_deleted_elsewhere_is_not_found() -> None:
    films, repository = create_service(*ROWS)
    del repository.films["burning-2018"]
    lookup = await films.lookup("burning-2018")
    assert lookup.film is None
    assert "burning-2018" not in {match.film_id for match in lookup.others}


async def test_a_deleted_film_is_not_searched() -> None:
    films, repository = create_service(*ROWS)
    assert await repository.delete("burning-2018")
    assert (await films.lookup("burning")).film is None  # notices that the film is gone
    assert all(match.film_id != "burning-2018" for match in films.suggest("burning"))


async def test_alternatives_leave_out_the_film_shown() -> None:
    films, _ = create_service(*ROWS)
    assert next(match.film_id for match in films.list_alternatives("dune", "dune-2021")) == "dune-1984"


async def test_mentions_and_emojis_of_a_server_are_no_part_of_a_title() -> None:
    films, _ = create_service(*ROWS)
    for text in ("<:popcorn:123456789012345678> burning", "burning <@!123456789012345678>"):
        assert (await films.lookup(text)).answer is Answer.CARD
    assert (await films.lookup("<a:popcorn:123456789012345678>")).has_no_words


async def test_a_members_language_decides_between_films_of_one_title_and_is_shown() -> None:
    repository = FakeFilmRepository(
        Film("it-2017", "It", "It", 2017, regional_titles=(RegionalTitle("Es", None, "de"),)),
        Film("es-2009", "Es", "Es", 2009),
    )
    films = FilmService(repository, TitleIndex())
    for film in repository.films.values():
        films._index(film)
    for locale, title, film_id in (("de", "Es (2017)", "it-2017"), ("en-GB", "Es (2009)", "es-2009")):
        with use_locale(locale):
            lookup = await films.lookup("es")
            assert (lookup.film and lookup.film.id, films.suggest("es")[0].dated_title) == (film_id, title)
    assert repository.films["it-2017"].get_local_title("de") == "Es"
    assert repository.films["it-2017"].get_local_title("fr") == ""
