"""A title that is another film's title in the member's language means that film to them, and is shown to them."""

from dataclasses import replace

import pytest

from bot.core.text.i18n import list_locale_keys
from bot.search.engine import TitleIndex
from bot.search.index import Match, MatchKind, TitleEntry

IT = TitleEntry("it-2017", "It", "It", 2017, (), ("Es", "Ça", "Eso"), 90, title_languages=("de", "fr", "es-MX es"))
FILMS = (
    IT,
    TitleEntry("et-1982", "E.T. the Extra-Terrestrial", "E.T. the Extra-Terrestrial", 1982, fame=96),
    TitleEntry("es-2009", "Es", "Es", 2009, fame=92),
    TitleEntry("ca-1999", "Ça", "Ça", 1999, fame=50),
    TitleEntry("obscure", "Nobody Knows", "Nobody Knows", 1950, (), ("Jaws",), 0, title_languages=("de",)),
    TitleEntry("jaws", "Jaws", "Jaws", 1975, (), ("Der weiße Hai", "Tiburón"), 95, title_languages=("de", "es")),
    TitleEntry("solaris-1972", "Solaris", "Солярис", 1972, (), ("Solyaris",), 70, title_languages=()),
)  # fmt: skip


@pytest.fixture(scope="module")
def index() -> TitleIndex:
    return TitleIndex(
        [*FILMS, *(TitleEntry(f"zq{n}", f"Zq{n}x", "", 1990, fame=40 + n / 1000) for n in range(200))]
    )


@pytest.mark.parametrize(
    ("typed", "locale", "first"),
    [
        ("es", "de", ("it-2017", "Es")),
        ("Es ", "de", ("it-2017", "Es")),
        ("es", "fr", ("es-2009", "")),
        ("ça", "fr", ("it-2017", "Ça")),
        ("ca", "fr", ("it-2017", "Ça")),
        ("it", "de", ("it-2017", "Es")),
        ("it", "es-419", ("it-2017", "Eso")),
        ("jaws", "de", ("jaws", "Der weiße Hai")),  # by far better known than what Germans call so
        ("der weisse hai", "de", ("jaws", "Der weiße Hai")),
        ("tiburon", "es-ES", ("jaws", "Tiburón")),
        ("solaris", "ru", ("solaris-1972", "")),
    ],
)
def test_the_title_in_the_members_language_comes_first(
    index: TitleIndex, typed: str, locale: str, first: tuple[str, str]
) -> None:
    best = index.search(typed, locale_keys=list_locale_keys(locale))[0]
    assert (best.film_id, best.local_title) == first
    assert best.shown_title == (first[1] or best.title)


def test_without_a_language_nothing_is_put_first(index: TitleIndex) -> None:
    found = index.search("es")
    assert found[0].film_id == "es-2009"
    assert {match.local_title for match in found} == {""}
    assert [match.film_id for match in index.search("es", locale_keys=("nl",))] == [m.film_id for m in found]


def test_the_very_title_is_the_one_in_the_members_language() -> None:
    entries = [
        TitleEntry("forbidden-1952", "Forbidden Games", "Jeux interdits", 1952, (), ("Verbotene Spiele",), 70,
                   title_languages=("de",)),
        TitleEntry("verbotene-2001", "Verbotene Spiele", "Verbotene Spiele", 2001, fame=75),
    ]  # fmt: skip
    index = TitleIndex(entries)
    assert [match.film_id for match in index.find_title("verbotene spiele")] == [
        "verbotene-2001",
        "forbidden-1952",
    ]
    found = index.find_title("verbotene spiele", locale_keys=("de",))
    assert [(match.film_id, match.dated_title) for match in found] == [
        ("forbidden-1952", "Verbotene Spiele (1952)"),
        ("verbotene-2001", "Verbotene Spiele (2001)"),
    ]


def test_an_entry_keeps_the_languages_of_its_titles(index: TitleIndex) -> None:
    assert index.get("it-2017") == IT
    index = TitleIndex()
    index.put(IT)
    assert index.search("es", locale_keys=("de",))[0].local_title == "Es"


