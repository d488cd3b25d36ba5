"""What people type round a title, short forms of titles, and which film is meant by a name of several."""

import pytest

from bot.search.answer import Answer, judge_matches
from bot.search.constraints import ConstraintKind, list_readings
from bot.search.engine import TitleIndex
from bot.search.index import MatchKind, TitleEntry
from bot.search.wordings import Wording, list_wordings


def film(
    title: str,
    year: int,
    fame: float,
    people: str = "",
    *,
    origin: str = "en US",
    genres: str = "Drama",
    others: tuple[str, ...] = (),
) -> TitleEntry:
    """Return an entry; `people` are a director and the cast, `origin` a language and a country."""
    language, country = origin.split(" ")
    director, *cast = people.split(", ")
    return TitleEntry(
        f"{title} {year}", title, title, year, (director,) if director else (), others, fame,
        languages=(language,), countries=(country,), genres=(*genres.split(", "),), cast=(*cast,),
    )  # fmt: skip


FILMS = (
    film("Heat", 1995, 88, "Michael Mann, Al Pacino, Robert De Niro, Val Kilmer", genres="Crime, Thriller"),
    film("Heat", 1986, 40, "Dick Richards, Burt Reynolds"),
    film("The Heat", 2013, 55, "Paul Feig, Sandra Bullock", genres="Comedy"),
    film("Joker", 2019, 93, "Todd Phillips, Joaquin Phoenix"),
    film("Joker: Folie à Deux", 2024, 60, "Todd Phillips, Joaquin Phoenix, Lady Gaga", others=("Joker 2",)),
    film("Dune", 1984, 60, "David Lynch, Kyle MacLachlan"),
    film("Dune", 2021, 92, "Denis Villeneuve, Timothée Chalamet"),
    film("Oldboy", 2003, 88, "Park Chan-wook, Choi Min-sik", origin="ko KR"),
    film("Oldboy", 2013, 50, "Spike Lee, Josh Brolin"),
    film("Nosferatu", 1922, 72, "F. W. Murnau, Max Schreck", origin="de DE", genres="Horror"),
    film("Nosferatu the Vampyre", 1979, 62, "Werner Herzog, Klaus Kinski", origin="de DE", genres="Horror"),
    film("Nosferatu", 2024, 75, "Robert Eggers, Bill Skarsgård", genres="Horror"),
    film("Suspiria", 1977, 74, "Dario Argento, Jessica Harper", origin="it IT", genres="Horror"),
    film("Suspiria", 2018, 66, "Luca Guadagnino, Dakota Johnson", genres="Horror"),
    film("Batman", 1989, 85, "Tim Burton, Michael Keaton", genres="Action"),
    film("Batman Begins", 2005, 90, "Christopher Nolan, Christian Bale", genres="Action"),
    film("The Batman", 2022, 89, "Matt Reeves, Robert Pattinson", genres="Action"),
    film("Batman: Mask of the Phantasm", 1993, 62, "Eric Radomski, Kevin Conroy", genres="Action, Animation"),
    film("The Thing", 1982, 87, "John Carpenter, Kurt Russell", genres="Horror"),
    film("The Thing", 2011, 58, "Matthijs van Heijningen Jr.", genres="Horror"),
    film("Parasite", 2019, 95, "Bong Joon-ho, Song Kang-ho", origin="ko KR"),
    film("Parasite", 1982, 20, "Charles Band, Demi Moore"),
    film("Cinderella", 1950, 75, "Clyde Geronimi", genres="Animation"),
    film("Cinderella", 2015, 70, "Kenneth Branagh, Lily James"),
    film("A Quiet Place", 2018, 84, "John Krasinski, Emily Blunt", genres="Horror"),
    film("A Quiet Place Part II", 2021, 76, "John Krasinski, Emily Blunt", genres="Horror"),
    film("The Film", 2005, 5),
    film("Gladiator", 2000, 90, "Ridley Scott, Russell Crowe"),
    film("Guardians of the Galaxy", 2014, 90, "James Gunn, Chris Pratt"),
    film("Guardians of the Galaxy Vol. 2", 2017, 85, "James Gunn, Chris Pratt"),
    film("Got Game?", 1999, 2),
    film("Spider-Man: No Way Home", 2021, 91, "Jon Watts, Tom Holland"),
    film("Spider-Man: Homecoming", 2017, 86, "Jon Watts, Tom Holland"),
    film("No Way Home", 1996, 0.1),
    film("Homecoming", 2009, 0.1),
    film("Star Wars: The Force Awakens", 2015, 88, "J. J. Abrams, Daisy Ridley"),
    film("Harry Potter and the Order of the Phoenix", 2007, 85, others=("Harry Potter 5",)),
    film("Furious 7", 2015, 80, "James Wan, Vin Diesel", others=("Fast & Furious 7",)),
    film("The Lord of the Rings: The Fellowship of the Ring", 2001, 96, "Peter Jackson, Elijah Wood"),
    film("The Lord of the Rings: The Two Towers", 2002, 94, "Peter Jackson, Elijah Wood"),
    film("The Lord of the Rings: The Return of the King", 2003, 95, "Peter Jackson, Elijah Wood"),
    film("The Super Mario Bros. Movie", 2023, 98, "Aaron Horvath, Chris Pratt", genres="Animation"),
    film("Mario", 1984, 0.1),
    film("Solo: A Star Wars Story", 2018, 78, "Ron Howard, Alden Ehrenreich"),
    film("Solo", 2013, 0.1),
    film("Ballerina", 2023, 72, "Lee Chung-hyun, Jeon Jong-seo", origin="ko KR"),
    film("Battle Royale", 2000, 84, "Kinji Fukasaku", origin="ja JP"),
    film("Superman", 1978, 82, "Richard Donner, Christopher Reeve"),
    film("Superman", 2025, 80, "James Gunn, David Corenswet"),
    film("Rams", 2015, 60, origin="is IS"),
    film("Scary Movie", 2000, 70, genres="Comedy, Horror"),
    film("American Psycho", 2000, 85, "Mary Harron, Christian Bale"),
)  # fmt: skip


