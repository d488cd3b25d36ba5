import pytest

from bot.search import ranking
from bot.search.engine import TitleIndex
from bot.search.index import MatchKind, TitleEntry


def index_with_others(*films: TitleEntry) -> TitleIndex:
    """Return an index of these films and of thousands of others of medium fame."""
    others = (TitleEntry(f"film-{i}", f"Zq{i}x", "", fame=3 + i % 30) for i in range(4_000))
    return TitleIndex([*films, *others])


@pytest.mark.parametrize(
    ("typed", "film_ids"),
    [
        ("shining", ["the-shining", "shining", "a-shining"]),
        ("the shining", ["the-shining"]),
        ("the shi", ["the-shining"]),
        ("usual", ["usual-suspects"]),
        ("thing with the h", ["thing-with"]),
        ("thing", ["the-thing"]),
    ],
)
def test_an_article_may_be_left_out_if_the_film_is_more_famous(typed: str, film_ids: list[str]) -> None:
    index = index_with_others(
        TitleEntry("the-shining", "The Shining", "", 1980, fame=90),
        TitleEntry("shining", "Shining", "", 2018, fame=2),
        TitleEntry("a-shining", "A Shining", "", 2011, fame=1),
        TitleEntry("usual-suspects", "Usual Suspects, The", "", 1995, fame=60),
        TitleEntry("the-thing", "The Thing", "", 1982, fame=50),
        TitleEntry("thing-with", "The Thing with the Horns", "", 1990, fame=2),
        TitleEntry("things-with", "Thing with Thighs", "", 1990, fame=1),
        TitleEntry("thingamajig", "Thingamajig", "", 2001, fame=1),
    )
    assert [match.film_id for match in index.search(typed)][: len(film_ids)] == film_ids


FILMS_WITH_INITIALS = (
    TitleEntry("fellowship", "The Lord of the Rings: The Fellowship of the Ring", "", 2001, fame=90),
    TitleEntry("return", "The Lord of the Rings: The Return of the King", "", 2003, fame=85),
    TitleEntry("everything", "Everything Everywhere All at Once", "", 2022, fame=60),
    TitleEntry("dark-knight", "The Dark Knight", "", 2008, fame=80),
    TitleEntry("hidden-eye", "The Hidden Eye", "", 1945, fame=70),
    TitleEntry("theatre", "Theatre", "", 1990, fame=40),
    TitleEntry("lotrando", "Lotrando", "", 1997, fame=0.01),
)


@pytest.mark.parametrize(
    ("typed", "film_ids"),
    [
        ("lotr", ["fellowship", "return"]),
        ("LOTR 2003", ["return", "fellowship"]),
        ("tlotrtfotr", ["fellowship"]),
        ("eeaao", ["everything"]),
        ("tdk", ["dark-knight"]),
        ("dk", []),
    ],
)
def test_famous_films_are_found_by_their_initials(typed: str, film_ids: list[str]) -> None:
    matches = index_with_others(*FILMS_WITH_INITIALS).search(typed)
    assert [match.film_id for match in matches if match.kind is MatchKind.INITIALS] == film_ids
    assert [match.film_id for match in matches][: len(film_ids)] == film_ids


def test_initials_come_after_famous_titles_that_begin_with_the_query() -> None:
    assert [match.kind for match in index_with_others(*FILMS_WITH_INITIALS).search("the")[:3]] == [
        MatchKind.PART
    ] * 3


def test_unmarked_names_match_only_queries_in_their_script() -> None:
    films = [TitleEntry("m", "M", "M", 1931, fame=5), TitleEntry("mi", "Mi", "မီ", 2020, fame=9)]
    index = TitleIndex(films)
    assert [match.film_id for match in index.search("m")] == ["m", "mi"]
    assert index.search("မ")[0].film_id == "mi"
    index = index_with_others(TitleEntry("raama", "राम सीता गीता", "", 1990, fame=90))
    assert [match.kind for match in index.search("rsg")] == [MatchKind.INITIALS]
    assert MatchKind.INITIALS not in [match.kind for match in index.search("rmstgt")]


@pytest.mark.parametrize("typed", ["seven", "Se7en", "seevn"])
def test_letters_typed_for_a_titles_digits_find_it(typed: str) -> None:
    others = [
        TitleEntry(name, name.title(), "", 1990, fame=2) for name in ("seven", "sevens", "the seventh", "steven")
    ]
    first = TitleIndex([*others, TitleEntry("wanted", "Se7en", "", 1995, fame=90)]).search(typed)[0]
    assert (first.film_id, first.matched) == ("wanted", "Se7en")


def test_an_article_may_be_left_out_of_a_title_that_continues_differently() -> None:
    index = index_with_others(
        TitleEntry("part-2", "The Godfather Part II", "", 1974, fame=80),
        TitleEntry("the-first", "The Godfather", "", 1972, fame=90),
        TitleEntry("god-father", "God Father", "", 2022, fame=10),
        TitleEntry("another", "Godfather", "", 1991, fame=12),
    )
    film_ids = [match.film_id for match in index.search("godfather 2")]
    assert film_ids[0] == "part-2"
    assert "the-first" in film_ids[:4]
    assert index.search("godfather the")[0].film_id == "the-first"


def test_weights_of_other_features_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "FEATURES", (*ranking.FEATURES, "another"))
    ranking.load_weights.cache_clear()
    with pytest.raises(ImportError, match="learn_titles"):
        ranking.load_weights()
    monkeypatch.undo()
    ranking.load_weights.cache_clear()
    assert set(ranking.load_weights()) == {"prefilter", "hidden", "hidden_bias", "out", "direct"}
