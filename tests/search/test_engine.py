import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.search.engine import TitleIndex
from bot.search.index import MatchKind, TitleEntry
from bot.search.normalisation import create_title_keys

ENTRIES = (
    TitleEntry("ballerina-2023", "Ballerina", "발레리나", 2023, ("Lee Chung-hyun",), (), 72),
    TitleEntry("ballerina-2016", "Ballerina", "Ballerina", 2016, ("Éric Summer",), ("Leap!",), 50),
    TitleEntry("amelie-2001", "Amélie", "Le Fabuleux Destin d'Amélie Poulain", 2001, (), (), 90),
    TitleEntry("fast-2009", "Fast & Furious", "Fast & Furious", 2009, (), (), 60),
    TitleEntry("rocky-ii-1979", "Rocky II", "Rocky II", 1979, (), (), 60),
    TitleEntry("stalker-1979", "Stalker", "Сталкер", 1979, ("Andrei Tarkovsky",), (), 70),
    TitleEntry("star-wars-1977", "Star Wars", "Star Wars", 1977, (), ("A New Hope",), 96),
    TitleEntry("2001-1968", "2001: A Space Odyssey", "2001: A Space Odyssey", 1968, (), (), 90),
    TitleEntry("interstellar-2014", "Interstellar", "Interstellar", 2014, (), (), 95),
    TitleEntry("blade-runner-2049-2017", "Blade Runner 2049", "Blade Runner 2049", 2017, (), (), 90),
    TitleEntry("singin-1952", "Singin' in the Rain", "Singin' in the Rain", 1952, (), (), 80),
)


@pytest.fixture(scope="module")
def index() -> TitleIndex:
    return TitleIndex(ENTRIES)


@pytest.mark.parametrize(
    ("typed", "film_id"),
    [
        ("ballerina", "ballerina-2023"),
        ("balerina 2023", "ballerina-2023"),
        ("ballerina (2016)", "ballerina-2016"),
        ("발레리나", "ballerina-2023"),
        ("amelie ", "amelie-2001"),
        ("AMÉLIE POULAIN", "amelie-2001"),
        ("fast and furious", "fast-2009"),
        ("rocky 2", "rocky-ii-1979"),
        ("сталкер", "stalker-1979"),
        ("starwars", "star-wars-1977"),
        ("wars star", "star-wars-1977"),
        ("new hope", "star-wars-1977"),
        ("2001", "2001-1968"),
        ("Interstelar", "interstellar-2014"),
        ("blade runner 2049", "blade-runner-2049-2017"),
        ("blad runer 2049", "blade-runner-2049-2017"),
        ("runner 2049", "blade-runner-2049-2017"),
        ("runner blade 2049", "blade-runner-2049-2017"),
        ("singin in the rain", "singin-1952"),
        ("space odyssey 1968", "2001-1968"),
    ],
)
def test_what_members_type_finds_the_film_first(index: TitleIndex, typed: str, film_id: str) -> None:
    assert index.search(typed)[0].film_id == film_id


def test_the_year_parameter_decides_among_films_of_one_name(index: TitleIndex) -> None:
    assert index.search("ballerina", year=2016)[0].film_id == "ballerina-2016"
    assert index.search("ballerina", year=2023)[0].film_id == "ballerina-2023"


def test_a_match_says_what_matched(index: TitleIndex) -> None:
    exact, forgiven, alternative = (index.search(text)[0] for text in ("Stalker", "Stalkr", "leap"))
    assert (exact.matched, exact.kind, exact.score) == ("Stalker", MatchKind.EXACT, 100.0)
    assert (forgiven.matched, forgiven.kind) == ("Stalker", MatchKind.FORGIVEN)
    assert forgiven.score < 100
    assert alternative.matched == "Leap!"


def test_changes_are_found_by_the_next_search() -> None:
    index = TitleIndex(ENTRIES)
    index.put(TitleEntry("carter-2022", "Carter", "카터", 2022))
    assert index.search("carter")[0].film_id == "carter-2022"
    index.put(TitleEntry("carter-2022", "Renamed Entirely", "카터", 2022))
    assert index.search("renamed entirely")[0].film_id == "carter-2022"
    index.discard("carter-2022")
    assert all(match.film_id != "carter-2022" for match in index.search("renamed entirely"))
    assert index.get("carter-2022") is None
    assert len(index) == len(ENTRIES)


def test_an_empty_index_finds_nothing() -> None:
    index = TitleIndex()
    assert index.search("ballerina") == index.list_popular() == index.find_nearest("ballerina") == []


def test_popular_films_are_sorted_by_fame(index: TitleIndex) -> None:
    assert [match.film_id for match in index.list_popular(2)] == ["star-wars-1977", "interstellar-2014"]