def test_a_films_local_title_is_the_first_in_the_readers_language_else_its_original_one() -> None:
    spirited = TitleEntry(
        "spirited", "Spirited Away", "千と千尋の神隠し", 2001, (), ("Chihiro", "Chihiros Reise", "Sen"), 90,
        languages=("ja", "en"), title_languages=("es-ES es", "de", "de"),
    )  # fmt: skip
    index = TitleIndex([spirited, IT])
    expected = {"de": "Chihiros Reise", "es-419": "Chihiro", "ja": "千と千尋の神隠し", "fr": ""}
    for _ in range(2):
        for locale, title in expected.items():
            assert index.get_local_title(spirited.film_id, list_locale_keys(locale)) == title
        index.put(spirited)  # the same among films that changed
    assert (
        index.list_popular(1, (spirited.film_id,), locale_keys=("de",))[0].dated_title == "Chihiros Reise (2001)"
    )
    index.put(replace(spirited, title_languages=("es", "fr")))
    assert index.get_local_title(spirited.film_id, ("fr",)) == "Chihiros Reise"
    index.discard(spirited.film_id)
    assert index.get_local_title(spirited.film_id, ("fr",)) == ""


FOREIGN = (
    TitleEntry("dune", "Dune", "Dune", 2021, ("Denis Villeneuve",), (), 95),
    TitleEntry("dunkirk", "Dunkirk", "Dunkirk", 2017, (), ("Dunkerque",), 80, title_languages=("fr es",)),
    TitleEntry("fall", "Anatomy of a Fall", "Anatomie d'une chute", 2023, (), (), 96),
    TitleEntry("cuckoo", "One Flew Over the Cuckoo's Nest", "One Flew Over the Cuckoo's Nest", 1975, (),
               ("Vol au-dessus d'un nid de coucou", "뻐꾸기 둥지"), 97, title_languages=("fr", "ko")),
    TitleEntry("phantom", "Star Wars: Episode I", "Star Wars: Episode I", 1999, (),
               ("Die dunkle Bedrohung", "SW1"), 98, title_languages=("de", "")),
    TitleEntry("volcano", "Volcano", "Volcano", 1997, (), (), 50),
    TitleEntry("lavventura", "L'avventura", "L'avventura", 1960, ("Michelangelo Antonioni",), (), 70),
    TitleEntry("lego", "The Lego Movie", "The Lego Movie", 2014, (), ("A Grande Aventura",), 90,
               title_languages=("pt-BR",)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "locale", "expected"),
    [
        ("dune 1999", "en", ["dune"]),
        ("dun", "en", ["dune", "dunkirk", "phantom"]),  # as nobody sees why, a German title comes last
        ("vol", "en", ["volcano", "cuckoo"]),
        ("vol", "fr", ["cuckoo", "volcano"]),
        ("d'une", "en", ["dune", "fall"]),
        ("avventura", "en", ["lavventura"]),
        ("aventura", "en", ["lego", "lavventura"]),
        ("lavventura", "en", ["lavventura"]),
    ],
)
def test_titles_in_other_languages_come_behind_and_those_that_share_only_letters_not_at_all(
    typed: str, locale: str, expected: list[str]
) -> None:
    keys = () if locale == "en" else list_locale_keys(locale)
    assert [match.film_id for match in TitleIndex(FOREIGN).search(typed, locale_keys=keys)] == expected


@pytest.mark.parametrize(
    ("typed", "locale", "other_title"),
    [
        ("die dunkle bed", "en", "Die dunkle Bedrohung"),
        ("dunkle bedrohung 1999", "en", "Die dunkle Bedrohung"),
        ("die dunkle bed", "de", ""),
        ("star wars", "de", "Star Wars: Episode I"),
        ("star wars", "en", ""),
        ("sw1", "en", "SW1"),
        ("dunkerke", "en", ""),  # the title shown is as much like it
        ("anatomie d'une chute", "en", "Anatomie d'une chute"),
        ("둥지", "en", "뻐꾸기 둥지"),
        ("dune", "en", ""),
    ],
)
def test_a_match_tells_the_title_by_which_it_was_found_unless_the_one_shown_says_it(
    typed: str, locale: str, other_title: str
) -> None:
    keys = () if locale == "en" else list_locale_keys(locale)
    assert TitleIndex(FOREIGN).search(typed, locale_keys=keys)[0].other_title == other_title


def test_a_film_that_was_not_searched_for_has_no_other_title() -> None:
    match = Match("dune", "Dune", "Dune", 2021, (), score=0.0, matched="Dune", kind=MatchKind.PART)
    assert not match.other_title
    assert {each.other_title for each in TitleIndex(FOREIGN).list_popular(locale_keys=("de",))} == {""}
