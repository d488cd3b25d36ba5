from bot.films.models import Film
from bot.films.service import FilmService
from bot.search.engine import TitleIndex
from bot.search.index import Match, MatchKind, TitleEntry


class Shelf:
    """A store of films in memory."""

    def __init__(self, *films: Film) -> None:
        self.films = {film.id: film for film in films}

    async def get(self, film_id: str) -> Film | None:
        return self.films.get(film_id)

    async def delete(self, film_id: str) -> bool:
        return self.films.pop(film_id, None) is not None


def make(*rows: tuple[str, str, int, float]) -> tuple[FilmService, Shelf]:
    shelf = Shelf(*(Film(film_id, title, title, year) for film_id, title, year, _ in rows))
    entries = [TitleEntry(film_id, title, title, year, fame=fame) for film_id, title, year, fame in rows]
    return FilmService(shelf, TitleIndex(entries)), shelf


ROWS = (("dune-2021", "Dune", 2021, 90), ("dune-1984", "Dune", 1984, 60), ("burning-2018", "Burning", 2018, 70))


async def test_a_picked_choice_is_no_guess() -> None:
    catalogue, _ = make(*ROWS)
    lookup = await catalogue.find("dune-1984")
    assert lookup.film is not None
    assert lookup.film.id == "dune-1984"
    assert not lookup.guessed
    assert lookup.others == ()


async def test_films_of_one_name_are_told_with_the_likeliest_first() -> None:
    catalogue, _ = make(*ROWS)
    lookup = await catalogue.find("dune")
    assert lookup.film is not None
    assert lookup.film.id == "dune-2021"
    assert [match.film_id for match in lookup.others] == ["dune-1984"]
    assert lookup.guessed


async def test_a_year_decides_among_films_of_one_name() -> None:
    catalogue, _ = make(*ROWS)
    for lookup in (await catalogue.find("dune", 1984), await catalogue.find("dune 1984")):
        assert lookup.film is not None
        assert lookup.film.id == "dune-1984"
        assert lookup.others == ()


async def test_nothing_close_gives_the_nearest() -> None:
    catalogue, _ = make(*ROWS)
    lookup = await catalogue.find("zzqqxx")
    assert lookup.film is None
    assert len(lookup.others) == 3


async def test_signs_alone_are_near_no_title_but_found_where_they_are_one() -> None:
    catalogue, _ = make(*ROWS)
    for signs in ("???", "🎬", "--", " "):
        lookup = await catalogue.find(signs)
        assert lookup.wordless
        assert (lookup.film, lookup.others) == (None, ())
    for words in ("8½", "7", "ー", "फ़िल्म", "zzqqxx"):
        lookup = await catalogue.find(words)
        assert not lookup.wordless
        assert lookup.others or lookup.film
    found = Match("dollars-1971", "$", "$", 1971, (), 100.0, "$", MatchKind.EXACT)
    shelf = Shelf(Film("dollars-1971", "$", "$", 1971))
    index = TitleIndex([])
    index.search = lambda text, limit=25, year=None: [found] if text == "$" else []  # type: ignore[method-assign]
    lookup = await FilmService(shelf, index).find("$")
    assert lookup.film is not None


async def test_a_film_deleted_elsewhere_is_not_found_but_the_nearest_is() -> None:
    catalogue, shelf = make(*ROWS)
    del shelf.films["burning-2018"]
    lookup = await catalogue.find("burning-2018")
    assert lookup.film is None
    assert "burning-2018" not in {match.film_id for match in lookup.others}
    assert lookup.others


async def test_what_is_deleted_is_gone_from_search() -> None:
    catalogue, _ = make(*ROWS)
    assert await catalogue.delete("burning-2018")
    assert not await catalogue.delete("burning-2018")
    assert all(match.film_id != "burning-2018" for match in catalogue.suggest("burning"))


async def test_others_leave_out_the_film_shown() -> None:
    catalogue, _ = make(*ROWS)
    assert next(match.film_id for match in catalogue.others("dune", "dune-2021")) == "dune-1984"