@pytest.fixture(scope="module")
def index() -> TitleIndex:
    others = (film(f"Zq{number}x", 1950 + number % 60, 1 + number % 10 / 100) for number in range(4_000))
    return TitleIndex([*FILMS, *others])


@pytest.mark.parametrize(
    ("typed", "film_id"),
    [
        ("heat movie", "Heat 1995"),
        ("joker film", "Joker 2019"),
        ("movie joker", "Joker 2019"),
        ("what was that film called heat", "Heat 1995"),
        ("whats the movie heat called", "Heat 1995"),
        ("gladiator or whatever its called", "Gladiator 2000"),
        ("is parasite good", "Parasite 2019"),
        ("heat mann brothers", "Heat 1995"),
        ("oldboy 2003 korean choi min sik", "Oldboy 2003"),
        ("lets watch gladiator", "Gladiator 2000"),
        ("do you have the movie dune", "Dune 2021"),
        ("could you show me joker", "Joker 2019"),
        ("dune villeneuve", "Dune 2021"),
        ("dune vileneuve", "Dune 2021"),
        ("dune lynch", "Dune 1984"),
        ("david lynch's dune", "Dune 1984"),
        ("heat de niro", "Heat 1995"),
        ("heat with al pacino", "Heat 1995"),
        ("burt reynolds heat", "Heat 1986"),
        ("christian bale batman", "Batman Begins 2005"),
        ("batman robert pattinson", "The Batman 2022"),
        ("oldboy korean", "Oldboy 2003"),
        ("oldboy 2000'ler", "Oldboy 2003"),
        ("oldboy 2010 yılları", "Oldboy 2013"),
        ("oldboy south korea", "Oldboy 2003"),
        ("oldboy american", "Oldboy 2013"),
        ("oldboy spike lee", "Oldboy 2013"),
        ("nosferatu 2024", "Nosferatu 2024"),
        ("nosferatu herzog", "Nosferatu the Vampyre 1979"),
        ("the new nosferatu", "Nosferatu 2024"),
        ("suspiria remake", "Suspiria 2018"),
        ("original suspiria", "Suspiria 1977"),
        ("suspiria 70s", "Suspiria 1977"),
        ("old dune", "Dune 1984"),
        ("batman animated", "Batman: Mask of the Phantasm 1993"),
        ("cinderella live action", "Cinderella 2015"),
        ("the thing 82", "The Thing 1982"),
        ("1982 the thing", "The Thing 1982"),
        ("2019 parasite", "Parasite 2019"),
        ("cinderella (1950 film)", "Cinderella 1950"),
        ("the heat comedy", "The Heat 2013"),
        ("new superman", "Superman 2025"),
    ],
)
def test_words_round_a_title_narrow_it(index: TitleIndex, typed: str, film_id: str) -> None:
    first = index.search(typed)[0]
    assert (first.film_id, first.unmet) == (film_id, ())