def test_nearest_returns_as_many_films_as_wanted_however_different(index: TitleIndex) -> None:
    assert len({match.film_id for match in index.find_nearest("xqzzqx", 3)}) == 3


INDEX = TitleIndex(ENTRIES)
ODD = st.text(alphabet=st.sampled_from("aeiou 2049'&:-–(|\n\x00\x1e\x1f\u200f\u202eशि発레Σß🎬\u0301"), max_size=60)


@given(st.one_of(st.text(max_size=400), ODD), st.one_of(st.none(), st.integers(-5, 99_999)))
def test_search_never_raises_and_never_returns_a_film_twice(text: str, year: int | None) -> None:
    matches = INDEX.search(text, 25, year)
    assert len({match.film_id for match in matches}) == len(matches)
    assert all(0 <= match.score <= 100 for match in matches)
    assert len(INDEX.search(text, 2, year)) <= 2
    assert len({match.film_id for match in INDEX.find_nearest(text, 4)}) == 4


@given(st.lists(st.tuples(st.text(max_size=30), ODD), min_size=1, max_size=8))
def test_any_title_with_letters_is_found_by_itself(titles: list[tuple[str, str]]) -> None:
    entries = [
        TitleEntry(f"film-{number}", title, original, None, (), (original,))
        for number, (title, original) in enumerate(titles)
    ]
    index = TitleIndex(entries)
    for entry in entries:
        if len(create_title_keys(entry.title)) == 1:
            assert entry.film_id in {match.film_id for match in index.search(entry.title)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "🎬",
        "\u202e\u202d",
        "Z̸̧͓͝a̵l͢g̶o" * 400,
        "'; DROP TABLE films; --",
        "a" * 6000,
        "ab " * 2000,
        "2001 2002 2003",
        "\ud800",
        "فيلم قديم",
        "||||",
    ],
)
def test_odd_queries_are_answered(index: TitleIndex, text: str) -> None:
    assert isinstance(index.search(text), list)
    assert isinstance(index.find_nearest(text), list)


@pytest.mark.parametrize(
    ("kind", "typed", "film_id"),
    [
        ("beginning", "the grand bud", "grand-budapest-2014"),
        ("one typo", "teh grand budapest hotel", "grand-budapest-2014"),
        ("two typos", "inerstellsr", "interstellar-2014"),
        ("by ear", "dr strainglove", "strangelove-1964"),
        ("joined", "grandbudapesthotel", "grand-budapest-2014"),
        ("word left out", "eternal sunshine the spotless mind", "eternal-2004"),
        ("shuffled", "rings the of lord", "lotr-1978"),
        ("anagram of short words", "and you me", "you-and-me-1938"),
        ("part", "how i learned to stop worrying", "strangelove-1964"),
        ("year", "halloween 2018", "halloween-2018"),
        ("numeral", "rocky two", "rocky-ii-1979"),
        ("original", "Le Fabuleux Destin d'Amélie Poulain", "amelie-2001"),
        ("original without marks", "fabulex destin damelie poulain", "amelie-2001"),
        ("original, half of it", "발레리", "ballerina-2023"),
    ],
)
def test_every_kind_of_query_finds_its_film_first(kind: str, typed: str, film_id: str) -> None:
    more = (
        TitleEntry("grand-budapest-2014", "The Grand Budapest Hotel", "The Grand Budapest Hotel", 2014, fame=85),
        TitleEntry("grand-hotel-1932", "Grand Hotel", "Grand Hotel", 1932, fame=40),
        TitleEntry(
            "strangelove-1964",
            "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb",
            "Dr. Strangelove or: How I Learned to Stop Worrying and Love the Bomb",
            1964,
            fame=80,
        ),
        TitleEntry("eternal-2004", "Eternal Sunshine of the Spotless Mind", "", 2004, fame=84),
        TitleEntry("lotr-1978", "The Lord of the Rings", "The Lord of the Rings", 1978, fame=50),
        TitleEntry("you-and-me-1938", "You and Me", "You and Me", 1938, fame=10),
        TitleEntry("halloween-1978", "Halloween", "Halloween", 1978, fame=90),
        TitleEntry("halloween-2018", "Halloween", "Halloween", 2018, fame=70),
    )
    index = TitleIndex((*ENTRIES, *more))
    assert index.search(typed)[0].film_id == film_id, kind