@pytest.mark.parametrize(
    ("typed", "film_id"),
    [
        ("A Quiet Place", "A Quiet Place 2018"),
        ("the film", "The Film 2005"),
        ("american psycho", "American Psycho 2000"),
        ("american psy", "American Psycho 2000"),
    ],
)
def test_what_is_itself_a_title_is_not_taken_apart(index: TitleIndex, typed: str, film_id: str) -> None:
    assert index.search(typed)[0].film_id == film_id


@pytest.mark.parametrize(
    ("typed", "title", "kind", "words"),
    [
        ("oldboy french", "Oldboy", ConstraintKind.COUNTRY, "french"),
        ("joker animated", "Joker", ConstraintKind.GENRE, "animated"),
        ("joker remake", "Joker", ConstraintKind.AGE, "remake"),
        ("dune pacino", "Dune", ConstraintKind.PERSON, "pacino"),
        ("superman 2004", "Superman", ConstraintKind.YEAR, "2004"),
        ("gladiator 2", "Gladiator", ConstraintKind.NUMBER, "2"),
        ("heat qwzxvbn", "Heat", ConstraintKind.UNKNOWN, "qwzxvbn"),
    ],
)
def test_a_match_says_what_does_not_fit_it(
    index: TitleIndex, typed: str, title: str, kind: ConstraintKind, words: str
) -> None:
    match = next(match for match in index.search(typed) if match.title == title)
    assert [(unmet.kind, unmet.text) for unmet in match.unmet] == [(kind, words)]
    assert match.kind is not MatchKind.EXACT


@pytest.mark.parametrize(
    ("typed", "film_ids"),
    [
        ("gotg", ["Guardians of the Galaxy 2014"]),
        ("gotg 2", ["Guardians of the Galaxy Vol. 2 2017"]),
        ("gotg vol 2", ["Guardians of the Galaxy Vol. 2 2017"]),
        ("nwh", ["Spider-Man: No Way Home 2021"]),
        ("tfa", ["Star Wars: The Force Awakens 2015"]),
        ("hp 5", ["Harry Potter and the Order of the Phoenix 2007"]),
        ("f&f 7", ["Furious 7 2015"]),
        ("lotr fotr", ["The Lord of the Rings: The Fellowship of the Ring 2001"]),
        (
            "lotr",
            [
                "The Lord of the Rings: The Fellowship of the Ring 2001",
                "The Lord of the Rings: The Return of the King 2003",
                "The Lord of the Rings: The Two Towers 2002",
            ],
        ),
        ("quiet place 2", ["A Quiet Place Part II 2021"]),
        ("the quiet place 2", ["A Quiet Place Part II 2021"]),
        ("the joker", ["Joker 2019"]),
        ("joker 2024", ["Joker: Folie à Deux 2024"]),
        ("joker 2", ["Joker: Folie à Deux 2024"]),
    ],
)
def test_short_wordings_come_first(index: TitleIndex, typed: str, film_ids: list[str]) -> None:
    assert [match.film_id for match in index.search(typed)][: len(film_ids)] == film_ids


@pytest.mark.parametrize(
    ("typed", "famous", "obscure"),
    [
        ("mario", "The Super Mario Bros. Movie 2023", "Mario 1984"),
        ("solo", "Solo: A Star Wars Story 2018", "Solo 2013"),
        ("homecoming", "Spider-Man: Homecoming 2017", "Homecoming 2009"),
        ("no way home", "Spider-Man: No Way Home 2021", "No Way Home 1996"),
    ],
)
def test_a_famous_film_comes_before_an_obscure_one_of_the_very_title(
    index: TitleIndex, typed: str, famous: str, obscure: str
) -> None:
    found = [match.film_id for match in index.search(typed)]
    assert found[0] == famous
    assert obscure in found[:3]


def test_the_list_has_nothing_that_only_shares_letters(index: TitleIndex) -> None:
    assert [match.title for match in index.search("balerina")] == ["Ballerina"]
    assert index.search("asdfghjkl") == []


@pytest.mark.parametrize(
    ("typed", "film_id"),
    [
        ("spi", "Spider-Man: No Way Home 2021"),
        ("gua", "Guardians of the Galaxy 2014"),
        ("qui", "A Quiet Place 2018"),
    ],
)
def test_few_letters_find_the_most_famous_beginning(index: TitleIndex, typed: str, film_id: str) -> None:
    assert index.search(typed)[0].film_id == film_id


def test_a_changed_film_is_found_by_its_people() -> None:
    index = TitleIndex(FILMS)
    index.put(film("Heat", 2030, 50, "Ada Lindqvist, Noor Haddad"))
    assert index.search("heat lindqvist")[0].year == 2030
    assert index.get("Heat 2030") == film("Heat", 2030, 50, "Ada Lindqvist, Noor Haddad")


def test_wordings_of_a_title() -> None:
    wordings = list_wordings("john wick|chapter 3|parabellum")
    assert wordings["johnwick3"] is Wording.NUMBERED_PART
    assert wordings["jw3"] is Wording.NUMBERED_INITIALS
    assert wordings["parabellum"] is Wording.LATER_PART


def test_readings_leave_chat_and_constraints_out() -> None:
    (reading,) = (each for each in list_readings(["original", "suspiria", "movie"]) if each.words == ("suspiria",))
    assert [constraint.kind for constraint in reading.constraints] == [ConstraintKind.AGE]
    assert list_readings(["heat"]) == []


SERIES = (
    film("The Dark Knight", 2008, 95, "Christopher Nolan, Christian Bale", others=("Batman: The Dark Knight",)),
    film("Indiana Jones and the Temple of Doom", 1984, 82),
    film("Indiana Jones and the Last Crusade", 1989, 83),
    film("Indiana Jones and the Kingdom of the Crystal Skull", 2008, 75),
    film("Indiana Jones and the Dial of Destiny", 2023, 74),
    film("Kill Bill: Vol. 1", 2003, 85),
    film("Kill Bill: Vol. 2", 2004, 86),
    film("The Girl with the Dragon Tattoo", 2009, 53, "Niels Arden Oplev", origin="sv SE"),
    TitleEntry("The Girl with the Dragon Tattoo 2011", "The Girl with the Dragon Tattoo",
               "The Girl with the Dragon Tattoo", 2011, fame=80, languages=("en",), countries=("US", "SE")),
    film("Elf", 2003, 84, others=("Elf: El duende",)),
    film("Ida", 2013, 59, origin="pl PL"),
    film("Interesting Day Abroad", 2001, 93),
    film("No", 2012, 44, origin="es CL"),
    film("No Country for Old Men", 2007, 91),
    film("Twilight", 2008, 75),
    film("The Twilight Saga: New Moon", 2009, 70),
    film("Twilight 2", 1998, 0.1),
    film("Crouching Tiger, Hidden Dragon", 2000, 71),
    film("Guardians of the Galaxy Vol. 3", 2023, 88, others=("GotG 3",)),
)  # fmt: skip