@pytest.mark.parametrize(
    ("typed", "film_id"),
    [
        ("dr strange", "strange"),
        ("doctor no", "no"),
        ("saint vincent", "vincent"),
        ("kramer versus kramer", "kramer"),
    ],
)
def test_a_word_equals_its_short_form(typed: str, film_id: str) -> None:
    titles = {
        "strange": "Doctor Strange",
        "strangelove": "Dr. Strangelove",
        "strangers": "Dr. Strangers",
        "no": "Dr. No",
        "vincent": "St. Vincent",
        "vince": "Saint Vince",
        "kramer": "Kramer vs. Kramer",
        "cramer": "Kramer Versus Cramer",
    }
    entries = [TitleEntry(name, title, title, 2000, fame=50) for name, title in titles.items()]
    assert TitleIndex(entries).search(typed)[0].film_id == film_id


def test_the_most_famous_film_of_one_name_comes_first() -> None:
    entries = [TitleEntry(f"carmen-{i}", "Carmen", "Carmen", 1900 + i, fame=i * 7 % 31) for i in range(30)]
    index = TitleIndex(entries)
    assert index.search("carmen")[0].film_id == max(entries, key=lambda entry: entry.fame).film_id
    assert index.search("carmen", year=1905)[0].film_id == "carmen-5"


def test_an_original_title_that_reads_like_the_title_is_found_in_its_own_script() -> None:
    films = [TitleEntry("varya", "Varya", "Варя", 2019, fame=9), TitleEntry("other", "Варя", "Варя", 1990, fame=2)]
    matches = TitleIndex(films).search("Варя")
    assert [(match.film_id, match.matched) for match in matches] == [("varya", "Варя"), ("other", "Варя")]


def test_the_film_stays_first_while_its_title_is_typed(index: TitleIndex) -> None:
    title = "blade runner 2049"
    for length in range(5, len(title) + 1):
        assert index.search(title[:length])[0].film_id == "blade-runner-2049-2017"


def test_the_first_films_come_before_popular_ones(index: TitleIndex) -> None:
    film_ids = [match.film_id for match in index.list_popular(3, ("stalker-1979", "nowhere", "stalker-1979"))]
    assert film_ids == ["stalker-1979", "star-wars-1977", "interstellar-2014"]


def test_hundreds_of_films_put_one_by_one_are_all_found() -> None:
    index = TitleIndex(ENTRIES)
    for number in range(700):
        index.put(TitleEntry(f"new-{number}", f"Quest of the {number}th Heron", "", 2000, fame=number / 10))
    assert len(index) == len(ENTRIES) + 700
    for number in (0, 255, 256, 511, 699):
        assert index.search(f"quest of the {number}th heron")[0].film_id == f"new-{number}"
    index.put(TitleEntry("new-3", "Renamed", "", 2000))
    index.discard("new-600")
    assert index.search("renamed")[0].film_id == "new-3"
    film_ids = {match.film_id for match in index.search("quest of the 600th heron", 600)}
    assert not film_ids & {"new-3", "new-600"}
    assert len(index) == len(ENTRIES) + 699
    assert {match.film_id for match in index.list_popular(700)} >= {"new-699", "star-wars-1977"}


def test_films_can_be_put_into_an_empty_index() -> None:
    index = TitleIndex()
    index.put(ENTRIES[0])
    assert index.search("ballerina")[0].film_id == ENTRIES[0].film_id


@given(
    st.lists(
        st.tuples(st.sampled_from(["put", "discard"]), st.integers(0, 5), st.text("abc ", max_size=8)), max_size=25
    )
)
def test_a_changed_index_equals_a_new_one_of_the_same_films(
    changes: list[tuple[str, int, str]],
) -> None:
    index = TitleIndex(ENTRIES[:2])
    films = {entry.film_id: entry for entry in ENTRIES[:2]}
    for action, number, title in changes:
        film_id = f"film-{number}"
        if action == "put":
            films[film_id] = TitleEntry(film_id, title, title, fame=number)
            index.put(films[film_id])
        else:
            films.pop(film_id, None)
            index.discard(film_id)
    assert len(index) == len(films)
    assert {entry: index.get(entry) for entry in films} == films
    assert {match.film_id for match in index.list_popular(100)} == set(films)


@pytest.mark.parametrize("typed", ["the of 1900", "legend of 1900", "the legend of 190 1998"])
def test_a_year_in_the_title_and_one_after_it_are_both_read(typed: str) -> None:
    films = [
        TitleEntry("legend-1998", "The Legend of 1900", "The Legend of 1900", 1998, fame=60),
        TitleEntry("legend-1985", "Legend", "Legend", 1985, fame=70),
        *(TitleEntry(f"the-{i}", f"The O{i}", f"The O{i}", 1950, fame=30) for i in range(60)),
    ]
    assert TitleIndex(films).search(typed)[0].film_id == "legend-1998"