@pytest.fixture(scope="module")
def series() -> TitleIndex:
    others = (film(f"Zq{number}x", 1950 + number % 60, 1 + number % 10 / 100) for number in range(4_000))
    return TitleIndex([*FILMS, *SERIES, *others])


@pytest.mark.parametrize(
    ("typed", "film_id", "answer"),
    [
        ("kill bill", "Kill Bill: Vol. 1 2003", Answer.GUESS),  # the earliest leads, not the most famous
        ("christian bale batman", "Batman Begins 2005", Answer.GUESS),
        ("girl with the dragon tattoo swedish", "The Girl with the Dragon Tattoo 2009", Answer.GUESS),
        ("duen", "Dune 2021", Answer.GUESS),
        ("ida", "Ida 2013", Answer.CARD),
        ("no", "No 2012", Answer.CARD),
        ("hidden dragon", "Crouching Tiger, Hidden Dragon 2000", Answer.GUESS),
        ("gotg vol 3", "Guardians of the Galaxy Vol. 3 2023", Answer.GUESS),
        ("twilight 2", "Twilight 2 1998", Answer.CARD),
        ("indiana jones 9", "Indiana Jones and the Dial of Destiny 2023", Answer.CHOICE),
    ],
)
def test_known_misses(series: TitleIndex, typed: str, film_id: str, answer: Answer) -> None:
    matches = series.search(typed)
    assert (matches[0].film_id, judge_matches(typed, None, matches).answer) == (film_id, answer)


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_a_number_is_that_of_a_part_by_the_years_and_no_film_is_shown_for_it(
    series: TitleIndex, number: int
) -> None:
    parts = (1984, 1989, 2008, 2023)
    typed = f"indiana jones {number}"
    matches = series.search(typed)
    assert parts[number - 2] in [match.year for match in matches[:2]]
    verdict = judge_matches(typed, None, matches)
    assert (verdict.answer, verdict.unmet_number) == (Answer.CHOICE, str(number))


@pytest.mark.parametrize("typed", ["heat qwzxvbn", "21 grams", "good horror movie"])
def test_nothing_is_said_to_be_unmet_by_a_film_of_another_title(index: TitleIndex, typed: str) -> None:
    verdict = judge_matches(typed, None, index.search(typed))
    assert verdict.answer in (Answer.CHOICE, Answer.NONE)
    assert (verdict.unmet_year, verdict.unmet_number, verdict.unmet) == (None, None, ())


@pytest.mark.parametrize(
    ("typed", "film_ids"),
    [
        ("james gunn", ["Guardians of the Galaxy 2014", "Guardians of the Galaxy Vol. 2 2017", "Superman 2025"]),
        ("movies with christian bale", ["Batman Begins 2005", "American Psycho 2000"]),
        ("song kang ho", ["Parasite 2019"]),
    ],
)
def test_a_persons_name_alone_offers_their_films(index: TitleIndex, typed: str, film_ids: list[str]) -> None:
    found = index.search(typed)
    assert [match.film_id for match in found][: len(film_ids)] == film_ids
    verdict = judge_matches(typed, None, found)
    assert (verdict.answer, verdict.unmet) == (Answer.CHOICE, ())


def test_a_country_that_only_took_part_leaves_a_doubt() -> None:
    remake = TitleEntry(
        "grudge", "The Grudge", "The Grudge", 2004, fame=60, languages=("en",), countries=("US", "JP")
    )
    index = TitleIndex([remake, film("Zq", 2000, 1)])
    answers = {typed: judge_matches(typed, None, index.search(typed)).answer for typed in (
        "the grudge japanese", "the grudge american", "the grudge korean",
    )}  # fmt: skip
    assert [*answers.values()] == [Answer.GUESS, Answer.CARD, Answer.CHOICE]


def test_what_is_unmet_is_judged_by_the_match_alone(series: TitleIndex) -> None:
    for typed, year, number in (
        ("superman 2020", 2020, None),
        ("dune 7", None, "7"),
        ("superman 2025", None, None),
    ):
        verdict = judge_matches(typed, None, series.search(typed))
        assert (verdict.unmet_year, verdict.unmet_number) == (year, number), typed
